"""The chain search as an object: arrays, settings, and reading the result."""

import math
from typing import NamedTuple

from repsense.pipeline.cycles import ShapeArray, new_candidate
from repsense.pipeline.history import GRID_HZ, History
from repsense.pipeline.links import weights_of
from repsense.pipeline.nodes import (
    BASE,
    BEFORE,
    CHAIN_START,
    END,
    NOW,
    PARENT,
    REPS,
    START,
    STEP,
    SWEPT,
    TOTAL,
    durations_of,
    forget_before,
    new_chains,
)
from repsense.pipeline.parameters import ChainParameters
from repsense.pipeline.search import search_on


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
    slot
        Where its template lies.
    """

    reps: int
    start: int
    cycles: tuple[Cycle, ...]
    score: float
    slot: int


class Template(NamedTuple):
    """What the reps of a chain look like: the points of their shape, and its range in g."""

    shape_g: ShapeArray
    range_g: float


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
    """

    def __init__(
        self,
        history: History,
        parameters: ChainParameters,
        *,
        turn_max_g: float = 0.0,
        open_max_g: float = 0.0,
    ) -> None:
        self.history = history
        self.parameters = parameters
        self.chains = new_chains(parameters)
        self._limits_g = (turn_max_g, open_max_g)
        self._candidate = new_candidate()
        self._all_durations = durations_of(parameters)
        self._read_at = (-1, 0)
        self._leading: tuple[Chain, ...] = ()
        self.arm(armed=False)

    def arm(self, *, armed: bool, rep_s: tuple[float, float] | None = None) -> None:
        """Say whether a set is due, and how long its reps may take if that is known."""
        turn_max_g, open_max_g = self._limits_g
        self.weights = weights_of(
            self.parameters, armed=armed, turn_max_g=turn_max_g, open_max_g=open_max_g
        )
        least_s, most_s = rep_s or (0.0, math.inf)
        lengths_s = self._all_durations * STEP / GRID_HZ
        self._durations = self._all_durations[(lengths_s >= least_s) & (lengths_s <= most_s)]

    @property
    def reach(self) -> int:
        """Cells after its last rep within which a chain may still go on."""
        return int((self.parameters.pause_max_s + self.parameters.rep_max_s) * GRID_HZ)

    @property
    def now(self) -> int:
        """Cell up to which the search has come."""
        return int(self.chains.counter[NOW]) * STEP

    def advance(self, last_cell: int) -> bool:
        """Search up to ``last_cell``, or until the leading chain changes; say whether it did."""
        return search_on(
            self.history,
            self.chains,
            self._candidate,
            self._durations,
            self.weights,
            last_cell // STEP,
        )

    def catch_up(self, last_cell: int) -> None:
        """Search up to ``last_cell``, whatever changes on the way."""
        while self.now < last_cell - last_cell % STEP:
            self.advance(last_cell)

    def leading(self) -> tuple[Chain, ...]:
        """Return the best chains as of now, oldest first.

        They are read again only where they may have changed: since another leads,
        or since some were let go.
        """
        slot = int(self.chains.leader[int(self.chains.counter[NOW]) % self.chains.leader.size])
        state = (slot, int(self.chains.counter[SWEPT]))
        if state != self._read_at:
            self._read_at, self._leading = state, self._chains_up_to(slot)
        return self._leading

    def _chains_up_to(self, slot: int) -> tuple[Chain, ...]:
        found: list[Chain] = []
        while slot >= 0:
            found.append(self._read(slot))
            slot = int(self.chains.link[slot, BEFORE])
        return tuple(found[::-1])

    def template(self, chain: Chain) -> Template:
        """Return the running template of a chain that :meth:`leading` has just returned."""
        return Template(
            shape_g=self.chains.shape_g[chain.slot].copy(),
            range_g=math.exp(float(self.chains.log_range[chain.slot])),
        )

    def _read(self, slot: int) -> Chain:
        span, link, score = self.chains.span, self.chains.link, self.chains.score
        cycles = []
        at = slot
        while at >= 0:
            cycles.append(Cycle(int(span[at, START]), int(span[at, END])))
            at = int(link[at, PARENT])
        return Chain(
            reps=int(link[slot, REPS]),
            start=int(span[slot, CHAIN_START]),
            cycles=tuple(cycles[::-1]),
            score=float(score[slot, TOTAL] - score[slot, BASE]) + self.weights.start_cost,
            slot=slot,
        )

    def forget_before(self, cell: int) -> None:
        """Settle everything before ``cell``."""
        self._read_at, self._leading = (-1, -1), ()
        forget_before(self.chains, cell, self.weights.reps_min)
