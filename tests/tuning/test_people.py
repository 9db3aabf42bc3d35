"""Nobody is scored on what was tuned on, whatever the file or the list is called."""

import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from some_people import example, write_curls

from repsense.errors import LabelsError
from repsense.recording.index import read_index
from repsense.tuning.people import (
    check_apart,
    keep_fold_out,
    keep_out,
    load_examples,
    people_of,
)
from repsense.tuning.trial import STEPS, steps_of

groups = st.dictionaries(st.sampled_from("abcdefg"), st.integers(1, 9), min_size=2)


@given(groups, st.integers(2, 5), st.integers(0, 99))
def test_folds_share_out_everybody_and_never_divide_a_person(
    sizes: dict[str, int], folds: int, seed: int
) -> None:
    examples = [example(name, number) for name, size in sizes.items() for number in range(size)]
    folds = min(folds, len(sizes))
    seen: list[str] = []
    for fold in range(1, folds + 1):
        division = keep_fold_out(examples, folds=folds, fold=fold, seed=seed)
        assert not set(people_of(division.searched)) & set(people_of(division.kept_out))
        assert len(division.searched) + len(division.kept_out) == len(examples)
        seen += [str(person) for person in people_of(division.kept_out)]
    assert sorted(seen) == sorted(sizes)


@given(groups)
def test_each_step_of_a_trial_has_recordings_of_everybody_who_has_enough(
    sizes: dict[str, int],
) -> None:
    examples = [example(name, number) for name, size in sizes.items() for number in range(size)]
    steps = steps_of(examples)
    assert sorted(place for step in steps for place in step) == list(range(len(examples)))
    for step in steps:
        for name, size in sizes.items():
            theirs = sum(examples[place].row.subject == name for place in step)
            assert size // STEPS <= theirs <= -(-size // STEPS)


def test_people_of_two_data_sets_are_two_people_though_they_share_a_name() -> None:
    examples = [example("s1", 0, "gym"), example("s1", 0, "ward")]
    assert len(people_of(examples)) == 2
    check_apart(examples[:1], examples[1:])


def test_those_whom_the_list_does_not_name_count_as_one_person() -> None:
    check = [example("", 0), example("", 1)]
    with pytest.raises(LabelsError, match="other recordings of"):
        check_apart(check[:1], check[1:])


def test_one_person_alone_cannot_be_judged() -> None:
    with pytest.raises(LabelsError, match="nobody is left to judge"):
        keep_fold_out([example("a", 0), example("a", 1)], folds=3, fold=1, seed=1)


def test_names_that_nobody_has_and_folds_that_are_not_there_are_told() -> None:
    examples = [example("a", 0), example("b", 0)]
    with pytest.raises(LabelsError, match=r"Nobody called 'c'.*a, b"):
        keep_out(examples, ["c"])
    with pytest.raises(LabelsError, match="Everybody is kept out"):
        keep_out(examples, ["a", "b"])
    with pytest.raises(LabelsError, match="no fold 3"):
        keep_fold_out(examples, folds=3, fold=3, seed=1)


def test_a_recording_is_known_again_under_another_name(tmp_path: Path) -> None:
    index = write_curls(tmp_path, "ab", each=1)
    shutil.copy(tmp_path / "a0.csv", tmp_path / "x.csv")
    index.write_text(index.read_text() + "x.csv,3,other,biceps_curl,x\n")
    examples, unreadable = load_examples(read_index(index), {})
    assert unreadable == []
    assert [one.row.file for one in examples] == ["a0.csv", "b0.csv"]  # the copy is no third

    again, _ = load_examples(read_index(index)[2:], {})
    with pytest.raises(LabelsError, match=r"x\.csv cannot be scored.*a0\.csv, the same recording"):
        check_apart(examples, again)
