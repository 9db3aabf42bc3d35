"""A motion being written down: strokes, waves and knocks on a line of time."""

from dataclasses import dataclass, replace

import numpy as np

from repsense.samples import FloatArray
from repsense.simulator.pose import Pose
from repsense.simulator.strokes import minimum_jerk, stroke

#: Grid on which a motion is drawn: above the fastest sensor, fine enough for differences.
FINE_HZ = 500.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Stroke:
    """A lasting change of pose: nothing before ``start_s``, all of it after the stroke."""

    start_s: float
    duration_s: float
    change: FloatArray
    skew: float = 0.0
    plateau: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Wave:
    """A passing oscillation of the pose that fades in and out smoothly."""

    start_s: float
    end_s: float
    change: FloatArray
    rate_hz: float
    phase_deg: float = 0.0
    fade_s: float = 0.8


@dataclass(frozen=True, slots=True, kw_only=True)
class Knock:
    """An impact that rings off: ``peak_g`` along ``direction`` in the world.

    Tissue and strap let a wrist band ring at 10 to 30 Hz for some 50 ms.
    """

    at_s: float
    peak_g: float
    direction: tuple[float, float, float] = (0.0, 0.0, 1.0)
    ring_hz: float = 18.0
    decay_s: float = 0.04


class Motion:
    """Strokes, waves and knocks, and the pose that the strokes so far lead to.

    Parameters
    ----------
    start
        Pose at time 0.
    """

    def __init__(self, start: Pose) -> None:
        self._start = start.vector()
        self._strokes: list[Stroke] = []
        self._waves: list[Wave] = []
        self._knocks: list[Knock] = []
        self.now_s = 0.0
        self.aim = self._start.copy()

    def move(
        self,
        change: FloatArray,
        duration_s: float,
        *,
        start_s: float | None = None,
        skew: float = 0.0,
        plateau: float = 0.0,
    ) -> float:
        """Add a stroke that starts at ``start_s`` (now) and return its end; now moves there.

        Strokes may overlap: their changes add up, as submovements of a limb do.
        """
        begin_s = self.now_s if start_s is None else start_s
        self._strokes.append(
            Stroke(
                start_s=begin_s, duration_s=duration_s, change=change, skew=skew, plateau=plateau
            )
        )
        self.aim = self.aim + change
        self.now_s = max(self.now_s, begin_s + duration_s)
        return begin_s + duration_s

    def move_to(self, pose: FloatArray, duration_s: float, *, plateau: float = 0.0) -> float:
        """Add the stroke that leads to ``pose`` and return its end."""
        return self.move(pose - self.aim, duration_s, plateau=plateau)

    def arrive_off(self, change: FloatArray) -> None:
        """Let the newest stroke have led this much further; without any, the start lies there."""
        if self._strokes:
            last = self._strokes[-1]
            self._strokes[-1] = replace(last, change=last.change + change)
        else:
            self._start = self._start + change
        self.aim = self.aim + change

    def wait(self, duration_s: float) -> None:
        """Let time pass."""
        self.now_s += duration_s

    def add_wave(self, wave: Wave) -> None:
        """Add an oscillation; now stays."""
        self._waves.append(wave)

    def add_knock(self, knock: Knock) -> None:
        """Add an impact; now stays."""
        self._knocks.append(knock)

    def joints(self) -> FloatArray:
        """Draw the pose on the fine grid, shape (n, channels), from time 0 to now."""
        n = self._samples()
        steps = np.zeros((n, self._start.size))
        passing = np.zeros_like(steps)
        steps[0] = self._start
        for one in self._strokes:
            first, last, times = _window(one.start_s, one.start_s + one.duration_s, n)
            phase = (times - one.start_s) / one.duration_s
            shape = stroke(phase, skew=one.skew, plateau=one.plateau)
            passing[first:last] += shape[:, None] * one.change
            if last < n:
                steps[last] += one.change
        for wave in self._waves:
            first, last, times = _window(wave.start_s, wave.end_s, n)
            passing[first:last] += _wave_shape(wave, times)[:, None] * wave.change
        return np.asarray(np.cumsum(steps, axis=0) + passing)

    def knocks_g(self) -> FloatArray:
        """Draw the impacts on the fine grid, in world axes, shape (n, 3)."""
        n = self._samples()
        force = np.zeros((n, 3))
        for knock in self._knocks:
            first, last, times = _window(knock.at_s, knock.at_s + 8.0 * knock.decay_s, n)
            late_s = times - knock.at_s
            ring = np.sin(2.0 * np.pi * knock.ring_hz * late_s) * np.exp(-late_s / knock.decay_s)
            # A decaying ring peaks below 1 at about a quarter of its first period.
            peak = np.exp(-0.25 / knock.ring_hz / knock.decay_s)
            force[first:last] += np.outer(ring * knock.peak_g / peak, knock.direction)
        return force

    def _samples(self) -> int:
        return round(self.now_s * FINE_HZ) + 1


def _window(start_s: float, end_s: float, n: int) -> tuple[int, int, FloatArray]:
    first = min(max(int(np.ceil(start_s * FINE_HZ)), 0), n)
    last = min(max(int(np.ceil(end_s * FINE_HZ)), first), n)
    return first, last, np.arange(first, last) / FINE_HZ


def _wave_shape(wave: Wave, times_s: FloatArray) -> FloatArray:
    fade_s = min(wave.fade_s, (wave.end_s - wave.start_s) / 2.0)
    fade = minimum_jerk((times_s - wave.start_s) / fade_s)
    fade *= minimum_jerk((wave.end_s - times_s) / fade_s)
    angle = 2.0 * np.pi * wave.rate_hz * (times_s - wave.start_s) + np.radians(wave.phase_deg)
    return np.asarray(fade * np.sin(angle))
