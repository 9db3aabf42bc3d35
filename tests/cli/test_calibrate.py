"""``repsense calibrate``: measured from a recording, kept, listed and forgotten."""

import json
from pathlib import Path

import called
import pytest

ROOT = Path(__file__).resolve().parents[2]
RAISE = ROOT / "recordings" / "front_raise.csv.gz"


def exit_code(*words: str | Path) -> int:
    return called.exit_code("calibrate", *words)


def test_a_recording_is_measured_kept_and_forgotten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    there = ("--data-dir", tmp_path, "--wearer", "anna", "--json")
    assert exit_code("front_raise", RAISE, *there) == 0
    said = json.loads(capsys.readouterr().out)
    found = said["calibrations"]["front_raise"]
    assert said["wearer"] == "anna"
    assert found["reps"] >= 5
    assert 3.0 < found["rep_s"] < 5.0
    assert exit_code(*there[:-1]) == 0
    assert "front_raise" in capsys.readouterr().out
    assert exit_code("front_raise", "--forget", *there) == 0
    assert json.loads(capsys.readouterr().out)["calibrations"] == {}


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("front_raise",), "name a recording of it"),
        (("yoga", RAISE), "There is no exercise 'yoga'"),
        (("shrug", ROOT / "none.csv"), "none.csv"),
    ],
)
def test_what_cannot_be_measured_is_told(
    words: tuple[str | Path, ...],
    reason: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert exit_code(*words, "--data-dir", tmp_path) == 2
    assert reason in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
