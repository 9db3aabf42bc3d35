"""What tells a set of reps from the other cyclic things people do, as a few numbers.

None of them says what the movement is. They say how alike its cycles are, how
long, how large, and how much of the time the size of the
acceleration pulsed like footsteps. :mod:`repsense.pipeline.judge` weighs them.
"""

import math
from statistics import median
from typing import NamedTuple

import numpy as np

from repsense.compiled import lean
from repsense.pipeline.chains import Chain
from repsense.pipeline.gait import HOP
from repsense.pipeline.history import GRID_HZ, OFFSET, Float32Array, History, IntArray, row_of
from repsense.samples import FloatArray

# A longer chain is described by its end: earlier cells may not be kept.
_LOOK_BACK = int(30.0 * GRID_HZ)
_CYCLES = 8

_HASTY_S = 1.5  # below it cycles get the likelier to be steps, strokes of a brush, claps
_SMALL_G = 0.15  # below it a wrist that only rests on a moving body moves as much
# Hasty reps that are this much alike are nothing to wonder at.
_HASTY_ALIKE = 0.65
# What the cycles of real sets with so small a movement keep to.
_ALIKE, _RETURN, _SPREAD = 0.45, 0.08, 0.08
_MANY = 8  # more reps than this make nothing surer


class Traits(NamedTuple):
    """What one chain of cycles looks like.

    Attributes
    ----------
    likeness
        Mean similarity earned by a cycle; near 0.7 for the best.
    rep_s
        Median length of a cycle, s.
    gait_share
        Share of its windows that look like walking, about 0 to 1.
    closure
        Mean distance between a cycle's ends, as a share of its range.
    range_g
        Median range of its cycles, g.
    range_spread
        Standard deviation of the logarithm of their ranges.
    reps
        Number of its cycles.
    """

    likeness: float
    rep_s: float
    gait_share: float
    closure: float
    range_g: float
    range_spread: float
    reps: int

    def features(self) -> tuple[float, ...]:
        """Return the numbers that are weighed, in the order of :data:`FEATURES`."""
        haste = max(0.0, math.log(_HASTY_S / self.rep_s))
        small = max(0.0, math.log(_SMALL_G / (self.range_g + 0.005)))
        return (
            self.likeness,
            haste * max(0.0, _HASTY_ALIKE - self.likeness),
            haste * self.gait_share,
            self.gait_share,
            math.log(min(self.reps, _MANY)),
            small * (self.likeness - _ALIKE),
            small * (self.closure - _RETURN),
            small * (self.range_spread - _SPREAD),
        )


#: What each number of :meth:`Traits.features` is about, for people.
FEATURES = (
    "how alike the reps are",
    "hasty, and how little alike",
    "hasty, and how much like walking",
    "how much it looks like walking",
    "how many they are",
    "small, but alike or not",
    "small, but returning or not",
    "small, but even or not",
)


def traits_of(history: History, chain: Chain, now: int) -> Traits:
    """Describe a chain as it looks at cell ``now``."""
    end = chain.cycles[-1].end
    oldest = max(chain.cycles[0].start, end - _LOOK_BACK)
    first, last = row_of(history, oldest, now), row_of(history, end, now)
    share = (history.gait[last] - history.gait[first]) / max((last - first) / HOP, 1.0)
    newest = [cycle for cycle in chain.cycles[-_CYCLES:] if cycle.start >= oldest]
    spans = np.array(newest or chain.cycles[-1:], dtype=np.int64)
    lengths = sorted(cycle.end - cycle.start for cycle in chain.cycles)
    sizes = np.empty((2, len(spans)))
    _write_sizes(history.smooth_g, int(history.counter[OFFSET]), spans, sizes)
    ranges, closures = sizes.tolist()
    logs = [math.log(size + 1e-6) for size in ranges]
    middle = sum(logs) / len(logs)
    return Traits(
        likeness=chain.score / chain.reps,
        rep_s=(lengths[len(lengths) // 2] + lengths[(len(lengths) - 1) // 2]) / 2.0 / GRID_HZ,
        gait_share=float(share),
        closure=sum(closures) / len(closures),
        range_g=median(ranges),
        range_spread=math.sqrt(sum((one - middle) ** 2 for one in logs) / len(logs)),
        reps=chain.reps,
    )


@lean
def _write_sizes(smooth_g: Float32Array, offset: int, spans: IntArray, sizes: FloatArray) -> None:
    """Write range in g and closure of cycles given by cells, shape (2, cycles)."""
    for i in range(spans.shape[0]):
        first, last = max(spans[i, 0] - offset, 0), max(spans[i, 1] - offset, 1)
        turn, farthest = first, -1.0
        for row in range(first, last + 1):
            away = 0.0
            for axis in range(3):
                middle = 0.5 * (smooth_g[first, axis] + smooth_g[last, axis])
                away += (smooth_g[row, axis] - middle) ** 2
            if away > farthest:
                turn, farthest = row, away
        largest = 0.0
        for row in range(first, last + 1):
            away = 0.0
            for axis in range(3):
                away += (smooth_g[row, axis] - smooth_g[turn, axis]) ** 2
            largest = max(largest, away)
        apart = 0.0
        for axis in range(3):
            apart += (smooth_g[last, axis] - smooth_g[first, axis]) ** 2
        sizes[0, i] = math.sqrt(largest)
        sizes[1, i] = math.sqrt(apart) / (sizes[0, i] + 1e-9)
