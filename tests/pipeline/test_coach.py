"""Cues: one at a time, the most useful one, not too often, and praise for what is mended."""

from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_reps import made_rep

from repsense.errors import CatalogueError
from repsense.events import FormCue, FormFlag, RepFinished, SetFinished, SetStarted
from repsense.exercises import load_catalogue
from repsense.pipeline.coach import Coach, CoachParameters
from repsense.pipeline.seen import RepSeen

SWING, LIFT, LOWER = FormFlag.SWING, FormFlag.FAST_LIFT, FormFlag.FAST_LOWER
PARTIAL, NO_HOLD = FormFlag.PARTIAL, FormFlag.NO_HOLD
REP_S = 4.0


def rep(
    number: int, *flags: FormFlag, at_s: float | None = None, provisional: bool = False
) -> RepFinished:
    at_s = REP_S * number if at_s is None else at_s
    measured = made_rep(at_s - REP_S, *flags, lift_s=2.0)
    return RepFinished(
        set=1, rep=number, measured=measured, announced_s=at_s, provisional=provisional
    )


def seen(said: RepFinished, later_s: float = 0.0) -> RepSeen:
    """Return that all of a rep has been seen, some time after it was said."""
    at_s = said.announced_s + later_s
    return RepSeen(set=said.set, rep=said.rep, measured=said.measured, announced_s=at_s)


def heard(coach: Coach, *reps: RepFinished) -> list[FormCue]:
    """Return the cues to reps that are said when all of them has been seen."""
    said = (event for one in reps for event in ([one] if one.provisional else [one, seen(one)]))
    return [cue for event in said for cue in coach.take(event)]


def coached(*reps: RepFinished, coach: Coach | None = None) -> list[tuple[int, str]]:
    """Return the number of the rep and the name of each cue."""
    return [(cue.rep, cue.cue) for cue in heard(coach or Coach(), *reps)]


def test_a_fault_is_spoken_of_with_the_very_rep_that_has_it() -> None:
    (cue,) = Coach().take(rep(3, SWING))
    assert cue == FormCue(
        set=1, rep=3, cue="swing", text="Slow and controlled.", announced_s=3 * REP_S
    )


def test_an_exercise_that_is_known_has_words_of_its_own() -> None:
    coach = Coach()
    coach.exercise = load_catalogue()["front_raise"]
    (cue,) = coach.take(rep(1, SWING))
    assert cue.text == coach.exercise.cue_for(SWING)


def test_what_is_too_quick_to_be_the_exercise_is_not_coached() -> None:
    coach = Coach()
    coach.exercise = load_catalogue()["front_raise"]
    quick = rep(1, SWING)
    handling = replace(quick, measured=replace(quick.measured, start_s=quick.measured.end_s - 1.0))
    assert coach.take(handling) == []
    assert coached(handling) == [(1, "swing")]  # without knowing the exercise


def test_a_fault_that_is_more_than_a_rep_ago_is_not_named_any_more() -> None:
    first = rep(1, SWING, at_s=4.0)
    assert coached(replace(first, announced_s=8.5), rep(2, LIFT, at_s=8.5)) == [(2, "fast_lift")]
    assert coached(replace(first, announced_s=7.5), rep(2, LIFT, at_s=8.0)) == [(1, "swing")]


def test_clean_reps_need_no_words() -> None:
    assert coached(*(rep(number) for number in range(1, 10))) == []


def test_of_several_faults_the_most_important_is_named() -> None:
    assert coached(rep(1, PARTIAL, LIFT, SWING)) == [(1, "swing")]
    assert coached(rep(1, PARTIAL, LIFT, LOWER)) == [(1, "fast_lower")]


def test_a_fault_the_exercise_cannot_have_leaves_room_for_another() -> None:
    coach = Coach()
    coach.exercise = load_catalogue()["front_raise"]
    assert coached(rep(1, NO_HOLD, PARTIAL), coach=coach) == [(1, "partial")]


def test_a_fault_that_stays_is_named_again_but_not_at_once() -> None:
    said = coached(*(rep(number, LOWER) for number in range(1, 10)))
    assert said == [(1, "fast_lower"), (5, "fast_lower"), (9, "fast_lower")]


def test_less_important_faults_wait_and_more_important_ones_do_not() -> None:
    assert coached(rep(1, LOWER), rep(3, PARTIAL), rep(5, PARTIAL)) == [
        (1, "fast_lower"),
        (5, "partial"),
    ]
    assert coached(rep(1, PARTIAL), rep(3, SWING)) == [(1, "partial"), (3, "swing")]


def test_two_reps_announced_together_get_one_cue() -> None:
    assert coached(rep(1, LIFT, at_s=8.0), rep(2, SWING, at_s=8.0)) == [(1, "fast_lift")]


def test_a_provisional_rep_is_judged_when_it_is_confirmed_and_only_once() -> None:
    first = rep(1, SWING, provisional=True)
    confirmed = rep(1, SWING, at_s=8.0)
    assert coached(first) == []
    assert coached(first, confirmed, rep(1, SWING, at_s=30.0)) == [(1, "swing")]


def test_what_is_mended_is_praised_once_with_its_measure() -> None:
    coach = Coach()
    assert coach.take(rep(1, LOWER))
    assert coach.take(rep(2)) == []  # too soon
    (praise,) = heard(coach, rep(3))
    assert (praise.cue, praise.text) == ("better_fast_lower", "Better: 2 s down.")
    assert coached(rep(4), rep(5), rep(6), coach=coach) == []


def test_a_fault_that_shows_only_when_all_was_seen_is_spoken_of_then() -> None:
    coach, early = Coach(), rep(2)
    late = replace(seen(early, later_s=1.0), measured=rep(2, LOWER).measured)
    assert coach.take(early) == []
    (cue,) = coach.take(late)
    assert (cue.rep, cue.cue, cue.announced_s) == (2, "fast_lower", late.announced_s)
    assert coach.take(late) == []


def test_praise_waits_until_all_of_the_rep_was_seen() -> None:
    coach = Coach()
    heard(coach, rep(1, LOWER))
    assert coach.take(rep(3)) == []
    (praise,) = coach.take(seen(rep(3)))
    assert praise.cue == "better_fast_lower"


def test_a_fault_that_is_taken_back_is_not_praised_as_mended() -> None:
    coach = Coach(CoachParameters(gap_s=0.0))
    said = rep(3, SWING)
    assert [cue.cue for cue in coach.take(said)] == ["swing"]
    assert coach.take(replace(seen(said), measured=rep(3).measured)) == []


def test_praise_is_not_given_beside_another_fault() -> None:
    assert coached(rep(1, SWING), rep(3, PARTIAL), rep(5)) == [(1, "swing"), (5, "better_swing")]


def slow(number: int, slowing: float = 0.8, *flags: FormFlag) -> RepFinished:
    one = rep(number, *flags)
    return replace(one, measured=replace(one.measured, slowing=slowing))


def test_lifts_that_slow_down_twice_in_a_row_are_said_once() -> None:
    assert coached(rep(4), slow(5), slow(6), slow(7), slow(8)) == [(6, "tiring")]
    assert coached(slow(5), rep(6), slow(7)) == []
    assert coached(slow(5, 0.5), slow(6, 0.5), slow(7, 0.5)) == []


def test_a_fault_is_named_before_tiredness() -> None:
    assert coached(slow(5), slow(6, 0.8, SWING)) == [(6, "swing")]


def test_a_new_set_begins_afresh() -> None:
    coach = Coach()
    coach.take(rep(1, LOWER))
    coach.take(SetFinished(set=1, reps=1, start_s=0.0, end_s=4.0, announced_s=5.0, rep_details=()))
    coach.take(SetStarted(set=2, t_s=5.0, announced_s=5.5))
    assert coached(rep(1, at_s=6.0), rep(2, LOWER, at_s=7.0), coach=coach) == [(2, "fast_lower")]


def test_a_coach_can_be_silent() -> None:
    coach = Coach(CoachParameters(cues=False))
    assert coached(rep(1, SWING), rep(9, SWING), coach=coach) == []


flags = st.sets(st.sampled_from(list(FormFlag)), max_size=3)


@given(st.lists(st.tuples(flags, st.floats(0.0, 8.0)), max_size=30), st.floats(0.0, 20.0))
def test_whatever_happens_cues_keep_their_distance_and_name_a_fault_of_their_rep(
    reps: list[tuple[set[FormFlag], float]], gap_s: float
) -> None:
    coach, now_s, said = Coach(CoachParameters(gap_s=gap_s)), 0.0, []
    for number, (faults, later_s) in enumerate(reps, start=1):
        now_s += later_s
        cues = heard(coach, rep(number, *faults, at_s=now_s))
        assert len(cues) <= 1
        for cue in cues:
            assert cue.announced_s == now_s
            assert (cue.cue in faults) == (not cue.cue.startswith("better_"))
            assert faults or cue.cue.removeprefix("better_") in {one.cue for one in said}
        said += cues
    times_s = [cue.announced_s for cue in said]
    assert all(b - a >= gap_s for a, b in pairwise(times_s))


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        ({"language": "xx"}, "language 'xx': use one of en"),
        ({"gap_s": -1.0}, "-1 s cannot be kept"),
        ({"repeat_reps": 0}, "0 reps cannot be waited for"),
    ],
)
def test_settings_that_cannot_be_are_explained(wrong: dict[str, Any], expected: str) -> None:
    with pytest.raises(CatalogueError, match=expected):
        CoachParameters(**wrong)
