"""Xsens (Movella) DOT in its mode of rate quantities: m/s2 and degrees/s, stamped in us.

Layout and quirks: ``firmware_notes/xsens_dot.md``.
"""

import struct
from dataclasses import dataclass

import numpy as np

from repsense.errors import DecodeError
from repsense.sources.ble.counters import BatchClock, Unwrapper
from repsense.sources.ble.drivers.base import (
    Advert,
    Batch,
    Decoder,
    Feedback,
    Notification,
    Read,
    Script,
    Subscribe,
    Timing,
    Unsubscribe,
    Write,
)
from repsense.sources.ble.plausible import dps_as_sent, g_from_mps2

_BASE = "1517{:04x}-4947-11e9-8646-d663bd873d93"
DEVICE_CONTROL = _BASE.format(0x1002)
CONTROL = _BASE.format(0x2001)
MEDIUM = _BASE.format(0x2003)

_TITLE = "Xsens DOT"
_COMPANY = 0x0886
_RATE_HZ = 60
_RATE_QUANTITIES = 21
_MEASUREMENT, _START, _STOP = 1, 1, 0
_BYTES = 28  # what follows, up to 40 bytes, is padding
# Device control: which field is meant, and where the rate is.
_RATE_IS_MEANT, _RATE_AT = 0x10, 24


class XsensDotDecoder:
    """Reads one sample out of a notification."""

    def __init__(self) -> None:
        self._counter = Unwrapper(bits=32)
        self._clock = BatchClock(rate_hz=_RATE_HZ)

    def feed(self, notification: Notification) -> list[Batch]:
        """Return the sample, unless it is a double or comes too late.

        Raises
        ------
        DecodeError
            When the bytes are too few or hold numbers that cannot be.
        """
        data = notification.data
        if notification.characteristic != MEDIUM:
            return []
        if len(data) < _BYTES:
            raise DecodeError(
                f"{_TITLE} sent {len(data)} bytes where {_BYTES} are known: it may be in another "
                f"mode. Disconnect other programs, and connect again."
            )
        numbers = np.frombuffer(data, dtype="<f4", count=6, offset=4).reshape(2, 1, 3)
        accel_g = g_from_mps2(numbers[0], title=_TITLE)
        gyro_dps = dps_as_sent(numbers[1], title=_TITLE)
        (us,) = struct.unpack_from("<I", data)
        placed = self._clock.place_by_first(self._counter.unwrap(us) * 1e-6, 1)
        if placed is None:
            return []
        return [
            Batch(accel_g=accel_g, gyro_dps=gyro_dps, device_s=placed.t_s, lost=placed.lost),
        ]


@dataclass(frozen=True, slots=True)
class XsensDot:
    """Driver of an Xsens or Movella DOT."""

    id: str = "xsens_dot"
    title: str = _TITLE
    timing: Timing = Timing.DEVICE
    rate_hz: float = float(_RATE_HZ)
    services: frozenset[str] = frozenset()  # known by its name and its maker's number

    def claims(self, advert: Advert) -> bool:
        """Say whether name or maker's number is a DOT's; people may rename theirs."""
        return advert.name in {"Xsens DOT", "Movella DOT"} or _COMPANY in advert.manufacturer

    def start(self) -> Script:
        """Set the rate if it differs, subscribe, and start the mode."""
        now = yield Read(DEVICE_CONTROL)
        rate = struct.pack("<H", _RATE_HZ)
        if len(now) >= _RATE_AT + 2 and now[_RATE_AT : _RATE_AT + 2] != rate:
            changed = bytes([_RATE_IS_MEANT]) + now[1:_RATE_AT] + rate + now[_RATE_AT + 2 :]
            yield Write(DEVICE_CONTROL, changed)
        yield Subscribe(MEDIUM)
        yield Write(CONTROL, bytes([_MEASUREMENT, _START, _RATE_QUANTITIES]))

    def stop(self) -> Script:
        """Stop the mode, and unsubscribe."""
        yield Write(CONTROL, bytes([_MEASUREMENT, _STOP, _RATE_QUANTITIES]))
        yield Unsubscribe(MEDIUM)

    def feedback(self, kind: Feedback) -> Script | None:
        """Return None: it can only be told to blink for ten seconds."""
        del kind
        return None

    def decoder(self) -> Decoder:
        """Return a decoder for a new connection."""
        return XsensDotDecoder()


DRIVER = XsensDot()
