"""BBC micro:bit with its accelerometer service: milli-g, one sample a notification.

Layout and quirks: ``firmware_notes/microbit.md``.
"""

import struct
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

DATA = "e95dca4b-251d-470a-a062-fa1922dfa9a8"
PERIOD = "e95dfb24-251d-470a-a062-fa1922dfa9a8"

_PERIOD_MS = 20
_BYTES = 6
_COUNTS_PER_G = 1000.0


class MicrobitDecoder:
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
                f"micro:bit sent {len(notification.data)} bytes of acceleration where {_BYTES} "
                f"are known: a packet was cut. If it goes on, connect again."
            )
        counts = np.frombuffer(notification.data, dtype="<i2").reshape(1, 3)
        return [Batch(accel_g=counts / _COUNTS_PER_G)]


@dataclass(frozen=True, slots=True)
class Microbit:
    """Driver of a micro:bit whose program starts the accelerometer service."""

    id: str = "microbit"
    title: str = "BBC micro:bit"
    timing: Timing = Timing.EVEN
    rate_hz: float = 1000.0 / _PERIOD_MS
    services: frozenset[str] = frozenset()  # its adverts carry only its name

    def claims(self, advert: Advert) -> bool:
        """Say whether the name is that of a micro:bit, whatever stands in its brackets."""
        return advert.name.startswith("BBC micro:bit")

    def start(self) -> Script:
        """Set the period and subscribe.

        Raises
        ------
        DecodeError
            When the program on the board does not offer its accelerometer.
        """
        try:
            yield Write(PERIOD, struct.pack("<H", _PERIOD_MS))
        except CharacteristicMissingError as missing:
            raise DecodeError(
                "The program on this micro:bit does not share its accelerometer: add the block "
                "'bluetooth accelerometer service' (see firmware_notes/microbit.md) and flash it "
                "again."
            ) from missing
        yield Subscribe(DATA)

    def stop(self) -> Script:
        """Unsubscribe."""
        yield Unsubscribe(DATA)

    def feedback(self, kind: Feedback) -> Script | None:
        """Return None: what its lights show belongs to the program on the board."""
        del kind
        return None

    def decoder(self) -> Decoder:
        """Return a decoder for a new connection."""
        return MicrobitDecoder()


DRIVER = Microbit()
