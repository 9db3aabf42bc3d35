"""What is measured of real recordings: lifts on purpose, a physiotherapist's patients, a gym."""

import csv
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from coach_live import live_rows
from coach_reps import Known, Pair, at_known_times, end_to_end, finished_sets
from engine_rows import Row

from repsense.events import FormFlag, Rep
from repsense.recording.format import read_recording
from repsense.recording.index import IndexRow, read_index
from repsense.samples import SampleBlock

FAST = frozenset({FormFlag.FAST_LIFT, FormFlag.FAST_LOWER})
PARTIAL = frozenset({FormFlag.PARTIAL})

# Recording sessions of lifts and the person of the clinic on which the settings were chosen.
TUNED_LIFTS = (
    "dC_s_w_20241121002653",
    "dC_s_w_20241121003027",
    "dC_p_f_20241120232712",
    "dC_p_f_20241120233114",
    "bP_s_w_20241124212210",
    "bP_p_f_20241124203644",
)
TUNED_PERSON = "s1"

_SWINGING, _CORRECT = "bad: swinging weight", "correct"
_SLOW_S = 4.0
# A file holds one lift: where the weight strays this far from where it ends, of 1.
_STRAYED = 0.15
_LIFT_BA, _FAST_BA, _PARTIAL_BA, _ALARM_PCT = 0.93, 0.95, 0.90, 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Lift:
    """One lift of one file.

    Parameters
    ----------
    session
        When it was recorded, and with which form on purpose.
    swung
        True where it was swung on purpose.
    said
        Flagged as a swing, over the whole active stretch of the file.
    found
        The same in the one rep that the armed pipeline found; None where it found none.
    """

    session: str
    swung: bool
    said: bool
    found: bool | None


def real_rows(folder: Path) -> list[Row]:
    """Return every row that needs the recordings."""
    if not (folder / "index.csv").exists():
        return []
    index = list(read_index(folder / "index.csv"))
    return [
        *_lift_rows(index),
        *_clinic_rows(folder, index),
        *_gym_rows(index),
        *live_rows(index),
    ]


def _lift_rows(index: Iterable[IndexRow]) -> list[Row]:
    lifts = [
        _lift(row)
        for row in index
        if row.dataset == "repmate_form" and row.form in (_SWINGING, _CORRECT)
    ]
    held = [one for one in lifts if one.session not in TUNED_LIFTS]
    tuned = [one for one in lifts if one.session in TUNED_LIFTS]
    found = [one for one in lifts if one.found is not None]
    rows = [
        _lift_row(
            "repmate_form, other sessions", [(one.swung, one.said) for one in held], _LIFT_BA
        ),
        _lift_row("repmate_form, sessions tuned on", [(one.swung, one.said) for one in tuned]),
        _lift_row("repmate_form, armed pipeline", [(one.swung, bool(one.found)) for one in found]),
    ]
    what, share = "lifts that it found, %", len(found) / len(lifts)
    return [*rows, Row(group=rows[-1].group, what=what, measured=100.0 * share, n=len(lifts))]


def _lift_row(group: str, told: Sequence[tuple[bool, bool]], promised: float | None = None) -> Row:
    what = "swinging against correct, balanced accuracy"
    return Row(group=group, what=what, measured=_balanced(told), promised=promised, n=len(told))


def _lift(row: IndexRow) -> Lift:
    block = read_recording(row.path).block
    found = [rep for one in finished_sets(block, armed=True) for rep in one.rep_details]
    whole = at_known_times(block, [_stretch(block)])
    return Lift(
        session=row.path.stem.rsplit("_", 1)[0],
        swung=row.form == _SWINGING,
        said=any(_swung(pair.said) for pair in whole if pair.said is not None),
        found=_swung(found[0]) if len(found) == 1 else None,
    )


def _swung(rep: Rep) -> bool:
    return FormFlag.SWING in rep.flags


def _stretch(block: SampleBlock) -> Known:
    """Return the part of a file in which the weight is away from where it ends."""
    strayed_g = np.sqrt(((block.accel_g - np.median(block.accel_g[-30:], axis=0)) ** 2).sum(axis=1))
    away = np.flatnonzero(strayed_g > _STRAYED * strayed_g.max())
    return Known(start_s=float(block.t_s[away[0]]), end_s=float(block.t_s[away[-1]]))


def _clinic_rows(folder: Path, index: Sequence[IndexRow]) -> list[Row]:
    known = _known_reps(folder / "pt_dumbbell" / "rep_times.csv")
    blocks = {row.file: read_recording(row.path).block for row in index if row.file in known}
    at_times = {file: at_known_times(blocks[file], reps) for file, reps in known.items()}
    found = {file: end_to_end(blocks[file], reps) for file, reps in known.items()}
    rows: list[Row] = []
    for group, by_file in (("known times", at_times), ("pipeline", found)):
        rows += _clinic_group(f"pt_dumbbell sessions, {group}", by_file)
    return [*rows, *_clinic_alone(index)]


def _known_reps(path: Path) -> dict[str, list[Known]]:
    reps: dict[str, list[Known]] = defaultdict(list)
    with path.open(encoding="utf-8", newline="") as file:
        for line in csv.DictReader(file):
            if line["source"] == "auto":
                start_s, end_s = float(line["start_s"]), float(line["end_s"])
                reps[line["file"]].append(Known(start_s=start_s, end_s=end_s, label=line["form"]))
    return {file: sorted(some, key=lambda one: one.start_s) for file, some in reps.items()}


def _clinic_group(group: str, by_file: dict[str, list[Pair]]) -> list[Row]:
    def pairs(*, tuned: bool | None = None) -> list[Pair]:
        return [
            pair
            for file, some in by_file.items()
            for pair in some
            if tuned is None or (f"/{TUNED_PERSON}_" in file) is tuned
        ]

    rows = [
        _clinic_row(group, "other people", "too_fast", FAST, pairs(tuned=False), promised=_FAST_BA),
        _clinic_row(group, "person tuned on", "too_fast", FAST, pairs(tuned=True)),
        _clinic_row(
            group,
            "other people",
            "low_amplitude",
            PARTIAL,
            pairs(tuned=False),
            promised=_PARTIAL_BA,
        ),
        _clinic_row(group, "person tuned on", "low_amplitude", PARTIAL, pairs(tuned=True)),
    ]
    correct = [pair.said for pair in pairs() if pair.said and pair.known.label == "correct"]
    return [*rows, _alarms(group, "correct reps flagged, %", correct)]


def _clinic_row(
    group: str,
    people: str,
    label: str,
    flags: frozenset[FormFlag],
    pairs: Sequence[Pair],
    *,
    promised: float | None = None,
) -> Row:
    told = [
        (pair.known.label == label, bool(flags & set(pair.said.flags)))
        for pair in pairs
        if pair.said is not None and pair.known.label in (label, "correct")
    ]
    what = f"{label} against correct, {people}, balanced accuracy"
    return Row(group=group, what=what, measured=_balanced(told), promised=promised, n=len(told))


def _clinic_alone(index: Iterable[IndexRow]) -> list[Row]:
    """Return how the single sets fare: there is no earlier set to compare with."""
    told: list[tuple[bool, bool]] = []
    for row in index:
        if row.dataset == "pt_dumbbell" and row.form in ("correct", "too_fast"):
            if "_wrist_" not in row.file:
                continue
            for one in finished_sets(read_recording(row.path).block):
                told += [
                    (row.form == "too_fast", bool(FAST & set(rep.flags))) for rep in one.rep_details
                ]
    what = "too_fast against correct, balanced accuracy"
    return [Row(group="pt_dumbbell, single sets", what=what, measured=_balanced(told), n=len(told))]


def _gym_rows(index: Iterable[IndexRow]) -> list[Row]:
    slow: list[Rep] = []
    rest: list[Rep] = []
    for row in index:
        if row.dataset == "applewatch_gym" and row.label_check != "suspect":
            for one in finished_sets(read_recording(row.path).block):
                reps = one.rep_details
                median_s = float(np.median([rep.end_s - rep.start_s for rep in reps]))
                (slow if median_s >= _SLOW_S else rest).extend(reps)
    return [
        _alarms("applewatch_gym", f"reps flagged, sets of {_SLOW_S:g} s a rep and more, %", slow),
        Row(
            group="applewatch_gym",
            what="reps flagged, quicker sets, %",
            measured=_flagged_pct(rest),
            comparison="<=",
            n=len(rest),
        ),
    ]


def _alarms(group: str, what: str, reps: Sequence[Rep]) -> Row:
    return Row(
        group=group,
        what=what,
        measured=_flagged_pct(reps),
        comparison="<=",
        promised=_ALARM_PCT,
        n=len(reps),
    )


def _flagged_pct(reps: Sequence[Rep]) -> float | None:
    return 100.0 * sum(bool(rep.flags) for rep in reps) / len(reps) if reps else None


def _balanced(told: Iterable[tuple[bool, bool]]) -> float | None:
    """Return the mean of the shares of true and of false ones that were told right."""
    pairs = list(told)
    shares = []
    for kind in (True, False):
        said = [said for true, said in pairs if true is kind]
        if not said:
            return None
        shares.append(sum(one is kind for one in said) / len(said))
    return float(np.mean(shares))
