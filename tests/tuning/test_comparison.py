"""What the second of two evaluations changes, recording by recording and person by person."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_scores import NO_MATCHES, of_people, scored

from repsense.errors import LabelsError
from repsense.tuning.comparison import Verdict, changed, compare
from repsense.tuning.figures import ERROR, EXACT, Kind
from repsense.tuning.saved import read_evaluation, score_dict
from repsense.tuning.scoring import FileScore

PEOPLE = ("ann", "bob", "cid", "dot", "eve")


def everyone(*counts: int) -> list[FileScore]:
    return of_people(**{name: list(counts) for name in PEOPLE})


def verdict(first: list[FileScore], second: list[FileScore], kind: Kind) -> Verdict:
    (whole,) = compare(first, second)
    return next(each.verdict for each in whole.differences if each.kind is kind)


def test_what_helps_everybody_is_better_and_the_other_way_round_worse() -> None:
    before, after = everyone(10, 8, 12), everyone(10, 10, 12)
    for kind in (EXACT, ERROR):
        assert verdict(before, after, kind) is Verdict.BETTER
        assert verdict(after, before, kind) is Verdict.WORSE
        assert verdict(after, after, kind) is Verdict.SAME


def test_what_helps_one_person_of_five_is_unclear() -> None:
    after = [replace(one, reps=10) if one.person == "ann" else one for one in everyone(10, 8)]
    assert verdict(everyone(10, 8), after, EXACT) is Verdict.UNCLEAR


def test_a_difference_hangs_on_the_pairs_not_on_how_people_differ() -> None:
    before = of_people(ann=[10] * 4, bob=[5] * 4, cid=[0] * 4)
    after = [replace(one, reps=one.reps - 1) for one in before]
    (whole,) = compare(before, after)
    change = next(each.change for each in whole.differences if each.kind is ERROR)
    assert (change.value, change.low, change.high) == pytest.approx((1.0, 1.0, 1.0))


def test_data_sets_are_compared_each() -> None:
    first = [scored(10, file="a", dataset="gym"), scored(9, file="b", dataset="clinic")]
    assert [(one.name, one.files) for one in compare(first, first)] == [
        ("overall", 2),
        ("clinic", 1),
        ("gym", 1),
    ]


def test_only_what_both_have_is_compared() -> None:
    first = of_people(ann=[10, 9], bob=[10])
    (whole,) = compare(first, first[1:])
    assert (whole.files, whole.people) == (2, 2)
    with pytest.raises(LabelsError, match="no recording in common"):
        compare(first[:1], first[1:])


def test_other_truths_are_refused() -> None:
    first = of_people(ann=[10])
    with pytest.raises(LabelsError, match=r"do not agree on what is true of ann_0\.csv"):
        compare(first, [replace(first[0], reps_seen=9)])


def test_recordings_that_got_worse_come_first() -> None:
    before = of_people(ann=[10, 8, 10, 9])
    after = of_people(ann=[7, 10, 10, 8])
    assert [(each.file, each.first, each.second) for each in changed(before, after)] == [
        ("ann_0.csv", 10, 7),
        ("ann_3.csv", 9, 8),
        ("ann_1.csv", 8, 10),
    ]


@given(st.lists(st.integers(0, 20), min_size=5, max_size=5))
def test_turned_round_a_difference_changes_its_sign(counts: list[int]) -> None:
    before, after = everyone(10, 10), of_people(**{
        name: [10, reps] for name, reps in zip(PEOPLE, counts, strict=True)
    })  # fmt: skip
    (there,), (back,) = compare(before, after), compare(after, before)
    for one, other in zip(there.differences, back.differences, strict=True):
        assert one.change.value == pytest.approx(-(other.change.value or 0.0))
        if one.change.low is not None:
            assert one.change.low == pytest.approx(-(other.change.high or 0.0))


def test_an_evaluation_comes_back_as_it_was_saved(tmp_path: Path) -> None:
    full = replace(
        scored(9, person="ann"),
        delays_s=(0.25, -0.125),
        first_delays_s=(1.5,),
        reps_live=8,
        matches=replace(NO_MATCHES, sets_found=1, lift_errors_s=(0.5,)),
    )
    path = tmp_path / "saved.json"
    path.write_text(json.dumps({"files": [score_dict(full)]}))
    assert read_evaluation(path) == [full]


def test_what_an_older_or_newer_version_measured_is_understood(tmp_path: Path) -> None:
    values = score_dict(scored(9)) | {"of_the_future": 1}
    del values["matches"], values["person"], values["first_delays_s"]
    path = tmp_path / "saved.json"
    path.write_text(json.dumps({"files": [values]}))
    assert read_evaluation(path) == [scored(9)]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "is not JSON"),
        ("[]", "holds no evaluation"),
        ('{"files": [{"file": "a"}]}', "cannot be understood"),
        ('{"files": [3]}', "cannot be understood"),
    ],
)
def test_what_is_no_evaluation_is_refused(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "saved.json"
    path.write_text(text)
    with pytest.raises(LabelsError, match=said):
        read_evaluation(path)
