"""What is said of a rep before all of it was seen, and what the coach is told when it was."""

from collections.abc import Iterable
from functools import cache
from itertools import pairwise

import numpy as np
import pytest

from repsense.events import Event, FormCue, FormFlag, RepFinished, SetFinished
from repsense.exercises import load_catalogue
from repsense.pipeline.coaching import Coaching
from repsense.pipeline.pipeline import Pipeline
from repsense.pipeline.seen import RepSeen, Said
from repsense.samples import SampleBlock
from repsense.simulator import simulate_set
from repsense.tuning.strokes import random_sensor, random_style

# Clean sets of random people; in each the coach used to name a fault, of a rep of which it had
# seen half, or the half before.
CLEAN = (
    *(("reverse_grip_row", 70_001_000 + n) for n in (0, 5, 10, 12, 15)),
    *(("press_back", 70_003_000 + n) for n in (0, 2, 5, 12, 15)),
    *(("single_arm_row", 70_006_000 + n) for n in (2, 10, 15)),
    ("lat_pulldown", 70_007_002),
    ("shrug", 70_009_000),
)


@cache
def random_set(exercise: str, seed: int, *faults: FormFlag) -> SampleBlock:
    rng = np.random.default_rng(seed)
    style = random_style(load_catalogue()[exercise], rng, faults=faults, share=0.0)
    made = simulate_set(exercise, reps=8, seed=seed, style=style, sensor=random_sensor(rng))
    assert not any(rep.flags for rep in made.labels.sets[0].reps)
    return made.block


class Listening(Coaching):
    """Keeps what it is told."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[Said] = []

    def take(self, events: Iterable[Said], now_s: float, *, last: bool = False) -> list[Event]:
        said = list(events)
        self.told += said
        return super().take(said, now_s, last=last)


def streamed(exercise: str, seed: int) -> tuple[list[Event], list[Said]]:
    """Return the events of a set of a known exercise, and what the coach was told."""
    coaching = Listening()
    pipeline = Pipeline(exercise=exercise, coaching=coaching)
    events = [
        event for piece in random_set(exercise, seed).cut(25) for event in pipeline.push(piece)
    ]
    return [*events, *pipeline.flush()], coaching.told


@pytest.mark.parametrize(("exercise", "seed"), CLEAN)
def test_of_a_clean_set_no_fault_is_named(exercise: str, seed: int) -> None:
    events, _ = streamed(exercise, seed)
    assert any(isinstance(one, SetFinished) and one.reps >= 6 for one in events)
    cues = [one.cue for one in events if isinstance(one, FormCue)]
    assert not [cue for cue in cues if cue in list(FormFlag)]


@pytest.mark.parametrize(("exercise", "seed"), CLEAN[::4])
def test_the_coach_is_told_once_when_all_of_a_rep_was_seen_and_nobody_else(
    exercise: str, seed: int
) -> None:
    events, told = streamed(exercise, seed)
    assert not any(isinstance(one, RepSeen) for one in events)
    said = [(one.set, one.rep) for one in told if isinstance(one, RepFinished)]
    seen = [(one.set, one.rep) for one in told if isinstance(one, RepSeen)]
    assert len(set(seen)) == len(seen) >= 0.7 * len(said)
    so_far = set()
    for one in told:
        if isinstance(one, RepFinished):
            so_far.add((one.set, one.rep))
        elif isinstance(one, RepSeen):
            assert (one.set, one.rep) in so_far


def test_of_a_rep_that_was_not_seen_whole_only_a_throw_is_told() -> None:
    told = [one for exercise, seed in CLEAN for one in streamed(exercise, seed)[1]]
    early = [
        one
        for one, after in pairwise(told)
        if isinstance(one, RepFinished) and not isinstance(after, RepSeen)
    ]
    assert len(early) > 10
    assert {flag for one in early for flag in one.measured.flags} <= {FormFlag.SWING}
