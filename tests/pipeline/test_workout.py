"""The bundled workout: several sets and exercises in one stream, and everything in between."""

from functools import cache
from pathlib import Path

import pytest

from repsense.events import SetFinished, WorkoutFinished
from repsense.pipeline.pipeline import Pipeline
from repsense.recording.format import read_recording
from repsense.recording.labels import labels_path, read_labels
from repsense.recording.truth import Labels
from repsense.simulator import WorkoutSet, simulate_workout
from repsense.tuning.outcome import Run
from repsense.tuning.run import run_recording

WORKOUT = Path(__file__).parents[2] / "recordings" / "workout.csv.gz"


@cache
def counted() -> Run:
    return run_recording(read_recording(WORKOUT))


@cache
def truth() -> Labels:
    return read_labels(labels_path(WORKOUT))


def found_between(start_s: float, end_s: float) -> list[SetFinished]:
    """Return the sets with reps of which more than half lies between two moments."""
    return [
        one
        for one in counted().sets
        if one.reps and start_s < (one.start_s + one.end_s) / 2 < end_s
    ]


@pytest.mark.parametrize("number", range(8))  # the ninth are shrugs
def test_every_set_of_larger_movements_is_found_with_its_count(number: int) -> None:
    true = truth().sets[number]
    found = found_between(true.start_s, true.end_s)

    assert [one.reps for one in found] == [true.count]
    assert found[0].start_s == pytest.approx(true.start_s, abs=3.0)
    assert found[0].end_s == pytest.approx(true.end_s, abs=3.0)


@pytest.mark.parametrize("activity", ["standing", "wiping", "shaking out"])
def test_nothing_is_counted_in_between(activity: str) -> None:
    others = [one for one in truth().activities if one.name == activity]

    assert others
    assert [found_between(one.start_s, one.end_s) for one in others] == [[] for _ in others]


def test_the_totals_are_those_of_the_sets() -> None:
    last = counted().events[-1]

    assert isinstance(last, WorkoutFinished)
    assert last.reps == counted().reps
    assert last.sets == len([one for one in counted().sets if one.reps])


def test_a_walk_before_a_set_is_not_taken_for_its_reps() -> None:
    plan = (
        WorkoutSet(exercise_id="reverse_grip_row", reps=6, rest_s=40.0),
        WorkoutSet(exercise_id="front_raise", reps=9, rest_s=40.0),
    )
    made = simulate_workout(plan, seed=731774771)
    pipeline = Pipeline()
    events = [*pipeline.push(made.block), *pipeline.flush()]
    finished = [one for one in events if isinstance(one, SetFinished)]
    assert all(
        len({(rep.start_s, rep.end_s) for rep in one.rep_details}) == len(one.rep_details)
        for one in finished
    )
    first_s = made.labels.sets[1].start_s
    assert [one.reps for one in finished if one.end_s > first_s] == [9]
