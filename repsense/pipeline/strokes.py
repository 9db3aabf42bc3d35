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

from repsense.pipeline.chains import Cycle
from repsense.pipeline.history import GRID_HZ, History, row_of
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
_FEWEST = 4  # cells: a shorter stroke says nothing

_BEYOND = 0.8
_HALF = 0.5
_SMALLEST = 0.01  # nothing smaller is told from noise, and its logarithm is bounded
_SMALLEST_TILT = 0.02


def _gaussian(sigma_cells: float) -> FloatArray:
    half = int(np.ceil(3.0 * sigma_cells))
    taps = np.exp(-0.5 * (np.arange(-half, half + 1) / sigma_cells) ** 2)
    return np.asarray(taps / taps.sum())


# The way is followed at 0.1 s; weight is felt at 0.07 s; calm is told at 0.2 s.
_WAY, _WEIGHT, _CALM = _gaussian(2.5), _gaussian(1.75), _gaussian(5.0)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Strokes:
    """One rep, stroke by stroke.

    Parameters
    ----------
    start_s, turn_s, end_s
        Where the strokes begin and end, on the device's clock.
    course
        Times from the start of the first stroke to each of :data:`SHARES` of its way and to the
        turn, then the same of the second stroke from the turn on, s, shape (16,).
    feels
        Natural logarithms of :data:`FEELS` for the first and the second stroke, shape (2, 8).
    home_g, away_g
        Mean posture at both ends, and at the turn, shape (3,).
    range_rad
        How far the smoothed vector turned away from home, rad: the angle of a forearm that tilts,
        a proxy where it only travels.
    rebound_g
        How sharply the weight turned at the end: heavier there than at rest, g.
    """

    start_s: float
    turn_s: float
    end_s: float
    course: FloatArray
    feels: FloatArray
    home_g: FloatArray
    away_g: FloatArray
    range_rad: float
    rebound_g: float

    def traits(self, lift: int) -> FloatArray:
        """Return what tells a throw or a bounce where stroke ``lift`` is the lift, shape (42,).

        Feels of lift and lowering, squares of the former, course, rebound, and 1.
        """
        up, down = self.feels[lift], self.feels[1 - lift]
        rebound = np.log(max(self.rebound_g, _SMALLEST))
        return np.concatenate([up, down, up**2, self.course, [rebound, 1.0]])

    def jolt_g(self, stroke: int) -> float:
        """Return how rough a stroke was: heavier, lighter and beyond its two postures, g."""
        surge, unload, span, tilt = np.exp(self.feels[stroke, [_SURGE, _UNLOAD, _SPAN, _TILT]])
        return float(surge + unload + max(span - tilt, 0.0))

    def weight(self, stroke: int) -> float:
        """Return how much the arm weighed at most in a stroke, in its own weights."""
        return 1.0 + float(np.exp(self.feels[stroke, _SURGE]))


def find_strokes(history: History, cycle: Cycle, now: int) -> Strokes:
    """Return the strokes of the rep over a cycle's cells, as seen from cell ``now``."""
    low = row_of(history, cycle.start - REACH - _DIP, now)
    high = row_of(history, cycle.end + REACH, now)
    first = row_of(history, cycle.start, now) - low
    last = row_of(history, cycle.end, now) - low
    raw_g = history.raw_g[low : high + 1].astype(np.float64)
    time_s = history.time_s[low : high + 1]
    range_rad = _range(history.smooth_g[low : high + 1][first : last + 1])
    return _Window(raw_g, time_s, first, last).strokes(range_rad)


class _Window:
    """The cells around a rep; rows are counted from the window's first."""

    def __init__(self, raw_g: FloatArray, time_s: FloatArray, first: int, last: int) -> None:
        self.time_s = time_s
        self.way_g = np.stack([_smooth(raw_g[:, axis], _WAY) for axis in range(3)], axis=1)
        self.weight_g = _smooth(np.sqrt((raw_g**2).sum(axis=1)), _WEIGHT) - 1.0
        steps_g = np.diff(self.way_g, axis=0, prepend=self.way_g[:1])
        self.step_g = np.sqrt((steps_g**2).sum(axis=1))
        self.first, self.last = first, last
        self._place()

    def _place(self) -> None:
        """Find where the strokes begin, turn and end."""
        way_g, first, last = self.way_g, self.first, self.last
        home_g = 0.5 * (way_g[first] + way_g[last])
        away_g = np.sqrt(((way_g - home_g) ** 2).sum(axis=1))
        inside = away_g[first : last + 1]
        # The turn is where it is farthest, even where nothing moves at all.
        self.top_g = float(inside.max())
        far = first + np.flatnonzero(inside >= _BEYOND * self.top_g)
        self.turn = int(far[0] + far[-1]) // 2
        rising = first + int((away_g[first : self.turn + 1] >= _HALF * self.top_g).argmax())
        falling = self.turn + int(
            np.flatnonzero(away_g[self.turn : last + 1] >= _HALF * self.top_g)[-1]
        )
        calm = _smooth(self.step_g, _CALM)
        self.start = _calmest(calm, first - REACH, min(first + REACH, rising - 3))
        self.end = _calmest(calm, max(last - REACH, falling + 3), last + REACH)
        self.start = min(self.start, self.turn)
        self.end = max(self.end, self.turn)

    def strokes(self, range_rad: float) -> Strokes:
        """Measure."""
        there = slice(max(self.start - _WIND_UP, 0), self.turn + 1)
        back = slice(max(self.turn - _WIND_UP, 0), min(self.end + _WIND_UP, self.time_s.size))
        ends_g = self.way_g[[self.start, self.end]]
        near = slice(max(self.turn - 2, 0), self.turn + 3)
        return Strokes(
            start_s=float(self.time_s[self.start]),
            turn_s=float(self.time_s[self.turn]),
            end_s=float(self.time_s[self.end]),
            course=np.concatenate(
                [self._course(self.start, self.turn), self._course(self.turn, self.end)]
            ),
            feels=np.stack([self._feel(there), self._feel(back)]),
            home_g=ends_g.mean(axis=0),
            away_g=self.way_g[near].mean(axis=0),
            range_rad=range_rad,
            rebound_g=self._rebound(),
        )

    def _course(self, begin: int, end: int) -> FloatArray:
        length = (end - begin) / GRID_HZ
        if end - begin < _FEWEST:
            return np.array([*(share * length for share in SHARES), length])
        done = np.cumsum(self.step_g[begin + 1 : end + 1])
        times = np.interp(SHARES, np.r_[0.0, done / (done[-1] + 1e-12)], np.arange(end - begin + 1))
        return np.asarray(np.r_[times / GRID_HZ, length])

    def _feel(self, rows: slice) -> FloatArray:
        way_g, weight_g = self.way_g[rows], self.weight_g[rows]
        peak = int(weight_g.argmax())
        before = self.weight_g[max(rows.start + peak - _DIP, 0) : rows.start + peak + 1]
        done = np.cumsum(self.step_g[rows])
        tenth, nine_tenths = np.searchsorted(done, (0.1 * done[-1], 0.9 * done[-1]))
        tilt_g = way_g[-5:].mean(axis=0) - way_g[:5].mean(axis=0)
        values = np.array(
            [
                weight_g[peak],
                -weight_g[peak:].min(),
                -before.min(),
                _diameter(way_g),
                max(float(np.sqrt((tilt_g**2).sum())), _SMALLEST_TILT),
                max(nine_tenths - tenth, 1) / GRID_HZ,
                self.step_g[rows].max() * GRID_HZ,
                done[-1],
            ]
        )
        return np.asarray(np.log(np.maximum(values, _SMALLEST)))

    def _rebound(self) -> float:
        near = slice(max(self.end - _WIND_UP, 0), self.end + _WIND_UP + 1)
        return max(float(self.weight_g[near].max()), 0.0)


def _range(smooth_g: FloatArray) -> float:
    """Return the angle that belongs to the longest chord from both ends, for a vector of 1 g."""
    home_g = 0.5 * (smooth_g[0] + smooth_g[-1])
    chord_g = float(np.sqrt(((smooth_g - home_g) ** 2).sum(axis=1).max()))
    return 2.0 * math.asin(min(0.5 * chord_g, 1.0))


def _smooth(values: FloatArray, taps: FloatArray) -> FloatArray:
    half = taps.size // 2
    padded = np.concatenate([np.full(half, values[0]), values, np.full(half, values[-1])])
    return np.convolve(padded, taps, mode="valid")


def _calmest(calm: FloatArray, first: int, last: int) -> int:
    first = min(max(first, 0), calm.size - 1)
    last = min(max(last, first), calm.size - 1)
    return first + int(calm[first : last + 1].argmin())


def _diameter(points: FloatArray) -> float:
    """Return the largest distance of two points, of a third of them."""
    some = points[::3]
    squares = (some**2).sum(axis=1)
    apart = squares[:, None] + squares[None, :] - 2.0 * some @ some.T
    return float(np.sqrt(max(apart.max(), 0.0)))
