"""MbientLab MetaMotion R, RL, C and S: three samples a packet, without any time.

Layout and quirks: ``firmware_notes/metamotion.md``.
"""

import struct
from collections.abc import Generator
from dataclasses import dataclass

import numpy as np

from repsense.errors import DecodeError
from repsense.sources.ble.drivers.base import (
    Advert,
    Await,
    Batch,
    Decoder,
    Feedback,
    Notification,
    Script,
    Step,
    Subscribe,
    Timing,
    Unsubscribe,
    Write,
)

SERVICE = "326a9000-85cb-9195-d9dd-464cfbbae75a"
COMMAND = "326a9001-85cb-9195-d9dd-464cfbbae75a"
NOTIFY = "326a9006-85cb-9195-d9dd-464cfbbae75a"

ACCELEROMETER, LED, HAPTIC = 3, 2, 8
_INFO = 0x80
_POWER, _SAMPLING, _CONFIG, _ONE = 1, 2, 3, 4
_COUNTS_PER_G = 4096.0  # at +-8 g, which is what is asked for
_TITLE = "MetaMotion"
_HEAD_BYTES = 2


@dataclass(frozen=True, slots=True)
class Chip:
    """What differs between the accelerometers: configuration for 100 Hz and 8 g, and a register."""

    config: bytes
    packed: int


#: By the implementation that the module tells of itself.
CHIPS = {
    1: Chip(config=bytes([0x28, 0x08]), packed=0x1C),  # BMI160
    4: Chip(config=bytes([0xA8, 0x02]), packed=0x05),  # BMI270
}

# Bytes of a message by its register: one sample, or three.
_SIZES = {_ONE: 6, 0x1C: 18, 0x05: 18}

# Light: colour, and the times in ms of one flash; the motor: how long it runs, ms.
_GREEN, _RED = 0, 1
_FLASH = struct.pack("<BBHHHHH", 0x1F, 0, 0, 50, 0, 500, 0)
_SIGNALS = {Feedback.TARGET_REACHED: (_GREEN, 3, 400), Feedback.SWING: (_RED, 1, 150)}
_FULL_DUTY = 0xF8


class MetaMotionDecoder:
    """Reads messages of one sample or of three."""

    def feed(self, notification: Notification) -> list[Batch]:
        """Return the samples of one message; those of other modules give none.

        Raises
        ------
        DecodeError
            When a message of acceleration has the wrong length.
        """
        data = notification.data
        if notification.characteristic != NOTIFY or data[:1] != bytes([ACCELEROMETER]):
            return []
        size = _SIZES.get(data[1]) if len(data) > 1 else None
        if size is None:
            return []
        if len(data) != _HEAD_BYTES + size:
            raise DecodeError(
                f"{_TITLE} sent {len(data)} bytes of acceleration where {_HEAD_BYTES + size} are "
                f"known: a packet was cut. If it goes on, connect again."
            )
        counts = np.frombuffer(data, dtype="<i2", offset=_HEAD_BYTES).reshape(-1, 3)
        return [Batch(accel_g=counts / _COUNTS_PER_G)]


@dataclass(frozen=True, slots=True)
class MetaMotion:
    """Driver of a MetaMotion with a BMI160 or a BMI270."""

    id: str = "metamotion"
    title: str = _TITLE
    timing: Timing = Timing.EVEN
    rate_hz: float = 100.0
    services: frozenset[str] = frozenset({SERVICE})

    def claims(self, advert: Advert) -> bool:
        """Say whether the advert has MbientLab's service or the name from the factory."""
        return SERVICE in advert.services or advert.name == "MetaWear"

    def start(self) -> Script:
        """Ask which chip it is, configure it, and let it sample.

        Raises
        ------
        DecodeError
            When the board does not tell its chip, or has one that is not known.
        """
        yield Subscribe(NOTIFY)
        chip = yield from _chip()
        for command in (
            bytes([_CONFIG]) + chip.config,
            bytes([chip.packed, 1]),
            bytes([_SAMPLING, 1, 0]),
            bytes([_POWER, 1]),
        ):
            yield Write(COMMAND, bytes([ACCELEROMETER]) + command)

    def stop(self) -> Script:
        """Let the chip rest."""
        for command in (bytes([_POWER, 0]), bytes([_SAMPLING, 0, 1])):
            yield Write(COMMAND, bytes([ACCELEROMETER]) + command)
        yield Unsubscribe(NOTIFY)

    def feedback(self, kind: Feedback) -> Script:
        """Run the motor for a moment, where there is one, and flash the light."""
        colour, times, buzz_ms = _SIGNALS[kind]
        yield Write(COMMAND, struct.pack("<BBBHB", HAPTIC, 1, _FULL_DUTY, buzz_ms, 0))
        yield Write(COMMAND, bytes([LED, 2, 1]))  # stop, and forget older patterns
        yield Write(COMMAND, bytes([LED, 3, colour, 2]) + _FLASH + bytes([times]))
        yield Write(COMMAND, bytes([LED, 1, 1]))

    def decoder(self) -> Decoder:
        """Return a decoder for a new connection."""
        return MetaMotionDecoder()


def _chip() -> Generator[Step, bytes, Chip]:
    yield Write(COMMAND, bytes([ACCELEROMETER, _INFO]))
    for _ in range(8):  # a board that still streams sends samples in between
        answer = yield Await(NOTIFY)
        if not answer:
            break
        if answer[:2] == bytes([ACCELEROMETER, _INFO]):
            kind = answer[2] if len(answer) > 2 else -1
            if kind in CHIPS:
                return CHIPS[kind]
            raise DecodeError(
                f"This MetaWear board has an accelerometer of type {kind}; known are 1 (BMI160) "
                f"and 4 (BMI270), as in MetaMotion R, RL, C and S. Use one of those."
            )
    raise DecodeError(
        f"{_TITLE} did not say which accelerometer it has: bring it nearer, or reset it with its "
        f"button, and connect again."
    )


DRIVER = MetaMotion()
