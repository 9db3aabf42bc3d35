"""Where in a rep the engine's cycle begins, told by what a known exercise feels like.

The engine cuts a set where the motion repeats, be it from top to top. Of a known exercise the
weight that an arm feels on its way tells more: it is heavy where a weight is sent up, and light
where it slows down. So the cycle is cut into :data:`BINS` equal parts; in each stand the mean
weight and the mean speed of the acceleration vector, both as shares of the whole; and a linear
model, trained on simulated sets, makes of them a point on a circle: how far into the rep the cycle
begins. Points of all reps of a set are added, for each alone may be wrong.
"""

import math
from typing import NamedTuple

import numpy as np

from repsense.compiled import compiled
from repsense.pipeline.chains import Cycle
from repsense.pipeline.felt import WAY, WEIGHT, felt
from repsense.pipeline.history import History, row_of
from repsense.samples import FloatArray

#: Parts of a cycle, and what is known of them all.
BINS = 24
PROFILE = 2 * BINS

# Cells beside the cycle that the low-pass needs.
_MARGIN = 8

# A cycle that begins up to this share before a rep is moved on to it, any other moved back: there
# the rep before has been seen whole.
_AHEAD = 0.3


class Place(NamedTuple):
    """Where in a rep a cycle begins: a point whose angle is 0 at a rep's start.

    The farther from the middle, the surer; places of several cycles may be added.

    Attributes
    ----------
    along, across
        Cosine and sine of the angle, times how sure it is.
    """

    along: float
    across: float


#: The cycle is taken to be the rep.
AS_CUT = Place(0.0, 0.0)


def place_in_rep(history: History, cycle: Cycle, now: int, weights: FloatArray) -> Place:
    """Return where in a rep a cycle begins.

    Parameters
    ----------
    history, cycle, now
        As for :func:`profile`.
    weights
        What turns a profile into the place, shape (2, :data:`PROFILE`).
    """
    along, across = weights @ profile(history, cycle, now)
    return Place(float(along), float(across))


def profile(history: History, cycle: Cycle, now: int) -> FloatArray:
    """Return weight and speed in each part of a cycle, each of length 1, shape (PROFILE,).

    Parameters
    ----------
    history
        The cells around it.
    cycle
        Cells of which the history keeps all, and some before.
    now
        The newest cell that may be looked at.
    """
    low = row_of(history, cycle.start - _MARGIN, now)
    high = row_of(history, cycle.end + _MARGIN, now)
    first = row_of(history, cycle.start, now) - low
    last = max(row_of(history, cycle.end, now) - low, first + 1)
    raw_g = history.raw_g[low : max(high, low + last) + 1].astype(np.float64)
    return _profile(raw_g, first, last, WAY, WEIGHT)


def aligned(cycle: Cycle, place: Place, part: float) -> Cycle:
    """Return the cells of a cycle's rep.

    Parameters
    ----------
    place
        Where in the rep the cycle begins.
    part
        The share of a cycle that the rep itself takes: what is left is rest, or the other arm's.
    """
    if place == AS_CUT:
        return cycle
    # The share of the cycle until a rep begins.
    ahead = -math.atan2(place.across, place.along) / (2.0 * math.pi)
    if ahead > _AHEAD:
        ahead -= 1.0
    whole = cycle.end - cycle.start
    start = cycle.start + round(ahead * whole)
    return Cycle(start, start + max(round(part * whole), 1))


def most_back(cycle: Cycle) -> int:
    """Return how many cells :func:`aligned` moves a cycle back at most."""
    return math.ceil((1.0 - _AHEAD) * (cycle.end - cycle.start))


@compiled
def _profile(
    raw_g: FloatArray, first: int, last: int, way: FloatArray, weight: FloatArray
) -> FloatArray:
    """Return the profile between two rows of a window."""
    window = felt(raw_g, way, weight)
    seen = np.zeros(2 * BINS)
    _write_means(window.weight_g, first, last, seen[:BINS])
    _write_means(window.step_g, first, last, seen[BINS:])
    mean = 0.0
    for part in range(BINS):
        value = seen[part]
        seen[part] = math.copysign(math.sqrt(abs(value)), value)
        seen[BINS + part] = math.sqrt(seen[BINS + part])
        mean += seen[BINS + part] / BINS
    for part in range(BINS):
        seen[BINS + part] -= mean
    _scale(seen[:BINS])
    _scale(seen[BINS:])
    return seen


@compiled
def _write_means(values: FloatArray, first: int, last: int, means: FloatArray) -> None:
    """Write the mean in each part of the rows from one to another; parts may share a row."""
    for part in range(means.shape[0]):
        start = first + (last - first) * part / means.shape[0]
        stop = first + (last - first) * (part + 1) / means.shape[0]
        total, row = 0.0, int(start)
        while row < stop:
            total += values[row] * (min(stop, row + 1.0) - max(start, float(row)))
            row += 1
        means[part] = total / (stop - start)


@compiled
def _scale(values: FloatArray) -> None:
    length = 1e-9
    for value in values:
        length += value * value
    values /= math.sqrt(length)
