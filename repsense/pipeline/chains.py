"""The chain search as an object: arrays, settings, and reading the result."""

import math
from typing import NamedTuple

import numpy as np

from repsense.pipeline.cycles import POINTS, ShapeArray, new_candidate
from repsense.pipeline.history import GRID_HZ, Float32Array, History
from repsense.pipeline.links import weights_of
from repsense.pipeline.nodes import (
    BASE,
    BEFORE,
    CHAIN_START,
    END,
    MOST_ROOM,
    NODE_LOG_RANGE,
    NOW,
    REPS,
    START,
    STEP,
    TEMPLATE_MEAN,
    TEMPLATE_SCALE,
    TOTAL,
    Int8Array,
    Lengths,
    lengths_of,
    needs_other_room,
    new_chains,
    with_room,
)
from repsense.pipeline.parameters import ChainParameters
from repsense.pipeline.search import CHANGED, OTHER_ROOM, hope_of, search_on, write_cycles
from repsense.pipeline.sweeping import forget_before


class Cycle(NamedTuple):
    """One rep as the search sees it: cells ``start`` to ``end``."""

    start: int
    end: int


class Chain(NamedTuple):
    """One set as the search sees it.

    Attributes
    ----------
    reps
        Number of cycles.
    start
        First cell of the first cycle.
    cycles
        The newest cycles, oldest first; those of the first minute of a long set
        may be missing.
    score
        What its cycles earned together, the cost of beginning not taken off.
    """

    reps: int
    start: int
    cycles: tuple[Cycle, ...]
    score: float


class Template(NamedTuple):
    """What the reps of a chain look like: its last cycle, as the search keeps it."""

    shape: Int8Array
    trait: Float32Array

    @property
    def shape_g(self) -> ShapeArray:
        """The points of the running template: x, y, z of the first, of the second, ..."""
        points_g = self.trait[TEMPLATE_SCALE] * self.shape.reshape(3, POINTS).astype(np.float32)
        points_g += self.trait[TEMPLATE_MEAN : TEMPLATE_MEAN + 3, None]
        return np.asarray(points_g.T.ravel())

    @property
    def range_g(self) -> float:
        """The range of its newest cycle, g."""
        return math.exp(float(self.trait[NODE_LOG_RANGE]))


class ChainSearch:
    """Feed it cells, ask it for the best chains.

    Parameters
    ----------
    history
        What to look at, filled by the conditioning.
    parameters
        Settings of the search.
    turn_max_g, open_max_g
        How far the forearm may turn within a cycle, and from its start to its
        end, as the change of its specific force; 0 for any.
    most_room
        How many cycles may be kept at a time.
    """

    def __init__(
        self,
        history: History,
        parameters: ChainParameters,
        *,
        turn_max_g: float = 0.0,
        open_max_g: float = 0.0,
        most_room: int = MOST_ROOM,
    ) -> None:
        self.history = history
        self.parameters = parameters
        self.chains = new_chains(parameters, most_room)
        #: Cell up to which the search has come.
        self.now = 0
        self._limits_g = (turn_max_g, open_max_g)
        self._all_lengths = lengths_of(parameters)
        self._candidate = new_candidate(int(self._all_lengths.steps[-1]) * STEP)
        self._read_to = (-1, -1)
        self._leading: tuple[Chain, ...] = ()
        # Of the last cycle of each, which may be let go before they are asked for.
        self._last: dict[Cycle, Template] = {}
        self.arm(armed=False)

    def arm(self, *, armed: bool, rep_s: tuple[float, float] | None = None) -> None:
        """Say whether a set is due, and how long its reps may take if that is known."""
        turn_max_g, open_max_g = self._limits_g
        self.weights = weights_of(
            self.parameters, armed=armed, turn_max_g=turn_max_g, open_max_g=open_max_g
        )
        least_s, most_s = rep_s or (0.0, math.inf)
        every = self._all_lengths
        lengths_s = every.steps * STEP / GRID_HZ
        wanted = (lengths_s >= least_s) & (lengths_s <= most_s)
        self._lengths = Lengths(steps=every.steps[wanted], log_s=every.log_s[wanted])
        self._hand_over()

    def _hand_over(self) -> None:
        """Lay out what the search takes."""
        self._numbers = tuple(self.weights)
        self._arrays = (*self.history, *self.chains, *self._candidate, *self._lengths)

    @property
    def reach(self) -> int:
        """Cells after its last rep within which a chain may still go on."""
        return int((self.parameters.pause_max_s + self.parameters.rep_max_s) * GRID_HZ)

    def advance(self, last_cell: int) -> bool:
        """Search up to ``last_cell``, or until the leading chain changes; say whether it did."""
        if last_cell < self.now + STEP:
            return False
        while True:
            stopped = search_on(last_cell // STEP, self._numbers, *self._arrays)
            self.now = int(self.chains.counter[NOW]) * STEP
            if stopped != OTHER_ROOM:
                return stopped == CHANGED
            self.chains = with_room(self.chains)
            self._hand_over()

    def catch_up(self, last_cell: int) -> None:
        """Search up to ``last_cell``, whatever changes on the way."""
        while self.now < last_cell - last_cell % STEP:
            self.advance(last_cell)

    def leading(self) -> tuple[Chain, ...]:
        """Return the best chains as of now, oldest first.

        They are read again only where they may have changed: since another leads.
        """
        slot = self._leader()
        if slot < 0:
            return ()
        cycle = self.chains.cycle
        newest = (int(cycle[START, slot]), int(cycle[END, slot]))
        if newest != self._read_to:
            self._read_to, self._leading = newest, self._chains_up_to(slot)
        return self._leading

    def _leader(self) -> int:
        """Return the last cycle of the best chain, -1 if there is none."""
        leader = self.chains.leader
        return int(leader[int(self.chains.counter[NOW]) % leader.size])

    def _chains_up_to(self, slot: int) -> tuple[Chain, ...]:
        found: list[Chain] = []
        self._last = {}
        while slot >= 0:
            found.append(self._read(slot))
            shape, trait = self.chains.shape[slot].copy(), self.chains.trait[:, slot].copy()
            self._last[found[-1].cycles[-1]] = Template(shape, trait)
            slot = int(self.chains.cycle[BEFORE, slot])
        return tuple(found[::-1])

    def template(self, chain: Chain) -> Template:
        """Return the running template of a chain that :meth:`leading` has just returned."""
        return self._last[chain.cycles[-1]]

    def _read(self, slot: int) -> Chain:
        trait, cycle = self.chains.trait, self.chains.cycle
        reps = int(cycle[REPS, slot])
        cells = np.empty((reps, 2), dtype=np.int64)
        oldest = write_cycles(cycle, slot, cells)
        return Chain(
            reps=reps,
            start=int(cycle[CHAIN_START, slot]),
            cycles=tuple([Cycle(start, end) for start, end in cells[oldest:].tolist()]),
            score=float(trait[TOTAL, slot]) - float(trait[BASE, slot]) + self.weights.start_cost,
        )

    def forget_before(self, cell: int) -> None:
        """Settle everything before ``cell``."""
        self._read_to, self._leading = (-1, -1), ()
        forget_before(self.chains, cell, self.weights.reps_min, hope_of(self.weights))
        if needs_other_room(self.chains, self._lengths.steps.size):
            self.chains = with_room(self.chains)
            self._hand_over()
