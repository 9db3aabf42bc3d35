"""What a display showed at any moment, from hand-made events."""

import pytest
from made_reps import made_rep

from repsense.events import CountCorrected, Event, FormCue, Rep, RepFinished, SetFinished
from repsense.tuning.outcome import Run


def measured(end_s: float) -> Rep:
    return made_rep(end_s - 3.0)


def rep(number: int, at_s: float, *, of_set: int = 1, provisional: bool = False) -> RepFinished:
    return RepFinished(
        set=of_set,
        rep=number,
        measured=measured(at_s - 0.5),
        announced_s=at_s,
        provisional=provisional,
    )


def corrected(reps: int, at_s: float, *, of_set: int = 1) -> CountCorrected:
    return CountCorrected(set=of_set, reps=reps, announced_s=at_s)


def finished(reps: int, at_s: float, *, of_set: int = 1) -> SetFinished:
    return SetFinished(set=of_set, reps=reps, start_s=0.0, end_s=at_s - 3, announced_s=at_s)


def cue(at_s: float) -> FormCue:
    return FormCue(set=1, rep=1, cue="swing", text="Slower.", announced_s=at_s)


def run(*events: Event) -> Run:
    return Run(events=events, start_s=0.0, end_s=100.0)


@pytest.mark.parametrize(
    ("at_s", "reps"),
    [(0, 0), (4, 0), (7, 2), (9.9, 3), (10, 5), (12, 4), (19, 6), (21, 7), (29, 7), (99, 8)],
)
def test_the_live_count_is_what_was_said_last(at_s: float, reps: int) -> None:
    outcome = run(
        rep(1, 4.0, provisional=True),
        cue(5.0),
        rep(1, 7.0),
        rep(2, 7.0),
        rep(3, 9.0),
        corrected(5, 10.0),
        corrected(4, 12.0),
        finished(6, 19.0),
        rep(1, 21.0, of_set=2),
        finished(2, 30.0, of_set=2),
    )
    assert outcome.live_reps(at_s) == reps
    assert outcome.reps == 8


def test_a_rep_that_is_said_again_does_not_lower_the_count() -> None:
    assert run(rep(1, 4.0), rep(2, 7.0), rep(1, 8.0)).live_reps(9.0) == 2


def test_only_a_lower_correction_makes_a_set_one_that_went_down() -> None:
    outcome = run(
        rep(3, 4.0),
        corrected(4, 5.0),
        finished(3, 9.0),
        rep(3, 14.0, of_set=2),
        corrected(2, 15.0, of_set=2),
        corrected(1, 16.0, of_set=2),
        finished(1, 19.0, of_set=2),
        corrected(2, 21.0, of_set=3),
    )
    assert outcome.sets_that_went_down() == 1
