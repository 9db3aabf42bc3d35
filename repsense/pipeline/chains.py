"""The chain search as an object: arrays, settings, and reading the result."""

from typing import NamedTuple

from repsense.pipeline.cycles import new_candidate
from repsense.pipeline.history import History
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
    TOTAL,
    durations_of,
    forget_before,
    new_chains,
)
from repsense.pipeline.parameters import ChainParameters
from repsense.pipeline.search import search_on, weights_of


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
        What its cycles earned together.
    slot
        Where its template lies.
    """

    reps: int
    start: int
    cycles: tuple[Cycle, ...]
    score: float
    slot: int


class ChainSearch:
    """Feed it cells, ask it for the best chains."""

    def __init__(self, history: History, parameters: ChainParameters) -> None:
        self.history = history
        self.parameters = parameters
        self.chains = new_chains(parameters)
        self._candidate = new_candidate()
        self._durations = durations_of(parameters)
        self.arm(armed=False)

    def arm(self, *, armed: bool) -> None:
        """Say whether a set is due."""
        self.weights = weights_of(self.parameters, armed=armed)

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

    def leading(self) -> list[Chain]:
        """Return the best chains as of now, oldest first."""
        found: list[Chain] = []
        slot = int(self.chains.leader[int(self.chains.counter[NOW]) % self.chains.leader.size])
        while slot >= 0:
            found.append(self._read(slot))
            slot = int(self.chains.link[slot, BEFORE])
        return found[::-1]

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
            score=float(score[slot, TOTAL] - score[slot, BASE]),
            slot=slot,
        )

    def forget_before(self, cell: int) -> None:
        """Settle everything before ``cell``."""
        forget_before(self.chains, cell, self.weights.reps_min)
