"""What the tracker makes of chains when a person says more about them."""

from dataclasses import replace

import numpy as np
import pytest

from repsense.events import Event, SetFinished, SetStarted
from repsense.pipeline.conditioning import Conditioner
from repsense.pipeline.form import Form
from repsense.pipeline.history import new_history, next_cell
from repsense.pipeline.openset import CHECK
from repsense.pipeline.pipeline import PipelineParameters
from repsense.pipeline.sets import SetTracker
from repsense.pipeline.views import main_view, straight_view
from repsense.samples import SampleBlock

RATE_HZ = 50.0


def swings(reps: int, still_s: float, *, rep_s: float = 3.0, start_s: float = 0.0) -> SampleBlock:
    """Return a forearm raised ``reps`` times, and held still before and after."""
    lifted = 0.5 * (1.0 - np.cos(2.0 * np.pi * np.arange(0.0, rep_s, 1.0 / RATE_HZ) / rep_s))
    still = np.zeros(round(still_s * RATE_HZ))
    angle = 1.2 * np.concatenate([still, np.tile(lifted, reps), still])
    accel_g = np.stack([np.cos(angle), np.sin(angle), 0.0 * angle], axis=1)
    accel_g += np.random.default_rng(0).normal(0.0, 0.004, accel_g.shape)
    return SampleBlock(t_s=start_s + np.arange(len(angle)) / RATE_HZ, accel_g=accel_g)


class Watched:
    """A tracker that asks so much evidence of what nobody has announced that it refuses it."""

    def __init__(self) -> None:
        p = PipelineParameters()
        sets = replace(p.sets, evidence_min=99.0)
        history = new_history()
        self.conditioner = Conditioner(history, p.conditioning)
        self.main = main_view(history, p.chains, p.edges, sets)
        straight = straight_view(history, p.chains, sets)
        self.tracker = SetTracker(self.main, straight, sets=sets, form=Form(history, p.form))

    def push(self, block: SampleBlock) -> list[Event]:
        """Return the events of a block, looked for as often as the pipeline does."""
        self.conditioner.push(block)
        events: list[Event] = []
        for cell in range(CHECK, next_cell(self.conditioner.history), CHECK):
            while self.main.search.advance(cell):
                events += self.tracker.follow()
            events += self.tracker.check()
        return events


@pytest.mark.parametrize("armed", [True, False])
def test_what_was_refused_is_looked_at_again_once_a_set_is_due(armed: bool) -> None:
    watched = Watched()
    finished = [one for one in watched.push(swings(3, 8.0)) if isinstance(one, SetFinished)]
    assert [one.reps for one in finished] == [0]

    watched.tracker.arm(armed=armed)

    begun = [one for one in watched.tracker.follow() if isinstance(one, SetStarted)]
    assert len(begun) == armed


def test_of_two_refused_chains_neither_is_shown_again_with_every_look() -> None:
    watched = Watched()
    watched.push(swings(3, 3.0))
    watched.push(swings(5, 8.0, rep_s=1.6, start_s=15.0))
    assert len(watched.main.search.leading()) == 2

    again = watched.tracker.follow() + watched.tracker.check()

    assert not [one for one in again if isinstance(one, SetStarted)]
