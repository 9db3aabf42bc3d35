"""What one rep looked like: its turn, its phases, its range, how much it was thrown.

The distance of the smoothed acceleration from the rep's start posture is taken
as the course of the rep: 0 at the start, 1 at the turn. Where the forearm
rotates this is the angle; where it only travels it is a proxy.
"""

import math
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from repsense.events import FormFlag, Rep
from repsense.pipeline.chains import Cycle
from repsense.pipeline.history import GRID_HZ, History, row_of
from repsense.samples import FloatArray

# A stroke that starts and stops smoothly (minimum jerk, Flash & Hogan 1985,
# doi 10.1523/JNEUROSCI.05-07-01688.1985) takes a quarter of its time for the first tenth of
# its way and as much for the last. The ends are lost in sway, so strokes are timed between.
_NEAR, _FAR = 0.1, 0.9
_END_SHARE = 0.2466

# A Gaussian turns a sudden step into one that takes 2.563 standard deviations from a tenth to
# nine tenths; no stroke is taken to be sharper than a third of what is seen.
_BLUR = 2.563
_SHARPEST = 1.0 / 3.0


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
    fast_phase_s, fast_rep_s
        A lift or lowering shorter than the first is flagged as fast if the rep,
        holds apart, is shorter than the second, s. Where the forearm hardly
        rotates, one phase of a slow rep may look short.
    partial_range
        A rep whose range is below this share of the set's own is partial.
    """

    calm_rate_per_s: float = 2.2
    thrown_rate_per_s: float = 5.0
    swing_momentum: float = 0.5
    fast_phase_s: float = 0.6
    fast_rep_s: float = 2.2
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
    lift_s, hold_s, lower_s = _phases(
        course / (course[turn] + 1e-9), time_s, turn, _BLUR * history.smooth_s[0]
    )
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


def _phases(
    course: FloatArray, time_s: FloatArray, turn: int, blur_s: float
) -> tuple[float, float, float]:
    """Split the rep into lift, hold and lowering, s; dwelling at the start is none of them."""
    up, down = course[: turn + 1], course[turn:]
    left = _last(up < _NEAR, 0)
    entered = left + _first(up[left:] >= _FAR, turn - left)
    leaving = turn + _last(down >= _FAR, 0)
    returned = turn + _first(down < _NEAR, down.size - 1)
    middle = 1.0 - 2.0 * _END_SHARE
    lift_s = _sharpened(float(time_s[entered] - time_s[left]), blur_s) / middle
    lower_s = _sharpened(float(time_s[returned] - time_s[leaving]), blur_s) / middle
    far_s = float(time_s[leaving] - time_s[entered])
    return lift_s, max(0.0, far_s - _END_SHARE * (lift_s + lower_s)), lower_s


def _sharpened(width_s: float, blur_s: float) -> float:
    """Take the low-pass out of a width: the squares of widths add up."""
    return math.sqrt(max(width_s**2 - blur_s**2, (_SHARPEST * width_s) ** 2))


def _first(where: npt.NDArray[np.bool_], otherwise: int) -> int:
    return int(where.argmax()) if where.any() else otherwise


def _last(where: npt.NDArray[np.bool_], otherwise: int) -> int:
    return int(np.flatnonzero(where)[-1]) if where.any() else otherwise


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
    if lift_s + lower_s < parameters.fast_rep_s:
        if lift_s < parameters.fast_phase_s:
            flags.append(FormFlag.FAST_LIFT)
        if lower_s < parameters.fast_phase_s:
            flags.append(FormFlag.FAST_LOWER)
    return flags


def full_range(raws: list[RawRep]) -> float:
    """Return the set's own full range, g: the median of its first three reps."""
    return float(np.median([raw.range_g for raw in raws[:3]])) if raws else math.nan
