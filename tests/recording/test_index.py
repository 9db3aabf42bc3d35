"""Indexes of recordings: what they say, and what is wrong with them."""

from pathlib import Path

import pytest

from repsense.errors import LabelsError
from repsense.recording.index import Correction, IndexRow, read_corrections, read_index


def saved(folder: Path, *lines: str) -> Path:
    path = folder / "index.csv"
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def test_the_two_columns_that_must_be_there_are_enough(tmp_path: Path) -> None:
    path = saved(tmp_path, "reps_true,file", "12.0,curls/a.csv", "", ",b.csv.gz")
    assert read_index(path) == (
        IndexRow(file="curls/a.csv", path=tmp_path / "curls" / "a.csv", reps_true=12),
        IndexRow(file="b.csv.gz", path=tmp_path / "b.csv.gz", reps_true=None),
    )


def test_known_columns_are_used_and_others_ignored(tmp_path: Path) -> None:
    path = saved(
        tmp_path,
        "file,dataset,exercise,reps_true,label_check,active_start_s,active_end_s,notes",
        'a.csv,gym,curl,8,agree,4.5,30,"clean, slow"',
        "b.csv,walks,,0,,,,",
    )
    first, second = read_index(path)
    assert (first.dataset, first.exercise, first.label_check) == ("gym", "curl", "agree")
    assert (first.active_start_s, first.active_end_s) == (4.5, 30.0)
    assert (second.reps_true, second.exercise, second.active_start_s) == (0, "", None)


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ([], " is empty: begin it with the header 'file,reps_true'"),
        (["file,reps_true"], " lists no recordings"),
        (
            ["file,rep_true", "a,1"],
            "the column reps_true is missing; found are: file, rep_true. Is",
        ),
        (["file,x", "a,1"], "the column reps_true is missing; found are: file, x. Add it."),
        (["file,reps_true", "a.csv,many"], ", line 2: reps_true is 'many', but must be a whole"),
        (["file,reps_true", "a.csv,2.5"], ", line 2: reps_true is '2.5', but must be a whole"),
        (["file,reps_true", "a.csv,-1"], ", line 2: reps_true is '-1', but must be a whole"),
        (["file,reps_true", "a.csv,inf"], ", line 2: reps_true is 'inf', but must be a whole"),
        (["file,reps_true", ",3"], ", line 2: the column file is empty"),
        (["file,reps_true", "a.csv,3,good"], ", line 2: 3 fields where the header names 2"),
        (["file,reps_true", '"a.csv,3'], "not a CSV line"),
        (
            ["file,reps_true,active_end_s", "a.csv,3,late"],
            ", line 2: active_end_s is 'late', but must be a time in s",
        ),
        (
            ["file,reps_true,active_start_s,active_end_s", "a.csv,3,9,8"],
            ", line 2: active_start_s is 9, after active_end_s 8",
        ),
    ],
)
def test_mistakes_are_told_with_line_and_column(
    tmp_path: Path, lines: list[str], told: str
) -> None:
    path = saved(tmp_path, *lines)
    with pytest.raises(LabelsError) as caught:
        read_index(path)
    assert str(caught.value).startswith(str(path))
    assert told in str(caught.value)


def test_an_index_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(LabelsError, match=r"gone\.csv does not exist"):
        read_index(tmp_path / "gone.csv")


def test_corrections_are_found_by_file(tmp_path: Path) -> None:
    path = saved(tmp_path, "file,reps_stated,reps_seen,why", 'a.csv,10,8,"8 dips, seen"')
    assert read_corrections(path) == {
        "a.csv": Correction(file="a.csv", reps_stated=10, reps_seen=8, why="8 dips, seen")
    }
