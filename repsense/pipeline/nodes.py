"""Where the chain search keeps its cycles: slots in arrays, handed out and freed.

Memory is bounded: cycles that ended more than a pause and a cycle ago cannot be
continued, and are dropped, but for those of the leading chain and its rivals, which are kept
for most of ``HISTORY_S``. How many reps a chain has is counted along with it,
so nothing is lost when its first cycles go.
"""

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from repsense.compiled import compiled
from repsense.pipeline.cycles import MEAN, POINTS, RANGE, VARIANCE, Candidate
from repsense.pipeline.history import GRID_HZ, LOOK_BACK, Float32Array, IntArray
from repsense.pipeline.parameters import ChainParameters
from repsense.samples import FloatArray

#: Cells in a step. Cycles begin and end on steps.
STEP = 3

_RIVAL = 0.5  # chains this close to the leading one may take the lead, so their past is kept
_WITH_PAST = 2  # a mark in sweeping: the past of this cycle is marked, too
# Cycles that are kept: up to 2,900 ended within the longest cycle and pause, and their pasts;
# the size view holds as many where it sees but noise.
_SLOTS = 4096
# Of those, the share that may have ended lately. No power of two: rows would lie so that they
# drive each other out of the cache.
_LATELY = 0.88
_TRAITS = 12

_DURATION_GROWTH = 1.05  # durations tried grow by 5 %: closer ones add work, not accuracy

Int32Array = npt.NDArray[np.int32]

# Places in ``Chains.trait``.
NODE_VARIANCE, NODE_LOG_RANGE, NODE_LOG_S, TEMPLATE_SPREAD = 0, 1, 2, 3
NODE_MEAN, TEMPLATE_MEAN = 4, 7
NODE_TOTAL, NODE_STEP = 10, 11
# Places in ``Chains.link``.
PARENT, BEFORE, REPS = 0, 1, 2
# Places in ``Chains.span``.
START, END, CHAIN_START = 0, 1, 2
# Places in ``Chains.score``.
TOTAL, BASE = 0, 1
# Places in ``Chains.counter``.
FREE, FLOOR, NOW, SWEPT, NEXT = 0, 1, 2, 3, 4


class Chains(NamedTuple):
    """All cycles that may still matter, in slots, and which of them ended at each step.

    Attributes
    ----------
    shape_g
        Running template of the chain up to this cycle, shape (slots, POINTS * 3).
    trait
        Numbers that links need of the cycles that ended lately, in the order in which they
        ended and so side by side: a ring, shape (12, ring).
    ring
        Their slots, shape (ring,).
    first, n_ended
        Place of the first cycle of each of the latest steps, counted from the search's
        beginning, and how many there are; shape (steps,).
    bounds
        Scratch space of the links, shape (3, most of them).
    log_range
        Logarithm of the range, shape (slots,), ln g.
    score
        Total, and the total that the chain was begun on, shape (slots, 2).
    span
        First and last cell, and first cell of the chain, shape (slots, 3).
    link
        Slot of the cycle before, slot of the last cycle of the chain before
        this chain, and number of cycles so far, shape (slots, 3). -1: none.
    free
        Stack of free slots.
    value, leader
        Best total so far at each of the latest steps, and whose it is.
    counter
        Bookkeeping.
    """

    shape_g: Float32Array
    trait: Float32Array
    ring: Int32Array
    first: IntArray
    n_ended: Int32Array
    bounds: Float32Array
    log_range: Float32Array
    score: FloatArray
    span: IntArray
    link: Int32Array
    free: Int32Array
    value: FloatArray
    leader: Int32Array
    counter: IntArray


def durations_of(parameters: ChainParameters) -> IntArray:
    """Return the durations to try, in steps, ascending."""
    step_s = STEP / GRID_HZ
    durations = [max(math.ceil(parameters.rep_min_s / step_s - 1e-9), 2)]
    while durations[-1] * step_s <= parameters.rep_max_s:
        durations.append(max(durations[-1] + 1, round(durations[-1] * _DURATION_GROWTH)))
    return np.array(durations[:-1], dtype=np.int64)


def new_chains(parameters: ChainParameters) -> Chains:
    """Return an empty search."""
    slots, ring = _SLOTS, int(_LATELY * _SLOTS)
    pause_steps = int(parameters.pause_max_s * GRID_HZ / STEP) + 2
    steps = int((parameters.rep_max_s + parameters.pause_max_s) * GRID_HZ / STEP) + 4
    return Chains(
        shape_g=np.zeros((slots, POINTS * 3), dtype=np.float32),
        trait=np.zeros((_TRAITS, ring), dtype=np.float32),
        ring=np.zeros(ring, dtype=np.int32),
        first=np.zeros(steps, dtype=np.int64),
        n_ended=np.zeros(steps, dtype=np.int32),
        bounds=np.zeros((3, pause_steps * durations_of(parameters).size), dtype=np.float32),
        log_range=np.zeros(slots, dtype=np.float32),
        score=np.zeros((slots, 2)),
        span=np.zeros((slots, 3), dtype=np.int64),
        link=np.full((slots, 3), -1, dtype=np.int32),
        free=np.arange(slots, dtype=np.int32)[::-1].copy(),
        value=np.zeros(steps),
        leader=np.full(steps, -1, dtype=np.int32),
        counter=np.array([slots, 0, 0, 0, 0], dtype=np.int64),
    )


@compiled
def _mark_past(chains: Chains, needed: npt.NDArray[np.uint8], slot: int) -> None:
    """Mark a chain's cycles and the chains before it as needed, as far back as is kept."""
    oldest = chains.counter[NOW] * STEP - LOOK_BACK
    while slot >= 0 and chains.span[slot, END] >= oldest and needed[slot] < _WITH_PAST:
        needed[slot] = _WITH_PAST
        parent = chains.link[slot, PARENT]
        slot = parent if parent >= 0 else chains.link[slot, BEFORE]


@compiled
def _mark(chains: Chains) -> npt.NDArray[np.uint8]:
    """Mark the cycles that may be continued, and the past of the chains that may lead."""
    steps = chains.n_ended.shape[0]
    needed = np.zeros(chains.link.shape[0], dtype=np.uint8)
    ring = chains.ring.shape[0]
    now = chains.counter[NOW] % steps
    oldest = chains.first[(now + 1) % steps]
    for number in range(oldest, chains.counter[NEXT]):
        needed[chains.ring[number % ring]] = 1
    _mark_past(chains, needed, chains.leader[now])
    for number in range(oldest, chains.counter[NEXT]):
        slot = chains.ring[number % ring]
        rival = chains.score[slot, TOTAL] > chains.value[now] - _RIVAL
        if rival and chains.link[slot, REPS] > 1:
            _mark_past(chains, needed, slot)
    return needed


@compiled
def sweep(chains: Chains) -> None:
    """Free the slots of cycles that no chain needs any more."""
    needed = _mark(chains)
    for place in range(chains.leader.shape[0]):
        if chains.leader[place] >= 0 and needed[chains.leader[place]] == 0:
            chains.leader[place] = -1
    count = 0
    for slot in range(needed.shape[0]):
        if needed[slot] == 0:
            chains.free[count] = slot
            count += 1
            continue
        for kind in (PARENT, BEFORE):
            if chains.link[slot, kind] >= 0 and needed[chains.link[slot, kind]] == 0:
                chains.link[slot, kind] = -1
    chains.counter[FREE] = count
    chains.counter[SWEPT] += 1


@compiled
def store(
    chains: Chains,
    candidate: Candidate,
    template_new: float,
    first_cost: float,
    reps_min: int,
    start: int,
    end: int,
    total: float,
    parent: int,
) -> None:
    """Keep the candidate as a cycle of a chain.

    ``first_cost`` is what a link to it costs more if it is its chain's first.
    """
    steps = chains.value.shape[0]
    place = (end // STEP) % steps
    ring = chains.ring.shape[0]
    number = chains.counter[NEXT]
    if chains.counter[FREE] == 0 or number - chains.first[(place + 1) % steps] >= ring:
        return
    chains.counter[FREE] -= 1
    slot = chains.free[chains.counter[FREE]]
    chains.ring[number % ring] = slot
    chains.n_ended[place] += 1
    chains.counter[NEXT] += 1
    span = chains.span[slot]
    link = chains.link[slot]
    span[START] = start
    span[END] = end
    chains.score[slot, TOTAL] = total
    link[PARENT] = parent
    new = np.float32(1.0)
    if parent >= 0:
        new = np.float32(template_new)
        span[CHAIN_START] = chains.span[parent, CHAIN_START]
        link[BEFORE] = chains.link[parent, BEFORE]
        link[REPS] = chains.link[parent, REPS] + 1
        chains.score[slot, BASE] = chains.score[parent, BASE]
    else:
        before = (start // STEP) % steps
        span[CHAIN_START] = start
        link[BEFORE] = chains.leader[before]
        link[REPS] = 1
        chains.score[slot, BASE] = chains.value[before]
    for i in range(POINTS * 3):
        old = chains.shape_g[parent, i] if parent >= 0 else np.float32(0.0)
        chains.shape_g[slot, i] = new * candidate.shape_g[i] + (np.float32(1.0) - new) * old
    chains.log_range[slot] = math.log(candidate.trait[RANGE])
    trait = chains.trait[:, number % ring]
    trait[NODE_TOTAL] = total - (first_cost if parent < 0 else 0.0)
    trait[NODE_STEP] = end // STEP
    trait[NODE_LOG_RANGE] = chains.log_range[slot]
    trait[NODE_LOG_S] = math.log((end - start) / GRID_HZ)
    _describe(trait, candidate, chains.shape_g[slot])
    if link[REPS] >= reps_min and total > chains.value[place]:
        chains.value[place] = total
        chains.leader[place] = slot


@compiled
def _describe(trait: Float32Array, candidate: Candidate, shape_g: Float32Array) -> None:
    """Write the numbers that later similarities need of the cycle and of its template."""
    trait[NODE_VARIANCE] = candidate.trait[VARIANCE]
    spread = 0.0
    for axis in range(3):
        trait[NODE_MEAN + axis] = candidate.trait[MEAN + axis]
        mean = 0.0
        for point in range(POINTS):
            mean += shape_g[3 * point + axis] / POINTS
        for point in range(POINTS):
            spread += (shape_g[3 * point + axis] - mean) ** 2 / POINTS
        trait[TEMPLATE_MEAN + axis] = mean
    trait[TEMPLATE_SPREAD] = math.sqrt(spread)


@compiled
def forget_before(chains: Chains, cell: int, reps_min: int) -> None:
    """Drop every chain that began before ``cell``: what happened there is settled.

    Chains that began later are kept, counted from zero.
    """
    steps = chains.value.shape[0]
    ring = chains.ring.shape[0]
    chains.counter[FLOOR] = cell
    now = chains.counter[NOW]
    best = 0.0
    leader = -1
    kept = chains.first[(now + 1) % steps]
    for age in range(steps - 1, -1, -1):
        place = (now - age) % steps
        old = chains.first[place]
        chains.first[place] = kept
        for number in range(old, old + chains.n_ended[place]):
            slot = chains.ring[number % ring]
            if chains.span[slot, CHAIN_START] < cell:
                continue
            base = chains.score[slot, BASE]
            chains.score[slot, TOTAL] -= base
            chains.score[slot, BASE] = 0.0
            chains.link[slot, BEFORE] = -1
            chains.ring[kept % ring] = slot
            chains.trait[:, kept % ring] = chains.trait[:, number % ring]
            chains.trait[NODE_TOTAL, kept % ring] -= base
            kept += 1
            if chains.link[slot, REPS] >= reps_min and chains.score[slot, TOTAL] > best:
                best = chains.score[slot, TOTAL]
                leader = slot
        chains.n_ended[place] = kept - chains.first[place]
        chains.value[place] = best
        chains.leader[place] = leader
    chains.counter[NEXT] = kept
    sweep(chains)
