"""What the wrist felt in the two strokes of a rep, from cells that are hardly smoothed.

The engine says roughly where a rep is; its low-pass hides how it was moved. Here the unsmoothed
cells around it are looked at again:

1. Home is the mean of both ends of the engine's cycle; the turn is the middle of the time
   spent beyond eight tenths of the way.
2. Each stroke is followed by the way of the acceleration vector through its space, which does
   not depend on how the band is worn. It begins where the wrist was calmest around the cycle's
   edge. The times at which given shares of the way are done are the stroke's *course*.
3. Its *feel* is how much heavier and lighter than at rest the arm felt, and how fast and how far
   the vector went: eight logarithms.

What course and feel say about seconds and about swings is another matter
(:mod:`repsense.pipeline.form`).
"""

import math
from dataclasses import dataclass

import numpy as np

from repsense.compiled import compiled
from repsense.pipeline.chains import Cycle
from repsense.pipeline.felt import (
    WAY,
    WEIGHT,
    Felt,
    apart,
    felt,
    gaussian,
    length,
    smooth,
    write_times,
)
from repsense.pipeline.history import GRID_HZ, Float32Array, History, IntArray, row_of
from repsense.pipeline.marks import MARKS, REP_SHARES, STROKE_SHARES, marks_of
from repsense.samples import FloatArray

#: Shares of a stroke's way whose times make up its course.
SHARES = (0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95)

#: What a feel consists of, in this order.
FEELS = (
    "surge_g",  # how much heavier than at rest the arm felt at most
    "unload_g",  # how much lighter after that
    "dip_g",  # how much lighter just before: the wind-up of a throw
    "span_g",  # farthest two points of the stroke
    "tilt_g",  # from its first point to its last
    "width_s",  # from a tenth of the way to nine tenths
    "rate_g_per_s",  # fastest change
    "way_g",  # length of the way
)

_SURGE, _UNLOAD, _SPAN, _TILT = (FEELS.index(f"{n}_g") for n in ("surge", "unload", "span", "tilt"))

# How far beyond the engine's cycle a stroke may begin or end, and a throw's wind-up before that.
REACH = 20
_WIND_UP = 8
_DIP = 11

_BEYOND = 0.8
_HALF = 0.5
_SMALLEST = 0.01  # nothing smaller is told from noise, and its logarithm is bounded
_SMALLEST_TILT = 0.02
_SHARES = np.array(SHARES)

# Where course, times and feels end in what is measured of a rep.
_COURSE = 2 * (len(SHARES) + 1)
_TIMES = _COURSE + MARKS
_FELT = _TIMES + 2 * len(FEELS)


# Calm is told at 0.2 s.
_CALM = gaussian(5.0)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Strokes:
    """One rep, stroke by stroke.

    Parameters
    ----------
    start_s, turn_s, end_s
        Where the strokes begin and end, on the device's clock.
    numbers
        Course, marks (:mod:`repsense.pipeline.marks`), feels, home and away, one after the other:
        a long set has hundreds of these.
    range_rad
        How far the smoothed vector turned away from home, rad: the angle of a forearm that tilts,
        a proxy where it only travels.
    rebound_g
        How sharply the weight turned at the end: heavier there than at rest, g.
    """

    start_s: float
    turn_s: float
    end_s: float
    numbers: Float32Array
    range_rad: float
    rebound_g: float

    @property
    def times_s(self) -> Float32Array:
        """Course and marks: what seconds are told by, shape (16 + MARKS,)."""
        return self.numbers[:_TIMES]

    @property
    def course(self) -> Float32Array:
        """Times to each of :data:`SHARES` of the way, and to the turn and the end, s, shape (16,).

        Those of the first stroke from its start on, then those of the second from the turn on.
        """
        return self.numbers[:_COURSE]

    @property
    def feels(self) -> Float32Array:
        """Natural logarithms of :data:`FEELS` for the first and the second stroke, shape (2, 8)."""
        return self.numbers[_TIMES:_FELT].reshape(2, -1)

    @property
    def home_g(self) -> Float32Array:
        """Mean posture at both ends, shape (3,), g."""
        return self.numbers[_FELT : _FELT + 3]

    @property
    def away_g(self) -> Float32Array:
        """Mean posture at the turn, shape (3,), g."""
        return self.numbers[_FELT + 3 :]

    def traits(self, lift: int) -> FloatArray:
        """Return what tells a throw or a bounce where stroke ``lift`` is the lift, shape (42,).

        Feels of lift and lowering, squares of the former, course, rebound, and 1.
        """
        up, down = self.feels[lift], self.feels[1 - lift]
        rebound = math.log(max(self.rebound_g, _SMALLEST))
        return np.concatenate([up, down, up**2, self.course, [rebound, 1.0]])

    def reaches(self, lift: int) -> FloatArray:
        """Return what tells the range where stroke ``lift`` is the lift, shape (17,).

        Feels of lift and lowering, and the logarithm of the angle.
        """
        angle = math.log(max(self.range_rad, _SMALLEST))
        return np.concatenate([self.feels[lift], self.feels[1 - lift], [angle]])

    def jolt_g(self, stroke: int) -> float:
        """Return how rough a stroke was: heavier, lighter and beyond its two postures, g."""
        feel = [math.exp(one) for one in self.feels[stroke].tolist()]
        return feel[_SURGE] + feel[_UNLOAD] + max(feel[_SPAN] - feel[_TILT], 0.0)

    def weight(self, stroke: int) -> float:
        """Return how much the arm weighed at most in a stroke, in its own weights."""
        return 1.0 + math.exp(float(self.feels[stroke, _SURGE]))


def find_strokes(history: History, cycle: Cycle, now: int) -> Strokes:
    """Return the strokes of the rep over a cycle's cells, as seen from cell ``now``."""
    low = row_of(history, cycle.start - REACH - _DIP, now)
    high = row_of(history, cycle.end + REACH, now)
    first = row_of(history, cycle.start, now) - low
    last = row_of(history, cycle.end, now) - low
    raw_g = history.raw_g[low : high + 1].astype(np.float64)
    time_s = history.time_s[low : high + 1]
    rows, numbers = np.empty(3, dtype=np.int64), np.empty(_FELT + 6)
    taps, shares = (WAY, WEIGHT, _CALM), (_SHARES, STROKE_SHARES, REP_SHARES)
    rebound_g = _measure(raw_g, first, last, *taps, *shares, rows, numbers)
    start, turn, end = rows.tolist()
    chord_g = _chord(history.smooth_g, low + first, low + last)
    return Strokes(
        start_s=float(time_s[start]),
        turn_s=float(time_s[turn]),
        end_s=float(time_s[end]),
        numbers=numbers.astype(np.float32),
        range_rad=2.0 * math.asin(min(0.5 * chord_g, 1.0)),
        rebound_g=float(rebound_g),
    )


@compiled
def _measure(
    raw_g: FloatArray,
    first: int,
    last: int,
    way: FloatArray,
    weight: FloatArray,
    calm: FloatArray,
    shares: FloatArray,
    stroke_shares: FloatArray,
    rep_shares: FloatArray,
    rows: IntArray,
    numbers: FloatArray,
) -> float:
    """Measure the rep between two rows of a window, given the taps of three low-passes.

    Written are the rows at which it begins, turns and ends, and the numbers of :class:`Strokes`;
    the rebound is returned, in g.
    """
    window = felt(raw_g, way, weight)
    start, turn, end = _place(window, first, last, calm)
    size = shares.shape[0] + 1
    course, feels = numbers[: 2 * size], numbers[_TIMES:_FELT]
    write_times(window.step_g, start, turn, shares, course[: size - 1])
    write_times(window.step_g, turn, end, shares, course[size:-1])
    course[size - 1], course[-1] = (turn - start) / GRID_HZ, (end - turn) / GRID_HZ
    numbers[2 * size : _TIMES] = marks_of(window, start, turn, end, stroke_shares, rep_shares)
    _write_feel(window, max(start - _WIND_UP, 0), turn + 1, feels[:8])
    count = window.step_g.shape[0]
    _write_feel(window, max(turn - _WIND_UP, 0), min(end + _WIND_UP, count), feels[8:])
    for axis in range(3):
        numbers[_FELT + axis] = 0.5 * (window.way_g[start, axis] + window.way_g[end, axis])
    _write_mean(window.way_g, max(turn - 2, 0), min(turn + 3, count), numbers[_FELT + 3 :])
    rebound_g = 0.0
    for row in range(max(end - _WIND_UP, 0), min(end + _WIND_UP + 1, count)):
        rebound_g = max(rebound_g, window.weight_g[row])
    rows[0], rows[1], rows[2] = start, turn, end
    return rebound_g


@compiled
def _place(window: Felt, first: int, last: int, calm: FloatArray) -> tuple[int, int, int]:
    """Return the rows where the strokes begin, turn and end."""
    away_g = np.empty(last + 1)
    way_g = window.way_g
    top_g = 0.0
    for row in range(first, last + 1):
        x = way_g[row, 0] - 0.5 * (way_g[first, 0] + way_g[last, 0])
        y = way_g[row, 1] - 0.5 * (way_g[first, 1] + way_g[last, 1])
        z = way_g[row, 2] - 0.5 * (way_g[first, 2] + way_g[last, 2])
        away_g[row] = length(x, y, z)
        top_g = max(top_g, away_g[row])
    # The turn is where it is farthest, even where nothing moves at all.
    far = _outermost(away_g, first, last, _BEYOND * top_g)
    turn = (far[0] + far[1]) // 2
    rising = _outermost(away_g, first, turn, _HALF * top_g)[0]
    falling = _outermost(away_g, turn, last, _HALF * top_g)[1]
    still = smooth(window.step_g, calm)
    start = _calmest(still, first - REACH, min(first + REACH, rising - 3))
    end = _calmest(still, max(last - REACH, falling + 3), last + REACH)
    return min(start, turn), turn, max(end, turn)


@compiled
def _outermost(values: FloatArray, first: int, last: int, least: float) -> tuple[int, int]:
    """Return the first and the last row, of those given, with at least so large a value."""
    low, high = last, first
    for row in range(first, last + 1):
        if values[row] >= least:
            low, high = min(low, row), row
    return low, high


@compiled
def _write_feel(window: Felt, start: int, stop: int, feel: FloatArray) -> None:
    """Write the logarithms of :data:`FEELS` between two rows."""
    weight_g, step_g = window.weight_g, window.step_g
    peak, way_g, rate_g = start, 0.0, 0.0
    for row in range(start, stop):
        peak = row if weight_g[row] > weight_g[peak] else peak
        rate_g = max(rate_g, step_g[row])
        way_g += step_g[row]
    tenth = _row_after(step_g, start, stop, 0.1 * way_g)
    width = _row_after(step_g, start, stop, 0.9 * way_g) - tenth
    tilt_g = np.empty((2, 3))
    _write_mean(window.way_g, start, min(start + 5, stop), tilt_g[0])
    _write_mean(window.way_g, max(stop - 5, start), stop, tilt_g[1])
    feel[0] = weight_g[peak]
    feel[1] = -_least(weight_g, peak, stop)
    feel[2] = -_least(weight_g, max(peak - _DIP, 0), peak + 1)
    feel[3] = _diameter(window.way_g, start, stop)
    feel[4] = max(apart(tilt_g, 0, 1), _SMALLEST_TILT)
    feel[5] = max(width, 1) / GRID_HZ
    feel[6] = rate_g * GRID_HZ
    feel[7] = way_g
    for i in range(8):
        feel[i] = math.log(max(feel[i], _SMALLEST))


@compiled
def _row_after(step_g: FloatArray, start: int, stop: int, way_g: float) -> int:
    """Return the first row by which a way is done."""
    done = 0.0
    for row in range(start, stop):
        done += step_g[row]
        if done >= way_g:
            return row
    return stop - 1


@compiled
def _least(values: FloatArray, start: int, stop: int) -> float:
    least = values[start]
    for row in range(start, stop):
        least = min(least, values[row])
    return float(least)


@compiled
def _chord(smooth_g: Float32Array, first: int, last: int) -> float:
    """Return the longest chord from the middle of two rows to one between them, g.

    For a vector of 1 g it belongs to the angle by which that has turned.
    """
    longest = 0.0
    for row in range(first, last + 1):
        chord = 0.0
        for axis in range(3):
            home = 0.5 * (smooth_g[first, axis] + smooth_g[last, axis])
            chord += (smooth_g[row, axis] - home) ** 2
        longest = max(longest, chord)
    return math.sqrt(longest)


@compiled
def _write_mean(values: FloatArray, start: int, stop: int, mean: FloatArray) -> None:
    for axis in range(3):
        total = 0.0
        for row in range(start, stop):
            total += values[row, axis]
        mean[axis] = total / (stop - start)


@compiled
def _calmest(calm: FloatArray, first: int, last: int) -> int:
    first = min(max(first, 0), calm.shape[0] - 1)
    last = min(max(last, first), calm.shape[0] - 1)
    calmest = first
    for row in range(first, last + 1):
        calmest = row if calm[row] < calm[calmest] else calmest
    return calmest


@compiled
def _diameter(points: FloatArray, start: int, stop: int) -> float:
    """Return the largest distance of two rows, of a third of them."""
    largest = 0.0
    for one in range(start, stop, 3):
        for other in range(start, one, 3):
            largest = max(largest, apart(points, one, other))
    return largest
