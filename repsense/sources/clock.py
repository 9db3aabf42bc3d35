"""When each sample was measured: device time where there is one, a fitted clock where not.

All times that go in (``arrived_s``, ``now_s``) are the host's monotonic clock.
All that come out are seconds since the stream's origin and only ever increase,
across connections too, so that a drop is a hole and nothing worse.
"""

from collections import deque
from typing import Protocol

import numpy as np
import numpy.typing as npt

from repsense.samples import FloatArray, SampleBlock
from repsense.sources.ble.drivers.base import Batch, Timing
from repsense.sources.fitted import FittedRate

BoolArray = npt.NDArray[np.bool_]

# The finest step that a recording keeps; samples closer together are one sample sent twice.
_FINEST_S = 1e-5
# A sensor whose clock ran on during a drop agrees with its old self to this, s: the delays of two
# batches differ by as much as they are long, and Polar's last 1.4 s.
_SAME_CLOCK_S = 2.0
# Nothing arrives before it was measured, and no packet is this late: then the sensor set its clock.
_CLOCK_SET_S = 5.0
# An interval this many times the usual one has room for a sample that is missing.
_MISSING = 1.5
# Intervals remembered, and how many of them are needed to contradict the driver's rate.
_INTERVALS, _INTERVALS_NEEDED = 15, 3
# Intervals that the mean goes over at most, so that it follows a crystal that warms up.
_MOST_WEIGHT = 1000
# How long a sensor that sends changes only is believed to hold still, s.
HOLD_S = 10.0


class SensorClock(Protocol):
    """Gives the samples of one sensor their times."""

    def connected(self) -> None:
        """Take that a new connection begins: counters and clocks may start anew."""
        ...

    def place(self, batch: Batch, arrived_s: float) -> SampleBlock | None:
        """Return the batch on the stream's clock, or None when nothing of it is new.

        What was sent twice or came too late is dropped; what is missing
        before the block is counted in its ``lost``.
        """
        ...

    def tick(self, now_s: float) -> SampleBlock | None:
        """Return the samples that the passing of time alone makes certain."""
        ...


def clock_for(timing: Timing, rate_hz: float, *, origin_s: float) -> SensorClock:
    """Return a clock for a sensor.

    Parameters
    ----------
    timing
        Where the sensor's times come from.
    rate_hz
        The rate it was asked for; the real one is measured.
    origin_s
        Host time that is 0 on the stream's clock.
    """
    match timing:
        case Timing.DEVICE:
            return DeviceClock(rate_hz, origin_s=origin_s)
        case Timing.EVEN:
            return EvenClock(rate_hz, origin_s=origin_s)
        case Timing.ARRIVAL:
            return ArrivalClock(rate_hz, origin_s=origin_s)


class DeviceClock:
    """Believe the sensor's times, and tie them once to the host's.

    Within a connection nothing but the sensor's clock is used. After a drop it
    is used on if it agrees with the host's about how long the drop was, and
    tied anew if it does not.
    """

    def __init__(self, rate_hz: float, *, origin_s: float) -> None:
        self._intervals = _Intervals(1.0 / rate_hz)
        self._origin_s = origin_s
        self._newest_s = -np.inf
        self._arrived_s = 0.0
        self._shift_s: float | None = None  # stream time = device time + this
        self._delay_s = 0.0  # arrival - device time of the newest batch
        self._least_delay_s = np.inf  # of this connection
        self._anew = True

    def connected(self) -> None:
        """See :class:`SensorClock`."""
        self._anew = True
        self._intervals.break_off()

    def place(self, batch: Batch, arrived_s: float) -> SampleBlock | None:
        """See :class:`SensorClock`."""
        device_s = batch.device_s
        if device_s is None or not len(device_s):
            return None
        shift_s = self._tie(device_s, arrived_s)
        t_s = device_s + shift_s
        new = _rising(t_s, self._newest_s)
        if not new.any():
            return None
        gap_s = float(t_s[new][0]) - self._newest_s
        self._intervals.take(t_s[new], gap_s if batch.lost == 0 else None)
        lost = batch.lost or self._intervals.missing(gap_s)
        self._newest_s, self._arrived_s = float(t_s[new][-1]), arrived_s
        return _block(t_s, batch, lost, new)

    def tick(self, now_s: float) -> SampleBlock | None:
        """Return nothing: only the sensor knows its time."""

    def _tie(self, device_s: FloatArray, arrived_s: float) -> float:
        """Return what added to device time gives stream time."""
        last_s = float(device_s[-1])
        delay_s = arrived_s - last_s
        if self._shift_s is None:
            self._shift_s = delay_s - self._origin_s
        elif self._clock_was_set(last_s, delay_s):
            # At least one interval on, also where the first batch reaches back before the drop.
            elapsed_s = max(arrived_s - self._arrived_s, 0.0)
            self._shift_s = max(
                self._newest_s + elapsed_s - last_s,
                self._newest_s + self._intervals.usual_s - float(device_s[0]),
            )
            self._least_delay_s = np.inf
        if self._anew:
            self._anew, self._least_delay_s = False, np.inf
        self._delay_s = delay_s
        self._least_delay_s = min(self._least_delay_s, delay_s)
        return self._shift_s

    def _clock_was_set(self, last_s: float, delay_s: float) -> bool:
        if self._anew:
            return abs(delay_s - self._delay_s) > _SAME_CLOCK_S
        backwards = last_s + (self._shift_s or 0.0) < self._newest_s - _CLOCK_SET_S
        return backwards or delay_s < self._least_delay_s - _CLOCK_SET_S


class EvenClock:
    """Space samples evenly, at the rate and phase that their arrival shows.

    See :class:`repsense.sources.fitted.FittedRate` for the fit. Samples lost
    on the way show only as a delay that nothing makes up for, so ``lost`` is an
    estimate, good to a few samples or a percent, and losses below 0.3 s go unseen.
    """

    def __init__(self, rate_hz: float, *, origin_s: float) -> None:
        self._fit = FittedRate(1.0 / rate_hz)
        self._origin_s = origin_s

    def connected(self) -> None:
        """See :class:`SensorClock`."""
        self._fit.break_off()

    def place(self, batch: Batch, arrived_s: float) -> SampleBlock | None:
        """See :class:`SensorClock`."""
        n = len(batch.accel_g)
        if not n:
            return None
        t_s, lost = self._fit.place(n, arrived_s - self._origin_s, known_lost=batch.lost)
        return _block(t_s, batch, lost)

    def tick(self, now_s: float) -> SampleBlock | None:
        """Return nothing: a sensor of this kind sends every sample."""


class ArrivalClock:
    """Hold the last value until the next arrives, for a sensor that sends changes only.

    While nothing comes the held value is sampled at the sensor's rate, so time
    goes on for whoever counts; after :data:`HOLD_S` it is believed no longer.
    """

    def __init__(self, rate_hz: float, *, origin_s: float) -> None:
        self._interval_s = 1.0 / rate_hz
        self._origin_s = origin_s
        self._newest_s = -np.inf
        self._changed_s = -np.inf
        self._held: Batch | None = None

    def connected(self) -> None:
        """See :class:`SensorClock`: what held before the drop holds no more."""
        self._held = None

    def place(self, batch: Batch, arrived_s: float) -> SampleBlock | None:
        """See :class:`SensorClock`."""
        n = len(batch.accel_g)
        at_s = arrived_s - self._origin_s
        if not n or at_s <= self._newest_s + _FINEST_S:
            return None
        held = self._hold(at_s - self._interval_s * (n - 0.5))
        step_s = min(self._interval_s, (at_s - self._newest_s) / n)
        t_s = at_s - step_s * np.arange(n - 1.0, -1.0, -1.0)
        lost = batch.lost or self._missing(float(t_s[0]))
        self._newest_s = self._changed_s = at_s
        self._held = batch
        whole = _block(t_s, batch, lost)
        return whole if held is None else _joined(held, whole)

    def tick(self, now_s: float) -> SampleBlock | None:
        """Return the held value up to an interval ago, so that no arrival is forestalled."""
        return self._hold(now_s - self._origin_s - _MISSING * self._interval_s)

    def _hold(self, until_s: float) -> SampleBlock | None:
        if self._held is None:
            return None
        until_s = min(until_s, self._changed_s + HOLD_S)
        count = int((until_s - self._newest_s) / self._interval_s)
        if count <= 0:
            return None
        t_s = self._newest_s + self._interval_s * np.arange(1.0, count + 1.0)
        self._newest_s = float(t_s[-1])
        gyro = self._held.gyro_dps
        return SampleBlock(
            t_s=t_s,
            accel_g=np.repeat(self._held.accel_g[-1:], count, axis=0),
            gyro_dps=None if gyro is None else np.repeat(gyro[-1:], count, axis=0),
        )

    def _missing(self, first_s: float) -> int:
        gap_s = first_s - self._newest_s
        if not np.isfinite(gap_s) or gap_s < (_MISSING + 1.0) * self._interval_s:
            return 0
        return round(gap_s / self._interval_s) - 1


class _Intervals:
    """The usual interval between samples, and how many are missing in a longer one."""

    def __init__(self, nominal_s: float) -> None:
        self._usual_s = nominal_s
        self._weight = 0
        self._seen_s: deque[float] = deque(maxlen=_INTERVALS)
        self._whole = False

    @property
    def usual_s(self) -> float:
        """The mean of the intervals without a loss; the nominal one before there are enough."""
        return self._usual_s

    def break_off(self) -> None:
        """Take that the next gap is a drop and tells nothing about the rate."""
        self._whole = False

    def take(self, t_s: FloatArray, gap_s: float | None) -> None:
        """Learn from a batch, and from the gap before it unless samples are known to be lost."""
        if len(t_s) > 1:
            self._learn(float(t_s[-1] - t_s[0]) / (len(t_s) - 1))
        elif gap_s is not None and self._whole:
            self._learn(gap_s)
        self._whole = True

    def _learn(self, interval_s: float) -> None:
        self._seen_s.append(interval_s)
        if len(self._seen_s) < _INTERVALS_NEEDED:
            return
        # Where single samples are lost intervals are doubled: the short ones tell the rate.
        short_s = sorted(self._seen_s)[len(self._seen_s) // 4]
        if not short_s / _MISSING < self._usual_s < short_s * _MISSING:
            self._usual_s, self._weight = short_s, 1
        elif short_s / _MISSING < interval_s < short_s * _MISSING:
            self._weight = min(self._weight + 1, _MOST_WEIGHT)
            self._usual_s += (interval_s - self._usual_s) / self._weight

    def missing(self, gap_s: float) -> int:
        """Return how many samples a gap between two samples swallowed."""
        if not np.isfinite(gap_s) or gap_s < _MISSING * self._usual_s:
            return 0
        return round(gap_s / self._usual_s) - 1


def _rising(t_s: FloatArray, after_s: float) -> BoolArray:
    """Mark the times that are later than all before them and than ``after_s``."""
    before_s = np.maximum.accumulate(np.concatenate(([after_s], t_s[:-1])))
    rising: BoolArray = t_s > before_s + _FINEST_S
    return rising


def _block(t_s: FloatArray, batch: Batch, lost: int, keep: BoolArray | None = None) -> SampleBlock:
    which = slice(None) if keep is None else keep
    gyro = batch.gyro_dps
    return SampleBlock(
        t_s=t_s[which],
        accel_g=batch.accel_g[which],
        gyro_dps=None if gyro is None else gyro[which],
        lost=lost,
    )


def _joined(first: SampleBlock, second: SampleBlock) -> SampleBlock:
    gyro_dps = None
    if first.gyro_dps is not None and second.gyro_dps is not None:
        gyro_dps = np.concatenate((first.gyro_dps, second.gyro_dps))
    return SampleBlock(
        t_s=np.concatenate((first.t_s, second.t_s)),
        accel_g=np.concatenate((first.accel_g, second.accel_g)),
        gyro_dps=gyro_dps,
        lost=first.lost,
    )
