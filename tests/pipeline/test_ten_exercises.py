"""Each of the ten: a recording, what the coach makes of it, and a row in the documents."""

from functools import cache
from pathlib import Path

import pytest

from repsense.events import Event, FormCue, FormFlag, SetFinished
from repsense.exercises import Arms, load_catalogue
from repsense.exercises.phrases import Phrases
from repsense.pipeline.pipeline import Pipeline
from repsense.recording.format import read_recording

TREE = Path(__file__).parents[2]
TEN = load_catalogue()
RECORDINGS = sorted((TREE / "recordings").glob("*_*.csv.gz"))


@cache
def heard(exercise: str) -> list[Event]:
    """Return what is said about the recording of an exercise that is known."""
    pipeline = Pipeline(exercise=exercise)
    block = read_recording(TREE / "recordings" / f"{exercise}.csv.gz").block
    return pipeline.push(block) + pipeline.flush()


@pytest.mark.parametrize("exercise", TEN)
def test_a_set_is_told_with_its_exercise_and_for_both_arms(exercise: str) -> None:
    sets = [one for one in heard(exercise) if isinstance(one, SetFinished) and one.reps]
    assert sets
    arms = 2 if TEN[exercise].arms is Arms.ALTERNATING else 1
    for one in sets:
        assert (one.exercise, one.exercise_confidence) == (exercise, 1.0)
        assert (one.reps_per_arm, one.reps_total) == (one.reps, arms * one.reps)


@pytest.mark.parametrize("exercise", TEN)
def test_the_coach_speaks_in_the_exercise_s_own_words(exercise: str) -> None:
    phrases = Phrases()
    own = {phrases.fault(flag, TEN[exercise]) for flag in FormFlag}
    cues = [event for event in heard(exercise) if isinstance(event, FormCue)]
    assert cues[0].text == TEN[exercise].reminders[0]
    for cue in cues[1:]:
        assert cue.text in own or cue.cue == "tiring" or cue.cue.startswith("better_")


@pytest.mark.parametrize(
    "recording", sorted((TREE / "recordings").glob("*_*.csv.gz")), ids=lambda path: path.name
)
def test_a_cue_goes_out_within_a_rep_of_the_fault(recording: Path) -> None:
    pipeline = Pipeline()
    events = [*pipeline.push(read_recording(recording).block), *pipeline.flush()]
    # A rep is often said before its end: where that was, the finished set knows.
    reps = {
        (one.set, number): rep
        for one in events
        if isinstance(one, SetFinished)
        for number, rep in enumerate(one.rep_details, start=1)
    }
    for cue in events:
        if isinstance(cue, FormCue) and cue.cue in list(FormFlag):
            rep = reps[cue.set, cue.rep]
            assert cue.announced_s - rep.end_s <= rep.end_s - rep.start_s


@pytest.mark.parametrize("exercise", TEN)
def test_the_documents_have_a_row_for_it(exercise: str) -> None:
    rows = (TREE / "docs" / "coach.md").read_text(encoding="utf-8").splitlines()
    # One says what is measured of it, one how well.
    assert len([row for row in rows if row.startswith(f"| `{exercise}` |")]) == 2
