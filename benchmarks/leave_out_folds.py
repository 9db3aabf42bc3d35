"""What settings chosen without a person, an exercise or a data set count with those left out."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

import numpy as np
import numpy.typing as npt
from leave_out_trials import Counted

from repsense.tuning.people import Example
from repsense.tuning.scoring import Accuracy, accuracy

Floats = npt.NDArray[np.float64]

#: How recordings are left out together.
KINDS: Mapping[str, Callable[[Example], str]] = {
    "person": lambda one: f"{one.row.dataset}: {one.person}",
    "exercise": lambda one: one.row.exercise,
    "data set": lambda one: one.row.dataset,
}

_SECONDS_AN_HOUR = 3600.0
_BEST_SHARE = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """How some recordings were counted.

    Parameters
    ----------
    counts
        Of those with reps; None where there are none.
    false_per_h
        Reps counted an hour in those without; None where there are none.
    """

    counts: Accuracy | None
    false_per_h: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """The same recordings with three settings.

    Parameters
    ----------
    default
        The settings as they are.
    left_out
        Those chosen without these recordings.
    seen
        Those chosen on everything, these recordings among it.
    """

    default: Figures
    left_out: Figures
    seen: Figures


@dataclass(frozen=True, slots=True, kw_only=True)
class Fold:
    """Somebody, or something, left out.

    Parameters
    ----------
    files
        Recordings with reps, and without.
    chosen
        The setting that is best on all others.
    """

    name: str
    files: tuple[int, int]
    chosen: int
    figures: Columns


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """What the best tenth of the settings have in common in one value.

    Parameters
    ----------
    best
        The value in the best of all.
    low, median, high
        In the best tenth: the 10th, 50th and 90th percentile.
    pull
        How far their mean is from that of all draws, in standard errors: from 3 on it is hardly
        chance.
    """

    key: str
    default: float
    best: float
    low: float
    median: float
    high: float
    pull: float


class Table:
    """Every setting's count of every recording.

    Parameters
    ----------
    examples
        The recordings.
    counted
        The settings; the first is the one that stands.
    """

    def __init__(self, examples: Sequence[Example], counted: Sequence[Counted]) -> None:
        self.examples = tuple(examples)
        self.counted = tuple(counted)
        self._reps = np.array([[one.reps[ex.digest] for ex in examples] for one in counted])
        true = np.array([one.reps for one in examples])
        self._credit = 1.0 / (1.0 + np.abs(self._reps - true))

    def worth(self, left_out: npt.NDArray[np.bool_] | None = None) -> Floats:
        """Return what each setting is worth, as in tuning, on all but those left out.

        A recording is worth 1 / (1 + reps it is off by); everybody's mean weighs the same.
        """
        out = np.zeros(len(self.examples), dtype=bool) if left_out is None else left_out
        people: dict[str, list[int]] = {}
        for place, one in enumerate(self.examples):
            if not out[place]:
                people.setdefault(KINDS["person"](one), []).append(place)
        return np.mean([self._credit[:, some].mean(axis=1) for some in people.values()], axis=0)

    def best(self, left_out: npt.NDArray[np.bool_] | None = None) -> int:
        """Return the setting that is best on all but those left out; of equals the first."""
        return int(np.argmax(self.worth(left_out)))

    def folds(self, kind: str) -> list[Fold]:
        """Return a fold for each person, exercise or data set."""
        names = np.array([KINDS[kind](one) for one in self.examples])
        seen = self.best()
        found = []
        for name in dict.fromkeys(names):
            out = names == name
            if not out.all():
                found.append(self._fold(str(name), out, seen))
        return found

    def together(self, folds: Sequence[Fold], kind: str) -> Columns:
        """Return the figures of all left-out recordings, each counted as it is in its fold."""
        places: dict[str, list[int]] = {}
        for at, one in enumerate(self.examples):
            places.setdefault(KINDS[kind](one), []).append(at)
        seen = self.best()
        return Columns(
            default=self.figures([(0, places[one.name]) for one in folds]),
            left_out=self.figures([(one.chosen, places[one.name]) for one in folds]),
            seen=self.figures([(seen, places[one.name]) for one in folds]),
        )

    def figures(self, parts: Iterable[tuple[int, Sequence[int]]]) -> Figures:
        """Return how recordings are counted: parts of them, each with a setting."""
        pairs = [
            (int(self._reps[setting, at]), self.examples[at])
            for setting, places in parts
            for at in places
        ]
        idle = [(reps, one.recording.duration_s) for reps, one in pairs if not one.reps]
        idle_s = sum(lasted_s for _, lasted_s in idle)
        false_reps = sum(reps for reps, _ in idle)
        return Figures(
            counts=accuracy((reps, one.reps) for reps, one in pairs if one.reps),
            false_per_h=_SECONDS_AN_HOUR * false_reps / idle_s if idle_s else None,
        )

    def shared(self) -> list[Shared]:
        """Return what the best tenth of the settings have in common, most telling first."""
        order = np.argsort(-self.worth(), kind="stable")
        best = order[: max(round(_BEST_SHARE * len(order)), 2)]
        found = []
        for key, default in self.counted[0].values.items():
            values = np.array([one.values[key] for one in self.counted])
            low, middle, high = np.percentile(values[best], [10, 50, 90])
            spread = float(np.std(values)) / math.sqrt(len(best))
            found.append(
                Shared(
                    key=key,
                    default=default,
                    best=float(values[order[0]]),
                    low=float(low),
                    median=float(middle),
                    high=float(high),
                    pull=float(values[best].mean() - values.mean()) / spread if spread else 0.0,
                )
            )
        return sorted(found, key=lambda one: -abs(one.pull))

    def _fold(self, name: str, out: npt.NDArray[np.bool_], seen: int) -> Fold:
        places = [int(at) for at in np.flatnonzero(out)]
        moving = sum(self.examples[at].reps > 0 for at in places)
        chosen = self.best(out)
        return Fold(
            name=name,
            files=(moving, len(places) - moving),
            chosen=chosen,
            figures=Columns(
                default=self.figures([(0, places)]),
                left_out=self.figures([(chosen, places)]),
                seen=self.figures([(seen, places)]),
            ),
        )


def mean_of(folds: Sequence[Fold]) -> Columns:
    """Return the figures with every fold weighing the same."""
    return Columns(
        default=_mean([one.figures.default for one in folds]),
        left_out=_mean([one.figures.left_out for one in folds]),
        seen=_mean([one.figures.seen for one in folds]),
    )


def _mean(figures: Sequence[Figures]) -> Figures:
    counts = [one.counts for one in figures if one.counts is not None]
    false_per_h = [one.false_per_h for one in figures if one.false_per_h is not None]
    return Figures(
        counts=Accuracy(
            exact_pct=fmean(one.exact_pct for one in counts),
            within_one_pct=fmean(one.within_one_pct for one in counts),
            mean_absolute_error=fmean(one.mean_absolute_error for one in counts),
        )
        if counts
        else None,
        false_per_h=fmean(false_per_h) if false_per_h else None,
    )
