"""Measure what calibrating on a person's first set does to the count and the faults of the others.

    python benchmarks/calibration.py [--recordings FOLDER] [--json]

The recordings are not part of the project (docs/recordings.md). Counts: of each exercise that
somebody did in several sets, the first is the measure, the others are counted with their exercise
chosen. Faults: three people did the same exercises correctly, too fast and with too short a way, on
purpose; the correct set is the measure. The rows with "only" look only for reps whose length is
that many times the measured one; that was tried, and left out of the engine.
"""

import argparse
import json
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass

from options import add_json, add_recordings, described, has_recordings

from repsense.calibration import Calibrated, Calibration
from repsense.events import Event, FormFlag, SetFinished
from repsense.pipeline.pipeline import Pipeline
from repsense.recording.format import read_recording
from repsense.recording.index import IndexRow, read_corrections, read_index
from repsense.samples import SampleBlock
from repsense.tuning.scoring import accuracy

_COUNTED = ("applewatch_gym", "metamotion_barbell", "muvr_pebble", "pt_dumbbell")
_FORMS = ("correct", "low_amplitude", "too_fast")
_ONLY = ((0.6, 1.7), (0.5, 2.0))
_FAST = {FormFlag.FAST_LIFT, FormFlag.FAST_LOWER}
# The exercise goes by a name that no catalogue has: what is measured is calibration alone.
_EXERCISE = "own_exercise"


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How right the counts of some sets are."""

    dataset: str
    how: str
    sets: int
    exact_pct: float
    within_one_pct: float
    mean_absolute_error: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Faults:
    """Which share of the reps of some sets is flagged, in the end."""

    form: str
    how: str
    reps: int
    partial_pct: float
    fast_pct: float


Pair = tuple[IndexRow, Sequence[IndexRow]]


def main() -> int:
    """Run the benchmark; 1 where calibrating makes a count worse, 2 without recordings."""
    options = _options()
    if not has_recordings(options.recordings):
        return 2
    rows = [
        row
        for row in read_index(options.recordings / "index.csv")
        if row.reps_true and row.label_check != "suspect"
    ]
    seen = read_corrections(options.recordings / "corrections.csv")
    true = {
        row.file: seen[row.file].reps_seen if row.file in seen else row.reps_true for row in rows
    }
    counts = [one for name in _COUNTED for one in _counts(name, _sets_of(rows, name), true)]
    faults = list(_faults(rows))
    if options.json:
        found = {"counts": counts, "faults": faults}
        print(json.dumps({key: [asdict(one) for one in ones] for key, ones in found.items()}))
    else:
        _print(counts, faults)
    worse = [
        a for a, b in zip(counts[0::4], counts[1::4], strict=True) if b.exact_pct < a.exact_pct
    ]
    return 1 if worse else 0


def _options() -> argparse.Namespace:
    parser = described(__doc__)
    add_recordings(parser)
    add_json(parser)
    return parser.parse_args()


def _sets_of(rows: Iterable[IndexRow], dataset: str) -> list[Pair]:
    """Return the first set of each exercise somebody did several times, and the others."""
    groups: dict[tuple[str, str], list[IndexRow]] = defaultdict(list)
    for row in rows:
        if row.dataset == dataset and "above_elbow" not in row.file:
            groups[row.subject, row.exercise].append(row)
    ordered = [sorted(group, key=_when) for group in groups.values() if len(group) > 1]
    return [(group[0], group[1:]) for group in ordered]


def _when(row: IndexRow) -> tuple[str, ...]:
    """Return the order in which sets were done; of the clinic's, the correct one is first."""
    if row.dataset == "applewatch_gym":
        date, *_, clock = row.path.stem.split("_")
        return date[4:], date[2:4], date[:2], clock
    return "" if row.form == "correct" else "later", row.file


def _counts(dataset: str, sets: Sequence[Pair], true: dict[str, int | None]) -> Iterator[Counts]:
    pairs: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for first, others in sets:
        measure = _measure(first)
        if measure is None:
            continue
        ways: dict[str, Callable[[Pipeline], None]] = {
            "without": lambda _: None,
            "calibrated": lambda engine, measure=measure: engine.know([measure]),
        }
        for only in _ONLY:
            name = f"only {only[0]:g} to {only[1]:g} times"
            ways[name] = lambda engine, only=only, measure=measure: _narrow(engine, measure, only)
        for row in others:
            block = read_recording(row.path).block
            for how, prepare in ways.items():
                pairs[how].append((_reps(_events(block, prepare)), true[row.file] or 0))
    for how, compared in pairs.items():
        right = accuracy(compared)
        assert right is not None
        yield Counts(dataset=dataset, how=how, sets=len(compared), **asdict(right))


def _narrow(engine: Pipeline, measure: Calibration, only: tuple[float, float]) -> None:
    engine.know([measure])
    lengths_s = only[0] * measure.rep_s, only[1] * measure.rep_s
    engine._tracker.arm(armed=True, rep_s=lengths_s)  # what the engine itself leaves alone


def _faults(rows: Sequence[IndexRow]) -> Iterator[Faults]:
    reps: dict[tuple[str, str], list[tuple[bool, bool]]] = defaultdict(list)
    by_exercise: dict[tuple[str, str], dict[str, IndexRow]] = defaultdict(dict)
    for row in rows:
        if row.dataset == "pt_dumbbell" and "right_wrist" in row.file and row.form in _FORMS:
            by_exercise[row.subject, row.exercise][row.form] = row
    sets = [
        (f"clinic, {form.replace('_', ' ')}", forms["correct"], forms[form])
        for forms in by_exercise.values()
        for form in _FORMS
    ]
    sets += [
        ("gym, later sets", first, row)
        for first, others in _sets_of(rows, "applewatch_gym")
        for row in others
    ]
    measures: dict[str, Calibration | None] = {}
    for form, first, row in sets:
        if first.file not in measures:
            measures[first.file] = _measure(first)
        measure = measures[first.file]
        if measure is None:
            continue
        block = read_recording(row.path).block
        for how, known in (("without", ()), ("calibrated", (measure,))):
            events = _events(block, lambda engine, known=known: engine.know(known))
            reps[form, how] += [
                (FormFlag.PARTIAL in rep.flags, bool(_FAST & set(rep.flags)))
                for event in events
                if isinstance(event, SetFinished)
                for rep in event.rep_details
            ]
    for (form, how), flags in reps.items():
        shares = (100.0 * sum(each) / len(flags) for each in zip(*flags, strict=True))
        partial_pct, fast_pct = shares
        yield Faults(
            form=form, how=how, reps=len(flags), partial_pct=partial_pct, fast_pct=fast_pct
        )


def _measure(row: IndexRow) -> Calibration | None:
    """Return what a set says of its person; None where it has too few clean reps."""
    events = _events(read_recording(row.path).block, Pipeline.calibrate)
    found = [event.calibration for event in events if isinstance(event, Calibrated)]
    return found[0] if found else None


def _events(block: SampleBlock, prepare: Callable[[Pipeline], None]) -> list[Event]:
    engine = Pipeline(exercise=_EXERCISE)
    prepare(engine)
    return [*(event for part in block.cut(4096) for event in engine.push(part)), *engine.flush()]


def _reps(events: Iterable[Event]) -> int:
    return sum(event.reps for event in events if isinstance(event, SetFinished))


def _print(counts: Sequence[Counts], faults: Sequence[Faults]) -> None:
    print(f"{'data set':20} {'how':22} {'sets':>4} {'exact %':>8} {'within 1 %':>11} {'MAE':>5}")
    for one in counts:
        print(
            f"{one.dataset:20} {one.how:22} {one.sets:4} {one.exact_pct:8.1f} "
            f"{one.within_one_pct:11.1f} {one.mean_absolute_error:5.2f}"
        )
    print(f"\n{'sets':24} {'how':12} {'reps':>4} {'partial %':>10} {'fast %':>7}")
    for two in faults:
        print(
            f"{two.form:24} {two.how:12} {two.reps:4} {two.partial_pct:10.1f} {two.fast_pct:7.1f}"
        )


if __name__ == "__main__":
    sys.exit(main())
