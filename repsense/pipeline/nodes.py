"""Where the chain search keeps its cycles: one list, in the order in which they ended.

The list is as long as it has to be: the search asks for more room, or gives some back. How many
reps a chain has is counted along with it, so nothing is lost when its first cycles go; when that
is, :mod:`repsense.pipeline.sweeping` says.
"""

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from repsense.compiled import lean
from repsense.pipeline.cycles import MEAN, POINTS, RANGE, VARIANCE, Candidate
from repsense.pipeline.history import GRID_HZ, Float32Array, Int32Array, IntArray
from repsense.pipeline.parameters import ChainParameters
from repsense.samples import FloatArray

#: Cells in a step. Cycles begin and end on steps.
STEP = 3

# A wearer who rests needs room for hardly any cycle, a set for 1,000, noise would like 3,000. What
# lies farthest behind is hardly missed: with 880, of 571 recorded, disturbed and simulated sets 9
# had times that moved, against those with room for everything, and none another count.
# Always an odd number of cache lines: else rows would drive each other out of the cache.
_LEAST_ROOM, MOST_ROOM = 176, 880
_ROOM_STEP = 32
_SPARE = 1.25  # of what is in use, after a sweep that found the room too small, or too large

_DURATION_GROWTH = 1.05  # durations tried grow by 5 %: closer ones add work, not accuracy
NEVER = -1e9

Int8Array = npt.NDArray[np.int8]

# Rows of ``Chains.trait``.
NODE_VARIANCE, NODE_LOG_RANGE, NODE_LOG_S, TEMPLATE_SPREAD = 0, 1, 2, 3
NODE_MEAN, TEMPLATE_MEAN = 4, 7
TEMPLATE_SCALE, NODE_LEAD = 10, 11
TOTAL, BASE = 12, 13
_TRAITS = 14
# Rows of ``Chains.cycle``.
START, END, CHAIN_START, PARENT, BEFORE, REPS = 0, 1, 2, 3, 4, 5
# Places in ``Chains.counter``.
USED, FLOOR, NOW, ROOM = 0, 1, 2, 3


class Chains(NamedTuple):
    """All cycles that may still matter, oldest first, and which of them ended at each step.

    Attributes
    ----------
    shape
        Running template of the chain up to this cycle, less its mean, as a share of
        ``TEMPLATE_SCALE``, shape (room, 3 * POINTS): all x, all y, all z.
    trait
        Of the cycle: variance, logarithms of range and length, mean; of the template: mean, spread
        and scale; what a link to it builds on; total of the chain so far, and the total
        that the chain was begun on. Shape (14, room).
    cycle
        First and last cell, and first cell of the chain; the cycle before, the last cycle of the
        chain before this chain (-1: none); number of cycles so far. Shape (6, room).
    first, n_ended
        The first of the cycles that ended at each of the latest steps, and how many there
        are; shape (steps,).
    value, leader
        Best total so far at each of the latest steps, and whose it is; -1: nobody's.
    top
        The most that links to cycles that ended at each of the latest steps build on.
    hint
        The cycle that the newest candidate that began at each of the latest steps went on
        from, -1 if none did; shape (steps,).
    counter
        Bookkeeping; ``ROOM`` is the most that the list may grow to.
    """

    shape: Int8Array
    trait: Float32Array
    cycle: Int32Array
    first: Int32Array
    n_ended: Int32Array
    value: FloatArray
    leader: Int32Array
    top: Float32Array
    hint: Int32Array
    counter: IntArray


class Lengths(NamedTuple):
    """The durations to try, ascending: in steps, and as logarithms of seconds."""

    steps: IntArray
    log_s: Float32Array


def lengths_of(parameters: ChainParameters) -> Lengths:
    """Return the durations to try."""
    step_s = STEP / GRID_HZ
    durations = [max(math.ceil(parameters.rep_min_s / step_s - 1e-9), 2)]
    while durations[-1] * step_s <= parameters.rep_max_s:
        durations.append(max(durations[-1] + 1, round(durations[-1] * _DURATION_GROWTH)))
    steps = np.array(durations[:-1], dtype=np.int64)
    return Lengths(steps=steps, log_s=np.log(steps * step_s).astype(np.float32))


def new_chains(parameters: ChainParameters, most_room: int = MOST_ROOM) -> Chains:
    """Return an empty search."""
    steps = int((parameters.rep_max_s + parameters.pause_max_s) * GRID_HZ / STEP) + 4
    steps = 2 ** math.ceil(math.log2(steps))  # so that a step's place is some of its bits
    return Chains(
        shape=np.zeros((_LEAST_ROOM, 3 * POINTS), dtype=np.int8),
        trait=np.zeros((_TRAITS, _LEAST_ROOM), dtype=np.float32),
        cycle=np.full((6, _LEAST_ROOM), -1, dtype=np.int32),
        first=np.zeros(steps, dtype=np.int32),
        n_ended=np.zeros(steps, dtype=np.int32),
        value=np.zeros(steps),
        leader=np.full(steps, -1, dtype=np.int32),
        top=np.full(steps, NEVER, dtype=np.float32),
        hint=np.full(steps, -1, dtype=np.int32),
        counter=np.array([0, 0, 0, most_room]),
    )


def with_room(chains: Chains) -> Chains:
    """Return the same cycles in a list that is as long as they need, and a little longer."""
    used = int(chains.counter[USED])
    more = max(_SPARE * used + _ROOM_STEP - _LEAST_ROOM, 0)
    wanted = _LEAST_ROOM + math.ceil(more / _ROOM_STEP) * _ROOM_STEP
    room = min(wanted, int(chains.counter[ROOM]))
    shape = np.zeros((room, 3 * POINTS), dtype=np.int8)
    trait = np.zeros((_TRAITS, room), dtype=np.float32)
    cycle = np.full((6, room), -1, dtype=np.int32)
    shape[:used] = chains.shape[:used]
    trait[:, :used] = chains.trait[:, :used]
    cycle[:, :used] = chains.cycle[:, :used]
    return chains._replace(shape=shape, trait=trait, cycle=cycle)


@lean
def needs_other_room(chains: Chains, most: int) -> bool:
    """Say, after a sweep, whether the list is too short for ``most`` more cycles, or far too long.

    So much must be free that the next sweep is some steps away.
    """
    room, used = chains.shape.shape[0], chains.counter[USED]
    if room < chains.counter[ROOM] and room - used < max(most, room // 8):
        return True
    return bool(room > _LEAST_ROOM and _SPARE * used + 3 * _ROOM_STEP < room // 2)


@lean
def store(
    chains: Chains,
    candidate: Candidate,
    template_new: float,
    first_cost: float,
    reps_min: int,
    start: int,
    end: int,
    log_s: np.float32,
    total: float,
    parent: int,
) -> None:
    """Keep the candidate as a cycle of a chain.

    ``first_cost`` is what a link to it costs more if it is its chain's first.
    """
    steps = chains.value.shape[0]
    place = (end // STEP) % steps
    slot = chains.counter[USED]
    if slot == chains.shape.shape[0]:
        return
    chains.counter[USED] += 1
    chains.n_ended[place] += 1
    trait, cycle = chains.trait[:, slot], chains.cycle[:, slot]
    cycle[START] = start
    cycle[END] = end
    cycle[PARENT] = parent
    trait[TOTAL] = total
    lead = total
    if parent >= 0:
        cycle[CHAIN_START] = chains.cycle[CHAIN_START, parent]
        cycle[BEFORE] = chains.cycle[BEFORE, parent]
        cycle[REPS] = chains.cycle[REPS, parent] + 1
        trait[BASE] = chains.trait[BASE, parent]
    else:
        before = (start // STEP) % steps
        cycle[CHAIN_START] = start
        cycle[BEFORE] = chains.leader[before]
        cycle[REPS] = 1
        trait[BASE] = chains.value[before]
        lead -= first_cost
    trait[NODE_LEAD] = lead
    trait[NODE_LOG_S] = log_s
    trait[NODE_LOG_RANGE] = math.log(candidate.trait[RANGE])
    trait[NODE_VARIANCE] = candidate.trait[VARIANCE]
    _blend(chains, candidate, np.float32(template_new), slot, parent)
    chains.top[place] = max(chains.top[place], trait[NODE_LEAD])
    if cycle[REPS] >= reps_min and total > chains.value[place]:
        chains.value[place] = total
        chains.leader[place] = slot


@lean
def _blend(chains: Chains, candidate: Candidate, new: np.float32, slot: int, parent: int) -> None:
    """Write the template: the candidate's shape, and the template before it if there is one.

    The candidate's shape is spoiled.
    """
    shape_g, shape, trait = candidate.shape_g, chains.shape[slot], chains.trait
    for axis in range(3):
        mean = np.float32(candidate.trait[MEAN + axis])
        trait[NODE_MEAN + axis, slot] = mean
        if parent >= 0:
            mean = new * mean + (np.float32(1.0) - new) * trait[TEMPLATE_MEAN + axis, parent]
        trait[TEMPLATE_MEAN + axis, slot] = mean
    if parent >= 0:
        old, before = (np.float32(1.0) - new) * trait[TEMPLATE_SCALE, parent], chains.shape[parent]
        for i in range(shape_g.shape[0]):
            shape_g[i] = new * shape_g[i] + old * np.float32(before[i])
    squares = np.float32(0.0)
    count, farthest = candidate.farthest.shape[0], candidate.farthest
    x, y, z = shape_g[:count], shape_g[count : 2 * count], shape_g[2 * count :]
    for i in range(count):
        farthest[i] = x[i] * x[i] + y[i] * y[i] + z[i] * z[i]
        squares += farthest[i]
    largest = np.float32(1e-12)
    for i in range(count):
        largest = farthest[i] if farthest[i] > largest else largest
    scale = np.float32(math.sqrt(largest)) / np.float32(127.0)
    finer = np.float32(1.0) / scale
    for i in range(shape_g.shape[0]):
        shape[i] = np.int8(np.int32(shape_g[i] * finer + np.float32(127.5)) - 127)
    trait[TEMPLATE_SCALE, slot] = scale
    trait[TEMPLATE_SPREAD, slot] = math.sqrt(squares / np.float32(POINTS))
