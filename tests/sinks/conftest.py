"""A workout as hand-made notices: two sets, one with everything that can be said in it."""

from datetime import UTC, datetime, timedelta

import pytest
from made_reps import made_rep

from repsense.events import (
    CountCorrected,
    Event,
    ExerciseRecognised,
    FormCue,
    FormFlag,
    Rep,
    RepFinished,
    SamplesLost,
    SensorState,
    SetFinished,
    SetStarted,
    WorkoutFinished,
)
from repsense.samples import LinkState
from repsense.sinks.base import Notice

CLOCK_ZERO = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)


def make_rep(start_s: float, *flags: FormFlag) -> Rep:
    return made_rep(
        start_s, *flags, lift_s=1.25, hold_s=0.25, lower_s=2.5, momentum=0.125, range=0.97
    )


def make_notice(event: Event, wearer: str = "anna", event_id: str | None = None) -> Notice:
    return Notice(
        wearer=wearer,
        event=event,
        at_utc=CLOCK_ZERO + timedelta(seconds=event.announced_s),
        event_id=event_id or f"{event.kind}-{event.announced_s}",
    )


def _workout_events() -> list[Event]:
    first, second = make_rep(10.0), make_rep(14.0, FormFlag.SWING)
    streaming = LinkState.STREAMING
    return [
        SensorState(sensor="band", state=streaming, detail="", announced_s=0.0),
        SetStarted(set=1, t_s=10.0, announced_s=14.2),
        RepFinished(set=1, rep=1, measured=first, announced_s=14.3, provisional=True),
        RepFinished(set=1, rep=1, measured=first, announced_s=18.4),
        RepFinished(set=1, rep=2, measured=second, announced_s=18.5),
        ExerciseRecognised(set=1, exercise="front_raise", confidence=0.75, announced_s=18.6),
        FormCue(set=1, rep=2, cue="slower", text="Lower more slowly, über 2 s.", announced_s=18.7),
        CountCorrected(set=1, reps=3, announced_s=19.0),
        SetFinished(
            set=1,
            reps=2,
            start_s=10.0,
            end_s=18.0,
            announced_s=24.0,
            exercise="front_raise",
            exercise_confidence=0.9,
            flags=(FormFlag.SWING,),
            rep_details=(first, second),
        ),
        SamplesLost(start_s=30.0, end_s=32.5, announced_s=33.0),
        SetStarted(set=2, t_s=90.0, announced_s=94.0),
        SetFinished(set=2, reps=0, start_s=90.0, end_s=95.0, announced_s=100.0),
        WorkoutFinished(sets=2, reps=2, start_s=10.0, end_s=95.0, announced_s=400.0),
        SensorState(sensor="band", state=LinkState.LOST, detail="out of range", announced_s=401.0),
    ]


@pytest.fixture
def workout() -> list[Notice]:
    return [make_notice(event) for event in _workout_events()]
