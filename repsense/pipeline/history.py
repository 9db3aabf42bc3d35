"""The recent past on an even grid: what the stages look back on.

A grid cell is 0.04 s long. The newest :data:`HISTORY_S` seconds are always
kept, in arrays a little longer, in which they move down when these are full:
a stretch of cells is then always one slice, and the cost of moving, spread over
the cells between two moves, is constant.

It is most of what a wearer takes, so nothing is kept finer than it was measured.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from repsense.compiled import lean
from repsense.samples import FloatArray

#: Cells a second. Reps are slower than 0.7 s, so 25 Hz leaves 17 cells and more to each.
GRID_HZ = 25.0

#: How far the stages can look back: three reps of 8 s, the pauses between them, and the
#: motion before the first (see ``edges``), with room to spare.
HISTORY_S = 62.0

#: How far the samples that are taken at once may run ahead of the stages that look at them, s;
#: a hole that is bridged may come before them.
AHEAD_S = 4.0
_HOLE_S = 5.0

_KEPT = int(HISTORY_S * GRID_HZ)

#: Cells that may always be looked back on, however far the history runs ahead.
LOOK_BACK = int((HISTORY_S - AHEAD_S - _HOLE_S) * GRID_HZ)

#: A path is counted in units of about a millionth of g: in a number that wraps round, so that the
#: difference of two that are some seconds apart is exact however long the stream is.
PATH_G = 2.0**-20
_STEP_MOST_G = 4.0  # more than an arm moves in a cell: a difference over 20 s stays in range

# Rows of ``History.counter``.
OFFSET = 0  # absolute index of the cell in row 0
COUNT = 1  # rows in use

IntArray = npt.NDArray[np.int64]
Int32Array = npt.NDArray[np.int32]
Float32Array = npt.NDArray[np.float32]


class History(NamedTuple):
    """Cells, oldest first. Row ``i - counter[OFFSET]`` holds cell number ``i``.

    Attributes
    ----------
    smooth_g
        Low-passed specific force, shape (rows, 3), g.
    raw_g
        Mean specific force in the cell, not low-passed, shape (rows, 3), g. Only what may
        be short is looked for here: how a rep was moved, not whether it was one.
    path
        Length of the curve that ``smooth_g`` has drawn so far, shape (rows,), in
        :data:`PATH_G`; only differences mean something.
    posture_g
        The same array as ``smooth_g``, also in a :func:`size_view`.
    size_g, size_path
        Size of ``smooth_g``, as the first of three columns, and its path: what
        :func:`size_view` looks at.
    time_s
        Device time of the cell's middle, shape (rows,), s.
    ready_s
        Time of the sample that completed the cell, filter delay included, shape (rows,), s.
    gait
        How many windows so far looked like walking, shape (rows,).
    counter
        Bookkeeping, see ``OFFSET`` and ``COUNT``.
    smooth_s
        Standard deviation of the low-pass that the cells have gone through, shape (1,), s.
    """

    smooth_g: Float32Array
    raw_g: Float32Array
    path: Int32Array
    posture_g: Float32Array
    size_g: Float32Array
    size_path: Int32Array
    time_s: FloatArray
    ready_s: FloatArray
    gait: Int32Array
    counter: IntArray
    smooth_s: FloatArray


def new_history() -> History:
    """Return an empty history."""
    rows = _KEPT + _KEPT // 16
    smooth_g = np.zeros((rows, 3), dtype=np.float32)
    return History(
        smooth_g=smooth_g,
        raw_g=np.zeros((rows, 3), dtype=np.float32),
        path=np.zeros(rows, dtype=np.int32),
        posture_g=smooth_g,
        size_g=np.zeros((rows, 3), dtype=np.float32),
        size_path=np.zeros(rows, dtype=np.int32),
        time_s=np.zeros(rows),
        ready_s=np.zeros(rows),
        gait=np.zeros(rows, dtype=np.int32),
        counter=np.zeros(2, dtype=np.int64),
        smooth_s=np.zeros(1),
    )


def size_view(history: History) -> History:
    """Return the history as it looks to whoever sees only the size of the acceleration.

    A forearm that is moved straight up and down, as in a shrug, changes the
    size by what it is accelerated. A body that sways turns it, and changes the
    size hardly at all.
    """
    return history._replace(smooth_g=history.size_g, path=history.size_path)


@lean
def append_row(history: History) -> int:
    """Make room for one more cell and return its row."""
    used = history.counter[COUNT]
    rows = history.time_s.shape[0]
    if used == rows:
        kept = _KEPT
        for row in range(kept):
            source = row + rows - kept
            for axis in range(3):
                history.smooth_g[row, axis] = history.smooth_g[source, axis]
                history.raw_g[row, axis] = history.raw_g[source, axis]
            history.path[row] = history.path[source]
            history.size_g[row, 0] = history.size_g[source, 0]
            history.size_path[row] = history.size_path[source]
            history.time_s[row] = history.time_s[source]
            history.ready_s[row] = history.ready_s[source]
            history.gait[row] = history.gait[source]
        history.counter[OFFSET] += rows - kept
        used = kept
    history.counter[COUNT] = used + 1
    return int(used)


def next_cell(history: History) -> int:
    """Return the number the next cell will get."""
    return int(history.counter[OFFSET] + history.counter[COUNT])


def row_of(history: History, cell: int, now: int) -> int:
    """Return the row of a cell, or of the nearest that may be looked at at cell ``now``.

    How far back that is does not depend on how many cells of the future a
    large block has already brought in.
    """
    offset = int(history.counter[OFFSET])
    return min(max(cell, now - LOOK_BACK, offset), now) - offset


@lean
def further(path: np.int32, step_g: float) -> np.int32:
    """Return the path after one more step."""
    return np.int32(path + round(min(step_g, _STEP_MOST_G) / PATH_G))


@lean
def cells_until_away(smooth_g: Float32Array, here: int, last: int, limit_g: float) -> int:
    """Return how many rows after ``here`` one first lies farther than a limit from it; -1: none.

    Parameters
    ----------
    smooth_g
        Smoothed vectors, shape (rows, 3), g.
    here, last
        Rows; the last is looked at, too.
    limit_g
        A distance, g.
    """
    for row in range(here, last + 1):
        away = 0.0
        for axis in range(3):
            away += (smooth_g[row, axis] - smooth_g[here, axis]) ** 2
        if away > limit_g * limit_g:
            return row - here
    return -1
