"""CSV files of Android's logging apps and watches, and of whatever else names its columns plainly.

Layouts that were looked up: AndroSensor (``ACCELEROMETER X (m/s²);...;Time since start in
ms``, gravity and linear acceleration likewise), Physics Toolbox (``time,gFx,gFy,gFz``; without
gravity ``time,ax,ay,az``), and tables with ``timestamp,x,y,z`` or ``acc_x`` as apps around
Android's ``SensorEvent`` write them: m/s2, and times in ns, ms or s
(developer.android.com/reference/android/hardware/SensorEvent). Units that stand in the names
are believed and checked; others are told from the numbers.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from repsense.errors import ForeignFileError
from repsense.importing.base import Format, Imported, Wish
from repsense.importing.clock import TICK_S, tick_of
from repsense.importing.signals import Signal, Signals, assemble
from repsense.importing.source import Source, stem_of
from repsense.importing.table import Table, read_table, shown, tables
from repsense.importing.units import Gravity, TurnUnit, Unit
from repsense.samples import FloatArray

# A unit behind a name: "(m/s²)", "[g]", "_mg", or none.
_UNIT = r"(?P<unit>[ _]?[\(\[]?(m/s\^?2|m/s²|m_s2|mps2|ms2|milli-?g|mg|g)[\)\]]?)?"
_TURN_UNIT = r"(?P<unit>[ _]?[\(\[]?(rad/s|rads|radps|deg/s|°/s|dps)[\)\]]?)?"
_TIME_UNIT = r"(?P<unit>[ _]?[\(\[]?(ns|us|ms|s|sec|seconds)[\)\]]?)?"
_TIMES = (
    rf"(sensor |sensor_|event_?)?time ?_?stamp{_TIME_UNIT}",
    rf"(elapsed|seconds)[ _]?(time|elapsed)?{_TIME_UNIT}",
    rf"time since start( in)?{_TIME_UNIT}",
    rf"time{_TIME_UNIT}",
    rf"t{_TIME_UNIT}",
)
_TOTAL = (
    rf"acc(el(eration|erometer)?)?[ _.\-]?{{a}}{_UNIT}",
    r"gF{a}",
    rf"a[_.]?{{a}}{_UNIT}",
    rf"{{a}}([ \-]axis)?{_UNIT}",
)
_LINEAR = (rf"(linear|user)[ _]?acc(el(eration|erometer)?)?[ _.\-]?{{a}}{_UNIT}",)
_GRAVITY = (rf"grav(ity)?[ _.\-]?{{a}}{_UNIT}",)
_TURN = (
    rf"gyr(o(scope)?)?[ _.\-]?{{a}}{_TURN_UNIT}",
    rf"rotation[ _]?rate[ _]?{{a}}{_TURN_UNIT}",
    rf"w{{a}}{_TURN_UNIT}",
)
_UNITS = {"g": Unit.G, "mg": Unit.MILLI_G, "millig": Unit.MILLI_G}
_TICKS = {"sec": "s", "seconds": "s"}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Axes:
    """Three columns, and the unit behind their names; empty where there is none."""

    names: tuple[str, str, str]
    unit: str


def _claims(source: Source) -> bool:
    return bool(_logs(source))


def _logs(source: Source) -> list[str]:
    return [
        name
        for name, columns in tables(source, ".csv", ".txt")
        if _one(columns, _TIMES) and (_axes(columns, _TOTAL) or _axes(columns, _LINEAR))
    ]


def _read(source: Source, wish: Wish) -> Iterator[Imported]:
    names = _logs(source) or list(source.named(".csv"))
    if not names:
        raise ForeignFileError(f"{source.path} holds no CSV file: name one.")
    for number, name in enumerate(names, start=1):
        table = read_table(source, name)
        signals, remarks = _signals(table)
        yield assemble(signals, wish).imported(stem_of(name), "android", remarks=remarks)
        wish.progress(number / len(names))


def _signals(table: Table) -> tuple[Signals, tuple[str, ...]]:
    t_s = _times(table)
    total, linear = _axes(table.names, _TOTAL), _axes(table.names, _LINEAR)
    chosen = total or linear
    if chosen is None:
        raise ForeignFileError(
            f"{table.where}: no columns of an acceleration are to be recognised; found are: "
            f"{shown(table.names)}. Rename them to acc_x, acc_y and acc_z."
        )
    apart = _axes(table.names, _GRAVITY) if total is None else None
    turns = _axes(table.names, _TURN)
    told = turns is not None and bool(turns.unit)
    signals = Signals(
        where=table.where,
        accel=_signal(table, t_s, chosen),
        unit=_unit(chosen),
        gravity=Gravity.PRESENT if total is not None else Gravity.MISSING,
        gravity_apart=None if apart is None else _signal(table, t_s, apart),
        gyro=_signal(table, t_s, turns) if turns is not None else None,
        gyro_unit=_turn_unit(turns),
    )
    assumed = turns is not None and not told
    return signals, ("angular rate taken as rad/s, Android's unit",) if assumed else ()


def _signal(table: Table, t_s: FloatArray, axes: _Axes) -> Signal:
    return Signal(t_s=t_s, xyz=table.numbers(axes.names, holes=True))


def _times(table: Table) -> FloatArray:
    found = _one(table.names, _TIMES)
    if found is None:
        raise ForeignFileError(
            f"{table.where}: no column of times is to be recognised; found are: "
            f"{shown(table.names)}. Name it time or timestamp."
        )
    name, unit = found
    times = table.numbers([name])[:, 0]
    ticks = times - times[0]
    tick = TICK_S.get(_TICKS.get(unit, unit))
    seconds: FloatArray = ticks * (tick_of(ticks, table.where) if tick is None else tick)
    return seconds


def _one(columns: tuple[str, ...], patterns: tuple[str, ...]) -> tuple[str, str] | None:
    """Return the first column of the first pattern that fits one, and its unit."""
    for pattern in patterns:
        for name in columns:
            found = re.fullmatch(pattern, name.strip(), re.IGNORECASE)
            if found:
                unit = found.groupdict().get("unit") or ""
                return name, re.sub(r"[^a-z0-9/°²]", "", unit.lower())
    return None


def _axes(columns: tuple[str, ...], patterns: tuple[str, ...]) -> _Axes | None:
    for pattern in patterns:
        found = [_one(columns, (pattern.replace("{a}", axis),)) for axis in "xyz"]
        x, y, z = found
        if x is not None and y is not None and z is not None:
            unit = "g" if x[0].lower().startswith("gf") else x[1]
            return _Axes(names=(x[0], y[0], z[0]), unit=unit)
    return None


def _unit(axes: _Axes) -> Unit | None:
    if not axes.unit:
        return None
    return _UNITS.get(axes.unit, Unit.MPS2)


def _turn_unit(axes: _Axes | None) -> TurnUnit:
    degrees = axes is not None and axes.unit in {"deg/s", "°/s", "dps"}
    return TurnUnit.DPS if degrees else TurnUnit.RADPS


FORMAT = Format(
    id="android",
    title="Android apps and watches (AndroSensor, Physics Toolbox ...), plain tables: CSV",
    claims=_claims,
    read=_read,
    last_resort=True,
)
