"""The bundled workout: several sets and exercises in one stream, and everything in between."""

from functools import cache
from pathlib import Path

import pytest

from repsense.events import SetFinished, WorkoutFinished
from repsense.recording.format import read_recording
from repsense.recording.labels import labels_path, read_labels
from repsense.recording.truth import Labels
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
