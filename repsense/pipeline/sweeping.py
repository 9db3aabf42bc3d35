"""Which cycles the search lets go of, and when.

Memory is bounded: cycles that ended more than a pause and a cycle ago cannot be
continued, the less so the shorter they were, and some lie so far behind the best chains that
nothing they could still earn would bring them up. Both kinds are swept out when the list is full,
but for those that are the past of a chain that is still in the running, which are kept for most of
``HISTORY_S``.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from repsense.compiled import compiled, lean
from repsense.pipeline.history import LOOK_BACK, Float32Array, Int32Array
from repsense.pipeline.nodes import (
    BASE,
    BEFORE,
    CHAIN_START,
    END,
    FLOOR,
    NEVER,
    NODE_LEAD,
    NOW,
    PARENT,
    REPS,
    ROOM,
    START,
    STEP,
    TOTAL,
    USED,
    Chains,
)

_MOST_KEPT = 0.875  # of the room there may be, or the next sweep would come too soon
_LEAST_MARGIN, _MORE_MARGIN = -1e-3, 0.05  # the former for rounding

UInt8Array = npt.NDArray[np.uint8]


class Hope(NamedTuple):
    """What may still become of a cycle, from the settings of the search.

    Attributes
    ----------
    headroom
        The most that a link earns.
    start_cost
        What beginning a chain costs.
    pause_cost, pause_cells
        What a cell of pause costs, and the longest pause.
    longer, longest
        How many times as long the next cycle may be, and how many cells at most.
    """

    headroom: float
    start_cost: float
    pause_cost: float
    pause_cells: int
    longer: float
    longest: int


@lean
def _margin(chains: Chains, hope: Hope, slot: int) -> float:
    """Return by how much a cycle's chain, going on, might do better than one that begins then.

    Whatever goes on from here ends later than now, so it began no longer ago than it may last.
    """
    steps = chains.value.shape[0]
    now, end = chains.counter[NOW], chains.cycle[END, slot]
    lasted = end - chains.cycle[START, slot]
    longest = int(lasted * hope.longer) // STEP * STEP
    start = max(end, (now + 1) * STEP - min(longest, hope.longest))
    if start - end > hope.pause_cells:
        return NEVER
    most = chains.trait[NODE_LEAD, slot] + hope.headroom - hope.pause_cost * (start - end)
    begun = chains.value[min(start // STEP, now) % steps] - hope.start_cost
    return float(most - max(begun, chains.value[now % steps] - hope.start_cost - hope.headroom))


@compiled
def _margins(chains: Chains, hope: Hope) -> Float32Array:
    """Return the margin of every cycle that may still be continued, ``NEVER`` for all others."""
    used, steps = chains.counter[USED], chains.value.shape[0]
    margins = np.full(used, NEVER, dtype=np.float32)
    for slot in range(chains.first[(chains.counter[NOW] + 1) % steps], used):
        margins[slot] = _margin(chains, hope, slot)
    return margins


@compiled
def _mark(chains: Chains, margins: Float32Array, least: float, needed: UInt8Array) -> int:
    """Mark cycles with so large a margin, those that lead, and the past of all; count them.

    Every cycle has ended before those that follow it, so one pass backwards is enough.
    """
    used = margins.shape[0]
    for slot in range(used):
        needed[slot] = margins[slot] >= least
    for leader in chains.leader:
        if leader >= 0:
            needed[leader] = 1
    oldest = chains.counter[NOW] * STEP - LOOK_BACK
    count = 0
    for slot in range(used - 1, -1, -1):
        if needed[slot] == 0:
            continue
        count += 1
        parent = chains.cycle[PARENT, slot]
        past = parent if parent >= 0 else chains.cycle[BEFORE, slot]
        if past >= 0 and chains.cycle[END, past] >= oldest:
            needed[past] = 1
    return count


@compiled
def sweep(chains: Chains, hope: Hope) -> None:
    """Let go of the cycles that no chain needs any more.

    In noise everything is a little like everything: where that would be too many, those go, too,
    that can do only a little better than what begins anew.
    """
    margins = _margins(chains, hope)
    needed = np.empty(margins.shape[0], dtype=np.uint8)
    least, most = _LEAST_MARGIN, 2.0 * hope.headroom + hope.start_cost
    room = int(_MOST_KEPT * chains.counter[ROOM])
    while _mark(chains, margins, least, needed) > room and least < most:
        least += _MORE_MARGIN
    used = needed.shape[0]
    moved = np.empty(used + 1, dtype=np.int32)  # how many are kept of those before
    source = np.empty(used, dtype=np.int32)  # where those that are kept lie now
    kept = 0
    for slot in range(used):
        moved[slot] = kept
        source[kept] = slot
        kept += needed[slot]
    moved[used] = kept
    _gather(chains, source[:kept])
    for kind in (PARENT, BEFORE):
        others = chains.cycle[kind]
        for slot in range(kept):
            other = others[slot]
            if other >= 0:
                others[slot] = moved[other] if needed[other] == 1 else -1
    for place in range(chains.leader.shape[0]):
        leader, first = chains.leader[place], chains.first[place]
        chains.leader[place] = moved[leader] if leader >= 0 else -1
        hint = chains.hint[place]
        chains.hint[place] = moved[hint] if hint >= 0 and needed[hint] == 1 else -1
        chains.n_ended[place] = moved[first + chains.n_ended[place]] - moved[first]
        chains.first[place] = moved[first]
    chains.counter[USED] = kept


@lean
def _gather(chains: Chains, source: Int32Array) -> None:
    """Move cycles up to the front, row by row, as they lie in memory.

    Number by number: a whole row would be copied aside first, since both might overlap.
    """
    first = 0  # that moves
    while first < source.shape[0] and source[first] == first:
        first += 1
    for row in range(chains.trait.shape[0]):
        trait = chains.trait[row]
        for slot in range(first, source.shape[0]):
            trait[slot] = trait[source[slot]]
    for row in range(chains.cycle.shape[0]):
        cycle = chains.cycle[row]
        for slot in range(first, source.shape[0]):
            cycle[slot] = cycle[source[slot]]
    for slot in range(first, source.shape[0]):
        shape, moved = chains.shape[slot], chains.shape[source[slot]]
        for i in range(shape.shape[0]):
            shape[i] = moved[i]


@compiled
def forget_before(chains: Chains, cell: int, reps_min: int, hope: Hope) -> None:
    """Drop every chain that began before ``cell``: what happened there is settled.

    Chains that began later are kept, counted from zero.
    """
    steps = chains.value.shape[0]
    chains.counter[FLOOR] = cell
    now = chains.counter[NOW]
    best, leader = 0.0, -1
    chains.cycle[BEFORE, : chains.counter[USED]] = -1
    for age in range(steps - 1, -1, -1):
        place = (now - age) % steps
        chains.top[place] = NEVER
        for slot in range(chains.first[place], chains.first[place] + chains.n_ended[place]):
            trait, cycle = chains.trait[:, slot], chains.cycle[:, slot]
            if cycle[CHAIN_START] < cell:
                trait[NODE_LEAD] = NEVER
                continue
            trait[TOTAL] -= trait[BASE]
            trait[NODE_LEAD] -= trait[BASE]
            trait[BASE] = 0.0
            chains.top[place] = max(chains.top[place], trait[NODE_LEAD])
            if cycle[REPS] >= reps_min and trait[TOTAL] > best:
                best, leader = float(trait[TOTAL]), slot
        chains.value[place] = best
        chains.leader[place] = leader
    sweep(chains, hope)
