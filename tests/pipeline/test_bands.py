"""Two bands, one count: arms together, arms that alternate, one arm alone, one band gone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_reps import made_rep

from repsense.events import (
    CountCorrected,
    Event,
    FormCue,
    Rep,
    RepFinished,
    SetFinished,
    SetStarted,
    WorkoutFinished,
)
from repsense.pipeline.bands import BandMerger, merged_reps


def rep(start_s: float, end_s: float) -> Rep:
    stroke_s = (end_s - start_s) / 2
    return made_rep(start_s, lift_s=stroke_s, lower_s=stroke_s)


def reps(
    count: int, *, every_s: float = 4.0, length_s: float = 2.0, from_s: float = 10.0
) -> tuple[Rep, ...]:
    starts = [from_s + i * every_s for i in range(count)]
    return tuple(rep(start_s, start_s + length_s) for start_s in starts)


def told(moves: tuple[Rep, ...], *, number: int = 1) -> list[Event]:
    """Return what a pipeline says of a set with these reps."""
    said: list[Event] = [SetStarted(set=number, t_s=moves[0].start_s, announced_s=moves[1].end_s)]
    for i, one in enumerate(moves, start=1):
        at_s = max(one.end_s, moves[1].end_s)
        said.append(RepFinished(set=number, rep=i, measured=one, announced_s=at_s))
    end_s = moves[-1].end_s
    finished = SetFinished(
        set=number,
        reps=len(moves),
        start_s=moves[0].start_s,
        end_s=end_s,
        announced_s=end_s + 5.0,
        rep_details=moves,
    )
    return [*said, finished]


def merge(*bands: list[Event]) -> list[Event]:
    """Return what comes out when each band's events arrive when they are announced."""
    merger, said = BandMerger(), list[Event]()
    arriving = sorted(
        ((event.announced_s, band, event) for band, events in enumerate(bands) for event in events),
        key=lambda one: one[:2],
    )
    for at_s, band, event in arriving:
        said += merger.take(band, [event], at_s)
    return said + merger.flush()


def final(events: list[Event]) -> list[int]:
    return [event.reps for event in events if isinstance(event, SetFinished)]


def live(events: list[Event]) -> list[int]:
    return [
        e.rep if isinstance(e, RepFinished) else e.reps
        for e in events
        if isinstance(e, RepFinished | CountCorrected)
    ]


def test_arms_that_move_together_count_once() -> None:
    left, right = reps(8), reps(8, from_s=10.2)
    assert merged_reps(left, right) == left
    events = merge(told(left), told(right))
    assert final(events) == [8]
    assert live(events) == list(range(1, 9))


def test_arms_that_alternate_add_up() -> None:
    left, right = reps(6), reps(6, from_s=12.0)
    assert [one.start_s for one in merged_reps(left, right)] == [10.0 + 2.0 * i for i in range(12)]
    events = merge(told(left), told(right))
    assert final(events) == [12]
    assert live(events) == list(range(1, 13))


def test_one_arm_alone_counts_as_it_is() -> None:
    assert final(merge(told(reps(5)), [])) == [5]
    assert final(merge([], told(reps(5)))) == [5]


def test_the_busier_band_leads_where_the_other_missed_some() -> None:
    assert final(merge(told(reps(10)), told(reps(7, from_s=14.1)))) == [10]


def test_a_set_that_one_band_takes_back_counts_as_the_other_says() -> None:
    doubtful = told(reps(2))
    doubtful[-1] = SetFinished(set=1, reps=0, start_s=10.0, end_s=16.0, announced_s=18.0)
    events = merge(doubtful, told(reps(9, from_s=10.3)))
    assert final(events) == [9]
    assert final(merge(doubtful, [])) == [0]


def test_a_band_that_is_gone_does_not_keep_the_set_open() -> None:
    merger = BandMerger()
    left, right = told(reps(5)), told(reps(5, from_s=10.1))
    said: list[Event] = []
    for event in right[:3]:  # then its battery is empty
        said += merger.take(1, [event], event.announced_s)
    for event in left:
        said += merger.take(0, [event], event.announced_s)
    said += merger.take(0, [], left[-1].announced_s + 30.0)
    assert final(said) == [5]
    # What it says of that set when it is back changes nothing.
    assert merger.take(1, right[3:], 100.0) == []


def test_sets_are_numbered_for_the_wearer_and_the_workout_adds_them_up() -> None:
    first, second = reps(5), reps(6, from_s=60.0)
    left = told(first)
    right = [*told(reps(5, from_s=10.1)), *told(second, number=2)]
    left += told(second, number=2)
    events = merge(left, right)
    assert [event.set for event in events if isinstance(event, SetStarted)] == [1, 2]
    assert final(events) == [5, 6]
    total = events[-1]
    assert isinstance(total, WorkoutFinished)
    assert (total.sets, total.reps, total.start_s) == (2, 11, 10.0)


def test_only_the_leader_coaches() -> None:
    merger = BandMerger()
    for band, count in ((0, 3), (1, 2)):
        merger.take(band, told(reps(count))[:-1], 20.0)
    cue = FormCue(set=1, rep=2, cue="swing", text="No swing.", announced_s=20.0)
    assert merger.take(0, [cue], 20.0) == [cue]
    assert merger.take(1, [cue], 20.0) == []


@given(
    st.lists(st.tuples(st.floats(0, 100), st.floats(0.5, 5.0)), max_size=12),
    st.lists(st.tuples(st.floats(0, 100), st.floats(0.5, 5.0)), max_size=12),
)
def test_the_merged_count_lies_between_the_busier_band_and_the_sum(
    one: list[tuple[float, float]], other: list[tuple[float, float]]
) -> None:
    sides = [tuple(rep(a, a + b) for a, b in moves) for moves in (one, other)]
    count = len(merged_reps(*sides))
    assert max(map(len, sides)) <= count <= sum(map(len, sides))
    assert count == len(merged_reps(*reversed(sides)))


@pytest.mark.parametrize("count", [2, 8, 20])
def test_every_rep_is_said_once_and_in_order(count: int) -> None:
    numbers = live(merge(told(reps(count)), told(reps(count, from_s=10.1))))
    assert numbers == sorted(set(numbers))
