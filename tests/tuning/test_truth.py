"""What is known of a recording is taken from the best source there is."""

from pathlib import Path

import pytest

from repsense.errors import LabelsError
from repsense.recording.index import IndexRow, RepTime, read_rep_times
from repsense.recording.labels import write_labels
from repsense.recording.truth import LabelledRep, LabelledSet, Labels
from repsense.tuning.truth import truth_of


def row(
    folder: Path, reps: int | None = 4, active_s: tuple[float, float] | None = None
) -> IndexRow:
    return IndexRow(
        file="a.csv",
        path=folder / "a.csv",
        reps_true=reps,
        active_start_s=active_s and active_s[0],
        active_end_s=active_s and active_s[1],
    )


def spans(
    folder: Path, rep_times: dict[str, list[RepTime]] | None = None
) -> list[tuple[float, float]]:
    truth = truth_of(row(folder, active_s=(10.0, 20.0)), rep_times=rep_times)
    return [(one.start_s, one.end_s) for one in truth.sets]


TIMES = {
    "a.csv": [
        RepTime(start_s=11.0, end_s=13.0, form="good"),
        RepTime(start_s=14.0, end_s=15.0, form="good"),
        RepTime(start_s=17.0, end_s=19.0, form="fast"),
    ]
}


def test_labels_are_better_than_rep_times_and_these_than_the_active_part(tmp_path: Path) -> None:
    assert spans(tmp_path) == [(10.0, 20.0)]
    assert spans(tmp_path, rep_times=TIMES) == [(11.0, 15.0), (17.0, 19.0)]
    rep = LabelledRep(start_s=12.0, turn_s=13.0, end_s=14.0)
    done = LabelledSet(start_s=12.0, end_s=14.0, exercise="curl", reps=(rep,))
    write_labels(tmp_path / "a.labels.yaml", Labels(sets=(done,)))
    assert spans(tmp_path, rep_times=TIMES) == [(12.0, 14.0)]


def test_reps_are_timed_only_where_all_of_them_are(tmp_path: Path) -> None:
    assert len(truth_of(row(tmp_path), rep_times=TIMES).rep_times) == 3
    assert truth_of(row(tmp_path, active_s=(10.0, 20.0))).rep_times == ()


def test_where_nobody_says_when_it_is_not_known_but_for_no_reps_at_all(tmp_path: Path) -> None:
    assert not truth_of(row(tmp_path)).timed
    assert truth_of(row(tmp_path, reps=0)).timed
    assert truth_of(row(tmp_path), reps_seen=3).reps_seen == 3


def test_rep_times_are_read_in_order_from_the_first_source(tmp_path: Path) -> None:
    path = tmp_path / "times.csv"
    path.write_text(
        "file,source,rep,form,start_s,end_s\n"
        "a.csv,auto,2,fast,5,6\na.csv,auto,1,good,1,2.5\na.csv,marked,1,good,1,2\n"
        "b.csv,marked,1,,3,4\n"
    )
    times = read_rep_times(path)
    assert times["a.csv"] == [
        RepTime(start_s=1.0, end_s=2.5, form="good"),
        RepTime(start_s=5.0, end_s=6.0, form="fast"),
    ]
    assert times["b.csv"] == [RepTime(start_s=3.0, end_s=4.0)]


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("a.csv,2,1\n", "line 2: a rep needs start_s and, not before it, end_s"),
        ("a.csv,,1\n", "here they are '' and '1'"),
        ("a.csv,1,3\na.csv,2,4\n", "the reps of a.csv overlap at 2 s"),
    ],
)
def test_times_that_cannot_be_are_refused(tmp_path: Path, lines: str, said: str) -> None:
    path = tmp_path / "times.csv"
    path.write_text(f"file,start_s,end_s\n{lines}")
    with pytest.raises(LabelsError, match=said):
        read_rep_times(path)
