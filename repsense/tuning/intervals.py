"""How far a figure can be trusted: 95 % intervals by bootstrap over people.

Recordings of one person are alike, so whole people are drawn with replacement, not recordings
[1]_. Where there is a single person the recordings are drawn, and the interval says so, because it
tells nothing of anybody else.

.. [1] A. C. Davison, D. V. Hinkley, "Bootstrap methods and their application", Cambridge University
   Press 1997, section 3.8 (hierarchical data)
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from repsense.samples import FloatArray
from repsense.tuning.figures import Kind, Share
from repsense.tuning.scoring import FileScore

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
    """People, or one person's recordings, drawn anew a thousand times; equal scores draw alike.

    Parameters
    ----------
    scores
        The recordings.
    """

    def __init__(self, scores: Sequence[FileScore]) -> None:
        self._scores = scores
        people = [person_of(score) for score in scores]
        self.people = len(set(people))
        self.over_people = self.people > 1
        keys = people if self.over_people else [score.file for score in scores]
        order = {key: place for place, key in enumerate(sorted(set(keys)))}
        self._place = np.array([order[key] for key in keys], dtype=np.int64)
        units = max(len(order), 1)
        # The first row is the recordings as they are.
        drawn = np.random.default_rng(_SEED).multinomial(units, np.full(units, 1 / units), _DRAWS)
        self._times = np.vstack([np.ones(units), drawn]).astype(np.float64)
        self._varies = len(order) > 1

    def figure(self, kind: Kind) -> Figure:
        """Return a figure with its interval."""
        found = self.values(kind)
        value = _known(found[0])
        low, high = self.interval(found[1:]) if value is not None else (None, None)
        return Figure(value=value, low=low, high=high, over_people=self.over_people)

    def values(self, kind: Kind) -> FloatArray:
        """Return a figure of the recordings as they are, then of each draw; NaN for none."""
        return (
            self._share(kind) if isinstance(kind, Share) else self._quantile(kind.values, kind.at)
        )

    def interval(self, drawn: FloatArray) -> tuple[float | None, float | None]:
        """Return the middle 95 % of what was drawn; None where that is not known often enough."""
        known = drawn[np.isfinite(drawn)]
        if not self._varies or known.size < _DEFINED_LEAST * drawn.size:
            return None, None
        low, high = np.percentile(known, _TAILS_PCT)
        return float(low), float(high)

    def _share(self, kind: Share) -> FloatArray:
        parts = np.zeros((self._times.shape[1], 2))
        for place, score in zip(self._place, self._scores, strict=True):
            parts[place] += kind.parts(score)
        above, below = (self._times @ parts).T
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray(np.where(below > 0.0, kind.scale * above / below, np.nan))

    def _quantile(
        self, values_of: Callable[[FileScore], tuple[float, ...]], at: float
    ) -> FloatArray:
        """Return the value up to which this share of all drawn values lies."""
        found = [values_of(score) for score in self._scores]
        values = np.array([value for some in found for value in some])
        if not values.size:
            return np.full(len(self._times), np.nan)
        place = np.repeat(self._place, [len(some) for some in found])
        order = np.argsort(values, kind="stable")
        values, place = values[order], place[order]
        rows = max(_CHUNK // values.size, 1)
        return np.concatenate(
            [
                _weighted_quantile(values, self._times[start : start + rows, place], at)
                for start in range(0, len(self._times), rows)
            ]
        )


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


def _known(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
