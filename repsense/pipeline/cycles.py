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

from repsense.compiled import compiled
from repsense.samples import FloatArray

#: Points in a shape.
POINTS = 16

ShapeArray = npt.NDArray[np.float32]


class Candidate(NamedTuple):
    """One candidate cycle (scratch space that is used again and again).

    Attributes
    ----------
    shape_g
        The points, shape (POINTS * 3,): x, y, z of the first, of the second, ...
    trait
        See the ``RANGE`` ... ``MEAN_X`` places, shape (9,).
    """

    shape_g: ShapeArray
    trait: FloatArray


# Places in ``Candidate.trait``.
RANGE, CLOSURE, EXCURSION, VARIANCE, MEAN = 0, 1, 2, 3, 4  # MEAN, MEAN + 1, MEAN + 2: x, y, z


def new_candidate() -> Candidate:
    """Return empty scratch space."""
    return Candidate(shape_g=np.zeros(POINTS * 3, dtype=np.float32), trait=np.zeros(7))


@compiled
def trace_shape(
    smooth_g: FloatArray,
    path_g: FloatArray,
    first: int,
    last: int,
    points: int,
    path_share: float,
    shape_g: ShapeArray,
) -> None:
    """Write ``points`` points of the curve from row ``first`` to row ``last`` to ``shape_g``.

    Point q lies where ``(1 - path_share)`` of the elapsed time plus
    ``path_share`` of the travelled path, both from 0 to 1, reach
    ``q / (points - 1)``.
    """
    for axis in range(3):
        shape_g[axis] = smooth_g[first, axis]
        shape_g[3 * (points - 1) + axis] = smooth_g[last, axis]
    # Elapsed time and travelled path, in points.
    per_cell = (points - 1) * (1.0 - path_share) / (last - first)
    path_0 = path_g[first]
    per_path = (points - 1) * path_share / (path_g[last] - path_0 + 1e-9)
    row = first
    before, now = 0.0, 0.0
    for point in range(1, points - 1):
        while now < point and row < last:
            row += 1
            before = now
            now = per_cell * (row - first) + per_path * (path_g[row] - path_0)
        # Rounding may keep the last points just out of reach.
        share = min((point - before) / (now - before), 1.0)
        for axis in range(3):
            low = smooth_g[row - 1, axis]
            shape_g[3 * point + axis] = low + share * (smooth_g[row, axis] - low)


@compiled
def _squared_distance(shape_g: ShapeArray, one: int, other: int) -> float:
    x = shape_g[3 * one] - shape_g[3 * other]
    y = shape_g[3 * one + 1] - shape_g[3 * other + 1]
    z = shape_g[3 * one + 2] - shape_g[3 * other + 2]
    return float(x * x + y * y + z * z)


@compiled
def measure_shape(candidate: Candidate) -> None:
    """Fill ``candidate.trait`` from ``candidate.shape_g``."""
    shape_g = candidate.shape_g
    trait = candidate.trait
    largest = 0.0
    for one in range(1, POINTS):
        for other in range(one):
            largest = max(largest, _squared_distance(shape_g, one, other))
    farthest = 0.0
    squares = 0.0
    end = 3 * (POINTS - 1)
    x, y, z = 0.0, 0.0, 0.0
    for point in range(POINTS):
        px = float(shape_g[3 * point])
        py = float(shape_g[3 * point + 1])
        pz = float(shape_g[3 * point + 2])
        x += px
        y += py
        z += pz
        squares += px * px + py * py + pz * pz
        dx = px - 0.5 * (shape_g[0] + shape_g[end])
        dy = py - 0.5 * (shape_g[1] + shape_g[end + 1])
        dz = pz - 0.5 * (shape_g[2] + shape_g[end + 2])
        farthest = max(farthest, dx * dx + dy * dy + dz * dz)
    trait[MEAN] = x / POINTS
    trait[MEAN + 1] = y / POINTS
    trait[MEAN + 2] = z / POINTS
    trait[RANGE] = math.sqrt(largest)
    trait[CLOSURE] = math.sqrt(_squared_distance(shape_g, 0, POINTS - 1)) / (trait[RANGE] + 1e-9)
    trait[EXCURSION] = math.sqrt(farthest) / (trait[RANGE] + 1e-9)
    trait[VARIANCE] = max((squares - (x * x + y * y + z * z) / POINTS) / POINTS, 1e-12)
