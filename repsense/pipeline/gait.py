"""Tell whether a stretch looks like walking.

Walking makes the size of the acceleration pulse evenly at 1.2-3.2 Hz, with
every heel strike; dumbbell reps are slower, and when they are as quick their
pulses are hardly ever as even. Every 0.64 s the newest 2.56 s are judged: the
band-passed size must be strong (``_STRONG_G``) and repeat itself
(``_EVEN``, the autocorrelation at the best lag between two steps, once it
has been below ``_GONE``).
"""

import math
from typing import NamedTuple

import numpy as np

from repsense.compiled import compiled
from repsense.pipeline.history import GRID_HZ, IntArray
from repsense.samples import FloatArray

#: Cells in a window, and between the ends of two windows.
WINDOW = 64
HOP = 16

_STRONG_G = 0.04
_EVEN = 0.5
_GONE = -0.2
_LAG_MIN = 8  # 0.32 s: a runner's step
_LAG_MAX = 33  # 1.32 s: a stroller's stride

# A band-pass after R. Bristow-Johnson's "Cookbook formulae for audio EQ biquad filter
# coefficients", constant 0 dB peak gain.
_CENTRE_HZ = math.sqrt(1.2 * 3.2)
_QUALITY = _CENTRE_HZ / (3.2 - 1.2)
_OMEGA = 2.0 * math.pi * _CENTRE_HZ / GRID_HZ
_ALPHA = math.sin(_OMEGA) / (2.0 * _QUALITY)
_B0 = _ALPHA / (1.0 + _ALPHA)
_A1 = -2.0 * math.cos(_OMEGA) / (1.0 + _ALPHA)
_A2 = (1.0 - _ALPHA) / (1.0 + _ALPHA)


class GaitWatch(NamedTuple):
    """State of the watch: filter memories, the newest filtered sizes, and counts."""

    memory: FloatArray
    window_g: FloatArray
    counts: IntArray  # cells taken, windows that looked like walking


def new_gait_watch() -> GaitWatch:
    """Return a watch that has seen nothing."""
    return GaitWatch(
        memory=np.zeros(2), window_g=np.zeros(WINDOW), counts=np.zeros(2, dtype=np.int64)
    )


@compiled
def _looks_like_walking(window_g: FloatArray, newest: int) -> bool:
    """Judge one window; ``newest`` is the place of its newest entry in the ring."""
    size = window_g.shape[0]
    mean = 0.0
    for i in range(size):
        mean += window_g[i]
    mean /= size
    power = 0.0
    for i in range(size):
        power += (window_g[i] - mean) ** 2
    if power / size < _STRONG_G**2:
        return False
    fallen = False
    for lag in range(_LAG_MIN // 2, _LAG_MAX + 1):
        product = 0.0
        for i in range(size - lag):
            early = window_g[(newest + 1 + i) % size] - mean
            late = window_g[(newest + 1 + i + lag) % size] - mean
            product += early * late
        alike = product / (size - lag) * size / power
        # What changes slowly is like itself a moment later: pulses have to go and come again.
        fallen = fallen or alike < _GONE
        if fallen and lag >= _LAG_MIN and alike > _EVEN:
            return True
    return False


@compiled
def gait_windows(watch: GaitWatch, size_g: float) -> int:
    """Take the size of one cell's acceleration; return how many windows so far were walking."""
    memory = watch.memory
    if watch.counts[0] == 0:  # start at rest at this size, or gravity itself would ring
        memory[0] = -_B0 * size_g
        memory[1] = -_B0 * size_g
    out = _B0 * size_g + memory[0]  # transposed direct form II
    memory[0] = memory[1] - _A1 * out
    memory[1] = -_B0 * size_g - _A2 * out
    place = watch.counts[0] % watch.window_g.shape[0]
    watch.window_g[place] = out
    watch.counts[0] += 1
    due = watch.counts[0] >= WINDOW and watch.counts[0] % HOP == 0
    if due and _looks_like_walking(watch.window_g, place):
        watch.counts[1] += 1
    return int(watch.counts[1])
