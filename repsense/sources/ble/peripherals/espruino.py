"""What stands in for Bangle.js and Puck.js: a console that knows one program.

It runs no JavaScript. It sees the driver's program by the line that registers the
listener, and prints what that program would print.
"""

from dataclasses import dataclass, field

import numpy as np

from repsense.samples import SampleBlock
from repsense.sources.ble.drivers.espruino import COUNTS_PER_G, NOTIFY, STOP, WRITE
from repsense.sources.ble.peripherals.base import Characteristic, Packet

_SERVICE = "6e400001-b5a3-f393-e0a9-e50e24dcca9e"
_PAYLOAD_BYTES = 20
_LISTENS = b".on('accel',repsense.f)"


def sample_line(number: int, time_ms: int, counts: tuple[int, int, int]) -> bytes:
    """Return the line of one sample as the program prints it."""
    values = [number & 0xFFFF, time_ms, *counts]
    return f"@{','.join(map(str, values))},{sum(values) & 0xFF}\r\n".encode("ascii")


@dataclass(slots=True)
class Console:
    """One connection's device."""

    name: str
    streaming: bool = False
    typed: list[bytes] = field(default_factory=list)
    _line: bytes = b""
    _number: int = 0
    _start_s: float | None = None

    advertised: frozenset[str] = frozenset()
    characteristics: tuple[Characteristic, ...] = (
        Characteristic(service=_SERVICE, uuid=WRITE, write=True),
        Characteristic(service=_SERVICE, uuid=NOTIFY, notify=True),
    )

    def read(self, characteristic: str) -> bytes:
        """Return nothing: there is nothing to read."""
        del characteristic
        return b""

    def write(self, characteristic: str, data: bytes) -> list[Packet]:
        """Take what is typed, line by line; without an echo nothing is answered."""
        if characteristic == WRITE:
            *lines, self._line = (self._line + data).split(b"\n")
            for line in lines:
                self._run(line.lstrip(b"\x03\x10"))
        return []

    def push(self, block: SampleBlock) -> list[Packet]:
        """Return the lines of these samples, in the pieces that the radio carries."""
        if not self.streaming:
            return []
        counts = np.rint(block.accel_g * COUNTS_PER_G).astype(int).tolist()
        text = b"".join(
            self._printed(t_s, (x, y, z))
            for t_s, (x, y, z) in zip(block.t_s.tolist(), counts, strict=True)
        )
        starts = range(0, len(text), _PAYLOAD_BYTES)
        return [Packet(NOTIFY, text[start : start + _PAYLOAD_BYTES]) for start in starts]

    def _run(self, line: bytes) -> None:
        self.typed.append(line)
        if line == STOP.encode("ascii"):
            self.streaming = False
        elif _LISTENS in line:
            self.streaming, self._number, self._start_s = True, 0, None

    def _printed(self, t_s: float, counts: tuple[int, int, int]) -> bytes:
        if self._start_s is None:
            self._start_s = t_s
        line = sample_line(self._number, round((t_s - self._start_s) * 1000), counts)
        self._number += 1
        return line
