"""The control point of Polar Measurement Data: commands, settings and answers.

Layout: Polar's ``online_measurement.pdf`` and the tables of its SDK
(``PmdControlPointResponse.kt``, ``PmdSetting.kt``); see ``firmware_notes/polar_verity.md``.
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum

from repsense.errors import DecodeError

SERVICE = "fb005c80-02e7-f387-1cad-8acd2d8df0c8"
CONTROL = "fb005c81-02e7-f387-1cad-8acd2d8df0c8"
DATA = "fb005c82-02e7-f387-1cad-8acd2d8df0c8"

#: Kinds of measurement: acceleration, and the mode that opens the higher rates.
ACCELERATION = 2
SDK_MODE = 9

OK = 0
_ANSWER = 0xF0
_FEATURES = 0x0F
_STOPPED = 0x01
_HEAD_BYTES = 4  # F0, command, kind, status

# 6e-5 makes g of the finest counts there are; what lies out of these bounds is no factor.
_LEAST_FACTOR, _MOST_FACTOR = 1e-5, 1e3


class Command(IntEnum):
    """First byte of what is written to the control point."""

    SETTINGS = 1
    START = 2
    STOP = 3


class Setting(IntEnum):
    """What a setting is about."""

    RATE_HZ = 0
    RESOLUTION_BITS = 1
    RANGE_G = 2
    RANGE_MILLI = 3
    CHANNELS = 4
    FACTOR = 5


_BYTES = {
    Setting.RATE_HZ: 2,
    Setting.RESOLUTION_BITS: 2,
    Setting.RANGE_G: 2,
    Setting.RANGE_MILLI: 4,
    Setting.CHANNELS: 1,
    Setting.FACTOR: 4,
}

# What each status means, and what helps.
_STATUS: dict[int, tuple[str, str]] = {
    1: ("it does not know the command", "Update its firmware with Polar's app."),
    2: ("it cannot measure acceleration", "Update its firmware with Polar's app."),
    3: ("it does not support that", "Update its firmware with Polar's app."),
    4: ("the command had a wrong length", "Please report its model and firmware."),
    5: ("a setting was wrong", "Please report its model and firmware."),
    6: (
        "it is already streaming, to a program that left without stopping it",
        "Switch the sensor off and on again.",
    ),
    7: ("it does not have this resolution", "Please report its model and firmware."),
    8: ("it does not have this rate", "Please report its model and firmware."),
    9: ("it does not have this range", "Please report its model and firmware."),
    10: (
        "the connection's packets are too small",
        "Use another Bluetooth adapter: this one does not agree to long packets.",
    ),
    11: ("the number of channels was wrong", "Please report its model and firmware."),
    12: (
        "it is busy with something else, such as a training of its own",
        "End that with its button, or switch the sensor off and on again.",
    ),
    13: ("it is charging", "Take it out of the charger."),
    14: ("its memory is full", "Synchronise it with Polar's app."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the control point indicates after a command.

    Parameters
    ----------
    command, kind
        What was asked of which measurement.
    status
        0 when all is well.
    settings
        Setting -> its values as they came; a factor is still the bits of a float.
    """

    command: int
    kind: int
    status: int
    settings: Mapping[Setting, tuple[int, ...]]

    @property
    def factor(self) -> float | None:
        """By how much samples are to be multiplied, None where that was not said."""
        bits = self.settings.get(Setting.FACTOR)
        if not bits:
            return None
        value: float = struct.unpack("<f", struct.pack("<I", bits[0]))[0]
        return value if _LEAST_FACTOR <= value <= _MOST_FACTOR else None


def parse_answer(data: bytes) -> Answer | None:
    """Read what came from the control point; None for what is no answer to a command.

    Raises
    ------
    DecodeError
        When the sensor says that it stopped a stream by itself, or an answer is cut short.
    """
    if data[:1] == bytes([_STOPPED]):
        raise DecodeError(
            "The Polar sensor stopped its stream by itself: it may be off the skin, charging or "
            "about to switch off. Wear it snugly, and connect again."
        )
    if data[:1] != bytes([_ANSWER]):
        return None
    if len(data) < _HEAD_BYTES:
        raise DecodeError(
            f"The Polar sensor's answer is cut short ({data.hex(' ')}): at least {_HEAD_BYTES} "
            f"bytes were expected. If it happens again, please report its firmware."
        )
    settings = parse_settings(data[_HEAD_BYTES + 1 :]) if data[3] == OK else {}
    return Answer(command=data[1], kind=data[2] & 0x3F, status=data[3], settings=settings)


def parse_settings(data: bytes) -> dict[Setting, tuple[int, ...]]:
    """Read settings: type, how many values, the values; up to the first unknown or cut one."""
    settings: dict[Setting, tuple[int, ...]] = {}
    place = 0
    while place + 2 <= len(data) and data[place] in _BYTES:
        setting, count = Setting(data[place]), data[place + 1]
        size = _BYTES[setting]
        values = data[place + 2 : place + 2 + count * size]
        if len(values) < count * size:
            break
        settings[setting] = tuple(
            int.from_bytes(values[i : i + size], "little") for i in range(0, len(values), size)
        )
        place += 2 + len(values)
    return settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """The settings a stream is started with."""

    rate_hz: int
    range_g: int = 8
    resolution_bits: int = 16
    channels: int | None = None

    def command(self) -> bytes:
        """Return what to write to start the stream of acceleration."""
        head = bytes([Command.START, ACCELERATION])
        values = struct.pack(
            "<BBHBBHBBH",
            *(Setting.RATE_HZ, 1, self.rate_hz),
            *(Setting.RESOLUTION_BITS, 1, self.resolution_bits),
            *(Setting.RANGE_G, 1, self.range_g),
        )
        last = b"" if self.channels is None else bytes([Setting.CHANNELS, 1, self.channels])
        return head + values + last


def choose(wanted: Stream, offered: Mapping[Setting, tuple[int, ...]]) -> Stream:
    """Return what the sensor offers nearest to what is wanted."""

    def nearest(setting: Setting, value: int) -> int:
        return min(offered.get(setting) or (value,), key=lambda one: (abs(one - value), one))

    channels = offered.get(Setting.CHANNELS)
    return Stream(
        # A rate of 0 would stop every clock; a sensor that offers it means something else.
        rate_hz=nearest(Setting.RATE_HZ, wanted.rate_hz) or wanted.rate_hz,
        range_g=nearest(Setting.RANGE_G, wanted.range_g) or wanted.range_g,
        resolution_bits=nearest(Setting.RESOLUTION_BITS, wanted.resolution_bits),
        channels=channels[0] if channels else wanted.channels,
    )


def has(features: bytes, kind: int) -> bool:
    """Say whether the features read from the control point include a kind of measurement."""
    bits = int.from_bytes(features[1:3], "little")
    return features[:1] == bytes([_FEATURES]) and bool(bits >> kind & 1)


def refusal(title: str, status: int) -> DecodeError:
    """Return the error that tells a person what the sensor refused, and what helps."""
    meaning, advice = _STATUS.get(
        status, ("the reason is unknown", "Please report its model and firmware.")
    )
    return DecodeError(f"{title} does not stream: {meaning} (status {status}). {advice}")
