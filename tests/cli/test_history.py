"""``repsense history`` on a real database."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import called
import pytest
from made_reps import made_rep

from repsense.events import FormFlag, SetFinished
from repsense.sinks.base import Notice
from repsense.sinks.history import History, history_path

REP = made_rep(0.0, FormFlag.FAST_LIFT, hold_s=0.5, lower_s=2.5, momentum=0.25)


def fill(path: Path) -> None:
    history = History(path)
    for wearer, days_ago in (("anna", 0), ("ben", 0), ("anna", 10)):
        event = SetFinished(
            set=1,
            reps=1,
            start_s=0.0,
            end_s=4.0,
            announced_s=9.0,
            exercise="front_raise",
            flags=REP.flags,
            rep_details=(REP,),
        )
        when = datetime.now(UTC) - timedelta(days=days_ago)
        history.add(
            Notice(wearer=wearer, event=event, at_utc=when, event_id=f"{wearer}-{days_ago}")
        )
    history.close()


def run(*words: str) -> int:
    return called.exit_code("history", *words)


def test_the_table_tells_a_person_what_was_done(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fill(history_path())
    assert run() == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[3] for line in lines[1:] if line] == ["anna", "anna", "ben"]
    assert "front raise" in lines[1]
    assert "1.0 - 0.5 - 2.5 s" in lines[1]
    assert "0.25" in lines[1]
    assert lines[1].rstrip().endswith("fast lift")


def test_it_can_be_narrowed_to_a_wearer_and_to_days(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fill(folder / "history.sqlite3")
    where = ("--data-dir", str(folder), "--json")

    def ids(*words: str) -> list[str]:
        assert run(*where, *words) == 0
        return [json.loads(line)["event_id"] for line in capsys.readouterr().out.splitlines()]

    assert ids("--wearer", "anna") == ["anna-10", "anna-0"]
    assert ids("--days", "3", "--wearer", "anna") == ["anna-0"]
    assert ids("--wearer", "nobody") == []


def test_json_carries_every_rep(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fill(history_path())
    assert run("--json") == 0
    first = json.loads(capsys.readouterr().out.splitlines()[0])
    assert first["rep_details"][0]["lower_s"] == 2.5
    assert first["flags"] == ["fast_lift"]
    assert datetime.fromisoformat(first["started_at"]).tzinfo is not None


def test_no_history_yet_is_no_error_and_makes_no_file(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run() == 0
    assert capsys.readouterr().out.startswith("No sets yet in ")
    assert not history_path().exists()


def test_a_file_that_is_no_history_is_one_line_and_exit_code_2(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "history.sqlite3").write_text("no database " * 200, encoding="utf-8")
    assert run("--data-dir", str(folder)) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("repsense: The history ")
    assert said.err.count("\n") == 1


def test_the_configured_folder_counts(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fill(folder / "mine" / "history.sqlite3")
    (folder / "config.yaml").write_text("history:\n  data_dir: mine\n", encoding="utf-8")
    assert run("--json") == 0
    assert len(capsys.readouterr().out.splitlines()) == 3
