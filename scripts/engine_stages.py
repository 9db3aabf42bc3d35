"""The engine's stages over a simulated recording, open to be looked into and drawn."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from repsense.events import Event
from repsense.pipeline.chains import Chain, Cycle
from repsense.pipeline.conditioning import Conditioner
from repsense.pipeline.cycles import (
    MEAN,
    POINTS,
    VARIANCE,
    measure_shape,
    new_candidate,
    trace_candidate,
)
from repsense.pipeline.form import Form
from repsense.pipeline.history import COUNT, OFFSET, History, new_history, next_cell
from repsense.pipeline.nodes import BASE, END, NOW, START, STEP, TOTAL, USED
from repsense.pipeline.openset import CHECK, OpenSet
from repsense.pipeline.pipeline import PipelineParameters
from repsense.pipeline.sets import SetTracker
from repsense.pipeline.views import main_view, straight_view
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
        p = PipelineParameters()
        self.conditioner = Conditioner(self.history, p.conditioning)
        self.main = main_view(self.history, p.chains, p.edges, p.sets)
        self.search = self.main.search
        self.tracker = SetTracker(
            self.main,
            straight_view(self.history, p.chains, p.sets),
            sets=p.sets,
            form=Form(self.history, p.form),
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
                self.search.catch_up(cell)
                yield cell

    @property
    def best_total(self) -> float:
        """What the best chains have earned together by now."""
        held = self.search.chains
        return float(held.value[held.counter[NOW] % held.value.size])

    def row(self, cell: int) -> int:
        """Return the row of the history that holds a cell."""
        return cell - int(self.history.counter[OFFSET])

    def time_s(self, cell: int) -> float:
        """Return the device time of a cell."""
        return float(self.history.time_s[self.row(cell)])

    def between(self, start_s: float, end_s: float) -> tuple[FloatArray, FloatArray]:
        """Return times and smoothed acceleration of a stretch."""
        used = slice(0, int(self.history.counter[COUNT]))
        time_s = self.history.time_s[used]
        wanted = (time_s >= start_s) & (time_s <= end_s)
        return time_s[wanted], self.history.smooth_g[used][wanted]

    def cell_at(self, time_s: float) -> int:
        """Return the cell nearest to a time."""
        known = self.history.time_s[: int(self.history.counter[COUNT])]
        return int(np.abs(known - time_s).argmin()) + int(self.history.counter[OFFSET])


@dataclass(frozen=True, kw_only=True)
class Seen:
    """One stretch, described the way the search describes it."""

    time_s: FloatArray
    curve_g: FloatArray
    points_g: FloatArray
    trait: FloatArray


def seen(stages: Stages, cycle: Cycle) -> Seen:
    """Describe a stretch of cells as a candidate cycle."""
    candidate = new_candidate(cycle.end - cycle.start)
    history, share = stages.history, stages.search.parameters.path_share
    first, last = stages.row(cycle.start), stages.row(cycle.end)
    trace_candidate(history.smooth_g, history.path, first, last, share, candidate)
    measure_shape(candidate)
    time_s, curve_g = stages.between(stages.time_s(cycle.start), stages.time_s(cycle.end))
    return Seen(
        time_s=time_s,
        curve_g=curve_g,
        points_g=candidate.points_g[:, :POINTS].T.astype(float),
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
    """Return what each cycle of a leading chain that is kept whole has earned."""
    return [
        Link(
            start_s=stages.time_s(cycle.start),
            end_s=stages.time_s(cycle.end),
            similarity=alike,
            earned=earned,
        )
        for cycle, alike, earned in zip(
            chain.cycles, similarities(stages, chain), earnings(stages, chain), strict=True
        )
    ]


def earnings(stages: Stages, chain: Chain) -> list[float]:
    """Return how much each cycle has added to the total its chain was begun on."""
    held = stages.search.chains
    used = int(held.counter[USED])
    starts, ends = held.cycle[START, :used], held.cycle[END, :used]
    slots = [
        int(np.flatnonzero((starts == cycle.start) & (ends == cycle.end))[0])
        for cycle in chain.cycles
    ]
    totals = [held.trait[BASE, slots[0]], *held.trait[TOTAL, slots]]
    return [float(earned) for earned in np.diff(totals)]


def similarities(stages: Stages, chain: Chain) -> list[float]:
    """Return how alike each cycle is to the running template before it; nan for the first.

    Worked out from the cycles' own points: the search compares the same numbers, rounded.
    """
    p = stages.search.parameters
    before, *others = [seen(stages, cycle) for cycle in chain.cycles]
    template_g = before.points_g
    found = [float("nan")]
    for one in others:
        distance = ((one.points_g - template_g) ** 2).sum(axis=1).mean()
        apart = one.trait[MEAN : MEAN + 3] - before.trait[MEAN : MEAN + 3]
        unrelated = one.trait[VARIANCE] + before.trait[VARIANCE] + 0.5 * (apart**2).sum()
        found.append(float(1.0 - (distance + p.noise_g**2) / unrelated))
        template_g = p.template_new * one.points_g + (1.0 - p.template_new) * template_g
        before = one
    return found
