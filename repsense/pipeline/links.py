"""Which earlier cycle a candidate best continues: the search's innermost loop.

A candidate may continue every cycle that ended up to a pause before it, some
hundreds. What the comparison needs lies side by side for cycles that ended one
after the other, and so does an upper bound of what each link could earn, computed for many
at once; shapes are compared only where it shows that the link may win, the most
promising first. Steps at which nothing good enough has ended are passed over.
"""

import math
from typing import NamedTuple

import numpy as np

from repsense.compiled import compiled, lean
from repsense.pipeline.cycles import MEAN, POINTS, RANGE, VARIANCE
from repsense.pipeline.history import GRID_HZ, Float32Array, Int32Array
from repsense.pipeline.nodes import (
    END,
    NODE_LEAD,
    NODE_LOG_RANGE,
    NODE_LOG_S,
    NODE_MEAN,
    NODE_VARIANCE,
    STEP,
    TEMPLATE_MEAN,
    TEMPLATE_SCALE,
    TEMPLATE_SPREAD,
    Chains,
    Int8Array,
)
from repsense.pipeline.parameters import ChainParameters
from repsense.samples import FloatArray

#: Steps whose cycles are bounded at once, and the rows of ``Bounds``.
_STEPS_AT_ONCE = 8
MOST, AHEAD, SCALE = 0, 1, 2
_UNLIKELY = -1e9
_VECTOR = 8


class Weights(NamedTuple):
    """The search's settings in grid units, see :class:`ChainParameters`."""

    cells_max: int
    range_min_g: float
    closure_max: float
    excursion_min: float
    closure_cost: float
    first_closure_cost: float
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
        cells_max=int(p.rep_max_s * GRID_HZ),
        range_min_g=p.range_min_g,
        closure_max=p.closure_max,
        excursion_min=p.excursion_min,
        closure_cost=p.closure_cost,
        # When a set is due, what is done to begin it would pass for its first rep.
        first_closure_cost=p.closure_cost if armed else p.first_closure_cost,
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


class Scratch(NamedTuple):
    """Room for what is worked out about some links.

    Attributes
    ----------
    bounds
        What each may earn at most, what it earns but for the distance of the
        shapes, and what that distance weighs, shape (3, links).
    likely
        Those that may win, shape (links,).
    boxes
        What candidates of one end lie in: lowest and highest of the signal, and of the
        posture, shape (2, 2, 3), g.
    """

    bounds: Float32Array
    likely: Int32Array
    boxes: Float32Array


class Probe(NamedTuple):
    """What the bounds need of a candidate and of the settings, in single precision."""

    start: np.int32
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
    duration_ratio_max: np.float32
    range_ratio_max: np.float32


@compiled
def new_scratch(durations: int) -> Scratch:
    """Return room for the links to all cycles that end within some steps."""
    links = _STEPS_AT_ONCE * durations + _VECTOR
    return Scratch(
        np.empty((3, links), dtype=np.float32),
        np.empty(links, dtype=np.int32),
        np.empty((2, 2, 3), dtype=np.float32),
    )


@lean
def probe_of(trait: FloatArray, w: Weights, start: int, log_s: np.float32) -> Probe:
    """Return what the bounds need of a candidate that begins at cell ``start``."""
    return Probe(
        np.int32(start),
        log_s,
        np.float32(math.log(trait[RANGE])),
        np.float32(trait[MEAN]),
        np.float32(trait[MEAN + 1]),
        np.float32(trait[MEAN + 2]),
        np.float32(math.sqrt(trait[VARIANCE])),
        np.float32(trait[VARIANCE]),
        np.float32(w.noise_g * w.noise_g),
        np.float32(1.0 - w.link_cost),
        np.float32(w.pause_cost / STEP),
        np.float32(w.duration_cost),
        np.float32(w.range_cost),
        np.float32(w.range_free),
        np.float32(w.duration_ratio_max),
        np.float32(w.range_ratio_max),
    )


@lean
def _strays(smooth_g: Float32Array, row: int, anchor: int, limit_g: float) -> bool:
    """Say whether one of the STEP rows up to ``row`` lies farther than a limit from another."""
    for other in range(row - STEP + 1, row + 1):
        x = smooth_g[other, 0] - smooth_g[anchor, 0]
        y = smooth_g[other, 1] - smooth_g[anchor, 1]
        z = smooth_g[other, 2] - smooth_g[anchor, 2]
        if x * x + y * y + z * z > limit_g * limit_g:
            return True
    return False


@lean
def longest_pause(
    smooth_g: Float32Array, w: Weights, start: int, first: int, limit_g: float
) -> int:
    """Return for how many steps before row ``start`` the posture was kept; -1: none is known."""
    for pause in range(w.pause_steps + 1):
        row = start - pause * STEP
        if row - STEP < first:
            return pause - 1
        if _strays(smooth_g, row, start, limit_g):
            return pause
    return w.pause_steps


@lean
def _shape_distance(shape: Int8Array, scale: np.float32, shape_g: Float32Array) -> np.float32:
    """Return the mean squared distance between the points of two shapes without means, g^2.

    The length is asked of the array, because a loop of known length is unrolled
    into one long chain of additions, ten times slower than the vectors of this one.
    """
    distance = np.float32(0.0)
    for i in range(shape_g.shape[0]):
        difference = shape_g[i] - scale * np.float32(shape[i])
        distance += difference * difference
    return distance / np.float32(POINTS)


@lean
def _bound(
    trait: Float32Array, end: Int32Array, low: int, high: int, p: Probe, bounds: Float32Array
) -> None:
    """Bound what links to some cycles may earn, see :class:`Scratch`.

    The templates are at least as far from the shape as their means and spreads are.
    Rows are taken out one by one, or the loop would not be run on vectors.
    """
    variance = trait[NODE_VARIANCE][low:high]
    log_range, log_s = trait[NODE_LOG_RANGE][low:high], trait[NODE_LOG_S][low:high]
    lead, ended = trait[NODE_LEAD][low:high], end[low:high]
    mean_x, mean_y = trait[NODE_MEAN][low:high], trait[NODE_MEAN + 1][low:high]
    mean_z, spread = trait[NODE_MEAN + 2][low:high], trait[TEMPLATE_SPREAD][low:high]
    old_x, old_y = trait[TEMPLATE_MEAN][low:high], trait[TEMPLATE_MEAN + 1][low:high]
    old_z = trait[TEMPLATE_MEAN + 2][low:high]
    most, ahead, scale = bounds[MOST], bounds[AHEAD], bounds[SCALE]
    half, unlikely = np.float32(0.5), np.float32(_UNLIKELY)
    for i in range(lead.shape[0]):
        apart_range, apart_s = abs(p.log_range - log_range[i]), abs(p.log_s - log_s[i])
        wide = apart_range - p.range_free
        cost = p.duration_cost * apart_s + p.pause_cost * np.float32(np.int32(p.start - ended[i]))
        cost += p.range_cost * half * (wide + abs(wide))
        apart = (p.x - mean_x[i]) * (p.x - mean_x[i])
        apart += (p.y - mean_y[i]) * (p.y - mean_y[i])
        apart += (p.z - mean_z[i]) * (p.z - mean_z[i])
        least = (p.x - old_x[i]) * (p.x - old_x[i])
        least += (p.y - old_y[i]) * (p.y - old_y[i])
        least += (p.z - old_z[i]) * (p.z - old_z[i])
        scale[i] = np.float32(1.0) / (p.variance + variance[i] + half * apart)
        ahead[i] = lead[i] + p.headroom - cost - (least + p.noise) * scale[i]
        bound = ahead[i] - (p.spread - spread[i]) * (p.spread - spread[i]) * scale[i]
        bound = bound if apart_range <= p.range_ratio_max else unlikely
        most[i] = bound if apart_s <= p.duration_ratio_max else unlikely


@lean
def _best_of(
    chains: Chains,
    shape_g: Float32Array,
    p: Probe,
    scratch: Scratch,
    low: int,
    high: int,
    best: np.float32,
) -> tuple[np.float32, int]:
    """Return the better of ``best`` and the best link to cycles ``low`` to ``high``."""
    bounds, likely, scales = scratch.bounds, scratch.likely, chains.trait[TEMPLATE_SCALE]
    # Whole vectors: what is worked out beyond the last one is not looked at.
    whole = min(low + (high - low + _VECTOR - 1) // _VECTOR * _VECTOR, scales.shape[0])
    _bound(chains.trait, chains.cycle[END], low, whole, p, bounds)
    most, ahead, weight = bounds[MOST], bounds[AHEAD], bounds[SCALE]
    count, foremost = 0, 0
    for i in range(high - low):
        count += most[i] > best
    if count == 0:
        return best, -1
    count = 0
    for i in range(high - low):
        likely[count] = i
        count += most[i] > best
    for turn in range(1, count):
        foremost = turn if most[likely[turn]] > most[likely[foremost]] else foremost
    best_slot = -1
    for turn in range(count):  # the most promising first, so that most others need no look
        i = likely[foremost] if turn == 0 else likely[turn - (turn <= foremost)]
        if most[i] > best:
            away = _shape_distance(chains.shape[low + i], scales[low + i], shape_g)
            total = ahead[i] - away * weight[i]
            if total > best:
                best, best_slot = total, low + i
    return best, best_slot


@lean
def best_link(
    chains: Chains,
    shape_g: Float32Array,
    p: Probe,
    scratch: Scratch,
    pause_steps: int,
    best: np.float32,
) -> tuple[np.float32, int]:
    """Return the best total the candidate can build on, and the cycle that it follows.

    Cycle -1 says that no link is better than ``best``. The similarity is Lin's
    concordance (doi 10.2307/2532051) for curves: one less the mean squared
    distance between candidate and template over the distance two unrelated
    curves of their variances and means would have.
    """
    steps = chains.value.shape[0]
    best_slot = -1
    ring = steps - 1  # as a mask
    start_step = p.start // STEP
    # What a candidate that ended just before this one went on from is most often right again.
    hint = chains.hint[start_step & ring]
    if hint >= 0 and start_step - chains.cycle[END, hint] // STEP <= pause_steps:
        best, best_slot = _best_of(chains, shape_g, p, scratch, hint, hint + 1, best)
    for pause in range(0, pause_steps + 1, _STEPS_AT_ONCE):
        newest = start_step - pause
        oldest = max(newest - _STEPS_AT_ONCE, start_step - pause_steps - 1) + 1
        lead = chains.top[newest & ring]
        for step in range(oldest, newest):
            ahead = chains.top[step & ring]
            lead = ahead if ahead > lead else lead
        if lead + p.headroom - p.pause_cost * np.float32(pause * STEP) <= best:
            continue
        low = chains.first[oldest & ring]
        high = chains.first[newest & ring] + chains.n_ended[newest & ring]
        better, slot = _best_of(chains, shape_g, p, scratch, low, high, best)
        if slot >= 0:
            best, best_slot = better, slot
    return best, best_slot
