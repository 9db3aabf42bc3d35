"""Following a plan: what is due, when its target is reached, when the rest is over."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_reps import made_rep

from repsense.errors import CatalogueError
from repsense.events import (
    Event,
    FormCue,
    PlanFinished,
    RepFinished,
    SetDue,
    SetFinished,
    SetStarted,
    Side,
)
from repsense.exercises import load_catalogue
from repsense.exercises.phrases import Phrases
from repsense.pipeline.plan import Plan, PlannedExercise, steps_of
from repsense.pipeline.workout import WorkoutFollower, target_text

REP_S = 4.0


def plan(*exercises: PlannedExercise, rest_s: float = 60.0) -> Plan:
    return Plan(exercises=exercises, rest_s=rest_s)


def planned(exercise: str, sets: int = 2) -> PlannedExercise:
    return PlannedExercise(exercise=exercise, sets=sets)


RAISES = planned("front_raise")
ROWS = planned("one_arm_row", sets=1)


@dataclass
class Gym:
    """A follower, a clock, and all that was said."""

    follower: WorkoutFollower
    now_s: float = 0.0
    sets: int = 0
    said: list[Event] = field(default_factory=list)

    def wait(self, seconds: float) -> None:
        until_s = self.now_s + seconds
        while self.now_s < until_s:
            self.said += self.follower.tick(self.now_s)
            self.now_s += 0.5
        self.said += self.follower.tick(self.now_s)

    def lift(self, reps: int, *, exercise: str = "unknown", rep_s: float = REP_S) -> None:
        """Do a set of which the pipeline sees so many reps; say it 6 s after its end."""
        self.sets += 1
        start_s = self.now_s
        self._tell(SetStarted(set=self.sets, t_s=start_s, announced_s=start_s + rep_s))
        for number in range(1, reps + 1):
            self.wait(rep_s)
            self._tell(rep_finished(self.sets, number, self.now_s))
        end_s = self.now_s
        self.wait(6.0)
        self._tell(
            SetFinished(
                set=self.sets,
                reps=reps,
                start_s=start_s,
                end_s=end_s,
                announced_s=self.now_s,
                exercise=exercise,
            )
        )
        self.wait(0.5)

    def _tell(self, event: Event) -> None:
        self.said += self.follower.take(event)

    @property
    def cues(self) -> list[str]:
        return [event.cue for event in self.said if isinstance(event, FormCue)]

    @property
    def due(self) -> tuple[str, int, Side] | None:
        step = self.follower.due
        return None if step is None else (step.exercise.id, step.number, step.side)


def rep_finished(number: int, rep: int, at_s: float) -> RepFinished:
    measured = made_rep(at_s - REP_S, lift_s=2.0)
    return RepFinished(set=number, rep=rep, measured=measured, announced_s=at_s)


def gym(*exercises: PlannedExercise, rest_s: float = 60.0) -> Gym:
    made = Gym(WorkoutFollower(plan(*exercises, rest_s=rest_s)))
    made.wait(1.0)
    return made


def test_the_first_set_is_said_at_once_with_a_reminder() -> None:
    said = gym(RAISES).said
    assert [type(event) for event in said] == [SetDue, FormCue]
    due, cue = said
    assert isinstance(due, SetDue)
    assert isinstance(cue, FormCue)
    assert (due.exercise, due.number, due.sets, due.side) == ("front_raise", 1, 2, Side.BOTH)
    assert (due.reps_min, due.reps_max, due.rest_s) == (8, 12, 0.0)
    assert (cue.set, cue.rep, cue.cue) == (1, 0, "next_set")
    assert cue.text == (
        "Next: Front raise, set 1 of 2, 8 to 12 reps. Stop at shoulder height, not above it."
    )


def test_each_set_has_another_reminder() -> None:
    done = gym(RAISES)
    done.lift(10)
    done.wait(60.0)
    texts = [event.text for event in done.said if isinstance(event, FormCue)]
    assert texts[-1].endswith("Stand tall with the belly firm.")


def test_the_target_is_said_once_with_the_rep_that_reaches_it() -> None:
    done = gym(RAISES)
    done.lift(14)
    reached = [one for one in done.said if isinstance(one, FormCue) and one.cue == "reached"]
    assert [(cue.set, cue.rep, cue.text) for cue in reached] == [
        (1, 12, "12 reps: this set is done.")
    ]


def test_a_set_to_failure_has_no_target() -> None:
    done = gym(PlannedExercise(exercise="front_raise", sets=2, reps="failure"))
    done.lift(30)
    assert "reached" not in done.cues
    assert done.due == ("front_raise", 2, Side.BOTH)


def test_the_rest_counts_from_the_end_of_the_set_and_is_said_to_be_over_once() -> None:
    done = gym(RAISES, rest_s=30.0)
    done.lift(10)
    assert done.due == ("front_raise", 2, Side.BOTH)
    ended_s = done.now_s - 6.5
    before = len(done.said)
    done.wait(60.0)
    (over,) = done.said[before:]
    assert over.announced_s == pytest.approx(ended_s + 30.0)
    assert over.kind == "cue"


def test_no_set_is_expected_in_the_first_half_of_the_rest_nor_while_one_runs() -> None:
    done = gym(RAISES, rest_s=40.0)
    assert done.follower.ready(done.now_s)
    done.lift(10)
    assert not done.follower.ready(done.now_s)
    done.wait(20.0)
    assert done.follower.ready(done.now_s)
    done.follower.take(SetStarted(set=2, t_s=done.now_s, announced_s=done.now_s))
    assert not done.follower.ready(done.now_s)


def test_a_set_in_the_middle_of_the_rest_counts() -> None:
    done = gym(RAISES)
    done.lift(10)
    done.lift(9)
    assert done.due is None


def test_the_end_is_said_once() -> None:
    done = gym(planned("shrug", sets=1))
    done.lift(10)
    done.wait(200.0)
    finished = [event for event in done.said if isinstance(event, PlanFinished)]
    assert [one.sets for one in finished] == [1]
    assert done.cues[-1] == "finished"
    assert done.cues.count("finished") == 1


def test_a_few_reps_are_no_set() -> None:
    done = gym(RAISES)
    done.lift(3)
    done.lift(4)
    assert done.due == ("front_raise", 1, Side.BOTH)
    done.lift(5)
    assert done.due == ("front_raise", 2, Side.BOTH)


def test_a_set_that_is_taken_back_changes_nothing() -> None:
    done = gym(RAISES)
    done.lift(0)
    assert done.due == ("front_raise", 1, Side.BOTH)


def test_what_is_much_too_quick_was_not_the_exercise() -> None:
    done = gym(RAISES)
    done.lift(8, rep_s=1.0)
    done.lift(5, rep_s=2.0)
    assert done.due == ("front_raise", 1, Side.BOTH)
    done.lift(8, rep_s=2.0)
    assert done.due == ("front_raise", 2, Side.BOTH)


# --- which exercise --------------------------------------------------------------------------


def test_another_exercise_of_the_plan_is_brought_forward() -> None:
    done = gym(RAISES, planned("shrug", sets=1))
    done.lift(10, exercise="shrug")
    assert done.due == ("front_raise", 1, Side.BOTH)
    assert [step.exercise.id for step in done.follower.done] == ["shrug"]


def test_an_exercise_that_is_not_planned_leaves_the_plan_as_it_is() -> None:
    done = gym(RAISES)
    done.lift(10, exercise="overhead_press")
    assert done.due == ("front_raise", 1, Side.BOTH)


def test_the_person_may_choose_what_comes_next() -> None:
    done = gym(RAISES, planned("shrug", sets=2))
    done.follower.choose("shrug")
    done.wait(1.0)
    assert [step.exercise.id for step in done.follower.left] == ["shrug"] * 2 + ["front_raise"] * 2
    assert isinstance(done.said[-2], SetDue)
    done.follower.choose("overhead_press")
    assert done.due == ("shrug", 1, Side.BOTH)


def test_the_person_may_skip_a_set() -> None:
    done = gym(RAISES)
    done.follower.skip(done.now_s)
    assert done.due == ("front_raise", 2, Side.BOTH)


# --- sides -----------------------------------------------------------------------------------


def test_each_side_is_a_set_of_its_own() -> None:
    steps = list(steps_of(plan(planned("one_arm_row")), load_catalogue()))
    assert [(step.number, step.side, step.rest_s) for step in steps] == [
        (1, Side.WORN, 0.0),
        (1, Side.OTHER, 60.0),
        (2, Side.WORN, 0.0),
        (2, Side.OTHER, 60.0),
    ]


def test_the_other_side_is_asked_for_at_once_and_nothing_is_expected_of_the_wrist() -> None:
    done = gym(ROWS, RAISES)
    done.lift(9)
    assert done.due == ("one_arm_row", 1, Side.OTHER)
    assert done.cues[-1] == "other_side"
    assert not done.follower.ready(done.now_s)


def test_the_other_side_takes_as_long_as_its_own_did_and_then_the_rest_begins() -> None:
    done = gym(ROWS, RAISES, rest_s=40.0)
    done.lift(9)  # 36 s, told 6 s later
    done.wait(38.0)
    assert done.due == ("one_arm_row", 1, Side.OTHER)
    done.wait(4.0)
    assert done.due == ("front_raise", 1, Side.BOTH)
    assert done.follower.rest_left_s(done.now_s) > 35.0


def test_a_set_seen_after_the_other_side_s_time_is_the_next_one() -> None:
    done = gym(planned("one_arm_row", sets=2))
    done.lift(9)
    done.wait(25.0)
    done.lift(9)
    assert done.due == ("one_arm_row", 2, Side.OTHER)


def test_a_set_seen_at_once_is_the_other_side_with_the_band_on_it() -> None:
    done = gym(planned("one_arm_row", sets=2))
    done.lift(9)
    done.wait(8.0)
    done.lift(8)
    assert done.due == ("one_arm_row", 2, Side.WORN)
    assert [step.side for step in done.follower.done] == [Side.WORN, Side.OTHER]


def test_the_person_may_say_that_the_other_side_is_done() -> None:
    done = gym(ROWS, RAISES)
    done.lift(9)
    done.follower.skip(done.now_s)
    assert done.due == ("front_raise", 1, Side.BOTH)


def test_alternating_arms_are_one_set_and_its_target_is_told_for_each_arm() -> None:
    (step,) = steps_of(plan(planned("renegade_row", sets=1)), load_catalogue())
    assert step.side is Side.ALTERNATING
    assert target_text(Phrases(), step) == "10 reps with each arm"


# --- laws ------------------------------------------------------------------------------------

actions = st.lists(
    st.tuples(
        st.sampled_from(["lift", "wait", "skip", "choose"]),
        st.integers(0, 15),
        st.sampled_from(["front_raise", "one_arm_row", "shrug", "unknown", "overhead_press"]),
    ),
    max_size=12,
)


@given(actions)
def test_whatever_is_done_no_set_is_lost_or_done_twice(
    actions: Sequence[tuple[str, int, str]],
) -> None:
    done = gym(RAISES, planned("one_arm_row"), planned("shrug", sets=1), rest_s=20.0)
    everything = {id(step) for step in done.follower.left}
    for action, number, exercise in actions:
        match action:
            case "lift":
                done.lift(number, exercise=exercise)
            case "wait":
                done.wait(float(10 * number))
            case "skip":
                done.follower.skip(done.now_s)
            case _:
                done.follower.choose(exercise)
        left, over = done.follower.left, done.follower.done
        assert {id(step) for step in (*left, *over)} == everything
        assert len(left) + len(over) == len(everything)
    times_s = [event.announced_s for event in done.said]
    assert times_s == sorted(times_s)


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        ({"days_a_week": (3, 2)}, "no 3 to 2 days"),
        ({"rest_s": -1.0}, "-1 s cannot be kept"),
    ],
)
def test_a_plan_that_cannot_be_is_explained(wrong: dict[str, Any], expected: str) -> None:
    with pytest.raises(CatalogueError, match=expected):
        Plan(**wrong)


def test_an_exercise_that_is_nowhere_is_explained_with_the_nearest() -> None:
    with pytest.raises(CatalogueError, match="Did you mean 'front_raise'"):
        WorkoutFollower(plan(planned("front_rise")))
