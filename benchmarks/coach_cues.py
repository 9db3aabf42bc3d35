"""What the coach says while simulated sets go on, of people nothing was trained on.

The end of a set judges every rep by all of it. Cues cannot wait for that: what they say is what a
person hears, so it is measured apart, in sets that stream in as they would from a band. A cue is
right where a rep of the set has that fault; a swing and a fast lift go for one another, since the
simulator throws by lifting fast.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from engine_rows import Row

from repsense.events import Event, FormCue, FormFlag, RepFinished
from repsense.exercises import Exercise, load_catalogue
from repsense.pipeline.pipeline import Pipeline
from repsense.simulator import simulate_set
from repsense.tuning.strokes import random_sensor, random_style

# Far from the seeds of the training, and from those of coach_simulated.
_FIRST_SEED = 70_000_000
_REPS = 8
_PACKET_SAMPLES = 25

# A set's reps, and what is said of them until so long after the last, s.
_BEFORE_S, _AFTER_S = 1.0, 6.0

# The share of thrown reps is whole in one set and like the others' in another.
_ROUND: tuple[tuple[FormFlag | None, float], ...] = (
    *((None, 0.0), (FormFlag.SWING, 1.0), (None, 0.0), (FormFlag.SWING, 0.4)),
    *((FormFlag.FAST_LIFT, 0.4), (None, 0.0), (FormFlag.FAST_LOWER, 0.4)),
    *((FormFlag.BOUNCE, 0.4), (FormFlag.NO_HOLD, 0.4), (FormFlag.PARTIAL, 0.4)),
)
_ALIKE = {FormFlag.FAST_LIFT: FormFlag.SWING}


@dataclass(frozen=True, slots=True)
class _Heard:
    """A set: the faults it has, those the coach spoke of, and its reps with those flagged live."""

    true: frozenset[FormFlag]
    cued: frozenset[FormFlag]
    reps: int
    flagged: int


def cue_rows(sets_each: int) -> list[Row]:
    """Return how often the coach is right and wrong, where the exercise is known and where not."""
    rows: list[Row] = []
    for known in (True, False):
        group = f"simulator, cues, exercise {'' if known else 'not '}known"
        heard = [
            _heard(exercise, 1000 * place + number, number, known=known)
            for place, exercise in enumerate(load_catalogue().values())
            for number in range(sets_each)
        ]
        rows += _rows(group, heard)
    return rows


def _heard(exercise: Exercise, seed: int, number: int, *, known: bool) -> _Heard:
    rng = np.random.default_rng(_FIRST_SEED + seed)
    fault, share = _ROUND[number % len(_ROUND)]
    if fault is FormFlag.NO_HOLD and exercise.cue_for(fault) is None:
        fault = None
    faults = () if fault is None else (fault,)
    style = random_style(exercise, rng, faults=faults, share=share)
    made = simulate_set(
        exercise.id, reps=_REPS, seed=_FIRST_SEED + seed, style=style, sensor=random_sensor(rng)
    )
    reps = made.labels.sets[0].reps
    first_s, last_s = reps[0].start_s - _BEFORE_S, reps[-1].end_s + _AFTER_S
    pipeline = Pipeline(exercise=exercise.id if known else None)
    said = [event for piece in made.block.cut(_PACKET_SAMPLES) for event in pipeline.push(piece)]
    during = [event for event in said if first_s <= event.announced_s <= last_s]
    counted = [one for one in during if isinstance(one, RepFinished) and not one.provisional]
    return _Heard(
        true=_alike(flag for rep in reps for flag in rep.flags),
        cued=_alike(_spoken(during)),
        reps=len(counted),
        flagged=sum(bool(one.measured.flags) for one in counted),
    )


def _spoken(events: Sequence[Event]) -> Iterator[FormFlag]:
    names = {flag.value: flag for flag in FormFlag}
    return (names[one.cue] for one in events if isinstance(one, FormCue) and one.cue in names)


def _alike(flags: Iterable[FormFlag]) -> frozenset[FormFlag]:
    return frozenset(_ALIKE.get(flag, flag) for flag in flags)


def _rows(group: str, heard: Sequence[_Heard]) -> Iterator[Row]:
    clean = [one for one in heard if not one.true]
    faulty = [one for one in heard if one.true]
    false = sum(bool(one.cued) for one in clean)
    right = sum(bool(one.cued & one.true) for one in faulty)
    wrong = sum(bool(one.cued - one.true) for one in faulty)
    flagged, reps = sum(one.flagged for one in clean), sum(one.reps for one in clean)
    for what, part, whole in (
        ("clean reps flagged live, %", flagged, reps),
        ("clean sets with a false cue, %", false, len(clean)),
        ("faulty sets with a right cue, %", right, len(faulty)),
        ("faulty sets with a wrong cue, %", wrong, len(faulty)),
    ):
        measured = 100.0 * part / whole if whole else None
        yield Row(group=group, what=what, measured=measured, n=whole)
