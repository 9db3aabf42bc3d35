"""The figures of the documents: made of scores, written between marks, with what they rest on."""

import json
import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest
from made_scores import of_people


@pytest.fixture
def evaluation() -> ModuleType:
    return import_module("evaluation")


def test_the_report_has_every_table_within_its_width(evaluation: ModuleType) -> None:
    text = evaluation.report(of_people(ann=[10, 9], bob=[10, 10]))
    heads = [line.split("  ")[0] for line in text.splitlines()]
    assert [head for head in heads if head in {"data set", "person", "all real recordings"}] == [
        "data set",
        "person",
        "all real recordings",
    ]
    gym = next(line for line in text.splitlines() if line.startswith("gym "))
    assert gym.split()[1:4] == ["4", "75.0", "50-100"]
    assert max(map(len, text.splitlines())) <= 118


def test_a_simulated_set_is_scored_with_all_that_is_known_of_it(evaluation: ModuleType) -> None:
    jobs = list(evaluation.simulated_jobs(2))
    assert len({(job.exercise, job.seed) for job in jobs}) == 20
    score = next(job for job in jobs if job.exercise == "front_raise").run()
    assert score.matches.reps_labelled == score.reps_true > 0
    assert score.person == "seed 0"
    assert score.idle_s > 0.0
    assert score.reps_live is not None
    assert len(score.matches.lift_errors_s) == score.matches.reps_found > 0


def test_without_recordings_it_says_so_and_writes_what_there_is(
    evaluation: ModuleType,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    page = tmp_path / "page.md"
    page.write_text("<!-- evaluation: begin -->\n<!-- evaluation: end -->\n")
    monkeypatch.setattr(evaluation, "EVALUATION", page)
    words = ["--recordings", str(tmp_path), "--seeds", "0", "--json", "--write"]
    monkeypatch.setattr(sys, "argv", ["evaluation.py", *words])
    assert evaluation.main() == 0
    out, err = capsys.readouterr()
    assert "only simulated sets" in err
    assert json.loads(out)["all"]["overall"]["files"] == 0
    assert page.read_text().startswith("<!-- evaluation: begin -->\n\nVersion ")
    assert "there are none here" in page.read_text()
