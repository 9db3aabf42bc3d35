"""Chains of matching cycles: the search that finds sets and their reps.

A rep is "leave, return, and do the same again". So the engine looks for chains
of candidate cycles (:mod:`repsense.pipeline.cycles`) of which each resembles
the running template of those before it. Every 0.12 s:

1. Candidates that end now are described; each has a score of its own, at best
   0, less for a poor return, a short excursion or a hurried cycle.
2. Each either begins a chain, at a cost, on top of the best chains that were
   over before it began; or it continues the chain of an earlier cycle, and is
   paid the similarity to that chain's template less what a changed duration,
   a changed range and a pause cost. The better of all these is its total.
3. The best total of any chain that is over by now is remembered. Its chains,
   read backwards, are the sets and reps as they look now.

This is dynamic programming over the past, so a better explanation may replace a
worse one later; there is no global period, so pauses and drifting tempo cost
little; and half or double periods lose, because the two strokes of a rep mirror
each other and because each matching cycle earns its own reward.

Memory is bounded: cycles that ended more than a pause and a cycle ago cannot be
continued, and are dropped unless a chain that still can be needs them as its
past, which is followed back ``HISTORY_S``.
"""

import math
from typing import NamedTuple

import numpy as np

from repsense.compiled import compiled
from repsense.pipeline.cycles import (
    CLOSURE,
    EXCURSION,
    MEAN,
    POINTS,
    RANGE,
    VARIANCE,
    Candidate,
    measure_shape,
    trace_shape,
)
from repsense.pipeline.history import GRID_HZ, OFFSET, History, IntArray
from repsense.pipeline.nodes import (
    CHAIN_START,
    FLOOR,
    FREE,
    NODE_LOG_RANGE,
    NODE_LOG_S,
    NODE_MEAN,
    NODE_VARIANCE,
    NOW,
    REPS,
    STEP,
    TEMPLATE_MEAN,
    TEMPLATE_SPREAD,
    TOTAL,
    Chains,
    Float32Array,
    store,
    sweep,
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
def _link_cost(
    node: Float32Array, slot: int, reps: int, w: Weights, log_range: float, log_s: float
) -> float:
    """Return what a link costs, pauses apart: huge where range or duration forbid it."""
    range_ratio = abs(log_range - node[slot, NODE_LOG_RANGE])
    s_ratio = abs(log_s - node[slot, NODE_LOG_S])
    if range_ratio > w.range_ratio_max or s_ratio > w.duration_ratio_max:
        return 1e9
    cost = w.link_cost if reps > 1 else w.first_link_cost
    cost += w.duration_cost * s_ratio + w.range_cost * max(0.0, range_ratio - w.range_free)
    return float(cost)


@compiled
def _best_link(
    history: History, chains: Chains, candidate: Candidate, w: Weights, start: int, end: int
) -> tuple[float, int]:
    """Return the best total the candidate can build on, and the slot of the cycle it follows.

    Slot -1 says that beginning a chain is best. The similarity is Lin's
    concordance (doi 10.2307/2532051) for curves: one less the mean squared
    distance between candidate and template over the distance two unrelated
    curves of their variances and means would have. It is not computed where its
    upper bound shows that it cannot win.
    """
    # Arrays are taken out of their tuples once: the loops below are the hot ones.
    smooth_g, trait, shape_g = history.smooth_g, candidate.trait, candidate.shape_g
    node, link, score, shapes_g = chains.trait, chains.link, chains.score, chains.shape_g
    ended, n_ended = chains.ended, chains.n_ended
    steps = chains.value.shape[0]
    start_step = start // STEP
    best = chains.value[start_step % steps] - w.start_cost
    best_slot = -1
    log_s, log_range = math.log((end - start) / GRID_HZ), math.log(trait[RANGE])
    spread, variance = math.sqrt(trait[VARIANCE]), trait[VARIANCE]
    x, y, z = trait[MEAN], trait[MEAN + 1], trait[MEAN + 2]
    noise = w.noise_g * w.noise_g
    first_row = max(chains.counter[FLOOR] - history.counter[OFFSET], 0)
    start_row = start - history.counter[OFFSET]
    for pause in range(w.pause_steps + 1):
        row = start_row - pause * STEP
        if row - STEP < first_row:
            break
        place = (start_step - pause) % steps
        for i in range(n_ended[place]):
            slot = ended[place, i]
            ahead = score[slot, TOTAL] - w.pause_cost * pause + 1.0
            if ahead <= best:
                continue
            ahead -= _link_cost(node, slot, link[slot, REPS], w, log_range, log_s)
            if ahead <= best:
                continue
            apart = (x - node[slot, NODE_MEAN]) ** 2
            apart += (y - node[slot, NODE_MEAN + 1]) ** 2
            apart += (z - node[slot, NODE_MEAN + 2]) ** 2
            scale = 1.0 / (variance + node[slot, NODE_VARIANCE] + 0.5 * apart)
            least = (spread - node[slot, TEMPLATE_SPREAD]) ** 2
            least += (x - node[slot, TEMPLATE_MEAN]) ** 2
            least += (y - node[slot, TEMPLATE_MEAN + 1]) ** 2
            least += (z - node[slot, TEMPLATE_MEAN + 2]) ** 2
            if ahead - (least + noise) * scale <= best:
                continue
            total = ahead - (_shape_distance(shapes_g, slot, shape_g) + noise) * scale
            if total > best:
                best, best_slot = total, slot
        if _strays(smooth_g, row, start_row, w.pause_posture * trait[RANGE]):
            break
    return best, best_slot


@compiled
def _grow_box(
    history: History, signal_g: FloatArray, box: FloatArray, start: int, seen: int
) -> float:
    """Let the box take in cells from ``start`` to ``seen``; return its diagonal, g.

    It bounds the range from above whichever way the band is worn.
    """
    for row in range(start - history.counter[OFFSET], seen - history.counter[OFFSET]):
        for axis in range(3):
            box[0, axis] = min(box[0, axis], signal_g[row, axis])
            box[1, axis] = max(box[1, axis], signal_g[row, axis])
    diagonal = 0.0
    for axis in range(3):
        diagonal += (box[1, axis] - box[0, axis]) ** 2
    return math.sqrt(diagonal)


@compiled
def _open(history: History, signal_g: FloatArray, start: int, end: int, limit_g: float) -> bool:
    """Say whether two cells are farther apart than a limit."""
    apart = 0.0
    for axis in range(3):
        one = signal_g[start - history.counter[OFFSET], axis]
        apart += (one - signal_g[end - history.counter[OFFSET], axis]) ** 2
    return apart > limit_g * limit_g


@compiled
def _begin_step(chains: Chains, durations: IntArray) -> None:
    """Make room for the cycles that end at the next step."""
    steps = chains.value.shape[0]
    chains.counter[NOW] += 1
    now = chains.counter[NOW]
    place = now % steps
    chains.n_ended[place] = 0
    chains.value[place] = chains.value[(now - 1) % steps]
    chains.leader[place] = chains.leader[(now - 1) % steps]
    if chains.counter[FREE] < durations.shape[0]:
        sweep(chains)


@compiled
def _is_cycle(
    history: History, boxes: FloatArray, w: Weights, start: int, seen: int, end: int
) -> int:
    """Say whether cells ``start`` to ``end`` may be a cycle, 1 or 0; -1: nor any longer stretch.

    ``boxes`` hold the cells since ``seen``, of the signal and of the posture, and
    take in those from ``start``.
    """
    diagonal_g = _grow_box(history, history.smooth_g, boxes[0], start, seen)
    if w.turn_max_g > 0.0:
        if _grow_box(history, history.posture_g, boxes[1], start, seen) > w.turn_max_g:
            return -1
        if _open(history, history.posture_g, start, end, w.open_max_g):
            return 0
    if diagonal_g < w.range_min_g:
        return 0
    return 0 if _open(history, history.smooth_g, start, end, w.closure_max * diagonal_g) else 1


@compiled
def _take_candidate(
    history: History, chains: Chains, candidate: Candidate, w: Weights, start: int, end: int
) -> None:
    """Describe a candidate, and keep it if it may be of use in a chain."""
    trace_shape(history, start, end, POINTS, w.path_share, candidate.shape_g)
    measure_shape(candidate)
    trait = candidate.trait
    if (
        trait[RANGE] < w.range_min_g
        or trait[CLOSURE] > w.closure_max
        or trait[EXCURSION] < w.excursion_min
    ):
        return
    own = -w.closure_cost * trait[CLOSURE] - w.excursion_cost * (1.0 - trait[EXCURSION])
    own -= w.short_cost * max(0.0, w.short_s - (end - start) / GRID_HZ)
    total, parent = _best_link(history, chains, candidate, w, start, end)
    # A cycle so far behind the best chains that even a perfect rep after it
    # would do better as the beginning of a new chain is of no use.
    best = chains.value[chains.counter[NOW] % chains.value.shape[0]]
    if total + own > best - (1.0 - w.link_cost + w.start_cost):
        store(chains, candidate, w.template_new, w.reps_min, start, end, total + own, parent)


@compiled
def search_step(
    history: History, chains: Chains, candidate: Candidate, durations: IntArray, w: Weights
) -> None:
    """Run the next step of the search (1 to 3 above)."""
    _begin_step(chains, durations)
    end = chains.counter[NOW] * STEP
    row = end - history.counter[OFFSET]
    first_cell = max(history.counter[OFFSET], chains.counter[FLOOR])
    boxes = np.empty((2, 2, 3))
    for axis in range(3):
        boxes[0, :, axis] = history.smooth_g[row, axis]
        boxes[1, :, axis] = history.posture_g[row, axis]
    seen = end
    for duration in durations:
        start = end - duration * STEP
        if start < first_cell:
            break
        fits = _is_cycle(history, boxes, w, start, seen, end)
        if fits < 0:
            break
        seen = start
        if fits == 1:
            _take_candidate(history, chains, candidate, w, start, end)


@compiled
def search_on(
    history: History,
    chains: Chains,
    candidate: Candidate,
    durations: IntArray,
    w: Weights,
    last_step: int,
) -> bool:
    """Run steps up to ``last_step``, or until the leading chain or its count changes.

    Returns
    -------
    bool
        True when it stopped because of a change.
    """
    steps = chains.value.shape[0]
    while chains.counter[NOW] < last_step:
        before = chains.leader[chains.counter[NOW] % steps]
        search_step(history, chains, candidate, durations, w)
        leader = chains.leader[chains.counter[NOW] % steps]
        if leader == before:
            continue
        if (
            before < 0
            or chains.link[leader, REPS] != chains.link[before, REPS]
            or chains.span[leader, CHAIN_START] != chains.span[before, CHAIN_START]
        ):
            return True
    return False
