"""What is chosen without somebody is judged by that one alone, and nothing is counted twice."""

import json
import sys
from importlib import import_module
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from repsense.errors import StudyError
from repsense.pipeline.pipeline import PipelineParameters
from repsense.recording.format import Recording, write_recording
from repsense.recording.index import IndexRow
from repsense.samples import SampleBlock
from repsense.tuning.people import Example, digest_of
from repsense.tuning.space import ranges


def resting(seed: int) -> SampleBlock:
    t_s = np.arange(0.0, 10.0, 0.04)
    rest = np.tile([0.0, 0.0, 1.0], (len(t_s), 1))
    noise = np.random.default_rng(seed).normal(0.0, 0.003, rest.shape)
    return SampleBlock(t_s=t_s, accel_g=rest + noise)


def example(number: int, person: str, reps: int, exercise: str = "front_raise") -> Example:
    path = Path(f"{person}_{number}.csv")
    recording = Recording(path=path, block=resting(number))
    row = IndexRow(
        file=path.name,
        path=path,
        reps_true=reps,
        dataset="home",
        exercise=exercise,
        subject=person,
    )
    return Example(row=row, recording=recording, reps=reps, digest=digest_of(recording))


def test_the_setting_for_somebody_is_chosen_by_the_others_alone() -> None:
    trials, folds = import_module("leave_out_trials"), import_module("leave_out_folds")
    examples = [example(1, "anna", 10), example(2, "ben", 10), example(3, "cleo", 10)]
    reps = [
        [8, 8, 8],  # as it is: two off everywhere
        [3, 10, 10],  # right for all but Anna
        [10, 9, 8],  # right for Anna
    ]
    counted = [
        trials.Counted(
            number=number,
            values={"sets.evidence_min": float(number)},
            reps=dict(zip([one.digest for one in examples], some, strict=True)),
        )
        for number, some in enumerate(reps)
    ]
    table = folds.Table(examples, counted)
    by_name = {fold.name: fold for fold in table.folds("person")}
    assert by_name["home: anna"].chosen == 1
    assert by_name["home: anna"].figures.left_out.counts.mean_absolute_error == 7.0
    assert by_name["home: anna"].figures.default.counts.mean_absolute_error == 2.0
    assert by_name["home: ben"].chosen == 2
    # Where everything would be left out there is nothing to choose by.
    assert table.folds("data set") == []
    together = table.together(table.folds("person"), "person")
    assert together.left_out.counts.mean_absolute_error == pytest.approx((7 + 1 + 2) / 3)


def test_false_reps_decide_as_they_do_in_tuning() -> None:
    trials, folds = import_module("leave_out_trials"), import_module("leave_out_folds")
    examples = [example(1, "anna", 10), example(2, "ben", 0, "walk"), example(3, "cleo", 0, "walk")]
    digests = [one.digest for one in examples]
    reps = [[9, 0, 0], [10, 4, 4]]
    counted = [
        trials.Counted(number=number, values={}, reps=dict(zip(digests, some, strict=True)))
        for number, some in enumerate(reps)
    ]
    table = folds.Table(examples, counted)
    assert table.best() == 0
    assert list(table.worth()) == pytest.approx([(0.5 + 1 + 1) / 3, (1 + 0.2 + 0.2) / 3])
    walking = {fold.name: fold for fold in table.folds("exercise")}["walk"]
    assert walking.chosen == 1  # nobody else knows what walking costs
    assert walking.figures.left_out.false_per_h == pytest.approx(8 * 3600 / (2 * 9.96), rel=0.01)
    assert walking.figures.left_out.counts is None


def test_draws_begin_with_what_stands_stay_in_range_and_are_the_same_again() -> None:
    trials = import_module("leave_out_trials")
    parameters = PipelineParameters()
    searched = ranges(parameters)
    first, again = (list(islice(trials.drawn(parameters, searched, seed=3), 40)) for _ in range(2))
    assert first == again
    assert first[0]["sets.evidence_min"] == parameters.sets.evidence_min
    assert first[1:] != list(islice(trials.drawn(parameters, searched, seed=4), 1, 40))
    for one in searched:
        values = [draw[one.key] for draw in first]
        assert all(one.low <= value <= one.high for value in values)
        assert len(set(values)) > 5


def test_a_run_that_was_cut_short_counts_only_what_is_missing(tmp_path: Path) -> None:
    trials = import_module("leave_out_trials")
    examples = [example(number, "anna", 0) for number in range(3)]
    parameters = PipelineParameters()
    searched = ranges(parameters)
    task = trials.task_of(examples, searched, seed=1)

    def count(settings: int) -> object:
        return trials.count(
            examples,
            [],
            trials.drawn(parameters, searched, seed=1),
            store=trials.Store(tmp_path, task),
            settings_wanted=settings,
            jobs=1,
            tell=lambda done: None,
        )

    path = tmp_path / "counts.jsonl"
    count(2)
    whole = path.read_text("utf-8")
    path.write_text(whole[:-20], "utf-8")
    count(2)
    assert sorted(path.read_text("utf-8").splitlines()) == sorted(whole.splitlines())
    count(3)
    assert path.read_text("utf-8").startswith(whole[: whole.rfind("\n", 0, -20)])
    with pytest.raises(StudyError, match="seed"):
        trials.Store(tmp_path, trials.task_of(examples, searched, seed=2))


def test_the_command_prints_tables_and_json(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = ["file,dataset,exercise,subject,reps_true,label_check"]
    for number, person in enumerate(["anna", "ben"]):
        path = tmp_path / f"{person}.csv"
        write_recording(path, Recording(path=path, block=resting(number)))
        lines.append(f"{person}.csv,home,front_raise,{person},{2 * number},agree")
    (tmp_path / "index.csv").write_text("\n".join(lines) + "\n")
    (tmp_path / "corrections.csv").write_text("file,reps_stated,reps_seen,why\n")
    (tmp_path / "pt_dumbbell").mkdir()
    (tmp_path / "pt_dumbbell" / "rep_times.csv").write_text("file,source,rep,form,start_s,end_s\n")
    words = ["leave_out.py", "--recordings", str(tmp_path), "--store", str(tmp_path / "store")]
    words += ["--settings", "1", "--jobs", "1"]
    leave_out = import_module("leave_out")
    monkeypatch.setattr(sys, "argv", words)
    assert leave_out.main() == 0
    assert "each person left out" in capsys.readouterr().out
    monkeypatch.setattr(sys, "argv", [*words, "--json"])
    assert leave_out.main() == 0
    told = json.loads(capsys.readouterr().out)
    assert told["settings"] == 2
    assert [fold["name"] for fold in told["person"]["folds"]] == ["home: anna", "home: ben"]
