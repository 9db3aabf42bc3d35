"""What an arm felt in a stretch of hardly smoothed cells: its weight, and how fast that turned."""

import math
from typing import NamedTuple

import numpy as np

from repsense.compiled import compiled
from repsense.pipeline.history import GRID_HZ
from repsense.samples import FloatArray

_FEWEST = 4  # cells: a shorter stretch says nothing


def gaussian(sigma_cells: float) -> FloatArray:
    """Return the taps of a low-pass, which add up to 1.

    Parameters
    ----------
    sigma_cells
        Standard deviation of the bell that they draw, in cells; it ends after three of them.
    """
    half = int(np.ceil(3.0 * sigma_cells))
    taps = np.exp(-0.5 * (np.arange(-half, half + 1) / sigma_cells) ** 2)
    return np.asarray(taps / taps.sum())


#: The way is followed at 0.1 s; weight is felt at 0.07 s.
WAY, WEIGHT = gaussian(2.5), gaussian(1.75)


class Felt(NamedTuple):
    """The cells around a rep; rows are counted from the first.

    Attributes
    ----------
    way_g, weight_g
        Low-passed vector, shape (rows, 3), and how much heavier than at rest the arm felt,
        shape (rows,), g.
    step_g
        Way from the row before, shape (rows,), g.
    """

    way_g: FloatArray
    weight_g: FloatArray
    step_g: FloatArray


@compiled
def felt(raw_g: FloatArray, way: FloatArray, weight: FloatArray) -> Felt:
    """Return what was felt in cells.

    Parameters
    ----------
    raw_g
        Hardly smoothed vectors, shape (rows, 3), g.
    way, weight
        Taps of the low-passes for the way and for the weight.
    """
    rows = raw_g.shape[0]
    way_g = np.empty((rows, 3))
    values = np.empty(rows)
    for axis in range(3):
        for row in range(rows):
            values[row] = raw_g[row, axis]
        smoothed = smooth(values, way)
        for row in range(rows):
            way_g[row, axis] = smoothed[row]
    for row in range(rows):
        values[row] = length(raw_g[row, 0], raw_g[row, 1], raw_g[row, 2])
    step_g = np.zeros(rows)
    for row in range(1, rows):
        step_g[row] = apart(way_g, row, row - 1)
    weight_g = smooth(values, weight)
    for row in range(rows):
        weight_g[row] -= 1.0
    return Felt(way_g, weight_g, step_g)


@compiled
def length(x: float, y: float, z: float) -> float:
    """Return the length of a vector."""
    return math.sqrt(x * x + y * y + z * z)


@compiled
def apart(values: FloatArray, one: int, other: int) -> float:
    """Return the distance of two rows of vectors, shape (rows, 3)."""
    return length(
        values[one, 0] - values[other, 0],
        values[one, 1] - values[other, 1],
        values[one, 2] - values[other, 2],
    )


@compiled
def smooth(values: FloatArray, taps: FloatArray) -> FloatArray:
    """Return low-passed values, shape (rows,); at both ends they are taken to stand still.

    Parameters
    ----------
    values
        One for each cell, shape (rows,).
    taps
        An odd number of them.
    """
    rows, half = values.shape[0], taps.shape[0] // 2
    padded = np.empty(rows + 2 * half)
    for row in range(rows + 2 * half):
        padded[row] = values[min(max(row - half, 0), rows - 1)]
    smoothed = np.zeros(rows)
    for tap in range(taps.shape[0]):
        for row in range(rows):
            smoothed[row] += taps[tap] * padded[row + tap]
    return smoothed


@compiled
def write_times(
    step: FloatArray, begin: int, end: int, shares: FloatArray, times_s: FloatArray
) -> None:
    """Write when which shares of all steps between two rows are done.

    Parameters
    ----------
    step
        What is done from the row before to each row, at least 0, shape (rows,).
    begin, end
        The two rows.
    shares
        Ascending from 0 to 1.
    times_s
        Is written: seconds after ``begin``, as many as there are shares.
    """
    cells = end - begin
    total = 1e-12
    for row in range(begin + 1, end + 1):
        total += step[row]
    done, row = 0.0, 0
    for i in range(shares.shape[0]):
        if cells < _FEWEST:
            times_s[i] = shares[i] * cells / GRID_HZ
            continue
        while row < cells and (done + step[begin + row + 1]) / total <= shares[i]:
            row += 1
            done += step[begin + row]
        rest = (shares[i] * total - done) / step[begin + row + 1] if row < cells else 0.0
        times_s[i] = (row + rest) / GRID_HZ
