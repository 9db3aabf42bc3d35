"""What can be said before it is sure: a first rep alone, and each rep at its turning point."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from repsense.events import RepFinished, SetFinished, SetStarted
from repsense.pipeline.pipeline import PipelineParameters
from repsense.recording.format import Recording
from repsense.recording.labels import LabelledRep
from repsense.samples import SampleBlock
from repsense.simulator import simulate_set
from repsense.tuning.outcome import Run
from repsense.tuning.run import run_recording

DEFAULTS = PipelineParameters()
FIRST = replace(DEFAULTS, sets=replace(DEFAULTS.sets, provisional=True))
AT_TOP = replace(DEFAULTS, sets=replace(DEFAULTS.sets, announce_at_top=True))
EXERCISES = ("front_raise", "reverse_grip_row", "press_back")


def heard(block: SampleBlock, parameters: PipelineParameters) -> Run:
    return run_recording(Recording(path=Path("made.csv"), block=block), parameters=parameters)


def made(exercise: str) -> tuple[SampleBlock, tuple[LabelledRep, ...]]:
    """Return a set from stillness to stillness, and its true reps."""
    simulated = simulate_set(exercise, reps=6, seed=2, surroundings=False)
    return simulated.block, tuple(simulated.labels.sets[0].reps)


def reps_said(run: Run) -> list[RepFinished]:
    return [event for event in run.events if isinstance(event, RepFinished)]


@pytest.mark.parametrize("exercise", EXERCISES)
def test_a_first_rep_is_said_within_a_second_and_confirmed_by_the_second(exercise: str) -> None:
    block, reps = made(exercise)
    first, again, second = reps_said(heard(block, FIRST))[:3]

    assert [(one.rep, one.provisional) for one in (first, again, second)] == [
        (1, True),
        (1, False),
        (2, False),
    ]
    assert first.announced_s <= reps[0].end_s + 1.0
    assert again.announced_s == second.announced_s < reps[1].end_s + 1.0


@pytest.mark.parametrize("exercise", EXERCISES)
def test_a_first_rep_that_nothing_follows_is_taken_back(exercise: str) -> None:
    block, reps = made(exercise)
    accel_g = block.accel_g.copy()
    after = block.t_s >= reps[0].end_s
    accel_g[after] = accel_g[np.argmax(after)]
    started, said, finished = heard(replace(block, accel_g=accel_g), FIRST).events

    assert isinstance(started, SetStarted)
    assert isinstance(said, RepFinished)
    assert said.provisional
    assert isinstance(finished, SetFinished)
    assert (finished.set, finished.reps) == (started.set, 0)


@pytest.mark.parametrize("exercise", EXERCISES)
def test_reps_are_said_at_their_turning_point_and_again_at_their_end(exercise: str) -> None:
    block, reps = made(exercise)
    said = reps_said(heard(block, AT_TOP))
    early = {one.rep: one.announced_s for one in said if one.provisional}
    final = {one.rep: one.announced_s for one in said if not one.provisional}

    assert len(early) >= 3
    assert set(final) == set(range(1, 7))
    for number, at_s in early.items():
        true = reps[number - 1]
        assert true.start_s < at_s < true.end_s
        assert at_s <= final[number]


@pytest.mark.parametrize("parameters", [FIRST, AT_TOP], ids=["first", "at top"])
@pytest.mark.parametrize("exercise", EXERCISES)
def test_saying_more_early_changes_no_count(exercise: str, parameters: PipelineParameters) -> None:
    block = simulate_set(exercise, reps=6, seed=3).block

    def counts(run: Run) -> list[int]:
        return [one.reps for one in run.sets if one.reps]

    assert counts(heard(block, parameters)) == counts(heard(block, DEFAULTS)) == [6]
