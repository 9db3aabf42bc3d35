"""UCI's Weight Lifting Exercises (Velloso 2013): one-arm dumbbell curls in five ways.

Layout: one CSV of everybody, 160 columns: ``user_name``, ``raw_timestamp_part_1`` (s since
1970) and ``_part_2`` (us), ``accel_forearm_x`` ... of belt, arm, forearm and dumbbell, ``classe``
A to E. Each of six people did 10 reps in each way: A as asked, B elbows to the front, C
lifted halfway, D lowered halfway, E hips thrown. The acceleration is in the chip's raw
counts, of which no scale is given: its middle size is taken as 1 g. The unit of ``gyros_*`` is
not documented, so angular rate is left out. The popular ``pml-training.csv`` is every
second line of it.
"""

from collections.abc import Iterator

import numpy as np

from repsense.errors import ForeignFileError
from repsense.importing.base import Format, Imported, Segment, Wish
from repsense.importing.signals import Assembled, Signal, Signals, assemble
from repsense.importing.source import Source
from repsense.importing.table import Table, read_table, tables
from repsense.importing.units import Unit
from repsense.samples import FloatArray

_SENSORS = ("forearm", "arm", "dumbbell", "belt")
_WAYS = {
    "A": "as asked",
    "B": "elbows to the front",
    "C": "lifted halfway",
    "D": "lowered halfway",
    "E": "hips thrown",
}
_REPS = 10


def _claims(source: Source) -> bool:
    return bool(_lists(source))


def _lists(source: Source) -> list[str]:
    return [
        name
        for name, columns in tables(source, ".csv")
        if {"raw_timestamp_part_1", "classe"} <= set(columns)
    ]


def _read(source: Source, wish: Wish) -> Iterator[Imported]:
    names = _lists(source)
    if not names:
        raise ForeignFileError(
            f"{source.path} holds no table of the weight-lifting data set ({source.glance()}): it "
            f"has the columns raw_timestamp_part_1 and classe."
        )
    for name in names:
        table = read_table(source, name)
        sensor = wish.sensor or _SENSORS[0]
        t_s, xyz = _signals(table, sensor)
        groups = _groups(table)
        for number, ((person, way), rows) in enumerate(groups.items(), start=1):
            order = np.array(rows)[np.argsort(t_s[rows], kind="stable")]
            signal = Signal(t_s=t_s[order], xyz=xyz[order])
            where = f"{table.where} ({person}, {way})"
            made = assemble(Signals(where=where, accel=signal, unit=Unit.COUNTS), wish)
            yield _recording(made, person, way, sensor)
            wish.progress(number / len(groups))


def _signals(table: Table, sensor: str) -> tuple[FloatArray, FloatArray]:
    times = table.numbers(["raw_timestamp_part_1", "raw_timestamp_part_2"])
    t_s = (times[:, 0] - times[0, 0]) + times[:, 1] / 1e6
    return t_s, table.numbers([f"accel_{sensor}_{axis}" for axis in "xyz"], holes=True)


def _groups(table: Table) -> dict[tuple[str, str], list[int]]:
    people, ways = table.texts("user_name"), table.texts("classe")
    found: dict[tuple[str, str], list[int]] = {}
    for row, key in enumerate(zip(people, ways, strict=True)):
        found.setdefault(key, []).append(row)
    return dict(sorted(found.items()))


def _recording(made: Assembled, person: str, way: str, sensor: str) -> Imported:
    whole = Segment(
        name=f"biceps curl ({_WAYS.get(way, way)})",
        start_s=0.0,
        end_s=float(made.block.t_s[-1]),
        reps=_REPS,
    )
    return made.imported(
        f"{person}_{way}_{sensor}",
        "uci_weight_lifting",
        segments=(whole,),
        complete=True,
        subject=person,
        exercise="biceps_curl",
        position=sensor,
        remarks=("10 reps by protocol", "angular rate left out: no unit is documented"),
    )


FORMAT = Format(
    id="uci_weight_lifting",
    title="UCI Weight Lifting Exercises (data set): CSV",
    claims=_claims,
    read=_read,
    sensors=_SENSORS,
)
