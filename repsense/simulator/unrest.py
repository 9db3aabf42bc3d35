"""What a body does without meaning to: sway, wandering joints, tremor.

Each is a sum of sines at random rates within a band, so it has no seams and
costs the same anywhere on the line of time.
"""

import numpy as np

from repsense.samples import FloatArray
from repsense.simulator.kinematics import STANDARD_GRAVITY_MPS2
from repsense.simulator.pose import CHANNEL, CHANNELS
from repsense.simulator.wearer import Wearer

_SINES = 10

# Quiet standing sways by some millimetres and tenths of a degree below 0.5 Hz.
_SWAY_BAND_HZ = (0.08, 0.5)
_SWAY_M = {"hips_x": 0.004, "hips_y": 0.003, "hips_z": 0.001}
_SWAY_DEG = {"lean": 0.4, "turn": 0.3}

# A held limb never points exactly where it is aimed.
_WANDER_BAND_HZ = (0.1, 1.2)
_WANDER_DEG = {
    "upper_raise": 0.5,
    "upper_spread": 0.4,
    "fore_raise": 0.6,
    "fore_spread": 0.5,
    "pronation": 0.7,
}

# Physiological tremor lies at 8 to 12 Hz; a heavy weight adds a slower wobble.
# Levels are of acceleration on each axis, at full effort: with the wearers drawn here, sets have
# 0.03 to 0.1 g (all axes, above 2.5 Hz), as recordings of real sets have or a little less.
_TREMOR_BANDS = (((7.0, 12.0), 0.036), ((2.5, 6.0), 0.028))
_TREMOR_AT_EASE = 0.08


def add_sway(joints: FloatArray, step_s: float, wearer: Wearer, rng: np.random.Generator) -> None:
    """Add sway of the trunk and wandering of the arm to joint values, in place."""
    times_s = np.arange(joints.shape[0], dtype=np.float64) * step_s
    for name, size in (_SWAY_M | _SWAY_DEG).items():
        wander = band_noise(times_s, _SWAY_BAND_HZ, rng)
        joints[:, CHANNEL[name]] += size * wearer.sway * wander
    for name, size in _WANDER_DEG.items():
        wander = band_noise(times_s, _WANDER_BAND_HZ, rng)
        joints[:, CHANNEL[name]] += size * wearer.sway * wander


def tremor_m(
    joints: FloatArray, step_s: float, wearer: Wearer, rng: np.random.Generator
) -> FloatArray:
    """Return the trembling of the wrist in m, shape (n, 3): it grows with effort."""
    times_s = np.arange(joints.shape[0], dtype=np.float64) * step_s
    effort = np.clip(joints[:, CHANNELS.index("effort")], 0.0, None)
    level = wearer.tremor * (_TREMOR_AT_EASE + (1.0 - _TREMOR_AT_EASE) * effort)
    trembling = np.zeros((joints.shape[0], 3))
    for band_hz, size_g in _TREMOR_BANDS:
        mean_hz = sum(band_hz) / 2.0
        size_m = size_g * STANDARD_GRAVITY_MPS2 / (2.0 * np.pi * mean_hz) ** 2
        for axis in range(3):
            trembling[:, axis] += size_m * band_noise(times_s, band_hz, rng)
    return trembling * level[:, None]


def band_noise(
    times_s: FloatArray, band_hz: tuple[float, float], rng: np.random.Generator
) -> FloatArray:
    """Return noise with unit variance and rates within ``band_hz``, shape (n,)."""
    rates_hz = np.exp(rng.uniform(np.log(band_hz[0]), np.log(band_hz[1]), _SINES))
    phases = rng.uniform(0.0, 2.0 * np.pi, _SINES)
    total = np.zeros_like(times_s)
    for rate_hz, phase in zip(rates_hz, phases, strict=True):
        total += np.sin(2.0 * np.pi * rate_hz * times_s + phase)
    return np.asarray(total * np.sqrt(2.0 / _SINES))
