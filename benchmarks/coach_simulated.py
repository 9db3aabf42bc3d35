"""What is measured of simulated sets: phases, holds, swings, of people nothing was trained on."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from coach_reps import Known, Pair, at_known_times, counted, finished_sets, paired
from engine_rows import Row

from repsense.events import FormFlag
from repsense.exercises import Exercise, load_catalogue
from repsense.simulator import Simulated, simulate_set
from repsense.tuning.strokes import random_sensor, random_style

# Far from the seeds of the training.
_FIRST_SEED = 50_000_000
_REPS = 8
_PHASE_S, _HOLD_S, _SWING_F1 = 0.15, 0.2, 0.95
_ROUND: tuple[tuple[FormFlag, ...], ...] = (
    (),
    (FormFlag.SWING,),
    (),
    (FormFlag.SWING,),
    (FormFlag.FAST_LIFT,),
    (FormFlag.SWING,),
    (FormFlag.FAST_LOWER,),
    (FormFlag.BOUNCE,),
    (FormFlag.NO_HOLD,),
    (FormFlag.PARTIAL,),
)
_COUNTED = (
    FormFlag.FAST_LIFT,
    FormFlag.FAST_LOWER,
    FormFlag.NO_HOLD,
    FormFlag.PARTIAL,
    FormFlag.BOUNCE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedSet:
    """One set, seen in three ways: at its true times, by the pipeline, exercise not known.

    Parameters
    ----------
    counted
        How many reps the pipeline counted.
    """

    exercise: Exercise
    true_times: list[Pair]
    unknown: list[Pair]
    pipeline: list[Pair]
    counted: int


def simulated_sets(sets_each: int) -> Iterator[SimulatedSet]:
    """Yield sets of all ten exercises by random people."""
    for place, exercise in enumerate(load_catalogue().values()):
        for number in range(sets_each):
            yield _seen(exercise, _FIRST_SEED + 1000 * place + number, number)


def _seen(exercise: Exercise, seed: int, number: int) -> SimulatedSet:
    rng = np.random.default_rng(seed)
    share = 1.0 if number % len(_ROUND) == 1 else 0.4
    faults = _ROUND[number % len(_ROUND)]
    style = random_style(exercise, rng, faults=faults, share=share)
    made = simulate_set(exercise.id, reps=_REPS, seed=seed, style=style, sensor=random_sensor(rng))
    reps = _known(made)
    sets = finished_sets(made.block, armed=True, exercise=exercise.id)
    return SimulatedSet(
        exercise=exercise,
        true_times=at_known_times(made.block, reps, exercise.id),
        unknown=at_known_times(made.block, reps),
        pipeline=paired(reps, sets),
        counted=counted(reps, sets),
    )


def _known(made: Simulated) -> list[Known]:
    return [
        Known(
            start_s=rep.start_s,
            end_s=rep.end_s,
            flags=frozenset(rep.flags),
            phases_s=(rep.lift_s or 0.0, rep.hold_s or 0.0, rep.lower_s or 0.0),
        )
        for rep in made.labels.sets[0].reps
    ]


def simulated_rows(sets: Sequence[SimulatedSet]) -> list[Row]:
    """Return the promises, then the same by exercise."""
    rows: list[Row] = []
    for group, pairs in (
        ("simulator, true times", [pair for one in sets for pair in one.true_times]),
        ("simulator, pipeline armed", [pair for one in sets for pair in one.pipeline]),
    ):
        rows += _phase_rows(group, pairs, promised=True)
        rows.append(_f1_row(group, FormFlag.SWING, pairs, _SWING_F1))
        rows += [_f1_row(group, flag, pairs) for flag in _COUNTED]
        rows.append(_alarm_row(group, pairs))
    unknown = [pair for one in sets for pair in one.unknown]
    rows += _phase_rows("simulator, exercise not known", unknown, promised=False)
    rows.append(_f1_row("simulator, exercise not known", FormFlag.SWING, unknown))
    for exercise in load_catalogue().values():
        pairs = [pair for one in sets if one.exercise is exercise for pair in one.true_times]
        rows += _phase_rows(f"simulator: {exercise.id}", pairs, promised=False)
        rows.append(_f1_row(f"simulator: {exercise.id}", FormFlag.SWING, pairs))
    return rows


def _phase_rows(group: str, pairs: Sequence[Pair], *, promised: bool) -> list[Row]:
    errors_s = np.array(
        [
            np.abs(np.subtract((pair.said.lift_s, pair.said.hold_s, pair.said.lower_s), true_s))
            for pair in pairs
            if pair.said is not None and (true_s := pair.known.phases_s) is not None
        ]
    )
    if errors_s.size == 0:
        return []
    median_s = np.median(errors_s, axis=0)
    names = (("lift", _PHASE_S), ("hold", _HOLD_S), ("lower", _PHASE_S))
    return [
        Row(
            group=group,
            what=f"{name}, median error, s",
            measured=float(error_s),
            comparison="<=",
            promised=limit_s if promised else None,
            n=len(errors_s),
        )
        for (name, limit_s), error_s in zip(names, median_s, strict=True)
    ]


def _f1_row(
    group: str, flag: FormFlag, pairs: Sequence[Pair], promised: float | None = None
) -> Row:
    told = [(flag in one.known.flags, flag in one.said.flags) for one in pairs if one.said]
    hits = sum(true and said for true, said in told)
    wrong = sum(true != said for true, said in told)
    return Row(
        group=group,
        what=f"{flag}, F1",
        measured=2.0 * hits / (2.0 * hits + wrong) if hits + wrong else None,
        promised=promised,
        n=len(told),
    )


def _alarm_row(group: str, pairs: Sequence[Pair]) -> Row:
    clean = [pair.said for pair in pairs if pair.said is not None and not pair.known.flags]
    flagged = sum(bool(rep.flags) for rep in clean)
    return Row(
        group=group,
        what="clean reps flagged, %",
        measured=100.0 * flagged / len(clean) if clean else None,
        comparison="<=",
        n=len(clean),
    )
