"""What is said early is measured as it happens: on one set that was made for it."""

import json
import sys
from importlib import import_module
from pathlib import Path

import pytest

from repsense.recording.format import Recording, write_recording
from repsense.simulator import simulate_set


def test_a_set_from_stillness_is_told_in_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    block = simulate_set("front_raise", reps=6, seed=2, surroundings=False).block
    path = tmp_path / "set.csv"
    write_recording(path, Recording(path=path, block=block))
    (tmp_path / "index.csv").write_text("file,reps_true,dataset\nset.csv,6,applewatch_gym\n")
    early_word = import_module("early_word")
    monkeypatch.setattr(sys, "argv", ["x", "--recordings", str(tmp_path), "--json"])

    assert early_word.main() == 0
    (found,) = json.loads(capsys.readouterr().out)
    assert (found["sets"], found["in_time"], found["taken_back"]) == (1, 1, 0)
    assert found["reps"] == 6
    assert 3 <= len(found["after_turn_s"]) <= 4  # the first two are told together
    assert found["counts_changed"] == 0


def test_without_recordings_it_ends_with_2(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    early_word = import_module("early_word")
    monkeypatch.setattr(sys, "argv", ["x", "--recordings", str(tmp_path)])

    assert early_word.main() == 2
