"""``repsense evaluate``: the table for people, the JSON for programs, and honest exit codes."""

import json
import math
from pathlib import Path
from typing import Any

import called
import pytest

from repsense.recording.format import read_recording
from repsense.tuning.run import run_recording

REST = [f"{i / 25:.2f},0.0,0.1,0.99" for i in range(1500)]


def curl_lines(reps: int) -> list[str]:
    lines = []
    for sample in range(50 * (16 + 3 * reps)):
        phase = min(max((sample / 50 - 8) / 3, 0), reps)
        angle = math.radians(50) * (1 - math.cos(2 * math.pi * phase))
        wobble = 0.01 * math.sin(sample * 1.7)
        lines.append(
            f"{sample / 50:.2f},{math.cos(angle) + wobble:.4f},{math.sin(angle):.4f},{wobble:.4f}"
        )
    return lines


@pytest.fixture
def index(tmp_path: Path) -> Path:
    for name, lines in {
        "curl.csv": curl_lines(6),
        "more.csv": curl_lines(8),
        "rest.csv": REST,
    }.items():
        (tmp_path / name).write_text("\n".join(["t_s,ax_g,ay_g,az_g", *lines, ""]))
    path = tmp_path / "INDEX.csv"
    path.write_text(
        "file,reps_true,dataset,exercise,subject,label_check,active_start_s,active_end_s\n"
        "curl.csv,6,gym,biceps_curl,ann,agree,8,26\n"
        "more.csv,20,gym,biceps_curl,ann,suspect,,\n"
        "rest.csv,0,couch,sitting,bob,,,\n"
        "rest.csv,,couch,sitting,bob,,,\n"
    )
    return path


def exit_code(*words: str | Path) -> int:
    return called.exit_code("evaluate", *words, "--jobs", "1")


def evaluated(capsys: pytest.CaptureFixture[str], *words: str | Path) -> dict[str, Any]:
    assert exit_code(*words, "--json") == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert out.count("\n") == 1
    fields: dict[str, Any] = json.loads(out)
    return fields


def test_json_has_every_group_and_every_file(
    index: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    counted = run_recording(read_recording(index.parent / "curl.csv")).reps
    fields = evaluated(capsys, index)
    assert fields["overall"]["files"] == 3
    assert fields["without_truth"] == 1
    assert {name: group["files"] for name, group in fields["by_dataset"].items()} == {
        "couch": 1,
        "gym": 2,
    }
    assert set(fields["by_exercise"]) == {"biceps_curl", "sitting"}
    assert set(fields["by_person"]) == {"couch: bob", "gym: ann"}
    assert fields["overall"]["people"] == 2
    assert "exact_pct" not in fields["overall"]["intervals_of_one_person"]
    assert fields["by_dataset"]["gym"]["set_recall_pct"] == 50.0
    first = fields["files"][0]
    assert (first["file"], first["reps_true"], first["reps"]) == ("curl.csv", 6, counted)
    couch = fields["by_dataset"]["couch"]
    assert couch["exact_pct"] == couch["within_one_pct"] == 100.0
    assert couch["mean_absolute_error"] == couch["false_reps_per_min"] == 0.0
    assert fields["errors"] == []
    assert "corrected" not in fields["overall"]


def test_the_table_has_the_same_numbers(index: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fields = evaluated(capsys, index)
    assert exit_code(index) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert "\x1b" not in out
    lines = [line.split() for line in out.splitlines() if line]
    gym = next(line for line in lines if line[0] == "gym")
    group = fields["by_dataset"]["gym"]
    low, high = group["intervals"]["mean_absolute_error"]
    assert "mean_absolute_error" in group["intervals_of_one_person"]
    assert gym[1:8] == [
        "2",
        f"{group['exact_pct']:.1f}",
        "(0-100)",
        f"{group['within_one_pct']:.1f}",
        "(0-100)",
        f"{group['mean_absolute_error']:.2f}",
        f"({low:.2f}-{high:.2f})",
    ]
    headings = {"dataset", "exercise", "person", "all", "overall,"}
    assert [line[0] for line in lines if line[0] in headings] == [
        "dataset",
        "exercise",
        "person",
        "all",
        "overall,",
    ]
    assert max(map(len, out.splitlines())) <= 100
    assert "1 without a true count were left out." in out


@pytest.mark.parametrize(
    ("words", "files"),
    [
        (["--dataset", "gym"], ["curl.csv", "more.csv"]),
        (["--dataset", "gym", "--dataset", "couch"], ["curl.csv", "more.csv", "rest.csv"]),
        (["--exercise", "sitting"], ["rest.csv"]),
        (["--person", "ann"], ["curl.csv", "more.csv"]),
        (["--exclude-suspect"], ["curl.csv", "rest.csv"]),
        (["--label-check", "agree"], ["curl.csv"]),
    ],
)
def test_rows_can_be_chosen(
    index: Path, capsys: pytest.CaptureFixture[str], words: list[str], files: list[str]
) -> None:
    assert [each["file"] for each in evaluated(capsys, index, *words)["files"]] == files


def test_a_choice_that_leaves_nothing_is_refused(
    index: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert exit_code(index, "--dataset", "gim") == 2
    assert "has no row with a true count that fits --dataset" in capsys.readouterr().err


def test_corrections_are_a_second_column(index: Path, capsys: pytest.CaptureFixture[str]) -> None:
    counted = run_recording(read_recording(index.parent / "more.csv")).reps
    corrections = index.parent / "corrections.csv"
    corrections.write_text(f"file,reps_stated,reps_seen,why\nmore.csv,20,{counted},seen\n")
    words = ["--exclude-suspect"]
    assert "corrected" in evaluated(capsys, index, "--corrections", corrections, *words)["overall"]
    group = evaluated(capsys, index, "--corrections", corrections)["by_dataset"]["gym"]
    assert group["corrected"]["exact_pct"] == group["exact_pct"] + 50.0
    assert exit_code(index, "--corrections", corrections) == 0
    out = capsys.readouterr().out
    assert "exact* %" in out
    assert "*: against corrected counts." in out


def test_bad_files_are_told_each_and_make_the_exit_code(
    index: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with index.open("a") as file:
        file.write("gone.csv,3,gym,,,,,\nINDEX.csv,3,gym,,,,,\n")
    assert exit_code(index) == 2
    out, err = capsys.readouterr()
    assert len(err.splitlines()) == 2
    assert "gone.csv does not exist" in err.splitlines()[0]
    assert "2 could not be read and are left out." in out
    assert exit_code(index, "--json") == 2
    fields = json.loads(capsys.readouterr().out)
    assert [failed["file"] for failed in fields["errors"]] == ["gone.csv", "INDEX.csv"]
    assert fields["overall"]["files"] == 3


def test_the_worst_files_are_listed_first(index: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code(index, "--worst", "1") == 0
    out = capsys.readouterr().out
    assert "more.csv" in out
    assert "curl.csv" not in out
    assert exit_code(index, "--whole") == 0
    out = capsys.readouterr().out
    assert {"more.csv", "curl.csv", "rest.csv"} <= {
        line.split()[0] for line in out.split("\n") if line
    }


def test_armed_and_the_exercise_are_told_to_the_engine(
    index: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from repsense.tuning import run

    told: list[tuple[bool, str | None]] = []

    class Listening(run.Pipeline):
        def __init__(
            self,
            parameters: run.PipelineParameters | None = None,
            *,
            armed: bool = False,
            exercise: str | None = None,
        ) -> None:
            told.append((armed, exercise))
            super().__init__(parameters, armed=armed, exercise=exercise)

    monkeypatch.setattr(run, "Pipeline", Listening)
    index.write_text(index.read_text().replace("biceps_curl", "front_raise"))
    evaluated(capsys, index, "--armed", "--known-exercise")
    assert told == [(True, "front_raise"), (True, "front_raise"), (True, None)]
    told.clear()
    evaluated(capsys, index)
    assert told == [(False, None)] * 3


def test_an_index_that_is_wrong_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "INDEX.csv"
    path.write_text("file,reps\na.csv,3\n")
    assert exit_code(path) == 2
    assert "the column reps_true is missing" in capsys.readouterr().err


def test_rep_times_and_a_tolerance_tell_which_reps_are_placed(
    index: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    times = index.parent / "times.csv"
    starts_s = [8.0 + 3.0 * number for number in range(6)]
    times.write_text(
        "file,start_s,end_s\n" + "".join(f"curl.csv,{at},{at + 3}\n" for at in starts_s)
    )
    words = [index, "--person", "ann", "--exclude-suspect", "--rep-times", times]
    fields = evaluated(capsys, *words, "--tolerance", "1.5")
    assert fields["tolerance_s"] == 1.5
    assert fields["overall"]["rep_f1_pct"] == 100.0
    assert fields["overall"]["rep_boundary_f1_pct"] == 100.0
    assert evaluated(capsys, *words, "--tolerance", "0")["overall"]["rep_boundary_f1_pct"] == 0.0
    assert evaluated(capsys, index)["overall"]["rep_f1_pct"] is None


def test_the_worst_are_drawn(index: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("matplotlib")
    folder = index.parent / "a" / "b"
    fields = evaluated(capsys, index, "--pictures", folder)
    assert fields["pictures"] == {"more.csv": "01_more.png"}  # the only one counted wrong
    assert (folder / "01_more.png").read_bytes().startswith(b"\x89PNG")
    assert exit_code(index, "--worst", "2", "--pictures", folder) == 0
    out = capsys.readouterr().out
    assert next(line for line in out.splitlines() if "01_more.png" in line).startswith("more.csv")
    (index.parent / "file").write_text("")
    assert exit_code(index, "--pictures", index.parent / "file") == 2
    assert "cannot be made" in capsys.readouterr().err


def deaf(folder: Path) -> Path:
    """Return a configuration with which nothing is a set."""
    path = folder / "deaf.yaml"
    path.write_text("pipeline:\n  sets:\n    evidence_min: 20\n    live_evidence_min: 20\n")
    return path


def test_a_configuration_changes_the_engine(
    index: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fields = evaluated(capsys, index, "--config", deaf(index.parent))
    assert [each["reps"] for each in fields["files"]] == [0, 0, 0]


def test_two_configurations_are_compared(index: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plain = index.parent / "plain.yaml"
    plain.write_text("{}\n")
    words = [index, "--compare", plain, deaf(index.parent)]
    fields = evaluated(capsys, *words)
    assert fields["groups"]["overall"]["files"] == 3
    recall = fields["groups"]["gym"]["figures"]["set_recall_pct"]
    assert (recall["second"], recall["over"]) == (0.0, "recordings")
    assert recall["change"] == -recall["first"]
    assert {each["file"] for each in fields["changed"]} == {"curl.csv", "more.csv"}
    assert exit_code(*words) == 0
    out = capsys.readouterr().out
    assert out.startswith(f"A is {plain}, B is {deaf(index.parent)}.\n")
    assert "curl.csv" in out


def test_two_saved_results_are_compared_without_counting(
    index: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    saved = []
    for name, words in (("old.json", ["--config", deaf(index.parent)]), ("new.json", [])):
        saved.append(index.parent / name)
        assert exit_code(index, *words, "--json") == 0
        saved[-1].write_text(capsys.readouterr().out)
    for recording in ("curl.csv", "more.csv", "rest.csv"):
        (index.parent / recording).unlink()
    fields = evaluated(capsys, "--compare", *saved)
    assert fields["groups"]["overall"]["figures"]["exact_pct"]["change"] == pytest.approx(100 / 3)
    (index.parent / "broken.json").write_text("{}")
    assert exit_code("--compare", saved[0], index.parent / "broken.json") == 2
    assert "holds no evaluation" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--compare", "a.yaml", "b.json"], "name two configurations (.yaml) or two"),
        (["--compare", "a.yaml", "b.yaml", "--config", "c.yaml"], "goes with neither --config"),
        (["--compare", "a.json", "b.json", "--pictures", "here"], "nor --pictures"),
    ],
)
def test_what_cannot_be_compared_is_said(
    capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    assert exit_code(*words) == 2
    assert said in capsys.readouterr().err


def test_nothing_to_count_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code() == 2
    assert "name an index of recordings" in capsys.readouterr().err
