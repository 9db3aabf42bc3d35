"""Where in its rep a wrist is right now: what the tempo bar shows between two counted reps.

A counted rep tells where the movement starts and where it turns. The line from
the one smoothed acceleration to the other is the movement's axis, and how far
the newest sample lies along it is the wrist's way. Nothing is shown before the
set's first rep: there is no axis yet.
"""

from collections import deque

import numpy as np

from repsense.events import Rep
from repsense.samples import FloatArray, SampleBlock

_PIECE_S = 0.1
_KEPT_S = 40.0  # a rep and the time until it is announced, many times over
_SMOOTH_S = 0.15
_AXIS_MIN_G = 0.02  # less is the sensor's noise
_NEW_WEIGHT = 0.3  # of the newest rep in the axis


class Stroke:
    """Follows one wearer. Bounded: keeps the last 40 s in pieces of 0.1 s or more."""

    def __init__(self) -> None:
        self._pieces: deque[tuple[float, FloatArray]] = deque(maxlen=int(_KEPT_S / _PIECE_S))
        self._now: tuple[float, FloatArray] | None = None
        self._start: FloatArray | None = None
        self._axis: FloatArray | None = None

    def push(self, block: SampleBlock) -> None:
        """Take samples; a block is worked in as means over 0.1 s."""
        if not len(block):
            return
        piece_of = np.floor_divide(block.t_s, _PIECE_S)
        edges = [0, *(np.flatnonzero(np.diff(piece_of)) + 1).tolist()]
        means = np.add.reduceat(block.accel_g, edges, axis=0)
        counts = np.diff([*edges, len(block)])[:, None]
        times = np.add.reduceat(block.t_s, edges) / counts[:, 0]
        for t_s, mean in zip(times, means / counts, strict=True):
            self._append(float(t_s), mean)

    def _append(self, t_s: float, mean: FloatArray) -> None:
        if self._now is not None:
            last_s, last = self._now
            step_s = t_s - last_s
            if step_s < 0:  # another sensor, or its clock was set: what was kept means nothing
                self.forget()
                self._pieces.clear()
            else:
                weight = 1.0 - float(np.exp(-step_s / _SMOOTH_S))
                mean = last + weight * (mean - last)
        self._now = (t_s, mean)
        # However small the blocks are, so many pieces span the time that is to be kept.
        if not self._pieces or t_s - self._pieces[-1][0] >= _PIECE_S:
            self._pieces.append(self._now)

    def learn(self, rep: Rep) -> None:
        """Take where a counted rep started and turned."""
        start, turn = self._at(rep.start_s), self._at(rep.turn_s)
        if start is None or turn is None:
            return
        axis = turn - start
        if self._start is None or self._axis is None:
            self._start, self._axis = start, axis
            return
        self._start = self._start + _NEW_WEIGHT * (start - self._start)
        self._axis = self._axis + _NEW_WEIGHT * (axis - self._axis)

    def _at(self, t_s: float) -> FloatArray | None:
        """Return the smoothed acceleration at a moment, or None where it is not kept any more."""
        late_s = t_s + _SMOOTH_S  # smoothing lags
        if not self._pieces or late_s < self._pieces[0][0]:
            return None
        return min(self._pieces, key=lambda piece: abs(piece[0] - late_s))[1]

    def forget(self) -> None:
        """Start over: the next set may be another movement."""
        self._start = self._axis = None

    @property
    def position(self) -> float | None:
        """The way gone from the rep's start (0) to its turn (1); None while unknown."""
        if self._start is None or self._axis is None or self._now is None:
            return None
        length2 = float(self._axis @ self._axis)
        if length2 < _AXIS_MIN_G**2:
            return None
        way = float((self._now[1] - self._start) @ self._axis) / length2
        return min(max(way, 0.0), 1.0)
