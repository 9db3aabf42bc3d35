"""Figures and their intervals: right where they can be known, and by people, not by recordings."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_scores import NO_MATCHES, of_people, scored

from repsense.tuning.figures import (
    DELAY_MEDIAN,
    DELAY_P95,
    ERROR,
    EVERY,
    EXACT,
    FALSE_REPS,
    LIVE_EXACT,
    REP_F1,
    SET_PRECISION,
    SET_RECALL,
    WITHIN_ONE,
)
from repsense.tuning.intervals import Draws
from repsense.tuning.scoring import tally
from repsense.tuning.summary import GROUPINGS, overall, summaries_by, summary


def test_a_figure_is_what_a_tally_says() -> None:
    scores = [
        *of_people(ann=[10, 9, 12], bob=[10]),
        replace(scored(0, 0, file="walk"), false_reps=3, idle_s=60.0, delays_s=(0.1, 0.4, 0.5)),
    ]
    found, told = summary("all", scores), tally("all", scores)
    assert told.stated is not None
    assert found[EXACT].value == pytest.approx(told.stated.exact_pct)
    assert found[WITHIN_ONE].value == pytest.approx(told.stated.within_one_pct)
    assert found[ERROR].value == pytest.approx(told.stated.mean_absolute_error)
    assert found[FALSE_REPS].value == pytest.approx(60.0 * 3.0)
    assert found[DELAY_MEDIAN].value == told.delay_median_s
    assert found[DELAY_P95].value == pytest.approx(told.delay_p95_s)


@given(
    st.lists(st.floats(-5, 5), min_size=1, max_size=30), st.sampled_from([DELAY_MEDIAN, DELAY_P95])
)
def test_a_quantile_is_numpys(delays_s: list[float], kind: object) -> None:
    from repsense.tuning.figures import Quantile

    assert isinstance(kind, Quantile)
    value = Draws([replace(scored(10), delays_s=tuple(delays_s))]).figure(kind).value
    assert value == pytest.approx(np.percentile(delays_s, 100.0 * kind.at), abs=1e-9)


def test_sets_and_reps_found_make_precision_recall_and_f1() -> None:
    matches = replace(
        NO_MATCHES, sets_true=4, sets_counted=5, sets_found=3,
        reps_labelled=30, reps_counted=20, reps_found=15,
    )  # fmt: skip
    found = summary("all", [replace(scored(10), matches=matches)])
    assert found[SET_PRECISION].value == 60.0
    assert found[SET_RECALL].value == 75.0
    assert found[REP_F1].value == 60.0


def test_people_who_are_alike_inside_and_differ_make_a_wide_interval() -> None:
    apart = summary("", of_people(ann=[10] * 20, bob=[8] * 20, cid=[10] * 20, dot=[8] * 20))[EXACT]
    mixed = summary("", of_people(**{name: [10, 8] * 10 for name in ("ann", "bob", "cid", "dot")}))
    assert apart.value == mixed[EXACT].value == 50.0
    assert (apart.low, apart.high) == (0.0, 100.0)
    assert (mixed[EXACT].low, mixed[EXACT].high) == (50.0, 50.0)


def test_recordings_of_one_person_are_drawn_and_it_is_said() -> None:
    alone = summary("", of_people(ann=[10, 8] * 10))
    assert alone.people == 1
    figure = alone[EXACT]
    assert not figure.over_people
    assert figure.low is not None
    assert figure.high is not None
    assert 20 < figure.low < 50 < figure.high < 80


def test_only_those_with_a_part_in_a_figure_are_drawn() -> None:
    many = of_people(**{f"p{number}": [10] for number in range(50)})
    delays = {"p0_0.csv": (0.1, 0.2), "p1_0.csv": (0.5,)}
    told = [replace(one, delays_s=delays.get(one.file, ())) for one in many]
    few = [one for one in told if one.delays_s]
    assert summary("", told)[DELAY_MEDIAN] == summary("", few)[DELAY_MEDIAN]
    alone = summary(
        "", [replace(one, reps_live=10 if one.person == "p0" else None) for one in many]
    )
    assert alone[EXACT].over_people
    assert not alone[LIVE_EXACT].over_people


def test_one_recording_has_no_interval() -> None:
    figure = summary("", of_people(ann=[10]))[EXACT]
    assert (figure.value, figure.low, figure.high) == (100.0, None, None)


def test_the_same_name_in_two_data_sets_is_two_people() -> None:
    scores = [scored(10, person="s1", dataset=name) for name in ("gym", "clinic")]
    assert summary("", scores).people == 2
    assert [one.name for one in summaries_by(GROUPINGS["person"], scores)] == [
        "clinic: s1",
        "gym: s1",
    ]


def test_nothing_is_said_of_nothing() -> None:
    found = summary("", [])
    assert found.files == 0
    assert all(found[kind].value is None for kind in EVERY)


def test_the_order_of_recordings_changes_nothing() -> None:
    scores = of_people(ann=[10, 9, 8], bob=[10, 10], cid=[7])
    assert summary("", scores) == summary("", scores[::-1])


@given(st.lists(st.lists(st.integers(0, 20), min_size=1, max_size=4), min_size=2, max_size=5))
def test_an_interval_lies_within_what_people_have(counts: list[list[int]]) -> None:
    people = {f"p{number}": reps for number, reps in enumerate(counts)}
    figure = summary("", of_people(**people))[ERROR]
    means = [float(np.mean(np.abs(np.array(reps) - 10))) for reps in counts]
    assert figure.low is not None
    assert figure.high is not None
    assert min(means) - 1e-9 <= figure.low <= figure.high <= max(means) + 1e-9


def test_the_whole_is_split_by_whether_there_was_something_to_count() -> None:
    scores = [*of_people(ann=[10]), scored(0, 0, file="walk")]
    assert [(one.name, one.files) for one in overall(scores)] == [
        ("with reps", 1),
        ("nothing to count", 1),
        ("overall", 2),
    ]
