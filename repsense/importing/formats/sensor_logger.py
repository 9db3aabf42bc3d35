"""Exports of the app Sensor Logger: a zip archive, its unpacked folder, or one CSV of it.

Layout: one file a sensor (``Accelerometer.csv``, ``TotalAcceleration.csv``, ``Gravity.csv``,
``AccelerometerUncalibrated.csv``, ``Gyroscope.csv``, ``WristMotion.csv`` of a watch), each
beginning ``time,seconds_elapsed``, and ``Metadata.csv`` with the columns ``platform`` and
``standardisation``. Units and frames: the app's own README.md, UNITS.md and COORDINATES.md
(github.com/tszheichoi/awesome-sensor-logger). One table of all sensors, with names like
``wristMotion_accelerationX``, as in github.com/ary3141/gym-segmentation.
"""

from collections.abc import Iterator

import numpy as np

from repsense.errors import ForeignFileError
from repsense.importing.base import Format, Imported, Wish
from repsense.importing.signals import Signal, Signals, assemble
from repsense.importing.source import Source, folder_of, stem_of
from repsense.importing.table import Table, names_in, read_table, tables
from repsense.importing.units import STANDARD_GRAVITY_MPS2, Gravity, Unit, middle_length
from repsense.samples import FloatArray

WATCH, PHONE = "watch", "phone"

_TIME = r"seconds_?elapsed"
_XYZ = "{a}"
_WRIST = r"(wristMotion_)?acceleration{a}"
_WRIST_GRAVITY = r"(wristMotion_)?gravity{a}"
_WRIST_TURN = r"(wristMotion_)?rotationRate{a}"
_TOTAL, _LINEAR, _RAW = "TotalAcceleration", "Accelerometer", "AccelerometerUncalibrated"
_NO_ACCELERATION = frozenset(
    {"Gyroscope", "GyroscopeUncalibrated", "Gravity", "Magnetometer", "MagnetometerUncalibrated"}
    | {"WatchMagnetometer", "Headphone", "Orientation"}
)
# Between 1 g and 9.81 m/s2, equally far from both in ratio.
_BETWEEN = float(np.sqrt(STANDARD_GRAVITY_MPS2))


def _claims(source: Source) -> bool:
    return bool(_parts(source))


def _parts(source: Source) -> dict[str, list[str]]:
    """Return the app's tables with acceleration, by the folder they are in."""
    found: dict[str, list[str]] = {}
    for name, columns in tables(source, ".csv"):
        lowered = [column.lower() for column in columns]
        timed = "seconds_elapsed" in lowered or "secondselapsed" in lowered
        axes = {"x", "y", "z"} <= set(lowered) and stem_of(name) not in _NO_ACCELERATION
        wrist = any(column.endswith("accelerationx") for column in lowered)
        if timed and (axes or wrist):
            found.setdefault(folder_of(name), []).append(name)
    return found


def _read(source: Source, wish: Wish) -> Iterator[Imported]:
    parts = _parts(source)
    if not parts:
        raise ForeignFileError(
            f"{source.path} holds no acceleration of Sensor Logger ({source.glance()}): export it "
            f"as zip or CSV, with the sensor Accelerometer or Wrist Motion switched on."
        )
    for number, (folder, names) in enumerate(parts.items(), start=1):
        yield _recording(source, folder, names, wish)
        wish.progress(number / len(parts))


def _recording(source: Source, folder: str, names: list[str], wish: Wish) -> Imported:
    watch = [name for name in names if _is_watch(source, name)]
    phone = [name for name in names if name not in watch]
    if wish.sensor == WATCH or (watch and wish.sensor is None):
        _check_any(watch, source, WATCH)
        chosen, signals = watch[0], _of_watch(source, watch[0])
    else:
        _check_any(phone, source, PHONE)
        chosen, signals = _of_phone(source, folder, phone)
    both = bool(watch) and bool(phone) and wish.sensor is None
    return assemble(signals, wish).imported(
        _name(source, chosen),
        "sensor_logger",
        position="watch" if chosen in watch else "phone",
        remarks=("the phone's own acceleration is there too (--sensor phone)",) if both else (),
    )


def _check_any(names: list[str], source: Source, sensor: str) -> None:
    if not names:
        raise ForeignFileError(f"{source.path} holds no acceleration of a {sensor}.")


def _is_watch(source: Source, name: str) -> bool:
    return any(column.lower().endswith("accelerationx") for column in names_in(source.head(name)))


def _name(source: Source, chosen: str) -> str:
    """Return the recording's name: the archive's, or the folder's around the app's file names."""
    folder = folder_of(chosen).rstrip("/")
    if folder:
        return f"{source.name}_{folder.replace('/', '_')}" if source.path.is_dir() else folder
    if source.path.is_file() and source.path.suffix.lower() == ".csv":
        usual = stem_of(chosen) in {_TOTAL, _LINEAR, _RAW, "WristMotion"}
        return source.path.resolve().parent.name if usual else source.name
    return source.name


def _of_watch(source: Source, name: str) -> Signals:
    table = read_table(source, name)
    acceleration = _required(table, _WRIST)
    gravity = table.find_xyz(_WRIST_GRAVITY)
    turns = table.find_xyz(_WRIST_TURN)
    t_s = _times(table)
    apart = None
    if gravity is not None:
        apart = Signal(t_s=t_s, xyz=table.numbers(gravity, holes=True))
    unit = None if apart is None else _unit_of_gravity(apart)
    return Signals(
        where=table.where,
        accel=Signal(t_s=t_s, xyz=table.numbers(acceleration, holes=True)),
        unit=unit,
        gravity=Gravity.MISSING,
        gravity_apart=apart,
        gyro=None if turns is None else Signal(t_s=t_s, xyz=table.numbers(turns, holes=True)),
        # In g it is Apple's frame; in m/s2 it was standardised, or is a Wear OS watch's.
        inertial=unit is Unit.G,
    )


def _unit_of_gravity(gravity: Signal) -> Unit:
    whole, _ = gravity.without_holes()
    short = len(whole.t_s) > 0 and middle_length(whole.xyz) < _BETWEEN
    return Unit.G if short else Unit.MPS2


def _of_phone(source: Source, folder: str, names: list[str]) -> tuple[str, Signals]:
    by_stem = {stem_of(name): name for name in names}
    apple = _is_apple(source, folder)
    gyro = _beside(source, folder, "Gyroscope")
    if _TOTAL in by_stem:
        name = by_stem[_TOTAL]
        return name, _signals(source, name, unit=Unit.MPS2, gyro=gyro)
    apart = _beside(source, folder, "Gravity")
    if _LINEAR in by_stem and (apart is not None or _RAW not in by_stem):
        name = by_stem[_LINEAR]
        signals = _signals(
            source,
            name,
            unit=Unit.MPS2,
            gyro=gyro,
            gravity=Gravity.MISSING,
            gravity_apart=apart,
            # Android counts as we do; without Metadata.csv only iOS leaves out the total.
            inertial=apple,
        )
        return name, signals
    if _RAW in by_stem:
        name = by_stem[_RAW]
        signals = _signals(source, name, gyro=gyro)
        return name, _turned(signals)
    name = names[0]  # renamed: what it is, its numbers must tell
    return name, _signals(source, name, gyro=gyro)


def _signals(
    source: Source,
    name: str,
    *,
    unit: Unit | None = None,
    gravity: Gravity = Gravity.PRESENT,
    gravity_apart: Signal | None = None,
    gyro: Signal | None = None,
    inertial: bool = False,
) -> Signals:
    table = read_table(source, name)
    accel = Signal(t_s=_times(table), xyz=table.numbers(_required(table, _XYZ), holes=True))
    return Signals(
        where=table.where,
        accel=accel,
        unit=unit,
        gravity=gravity,
        gravity_apart=gravity_apart,
        gyro=gyro,
        inertial=inertial,
    )


def _turned(signals: Signals) -> Signals:
    """Turn the uncalibrated accelerometer round where it is in g, which only iOS writes."""
    whole, _ = signals.accel.without_holes()
    in_g = len(whole.t_s) > 0 and middle_length(whole.xyz) < _BETWEEN
    return Signals(where=signals.where, accel=signals.accel, gyro=signals.gyro, inertial=in_g)


def _beside(source: Source, folder: str, stem: str) -> Signal | None:
    name = f"{folder}{stem}.csv"
    if not source.has(name):
        return None
    table = read_table(source, name)
    return Signal(t_s=_times(table), xyz=table.numbers(_required(table, _XYZ), holes=True))


def _is_apple(source: Source, folder: str) -> bool:
    name = f"{folder}Metadata.csv"
    if not source.has(name):
        return True
    table = read_table(source, name)

    def said(column: str) -> str:
        return table.texts(column)[0].lower() if column in table.names else ""

    return said("platform") != "android" and said("standardisation") != "true"


def _times(table: Table) -> FloatArray:
    return table.numbers([table.find(_TIME) or "seconds_elapsed"])[:, 0]


def _required(table: Table, pattern: str) -> tuple[str, str, str]:
    found = table.find_xyz(pattern)
    if found is None:
        wanted = "x, y, z" if pattern == _XYZ else "accelerationX, accelerationY, accelerationZ"
        raise ForeignFileError(
            f"{table.where}: the columns {wanted} are missing; found are: "
            f"{', '.join(table.names)}. Export it again from the app."
        )
    return found


FORMAT = Format(
    id="sensor_logger",
    title="Sensor Logger (app for iOS, Android, watches): zip, folder or CSV",
    claims=_claims,
    read=_read,
    sensors=(WATCH, PHONE),
)
