"""Phones of two makers give forces of opposite sign: their mirror image counts alike."""

from pathlib import Path

import pytest

from repsense.events import SetFinished
from repsense.pipeline.pipeline import Pipeline
from repsense.recording.format import read_recording
from repsense.samples import SampleBlock

RECORDINGS = sorted((Path(__file__).parents[2] / "recordings").glob("*.csv.gz"))


def counts(block: SampleBlock) -> list[int]:
    pipeline = Pipeline()
    events = pipeline.push(block) + pipeline.flush()
    return [event.reps for event in events if isinstance(event, SetFinished)]


@pytest.mark.parametrize("path", RECORDINGS, ids=lambda path: path.name.partition(".")[0])
def test_a_mirrored_recording_counts_alike(path: Path) -> None:
    block = read_recording(path).block
    mirrored = SampleBlock(t_s=block.t_s, accel_g=-block.accel_g, lost=block.lost)
    assert counts(mirrored) == counts(block)
