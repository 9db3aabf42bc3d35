"""What may happen to a recording without changing how many reps are in it."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from repsense.events import Rep
from repsense.recording.index import IndexRow
from repsense.samples import FloatArray, SampleBlock
from repsense.tuning.outcome import Run

_NOISE_G = 0.04
_LOST_SHARE = 0.3
_SLOW_HZ = 12.5
_PAUSE_S = 5.5
_PAUSE_NOISE_G = 0.004
_DWELL_SHARE = 0.12
_SMALL_SHARE = 0.12
# Reps of this length are what the engine is made for; a stretched rep may leave it.
_REP_MIN_S, _REP_MAX_S = 0.72, 8.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A recording and what was counted in it undisturbed.

    Parameters
    ----------
    row, block, run
        What the index says, the samples, what the pipeline said.
    seed
        Decides what is left to chance.
    """

    row: IndexRow
    block: SampleBlock
    run: Run
    seed: int

    def chance(self) -> np.random.Generator:
        """Return a source of chance, the same each time."""
        return np.random.default_rng(self.seed)

    def reps(self) -> list[Rep]:
        """Return all final reps, in order."""
        return [rep for finished in self.run.sets for rep in finished.rep_details]


Disturbance = Callable[[Scene], SampleBlock | None]


def _noise(scene: Scene) -> SampleBlock:
    noise_g = scene.chance().normal(0.0, _NOISE_G, scene.block.accel_g.shape)
    return replace(scene.block, accel_g=scene.block.accel_g + noise_g)


def _losses(scene: Scene) -> SampleBlock:
    return _only(scene.block, scene.chance().random(len(scene.block)) >= _LOST_SHARE)


def _slow_sensor(scene: Scene) -> SampleBlock:
    t_s = scene.block.t_s
    ticks_s = np.arange(t_s[0], t_s[-1], 1.0 / _SLOW_HZ)
    return _only(scene.block, np.unique(np.searchsorted(t_s, ticks_s - 1e-6)))


def _pause(scene: Scene) -> SampleBlock | None:
    """Hold still for a while where the set is stillest between two reps in its middle."""
    longest = max((one.rep_details for one in scene.run.sets), key=len, default=())
    if len(longest) < 2:
        return None
    first = longest[len(longest) // 2 - 1]
    at = _stillest(scene.block, first.end_s, 0.3 * (first.end_s - first.start_s))
    block = scene.block
    step_s = float(np.median(np.diff(block.t_s)))
    # What is a pause already becomes part of it: altogether it lasts 5.5 s.
    held = max(1, round((_PAUSE_S - _dwell_s(scene, at)) / step_s))
    stay_g = np.repeat(block.accel_g[[at]], held, axis=0)
    stay_g += scene.chance().normal(0.0, _PAUSE_NOISE_G, stay_g.shape)
    stay_s = block.t_s[at] + step_s * np.arange(1, held + 1)
    return SampleBlock(
        t_s=np.concatenate(
            [block.t_s[: at + 1], stay_s, block.t_s[at + 1 :] + (stay_s[-1] - block.t_s[at])]
        ),
        accel_g=np.concatenate([block.accel_g[: at + 1], stay_g, block.accel_g[at + 1 :]]),
    )


def _stretched(factor: float) -> Disturbance:
    def stretch(scene: Scene) -> SampleBlock | None:
        lengths_s = [(rep.end_s - rep.start_s) * factor for rep in scene.reps()]
        if not lengths_s or min(lengths_s) < _REP_MIN_S or max(lengths_s) > _REP_MAX_S:
            return None
        start_s = scene.block.t_s[0]
        return replace(scene.block, t_s=start_s + factor * (scene.block.t_s - start_s))

    return stretch


def _amplified(factor: float) -> Disturbance:
    def amplify(scene: Scene) -> SampleBlock:
        return replace(scene.block, accel_g=factor * scene.block.accel_g)

    return amplify


def _small(scene: Scene) -> SampleBlock | None:
    """Shrink every deviation from the mean posture of the active part."""
    reps = scene.reps()
    if not reps:
        return None
    start_s, end_s = scene.row.active_start_s, scene.row.active_end_s
    start_s = reps[0].start_s if start_s is None else start_s
    end_s = reps[-1].end_s if end_s is None else end_s
    block = scene.block
    active = (block.t_s >= start_s) & (block.t_s <= end_s)
    mean_g = block.accel_g[active].mean(axis=0)
    return replace(block, accel_g=mean_g + _SMALL_SHARE * (block.accel_g - mean_g))


#: By name. One that returns None has nothing to say about a recording.
DISTURBANCES: dict[str, Disturbance] = {
    "40 mg noise": _noise,
    "30 % of the samples lost": _losses,
    "12.5 Hz": _slow_sensor,
    "a pause of 5.5 s": _pause,
    "time stretched x0.5": _stretched(0.5),
    "time stretched x1.5": _stretched(1.5),
    "gain -10 %": _amplified(0.9),
    "gain +10 %": _amplified(1.1),
    "motion scaled to 12 %": _small,
}


def _only(block: SampleBlock, chosen: np.ndarray) -> SampleBlock:
    return SampleBlock(t_s=block.t_s[chosen], accel_g=block.accel_g[chosen])


def _stillest(block: SampleBlock, around_s: float, within_s: float) -> int:
    """Return the sample around which the signal changes least."""
    low, high = np.searchsorted(block.t_s, [around_s - within_s, around_s + within_s])
    high = max(int(high), int(low) + 1)
    calm_g = np.array([_unrest_g(block, at) for at in range(int(low), min(high, len(block) - 1))])
    return int(low) + int(calm_g.argmin()) if calm_g.size else int(low)


def _dwell_s(scene: Scene, at: int) -> float:
    """Return for how long around a sample the wrist hardly strays from where it is there."""
    block = scene.block
    samples = max(1, round(0.2 / float(np.median(np.diff(block.t_s)))))
    box = np.ones(samples) / samples
    calm_g = np.stack([np.convolve(axis, box, mode="same") for axis in block.accel_g.T], axis=1)
    range_g = float(np.linalg.norm(np.ptp(calm_g[max(0, at - 250) : at + 250], axis=0)))
    away = np.linalg.norm(calm_g - calm_g[at], axis=1) > _DWELL_SHARE * range_g
    before = np.flatnonzero(away[:at])
    after = np.flatnonzero(away[at:])
    start_s = block.t_s[before[-1]] if before.size else block.t_s[0]
    end_s = block.t_s[at + after[0]] if after.size else block.t_s[-1]
    return float(end_s - start_s)


def _unrest_g(block: SampleBlock, at: int) -> float:
    """Return how much the signal changes within 0.2 s around a sample."""
    near: FloatArray = block.accel_g[np.abs(block.t_s - block.t_s[at]) <= 0.1]
    return float(near.std(axis=0).sum())
