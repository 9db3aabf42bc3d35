"""Exports of the app phyphox: CSV, its zip archive, or one CSV a sensor.

Layout: ``"Time (s)","Acceleration x (m/s^2)",...``; without gravity ``Linear Acceleration
x (m/s^2)``; ``Gravity x``, ``Gyroscope x (rad/s)``. The zip of an experiment holds
``Raw Data.csv`` and ``meta/`` (github.com/phyphox/phyphox-ios, the exporter); that of the
experiment with all sensors one table each, ``Accelerometer.csv``, ``Linear
Accelerometer.csv``, ``Gyroscope.csv``, ``Gravity.csv``, with columns ``X (m/s^2)``. Separators
are commas, semicolons or tabs, decimals points or commas, as the person chose.
"""

from collections.abc import Iterator

from repsense.errors import ForeignFileError
from repsense.importing.base import Format, Imported, Wish
from repsense.importing.signals import Signal, Signals, assemble
from repsense.importing.source import Source, folder_of, stem_of
from repsense.importing.table import Table, read_table, tables
from repsense.importing.units import Gravity, Unit

_TIME = r"time \(s\)"
_UNIT = r" ?\(m/s(\^2|²|2)\)"
_TOTAL = r"acceleration {a}" + _UNIT
_LINEAR = r"linear acceleration {a}" + _UNIT
_GRAVITY = r"gravity {a}" + _UNIT
_TURN = r"gyroscope {a} ?\(rad/s\)"
_BARE, _BARE_TURN = "{a}" + _UNIT, r"{a} ?\(rad/s\)"


def _claims(source: Source) -> bool:
    return any(
        columns and columns[0].lower() == "time (s)" and _has_axes(columns)
        for _, columns in tables(source, ".csv")
    )


def _has_axes(columns: tuple[str, ...]) -> bool:
    axes = [column.lower() for column in columns]
    return any(
        name.startswith(("acceleration x", "linear acceleration x", "x (m/s")) for name in axes
    )


def _read(source: Source, wish: Wish) -> Iterator[Imported]:
    folders: dict[str, list[Table]] = {}
    for name, columns in tables(source, ".csv"):
        if columns and columns[0].lower() == "time (s)":
            folders.setdefault(folder_of(name), []).append(read_table(source, name))
    if not folders:
        raise ForeignFileError(
            f"{source.path} holds no table of phyphox ({source.glance()}): export the experiment "
            f"as CSV."
        )
    for number, (folder, found) in enumerate(folders.items(), start=1):
        for tables_of_one in _experiments(found):
            name = folder.rstrip("/").replace("/", "_") or source.name
            if len(tables_of_one) == 1 and source.path.is_dir():
                name = stem_of(tables_of_one[0].file)
            yield assemble(_signals(tables_of_one), wish).imported(
                name, "phyphox", position="phone"
            )
        wish.progress(number / len(folders))


def _experiments(found: list[Table]) -> list[list[Table]]:
    """Return the tables by experiment: one a sensor belong together, else each is one itself."""
    if any(table.find_xyz(_BARE) or table.find_xyz(_BARE_TURN) for table in found):
        return [found]
    return [[table] for table in found]


def _signals(found: list[Table]) -> Signals:
    total = _pick(found, _TOTAL, "acc")
    linear = _pick(found, _LINEAR, "linear")
    gyro = _pick(found, _TURN, "gyro", _BARE_TURN)
    if total is not None:
        where, accel = total
        return Signals(where=where, accel=accel, unit=Unit.MPS2, gyro=gyro and gyro[1])
    if linear is not None:
        apart = _pick(found, _GRAVITY, "gravity")
        where, accel = linear
        return Signals(
            where=where,
            accel=accel,
            unit=Unit.MPS2,
            gravity=Gravity.MISSING,
            gravity_apart=apart and apart[1],
            gyro=gyro and gyro[1],
        )
    raise ForeignFileError(
        f"{found[0].where}: there is no acceleration in it; found are: "
        f"{', '.join(found[0].names)}. Open phyphox's experiment 'Acceleration with g' and "
        f"export that."
    )


def _pick(
    found: list[Table], pattern: str, stem: str, bare: str = _BARE
) -> tuple[str, Signal] | None:
    """Return a signal by its columns' names, or by its file's where they name only the axes."""
    for table in found:
        axes = table.find_xyz(pattern)
        if axes is None and stem_of(table.file).lower().startswith(stem):
            axes = table.find_xyz(bare)
        if axes is not None:
            time = table.find(_TIME) or "Time (s)"
            t_s = table.numbers([time])[:, 0]
            return table.where, Signal(t_s=t_s, xyz=table.numbers(axes, holes=True))
    return None


FORMAT = Format(
    id="phyphox",
    title="phyphox (app for iOS and Android): CSV or zip",
    claims=_claims,
    read=_read,
)
