"""A clock for samples that carry no time: rate and phase fitted to their arrival.

The arrivals of evenly sampled data lie on a straight line (sample number
against time) plus delays. The line is fitted by an alpha-beta filter whose gains
shrink as evidence grows, which is a least-squares line over all batches so far,
until they stay at those of a window of half a minute. Reference: E. Brookner,
Tracking and Kalman Filtering Made Easy, 1998, chapters 1.2 and 1.2.10 (g-h
filter, growing memory).
"""

from collections import deque

import numpy as np

from repsense.samples import FloatArray

# Evidence the driver's own rate counts for at first, and the most that is remembered. Crystals
# drift slowly, radio delays vary quickly.
_FIRST_S, _WINDOW_S = 3.0, 30.0
# The same as batches, for sensors whose batches are long.
_FIRST_BATCHES, _WINDOW_BATCHES = 6.0, 20.0
# The rate may be so many times the driver's: a sensor that refused a setting, not one gone mad.
_RATE_FACTOR = 4.0
# Corrections are spread over a batch, and stretch or squeeze it no more than this.
_SQUEEZE, _STRETCH = 0.5, 1.5
# A batch so late by itself, s and in its own lengths, has lost others before it: radios deliver
# late by less, and the small sensors that send no time keep hardly anything for later.
_GAP_S, _GAP_BATCHES = 1.0, 0.75
# All batches of a while late by this much, s: nobody will make up for it any more. Before there is
# this much evidence, s, it may as well be the rate.
_BEHIND_S, _WHILE_S, _WHILE_BATCHES = 0.3, 1.0, 3
_SURE_S = 10.0


class FittedRate:
    """Place batches of evenly sampled data, given only when each arrived.

    Parameters
    ----------
    interval_s
        Interval that the sensor was asked for.
    """

    def __init__(self, interval_s: float) -> None:
        self._nominal_s = interval_s
        self.interval_s = interval_s
        self._newest_s: float | None = None
        self._arrived_s = 0.0
        self._memory = 0.0  # batches
        self._late: deque[tuple[float, float]] = deque()
        self._broken_off = False

    def break_off(self) -> None:
        """Take that the next batch follows a drop of the connection."""
        self._broken_off = True
        self._late.clear()

    def place(self, n: int, arrived_s: float, *, known_lost: int = 0) -> tuple[FloatArray, int]:
        """Return the times of ``n`` samples, shape (n,), and how many were lost before them."""
        since_s, self._arrived_s = arrived_s - self._arrived_s, arrived_s
        if self._newest_s is None:
            self._newest_s = arrived_s - n * self.interval_s
            self._broken_off = False
            return self._at_once(n, arrived_s), known_lost
        if known_lost:
            self._newest_s += known_lost * self.interval_s
        late_s = arrived_s - (self._newest_s + n * self.interval_s)
        if self._broken_off or self._is_gap(n, since_s, late_s):
            return self._behind_a_gap(n, arrived_s, late_s, known_lost)
        skipped = self._skip_what_stays_behind(n, arrived_s, late_s)
        t_s = self._fitted(n, late_s - skipped * self.interval_s)
        return t_s, known_lost + skipped

    def _at_once(self, n: int, arrived_s: float) -> FloatArray:
        t_s = arrived_s - self.interval_s * np.arange(n - 1.0, -1.0, -1.0)
        self._newest_s = arrived_s
        return t_s

    def _is_gap(self, n: int, since_s: float, late_s: float) -> bool:
        most_s = max(_GAP_S, _GAP_BATCHES * n * self.interval_s)
        return since_s - n * self.interval_s > most_s and late_s > 0.5 * most_s

    def _behind_a_gap(
        self, n: int, arrived_s: float, late_s: float, known_lost: int
    ) -> tuple[FloatArray, int]:
        newest_s = self._newest_s or 0.0
        self._broken_off = False
        self._late.clear()
        lost = known_lost + max(round(late_s / self.interval_s), 0)
        # What was under way when the connection broke may come early: never step back.
        arrived_s = max(arrived_s, newest_s + n * self.interval_s)
        return self._at_once(n, arrived_s), lost

    def _skip_what_stays_behind(self, n: int, arrived_s: float, late_s: float) -> int:
        """Return how many samples to skip because every batch of a while came late."""
        self._late.append((arrived_s, late_s))
        long_s = max(_WHILE_S, _WHILE_BATCHES * n * self.interval_s)
        while len(self._late) > 1 and self._late[1][0] <= arrived_s - long_s:
            self._late.popleft()
        whole = self._late[0][0] <= arrived_s - long_s and len(self._late) >= _WHILE_BATCHES
        least_s = min(late for _, late in self._late)
        sure = self._memory * n * self.interval_s > _SURE_S
        if not (whole and sure) or least_s < max(_BEHIND_S, n * self.interval_s):
            return 0
        skipped = round(least_s / self.interval_s)
        self._newest_s = (self._newest_s or 0.0) + skipped * self.interval_s
        self._late.clear()
        return skipped

    def _fitted(self, n: int, late_s: float) -> FloatArray:
        newest_s = self._newest_s or 0.0
        batch_s = n * self.interval_s
        most = max(_WINDOW_S / batch_s, _WINDOW_BATCHES)
        first = max(_FIRST_S / batch_s, _FIRST_BATCHES)
        k = self._memory = min(max(self._memory + 1.0, first), most)
        phase = 2.0 * (2.0 * k - 1.0) / (k * (k + 1.0))
        rate = 6.0 / (k * (k + 1.0))
        step_s = self.interval_s + phase * late_s / n
        step_s = _within(step_s, _SQUEEZE * self.interval_s, _STRETCH * self.interval_s)
        self.interval_s = _within(
            self.interval_s + rate * late_s / n,
            self._nominal_s / _RATE_FACTOR,
            self._nominal_s * _RATE_FACTOR,
        )
        t_s = newest_s + step_s * np.arange(1.0, n + 1.0)
        self._newest_s = float(t_s[-1])
        return t_s


def _within(value: float, least: float, most: float) -> float:
    return min(max(value, least), most)
