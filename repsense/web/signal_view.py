"""The signal of a recording as one curve, and its reps as coloured stretches of it.

The curve is the smoothed specific force along the direction in which it varies
most, so it does not depend on how the band was worn.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from repsense.events import FormFlag, Rep
from repsense.recording.labels import LabelledRep
from repsense.samples import FloatArray, SampleBlock

_SMOOTH_S = 0.12
_MAX_POINTS = 6000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Curve:
    """A curve to draw.

    Parameters
    ----------
    t_s
        Times on the recording's clock, s, shape (n,).
    y_g
        Smoothed specific force along its main direction, its mean taken off, g, shape (n,).
    """

    t_s: FloatArray
    y_g: FloatArray

    def points(self) -> list[list[float]]:
        """Return the curve as pairs for a chart."""
        pairs = zip(self.t_s.round(3), self.y_g.round(4), strict=True)
        return [[float(t_s), float(y_g)] for t_s, y_g in pairs]

    def between(self, start_s: float, end_s: float) -> "Curve":
        """Return the part in a stretch of time."""
        inside = (self.t_s >= start_s) & (self.t_s <= end_s)
        return Curve(t_s=self.t_s[inside], y_g=self.y_g[inside])


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A part of a rep: ``lift``, ``hold`` or ``lower``."""

    phase: str
    start_s: float
    end_s: float


def curve_of(block: SampleBlock, reps: Sequence[Rep | LabelledRep] = ()) -> Curve:
    """Return the curve of a block.

    Parameters
    ----------
    reps
        The main direction is that of the stretch of time from the first to the last of
        these, and their turns point up; without any it is that of the whole block.
    """
    grid_s, smooth = _smoothed(block)
    chosen = smooth
    if reps:
        inside = (grid_s >= reps[0].start_s) & (grid_s <= reps[-1].end_s)
        chosen = smooth[inside] if inside.sum() > 3 else smooth
    middle = chosen.mean(axis=0)
    _, vectors = np.linalg.eigh(np.cov((chosen - middle).T))
    axis = vectors[:, -1]
    curve = Curve(t_s=grid_s, y_g=(smooth - middle) @ axis)
    # Of the two ways to draw it, the one in which what is done points up.
    return curve if _points_up(curve, reps) else Curve(t_s=grid_s, y_g=-curve.y_g)


def _points_up(curve: Curve, reps: Sequence[Rep | LabelledRep]) -> bool:
    if not reps:
        return bool(np.median(curve.y_g) <= 0.0)  # most of the time nothing is done
    turns, starts = (
        np.interp([getattr(rep, name) for rep in reps], curve.t_s, curve.y_g)
        for name in ("turn_s", "start_s")
    )
    return bool(turns.sum() >= starts.sum())


def _smoothed(block: SampleBlock) -> tuple[FloatArray, FloatArray]:
    """Return times and smoothed acceleration on an even grid fine enough to draw."""
    t_s = block.t_s
    span_s = max(float(t_s[-1] - t_s[0]), 1e-3)
    count = int(min(max(span_s * 25.0, 8), _MAX_POINTS))
    grid_s = np.linspace(float(t_s[0]), float(t_s[-1]), count)
    on_grid = np.stack([np.interp(grid_s, t_s, block.accel_g[:, i]) for i in range(3)], axis=1)
    reach = max(round(3 * _SMOOTH_S * (count - 1) / span_s), 1)
    offsets = np.arange(-reach, reach + 1) * span_s / (count - 1)
    weights = np.exp(-0.5 * (offsets / _SMOOTH_S) ** 2)
    weights /= weights.sum()
    padded = np.pad(on_grid, ((reach, reach), (0, 0)), mode="edge")
    smooth = [np.convolve(padded[:, i], weights, mode="valid") for i in range(3)]
    return grid_s, np.stack(smooth, axis=1)


def stretches(rep: Rep | LabelledRep, *, lift_first: bool = True) -> tuple[Stretch, ...]:
    """Return a rep's lift, hold and lowering in order of time.

    Where the durations are not known the rep is cut at its turn.
    """
    first, last = ("lift", "lower") if lift_first else ("lower", "lift")
    seconds = rep.lift_s if lift_first else rep.lower_s
    to_turn_s = rep.turn_s if seconds is None else min(rep.start_s + seconds, rep.end_s)
    held_s = min(to_turn_s + (rep.hold_s or 0.0), rep.end_s)
    parts = [
        Stretch(phase=first, start_s=rep.start_s, end_s=to_turn_s),
        Stretch(phase="hold", start_s=to_turn_s, end_s=held_s),
        Stretch(phase=last, start_s=held_s, end_s=rep.end_s),
    ]
    return tuple(part for part in parts if part.end_s > part.start_s)


def swung(reps: Iterable[Rep | LabelledRep]) -> list[int]:
    """Return the numbers of the reps that were swung, counted from 1."""
    return [n for n, rep in enumerate(reps, start=1) if FormFlag.SWING in rep.flags]
