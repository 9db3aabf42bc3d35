"""Nordic Thingy:52: acceleration and angular rate at up to 200 Hz, without any time.

Layout and quirks: ``firmware_notes/thingy52.md``.
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
    Read,
    Script,
    Subscribe,
    Timing,
    Unsubscribe,
    Write,
)

_BASE = "ef68{:04x}-9b35-4933-9b10-52ffa9740042"
CONFIGURATION_SERVICE = _BASE.format(0x0100)
MOTION_SERVICE = _BASE.format(0x0400)
CONFIG = _BASE.format(0x0401)
RAW = _BASE.format(0x0406)
LED = _BASE.format(0x0301)

_RATE_HZ = 50
# Steps, temperature and compass in ms, motion in Hz, waking on motion.
_CONFIG = struct.Struct("<HHHHB")
_CALM = (5000, 5000, 5000)
_RAW_BYTES = 18
_COUNTS_PER_G = 1024.0
_COUNTS_PER_DPS = 32.0
_ONE_BREATH, _FULL_LIGHT = 3, 100
_RED, _GREEN = 1, 2
_COLOURS = {Feedback.TARGET_REACHED: _GREEN, Feedback.SWING: _RED}


class Thingy52Decoder:
    """Reads one sample out of a notification."""

    def feed(self, notification: Notification) -> list[Batch]:
        """Return the sample.

        Raises
        ------
        DecodeError
            When the length is wrong.
        """
        if notification.characteristic != RAW:
            return []
        if len(notification.data) != _RAW_BYTES:
            raise DecodeError(
                f"Thingy:52 sent {len(notification.data)} bytes of raw motion where {_RAW_BYTES} "
                f"are known: a packet was cut, or its firmware is not Nordic's own."
            )
        counts = np.frombuffer(notification.data, dtype="<i2").reshape(3, 3)
        return [
            Batch(accel_g=counts[:1] / _COUNTS_PER_G, gyro_dps=counts[1:2] / _COUNTS_PER_DPS),
        ]


@dataclass(frozen=True, slots=True)
class Thingy52:
    """Driver of a Thingy:52 with Nordic's firmware."""

    id: str = "thingy52"
    title: str = "Nordic Thingy:52"
    timing: Timing = Timing.EVEN
    rate_hz: float = float(_RATE_HZ)
    services: frozenset[str] = frozenset({CONFIGURATION_SERVICE})

    def claims(self, advert: Advert) -> bool:
        """Say whether the advert has the Thingy's service or its name from the factory."""
        return CONFIGURATION_SERVICE in advert.services or advert.name == "Thingy"

    def start(self) -> Script:
        """Set the rate if it differs, since each setting wears the flash; then subscribe."""
        now = yield Read(CONFIG)
        rest = _CONFIG.unpack(now) if len(now) == _CONFIG.size else (*_CALM, 0, 0)
        if rest[3] != _RATE_HZ:
            yield Write(CONFIG, _CONFIG.pack(*rest[:3], _RATE_HZ, rest[4]))
        yield Subscribe(RAW)

    def stop(self) -> Script:
        """Unsubscribe, which turns the measuring off."""
        yield Unsubscribe(RAW)

    def feedback(self, kind: Feedback) -> Script:
        """Let the light breathe once: green for the target, red for swing."""
        yield Write(LED, bytes([_ONE_BREATH, _COLOURS[kind], _FULL_LIGHT]))

    def decoder(self) -> Decoder:
        """Return a decoder for a new connection."""
        return Thingy52Decoder()


DRIVER = Thingy52()
