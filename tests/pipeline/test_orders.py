"""Orders by button: what they change, what they leave alone, and what is refused."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_reps import made_rep

from repsense.calibration import Calibration
from repsense.errors import CommandError
from repsense.events import (
    Chosen,
    CountCorrected,
    Event,
    FormCue,
    FormFlag,
    Rep,
    RepFinished,
    SetFinished,
    SetStarted,
    WorkoutFinished,
)
from repsense.pipeline.orders import Orders
from repsense.pipeline.pipeline import Pipeline
from repsense.samples import SampleBlock

EXERCISES = ("front_raise", "shrug")


def rep(number: int, *flags: FormFlag) -> Rep:
    return made_rep(4.0 * number, *flags, lower_s=2.5, momentum=0.0)


def said(number: int, *, provisional: bool = False) -> RepFinished:
    return RepFinished(
        set=1,
        rep=number,
        measured=rep(number),
        announced_s=4.0 * number + 4.0,
        provisional=provisional,
    )


STARTED = SetStarted(set=1, t_s=4.0, announced_s=7.0)


def finished(*reps: Rep) -> SetFinished:
    return SetFinished(
        set=1,
        reps=len(reps),
        start_s=4.0,
        end_s=40.0,
        announced_s=50.0,
        flags=tuple(flag for one in reps for flag in one.flags),
        rep_details=reps,
    )


class Scripted:
    """An engine that says what it is told to."""

    def __init__(self) -> None:
        self.next: list[Event] = []
        self.ended: list[Event] = []
        self.armed: list[str | None] = []

    def push(self, block: SampleBlock) -> list[Event]:
        taken, self.next = self.next, []
        return taken

    def arm(self, exercise: str | None = None) -> None:
        self.armed.append(exercise)

    def disarm(self) -> None:
        self.armed.append("disarmed")

    def calibrate(self) -> None:
        pass

    def know(self, calibrations: Iterable[Calibration]) -> None:
        pass

    def end_set(self) -> list[Event]:
        return self.ended

    def flush(self) -> list[Event]:
        return self.push(block())


def block() -> SampleBlock:
    return SampleBlock(t_s=np.array([20.0]), accel_g=np.array([[0.0, 0.0, 1.0]]))


class Floor:
    """Orders around a scripted engine, and all that has come out."""

    def __init__(self) -> None:
        self.engine = Scripted()
        self.orders = Orders(self.engine, EXERCISES)

    def hear(self, *events: Event) -> list[Event]:
        self.engine.next = list(events)
        return self.orders.push(block())


@pytest.fixture
def floor() -> Floor:
    return Floor()


def counts(events: Sequence[Event]) -> list[int]:
    return [
        event.rep if isinstance(event, RepFinished) else event.reps
        for event in events
        if isinstance(event, RepFinished | CountCorrected | SetFinished)
    ]


def test_without_orders_everything_passes_as_it_is(floor: Floor) -> None:
    script = (STARTED, said(1, provisional=True), said(1), said(2), finished(rep(1), rep(2)))
    assert floor.hear(*script) == list(script)


def test_a_rep_taken_back_is_missing_now_and_at_the_end(floor: Floor) -> None:
    floor.hear(STARTED, said(1), said(2), said(3))
    floor.orders.undo_rep()
    assert floor.hear() == [CountCorrected(set=1, reps=2, announced_s=20.0)]
    assert counts(floor.hear(said(4))) == [3]
    whole = finished(rep(1), rep(2), rep(3, FormFlag.SWING), rep(4))
    (end,) = floor.hear(replace(whole, reps_per_arm=4, reps_total=8))
    assert isinstance(end, SetFinished)
    assert (end.reps_per_arm, end.reps_total) == (3, 6)
    assert end.reps == 3
    assert end.rep_details == (rep(1), rep(2), rep(4))
    assert end.flags == ()
    total = WorkoutFinished(sets=1, reps=4, start_s=0.0, end_s=40.0, announced_s=60.0)
    (last,) = floor.hear(total)
    assert isinstance(last, WorkoutFinished)
    assert last.reps == 3


def test_a_rep_that_the_engine_drops_too_is_not_taken_twice(floor: Floor) -> None:
    floor.hear(STARTED, said(1), said(2), said(3))
    floor.orders.undo_rep()
    assert counts(floor.hear(finished(rep(1), rep(2)))) == [2, 2]


def test_a_correction_of_the_engine_leaves_out_what_was_taken_back(floor: Floor) -> None:
    floor.hear(STARTED, said(1), said(2), said(3), said(4))
    floor.orders.undo_rep()
    assert counts(floor.hear(CountCorrected(set=1, reps=2, announced_s=30.0))) == [3, 1]


def test_a_first_rep_taken_back_does_not_return_when_it_is_confirmed(floor: Floor) -> None:
    floor.hear(STARTED, said(1, provisional=True))
    floor.orders.undo_rep()
    assert counts(floor.hear(said(1), said(2))) == [0, 1]


def test_taking_back_what_is_not_there_is_refused(floor: Floor) -> None:
    with pytest.raises(CommandError, match="No set is running"):
        floor.orders.undo_rep()
    floor.hear(STARTED, said(1))
    floor.orders.undo_rep()
    with pytest.raises(CommandError, match="no rep that could be taken back"):
        floor.orders.undo_rep()
    floor.hear(finished(rep(1)))
    with pytest.raises(CommandError, match="No set is running"):
        floor.orders.undo_rep()


def test_the_target_is_said_once_when_it_is_reached(floor: Floor) -> None:
    floor.orders.aim(2)
    first = floor.hear(STARTED, said(1), said(2), said(2), said(3))
    assert first[0] == Chosen(exercise=None, target_reps=2, announced_s=0.0)
    cues = [event for event in first if isinstance(event, FormCue)]
    assert [(cue.rep, cue.cue, cue.text) for cue in cues] == [
        (2, "reached", "Target reached: 2 reps.")
    ]
    floor.orders.aim(0)
    assert floor.orders.target_reps is None
    with pytest.raises(CommandError, match="101 reps"):
        floor.orders.aim(101)


def test_what_is_chosen_is_what_the_set_was(floor: Floor) -> None:
    floor.orders.choose("shrug")
    assert floor.engine.armed == ["shrug"]
    choice, end = floor.hear(finished(rep(1), rep(2)))
    assert choice == Chosen(exercise="shrug", target_reps=None, announced_s=0.0)
    assert isinstance(end, SetFinished)
    assert (end.exercise, end.exercise_confidence) == ("shrug", 1.0)
    floor.orders.choose(None)
    assert floor.engine.armed == ["shrug", None]
    with pytest.raises(CommandError, match="Known are: front_raise, shrug"):
        floor.orders.choose("dance")


def test_the_next_exercise_goes_round(floor: Floor) -> None:
    for _ in range(3):
        floor.orders.next_exercise()
    assert floor.engine.armed == ["front_raise", "shrug", "front_raise"]
    with pytest.raises(CommandError, match="no list"):
        Orders(Scripted(), ()).next_exercise()


def test_starting_a_set_keeps_what_was_chosen_and_ending_it_says_so(floor: Floor) -> None:
    floor.orders.start_set("shrug")
    floor.orders.start_set()
    floor.engine.ended = [finished(rep(1))]
    floor.orders.end_set()
    assert floor.engine.armed == ["shrug", "shrug", "disarmed"]
    assert counts(floor.hear()) == [1]


def test_the_end_of_the_stream_says_what_still_waits(floor: Floor) -> None:
    floor.orders.aim(3)
    assert [event.kind for event in floor.orders.flush()] == ["chosen"]
    assert floor.orders.push(block().part(0, 0)) == []


@given(st.lists(st.sampled_from(["rep", "again", "undo", "lower"]), max_size=30))
def test_no_count_is_ever_negative_or_above_the_engine_s(steps: list[str]) -> None:
    floor, engine_reps, undone = Floor(), 0, 0
    floor.hear(STARTED)
    for step in steps:
        heard: list[Event] = []
        if step == "rep":
            engine_reps += 1
            heard = floor.hear(said(engine_reps))
        elif step == "again" and engine_reps:
            heard = floor.hear(said(engine_reps))
        elif step == "lower" and engine_reps > 1:
            engine_reps -= 2
            heard = floor.hear(CountCorrected(set=1, reps=engine_reps, announced_s=1.0))
        elif step == "undo":
            try:
                floor.orders.undo_rep()
            except CommandError:
                continue
            undone += 1
            heard = floor.hear()
        assert all(max(engine_reps - undone, 0) == count for count in counts(heard)), step


def test_the_real_engine_ends_a_set_when_it_is_told_to() -> None:
    t_s = np.arange(0.0, 30.0, 0.02)
    angle = 0.5 * np.sin(2.0 * np.pi * t_s / 3.0) * (t_s > 6.0)
    accel_g = np.stack([np.sin(angle), np.zeros_like(angle), np.cos(angle)], axis=1)
    orders = Orders(Pipeline())
    live = orders.push(SampleBlock(t_s=t_s, accel_g=accel_g))
    assert any(event.kind == "rep" for event in live)
    orders.end_set()
    (end,) = orders.push(SampleBlock(t_s=t_s[-1:] + 0.02, accel_g=accel_g[-1:]))
    assert isinstance(end, SetFinished)
    assert end.reps >= 7


def test_what_orders_bring_about_can_be_had_without_samples_and_comes_once(floor: Floor) -> None:
    floor.orders.aim(8)
    assert floor.orders.said() == [Chosen(exercise=None, target_reps=8, announced_s=0.0)]
    assert floor.orders.said() == []
    assert floor.orders.flush() == []


def test_what_was_chosen_before_a_restart_is_taken_up_as_far_as_it_is_possible(
    floor: Floor,
) -> None:
    floor.orders.resume("juggling", 1000)
    assert floor.orders.said() == []
    floor.orders.resume("shrug", 8)
    assert (floor.orders.exercise, floor.orders.target_reps) == ("shrug", 8)
    assert floor.engine.armed == ["shrug"]
