"""The recorder, through files that are read again."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from repsense.recording.format import Recording, read_recording
from repsense.samples import Axis, SampleBlock, Worn, Wrist
from repsense.sinks.recorder import RecorderSink

EVENING = datetime(2026, 11, 20, 18, 0, 5, tzinfo=UTC)
WORN = Worn(along=Axis.MINUS_Y, out=Axis.PLUS_Z, wrist=Wrist.RIGHT)


def block(start_s: float, samples: int = 50, *, gyro: bool = False) -> SampleBlock:
    t_s = start_s + np.arange(samples) / 50.0
    accel_g = np.column_stack([np.sin(t_s), np.cos(t_s), np.ones(samples)])
    return SampleBlock(t_s=t_s, accel_g=accel_g, gyro_dps=10 * accel_g if gyro else None)


def record(
    folder: Path, blocks: Sequence[tuple[str, SampleBlock]], said: list[str]
) -> list[Recording]:
    async def scenario() -> None:
        sink = RecorderSink(folder, worn={"anna": WORN}, on_status=said.append, now=lambda: EVENING)
        await sink.start()
        for wearer, one in blocks:
            sink.take_block(wearer, one)
        await sink.stop()
        await sink.stop()

    asyncio.run(scenario())
    return [read_recording(path) for path in sorted(folder.glob("*.csv"))]


def test_what_arrives_is_what_is_read_again(tmp_path: Path) -> None:
    said: list[str] = []
    whole = block(0.0, 500, gyro=True)
    pieces = [("anna", piece) for piece in whole.cut(17)]
    (recording,) = record(tmp_path / "new" / "folder", pieces, said)
    np.testing.assert_allclose(recording.block.t_s, whole.t_s, atol=1e-5)
    np.testing.assert_allclose(recording.block.accel_g, whole.accel_g, atol=1e-5)
    assert recording.block.gyro_dps is not None
    assert recording.name.startswith("anna-20261120-")
    assert recording.metadata == {
        "wearer": "anna",
        "started_at": "2026-11-20T18:00:05+00:00",
        "worn": "right,-y,+z",
    }
    assert recording.worn == WORN
    assert len(said) == 1
    assert said[0].startswith("Recording anna into ")


def test_each_wearer_has_a_file(tmp_path: Path) -> None:
    recordings = record(
        tmp_path, [("anna", block(0.0)), ("ben", block(7.0)), ("anna", block(1.0))], []
    )
    assert [(r.metadata["wearer"], len(r.block)) for r in recordings] == [
        ("anna", 100),
        ("ben", 50),
    ]


def test_a_clock_that_restarts_begins_another_file(tmp_path: Path) -> None:
    said: list[str] = []
    recordings = record(tmp_path, [("anna", block(100.0)), ("anna", block(0.0))], said)
    assert sorted(float(r.block.t_s[0]) for r in recordings) == [0.0, 100.0]
    assert [text.split(" ")[0] for text in said][::2] == ["Recording", "Recording"]
    assert "clock has restarted" in said[1]


def test_a_folder_that_cannot_be_made_is_told_and_counting_goes_on(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    said: list[str] = []
    assert record(tmp_path / "file" / "folder", [("anna", block(0.0))], said) == []
    assert len(said) == 1
    assert said[0].startswith("Nothing is recorded: the folder ")


def test_a_folder_that_vanishes_is_told_once_and_counting_goes_on(tmp_path: Path) -> None:
    said: list[str] = []

    async def scenario() -> None:
        sink = RecorderSink(tmp_path / "gone", on_status=said.append, now=lambda: EVENING)
        await sink.start()
        (tmp_path / "gone").rmdir()
        for start_s in range(3):
            sink.take_block("anna", block(float(start_s)))
        await sink.stop()

    asyncio.run(scenario())
    assert len(said) == 1
    assert said[0].endswith("anna is not recorded any more; counting goes on.")


def test_an_empty_block_makes_no_file(tmp_path: Path) -> None:
    assert record(tmp_path, [("anna", block(0.0, 0))], []) == []
