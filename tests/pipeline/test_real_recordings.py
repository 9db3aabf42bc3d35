"""Some recordings of real people, so that nothing that works is lost unnoticed.

They are not part of the project; whoever has them says where with
``REPSENSE_RECORDINGS``. ``benchmarks/engine.py`` measures all of them.
"""

import os
from functools import cache
from pathlib import Path

import pytest

from repsense.recording.format import read_recording
from repsense.recording.index import IndexRow, read_index
from repsense.tuning.outcome import Run
from repsense.tuning.run import run_recording

NEXT_DOOR = Path(__file__).parents[3] / "shared" / "real_recordings"
FOLDER = Path(os.environ.get("REPSENSE_RECORDINGS", NEXT_DOOR))

pytestmark = pytest.mark.skipif(
    not (FOLDER / "index.csv").is_file(),
    reason="no recordings of real people here: name their folder in REPSENSE_RECORDINGS",
)

# One recording of each exercise, whole: with the walking and racking around the set.
GYM = (
    "021224_30DBP_W17_5_S3_R18_144729",
    "040125_DSP_W12_5_S2_R10_150921",
    "011224_APULL_W61_S1_R12_073628",
    "040125_SACLR_W4_5_S2_R16_151702",
    "120125_SAOCTE_W11_S2_R12_081424",
    "130125_DWC_W7_5_S1_R12_165433",
    "130125_IDBC_W7_5_S2_R12_164416",
    "130125_SBLP_W32_S1_R10_161235",
)
CLINIC = (
    "s1_e6_right_wrist_correct",
    "s1_e7_right_wrist_too_fast",
    "s2_e8_right_wrist_low_amplitude",
    "s2_e6_right_wrist_session",
    "s3_e8_right_wrist_session",
)


@cache
def rows() -> dict[str, IndexRow]:
    return {row.file: row for row in read_index(FOLDER / "index.csv")}


def counted(file: str) -> tuple[IndexRow, Run]:
    row = rows()[file]
    return row, run_recording(read_recording(row.path))


@pytest.mark.parametrize("name", GYM)
def test_whole_recordings_from_the_gym_are_counted_live(name: str) -> None:
    row, run = counted(f"applewatch_gym/{name}.csv")

    assert row.active_end_s is not None
    assert run.live_reps(row.active_end_s + 1.0) == row.reps_true
    assert run.reps == row.reps_true
    assert run.sets_that_went_down() == 0


@pytest.mark.parametrize("name", CLINIC)
def test_correct_fast_and_small_dumbbell_reps_are_counted(name: str) -> None:
    row, run = counted(f"pt_dumbbell/{name}.csv")

    assert run.reps == row.reps_true
    assert len([one for one in run.sets if one.reps]) == (3 if name.endswith("session") else 1)


@pytest.mark.parametrize("name", ["s03_a02_r04_L", "s03_a02_r03_R", "s01_a02_r03_L"])
def test_the_last_jumping_jack_counts_where_nothing_follows_it(name: str) -> None:
    row = rows()[f"berkeley_mhad/{name}.csv"]

    assert run_recording(read_recording(row.path), armed=True).reps == row.reps_true


def test_wrists_that_rest_on_bending_bodies_are_hardly_counted() -> None:
    bends = [file for file, row in rows().items() if row.exercise == "trunk_bend_seated"]

    assert len(bends) == 3
    assert sum(counted(file)[1].reps > 0 for file in bends) <= 1


def test_sitting_walking_and_turning_is_not_counted() -> None:
    walks = [file for file in rows() if file.startswith("spsw_watch_walk/")]

    assert walks
    assert {file: counted(file)[1].reps for file in walks} == dict.fromkeys(walks, 0)
