"""CSV files of SensorLog, the app that logs an Apple Watch's (or iPhone's) own sensors.

Layout: one table of everything, names with units, like ``loggingTime(txt)``,
``accelerometerTimestamp_sinceReboot(s)``, ``accelerometerAccelerationX(G)``,
``motionUserAccelerationX(G)``, ``motionGravityX(G)``, ``motionRotationRateX(rad/s)``, as listed in
public readers of it. Acceleration is in g in Apple's frame (developer.apple.com, Core
Motion): at rest it points down.
"""

from collections.abc import Iterator

import numpy as np

from repsense.errors import ForeignFileError
from repsense.importing.base import Format, Imported, Wish
from repsense.importing.signals import Signal, Signals, assemble
from repsense.importing.source import Source, stem_of
from repsense.importing.table import Table, read_table, shown, tables
from repsense.importing.units import Gravity, Unit

_RAW = r"accelerometerAcceleration{a}(\(G\))?"
_USER = r"motionUserAcceleration{a}(\(G\))?"
_GRAVITY = r"motionGravity{a}(\(G\))?"
_TURN = r"motionRotationRate{a}(\(rad/s\))?"
_RAW_TURN = r"gyroRotation{a}(\(rad/s\))?"
_RAW_TIME = r"accelerometerTimestamp_sinceReboot(\(s\))?"
_MOTION_TIME = r"motionTimestamp_sinceReboot(\(s\))?"
_SINCE_1970 = r"loggingTime_since1970(\(s\))?|timestamp\(s\)"


def _claims(source: Source) -> bool:
    return bool(_logs(source))


def _logs(source: Source) -> list[str]:
    starts = ("accelerometeraccelerationx", "motionuseraccelerationx")
    return [
        name
        for name, columns in tables(source, ".csv", ".txt")
        if any(column.lower().startswith(starts) for column in columns)
    ]


def _read(source: Source, wish: Wish) -> Iterator[Imported]:
    names = _logs(source)
    if not names:
        raise ForeignFileError(
            f"{source.path} holds no acceleration of SensorLog ({source.glance()}): log the "
            f"accelerometer or the device motion, as CSV."
        )
    for number, name in enumerate(names, start=1):
        table = read_table(source, name)
        yield assemble(_signals(table), wish).imported(
            stem_of(name), "apple_watch", position="watch"
        )
        wish.progress(number / len(names))


def _signals(table: Table) -> Signals:
    """Return the raw acceleration, or else what Apple has taken apart, put together again."""
    raw = table.find_xyz(_RAW)
    user, gravity = table.find_xyz(_USER), table.find_xyz(_GRAVITY)
    if raw is not None:
        signal = _signal(table, raw, _RAW_TIME)
        if len(signal.without_holes()[0].t_s):
            return Signals(
                where=table.where,
                accel=signal,
                unit=Unit.G,
                gyro=_gyro(table),
                inertial=True,
            )
    if user is None:
        raise ForeignFileError(
            f"{table.where}: of X, Y and Z of the acceleration one is missing, or all are empty; "
            f"found are: {shown(table.names)}. Log the accelerometer or the device motion."
        )
    return Signals(
        where=table.where,
        accel=_signal(table, user, _MOTION_TIME),
        unit=Unit.G,
        gravity=Gravity.MISSING,
        gravity_apart=None if gravity is None else _signal(table, gravity, _MOTION_TIME),
        gyro=_gyro(table),
        inertial=True,
    )


def _gyro(table: Table) -> Signal | None:
    turns = table.find_xyz(_TURN) or table.find_xyz(_RAW_TURN)
    # All sensors are written on one line, so any of their clocks is the others'.
    return None if turns is None else _signal(table, turns, _MOTION_TIME)


def _signal(table: Table, axes: tuple[str, str, str], clock: str) -> Signal:
    found = [table.find(each) for each in (clock, _RAW_TIME, _MOTION_TIME, _SINCE_1970)]
    time = next((name for name in found if name is not None), None)
    if time is None:
        raise ForeignFileError(
            f"{table.where}: there is no time of the sensors; found are: {shown(table.names)}. "
            f"Export with accelerometerTimestamp_sinceReboot(s) or loggingTime_since1970(s)."
        )
    rows = table.numbers([time, *axes], holes=True)
    timed = np.isfinite(rows[:, 0])
    return Signal(t_s=rows[timed, 0], xyz=rows[timed, 1:4])


FORMAT = Format(
    id="apple_watch",
    title="Apple Watch or iPhone, logged with SensorLog: CSV",
    claims=_claims,
    read=_read,
)
