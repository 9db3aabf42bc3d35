"""``repsense exercises``: the ten and one's own, for people and for programs."""

import json
from pathlib import Path

import called
import pytest

from repsense.exercises import load_catalogue

CURL = (
    "exercises:\n  curl:\n    name: Goblet curl\n"
    "    tempo: {lift_s: 1.5, hold_s: 0, lower_s: 2}\n    cues: {swing: Elbows still.}\n"
)


@pytest.fixture(autouse=True)
def no_configuration_around(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "xdg"))


def run(*words: str) -> int:
    return called.exit_code("exercises", *words)


def test_the_list_has_the_ten_in_order(capsys: pytest.CaptureFixture[str]) -> None:
    assert run() == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines[1:]] == list(load_catalogue())
    assert "20" not in lines[6]
    assert "one arm, then the other" in lines[6]


def test_one_s_own_stand_behind_them(capsys: pytest.CaptureFixture[str]) -> None:
    Path("config.yaml").write_text(CURL, encoding="utf-8")
    assert run("--json") == 0
    listed = json.loads(capsys.readouterr().out)
    assert [one["id"] for one in listed] == [*load_catalogue(), "curl"]
    assert listed[-1]["cues"]["swing"] == "Elbows still."
    assert "no_hold" not in listed[-1]["cues"]


def test_show_says_what_a_wrist_checks_and_what_it_cannot(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run("show", "shrug") == 0
    said = capsys.readouterr().out
    checked, _, reminded = said.partition("It cannot see")
    shrug = load_catalogue()["shrug"]
    assert "hold for 1 s" in checked
    assert all(cue.text in checked for cue in shrug.cues)
    assert all(text in reminded for text in shrug.reminders)


def test_show_says_which_way_round_a_pullover_goes(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("show", "overhead_pull") == 0
    assert "the yielding comes first" in capsys.readouterr().out


def test_json_of_one_is_the_one_of_the_list(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--json") == 0
    listed = json.loads(capsys.readouterr().out)
    assert run("show", "front_raise", "--json") == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown in listed
    assert (shown["reps_min"], shown["reps_max"]) == (8, 12)
    assert shown["rep_s"][0] < shown["rep_s"][1]


def test_the_configured_language_is_spoken(capsys: pytest.CaptureFixture[str]) -> None:
    Path("config.yaml").write_text("coach: {language: de}\n", encoding="utf-8")
    assert run("show", "front_raise") == 0
    assert "Langsam und kontrolliert" in capsys.readouterr().out


def test_a_misspelt_one_is_one_line_and_exit_code_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("show", "shrugs") == 2
    said = capsys.readouterr()
    assert (said.out, said.err.count("\n")) == ("", 1)
    assert "Did you mean 'shrug'?" in said.err
