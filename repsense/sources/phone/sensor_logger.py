"""Messages of the app Sensor Logger, which it pushes over HTTP and MQTT alike.

Layout, units and frames: the app's own PUSHING.md, UNITS.md and COORDINATES.md
(github.com/tszheichoi/awesome-sensor-logger).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt

from repsense.errors import DecodeError
from repsense.samples import FloatArray
from repsense.sources.ble.drivers.base import Batch
from repsense.sources.phone.fields import count, entries, mapping, parse, table, vector
from repsense.sources.phone.in_order import InOrder
from repsense.sources.phone.units import UnitFromGravity, force_g

IntArray = npt.NDArray[np.int64]

TITLE = "Sensor Logger"

_XYZ = ("x", "y", "z")
_WRIST_ACCELERATION = ("accelerationX", "accelerationY", "accelerationZ")
_WRIST_GRAVITY = ("gravityX", "gravityY", "gravityZ")
_WRIST_ROTATION = ("rotationRateX", "rotationRateY", "rotationRateZ")
# The year 2262; more does not fit into 64 bits.
_LATEST_NS = 2**63 - 1
# Acceleration without any gravity for it, in messages, before the person is told.
_PATIENCE = 3
# Samples that wait for their gravity at most: some seconds.
_MOST_WAITING = 2000


class Kind(IntEnum):
    """Where samples are taken from; of several that come the highest counts."""

    NONE = 0
    UNCALIBRATED = 1
    WITHOUT_GRAVITY = 2
    TOTAL = 3
    WRIST = 4


_KINDS = {
    "accelerometeruncalibrated": Kind.UNCALIBRATED,
    "accelerometer": Kind.WITHOUT_GRAVITY,
    "totalacceleration": Kind.TOTAL,
    "wristmotion": Kind.WRIST,
}
_GRAVITY = "gravity"


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message: whose, which, and what each sensor measured as (ns since 1970, values)."""

    session: str
    number: int
    readings: dict[str, list[tuple[int, dict[str, object]]]]


def read_message(message: str | bytes) -> Message:
    """Return what a message says of the sensors that RepSense knows.

    Raises
    ------
    DecodeError
        When it is not a message of Sensor Logger.
    """
    fields = parse(message, title=TITLE)
    readings: dict[str, list[tuple[int, dict[str, object]]]] = {}
    for entry in entries(fields.get("payload"), what="payload"):
        reading = mapping(entry, what="a reading")
        name = str(reading.get("name")).lower()
        if name in _KINDS or name == _GRAVITY:
            at_ns = count(reading.get("time"), what=f"the time of {name}", most=_LATEST_NS)
            values = mapping(reading.get("values"), what=f"the values of {name}")
            readings.setdefault(name, []).append((at_ns, values))
    for of_one in readings.values():
        of_one.sort(key=lambda reading: reading[0])
    return Message(
        session=str(fields.get("sessionId")),
        number=count(fields.get("messageId"), what="messageId"),
        readings=readings,
    )


class SensorLoggerDecoder:
    """Turn messages into samples, whatever the phone and its settings.

    1. Messages are put into the order of their ``messageId``.
    2. Samples come from the best that is sent: a watch's motion, the phone's
       acceleration with gravity, acceleration and gravity put together again, or
       the uncalibrated accelerometer.
    3. The unit is told from the length of gravity where the app may send two.
    """

    def __init__(self) -> None:
        self._in_order: InOrder[Message] = InOrder()
        self._kind = Kind.NONE
        self._first_ns: int | None = None
        self._unit = UnitFromGravity()
        self._waiting: list[tuple[int, list[float]]] = []
        self._gravity: list[tuple[int, list[float]]] = []
        self._without_gravity = 0

    @property
    def title(self) -> str:
        """See :class:`repsense.sources.pushed.PushDecoder`."""
        return TITLE

    @property
    def rate_hz(self) -> float:
        """See :class:`repsense.sources.pushed.PushDecoder`."""
        return 50.0

    @property
    def knows_losses(self) -> bool:
        """See :class:`repsense.sources.pushed.PushDecoder`."""
        return False

    def feed(self, message: str | bytes, now_s: float) -> Iterable[Batch]:
        """See :class:`repsense.sources.pushed.PushDecoder`."""
        read = read_message(message)
        return self._samples(self._in_order.take(read.session, read.number, read, now_s))

    def tick(self, now_s: float) -> Iterable[Batch]:
        """See :class:`repsense.sources.pushed.PushDecoder`."""
        return self._samples(self._in_order.tick(now_s))

    def _samples(self, messages: Iterable[Message]) -> list[Batch]:
        batches = [self._read(message.readings) for message in messages]
        return [batch for batch in batches if batch is not None]

    def _read(self, readings: Mapping[str, list[tuple[int, dict[str, object]]]]) -> Batch | None:
        best = max((kind for name, kind in _KINDS.items() if name in readings), default=Kind.NONE)
        self._kind = max(self._kind, best)
        name = next((name for name, kind in _KINDS.items() if kind is self._kind), "")
        rows = readings.get(name, [])
        match self._kind:
            case Kind.WRIST:
                return self._wrist(rows)
            case Kind.TOTAL:
                times, xyz = _columns(rows, _XYZ, what=name)
                return self._batch(times, force_g(xyz, is_g=False, title=TITLE))
            case Kind.WITHOUT_GRAVITY:
                return self._with_gravity(rows, readings.get(_GRAVITY, []))
            case Kind.UNCALIBRATED:
                return self._uncalibrated(rows)
            case _:
                return None

    def _wrist(self, rows: Sequence[tuple[int, dict[str, object]]]) -> Batch | None:
        times, acceleration = _columns(rows, _WRIST_ACCELERATION, what="wristmotion")
        _, gravity = _columns(rows, _WRIST_GRAVITY, what="wristmotion")
        turns = all(_WRIST_ROTATION[0] in values for _, values in rows)
        rotation = _columns(rows, _WRIST_ROTATION, what="wristmotion")[1] if turns else None
        # In g it is Apple's frame, whose forces point the other way; in m/s2 it was standardised.
        is_g = self._unit.is_g(gravity)
        force = force_g(acceleration + gravity, is_g=is_g, title=TITLE)
        gyro_dps = None if rotation is None else np.rad2deg(rotation)
        return self._batch(times, -force if is_g else force, gyro_dps)

    def _uncalibrated(self, rows: Sequence[tuple[int, dict[str, object]]]) -> Batch | None:
        times, xyz = _columns(rows, _XYZ, what="accelerometeruncalibrated")
        is_g = self._unit.is_g(xyz)
        force = force_g(xyz, is_g=is_g, title=TITLE)
        return self._batch(times, -force if is_g else force)

    def _with_gravity(
        self,
        rows: Sequence[tuple[int, dict[str, object]]],
        gravity: Sequence[tuple[int, dict[str, object]]],
    ) -> Batch | None:
        """Add gravity, read at the times of the accelerations; those it has not reached wait.

        Only iOS sends no acceleration with gravity, and there forces point the
        other way unless the app was told to standardise them. That cannot be seen in the
        numbers; counting does not depend on it.
        """
        self._waiting += [(at, vector(xyz, _XYZ, what="accelerometer")) for at, xyz in rows]
        self._gravity += [(at, vector(xyz, _XYZ, what="gravity")) for at, xyz in gravity]
        del self._waiting[:-_MOST_WAITING], self._gravity[:-_MOST_WAITING]
        if not self._gravity:
            self._complain_of_missing_gravity()
            return None
        self._without_gravity = 0
        reached_ns = self._gravity[-1][0]
        ready = [row for row in self._waiting if row[0] <= reached_ns]
        self._waiting = self._waiting[len(ready) :]
        if not ready:
            return None
        force = _sums(ready, self._gravity)
        # The newest is needed again, for the samples between it and the next.
        del self._gravity[:-1]
        times = np.array([at for at, _ in ready], dtype=np.int64)
        return self._batch(times, -force_g(force, is_g=False, title=TITLE))

    def _complain_of_missing_gravity(self) -> None:
        self._without_gravity += 1
        if self._without_gravity >= _PATIENCE:
            raise DecodeError(
                "Sensor Logger sends acceleration without gravity, which cannot be counted: switch "
                "on its sensor Gravity too (on Android, Total Acceleration)."
            )

    def _batch(
        self, time_ns: IntArray, accel_g: FloatArray, gyro_dps: FloatArray | None = None
    ) -> Batch | None:
        if not len(time_ns):
            return None
        if self._first_ns is None:
            self._first_ns = int(time_ns[0])
        device_s = (time_ns - self._first_ns) / 1e9
        return Batch(accel_g=accel_g, gyro_dps=gyro_dps, device_s=device_s)


def _columns(
    rows: Sequence[tuple[int, dict[str, object]]], names: Sequence[str], *, what: str
) -> tuple[IntArray, FloatArray]:
    times = np.array([at for at, _ in rows], dtype=np.int64)
    return times, table([vector(values, names, what=what) for _, values in rows], len(names))


def _sums(
    rows: Sequence[tuple[int, list[float]]], gravity: Sequence[tuple[int, list[float]]]
) -> FloatArray:
    """Return acceleration plus gravity at the time of each acceleration, shape (n, 3)."""
    origin_ns = gravity[0][0]
    at = np.array([float(time - origin_ns) for time, _ in rows])
    known = np.array([float(time - origin_ns) for time, _ in gravity])
    pulls = table([xyz for _, xyz in gravity], 3)
    read = np.stack([np.interp(at, known, pulls[:, axis]) for axis in range(3)], axis=1)
    sums: FloatArray = table([xyz for _, xyz in rows], 3) + read
    return sums
