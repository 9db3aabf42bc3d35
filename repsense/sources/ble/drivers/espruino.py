"""What Bangle.js and Puck.js share: JavaScript typed over Nordic UART, lines of numbers back.

Both run Espruino, which reads programs from the radio like a console. The start
script types a few lines that make the device print each sample as

    @<number>,<milliseconds>,<x>,<y>,<z>,<check>

all of them integers: samples counted modulo 65536, time since the start modulo 1e9,
acceleration with 8192 to 1 g, and the sum of the others modulo 256. Number and
check are there because lines come in pieces: when a notification is lost, the
head of one line and the tail of another make up a third that looks good.
"""

import re
from collections.abc import Iterator

import numpy as np

from repsense.errors import DecodeError
from repsense.sources.ble.drivers.base import Batch, Notification, Script, Subscribe, Write

WRITE = "6e400002-b5a3-f393-e0a9-e50e24dcca9e"
NOTIFY = "6e400003-b5a3-f393-e0a9-e50e24dcca9e"

COUNTS_PER_G = 8192
STOP = "if(global.repsense)repsense.stop();"

# The body of the listener: ``a`` holds x, y, z in counts. The remainder keeps the time short when a
# phone sets the clock from 1970 to today.
PRINT = (
    "var v=[repsense.n++&65535,Math.round((getTime()-repsense.s)*1000)%1e9,a.x,a.y,a.z];"
    "Bluetooth.println('@'+v.join()+','+(v.reduce(function(p,q){return p+q})&255));"
)

_WRITE_BYTES = 20  # what fits whatever MTU was agreed
_LINE = re.compile(rb"@(\d{1,5}),(-?\d{1,9}),(-?\d{1,6}),(-?\d{1,6}),(-?\d{1,6}),(\d{1,3})")
_LONGEST_LINE = 400  # bytes; beyond stands no line of ours, and no message worth showing
_HALF = 0x8000
_LEAP_S = 60.0  # no connection survives so long a silence, so the clock was set


def typed(*lines: str, interrupt: bool = False) -> Script:
    """Type lines of JavaScript at the console, in pieces that fit.

    Parameters
    ----------
    lines
        One complete statement each. Byte 0x10 before a line switches its echo off.
    interrupt
        Send byte 0x03 first, which clears what somebody may have left on the line.
    """
    text = b"".join(b"\x10" + line.encode("ascii") + b"\n" for line in lines)
    if interrupt:
        text = b"\x03" + text
    for start in range(0, len(text), _WRITE_BYTES):
        yield Write(WRITE, text[start : start + _WRITE_BYTES])


def started(*lines: str) -> Script:
    """Subscribe, end a stream that was left running, and type the program."""
    yield Subscribe(NOTIFY)
    yield from typed(STOP, *lines, interrupt=True)


class LineDecoder:
    """Puts lines together and reads those that hold samples.

    Parameters
    ----------
    rate_hz
        Nominal rate. When the device's clock is set while it streams (watches are, by phones),
        time goes on by one sample.
    """

    def __init__(self, rate_hz: float) -> None:
        self._interval_s = 1.0 / rate_hz
        self._rest = b""
        self._expected: int | None = None
        self._last_s: float | None = None
        self._shift_s = 0.0

    def feed(self, notification: Notification) -> list[Batch]:
        """Return the samples of the lines that are complete now.

        Raises
        ------
        DecodeError
            When a line is damaged or the device reports an error, and no sample
            came with it. Samples of damaged lines count as lost with the next one.
        """
        if notification.characteristic != NOTIFY:
            return []
        batches, problems = [], []
        for line in self._lines(notification.data):
            try:
                batches += self._read(line)
            except DecodeError as problem:
                problems.append(problem)
        if problems and not batches:
            raise problems[0]
        return batches

    def _lines(self, data: bytes) -> Iterator[bytes]:
        *lines, self._rest = (self._rest + data).split(b"\n")
        if len(self._rest) > _LONGEST_LINE:
            self._rest = b""
            yield b"@"  # reads as a damaged line
        yield from lines

    def _read(self, line: bytes) -> list[Batch]:
        if b"Uncaught" in line:
            said = line[line.index(b"Uncaught") :].decode("ascii", "replace").strip()
            raise DecodeError(
                f"The device's JavaScript stopped with '{said}': restart it, and bring its "
                f"firmware up to date."
            )
        if b"@" not in line:
            return []  # the console talks: an echo, a prompt, another program's words
        # A prompt or an echo may stand before the sample on the same line.
        found = _LINE.fullmatch(line[line.rindex(b"@") :].strip())
        if found is None:
            raise DecodeError(_damaged(line))
        number, time_ms, x, y, z, check = map(int, found.groups())
        if sum((number, time_ms, x, y, z)) & 0xFF != check:
            raise DecodeError(_damaged(line))
        return [
            Batch(
                accel_g=np.array([[x, y, z]]) / COUNTS_PER_G,
                device_s=np.array([self._on_time_s(time_ms / 1000.0)]),
                lost=self._lost_before(number),
            )
        ]

    def _on_time_s(self, clock_s: float) -> float:
        """Return the time of a sample on a clock that is never set."""
        time_s = clock_s + self._shift_s
        if self._last_s is not None and not 0.0 < time_s - self._last_s <= _LEAP_S:
            time_s = self._last_s + self._interval_s
            self._shift_s = time_s - clock_s
        self._last_s = time_s
        return time_s

    def _lost_before(self, number: int) -> int:
        expected, self._expected = self._expected, (number + 1) & 0xFFFF
        ahead = 0 if expected is None else (number - expected) & 0xFFFF
        # Backwards means that the counter was set anew, and nothing is known to be lost.
        return ahead if ahead < _HALF else 0


def _damaged(line: bytes) -> str:
    shown = line[-60:].decode("ascii", "replace").strip()
    return f"A line of samples is damaged ('{shown}'): notifications were lost on the way."
