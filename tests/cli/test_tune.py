"""``repsense tune``: what it finds, on whom it judges it, and what it writes down."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import called
import pytest
from some_people import write_curls

pytest.importorskip("optuna", reason="the extra 'tune' is not installed")

# So strict that hardly anything counts; a search finds its way back.
SPOILED = "# mine\npipeline:\n  sets:\n    evidence_min: 4.0  # strict\n"
WORDS = ("--jobs", "1", "--trials", "8", "--setting", "sets.evidence_min")


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_curls(tmp_path_factory.mktemp("curls"))


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))


@pytest.fixture
def spoiled(tmp_path: Path) -> Path:
    path = tmp_path / "mine.yaml"
    path.write_text(SPOILED)
    return path


def exit_code(*words: str | Path) -> int:
    return called.exit_code("tune", *words)


def without_times(fields: dict[str, Any]) -> dict[str, Any]:
    assert fields.pop("took_s") >= fields.pop("searched_s") >= 0
    return fields


def tuned(capsys: pytest.CaptureFixture[str], *words: str | Path) -> dict[str, Any]:
    assert exit_code(*words, "--json") == 0
    fields: dict[str, Any] = json.loads(capsys.readouterr().out)
    return without_times(fields)


def test_the_winner_is_judged_by_others_and_written_into_the_configuration(
    index: Path, spoiled: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fields = tuned(capsys, index, *WORDS, "--people-out", "c", "--write", spoiled)
    assert fields["searched_on"] == {"people": ["a", "b"], "files": 4}
    assert [judged["name"] for judged in fields["judged_by"]] == ["c"]
    assert fields["helps"]
    judged = fields["judged_by"][0]
    assert judged["after"]["worth"] > judged["before"]["worth"]
    assert judged["better"] > judged["worse"]
    found = fields["values"]["sets.evidence_min"]
    assert spoiled.read_text() == SPOILED.replace("4.0", repr(found))


def test_the_same_seed_gives_the_same_winner_and_a_study_answers_again(
    index: Path, spoiled: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = (index, *WORDS, "--people-out", "c", "--study", tmp_path / "my.study")
    first = tuned(capsys, *words)
    assert tuned(capsys, *words) == first
    assert exit_code(*words, "--seed", "2") == 2
    assert "another search: it differs in its seed" in capsys.readouterr().err


def test_where_nothing_is_gained_nothing_is_written(
    index: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = tmp_path / "own.yaml"
    own.write_text("# all defaults\n")
    assert exit_code(index, *WORDS, "--fold", "2", "--write", own) == 0
    out, err = capsys.readouterr()
    assert "Nothing better was found" in out
    assert "is left as it is" in out
    assert own.read_text() == "# all defaults\n"
    assert "8 of 8 trials, 0 stopped early, none better than the start" in err


def test_nested_judges_everybody_by_a_search_that_never_saw_them(
    index: Path, spoiled: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    study = tmp_path / "my.study"
    nested = tuned(
        capsys, index, *WORDS, "--nested", "--write", spoiled, "--study", study, "--folds", "3"
    )
    assert nested["searched_on"]["people"] == ["a", "b", "c"]
    assert [judged["name"] for judged in nested["judged_by"]] == ["a", "b", "c", "all"]
    assert sorted(fold["without"] for fold in nested["nested"]) == [["a"], ["b"], ["c"]]
    # Each person's figure is that of the search without them, not that of the winner.
    for fold, judged in zip(
        sorted(nested["nested"], key=lambda fold: str(fold["without"])),
        nested["judged_by"],
        strict=False,
    ):
        spoiled.write_text(SPOILED)
        alone = tuned(capsys, index, *WORDS, "--people-out", *fold["without"], "--write", spoiled)
        assert alone["judged_by"] == [judged]
        assert alone["values"] == fold["values"]
    assert {path.name for path in tmp_path.glob("my.study*")} == {
        "my.study",
        *(f"my.study.{fold}" for fold in (1, 2, 3)),
    }
    assert exit_code(index, *WORDS, "--nested", "--people-out", "c") == 2
    assert "everybody is kept out of one search" in capsys.readouterr().err


def test_nested_says_that_the_winner_itself_has_no_score(
    index: Path, spoiled: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert exit_code(index, *WORDS, "--nested", "--folds", "2", "--write", spoiled) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "everybody judged by the one that never saw them" in said
    assert "Fold 2, without" in said
    assert "Written into" in said


def test_what_was_tuned_on_is_not_scored(index: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code(index, *WORDS, "--score-on", index) == 2
    assert "a0.csv cannot be scored, because it was tuned on" in capsys.readouterr().err


def test_people_and_settings_that_are_not_there_are_told(
    index: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert exit_code(index, "--people-out", "zoe") == 2
    assert "Nobody called 'zoe' is in the recordings" in capsys.readouterr().err
    assert exit_code(index, "--setting", "chains.speed") == 2
    assert "no setting 'chains.speed'" in capsys.readouterr().err
    assert exit_code(index, "--cluster", "nowhere") == 2
    assert capsys.readouterr().err


def test_a_cluster_finds_the_same_winner(
    index: Path, spoiled: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("ray", reason="the extra 'cluster' is not installed")
    words = (index, *WORDS, "--people-out", "c", "--write", spoiled)
    expected = tuned(capsys, *words)
    spoiled.write_text(SPOILED)
    cluster = ("--cluster", "local")
    # In a process of its own: Ray leaves handlers and sockets behind, and warns of its own.
    done = subprocess.run(
        [sys.executable, "-m", "repsense", "tune", *map(str, words), "--json", *cluster],
        capture_output=True,
        text=True,
        check=False,
        timeout=200,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert without_times(found) == expected
