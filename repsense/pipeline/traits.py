"""What the reps of a set look like, as a row of numbers: what an exercise is known by.

Each rep is cut into :data:`PARTS` equal parts of its time, and the smoothed acceleration averaged
in each; the median over the reps is the set's shape. It holds the posture at the start and at the
turn, the way between them, and the push and pull of the strokes.

Where it is known how the sensor sits on the arm, the shape is turned into the forearm's axes.
Where it is not, the shape is laid into axes of its own, so that turning the sensor changes
nothing; and if the wearer was seen walking before the set, the arm hung then, so "up" at that time
points from the hand to the elbow and stands in for the missing axis.
"""

from collections.abc import Sequence

import numpy as np

from repsense.pipeline.chains import Cycle
from repsense.pipeline.gait import HOP
from repsense.pipeline.history import GRID_HZ, LOOK_BACK, History, row_of
from repsense.samples import FloatArray

#: Parts into which the time of a rep is cut.
PARTS = 8

#: The newest reps that are looked at: enough for a median, and bounded.
NEWEST = 16

# Middle parts, in which the turn is, and outer ones, in which the start posture is.
_MIDDLE, _OUTER = slice(2, 6), [0, PARTS - 1]

# How much smaller the size of the acceleration varies than its direction: to make traits alike.
_SIZE_GAIN = 4.0

# Windows of walking point the same way when the arm really hangs; a mean shorter than this, in g,
# is of arms that do something else.
_HANG_MIN_G = 0.85

# Floors for logarithms: below these there is only noise.
_SMALL_G = 0.005
_SMALL_G_PER_S = 0.01


def parts_of(history: History, cycles: Sequence[Cycle], now: int) -> FloatArray:
    """Return the mean acceleration in each part of each cycle, shape (n, PARTS, 3), g."""
    spans = np.array([[row_of(history, cell, now) for cell in cycle] for cycle in cycles])
    first, last = int(spans[0, 0]), int(spans[:, 1].max()) + 1
    seen_g = history.smooth_g[first : last + 1]
    sums_g = np.concatenate([np.zeros((1, 3)), np.cumsum(seen_g, axis=0, dtype=np.float64)])
    share = np.linspace(0.0, 1.0, PARTS + 1)
    length = np.maximum(spans[:, 1] - spans[:, 0] + 1, 2)[:, None]
    edges = np.minimum(spans[:, :1] - first + share * length, len(sums_g) - 1.0)
    whole = np.minimum(edges.astype(np.int64), len(sums_g) - 2)
    part = (edges - whole)[..., None]
    at_edges = sums_g[whole] * (1.0 - part) + sums_g[whole + 1] * part
    return np.asarray(np.diff(at_edges, axis=1) / (length[..., None] / PARTS))


def within_reach(cycles: Sequence[Cycle], now: int) -> list[Cycle]:
    """Return the newest cycles that can still be looked back on."""
    return [cycle for cycle in cycles if cycle.start >= now - LOOK_BACK][-NEWEST:]


def worn_traits(parts_g: FloatArray, cycles: Sequence[Cycle], to_forearm: FloatArray) -> FloatArray:
    """Return the traits of a set in the forearm's axes, shape (traits,).

    Parameters
    ----------
    parts_g
        What :func:`parts_of` returned.
    cycles
        The same cycles.
    to_forearm
        Turns rows in the sensor's axes into the forearm's.
    """
    shape_g = np.median(parts_g @ to_forearm, axis=0)
    return np.concatenate([shape_g.ravel(), _sizes(parts_g), _rhythm(parts_g, cycles)])


def free_traits(
    parts_g: FloatArray, cycles: Sequence[Cycle], hang_g: FloatArray | None
) -> FloatArray:
    """Return the traits of a set that stay the same when the sensor is turned, shape (traits,).

    Steps
    -----
    1. The set's own axes: its mean "up"; across it, the way of the largest change; across both.
    2. The last two have no sign of their own: it is set so that the turn lies on the plus side.
    3. The shape along these axes, and along "up" of the hanging arm where that is known.

    Parameters
    ----------
    parts_g, cycles
        As for :func:`worn_traits`.
    hang_g
        What :func:`hang_before` returned.
    """
    # The mean over reps commutes with turning, which the median of each axis does not.
    shape_g = parts_g.mean(axis=0)
    mean_g = shape_g.mean(axis=0)
    up = mean_g / (np.linalg.norm(mean_g) + 1e-9)
    change_g = shape_g - mean_g
    level_g = change_g - np.outer(change_g @ up, up)
    main = np.linalg.eigh(level_g.T @ level_g)[1][:, -1]
    hang = np.zeros(PARTS) if hang_g is None else shape_g @ hang_g
    known = 0.0 if hang_g is None else 1.0
    return np.concatenate(
        [
            change_g @ up,
            _turn_up(level_g @ main),
            _turn_up(level_g @ np.cross(up, main)),
            _sizes(parts_g),
            _rhythm(parts_g, cycles),
            hang,
            [known],
        ]
    )


#: Where :func:`free_traits` puts what needs the hanging arm: the last ones.
HANG_TRAITS = PARTS + 1


def hang_before(history: History, cell: int, now: int) -> FloatArray | None:
    """Return where "up" was while the wearer walked before a cell, shape (3,), or None."""
    last = row_of(history, cell, now)
    first = row_of(history, now - LOOK_BACK, now)
    ends = first + 1 + np.flatnonzero(np.diff(history.gait[first:last]) > 0)
    if ends.size == 0:
        return None
    # Windows overlap; each stands for the cells that it adds.
    means = [
        history.smooth_g[max(end - HOP, 0) : end].mean(axis=0, dtype=np.float64) for end in ends
    ]
    hang_g = np.mean(means, axis=0)
    length_g = float(np.linalg.norm(hang_g))
    return None if length_g < _HANG_MIN_G else np.asarray(hang_g / length_g)


def _sizes(parts_g: FloatArray) -> FloatArray:
    size_g = np.median(np.linalg.norm(parts_g, axis=2), axis=0)
    return np.asarray(_SIZE_GAIN * (size_g - size_g.mean()))


def _rhythm(parts_g: FloatArray, cycles: Sequence[Cycle]) -> FloatArray:
    """Return how long, wide, fast and alike the reps are, mostly as logarithms."""
    starts_s = np.array([cycle.start for cycle in cycles]) / GRID_HZ
    lengths_s = np.array([cycle.end - cycle.start + 1 for cycle in cycles]) / GRID_HZ
    periods_s = np.diff(starts_s) if len(cycles) > 1 else lengths_s
    shape_g = parts_g.mean(axis=0)
    apart_g = np.linalg.norm(shape_g[:, None] - shape_g[None], axis=2)
    unlike_g = np.sqrt(((parts_g - shape_g) ** 2).sum(axis=2).mean())
    steps_g = np.linalg.norm(np.diff(parts_g, axis=1), axis=2)
    fastest_g_per_s = np.median(steps_g.max(axis=1) * PARTS / lengths_s)
    sizes_g = np.linalg.norm(parts_g, axis=2)
    return np.array(
        [
            np.log(np.median(lengths_s)),
            np.log(np.median(periods_s) + 1.0 / GRID_HZ),
            np.log(apart_g.max() + _SMALL_G),
            np.log(unlike_g + _SMALL_G),
            np.log(sizes_g.std() + _SMALL_G),
            sizes_g.mean() - 1.0,
            np.log(fastest_g_per_s + _SMALL_G_PER_S),
            np.log(np.median(steps_g.sum(axis=1)) + _SMALL_G),
        ]
    )


def _turn_up(course: FloatArray) -> FloatArray:
    sign = 1.0 if course[_MIDDLE].mean() >= course[_OUTER].mean() else -1.0
    return sign * course
