"""Captured notifications as text: what a sensor sent, byte for byte, and what it decodes to.

A capture is a text file that people can read and write by hand:

    # driver: pinetime
    # source: InfiniTime doc/MotionService.md, written by hand
    0.000 00030002-78fc-48fe-8e23-433b3a1942d0 0000 00fe 0004   # x, y, z

Lines ``# key: value`` before the first notification say where it is from;
``driver`` and ``source`` must be among them. Every other line is one
notification: seconds by the host's clock, characteristic, bytes in hex (spaces
between bytes are free). From ``#`` on, a line is a comment.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from uuid import UUID

from repsense.errors import DecodeError, RecordingError
from repsense.sources.ble.drivers.base import Batch, Driver, Notification


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """One connection's notifications.

    Parameters
    ----------
    about
        What the head says: ``driver``, ``source`` and whatever else was noted.
    notifications
        In the order in which they came.
    """

    about: Mapping[str, str]
    notifications: tuple[Notification, ...]

    @property
    def driver(self) -> str:
        """Id of the driver that reads these bytes."""
        return self.about["driver"]

    @property
    def source(self) -> str:
        """Where the bytes are from: a sensor and its firmware, or a document."""
        return self.about["source"]


def head_lines(about: Mapping[str, str]) -> Iterator[str]:
    """Yield the lines that open a capture."""
    yield from (f"# {key}: {value}" for key, value in about.items())


def capture_line(notification: Notification) -> str:
    """Return the line of one notification."""
    payload = notification.data.hex(" ", 2)
    return f"{notification.arrived_s:.6f} {notification.characteristic} {payload}".rstrip()


def read_capture(path: Path) -> Capture:
    """Read a capture.

    Raises
    ------
    RecordingError
        When the file cannot be read or a line is no notification: names file and line.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RecordingError(
            f"{path} cannot be read ({error}): check the name, and that it is a text file."
        ) from error
    return parse_capture(text, name=str(path))


def parse_capture(text: str, *, name: str) -> Capture:
    """Read the text of a capture; ``name`` is what messages call it.

    Raises
    ------
    RecordingError
        When a line is no notification, or the head lacks ``driver`` or ``source``.
    """
    about: dict[str, str] = {}
    notifications: list[Notification] = []
    for number, line in enumerate(text.splitlines(), 1):
        words, _, comment = line.partition("#")
        key, colon, value = comment.partition(":")
        if words.strip():
            notifications.append(_notification(words.split(), place=f"{name}, line {number}"))
        elif colon and not notifications:
            about[key.strip()] = value.strip()
    missing = [key for key in ("driver", "source") if not about.get(key)]
    if missing:
        raise RecordingError(
            f"{name} does not say its {' and '.join(missing)}: begin the file with a line like "
            f"'# {missing[0]}: ...'."
        )
    return Capture(about=about, notifications=tuple(notifications))


def _notification(words: list[str], *, place: str) -> Notification:
    try:
        arrived_s = float(words[0])
        characteristic = str(UUID(words[1]))
        data = bytes.fromhex("".join(words[2:]))
    except (ValueError, IndexError) as error:
        raise RecordingError(
            f"{place} is no notification ({error}): write seconds, characteristic and bytes, "
            f"like '0.25 00002a19-0000-1000-8000-00805f9b34fb 64'."
        ) from error
    if not isfinite(arrived_s):
        raise RecordingError(f"{place} has the time {words[0]}: write seconds, like 0.25.")
    return Notification(characteristic=characteristic, data=data, arrived_s=arrived_s)


def transcript(driver: Driver, notifications: Iterable[Notification]) -> Iterator[str]:
    """Yield what a new decoder makes of the notifications, as lines to compare.

    One line a sample: number of the notification (from 1), samples lost before
    it, device time in s or ``-``, acceleration in g, angular rate in degrees/s if
    there is one. ``DecodeError`` and its message stand in for bytes that were refused.
    """
    decoder = driver.decoder()
    for number, notification in enumerate(notifications, 1):
        try:
            batches = decoder.feed(notification)
        except DecodeError as error:
            yield f"{number} DecodeError {error}"
            continue
        for batch in batches:
            yield from (f"{number} {row}" for row in _rows(batch))


def _rows(batch: Batch) -> Iterator[str]:
    for i, accel_g in enumerate(batch.accel_g):
        lost = batch.lost if i == 0 else 0
        time = "-" if batch.device_s is None else f"{batch.device_s[i]:.6f}"
        numbers = [*accel_g, *([] if batch.gyro_dps is None else batch.gyro_dps[i])]
        # Adding zero turns -0.0 into 0.0, which prints alike on every machine.
        yield " ".join([str(lost), time, *(f"{value + 0.0:.5f}" for value in numbers)])
