"""Two evaluations of the same recordings side by side: two configurations, or two versions."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from repsense.errors import LabelsError
from repsense.tuning.figures import CORRECTED, EVERY, Kind
from repsense.tuning.intervals import Draws, Figure
from repsense.tuning.scoring import FileScore
from repsense.tuning.summary import GROUPINGS


class Verdict(StrEnum):
    """What a difference comes to."""

    BETTER = "better"
    WORSE = "worse"
    SAME = "same"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One figure of both.

    Parameters
    ----------
    first, second
        Its values.
    change
        Second minus first, with its interval: both are drawn alike, so what a recording makes easy
        or hard for both is not in it.
    """

    kind: Kind
    first: float | None
    second: float | None
    change: Figure

    @property
    def verdict(self) -> Verdict:
        """Whether the second is better: only where the whole interval says so."""
        if self.change.value == 0.0:
            return Verdict.SAME
        low, high = self.change.low, self.change.high
        if low is None or high is None or low <= 0.0 <= high:
            return Verdict.UNCLEAR
        return Verdict.BETTER if (low > 0.0) is self.kind.more_is_better else Verdict.WORSE


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Two evaluations of some recordings: all differences that can be told."""

    name: str
    files: int
    people: int
    differences: tuple[Difference, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """A recording that the two do not count alike."""

    file: str
    reps_true: int
    first: int
    second: int


def compare(first: Sequence[FileScore], second: Sequence[FileScore]) -> list[Comparison]:
    """Return the differences overall, and by data set where there are several.

    Recordings that only one of the two has are left out.

    Raises
    ------
    LabelsError
        When they share no recording, or state different counts for one.
    """
    pairs = shared(first, second)
    groups = {"overall": pairs}
    by_dataset: dict[str, list[tuple[FileScore, FileScore]]] = {}
    for pair in pairs:
        by_dataset.setdefault(GROUPINGS["dataset"](pair[0]), []).append(pair)
    if len(by_dataset) > 1:
        groups |= {name: by_dataset[name] for name in sorted(by_dataset) if name}
    return [_comparison(name, some) for name, some in groups.items()]


def shared(
    first: Sequence[FileScore], second: Sequence[FileScore]
) -> list[tuple[FileScore, FileScore]]:
    """Return the recordings that both have, as pairs in the order of the first.

    Raises
    ------
    LabelsError
        As :func:`compare`.
    """
    others = {score.file: score for score in second}
    pairs = [(score, others[score.file]) for score in first if score.file in others]
    if not pairs:
        raise LabelsError(
            "The two evaluations have no recording in common: compare two of the same index."
        )
    for one, other in pairs:
        if (one.reps_true, one.reps_seen) != (other.reps_true, other.reps_seen):
            raise LabelsError(
                f"The two evaluations do not agree on what is true of {one.file}: {one.reps_true} "
                f"reps ({one.reps_seen} corrected) and {other.reps_true} ({other.reps_seen}). "
                f"Evaluate both with the same index and corrections."
            )
    return pairs


def changed(first: Sequence[FileScore], second: Sequence[FileScore]) -> list[Changed]:
    """Return the recordings that are counted differently, those that got worse first."""
    found = [
        Changed(file=one.file, reps_true=one.reps_seen, first=one.reps, second=other.reps)
        for one, other in shared(first, second)
        if one.reps != other.reps
    ]
    return sorted(found, key=lambda each: (_gain(each), each.file))


def _gain(each: Changed) -> int:
    return abs(each.first - each.reps_true) - abs(each.second - each.reps_true)


def _comparison(name: str, pairs: Sequence[tuple[FileScore, FileScore]]) -> Comparison:
    first, second = Draws([one for one, _ in pairs]), Draws([other for _, other in pairs])
    corrected = any(one.reps_seen != one.reps_true for one, _ in pairs)
    kinds = [kind for kind in EVERY if corrected or kind not in CORRECTED]
    return Comparison(
        name=name,
        files=len(pairs),
        people=first.people,
        differences=tuple(
            found for kind in kinds if (found := _difference(kind, first, second)) is not None
        ),
    )


def _difference(kind: Kind, first: Draws, second: Draws) -> Difference | None:
    with_a_part = first.part_in(kind) | second.part_in(kind)
    drawn = first.drawn(with_a_part)
    before, after = drawn.values(kind), second.drawn(with_a_part).values(kind)
    change = after - before
    if not np.isfinite(change[0]):
        return None
    low, high = drawn.interval(change[1:])
    return Difference(
        kind=kind,
        first=float(before[0]),
        second=float(after[0]),
        change=Figure(value=float(change[0]), low=low, high=high, over_people=drawn.over_people),
    )
