"""PineTime with InfiniTime: three 16-bit numbers whenever the watch's motion changes.

Layout and quirks: ``firmware_notes/pinetime.md``. The watch sends no time and no
counter, and nothing at all while its numbers stay the same, so a sample holds
from its arrival until the next one.
"""

from dataclasses import dataclass

import numpy as np

from repsense.errors import CharacteristicMissingError, DecodeError
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

MOTION = "00030002-78fc-48fe-8e23-433b3a1942d0"
NEW_ALERT = "00002a46-0000-1000-8000-00805f9b34fb"
ALERT_LEVEL = "00002a06-0000-1000-8000-00805f9b34fb"

COUNTS_PER_G = 1024.0
_SAMPLE_BYTES = 6
_SIMPLE_ALERT = bytes([0, 1, 0])  # category, how many, and a byte that InfiniTime skips
_MILD_ALERT = bytes([1])
_TEXTS = {
    Feedback.TARGET_REACHED: b"RepSense\x00Target reached",
    Feedback.SWING: b"RepSense\x00No swing",
}


class PineTimeDecoder:
    """Reads any number of samples out of a notification."""

    def feed(self, notification: Notification) -> list[Batch]:
        """Return the samples of one notification.

        Raises
        ------
        DecodeError
            When the length is no multiple of six bytes.
        """
        if notification.characteristic != MOTION or not notification.data:
            return []
        size = len(notification.data)
        if size % _SAMPLE_BYTES:
            raise DecodeError(
                f"PineTime sent {size} bytes of motion where samples of {_SAMPLE_BYTES} are "
                f"known: the firmware may be newer than this driver. Please report its version."
            )
        counts = np.frombuffer(notification.data, dtype="<i2").reshape(-1, 3)
        return [Batch(accel_g=counts / COUNTS_PER_G)]


@dataclass(frozen=True, slots=True)
class PineTime:
    """Driver of a PineTime that runs InfiniTime."""

    id: str = "pinetime"
    title: str = "PineTime (InfiniTime)"
    timing: Timing = Timing.ARRIVAL
    rate_hz: float = 10.0
    services: frozenset[str] = frozenset()  # it advertises its firmware update only

    def claims(self, advert: Advert) -> bool:
        """Say whether the advert carries the name that InfiniTime gives itself."""
        return advert.name == "InfiniTime"

    def start(self) -> Script:
        """Subscribe: the watch needs no command."""
        yield Subscribe(MOTION)

    def stop(self) -> Script:
        """Unsubscribe, which lets the watch rest."""
        yield Unsubscribe(MOTION)

    def feedback(self, kind: Feedback) -> Script:
        """Show a line and vibrate once; a watch without notifications gets a mild alert."""
        try:
            yield Write(NEW_ALERT, _SIMPLE_ALERT + _TEXTS[kind])
        except CharacteristicMissingError:
            yield Write(ALERT_LEVEL, _MILD_ALERT, response=False)

    def decoder(self) -> Decoder:
        """Return a decoder for a new connection."""
        return PineTimeDecoder()


DRIVER = PineTime()
