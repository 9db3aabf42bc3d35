"""The engine's stages over a simulated recording, open to be looked into and drawn."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from repsense.events import Event
from repsense.pipeline.chains import Chain, ChainSearch, Cycle
from repsense.pipeline.conditioning import Conditioner, ConditioningParameters
from repsense.pipeline.cycles import POINTS, measure_shape, new_candidate, trace_shape
from repsense.pipeline.form import Form
from repsense.pipeline.form_parameters import FormParameters
from repsense.pipeline.history import History, new_history, next_cell, row_of
from repsense.pipeline.nodes import BASE, NODE_MEAN, NODE_VARIANCE, PARENT, STEP, TOTAL
from repsense.pipeline.parameters import ChainParameters, EdgeParameters, SetParameters
from repsense.pipeline.sets import CHECK, OpenSet, SetTracker
from repsense.samples import FloatArray
from repsense.simulator import Simulated


@dataclass(kw_only=True)
class Stages:
    """The engine's stages over one recording, open to be looked into.

    Parameters
    ----------
    events
        What has been said so far.
    last_open
        The set that was open last, as it was just before it ended.
    """

    history: History = field(default_factory=new_history)
    events: list[Event] = field(default_factory=list)
    last_open: OpenSet | None = None

    def __post_init__(self) -> None:
        self.conditioner = Conditioner(self.history, ConditioningParameters())
        self.search = ChainSearch(self.history, ChainParameters())
        self.tracker = SetTracker(
            self.search,
            sets=SetParameters(),
            edges=EdgeParameters(),
            form=Form(self.search.history, FormParameters()),
        )

    def play(self, made: Simulated) -> "Stages":
        """Run the recording through all stages, as ``Pipeline`` does."""
        next_check = CHECK
        for block in made.block.cut(10):
            self.conditioner.push(block)
            last_cell = next_cell(self.history) - 1
            while True:
                changed = self.search.advance(min(last_cell, next_check))
                if not changed and self.search.now < next_check:
                    break
                self.last_open = self.tracker.open or self.last_open
                self.events += self.tracker.follow() if changed else self.tracker.check()
                next_check += 0 if changed else CHECK
        self.events += self.tracker.end()
        return self

    def steps(self, made: Simulated) -> Iterator[int]:
        """Run conditioning and search alone, and stop after each step."""
        for block in made.block.cut(10):
            self.conditioner.push(block)
            for cell in range(self.search.now + STEP, next_cell(self.history), STEP):
                self.search.advance(cell)
                yield cell

    def time_s(self, cell: int) -> float:
        """Return the device time of a cell."""
        return float(self.history.time_s[row_of(self.history, cell, next_cell(self.history) - 1)])

    def between(self, start_s: float, end_s: float) -> tuple[FloatArray, FloatArray]:
        """Return times and smoothed acceleration of a stretch."""
        used = slice(0, next_cell(self.history) - int(self.history.counter[0]))
        time_s = self.history.time_s[used]
        wanted = (time_s >= start_s) & (time_s <= end_s)
        return time_s[wanted], self.history.smooth_g[used][wanted]

    def cell_at(self, time_s: float) -> int:
        """Return the cell nearest to a time."""
        known = self.history.time_s[: next_cell(self.history) - int(self.history.counter[0])]
        return int(np.abs(known - time_s).argmin()) + int(self.history.counter[0])


@dataclass(frozen=True, kw_only=True)
class Seen:
    """One stretch, described the way the search describes it."""

    time_s: FloatArray
    curve_g: FloatArray
    points_g: FloatArray
    trait: FloatArray


def seen(stages: Stages, cycle: Cycle) -> Seen:
    """Describe a stretch of cells as a candidate cycle."""
    candidate = new_candidate()
    share = stages.search.parameters.path_share
    trace_shape(stages.history, cycle.start, cycle.end, POINTS, share, candidate.shape_g)
    measure_shape(candidate)
    time_s, curve_g = stages.between(stages.time_s(cycle.start), stages.time_s(cycle.end))
    return Seen(
        time_s=time_s,
        curve_g=curve_g,
        points_g=candidate.shape_g.reshape(POINTS, 3).astype(float),
        trait=candidate.trait,
    )


@dataclass(frozen=True, kw_only=True)
class Link:
    """A cycle of a chain: how alike it is to those before it, and what it earned."""

    start_s: float
    end_s: float
    similarity: float
    earned: float


def links_of(stages: Stages, chain: Chain) -> list[Link]:
    """Read a chain's links back from the search."""
    held = stages.search.chains
    found = []
    slot = chain.slot
    for cycle in reversed(chain.cycles):
        parent = int(held.link[slot, PARENT])
        before = held.score[parent, TOTAL] if parent >= 0 else held.score[slot, BASE]
        found.append(
            Link(
                start_s=stages.time_s(cycle.start),
                end_s=stages.time_s(cycle.end),
                similarity=similarity(stages, cycle, slot, parent),
                earned=float(held.score[slot, TOTAL] - before),
            )
        )
        slot = parent
    return found[::-1]


def similarity(stages: Stages, cycle: Cycle, slot: int, parent: int) -> float:
    """Return how alike a cycle is to the running template before it; nan for the first."""
    if parent < 0:
        return float("nan")
    held = stages.search.chains
    template_g = held.shape_g[parent].reshape(POINTS, 3)
    distance = ((seen(stages, cycle).points_g - template_g) ** 2).sum(axis=1).mean()
    means = [held.trait[one, NODE_MEAN : NODE_MEAN + 3] for one in (slot, parent)]
    unrelated = held.trait[slot, NODE_VARIANCE] + held.trait[parent, NODE_VARIANCE]
    unrelated += 0.5 * ((means[0] - means[1]) ** 2).sum()
    return float(1.0 - (distance + stages.search.parameters.noise_g**2) / unrelated)
