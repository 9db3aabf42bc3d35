"""TI SensorTag CC2650: ten samples a second, enough to count slow reps.

Layout and quirks: ``firmware_notes/sensortag.md``.
"""

import struct
from dataclasses import dataclass

import numpy as np

from repsense.errors import DecodeError
from repsense.sources.ble.drivers.base import (
    Advert,
    Batch,
    Decoder,
    Feedback,
    Notification,
    Script,
    Subscribe,
    Timing,
    Unsubscribe,
    Write,
)

DATA = "f000aa81-0451-4000-b000-000000000000"
CONFIG = "f000aa82-0451-4000-b000-000000000000"
PERIOD = "f000aa83-0451-4000-b000-000000000000"

_NAMES = {"CC2650 SensorTag", "SensorTag 2.0"}
_GYROSCOPE, _ACCELEROMETER, _RANGE_8_G = 0x0007, 0x0038, 0x0200
_PERIOD_10_MS = 10  # the shortest it takes: 100 ms
_BYTES = 18
_G_PER_COUNT = 8.0 / 32768.0
_DPS_PER_COUNT = 250.0 / 32768.0


class SensorTagDecoder:
    """Reads one sample out of a notification."""

    def feed(self, notification: Notification) -> list[Batch]:
        """Return the sample.

        Raises
        ------
        DecodeError
            When the length is wrong.
        """
        if notification.characteristic != DATA:
            return []
        if len(notification.data) != _BYTES:
            raise DecodeError(
                f"SensorTag sent {len(notification.data)} bytes of motion where {_BYTES} are "
                f"known: a packet was cut. If it goes on, connect again."
            )
        gyro, accel, _ = np.frombuffer(notification.data, dtype="<i2").reshape(3, 1, 3)
        return [Batch(accel_g=accel * _G_PER_COUNT, gyro_dps=gyro * _DPS_PER_COUNT)]


@dataclass(frozen=True, slots=True)
class SensorTag:
    """Driver of a SensorTag CC2650."""

    id: str = "sensortag"
    title: str = "TI SensorTag CC2650"
    timing: Timing = Timing.EVEN
    rate_hz: float = 10.0
    services: frozenset[str] = frozenset()  # known by its name

    def claims(self, advert: Advert) -> bool:
        """Say whether the name is one of the two that its firmware uses."""
        return advert.name in _NAMES

    def start(self) -> Script:
        """Subscribe, ask for the shortest period, and turn the chip on at 8 g."""
        yield Subscribe(DATA)
        yield Write(PERIOD, bytes([_PERIOD_10_MS]))
        yield Write(CONFIG, struct.pack("<H", _GYROSCOPE | _ACCELEROMETER | _RANGE_8_G))

    def stop(self) -> Script:
        """Turn the chip off: a coin cell feeds it."""
        yield Write(CONFIG, struct.pack("<H", 0))
        yield Unsubscribe(DATA)

    def feedback(self, kind: Feedback) -> Script | None:
        """Return None: its buzzer can be turned on, but not for a moment only."""
        del kind
        return None

    def decoder(self) -> Decoder:
        """Return a decoder for a new connection."""
        return SensorTagDecoder()


DRIVER = SensorTag()
