"""What was chosen: kept over a restart, and never a reason to stop counting."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from repsense.events import Chosen
from repsense.sinks.base import Notice
from repsense.sinks.choices import Choice, ChoicesSink, choices_path
from repsense.sinks.history import history_path


def chosen(exercise: str | None, target_reps: int | None, wearer: str = "anna") -> Notice:
    event = Chosen(exercise=exercise, target_reps=target_reps, announced_s=1.0)
    return Notice(wearer=wearer, event=event, at_utc=datetime.now(UTC), event_id="1")


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return choices_path(history_path(tmp_path / "not_yet"))


def test_the_next_process_knows_each_wearer_s_last_choice(path: Path, said: list[str]) -> None:
    first = ChoicesSink(path, on_status=said.append)
    assert first.of("anna") == Choice()
    first.take(chosen("shrug", None))
    first.take(chosen("shrug", 12))
    first.take(chosen(None, 5, "ben"))
    # No stop: it may have been killed.
    second = ChoicesSink(path, on_status=said.append)
    assert second.of("anna") == Choice(exercise="shrug", target_reps=12)
    assert second.of("ben") == Choice(target_reps=5)
    assert said == []


def test_what_is_known_already_is_not_written_again(path: Path, said: list[str]) -> None:
    sink = ChoicesSink(path, on_status=said.append)
    sink.take(chosen("shrug", 12))
    path.unlink()
    sink.take(chosen("shrug", 12))
    assert not path.exists()


@pytest.mark.parametrize(
    "text",
    [
        *("", "nonsense", "[]", '{"anna": 3}', '{"anna": {"weight": 3}}', "\0"),
        *('{"anna": {"exercise": 3}}', '{"anna": {"target_reps": true}}'),
    ],
)
def test_a_damaged_file_is_said_and_written_anew(path: Path, said: list[str], text: str) -> None:
    path.parent.mkdir()
    path.write_text(text, "utf-8")
    sink = ChoicesSink(path, on_status=said.append)
    assert sink.of("anna") == Choice()
    assert [str(path) in one for one in said] == [True]
    sink.take(chosen("shrug", None))
    assert json.loads(path.read_text("utf-8"))["anna"]["exercise"] == "shrug"


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path, said: list[str]) -> None:
    (tmp_path / "file").write_text("in the way", "utf-8")
    sink = ChoicesSink(tmp_path / "file" / "choices.json", on_status=said.append)
    sink.take(chosen("shrug", None))
    assert sink.of("anna") == Choice(exercise="shrug")
    assert "Check the folder" in said[-1]
