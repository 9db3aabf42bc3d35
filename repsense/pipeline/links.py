"""Which earlier cycle a candidate best continues: the search's innermost loop.

A candidate is compared with every cycle that ended up to a pause before it, some
hundreds. So what the comparison needs lies side by side for cycles that ended one
after the other, and an upper bound of what each link could earn is computed for all of
them at once; shapes are compared only where it shows that the link may win.
"""

import math
from typing import NamedTuple

import numpy as np

from repsense.compiled import compiled
from repsense.pipeline.cycles import MEAN, POINTS, RANGE, VARIANCE, Candidate
from repsense.pipeline.history import GRID_HZ, OFFSET, Float32Array, History
from repsense.pipeline.nodes import (
    FLOOR,
    NODE_LOG_RANGE,
    NODE_LOG_S,
    NODE_MEAN,
    NODE_STEP,
    NODE_TOTAL,
    NODE_VARIANCE,
    STEP,
    TEMPLATE_MEAN,
    TEMPLATE_SPREAD,
    Chains,
)
from repsense.pipeline.parameters import ChainParameters
from repsense.samples import FloatArray


class Weights(NamedTuple):
    """The search's settings in grid units, see :class:`ChainParameters`."""

    range_min_g: float
    closure_max: float
    excursion_min: float
    closure_cost: float
    excursion_cost: float
    short_cost: float
    short_s: float
    path_share: float
    noise_g: float
    link_cost: float
    first_link_cost: float
    duration_cost: float
    range_cost: float
    range_free: float
    duration_ratio_max: float
    range_ratio_max: float
    pause_cost: float
    pause_steps: int
    pause_posture: float
    turn_max_g: float
    open_max_g: float
    start_cost: float
    template_new: float
    reps_min: int


def weights_of(
    parameters: ChainParameters, *, armed: bool, turn_max_g: float, open_max_g: float
) -> Weights:
    """Return the settings in grid units."""
    p = parameters
    return Weights(
        range_min_g=p.range_min_g,
        closure_max=p.closure_max,
        excursion_min=p.excursion_min,
        closure_cost=p.closure_cost,
        excursion_cost=p.excursion_cost,
        short_cost=p.short_cost,
        short_s=p.short_s,
        path_share=p.path_share,
        noise_g=p.noise_g,
        link_cost=p.link_cost,
        first_link_cost=p.first_link_cost,
        duration_cost=p.duration_cost,
        range_cost=p.range_cost,
        range_free=p.range_free,
        duration_ratio_max=p.duration_ratio_max,
        range_ratio_max=p.range_ratio_max,
        pause_cost=p.pause_cost * STEP / GRID_HZ,
        pause_steps=int(p.pause_max_s * GRID_HZ / STEP),
        pause_posture=p.pause_posture,
        turn_max_g=turn_max_g,
        open_max_g=open_max_g,
        start_cost=p.armed_start_cost if armed else p.start_cost,
        template_new=p.template_new,
        reps_min=2,
    )


class _Probe(NamedTuple):
    """What the bounds need of a candidate and of the settings, in single precision."""

    step: np.float32
    log_s: np.float32
    log_range: np.float32
    x: np.float32
    y: np.float32
    z: np.float32
    spread: np.float32
    variance: np.float32
    noise: np.float32
    headroom: np.float32
    pause_cost: np.float32
    duration_cost: np.float32
    range_cost: np.float32
    range_free: np.float32


@compiled
def _probe(trait: FloatArray, w: Weights, start: int, end: int) -> _Probe:
    return _Probe(
        np.float32(start // STEP),
        np.float32(math.log((end - start) / GRID_HZ)),
        np.float32(math.log(trait[RANGE])),
        np.float32(trait[MEAN]),
        np.float32(trait[MEAN + 1]),
        np.float32(trait[MEAN + 2]),
        np.float32(math.sqrt(trait[VARIANCE])),
        np.float32(trait[VARIANCE]),
        np.float32(w.noise_g * w.noise_g),
        np.float32(1.0 - w.link_cost),
        np.float32(w.pause_cost),
        np.float32(w.duration_cost),
        np.float32(w.range_cost),
        np.float32(w.range_free),
    )


@compiled
def _strays(smooth_g: FloatArray, row: int, anchor: int, limit_g: float) -> bool:
    """Say whether one of the STEP rows up to ``row`` lies farther than a limit from another."""
    for other in range(row - STEP + 1, row + 1):
        x = smooth_g[other, 0] - smooth_g[anchor, 0]
        y = smooth_g[other, 1] - smooth_g[anchor, 1]
        z = smooth_g[other, 2] - smooth_g[anchor, 2]
        if x * x + y * y + z * z > limit_g * limit_g:
            return True
    return False


@compiled
def _shape_distance(shapes_g: Float32Array, slot: int, shape_g: Float32Array) -> float:
    """Return the mean squared distance between the points of two shapes, g^2.

    The length is asked of the array, because a loop of known length is unrolled
    into one long chain of additions, ten times slower than the vectors of this one.
    """
    distance = np.float32(0.0)
    for i in range(shape_g.shape[0]):
        difference = shape_g[i] - shapes_g[slot, i]
        distance += difference * difference
    return float(distance) / POINTS


@compiled
def _longest_pause(smooth_g: FloatArray, w: Weights, start: int, first: int, limit_g: float) -> int:
    """Return for how many steps before row ``start`` the posture was kept; -1: none is known."""
    for pause in range(w.pause_steps + 1):
        row = start - pause * STEP
        if row - STEP < first:
            return pause - 1
        if _strays(smooth_g, row, start, limit_g):
            return pause
    return w.pause_steps


@compiled
def _bounds(trait: Float32Array, low: int, high: int, p: _Probe, bounds: Float32Array) -> None:
    """Bound what links to places ``low`` to ``high`` of the ring may earn.

    Three rows are written: what each may earn at most, what it earns but for the
    distance of the shapes, and what that distance weighs. The templates are at
    least as far from the shape as their means and spreads are. Rows are taken out
    one by one, or the loop would not be run on vectors.
    """
    variance = trait[NODE_VARIANCE][low:high]
    log_range, log_s = trait[NODE_LOG_RANGE][low:high], trait[NODE_LOG_S][low:high]
    total, step = trait[NODE_TOTAL][low:high], trait[NODE_STEP][low:high]
    mean_x, mean_y = trait[NODE_MEAN][low:high], trait[NODE_MEAN + 1][low:high]
    mean_z, spread = trait[NODE_MEAN + 2][low:high], trait[TEMPLATE_SPREAD][low:high]
    old_x, old_y = trait[TEMPLATE_MEAN][low:high], trait[TEMPLATE_MEAN + 1][low:high]
    old_z = trait[TEMPLATE_MEAN + 2][low:high]
    most, ahead, scale = bounds[0], bounds[1], bounds[2]
    half = np.float32(0.5)
    for i in range(high - low):
        wide = abs(p.log_range - log_range[i]) - p.range_free
        cost = p.duration_cost * abs(p.log_s - log_s[i]) + p.pause_cost * (p.step - step[i])
        cost += p.range_cost * half * (wide + abs(wide))
        apart = (p.x - mean_x[i]) * (p.x - mean_x[i])
        apart += (p.y - mean_y[i]) * (p.y - mean_y[i])
        apart += (p.z - mean_z[i]) * (p.z - mean_z[i])
        least = (p.spread - spread[i]) * (p.spread - spread[i])
        least += (p.x - old_x[i]) * (p.x - old_x[i])
        least += (p.y - old_y[i]) * (p.y - old_y[i])
        least += (p.z - old_z[i]) * (p.z - old_z[i])
        scale[i] = np.float32(1.0) / (p.variance + variance[i] + half * apart)
        ahead[i] = total[i] + p.headroom - cost
        most[i] = ahead[i] - (least + p.noise) * scale[i]


@compiled
def _best_of(
    chains: Chains, shape_g: Float32Array, p: _Probe, w: Weights, low: int, high: int, best: float
) -> tuple[float, int]:
    """Return the better of ``best`` and the best link to places ``low`` to ``high`` of the ring."""
    most, ahead, scale = chains.bounds[0], chains.bounds[1], chains.bounds[2]
    log_range, log_s = chains.trait[NODE_LOG_RANGE], chains.trait[NODE_LOG_S]
    ring, shapes_g = chains.ring, chains.shape_g
    _bounds(chains.trait, low, high, p, chains.bounds)
    best_slot = -1
    for place in range(high - 1, low - 1, -1):
        i = place - low
        if (
            most[i] <= best
            or abs(p.log_range - log_range[place]) > w.range_ratio_max
            or abs(p.log_s - log_s[place]) > w.duration_ratio_max
        ):
            continue
        distance = _shape_distance(shapes_g, ring[place], shape_g) + p.noise
        total = ahead[i] - distance * scale[i]
        if total > best:
            best, best_slot = total, ring[place]
    return best, best_slot


@compiled
def best_link(
    history: History, chains: Chains, candidate: Candidate, w: Weights, start: int, end: int
) -> tuple[float, int]:
    """Return the best total the candidate can build on, and the slot of the cycle it follows.

    Slot -1 says that beginning a chain is best. The similarity is Lin's
    concordance (doi 10.2307/2532051) for curves: one less the mean squared
    distance between candidate and template over the distance two unrelated
    curves of their variances and means would have.
    """
    steps = chains.value.shape[0]
    start_step = start // STEP
    best = chains.value[start_step % steps] - w.start_cost
    offset = history.counter[OFFSET]
    floor = max(chains.counter[FLOOR] - offset, 0)
    limit_g = w.pause_posture * candidate.trait[RANGE]
    pause = _longest_pause(history.smooth_g, w, start - offset, floor, limit_g)
    if pause < 0:
        return best, -1
    newest = start_step % steps
    ring = chains.ring.shape[0]
    low = chains.first[(start_step - pause) % steps] % ring
    high = (chains.first[newest] + chains.n_ended[newest]) % ring
    probe = _probe(candidate.trait, w, start, end)
    best_slot = -1
    if low > high:  # the ring's end lies between: first what was written to its beginning
        best, best_slot = _best_of(chains, candidate.shape_g, probe, w, high - high, high, best)
        high = ring
    better, slot = _best_of(chains, candidate.shape_g, probe, w, low, high, best)
    return better, slot if slot >= 0 else best_slot
