"""The coach on the pipeline: a known exercise wins, both arms are told, a plan arms the engine."""

from functools import cache
from itertools import pairwise

import numpy as np
import pytest

from repsense.events import (
    Event,
    ExerciseRecognised,
    FormCue,
    RepFinished,
    SetDue,
    SetFinished,
    Side,
    to_dict,
)
from repsense.exercises import ExerciseEntry, Tempo, load_catalogue, with_own
from repsense.pipeline.coaching import Coaching
from repsense.pipeline.orders import Orders
from repsense.pipeline.pipeline import Pipeline
from repsense.pipeline.plan import Plan, PlannedExercise
from repsense.samples import SampleBlock
from repsense.simulator import simulate_set
from repsense.simulator.session import WorkoutSet, simulate_workout
from repsense.simulator.wearer import Wearer

PLAN = Plan(
    rest_s=30.0,
    exercises=(
        PlannedExercise(exercise="front_raise", sets=1, reps=(6, 6)),
        PlannedExercise(exercise="press_back", sets=1, reps=(6, 8)),
    ),
)


def finished(exercise: str = "unknown", reps: int = 8) -> SetFinished:
    return SetFinished(
        set=1, reps=reps, start_s=0.0, end_s=32.0, announced_s=38.0, exercise=exercise
    )


def told(coaching: Coaching, event: SetFinished) -> SetFinished:
    said = [one for one in coaching.take([event], 38.0) if isinstance(one, SetFinished)]
    assert len(said) == 1
    return said[0]


def test_a_known_exercise_wins_over_a_recognised_one() -> None:
    coaching = Coaching()
    coaching.choose("shrug")
    said = told(coaching, finished("front_raise"))
    assert (said.exercise, said.exercise_confidence) == ("shrug", 1.0)
    by_plan = told(Coaching(plan=PLAN), finished("shrug"))
    assert (by_plan.exercise, by_plan.exercise_confidence) == ("front_raise", 1.0)


def test_what_was_much_too_quick_for_the_plan_s_exercise_is_not_called_that() -> None:
    quick = SetFinished(set=1, reps=8, start_s=0.0, end_s=7.0, announced_s=38.0)
    assert told(Coaching(plan=PLAN), quick).exercise == "unknown"
    coaching = Coaching(plan=PLAN)
    coaching.choose("shrug")
    assert told(coaching, quick).exercise == "shrug"


def test_what_the_person_says_wins_over_the_plan_for_one_set() -> None:
    coaching = Coaching(plan=PLAN)
    coaching.choose("shrug")
    assert told(coaching, finished()).exercise == "shrug"
    assert coaching.known == "front_raise"


def test_a_choice_without_a_plan_holds_until_it_is_taken_back() -> None:
    coaching = Coaching()
    coaching.choose("shrug")
    told(coaching, finished())
    assert coaching.known == "shrug"
    coaching.forget()
    assert coaching.known is None


@pytest.mark.parametrize(
    ("exercise", "per_arm", "total"),
    [
        ("renegade_row", 8, 16),
        ("front_raise", 8, 8),
        ("one_arm_row", 8, 8),
        ("unknown", None, None),
    ],
)
def test_the_count_is_told_for_an_arm_and_in_total(
    exercise: str, per_arm: int | None, total: int | None
) -> None:
    said = told(Coaching(), finished(exercise))
    assert (said.reps, said.reps_per_arm, said.reps_total) == (8, per_arm, total)


def test_a_set_that_is_taken_back_is_passed_on_as_it_is() -> None:
    coaching = Coaching(plan=PLAN)
    assert told(coaching, finished(reps=0)) == finished(reps=0)


def test_an_exercise_that_was_recognised_is_spoken_of_in_its_own_words() -> None:
    coaching = Coaching()
    coaching.take([ExerciseRecognised(set=1, exercise="shrug", confidence=0.9, announced_s=9.0)], 9)
    assert coaching.coach.exercise == load_catalogue()["shrug"]
    coaching.choose("front_raise")
    coaching.take([ExerciseRecognised(set=1, exercise="shrug", confidence=0.9, announced_s=9.0)], 9)
    assert coaching.coach.exercise == load_catalogue()["front_raise"]


def test_choosing_an_exercise_brings_one_reminder_before_the_set() -> None:
    coaching = Coaching()
    coaching.choose("front_raise")
    (reminder,) = coaching.take([], 3.0)
    assert isinstance(reminder, FormCue)
    assert (reminder.set, reminder.rep, reminder.cue) == (1, 0, "reminder")
    assert reminder.text == load_catalogue()["front_raise"].reminders[0]
    assert coaching.take([], 4.0) == []


def test_an_exercise_of_one_s_own_can_be_chosen_and_planned() -> None:
    entry = ExerciseEntry(name="Curl", tempo=Tempo(lift_s=1.5, hold_s=0.0, lower_s=2.0))
    plan = Plan(exercises=(PlannedExercise(exercise="curl"),))
    coaching = Coaching(catalogue=with_own({"curl": entry}), plan=plan)
    assert told(coaching, finished()).exercise == "curl"


# --- on the pipeline -------------------------------------------------------------------------


@cache
def workout() -> SampleBlock:
    sets = (
        WorkoutSet(exercise_id="front_raise", reps=6, rest_s=40.0),
        WorkoutSet(exercise_id="press_back", reps=6, rest_s=5.0),
    )
    return simulate_workout(sets, seed=3, wearer=Wearer.someone(np.random.default_rng(3))).block


def listen(*cuts: int) -> list[Event]:
    pipeline = Pipeline(coaching=Coaching(plan=PLAN))
    block = workout()
    events: list[Event] = []
    for start, stop in pairwise([0, *cuts, len(block)]):
        events += pipeline.push(block.part(start, stop))
    return events + pipeline.flush()


def test_a_workout_is_followed_from_set_to_set() -> None:
    events = listen()
    sets = [one for one in events if isinstance(one, SetFinished) and one.reps >= 5]
    assert [one.exercise for one in sets] == ["front_raise", "press_back"]
    due = [one.exercise for one in events if isinstance(one, SetDue)]
    assert due == ["front_raise", "press_back"]
    assert "plan_finished" in [one.kind for one in events]


def test_sides_are_followed_where_the_idle_wrist_sees_next_to_nothing() -> None:
    done = (("reverse_grip_row", 9), ("one_arm_row", 8), ("one_arm_row", 8), ("front_raise", 10))
    sets = tuple(WorkoutSet(exercise_id=key, reps=reps, rest_s=50.0) for key, reps in done)
    made = simulate_workout(sets, seed=2, wearer=Wearer.someone(np.random.default_rng(2)))
    assert [one.name for one in made.labels.activities].count("other side") == 2
    planned = (("reverse_grip_row", 1), ("one_arm_row", 2), ("front_raise", 1))
    plan = Plan(
        rest_s=45.0,
        exercises=tuple(PlannedExercise(exercise=key, sets=sets) for key, sets in planned),
    )
    pipeline = Pipeline(coaching=Coaching(plan=plan))
    events = pipeline.push(made.block) + pipeline.flush()
    assert [(one.exercise, one.side) for one in events if isinstance(one, SetDue)] == [
        ("reverse_grip_row", Side.BOTH),
        ("one_arm_row", Side.WORN),
        ("one_arm_row", Side.OTHER),
        ("one_arm_row", Side.WORN),
        ("one_arm_row", Side.OTHER),
        ("front_raise", Side.BOTH),
    ]
    counted = [one for one in events if isinstance(one, SetFinished) and one.reps >= 6]
    assert [one.exercise for one in counted] == [key for key, _ in done]
    assert "plan_finished" in [one.kind for one in events]


def test_how_the_stream_is_cut_changes_nothing_of_what_the_coach_says() -> None:
    whole = [to_dict(event) for event in listen()]
    count = len(workout())
    assert [to_dict(event) for event in listen(*range(37, count, 37))] == whole
    assert [to_dict(event) for event in listen(count // 3, count // 2)] == whole


def test_the_plan_arms_the_engine_and_disarms_it_for_the_first_half_of_the_rest() -> None:
    pipeline = Pipeline(coaching=Coaching(plan=PLAN))
    seen: list[tuple[bool, str | None]] = []
    for block in workout().cut(25):
        pipeline.push(block)
        if not seen or seen[-1] != (pipeline.armed, pipeline.exercise):
            seen.append((pipeline.armed, pipeline.exercise))
    assert (True, "front_raise") in seen
    assert (True, "press_back") in seen
    between = seen[seen.index((True, "front_raise")) : seen.index((True, "press_back"))]
    assert (False, None) in between


def test_a_pipeline_can_be_armed_and_disarmed_before_its_first_sample() -> None:
    pipeline = Pipeline(coaching=Coaching(plan=PLAN))
    pipeline.disarm()
    assert pipeline.coaching.known == "front_raise"
    pipeline.arm("shrug")
    assert (pipeline.armed, pipeline.exercise) == (True, "shrug")


def test_ending_a_set_that_does_not_run_goes_on_to_the_next_one_of_the_plan() -> None:
    orders = Orders(Pipeline(coaching=Coaching(plan=PLAN)))
    before = workout().part(0, 200)
    assert [one.exercise for one in orders.push(before) if isinstance(one, SetDue)] == [
        "front_raise"
    ]
    orders.end_set()
    said = orders.push(workout().part(200, 300))
    assert [one.exercise for one in said if isinstance(one, SetDue)] == ["press_back"]


def test_ending_a_set_that_runs_finishes_it_and_skips_nothing() -> None:
    orders = Orders(Pipeline(coaching=Coaching(plan=PLAN)))
    stop = int(np.searchsorted(workout().t_s, 29.5))
    orders.push(workout().part(0, stop))
    orders.end_set()
    said = orders.push(workout().part(stop, stop + 10))
    assert [one.reps for one in said if isinstance(one, SetFinished)] == [5]
    assert [one.exercise for one in said if isinstance(one, SetDue)] == ["press_back"]


def test_a_rep_taken_back_is_taken_from_both_arms() -> None:
    orders = Orders(Pipeline(coaching=Coaching()), exercises=("renegade_row",))
    orders.choose("renegade_row")
    block = simulate_set("renegade_row", reps=8, seed=2).block
    said: list[Event] = []
    for piece in block.cut(25):
        events = orders.push(piece)
        said += events
        if any(isinstance(one, RepFinished) and one.rep == 4 for one in events):
            orders.undo_rep()
    said += orders.flush()
    for one in said:
        if isinstance(one, SetFinished) and one.reps:
            assert one.reps_per_arm == one.reps == len(one.rep_details)
            assert one.reps_total == 2 * one.reps
    assert any(isinstance(one, SetFinished) and one.reps for one in said)


def test_a_cue_comes_with_the_rep_it_is_about() -> None:
    events = Pipeline(exercise="front_raise").push(
        simulate_set("front_raise", reps=8, seed=9).block
    )
    before: Event | None = None
    for event in events:
        if isinstance(event, FormCue) and event.rep:
            assert before is not None
            assert (before.kind, before.announced_s) == ("rep", event.announced_s)
        before = event
