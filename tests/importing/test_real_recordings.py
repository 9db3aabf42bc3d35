"""Recordings of real people, in their apps' own shapes, come back and count the same.

The files next door were converted from such exports. Here each is given its first
shape again, in a folder of the test's own.
"""

import os
from pathlib import Path

import foreign_files as shapes
import numpy as np
import pytest

from repsense.importing.base import Wish
from repsense.importing.registry import format_of
from repsense.importing.source import Source
from repsense.recording.format import Recording, read_recording
from repsense.tuning.run import run_recording

NEXT_DOOR = Path(__file__).parents[3] / "shared" / "real_recordings"
FOLDER = Path(os.environ.get("REPSENSE_RECORDINGS", NEXT_DOOR))

pytestmark = pytest.mark.skipif(
    not (FOLDER / "index.csv").is_file(),
    reason="no recordings of real people here: name their folder in REPSENSE_RECORDINGS",
)

FIRST_SHAPES = [
    ("applewatch_gym/011224_APULL_W61_S1_R12_073628.csv", shapes.sensor_logger_merged),
    ("metamotion_barbell/A_bench_half_2019-01-18T182828218.csv", shapes.metawear),
    ("pt_dumbbell/s1_e6_right_wrist_session.csv", shapes.physical_therapy),
]


@pytest.mark.parametrize(("file", "write"), FIRST_SHAPES, ids=[file for file, _ in FIRST_SHAPES])
def test_a_real_recording_comes_back_from_its_apps_shape(
    file: str, write: shapes.Writer, tmp_path: Path
) -> None:
    real = read_recording(FOLDER / file)
    source = Source(write(real.block, tmp_path))
    (again,) = format_of(source).read(source, Wish())

    assert np.abs(again.block.accel_g - real.block.accel_g).max() < 0.001
    assert np.abs(again.block.t_s - (real.block.t_s - real.block.t_s[0])).max() < 0.001
    imported = Recording(path=Path("again.csv"), block=again.block)
    assert run_recording(imported).reps == run_recording(real).reps > 0
