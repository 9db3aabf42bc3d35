"""Sets and reps are found, or not, from hand-made events and truths."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repsense.events import Event, Rep, RepFinished, SetFinished
from repsense.recording.truth import LabelledRep, LabelledSet
from repsense.tuning.matching import match, pairs
from repsense.tuning.outcome import Run
from repsense.tuning.truth import Truth


def rep(start_s: float, end_s: float, lift_s: float = 1.0) -> Rep:
    return Rep(
        start_s=start_s,
        turn_s=0.5 * (start_s + end_s),
        end_s=end_s,
        lift_s=lift_s,
        hold_s=0.0,
        lower_s=end_s - start_s - lift_s,
        momentum=0.1,
        range=1.0,
    )


def counted(*sets: list[Rep], late_s: float = 0.5) -> Run:
    events: list[Event] = []
    for number, reps in enumerate(sets, start=1):
        events += [
            RepFinished(set=number, rep=place, measured=one, announced_s=one.end_s + late_s)
            for place, one in enumerate(reps, start=1)
        ]
        events.append(
            SetFinished(
                set=number,
                reps=len(reps),
                start_s=reps[0].start_s if reps else 0.0,
                end_s=reps[-1].end_s if reps else 0.0,
                announced_s=90.0,
                rep_details=tuple(reps),
            )
        )
    return Run(events=tuple(events), start_s=0.0, end_s=100.0)


def true_set(start_s: float, end_s: float, reps: int = 4) -> LabelledSet:
    return LabelledSet(start_s=start_s, end_s=end_s, exercise="curl", counted=reps)


def truth(*sets: LabelledSet, reps: int | None = None) -> Truth:
    stated = sum(one.count for one in sets) if reps is None else reps
    return Truth(reps=stated, reps_seen=stated, sets=sets)


FOUR = [rep(start_s, start_s + 3.0) for start_s in (10.0, 13.0, 16.0, 19.0)]


@pytest.mark.parametrize(
    ("true", "found"),
    [
        ((10.0, 22.0), 1),
        ((10.0, 34.0), 1),  # half of the longer
        ((10.0, 34.1), 0),
        ((16.0, 22.0), 1),
        ((16.1, 22.0), 0),
        ((22.0, 40.0), 0),
    ],
)
def test_a_set_is_found_where_half_of_the_longer_is_shared(
    true: tuple[float, float], found: int
) -> None:
    matches = match(counted(FOUR), truth(true_set(*true)))
    assert (matches.sets_true, matches.sets_counted, matches.sets_found) == (1, 1, found)


def test_a_set_cut_in_two_is_found_once_and_one_taken_back_was_not_counted() -> None:
    matches = match(counted(FOUR[:3], [FOUR[3]], []), truth(true_set(10.0, 22.0)))
    assert (matches.sets_true, matches.sets_counted, matches.sets_found) == (1, 2, 1)


def test_every_set_is_wrong_where_there_is_none() -> None:
    matches = match(counted(FOUR), truth(reps=0))
    assert (matches.sets_true, matches.sets_counted, matches.sets_found) == (0, 1, 0)


@pytest.mark.parametrize(("reps", "found"), [(4, 1), (8, 1), (9, 0)])
def test_where_no_times_are_known_half_of_the_reps_make_the_set(reps: int, found: int) -> None:
    assert match(counted(FOUR), truth(reps=reps)).sets_found == found


def timed(*reps: LabelledRep) -> Truth:
    return truth(
        LabelledSet(start_s=reps[0].start_s, end_s=reps[-1].end_s, exercise="curl", reps=reps)
    )


def test_reps_are_found_and_placed_and_their_phases_compared() -> None:
    true = timed(
        LabelledRep(start_s=10.4, turn_s=11.0, end_s=12.8, lift_s=1.5, lower_s=1.0),
        LabelledRep(start_s=13.6, turn_s=14.5, end_s=16.0),
        LabelledRep(start_s=24.0, turn_s=25.0, end_s=26.0, lift_s=1.0, lower_s=1.0),
    )
    matches = match(counted(FOUR), true)
    assert (matches.reps_labelled, matches.reps_counted) == (3, 4)
    # The second begins 0.6 s off, the third is not there.
    assert (matches.reps_found, matches.reps_placed) == (2, 1)
    assert matches.lift_errors_s == pytest.approx((-0.5,))
    assert matches.lower_errors_s == pytest.approx((1.0,))
    # Told at 13.5 s and 16.5 s; the first of the set is left out.
    assert matches.true_delays_s == pytest.approx((0.5,))
    assert match(counted(FOUR), true, tolerance_s=0.6).reps_placed == 2
    assert match(counted(FOUR), true, tolerance_s=0.3).reps_placed == 0


def test_a_label_of_the_middle_of_a_rep_is_not_found_but_compared() -> None:
    middle = LabelledRep(start_s=11.0, turn_s=11.5, end_s=12.0)
    matches = match(counted(FOUR), timed(middle))
    assert matches.reps_found == 0
    assert (matches.start_errors_s, matches.end_errors_s) == ((-1.0,), (1.0,))


def test_without_rep_times_nothing_is_said_of_reps() -> None:
    matches = match(counted(FOUR), truth(true_set(10.0, 22.0)))
    assert (matches.reps_labelled, matches.reps_counted, matches.lift_errors_s) == (0, 0, ())


edges = st.lists(st.floats(0.0, 100.0), min_size=0, max_size=12, unique=True).map(sorted)


def spans_of(found: list[float]) -> list[Rep]:
    return [rep(*edge) for edge in zip(found[::2], found[1::2], strict=False)]


@given(edges, edges)
def test_each_is_taken_once_and_in_order(first: list[float], second: list[float]) -> None:
    one, other = spans_of(first), spans_of(second)
    same = pairs(one, other)
    assert len({id(left) for left, _ in same}) == len({id(right) for _, right in same}) == len(same)
    assert [one.index(left) for left, _ in same] == sorted(one.index(left) for left, _ in same)
    assert [other.index(right) for _, right in same] == sorted(
        other.index(right) for _, right in same
    )


@given(edges)
def test_everything_is_found_in_itself(found: list[float]) -> None:
    reps = spans_of(found)
    assert pairs(reps, reps) == [(one, one) for one in reps]
