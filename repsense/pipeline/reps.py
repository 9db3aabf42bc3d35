"""What one rep looked like: its turn, its phases, its range, how much it was thrown.

The distance of the smoothed acceleration from the rep's start posture is taken
as the course of the rep: 0 at the start, 1 at the turn. Where the forearm
rotates this is the angle; where it only travels it is a proxy.
"""

import math
from dataclasses import dataclass, replace

import numpy as np

from repsense.events import FormFlag, Rep
from repsense.pipeline.chains import Cycle
from repsense.pipeline.history import GRID_HZ, History, row_of
from repsense.samples import FloatArray

# A stroke that starts and stops smoothly (minimum jerk) is within 4 % of its end for the
# last 18 % of its duration: that much of the time at the turn is stroke, not hold.
_AT_TURN = 0.96
_STROKE_AT_TURN = 0.18


@dataclass(frozen=True, slots=True, kw_only=True)
class FormParameters:
    """Settings of the form measures.

    Parameters
    ----------
    calm_rate_per_s, thrown_rate_per_s
        Fastest crossing of the rep's range, in ranges a second, up to which a
        rep is controlled (momentum 0) and from which it is thrown (momentum 1).
        A smooth stroke of T s peaks at 1.875 / T.
    swing_momentum
        Momentum from which a rep is flagged as a swing.
    fast_phase_s
        A lift or lowering shorter than this is flagged as fast, s.
    partial_range
        A rep whose range is below this share of the set's own is partial.
    """

    calm_rate_per_s: float = 2.2
    thrown_rate_per_s: float = 5.0
    swing_momentum: float = 0.5
    fast_phase_s: float = 0.6
    partial_range: float = 0.7


@dataclass(frozen=True, slots=True, kw_only=True)
class RawRep:
    """A rep as measured, before it is compared with its set; ``range_g`` in g."""

    rep: Rep
    range_g: float


def measure(history: History, cycle: Cycle, now: int, parameters: FormParameters) -> RawRep:
    """Measure the rep that runs over a cycle's cells, as seen from cell ``now``."""
    first, last = row_of(history, cycle.start, now), row_of(history, cycle.end, now)
    last = max(last, first + 1)
    smooth_g = history.smooth_g[first : last + 1]
    time_s = history.time_s[first : last + 1]
    middle = 0.5 * (smooth_g[0] + smooth_g[-1])
    course = np.sqrt(((smooth_g - middle) ** 2).sum(axis=1))
    turn = int(course.argmax())
    lift_s, hold_s, lower_s = _phases(course / (course[turn] + 1e-9), time_s, turn)
    range_g = float(np.sqrt(((smooth_g - smooth_g[turn]) ** 2).sum(axis=1)).max())
    momentum = _momentum(smooth_g, range_g, parameters)
    rep = Rep(
        start_s=float(time_s[0]),
        turn_s=float(time_s[turn]),
        end_s=float(time_s[-1]),
        lift_s=lift_s,
        hold_s=hold_s,
        lower_s=lower_s,
        momentum=momentum,
        range=1.0,
        flags=tuple(_flags(lift_s, lower_s, momentum, parameters)),
    )
    return RawRep(rep=rep, range_g=range_g)


def against(raw: RawRep, full_range_g: float, parameters: FormParameters) -> Rep:
    """Return the rep with its range, and the flag that follows, against the set's full range."""
    share = raw.range_g / full_range_g if full_range_g > 0 else 1.0
    flags = raw.rep.flags
    if share < parameters.partial_range:
        flags = (*flags, FormFlag.PARTIAL)
    return replace(raw.rep, range=share, flags=flags)


def _phases(course: FloatArray, time_s: FloatArray, turn: int) -> tuple[float, float, float]:
    """Split the rep into lift, hold and lowering, s."""
    away = course < _AT_TURN
    before = np.flatnonzero(away[:turn])
    after = np.flatnonzero(away[turn:])
    enter_s = float(time_s[before[-1]]) if before.size else float(time_s[0])
    leave_s = float(time_s[turn + after[0]]) if after.size else float(time_s[-1])
    lift_s = (enter_s - float(time_s[0])) / (1.0 - _STROKE_AT_TURN)
    lower_s = (float(time_s[-1]) - leave_s) / (1.0 - _STROKE_AT_TURN)
    whole_s = float(time_s[-1] - time_s[0])
    hold_s = max(0.0, whole_s - lift_s - lower_s)
    scale = (whole_s - hold_s) / max(lift_s + lower_s, 1e-9)
    return lift_s * scale, hold_s, lower_s * scale


def _momentum(smooth_g: FloatArray, range_g: float, parameters: FormParameters) -> float:
    """Grade the fastest crossing of the range, 0 to 1."""
    steps_g = np.sqrt((np.diff(smooth_g, axis=0) ** 2).sum(axis=1))
    rate_per_s = float(steps_g.max()) * GRID_HZ / (range_g + 1e-9)
    low, high = parameters.calm_rate_per_s, parameters.thrown_rate_per_s
    share = min(max((rate_per_s - low) / (high - low), 0.0), 1.0)
    return share * share * (3.0 - 2.0 * share)


def _flags(
    lift_s: float, lower_s: float, momentum: float, parameters: FormParameters
) -> list[FormFlag]:
    flags = []
    if momentum >= parameters.swing_momentum:
        flags.append(FormFlag.SWING)
    if lift_s < parameters.fast_phase_s:
        flags.append(FormFlag.FAST_LIFT)
    if lower_s < parameters.fast_phase_s:
        flags.append(FormFlag.FAST_LOWER)
    return flags


def full_range(raws: list[RawRep]) -> float:
    """Return the set's own full range, g: the median of its first three reps."""
    return float(np.median([raw.range_g for raw in raws[:3]])) if raws else math.nan
