"""Recordings summed up: every figure with its interval, by data set, exercise and person."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from repsense.tuning.figures import EVERY, Kind
from repsense.tuning.intervals import Draws, Figure, person_of
from repsense.tuning.scoring import FileScore

#: What recordings are grouped by, and how each group is called.
GROUPINGS: Mapping[str, Callable[[FileScore], str]] = {
    "dataset": lambda score: score.dataset,
    "exercise": lambda score: score.exercise,
    "person": lambda score: person_of(score) if score.person else "",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """A group of recordings.

    Parameters
    ----------
    files, people
        How many of both; one unknown person for all whom the index does not name.
    figures
        By :attr:`~repsense.tuning.figures.Share.name`.
    """

    name: str
    files: int
    people: int
    figures: Mapping[str, Figure]

    def __getitem__(self, kind: Kind) -> Figure:
        return self.figures[kind.name]


def summary(name: str, scores: Sequence[FileScore]) -> Summary:
    """Return a group of recordings summed up."""
    draws = Draws(scores)
    return Summary(
        name=name,
        files=len(scores),
        people=draws.people,
        figures={kind.name: draws.figure(kind) for kind in EVERY},
    )


def summaries_by(key: Callable[[FileScore], str], scores: Iterable[FileScore]) -> list[Summary]:
    """Return a summary for each value of ``key``, in alphabetical order, but for an empty one."""
    groups: dict[str, list[FileScore]] = {}
    for score in scores:
        groups.setdefault(key(score), []).append(score)
    return [summary(name, groups[name]) for name in sorted(groups) if name]


def overall(scores: Sequence[FileScore]) -> list[Summary]:
    """Return all recordings summed up: those with reps, those with nothing to count, and both."""
    with_reps = [score for score in scores if score.reps_true]
    without = [score for score in scores if not score.reps_true]
    parts = [("with reps", with_reps), ("nothing to count", without)]
    return [*(summary(name, some) for name, some in parts if some), summary("overall", scores)]


def intervals_dict(group: Summary) -> dict[str, list[float | None]]:
    """Return the intervals for JSON: low and high by figure."""
    return {
        name: [figure.low, figure.high]
        for name, figure in group.figures.items()
        if figure.low is not None
    }


def of_one_person(group: Summary) -> list[str]:
    """Return the figures whose interval is over the recordings of a single person."""
    return [
        name
        for name, figure in group.figures.items()
        if figure.low is not None and not figure.over_people
    ]
