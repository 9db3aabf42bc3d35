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

import numpy as np

from repsense.compiled import compiled
from repsense.pipeline.cycles import (
    CLOSURE,
    EXCURSION,
    POINTS,
    RANGE,
    Candidate,
    measure_shape,
    trace_shape,
)
from repsense.pipeline.history import GRID_HZ, OFFSET, History, IntArray
from repsense.pipeline.links import Weights, best_link
from repsense.pipeline.nodes import (
    CHAIN_START,
    FLOOR,
    FREE,
    NEXT,
    NOW,
    REPS,
    STEP,
    Chains,
    store,
    sweep,
)
from repsense.samples import FloatArray

_NONE = -1e9


@compiled
def _grow_box(signal_g: FloatArray, box: FloatArray, start: int, seen: int) -> float:
    """Let the box take in rows from ``start`` to ``seen``; return its squared diagonal, g^2.

    It bounds the range from above whichever way the band is worn.
    """
    diagonal = 0.0
    for axis in range(3):
        low, high = box[0, axis], box[1, axis]
        for row in range(start, seen):
            low = min(low, signal_g[row, axis])
            high = max(high, signal_g[row, axis])
        box[0, axis], box[1, axis] = low, high
        diagonal += (high - low) * (high - low)
    return diagonal


@compiled
def _apart(signal_g: FloatArray, one: int, other: int) -> float:
    """Return the squared distance of two rows, g^2."""
    apart = 0.0
    for axis in range(3):
        apart += (signal_g[one, axis] - signal_g[other, axis]) ** 2
    return apart


@compiled
def _begin_step(chains: Chains, durations: IntArray) -> None:
    """Make room for the cycles that end at the next step."""
    steps = chains.value.shape[0]
    chains.counter[NOW] += 1
    now = chains.counter[NOW]
    place = now % steps
    chains.n_ended[place] = 0
    chains.first[place] = chains.counter[NEXT]
    chains.value[place] = chains.value[(now - 1) % steps]
    chains.leader[place] = chains.leader[(now - 1) % steps]
    if chains.counter[FREE] < durations.shape[0]:
        sweep(chains)


@compiled
def _is_cycle(
    smooth_g: FloatArray,
    posture_g: FloatArray,
    boxes: FloatArray,
    w: Weights,
    start: int,
    seen: int,
    end: int,
) -> int:
    """Say whether rows ``start`` to ``end`` may be a cycle, 1 or 0; -1: nor any longer stretch.

    ``boxes`` hold the rows since ``seen``, of the signal and of the posture, and
    take in those from ``start``.
    """
    diagonal = _grow_box(smooth_g, boxes[0], start, seen)
    if w.turn_max_g > 0.0:
        if _grow_box(posture_g, boxes[1], start, seen) > w.turn_max_g * w.turn_max_g:
            return -1
        if _apart(posture_g, start, end) > w.open_max_g * w.open_max_g:
            return 0
    if diagonal < w.range_min_g * w.range_min_g:
        return 0
    limit = w.closure_max * w.closure_max * diagonal
    return 0 if _apart(smooth_g, start, end) > limit else 1


@compiled
def _own_score(
    smooth_g: FloatArray,
    path_g: FloatArray,
    candidate: Candidate,
    w: Weights,
    first: int,
    last: int,
) -> float:
    """Describe the candidate over some rows and return its own score, ``_NONE`` if it has none."""
    trace_shape(smooth_g, path_g, first, last, POINTS, w.path_share, candidate.shape_g)
    measure_shape(candidate)
    trait = candidate.trait
    if (
        trait[RANGE] < w.range_min_g
        or trait[CLOSURE] > w.closure_max
        or trait[EXCURSION] < w.excursion_min
    ):
        return _NONE
    own = w.closure_cost * trait[CLOSURE] + w.excursion_cost * (1.0 - trait[EXCURSION])
    own += w.short_cost * max(0.0, w.short_s - (last - first) / GRID_HZ)
    return float(-own)


@compiled
def search_step(
    history: History, chains: Chains, candidate: Candidate, durations: IntArray, w: Weights
) -> None:
    """Run the next step of the search (1 to 3 above).

    One function holds the whole loop: handing the arrays on to another for each
    candidate would take twice as long as all that is done with them.
    """
    _begin_step(chains, durations)
    end = chains.counter[NOW] * STEP
    offset = history.counter[OFFSET]
    smooth_g, posture_g, path_g = history.smooth_g, history.posture_g, history.path_g
    first_cost = w.first_link_cost - w.link_cost
    place = chains.counter[NOW] % chains.value.shape[0]
    first_cell = max(offset, chains.counter[FLOOR])
    boxes = np.empty((2, 2, 3))
    for axis in range(3):
        boxes[0, :, axis] = smooth_g[end - offset, axis]
        boxes[1, :, axis] = posture_g[end - offset, axis]
    seen = end
    for duration in durations:
        start = end - duration * STEP
        if start < first_cell:
            break
        first, last = start - offset, end - offset
        fits = _is_cycle(smooth_g, posture_g, boxes, w, first, seen - offset, last)
        if fits < 0:
            break
        seen = start
        if fits == 0:
            continue
        own = _own_score(smooth_g, path_g, candidate, w, first, last)
        if own == _NONE:
            continue
        total, parent = best_link(history, chains, candidate, w, start, end)
        total += own
        # A cycle so far behind the best chains that even a perfect rep after it
        # would do better as the beginning of a new chain is of no use.
        if total > chains.value[place] - (1.0 - w.link_cost + w.start_cost):
            new = w.template_new
            store(chains, candidate, new, first_cost, w.reps_min, start, end, total, parent)


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
