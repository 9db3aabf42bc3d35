"""The data set WEAR: outdoor workouts with a sensor on each limb (Bock 2023).

Layout: ``sbj_0.csv`` and so on, one a person, 50 Hz without times: ``sbj_id``, then
``right_arm_acc_x`` ... of right arm, right leg, left leg and left arm, then ``label`` (empty or
``null`` in between), in g with gravity. From the authors' loaders (github.com/mariusbock/wear,
mariusbock.github.io/wear) and others'. Nobody has counted reps.
"""

from collections.abc import Iterator

import numpy as np

from repsense.errors import ForeignFileError
from repsense.importing.base import Format, Imported, Segment, Wish
from repsense.importing.signals import Signal, Signals, assemble
from repsense.importing.source import Source, stem_of
from repsense.importing.table import EMPTY, Table, read_table, tables
from repsense.importing.truth import runs
from repsense.samples import Wrist

_RATE_HZ = 50.0
_ARMS = {"right_arm": Wrist.RIGHT, "left_arm": Wrist.LEFT}
_LIMBS = (*_ARMS, "right_leg", "left_leg")


def _claims(source: Source) -> bool:
    return bool(_people(source))


def _people(source: Source) -> list[str]:
    return [
        name
        for name, columns in tables(source, ".csv")
        if {"right_arm_acc_x", "left_arm_acc_x"} & set(columns)
    ]


def _read(source: Source, wish: Wish) -> Iterator[Imported]:
    names = _people(source)
    if not names:
        raise ForeignFileError(
            f"{source.path} holds no table of WEAR ({source.glance()}): name a file like "
            f"raw/inertial/50hz/sbj_0.csv."
        )
    for number, name in enumerate(names, start=1):
        table = read_table(source, name)
        for limb in (wish.sensor,) if wish.sensor else tuple(_ARMS):
            yield _recording(table, stem_of(name), limb, wish)
        wish.progress(number / len(names))


def _recording(table: Table, name: str, limb: str, wish: Wish) -> Imported:
    axes = [f"{limb}_acc_{axis}" for axis in "xyz"]
    xyz = table.numbers(axes, holes=True)
    t_s = np.arange(len(table)) / _RATE_HZ
    made = assemble(Signals(where=table.where, accel=Signal(t_s=t_s, xyz=xyz)), wish)
    subject = table.texts("sbj_id")[0] if "sbj_id" in table.names else ""
    return made.imported(
        f"{name}_{limb}",
        "wear",
        segments=_segments(table, made.origin_s),
        complete="label" in table.names,
        subject=f"sbj_{subject}" if subject else name,
        position=limb.replace("_", " "),
        wrist=_ARMS.get(limb),
        remarks=("times from the data set's 50 Hz",),
    )


def _segments(table: Table, origin_s: float) -> tuple[Segment, ...]:
    if "label" not in table.names:
        return ()
    labels = ["" if each.lower() in EMPTY else each for each in table.texts("label")]
    times_s = np.arange(len(table)) / _RATE_HZ - origin_s
    return runs(labels, times_s.tolist())


FORMAT = Format(
    id="wear",
    title="WEAR (data set): sbj_N.csv or their folder",
    claims=_claims,
    read=_read,
    sensors=_LIMBS,
)
