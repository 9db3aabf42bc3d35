"""Many recordings at once: the same scores on one core as on two, and bad files are told."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from repsense.events import SetFinished
from repsense.recording.format import Recording, write_recording
from repsense.recording.index import Correction, IndexRow
from repsense.samples import FloatArray, SampleBlock
from repsense.tuning.evaluation import Conditions, Unreadable, evaluate_rows
from repsense.tuning.run import run_recording
from repsense.tuning.scoring import FileScore

RATE_HZ = 50.0


def curls(reps: int, rep_s: float = 3.0, rest_s: float = 8.0) -> SampleBlock:
    """Return a forearm that swings up by 100 degrees and back, with rests around."""
    t_s = np.arange(0, 2 * rest_s + reps * rep_s, 1 / RATE_HZ)
    phase = np.clip((t_s - rest_s) / rep_s, 0, reps)
    angle: FloatArray = np.radians(50.0) * (1 - np.cos(2 * np.pi * phase))
    accel_g = np.column_stack([np.cos(angle), np.sin(angle), 0.05 * np.ones_like(angle)])
    noise = np.random.default_rng(1).normal(0, 0.01, accel_g.shape)
    return SampleBlock(t_s=t_s, accel_g=accel_g + noise)


@pytest.fixture
def rows(tmp_path: Path) -> list[IndexRow]:
    made = []
    for reps in (5, 8):
        path = tmp_path / f"curls{reps}.csv"
        write_recording(path, Recording(path=path, block=curls(reps)))
        made.append(IndexRow(file=path.name, path=path, reps_true=reps, exercise="biceps_curl"))
    bad = tmp_path / "bad.csv"
    bad.write_text("t_s,ax_g\n0,1\n")
    made.insert(1, IndexRow(file="bad.csv", path=bad, reps_true=3))
    made.append(IndexRow(file="unknown.csv", path=tmp_path / "unknown.csv", reps_true=None))
    return made


@pytest.mark.parametrize(
    "conditions", [Conditions(), Conditions(armed=True, known_exercise=True)], ids=str
)
def test_jobs_change_nothing_but_the_time(rows: list[IndexRow], conditions: Conditions) -> None:
    one = list(evaluate_rows(rows, conditions=conditions, jobs=1))
    two = list(evaluate_rows(rows, conditions=conditions, jobs=2))
    assert one == two
    assert [result.file for result in one] == ["curls5.csv", "bad.csv", "curls8.csv"]
    assert isinstance(one[1], Unreadable)
    assert "the column ay_g is missing" in one[1].problem


def test_corrections_are_used(rows: list[IndexRow]) -> None:
    correction = Correction(file="curls5.csv", reps_stated=5, reps_seen=6)
    results = list(
        evaluate_rows(rows, conditions=Conditions(), corrections={"curls5.csv": correction})
    )
    seen = [(each.reps_true, each.reps_seen) for each in results if isinstance(each, FileScore)]
    assert seen == [(5, 6), (8, 8)]


def test_a_run_is_the_same_however_it_is_cut() -> None:
    recording = Recording(path=Path("curls.csv"), block=curls(6))
    whole = run_recording(recording)
    assert whole.start_s == 0.0
    assert whole.end_s == pytest.approx(33.98)
    assert whole == run_recording(recording, block_samples=7)
    assert sum(isinstance(event, SetFinished) for event in whole.events) == len(whole.sets)


def test_the_process_in_front_does_not_load_the_pipeline() -> None:
    say = (
        "import sys, repsense.tuning.evaluation, repsense.tuning.scoring\n"
        "print('numba' in sys.modules, any(name.startswith('repsense.pipeline')"
        " for name in sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", say], capture_output=True, text=True, check=True, timeout=100
    )
    assert done.stdout.split() == ["False", "False"]
