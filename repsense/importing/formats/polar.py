"""Files of the app Polar Sensor Logger: text with semicolons, one file a sensor.

Layout: ``Phone timestamp;sensor timestamp [ns];X [mg];Y [mg];Z [mg]``, and in a file named
alike with ``_GYRO`` for ``_ACC``, ``X [dps]``; times in ns since 2000. Headers as several public
programs write and test them, among them the loggers after Polar's own SDK
(github.com/polarofficial/polar-ble-sdk: milli-g, gravity included).
"""

import re
from collections.abc import Iterator

import numpy as np

from repsense.errors import ForeignFileError
from repsense.importing.base import Format, Imported, Wish
from repsense.importing.signals import Signal, Signals, assemble
from repsense.importing.source import Source, stem_of
from repsense.importing.table import Table, read_table, tables
from repsense.importing.units import TurnUnit, Unit

_TIME = r"sensor timestamp \[ns\]"
_ACCEL = r"{a} \[mg\]"
_TURN = r"{a} \[dps\]"


def _claims(source: Source) -> bool:
    return bool(_accelerations(source))


def _accelerations(source: Source) -> list[str]:
    return [
        name
        for name, columns in tables(source, ".txt", ".csv")
        if {"sensor timestamp [ns]", "x [mg]"} <= {column.lower() for column in columns}
    ]


def _read(source: Source, wish: Wish) -> Iterator[Imported]:
    names = _accelerations(source)
    if not names:
        raise ForeignFileError(
            f"{source.path} holds no acceleration of Polar Sensor Logger ({source.glance()}): "
            f"switch on ACC in the app, and name the file with ACC in its name."
        )
    for number, name in enumerate(names, start=1):
        table = read_table(source, name)
        origin_ns = _first_ns(table)
        signals = Signals(
            where=table.where,
            accel=_signal(table, _ACCEL, origin_ns),
            unit=Unit.MILLI_G,
            gyro=_gyro(source, name, origin_ns),
            gyro_unit=TurnUnit.DPS,
        )
        called = re.sub(r"_ACC$", "", stem_of(name))
        yield assemble(signals, wish).imported(called, "polar")
        wish.progress(number / len(names))


def _gyro(source: Source, accelerometer: str, origin_ns: int) -> Signal | None:
    if "_ACC" not in stem_of(accelerometer):
        return None
    head, _, tail = accelerometer.rpartition("_ACC")
    name = f"{head}_GYRO{tail}"
    if not source.has(name):
        return None
    table = read_table(source, name)
    return None if table.find_xyz(_TURN) is None else _signal(table, _TURN, origin_ns)


def _first_ns(table: Table) -> int:
    """Return the first time as a whole number: as a float it would be coarse by 64 ns or more."""
    first = table.texts(_time(table))[0]
    if not first.isdecimal():
        raise table.error(0, f"sensor timestamp [ns] is {first!r}, which is no time: delete it.")
    return int(first)


def _signal(table: Table, pattern: str, origin_ns: int) -> Signal:
    axes = table.find_xyz(pattern)
    if axes is None:
        raise ForeignFileError(
            f"{table.where}: of X, Y and Z one is missing; found are: {', '.join(table.names)}. "
            f"Export the file again."
        )
    texts = table.texts(_time(table))
    for row, text in enumerate(texts):
        if not text.isdecimal():
            raise table.error(row, f"sensor timestamp [ns] is {text!r}, which is no time.")
    ticks = np.array([int(text) - origin_ns for text in texts], dtype=np.float64)
    return Signal(t_s=ticks / 1e9, xyz=table.numbers(axes))


def _time(table: Table) -> str:
    return table.find(_TIME) or "sensor timestamp [ns]"


FORMAT = Format(
    id="polar",
    title="Polar Sensor Logger (app for Polar's sensors): its ACC files",
    claims=_claims,
    read=_read,
)
