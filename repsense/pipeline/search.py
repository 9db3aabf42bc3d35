"""Chains of matching cycles: the search that finds sets and their reps.

A rep is "leave, return, and do the same again". So the engine looks for chains
of candidate cycles (:mod:`repsense.pipeline.cycles`) of which each resembles
the running template of those before it. Every 0.12 s:

1. Candidates that end now are described; each has a score of its own, at best
   0, less for a poor return, a short excursion or a hurried cycle.
2. Each either begins a chain, at a cost, on top of the best chains that were
   over before it began, and then pays less for a poor return unless a set was
   said to be due; or it continues the chain of an earlier cycle, and is
   paid the similarity to that chain's template less what a changed duration,
   a changed range and a pause cost. The better of all these is its total.
3. The best total of any chain that is over by now is remembered. Its chains,
   read backwards, are the sets and reps as they look now.

This is dynamic programming over the past, so a better explanation may replace a
worse one later; there is no global period, so pauses and drifting tempo cost
little; and half or double periods lose, because the two strokes of a rep mirror
each other and because each matching cycle earns its own reward.

How cycles are kept, :mod:`repsense.pipeline.nodes` says; when they go,
:mod:`repsense.pipeline.sweeping`.
"""

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from repsense.compiled import compiled, lean
from repsense.pipeline.cycles import (
    CLOSURE,
    EXCURSION,
    RANGE,
    Candidate,
    measure_shape,
    trace_candidate,
)
from repsense.pipeline.history import (
    GRID_HZ,
    OFFSET,
    Float32Array,
    History,
    Int32Array,
    IntArray,
)
from repsense.pipeline.links import (
    Scratch,
    Weights,
    best_link,
    longest_pause,
    new_scratch,
    probe_of,
)
from repsense.pipeline.nodes import (
    CHAIN_START,
    END,
    FLOOR,
    NOW,
    PARENT,
    REPS,
    START,
    STEP,
    USED,
    Chains,
    Lengths,
    needs_other_room,
    store,
)
from repsense.pipeline.sweeping import Hope, sweep

_NONE = -1e9

# Where the arrays of the chains, the candidate and the lengths begin in those of a search.
_CHAINS = len(History._fields)
_CANDIDATE = _CHAINS + len(Chains._fields)
_LENGTHS = _CANDIDATE + len(Candidate._fields)

#: Why :func:`search_on` has stopped.
ARRIVED, CHANGED, OTHER_ROOM = 0, 1, 2


@lean
def _grow_box(signal_g: Float32Array, box: Float32Array, start: int, seen: int) -> float:
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


@lean
def _apart(signal_g: Float32Array, one: int, other: int) -> float:
    """Return the squared distance of two rows, g^2."""
    apart = 0.0
    for axis in range(3):
        apart += (signal_g[one, axis] - signal_g[other, axis]) ** 2
    return apart


@lean
def hope_of(w: Weights) -> Hope:
    """Return what may still become of a cycle."""
    return Hope(
        headroom=1.0 - w.link_cost,
        start_cost=w.start_cost,
        pause_cost=w.pause_cost / STEP,
        pause_cells=w.pause_steps * STEP,
        longer=math.exp(w.duration_ratio_max),
        longest=w.cells_max,
    )


@lean
def _begin_step(chains: Chains) -> None:
    """Make a place for the cycles that end at the next step."""
    steps = chains.value.shape[0]
    chains.counter[NOW] += 1
    now = chains.counter[NOW]
    place = now % steps
    chains.n_ended[place] = 0
    chains.first[place] = chains.counter[USED]
    chains.top[place] = _NONE
    chains.hint[place] = -1
    chains.value[place] = chains.value[(now - 1) % steps]
    chains.leader[place] = chains.leader[(now - 1) % steps]


@lean
def _is_cycle(
    smooth_g: Float32Array,
    posture_g: Float32Array,
    boxes: Float32Array,
    w: Weights,
    closure_max: float,
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
    limit = closure_max * closure_max * diagonal
    return 0 if _apart(smooth_g, start, end) > limit else 1


@lean
def _own_score(candidate: Candidate, w: Weights, cells: int) -> float:
    """Return the score of a measured candidate, ``_NONE`` if it has none."""
    trait = candidate.trait
    if (
        trait[RANGE] < w.range_min_g
        or trait[CLOSURE] > w.closure_max
        or trait[EXCURSION] < w.excursion_min
    ):
        return _NONE
    own = w.closure_cost * trait[CLOSURE] + w.excursion_cost * (1.0 - trait[EXCURSION])
    own += w.short_cost * max(0.0, w.short_s - cells / GRID_HZ)
    return float(-own)


@lean
def _extend(
    smooth_g: Float32Array,
    chains: Chains,
    candidate: Candidate,
    scratch: Scratch,
    w: Weights,
    start: int,
    end: int,
    log_s: np.float32,
    own: float,
    least: float,
    offset: int,
) -> None:
    """Keep the candidate in the better of a chain that it goes on with and one that it begins."""
    steps = chains.value.shape[0]
    begun = chains.value[(start // STEP) % steps] - w.start_cost
    begun += (w.closure_cost - w.first_closure_cost) * candidate.trait[CLOSURE]
    floor = max(chains.counter[FLOOR] - offset, 0)
    limit_g = w.pause_posture * candidate.trait[RANGE]
    pause = longest_pause(smooth_g, w, start - offset, floor, limit_g)
    probe = probe_of(candidate.trait, w, start, log_s)
    wanted = np.float32(max(begun, least - own))
    best, parent = best_link(chains, candidate.shape_g, probe, scratch, pause, wanted)
    total = own + (float(best) if parent >= 0 else begun)
    if parent >= 0:
        chains.hint[(start // STEP) % steps] = parent
    if total > least:
        first_cost = w.first_link_cost - w.link_cost
        new = w.template_new
        store(chains, candidate, new, first_cost, w.reps_min, start, end, log_s, total, parent)


@lean
def _search_step(
    history: History,
    chains: Chains,
    candidate: Candidate,
    scratch: Scratch,
    lengths: Lengths,
    w: Weights,
) -> None:
    """Run the next step of the search (1 to 3 above)."""
    _begin_step(chains)
    steps = chains.value.shape[0]
    end = chains.counter[NOW] * STEP
    offset = history.counter[OFFSET]
    smooth_g, posture_g, path = history.smooth_g, history.posture_g, history.path
    value, place = chains.value, chains.counter[NOW] % steps
    first_cell = max(offset, chains.counter[FLOOR])
    boxes = scratch.boxes
    for axis in range(3):
        boxes[0, :, axis] = smooth_g[end - offset, axis]
        boxes[1, :, axis] = posture_g[end - offset, axis]
    seen = end
    for number in range(lengths.steps.shape[0]):
        start = end - lengths.steps[number] * STEP
        if start < first_cell:
            break
        # A cycle so far behind the best chains that even a perfect rep after it
        # would do better as the beginning of a new chain is of no use.
        least = value[place] - (1.0 - w.link_cost + w.start_cost)
        room = value[(start // STEP) % steps] + 1.0 - w.link_cost - least
        if room <= 0.0:
            break
        loose = room > w.closure_cost * w.closure_max
        closure_max = w.closure_max if loose else room / w.closure_cost
        first, last = start - offset, end - offset
        fits = _is_cycle(smooth_g, posture_g, boxes, w, closure_max, first, seen - offset, last)
        if fits < 0:
            break
        seen = start
        if fits == 0:
            continue
        trace_candidate(smooth_g, path, first, last, w.path_share, candidate)
        measure_shape(candidate)
        own = _own_score(candidate, w, last - first)
        if own > _NONE and own + room > 0.0:
            log_s = lengths.log_s[number]
            _extend(smooth_g, chains, candidate, scratch, w, start, end, log_s, own, least, offset)


@compiled
def search_on(last_step: int, weights: tuple[Any, ...], *arrays: npt.NDArray[Any]) -> int:
    """Run steps up to ``last_step``, or until the leading chain or its count changes.

    ``weights`` are those of :class:`Weights`; ``arrays`` those of the history, the chains, the
    candidate and the lengths, one by one: numba takes four times as long to look at named tuples.

    Returns
    -------
    int
        Why it stopped: ``ARRIVED``, ``CHANGED``, or ``OTHER_ROOM`` where it can only go on after
        :func:`repsense.pipeline.nodes.with_room`.
    """
    w, history = Weights(*weights), History(*arrays[:_CHAINS])
    chains, candidate = Chains(*arrays[_CHAINS:_CANDIDATE]), Candidate(*arrays[_CANDIDATE:_LENGTHS])
    lengths = Lengths(*arrays[_LENGTHS:])
    steps = chains.value.shape[0]
    most = lengths.steps.shape[0]
    scratch = new_scratch(most)
    while chains.counter[NOW] < last_step:
        if chains.counter[USED] + most > chains.shape.shape[0]:
            sweep(chains, hope_of(w))
            if needs_other_room(chains, most):
                return OTHER_ROOM
        before = chains.leader[chains.counter[NOW] % steps]
        _search_step(history, chains, candidate, scratch, lengths, w)
        leader = chains.leader[chains.counter[NOW] % steps]
        if leader == before:
            continue
        if (
            before < 0
            or chains.cycle[REPS, leader] != chains.cycle[REPS, before]
            or chains.cycle[CHAIN_START, leader] != chains.cycle[CHAIN_START, before]
        ):
            return CHANGED
    return ARRIVED


@compiled
def write_cycles(cycle: Int32Array, slot: int, cells: IntArray) -> int:
    """Write first and last cell of a chain's cycles that are kept to the end of some rows.

    Parameters
    ----------
    cycle
        As in :class:`repsense.pipeline.nodes.Chains`.
    slot
        The last cycle of the chain.
    cells
        Room for all its cycles, shape (n, 2). It is handed in, since returning an array takes
        numba longer than filling it.

    Returns
    -------
    int
        The first row that was written.
    """
    row, at = cells.shape[0], slot
    while at >= 0 and row > 0:
        row -= 1
        cells[row, 0], cells[row, 1] = cycle[START, at], cycle[END, at]
        at = cycle[PARENT, at]
    return int(row)
