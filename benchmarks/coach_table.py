"""One row for each of the ten exercises, of which the exercise is known and a set is due."""

from collections.abc import Iterable, Sequence

import numpy as np
from coach_reps import Pair
from coach_simulated import SimulatedSet
from recognition_trials import WORN, Trial, simulated_trials

from repsense.events import FormFlag
from repsense.exercises import load_catalogue

_HEAD = (
    "exercise",
    "sets counted exactly",
    "reps off, mean",
    "lift, s",
    "hold, s",
    "lower, s",
    "swing F1",
    "named after 3 reps",
    "named at the end",
)


def recognition_trials(sets_each: int) -> list[Trial]:
    """Return what is said of each exercise where the sensor's frame is known, not the exercise."""
    return [
        trial
        for name in load_catalogue()
        for seed in range(sets_each)
        for trial in simulated_trials(name, seed)
        if trial.way == WORN
    ]


def table(sets: Sequence[SimulatedSet], trials: Sequence[Trial]) -> str:
    """Return the table as Markdown."""
    lines = [_line(_HEAD), _line(["---"] * len(_HEAD))]
    for exercise in load_catalogue():
        done = [one for one in sets if one.exercise.id == exercise]
        named = [one for one in trials if one.name == exercise]
        lines.append(_line(_cells(exercise, done, named)))
    lines.append(_line(_cells("all ten", sets, trials)))
    return "\n".join(lines)


def _cells(exercise: str, sets: Sequence[SimulatedSet], trials: Sequence[Trial]) -> Iterable[str]:
    off = [abs(one.counted - len(one.pipeline)) for one in sets]
    pairs = [pair for one in sets for pair in one.pipeline if pair.said is not None]
    found = [one for one in trials if one.found]
    yield exercise if exercise == "all ten" else f"`{exercise}`"
    yield f"{sum(not one for one in off)} of {len(off)}"
    yield f"{np.mean(off):.1f}"
    yield from (f"{error_s:.2f}" for error_s in _errors_s(pairs))
    yield _f1(pairs)
    yield _share([one.early.exercise in one.right for one in found])
    yield _share([one.final.exercise in one.right for one in found])


def _errors_s(pairs: Sequence[Pair]) -> Sequence[float]:
    """Return the median errors of lift, hold and lowering."""
    errors_s = [
        np.abs(np.subtract((one.said.lift_s, one.said.hold_s, one.said.lower_s), true_s))
        for one in pairs
        if one.said is not None and (true_s := one.known.phases_s) is not None
    ]
    return [float(error_s) for error_s in np.median(errors_s, axis=0)]


def _f1(pairs: Sequence[Pair]) -> str:
    told = [
        (FormFlag.SWING in p.known.flags, FormFlag.SWING in p.said.flags) for p in pairs if p.said
    ]
    hits = sum(true and said for true, said in told)
    wrong = sum(true != said for true, said in told)
    return f"{2 * hits / (2 * hits + wrong):.2f}" if hits + wrong else "-"


def _share(right: Sequence[bool]) -> str:
    return f"{sum(right)} of {len(right)}"


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
