"""The promises about recognition, what was measured for each, and whether to trust it."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from recognition_trials import BLIND, FREE, WORN, Trial

from repsense.exercises import load_catalogue
from repsense.exercises.recognition import UNKNOWN
from repsense.pipeline.exercise import Guess
from repsense.tuning.recognition_sets import HELD_OUT, INVENTED

_BINS = ((0.0, 0.5), (0.5, 0.7), (0.7, 0.9), (0.9, 0.97), (0.97, 1.001))
_EARLY, _FINAL = "after 3 reps", "at the end"
_SAID: dict[str, Callable[[Trial], Guess]] = {
    _EARLY: lambda one: one.early,
    _FINAL: lambda one: one.final,
}
_PROMISED = {_EARLY: 0.90, _FINAL: 0.95}
_UNKNOWN_PROMISED = 0.8


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One figure: the share of sets of which the right thing was said."""

    group: str
    what: str
    measured: float
    n: int
    promised: float | None = None

    @property
    def kept(self) -> bool | None:
        """Whether the promise is kept; None where there is none."""
        return None if self.promised is None else round(self.measured, 3) >= self.promised


@dataclass(frozen=True, slots=True, kw_only=True)
class Reliability:
    """Guesses of about the same confidence, and how many of them were right."""

    way: str
    when: str
    n: int
    confidence: float
    right: float


def all_rows(simulated: Sequence[Trial], real: Sequence[Trial]) -> list[Row]:
    """Return every figure."""
    return [*_simulated_rows(simulated), *_exercise_rows(simulated), *_real_rows(real)]


def confusion(trials: Iterable[Trial], way: str) -> dict[str, dict[str, int]]:
    """Return how often each thing was said at the end of sets of each thing."""
    table: dict[str, Counter[str]] = {}
    for one in trials:
        if one.way == way and one.found:
            table.setdefault(one.name, Counter())[one.final.exercise] += 1
    return {name: dict(said) for name, said in table.items()}


def reliability(trials: Sequence[Trial], *, real: bool = False) -> list[Reliability]:
    """Return confidence against truth, for the ten and for all other movements alike."""
    rows = []
    for way in (WORN, FREE) if real else (WORN, FREE, BLIND):
        for when, said in _SAID.items():
            guesses = [
                (said(one).confidence, said(one).exercise in one.right)
                for one in trials
                if one.way == way and one.found and said(one).confidence > 0.0
            ]
            for low, high in _BINS:
                inside = [pair for pair in guesses if low <= pair[0] < high]
                if inside:
                    rows.append(
                        Reliability(
                            way=f"real, {way}" if real else way,
                            when=when,
                            n=len(inside),
                            confidence=float(np.mean([pair[0] for pair in inside])),
                            right=float(np.mean([pair[1] for pair in inside])),
                        )
                    )
    return rows


def calibration_error(rows: Sequence[Reliability]) -> float:
    """Return the mean distance of confidence and truth, each group by its size."""
    total = sum(row.n for row in rows)
    if total == 0:
        return float("nan")
    return sum(row.n * abs(row.confidence - row.right) for row in rows) / total


def _simulated_rows(trials: Sequence[Trial]) -> list[Row]:
    rows = []
    for way in dict.fromkeys(one.way for one in trials):
        ten = [one for one in trials if one.way == way and one.name in load_catalogue()]
        promised = _PROMISED if way == WORN else {}
        group = f"simulator, {way}"
        if "true reps" not in way:
            rows.append(
                Row(group=group, what="sets found", measured=_share(ten, _found), n=len(ten))
            )
        rows += [_row(group, f"the ten, {when}", ten, when, promised.get(when)) for when in _SAID]
        for what, names in (("curls", HELD_OUT[:2]), ("squats", HELD_OUT[2:])):
            others = [one for one in trials if one.way == way and one.name in names]
            floor = _UNKNOWN_PROMISED if way == WORN else None
            rows.append(_row(group, f"unknown for {what}, {_FINAL}", others, _FINAL, floor))
        invented = [one for one in trials if one.way == way and one.name == INVENTED]
        rows.append(_row(group, f"unknown for invented movements, {_FINAL}", invented, _FINAL))
    return rows


def _exercise_rows(trials: Sequence[Trial]) -> list[Row]:
    rows = []
    for name in load_catalogue():
        for way in (WORN, f"{WORN}, true reps"):
            done = [one for one in trials if one.way == way and one.name == name]
            if any(one.found for one in done):
                rows += [_row(f"simulator, {way}: {name}", when, done, when) for when in _SAID]
    return rows


def _real_rows(trials: Sequence[Trial]) -> list[Row]:
    rows = []
    for way in (FREE, WORN):
        mine = [one for one in trials if one.way == way]
        mapped = [one for one in mine if one.right != {UNKNOWN}]
        others = [one for one in mine if one.right == {UNKNOWN}]
        if not mine:
            continue
        group = f"real, {way}"
        rows.append(Row(group=group, what="sets found", measured=_share(mine, _found), n=len(mine)))
        rows += [_row(group, f"one of the ten, {when}", mapped, when) for when in _SAID]
        rows.append(_row(group, "unknown for all others", others, _FINAL))
        for name in sorted({one.name for one in mapped}) + sorted({one.name for one in others}):
            done = [one for one in mine if one.name == name and one.found]
            said = Counter(one.final.exercise for one in done).most_common(3)
            words = ", ".join(f"{what} {times}" for what, times in said)
            if done:
                rows.append(_row(f"{group}: {name}", words, done, _FINAL))
    return rows


def _row(
    group: str, what: str, trials: Sequence[Trial], when: str, promised: float | None = None
) -> Row:
    """Return the share of found sets of which the right thing was said."""
    found = [one for one in trials if one.found]
    said = _SAID[when]
    share = _share(found, lambda one: said(one).exercise in one.right)
    return Row(group=group, what=what, measured=share, n=len(found), promised=promised)


def _share(trials: Sequence[Trial], test: Callable[[Trial], bool]) -> float:
    return float(np.mean([test(one) for one in trials])) if trials else float("nan")


def _found(one: Trial) -> bool:
    return one.found
