"""Candidate cycles: stretches in which the wrist leaves a posture and comes back to it.

A candidate ends now and began 0.7-9 s ago. It is described by its *shape*, a
few points of the smoothed acceleration along the way, and by four numbers that
do not depend on how the band is worn:

range
    the largest distance between two points of the shape, g;
closure
    how far apart its two ends are, as a share of the range: 0 for a perfect
    return. Racking a weight does not return, which is what makes this the
    filter against handling;
excursion
    the distance of the farthest point from the middle of the two ends, as a
    share of the range: 1 when the cycle starts and ends at a turning point;
variance
    mean squared distance of the points from their mean, g^2.

The points are spread partly by time and partly by the length of the curve, so
that a dwell at a turning point stretches or shrinks without moving the rest of
the shape much. Nothing is scaled or centred: how much a wrist moved and how it
was held is part of what makes two reps alike.
"""

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from repsense.compiled import compiled, lean
from repsense.pipeline.history import Float32Array, Int32Array
from repsense.samples import FloatArray

#: Points in a shape.
POINTS = 16

ShapeArray = npt.NDArray[np.float32]


# So many points are written again behind the last one: with these, each pair of points lies
# at most half a round apart, and all pairs are compared in rows without a break.
_AGAIN = POINTS // 2


class Candidate(NamedTuple):
    """One candidate cycle (scratch space that is used again and again).

    Attributes
    ----------
    shape_g
        The points less their mean, shape (3 * POINTS,): all x, then all y, all z.
    trait
        See the ``RANGE`` ... ``MEAN`` places, shape (7,).
    points_g
        The points as they lie, shape (3, POINTS + POINTS / 2): the first half once more at the end.
    farthest
        Squared distances, shape (POINTS,), g^2.
    place, reached, level
        Scratch space of :func:`place_points`; the last is as long as the longest cycle.
    """

    shape_g: ShapeArray
    trait: FloatArray
    points_g: ShapeArray
    farthest: ShapeArray
    place: FloatArray
    reached: Int32Array
    level: Int32Array


# Places in ``Candidate.trait``.
RANGE, CLOSURE, EXCURSION, VARIANCE, MEAN = 0, 1, 2, 3, 4  # MEAN, MEAN + 1, MEAN + 2: x, y, z


def new_candidate(most_cells: int) -> Candidate:
    """Return empty scratch space for cycles of so many cells."""
    return Candidate(
        shape_g=np.zeros(3 * POINTS, dtype=np.float32),
        trait=np.zeros(7),
        points_g=np.zeros((3, POINTS + _AGAIN), dtype=np.float32),
        farthest=np.zeros(POINTS, dtype=np.float32),
        place=np.zeros(POINTS),
        reached=np.zeros(POINTS + 2, dtype=np.int32),
        level=np.zeros(most_cells + 1, dtype=np.int32),
    )


@lean
def place_points(
    path: Int32Array,
    first: int,
    last: int,
    points: int,
    path_share: float,
    reached: Int32Array,
    level: Int32Array,
    place: FloatArray,
) -> None:
    """Write where ``points`` points of the curve from row ``first`` to row ``last`` lie.

    Point q lies where ``(1 - path_share)`` of the elapsed time plus
    ``path_share`` of the travelled path, both from 0 to 1, reach
    ``q / (points - 1)``: at row ``place[q]``, a whole number and a share of the next row.
    ``reached`` and ``level`` are scratch space, two longer than there are points and one
    longer than there are cells.
    """
    # Elapsed time and travelled path, in points.
    per_cell = (points - 1) * (1.0 - path_share) / (last - first)
    path_0 = path[first]
    # Half a unit more, since where nothing moves there is no path.
    per_path = (points - 1) * path_share / (np.int32(path[last] - path_0) + 0.5)
    way = path[first : last + 1]
    for i in range(way.shape[0]):
        so_far = np.int32(per_cell * np.int32(i) + per_path * np.int32(way[i] - path_0))
        so_far = so_far if so_far > 0 else np.int32(0)
        level[i] = so_far if so_far < points else np.int32(points)
    for point in range(points + 2):
        reached[point] = 0
    for i in range(way.shape[0]):  # the last cell before each point is left standing
        reached[level[i]] = i
    place[0] = first
    before = 0
    for point in range(1, points - 1):
        before = min(max(before, reached[point - 1]), last - first - 1)
        low = per_cell * before + per_path * np.int32(way[before] - path_0)
        high = per_cell * (before + 1) + per_path * np.int32(way[before + 1] - path_0)
        # Rounding may keep the last points just out of reach.
        place[point] = first + before + min((point - low) / (high - low), 1.0 - 1e-9)
    place[points - 1] = last


@compiled
def trace_shape(
    smooth_g: Float32Array,
    path: Int32Array,
    first: int,
    last: int,
    points: int,
    path_share: float,
    shape_g: ShapeArray,
) -> None:
    """Write some points of the curve to ``shape_g``: x, y, z of the first, of the second, ...

    See :func:`place_points`.
    """
    place = np.empty(points)
    reached = np.empty(points + 2, dtype=np.int32)
    level = np.empty(last - first + 1, dtype=np.int32)
    place_points(path, first, last, points, path_share, reached, level, place)
    for point in range(points):
        row = min(int(place[point]), last - 1)
        share = place[point] - row
        for axis in range(3):
            low = smooth_g[row, axis]
            shape_g[3 * point + axis] = low + share * (smooth_g[row + 1, axis] - low)


@lean
def trace_candidate(
    smooth_g: Float32Array,
    path: Int32Array,
    first: int,
    last: int,
    path_share: float,
    candidate: Candidate,
) -> None:
    """Write the points of a candidate cycle to ``candidate.points_g``."""
    place, points_g = candidate.place, candidate.points_g
    reached, level = candidate.reached, candidate.level
    place_points(path, first, last, POINTS, path_share, reached, level, place)
    for point in range(POINTS):
        row = min(int(place[point]), last - 1)
        share = np.float32(place[point] - row)
        for axis in range(3):
            low = smooth_g[row, axis]
            points_g[axis, point] = low + share * (smooth_g[row + 1, axis] - low)


@lean
def _spread_out(points_g: ShapeArray, farthest: ShapeArray) -> float:
    """Return the squared range of the points, g^2.

    Each point is compared with those up to half a round further on.
    """
    count = farthest.shape[0]  # asked of the array: see ``links``
    x, y, z = points_g[0], points_g[1], points_g[2]
    for i in range(count):
        far = np.float32(0.0)
        for shift in range(1, POINTS // 2 + 1):
            apart = (x[i] - x[i + shift]) * (x[i] - x[i + shift])
            apart += (y[i] - y[i + shift]) * (y[i] - y[i + shift])
            apart += (z[i] - z[i + shift]) * (z[i] - z[i + shift])
            far = apart if apart > far else far
        farthest[i] = far
    largest = np.float32(0.0)
    for i in range(count):
        largest = farthest[i] if farthest[i] > largest else largest
    return float(largest)


@lean
def _excursion(points_g: ShapeArray, farthest: ShapeArray) -> float:
    """Return the largest squared distance of a point from the middle of both ends, g^2."""
    count = farthest.shape[0]
    x, y, z = points_g[0, :count], points_g[1, :count], points_g[2, :count]
    half = np.float32(0.5)
    middle_x, middle_y = half * (x[0] + x[count - 1]), half * (y[0] + y[count - 1])
    middle_z = half * (z[0] + z[count - 1])
    for i in range(count):
        away = (x[i] - middle_x) * (x[i] - middle_x)
        away += (y[i] - middle_y) * (y[i] - middle_y)
        farthest[i] = away + (z[i] - middle_z) * (z[i] - middle_z)
    largest = np.float32(0.0)
    for i in range(count):
        largest = max(largest, farthest[i])
    return float(largest)


@lean
def measure_shape(candidate: Candidate) -> None:
    """Fill ``candidate.trait`` and ``candidate.shape_g`` from ``candidate.points_g``."""
    points_g, trait = candidate.points_g, candidate.trait
    closed = 0.0
    squares = 0.0
    count = candidate.farthest.shape[0]
    for axis in range(3):
        points, shape_g = points_g[axis], candidate.shape_g[axis * count : (axis + 1) * count]
        for i in range(_AGAIN):
            points[count + i] = points[i]
        total = np.float32(0.0)
        for i in range(count):
            total += points[i]
        mean = total / np.float32(POINTS)
        square = np.float32(0.0)
        for i in range(count):
            shape_g[i] = points[i] - mean
            square += shape_g[i] * shape_g[i]
        trait[MEAN + axis] = mean
        squares += float(square)
        closed += (points[0] - points[count - 1]) ** 2
    trait[RANGE] = math.sqrt(_spread_out(points_g, candidate.farthest))
    trait[CLOSURE] = math.sqrt(closed) / (trait[RANGE] + 1e-9)
    farthest = _excursion(points_g, candidate.farthest)
    trait[EXCURSION] = math.sqrt(farthest) / (trait[RANGE] + 1e-9)
    trait[VARIANCE] = max(squares / POINTS, 1e-12)
