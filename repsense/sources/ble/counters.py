"""Clocks of sensors: counters that wrap, and batches with one time stamp for all.

Pure: a number in, a number out. What a sensor stamps is trusted as far as it
goes; what cannot be true within one connection (time standing still, running
back, leaping by minutes) is told apart from what was lost.
"""

from dataclasses import dataclass

import numpy as np

from repsense.samples import FloatArray

#: A connection without a packet for 32 s is dead (the longest supervision timeout that
#: Bluetooth knows), so a longer leap within one connection is a clock that was set.
_LEAP_S = 60.0

#: Packets of one connection arrive in order, so what is older than the newest by more than
#: this is a clock that was set back, and what is older by less is a late double.
_LATE_S = 10.0

#: Share of a batch by which its first sample may be late before samples count as lost.
#: Whole batches get lost, and a rate is hardly ever wrong by a tenth.
_SLACK = 0.3

#: Share of its own length by which a batch must bring time forward; a double brings nothing.
_DOUBLE = 0.2


class Unwrapper:
    """Turn a counter of few bits that starts over at 0 into one that goes on.

    A value counts as the one nearest to the newest so far, so a late packet
    from before a wrap is placed before it.

    Parameters
    ----------
    bits
        Width of the sensor's counter.

    Examples
    --------
    >>> counter = Unwrapper(bits=16)
    >>> [counter.unwrap(value) for value in (65534, 65535, 1, 65535)]
    [65534, 65535, 65537, 65535]
    """

    def __init__(self, *, bits: int) -> None:
        self._period = 1 << bits
        self._newest: int | None = None

    def unwrap(self, value: int) -> int:
        """Return the count that ``value`` stands for."""
        if self._newest is None:
            self._newest = value
            return value
        half = self._period // 2
        count = self._newest + (value - self._newest + half) % self._period - half
        self._newest = max(self._newest, count)
        return count


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Placed:
    """Where a batch lies in time.

    Parameters
    ----------
    t_s
        Device time of each sample in s, shape (n,), strictly increasing and
        after every sample placed before.
    lost
        Samples missing between the batch before and this one.
    """

    t_s: FloatArray
    lost: int


class BatchClock:
    """Give each sample its time where the sensor stamps only a batch.

    1. A batch is laid out at the nominal spacing from its stamp.
    2. Where its first sample comes later than its length allows, a batch before
       it was lost: the gap stays, and its samples are counted.
    3. Otherwise the samples of a batch stamped at its end are spread evenly up
       to the stamp, so that a crystal that runs a little fast leaves no seam.
    4. A batch that brings time forward by less than a fifth of its length is a
       double, or too late.
    5. A stamp that leaps by more than a minute, or back by more than ten seconds,
       is a clock that was set: time goes on from the sample before.

    Parameters
    ----------
    rate_hz
        Nominal rate; may be set anew between batches.
    """

    def __init__(self, *, rate_hz: float) -> None:
        self.rate_hz = rate_hz
        self._last_s: float | None = None
        self._shift_s = 0.0

    def place_by_first(self, first_s: float, n: int) -> Placed | None:
        """Place ``n`` samples whose first was taken at ``first_s``; None for a double."""
        first_s += self._leap_s(first_s)
        if self._last_s is None or first_s > self._last_s:
            return self._laid_out(first_s, n)
        return self._spread_to(first_s + (n - 1) / self.rate_hz, n)

    def place_by_last(self, last_s: float, n: int) -> Placed | None:
        """Place ``n`` samples whose last was taken at ``last_s``; None for a double."""
        last_s += self._leap_s(last_s - (n - 1) / self.rate_hz)
        first_s = last_s - (n - 1) / self.rate_hz
        if self._last_s is None or self._missing(first_s, n):
            return self._laid_out(first_s, n)
        return self._spread_to(last_s, n)

    def _leap_s(self, first_s: float) -> float:
        """Return what takes the sensor's time to one that is never set; notice when it was."""
        if self._last_s is not None:
            ahead_s = first_s + self._shift_s - self._last_s
            if not -_LATE_S <= ahead_s <= _LEAP_S:
                self._shift_s = self._last_s + 1.0 / self.rate_hz - first_s
        return self._shift_s

    def _missing(self, first_s: float, n: int) -> int:
        if self._last_s is None:
            return 0
        missing = (first_s - self._last_s) * self.rate_hz - 1.0
        return round(missing) if missing > _SLACK * (n + 1) else 0

    def _laid_out(self, first_s: float, n: int) -> Placed:
        lost = self._missing(first_s, n)
        return self._placed(first_s + np.arange(n) / self.rate_hz, lost)

    def _spread_to(self, last_s: float, n: int) -> Placed | None:
        before_s = last_s if self._last_s is None else self._last_s
        if last_s - before_s < _DOUBLE * n / self.rate_hz:
            return None
        return self._placed(np.linspace(before_s, last_s, n + 1)[1:], 0)

    def _placed(self, t_s: FloatArray, lost: int) -> Placed:
        self._last_s = float(t_s[-1])
        return Placed(t_s=t_s, lost=lost)
