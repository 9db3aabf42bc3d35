"""A recording in the making: whatever ends the program, what was appended can be read."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from repsense.errors import RecordingError
from repsense.recording.format import read_recording
from repsense.recording.writer import RecordingWriter
from repsense.samples import SampleBlock


def block(start: int, stop: int, *, gyro: bool = False, rate_hz: float = 50.0) -> SampleBlock:
    count = stop - start
    accel_g = np.tile([0.0, 0.1, 1.0], (count, 1)) + np.arange(start, stop)[:, None] / 1000
    return SampleBlock(
        t_s=np.arange(start, stop) / rate_hz,
        accel_g=accel_g,
        gyro_dps=np.full((count, 3), 2.5) if gyro else None,
    )


@pytest.mark.parametrize("gyro", [False, True])
def test_appended_blocks_are_one_recording(tmp_path: Path, gyro: bool) -> None:
    path = tmp_path / "live.csv"
    with RecordingWriter(path, metadata={"wearer": "Ana"}) as writer:
        for start in range(0, 100, 20):
            writer.append(block(start, start + 20, gyro=gyro))
    recording = read_recording(path)
    whole = block(0, 100, gyro=gyro)
    assert recording.metadata == {"wearer": "Ana"}
    assert writer.samples == len(recording.block) == 100
    np.testing.assert_allclose(recording.block.accel_g, whole.accel_g, atol=1e-5)
    assert (recording.block.gyro_dps is not None) is gyro


KILLED_WHILE_RECORDING = """
import os, signal, sys
import numpy as np
from repsense.recording.writer import RecordingWriter
from repsense.samples import SampleBlock
writer = RecordingWriter(sys.argv[1])
for start in range(0, 500, 10):
    t_s = np.arange(start, start + 10) / 50
    writer.append(SampleBlock(t_s=t_s, accel_g=np.ones((10, 3))))
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_a_killed_program_loses_nothing(tmp_path: Path) -> None:
    path = tmp_path / "live.csv"
    done = subprocess.run(
        [sys.executable, "-c", KILLED_WHILE_RECORDING, str(path)], check=False, timeout=100
    )
    assert done.returncode == -9
    assert len(read_recording(path).block) == 500


def test_a_running_recording_can_be_read(tmp_path: Path) -> None:
    with RecordingWriter(tmp_path / "live.csv") as writer:
        writer.append(block(0, 30))
        assert len(read_recording(writer.path).block) == 30


def test_an_existing_recording_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "live.csv"
    path.write_text("precious")
    with pytest.raises(RecordingError, match="exists already and is left as it is"):
        RecordingWriter(path)
    assert path.read_text() == "precious"


def test_a_packed_name_and_a_missing_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="survives a crash"):
        RecordingWriter(tmp_path / "live.csv.gz")
    with pytest.raises(RecordingError, match="there is no folder"):
        RecordingWriter(tmp_path / "nowhere" / "live.csv")
    assert list(tmp_path.iterdir()) == []


def test_what_one_file_cannot_hold_is_refused_and_the_file_stays_good(tmp_path: Path) -> None:
    with RecordingWriter(tmp_path / "live.csv") as writer:
        writer.append(block(10, 20))
        with pytest.raises(RecordingError, match=r"runs backwards from 0\.38 s to 0 s"):
            writer.append(block(0, 5))
        with pytest.raises(RecordingError, match="now sends angular rate"):
            writer.append(block(20, 25, gyro=True))
        writer.append(block(20, 20))
        writer.append(block(20, 30))
    assert len(read_recording(writer.path).block) == 20


def test_samples_closer_than_the_files_resolution_are_left_out(tmp_path: Path) -> None:
    with RecordingWriter(tmp_path / "live.csv") as writer:
        for t_s in ([0.0, 1e-6, 0.02], [0.020001, 0.04]):
            accel_g = np.ones((len(t_s), 3))
            writer.append(SampleBlock(t_s=np.array(t_s), accel_g=accel_g))
    assert read_recording(writer.path).block.t_s.tolist() == [0.0, 0.02, 0.04]


def test_angular_rate_that_is_no_number_is_refused(tmp_path: Path) -> None:
    bad = SampleBlock(
        t_s=np.array([1.0]), accel_g=np.ones((1, 3)), gyro_dps=np.full((1, 3), np.nan)
    )
    with (
        RecordingWriter(tmp_path / "live.csv") as writer,
        pytest.raises(RecordingError, match="sample 1: gx_dps is nan"),
    ):
        writer.append(bad)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with RecordingWriter(tmp_path / "live.csv") as writer:
        writer.append(block(0, 10))
    full = Path("/dev/full").open("w", encoding="utf-8")  # noqa: SIM115 - the writer closes it
    monkeypatch.setattr(writer, "_file", full)
    with pytest.raises(RecordingError, match="No space left on device"):
        writer.append(block(10, 20))
    with pytest.raises(RecordingError, match="No space left on device"):
        writer.close()
