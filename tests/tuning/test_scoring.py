"""Scores with the answer obvious from hand-made events."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_reps import made_rep
from made_scores import scored

from repsense.events import CountCorrected, Event, FormFlag, Rep, RepFinished, SetFinished
from repsense.recording.index import IndexRow
from repsense.tuning.outcome import Run
from repsense.tuning.scoring import (
    Accuracy,
    accuracy,
    announcement_delays_s,
    score_run,
    tally,
    tally_by,
    tally_dict,
)


def rep_ending(end_s: float) -> Rep:
    return made_rep(end_s - 3.0)


def one_set(*ends_s: float, late_s: float = 0.5) -> list[Event]:
    """Return a set whose reps are announced ``late_s`` after their ends."""
    reps = tuple(rep_ending(end_s) for end_s in ends_s)
    said: list[Event] = [
        RepFinished(set=1, rep=number, measured=rep, announced_s=rep.end_s + late_s)
        for number, rep in enumerate(reps, start=1)
    ]
    last_s = ends_s[-1]
    return [
        *said,
        SetFinished(
            set=1,
            reps=len(reps),
            start_s=ends_s[0] - 3,
            end_s=last_s,
            announced_s=last_s + 4,
            rep_details=reps,
        ),
    ]


def run(events: list[Event], *, start_s: float = 0.0, end_s: float = 60.0) -> Run:
    return Run(events=tuple(events), start_s=start_s, end_s=end_s)


def row(*, active_start_s: float | None = None, active_end_s: float | None = None) -> IndexRow:
    return IndexRow(
        file="a.csv",
        path=Path("a.csv"),
        reps_true=4,
        active_start_s=active_start_s,
        active_end_s=active_end_s,
    )


FOUR = one_set(13.0, 16.0, 19.0, 22.0)


def test_a_set_counted_right_and_in_time() -> None:
    score = score_run(row(active_start_s=10.0, active_end_s=22.0), run(FOUR), reps_true=4)
    assert (score.reps, score.error, score.reps_live, score.false_reps) == (4, 0, 4, 0)
    assert score.idle_s == (10 - 2) + (60 - 24)
    assert score.delays_s == (0.5, 0.5, 0.5)
    assert (score.sets, score.sets_went_down, score.reps_seen) == (1, 0, 4)


def test_the_live_count_is_read_one_second_after_the_active_part() -> None:
    late = one_set(13.0, 16.0, 19.0, 22.0, late_s=1.5)
    scored = score_run(row(active_start_s=10.0, active_end_s=22.0), run(late), reps_true=4)
    assert (scored.reps, scored.reps_live) == (4, 3)


def test_without_an_active_part_nothing_is_known_of_the_time_around() -> None:
    score = score_run(row(), run(FOUR), reps_true=4, reps_seen=5)
    assert (score.reps_live, score.false_reps, score.idle_s, score.reps_seen) == (None, 0, 0.0, 5)


def test_reps_that_turn_outside_the_active_part_are_false() -> None:
    # Turns are at 11.5, 14.5, 17.5 and 20.5 s; the active part with its margins is 12.5 to 19.5 s.
    score = score_run(row(active_start_s=14.5, active_end_s=17.5), run(FOUR), reps_true=2)
    assert score.false_reps == 2
    assert score.idle_s == pytest.approx(12.5 + 40.5)


def test_every_rep_is_false_where_there_are_none() -> None:
    score = score_run(row(), run(FOUR, start_s=30.0, end_s=150.0), reps_true=0)
    assert (score.false_reps, score.idle_s) == (4, 120.0)
    assert tally("all", [score]).false_reps_per_min == 2.0


def test_an_active_part_as_long_as_the_recording_leaves_no_time_to_be_false() -> None:
    score = score_run(row(active_start_s=0.0, active_end_s=60.0), run([]), reps_true=4)
    assert score.idle_s == 0.0
    assert tally("all", [score]).false_reps_per_min is None


def test_delays_belong_to_the_reps_of_the_final_count() -> None:
    reps = tuple(rep_ending(end_s) for end_s in (13.0, 16.0, 19.0))
    said: list[Event] = [
        RepFinished(set=1, rep=1, measured=reps[0], announced_s=16.5),
        # Two too early: taken back, and the second said again.
        RepFinished(set=1, rep=2, measured=rep_ending(15.5), announced_s=14.8),
        RepFinished(set=1, rep=3, measured=rep_ending(15.9), announced_s=15.0),
        CountCorrected(set=1, reps=1, announced_s=15.2),
        RepFinished(set=1, rep=2, measured=rep_ending(14.5), announced_s=15.8),
        SetFinished(set=1, reps=3, start_s=10.0, end_s=19.0, announced_s=23.0, rep_details=reps),
    ]
    # The third rep was not announced any more; the first is left out.
    assert announcement_delays_s(run(said)) == pytest.approx((-0.2,))


def test_delays_follow_the_count_where_partial_reps_are_left_out_of_it() -> None:
    partial = replace(rep_ending(13.0), flags=(FormFlag.PARTIAL,))
    reps = (rep_ending(10.0), partial, rep_ending(16.0))
    said: list[Event] = [
        RepFinished(set=1, rep=1, measured=reps[0], announced_s=13.5),
        RepFinished(set=1, rep=2, measured=reps[2], announced_s=16.5),
        SetFinished(set=1, reps=2, start_s=7.0, end_s=16.0, announced_s=23.0, rep_details=reps),
    ]
    assert announcement_delays_s(run(said))[-1] == pytest.approx(0.5)


def test_a_tally_adds_up() -> None:
    group = tally(
        "gym",
        [
            replace(scored(10, 10), delays_s=(0.2, 0.4), reps_live=9, sets=2),
            replace(scored(9, 10), delays_s=(0.6,), reps_seen=9, sets_went_down=1),
            replace(scored(5, 10), false_reps=3, idle_s=60.0),
            replace(scored(0, 0), idle_s=30.0, sets=0, reps_live=0),
        ],
    )
    assert group.files == 4
    assert group.stated == Accuracy(exact_pct=50.0, within_one_pct=75.0, mean_absolute_error=1.5)
    assert group.corrected == Accuracy(
        exact_pct=75.0, within_one_pct=75.0, mean_absolute_error=1.25
    )
    assert group.live == Accuracy(exact_pct=50.0, within_one_pct=100.0, mean_absolute_error=0.5)
    assert group.false_reps_per_min == 2.0
    assert group.delay_median_s == pytest.approx(0.4)
    assert group.delay_p95_s == pytest.approx(0.58)
    assert group.sets_went_down_pct == 25.0


def test_an_empty_tally_knows_nothing_and_says_so() -> None:
    fields = tally_dict(tally("none", []))
    assert fields.pop("files") == 0
    assert set(fields.values()) == {None}
    json.dumps(fields, allow_nan=False)


def test_tallies_are_made_by_group_in_order() -> None:
    scores = [replace(scored(1, 1), exercise=name) for name in ("row", "curl", "", "row")]
    groups = tally_by(lambda score: score.exercise, scores)
    assert [(group.name, group.files) for group in groups] == [("curl", 1), ("row", 2)]


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), min_size=1))
def test_accuracy_is_consistent_with_itself(pairs: list[tuple[int, int]]) -> None:
    found = accuracy(pairs)
    assert found is not None
    assert 0 <= found.exact_pct <= found.within_one_pct <= 100
    assert (found.mean_absolute_error == 0) is (found.exact_pct == 100)
    assert found == accuracy([(true, counted) for counted, true in reversed(pairs)])
