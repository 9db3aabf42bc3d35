"""From samples at any rate to smoothed cells on an even grid.

Steps, for each sample as it comes:

1. Between samples the signal is taken to run straight. Its exact mean over each
   cell of 0.04 s is the cell's value, so rates from 10 to 400 Hz, jitter and
   short gaps need no special case, and a fast sensor's noise averages out.
2. A hole longer than ``bridge_s`` is said (:class:`Hole`) and shrunk: the grid
   goes on after :data:`_HOLE_CELLS` cells that lead from the last value to the
   next. The stages that count see a short pause, and the times stay true.
3. Cells are low-passed by a Gaussian, symmetric in time, so nothing is shifted
   against the clock; the price is its half width as delay.
4. The size of the acceleration is watched for the even, quick rhythm of
   walking, see :mod:`repsense.pipeline.gait`.
"""

import math
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from repsense.compiled import lean
from repsense.pipeline.gait import GaitWatch, gait_windows, new_gait_watch
from repsense.pipeline.history import GRID_HZ, History, IntArray, append_row, further
from repsense.samples import FloatArray, SampleBlock

_CELL_S = 1.0 / GRID_HZ
_HOLE_CELLS = 12  # about half a second: long enough for the low-pass to settle
_HALF_WIDTHS = 3.0  # the Gaussian is cut at this many standard deviations

# Entries of ``Carry.number``.
_BEGUN, _CELLS_IN, _NEXT_OUT = 0, 1, 2
# Entries of ``Carry.value``: x, y, z of the last sample are 0 to 2.
_LAST_T, _EDGE_T = 3, 4


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditioningParameters:
    """Settings of the conditioning.

    Parameters
    ----------
    smooth_s
        Standard deviation of the Gaussian low-pass, s.
    bridge_s
        Holes up to this long are bridged by a straight line, s. Longer ones are
        said, and count as a short pause.
    """

    smooth_s: float = 0.175
    bridge_s: float = 4.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Hole:
    """No sample between ``start_s`` and ``end_s``."""

    start_s: float
    end_s: float


class Carry(NamedTuple):
    """What is remembered between two samples."""

    number: IntArray
    value: FloatArray
    sum_gs: FloatArray  # integral over the unfinished cell, shape (3,), g s
    window_g: FloatArray  # newest raw cells, oldest first, shape (taps, 3)
    window_t: FloatArray  # their times, shape (taps,)
    taps: FloatArray
    gait: GaitWatch


# How many arrays of the history, and of both but the gait watch, :func:`_take_samples` gets.
_HISTORY = len(History._fields)
_WATCH = _HISTORY + len(Carry._fields) - 1


def new_carry(parameters: ConditioningParameters) -> Carry:
    """Return the state before the first sample."""
    half = math.ceil(_HALF_WIDTHS * parameters.smooth_s / _CELL_S)
    offsets_s = np.arange(-half, half + 1) * _CELL_S
    taps = np.exp(-0.5 * (offsets_s / parameters.smooth_s) ** 2)
    return Carry(
        number=np.zeros(3, dtype=np.int64),
        value=np.zeros(5),
        sum_gs=np.zeros(3),
        window_g=np.zeros((taps.size, 3)),
        window_t=np.zeros(taps.size),
        taps=taps / taps.sum(),
        gait=new_gait_watch(),
    )


@lean
def _finish_cell(
    carry: Carry, history: History, x: float, y: float, z: float, t_s: float, ready_s: float
) -> None:
    """Shift one raw cell into the low-pass and append the smoothed cell that this completes."""
    taps = carry.taps.shape[0]
    half = taps // 2
    first = carry.number[_CELLS_IN] == 0
    for i in range(taps - 1):
        carry.window_t[i] = t_s + (i + 1 - taps) * _CELL_S if first else carry.window_t[i + 1]
        for axis in range(3):
            carry.window_g[i, axis] = carry.window_g[i + 1, axis]
    if first:  # before the first cell the signal is taken to have stood still
        for i in range(taps - 1):
            carry.window_g[i, 0] = x
            carry.window_g[i, 1] = y
            carry.window_g[i, 2] = z
    carry.window_g[taps - 1, 0] = x
    carry.window_g[taps - 1, 1] = y
    carry.window_g[taps - 1, 2] = z
    carry.window_t[taps - 1] = t_s
    carry.number[_CELLS_IN] += 1
    walking = gait_windows(carry.gait, math.sqrt(x * x + y * y + z * z))
    if carry.number[_CELLS_IN] <= half:
        return
    row = append_row(history)
    length = 0.0
    size = 0.0
    for axis in range(3):
        smoothed = 0.0
        for i in range(taps):
            smoothed += carry.taps[i] * carry.window_g[i, axis]
        history.smooth_g[row, axis] = smoothed
        history.raw_g[row, axis] = carry.window_g[half, axis]
        size += smoothed * smoothed
        if row > 0:
            length += (smoothed - history.smooth_g[row - 1, axis]) ** 2
    size = math.sqrt(size)
    history.size_g[row, 0] = size
    if row > 0:
        history.path[row] = further(history.path[row - 1], math.sqrt(length))
        change_g = abs(size - history.size_g[row - 1, 0])
        history.size_path[row] = further(history.size_path[row - 1], change_g)
    history.time_s[row] = carry.window_t[half]
    history.ready_s[row] = ready_s
    history.gait[row] = walking


@lean
def _cross_hole(
    carry: Carry, history: History, t_s: float, x: float, y: float, z: float, ready_s: float
) -> None:
    """Close the unfinished cell, lead over to the sample behind the hole, begin a cell there."""
    value = carry.value
    open_s = max(value[_LAST_T] - (value[_EDGE_T] - _CELL_S), 0.0)
    rest_s = _CELL_S - open_s
    _finish_cell(
        carry,
        history,
        (carry.sum_gs[0] + value[0] * rest_s) / _CELL_S,
        (carry.sum_gs[1] + value[1] * rest_s) / _CELL_S,
        (carry.sum_gs[2] + value[2] * rest_s) / _CELL_S,
        value[_LAST_T],
        ready_s,
    )
    for i in range(1, _HOLE_CELLS):
        share = i / _HOLE_CELLS
        _finish_cell(
            carry,
            history,
            value[0] + share * (x - value[0]),
            value[1] + share * (y - value[1]),
            value[2] + share * (z - value[2]),
            value[_LAST_T] + share * (t_s - value[_LAST_T]),
            ready_s,
        )
    value[0] = x
    value[1] = y
    value[2] = z
    value[_LAST_T] = t_s
    value[_EDGE_T] = t_s + _CELL_S
    carry.sum_gs[:] = 0.0


@lean
def _take_samples(
    t_s: FloatArray, accel_g: FloatArray, bridge_s: float, *arrays: npt.NDArray[Any]
) -> None:
    """Run all samples through the steps above.

    ``arrays`` are those of the history, the carry and its gait watch, one by one, as for
    :func:`repsense.pipeline.search.search_on`.
    """
    history = History(*arrays[:_HISTORY])
    number, value, sum_gs, window_g, window_t, taps = arrays[_HISTORY:_WATCH]
    watch = GaitWatch(*arrays[_WATCH:])
    carry = Carry(number, value, sum_gs, window_g, window_t, taps, watch)
    for n in range(t_s.shape[0]):
        t = t_s[n]
        if carry.number[_BEGUN] == 0:
            carry.number[_BEGUN] = 1
            for axis in range(3):
                value[axis] = accel_g[n, axis]
            value[_LAST_T] = t
            value[_EDGE_T] = t + _CELL_S
            continue
        if t - value[_LAST_T] > bridge_s:
            _cross_hole(carry, history, t, accel_g[n, 0], accel_g[n, 1], accel_g[n, 2], t)
            continue
        while t >= value[_EDGE_T]:
            span_s = value[_EDGE_T] - value[_LAST_T]
            share = span_s / (t - value[_LAST_T])
            for axis in range(3):
                at_edge = value[axis] + share * (accel_g[n, axis] - value[axis])
                carry.sum_gs[axis] += 0.5 * span_s * (value[axis] + at_edge)
                value[axis] = at_edge
            value[_LAST_T] = value[_EDGE_T]
            _finish_cell(
                carry,
                history,
                carry.sum_gs[0] / _CELL_S,
                carry.sum_gs[1] / _CELL_S,
                carry.sum_gs[2] / _CELL_S,
                value[_EDGE_T] - 0.5 * _CELL_S,
                t,
            )
            carry.sum_gs[:] = 0.0
            value[_EDGE_T] += _CELL_S
        span_s = t - value[_LAST_T]
        for axis in range(3):
            carry.sum_gs[axis] += 0.5 * span_s * (value[axis] + accel_g[n, axis])
            value[axis] = accel_g[n, axis]
        value[_LAST_T] = t


@lean
def _drain(carry: Carry, history: History) -> None:
    """Take the signal to stand still after the last cell, so that the low-pass runs empty."""
    taps = carry.taps.shape[0]
    if carry.number[_CELLS_IN] == 0:
        return
    for _ in range(taps // 2):
        _finish_cell(
            carry,
            history,
            carry.window_g[taps - 1, 0],
            carry.window_g[taps - 1, 1],
            carry.window_g[taps - 1, 2],
            carry.window_t[taps - 1] + _CELL_S,
            carry.value[_LAST_T],
        )


class Conditioner:
    """Fill a history with smoothed cells.

    Parameters
    ----------
    history
        Where the cells go.
    parameters
        Settings.
    """

    def __init__(self, history: History, parameters: ConditioningParameters) -> None:
        self.history = history
        self.parameters = parameters
        self._carry = carry = new_carry(parameters)
        self._arrays = (*history, *carry[:-1], *carry.gait)
        history.smooth_s[0] = parameters.smooth_s
        self._last_t_s: float | None = None

    def push(self, block: SampleBlock) -> list[Hole]:
        """Take the next samples and return the holes that were too long to bridge."""
        return self.take(block.t_s, block.accel_g)

    def take(self, t_s: FloatArray, accel_g: FloatArray) -> list[Hole]:
        """Take the next samples and return the holes that were too long to bridge.

        Samples that are not later than the newest one already taken are
        dropped: the pipeline's clock never runs backwards.

        Parameters
        ----------
        t_s, accel_g
            As in a :class:`repsense.samples.SampleBlock`, or in a part of one.
        """
        start = 0
        if self._last_t_s is not None and t_s.shape[0]:
            start = int(np.searchsorted(t_s, self._last_t_s, side="right"))
        if start == t_s.shape[0]:
            return []
        t_s = np.ascontiguousarray(t_s[start:], dtype=np.float64)
        accel_g = np.ascontiguousarray(accel_g[start:], dtype=np.float64)
        holes = self._holes(t_s)
        _take_samples(t_s, accel_g, self.parameters.bridge_s, *self._arrays)
        self._last_t_s = float(t_s[-1])
        return holes

    def flush(self) -> None:
        """Bring out the cells that the low-pass still holds: the stream has ended."""
        _drain(self._carry, self.history)

    def _holes(self, t_s: FloatArray) -> list[Hole]:
        before = t_s[0] if self._last_t_s is None else self._last_t_s
        if t_s[-1] - before <= self.parameters.bridge_s:
            return []
        steps_s = np.diff(t_s, prepend=before)
        return [
            Hole(start_s=float(t_s[i] - steps_s[i]), end_s=float(t_s[i]))
            for i in np.flatnonzero(steps_s > self.parameters.bridge_s)
        ]
