"""How far a figure can be trusted: 95 % intervals by bootstrap over people.

Recordings of one person are alike, so whole people are drawn with replacement, not recordings
[1]_. Where there is a single person the recordings are drawn, and the interval says so, because it
tells nothing of anybody else.

.. [1] A. C. Davison, D. V. Hinkley, "Bootstrap methods and their application", Cambridge University
   Press 1997, section 3.8 (hierarchical data)
"""

from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from repsense.samples import FloatArray
from repsense.tuning.figures import Kind, Share
from repsense.tuning.scoring import FileScore

IntArray = npt.NDArray[np.int64]

_DRAWS, _SEED = 1000, 20261
_TAILS_PCT = (2.5, 97.5)
# An interval rests on draws in which the figure exists: in nearly all of them, or there is none.
_DEFINED_LEAST = 0.95
# Numbers weighed at a time: bounds the memory that a quantile of very many values takes.
_CHUNK = 4_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One figure of some recordings.

    Parameters
    ----------
    value
        None where there is nothing to measure it on.
    low, high
        Its 95 % interval; None where there is none.
    over_people
        The interval is by people; otherwise by the recordings of a single one.
    """

    value: float | None
    low: float | None = None
    high: float | None = None
    over_people: bool = True


class Draws:
    """Recordings whose people are drawn anew a thousand times.

    For each figure those are drawn who have a part in it; where that is a single person, the
    recordings. The same recordings are drawn alike whatever was counted in them.

    Parameters
    ----------
    scores
        The recordings.
    """

    def __init__(self, scores: Sequence[FileScore]) -> None:
        self.scores = scores
        self._people = [person_of(score) for score in scores]

    @property
    def people(self) -> int:
        """How many people there are; all whom nobody names are one."""
        return len(set(self._people))

    def part_in(self, kind: Kind) -> set[int]:
        """Return the places of the recordings that have a part in a figure."""
        if isinstance(kind, Share):
            return {at for at, score in enumerate(self.scores) if kind.parts(score)[1] > 0.0}
        return {at for at, score in enumerate(self.scores) if kind.values(score)}

    def figure(self, kind: Kind) -> Figure:
        """Return a figure with its interval."""
        drawn = self.drawn(self.part_in(kind))
        found = drawn.values(kind)
        value = float(found[0]) if np.isfinite(found[0]) else None
        low, high = drawn.interval(found[1:]) if value is not None else (None, None)
        return Figure(value=value, low=low, high=high, over_people=drawn.over_people)

    def drawn(self, places: Set[int]) -> "Drawn":
        """Return some of the recordings, and how often each is in each draw."""
        chosen = sorted(places)
        people = [self._people[at] for at in chosen]
        over_people = len(set(people)) > 1
        keys = people if over_people else [self.scores[at].file for at in chosen]
        order = {key: place for place, key in enumerate(sorted(set(keys)))}
        return Drawn(
            scores=[self.scores[at] for at in chosen],
            place=np.array([order[key] for key in keys], dtype=np.int64),
            times=_times(max(len(order), 1)),
            over_people=over_people,
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Drawn:
    """Recordings, and how often each is in each draw.

    Parameters
    ----------
    scores
        The recordings.
    place
        Whose column of ``times`` each one is in.
    times
        How often each person (or recording) was drawn; the first row is all of them once, as they
        are.
    over_people
        It was people that were drawn.
    """

    scores: Sequence[FileScore]
    place: IntArray
    times: FloatArray
    over_people: bool

    def values(self, kind: Kind) -> FloatArray:
        """Return a figure of the recordings as they are, then of each draw; NaN for none."""
        return (
            self._share(kind) if isinstance(kind, Share) else self._quantile(kind.values, kind.at)
        )

    def interval(self, drawn: FloatArray) -> tuple[float | None, float | None]:
        """Return the middle 95 % of what was drawn; None where nothing can vary."""
        known = drawn[np.isfinite(drawn)]
        if self.times.shape[1] < 2 or known.size < _DEFINED_LEAST * drawn.size:
            return None, None
        low, high = np.percentile(known, _TAILS_PCT)
        return float(low), float(high)

    def _share(self, kind: Share) -> FloatArray:
        parts = np.zeros((self.times.shape[1], 2))
        for place, score in zip(self.place, self.scores, strict=True):
            parts[place] += kind.parts(score)
        above, below = (self.times @ parts).T
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray(np.where(below > 0.0, kind.scale * above / below, np.nan))

    def _quantile(
        self, values_of: Callable[[FileScore], tuple[float, ...]], at: float
    ) -> FloatArray:
        """Return the value up to which this share of all drawn values lies."""
        found = [values_of(score) for score in self.scores]
        values = np.array([value for some in found for value in some])
        if not values.size:
            return np.full(len(self.times), np.nan)
        place = np.repeat(self.place, [len(some) for some in found])
        order = np.argsort(values, kind="stable")
        values, place = values[order], place[order]
        rows = max(_CHUNK // values.size, 1)
        return np.concatenate(
            [
                _weighted_quantile(values, self.times[start : start + rows, place], at)
                for start in range(0, len(self.times), rows)
            ]
        )


@lru_cache(maxsize=64)
def _times(units: int) -> FloatArray:
    """Return how often each of so many is in each draw, after a first row of all of them once."""
    drawn = np.random.default_rng(_SEED).multinomial(units, np.full(units, 1 / units), _DRAWS)
    return np.vstack([np.ones(units), drawn]).astype(np.float64)


def person_of(score: FileScore) -> str:
    """Return who is in a recording: names are those of a data set, and nobody's is one's, too."""
    return f"{score.dataset}: {score.person}" if score.dataset else score.person


def _weighted_quantile(values: FloatArray, times: FloatArray, at: float) -> FloatArray:
    """Return the quantile of sorted values for each row of how often they were drawn.

    Between two values it is on the straight line, as ``numpy.percentile`` has it.
    """
    last = np.cumsum(times, axis=1)  # how many values up to and with this one
    wanted = at * (last[:, -1:] - 1.0)  # the place asked for, counted from 0
    below = np.argmax(last > np.floor(wanted), axis=1)
    above = np.argmax(last > np.ceil(wanted), axis=1)
    share = (wanted - np.floor(wanted))[:, 0]
    found = values[below] + share * (values[above] - values[below])
    return np.asarray(np.where(last[:, -1] > 0.0, found, np.nan))
