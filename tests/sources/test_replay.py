"""A recording as a sensor: everything arrives once, when it is due, and delays never add up."""

import asyncio
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from repsense.errors import SourceError
from repsense.recording.format import Recording, write_recording
from repsense.samples import LinkReport, LinkState, SampleBlock
from repsense.sources.replay import ReplaySource, paced


def walk(seconds: float = 10.0, rate_hz: float = 50.0) -> SampleBlock:
    count = int(seconds * rate_hz)
    t_s = 100.0 + np.arange(count) / rate_hz
    return SampleBlock(t_s=t_s, accel_g=np.tile([0.0, 0.0, 1.0], (count, 1)))


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    path = tmp_path / "walk.csv.gz"
    write_recording(path, Recording(path=path, block=walk()))
    return path


class Clock:
    """A clock that only waiting, or a slow consumer, moves."""

    def __init__(self) -> None:
        self.now_s = 5000.0

    def read(self) -> float:
        return self.now_s

    async def sleep(self, seconds: float) -> None:
        assert seconds >= 0
        self.now_s += seconds


async def played(
    source: ReplaySource, clock: Clock, *, slow_s: float = 0.0
) -> tuple[list[LinkReport], list[tuple[float, SampleBlock]]]:
    """Return the reports, and each block with the time it came; the first ten take long."""
    reports, blocks = [], []
    async for item in source.stream():
        if isinstance(item, LinkReport):
            reports.append(item)
            continue
        blocks.append((clock.now_s - 5000.0, item))
        clock.now_s += slow_s if len(blocks) <= 10 else 0.0
    return reports, blocks


@pytest.mark.parametrize("speed", [0.5, 1.0, 4.0])
def test_blocks_come_when_their_newest_sample_was_measured(recording: Path, speed: float) -> None:
    clock = Clock()
    source = ReplaySource(recording, speed, clock=clock.read, sleep=clock.sleep)
    reports, blocks = asyncio.run(played(source, clock))
    assert [report.state for report in reports] == [LinkState.STREAMING, LinkState.ENDED]
    assert {report.sensor for report in reports} == {"walk.csv.gz"} == {source.name}
    for came_s, block in blocks:
        assert came_s == pytest.approx((block.t_s[-1] - 100.0) / speed, abs=1e-6)
        assert block.t_s[-1] - block.t_s[0] <= 0.1 * max(speed, 1.0)
    joined = np.concatenate([block.t_s for _, block in blocks])
    assert joined.tolist() == walk().t_s.round(5).tolist()


def test_a_slow_consumer_is_caught_up_with(recording: Path) -> None:
    clock = Clock()
    source = ReplaySource(recording, 1.0, clock=clock.read, sleep=clock.sleep)
    _, blocks = asyncio.run(played(source, clock, slow_s=0.3))
    late_s = [came_s - (block.t_s[-1] - 100.0) for came_s, block in blocks]
    assert max(late_s) > 1.5
    assert late_s[-1] == pytest.approx(0.0, abs=1e-6)


def test_without_a_speed_nothing_waits(recording: Path) -> None:
    clock = Clock()
    source = ReplaySource(recording, clock=clock.read, sleep=clock.sleep)
    _, blocks = asyncio.run(played(source, clock))
    assert blocks[-1][0] == 0.0
    assert sum(len(block) for _, block in blocks) == 500


def test_the_real_clock_is_kept(recording: Path) -> None:
    async def seconds_taken() -> float:
        loop = asyncio.get_running_loop()
        begun_s = 0.0
        async for item in ReplaySource(recording, 100.0).stream():
            if isinstance(item, LinkReport) and item.state is LinkState.STREAMING:
                begun_s = loop.time()
        return loop.time() - begun_s

    assert 0.09 <= asyncio.run(seconds_taken()) < 5.0


@pytest.mark.parametrize("speed", [0.0, -1.0, float("nan")])
def test_a_speed_that_is_not_above_zero_is_refused(recording: Path, speed: float) -> None:
    with pytest.raises(SourceError, match="cannot be played at speed"):
        asyncio.run(played(ReplaySource(recording, speed), Clock()))


def test_a_recording_that_cannot_be_read_is_the_sources_failure(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"gone\.csv does not exist"):
        asyncio.run(played(ReplaySource(tmp_path / "gone.csv"), Clock()))


@given(
    steps=st.lists(st.floats(0.001, 30.0), min_size=1, max_size=200),
    speed=st.none() | st.floats(0.1, 50.0),
)
def test_pieces_put_together_are_the_recording(steps: list[float], speed: float | None) -> None:
    t_s = np.cumsum(steps)
    whole = SampleBlock(t_s=t_s, accel_g=np.outer(t_s, [1.0, 2.0, 3.0]))
    pieces = list(paced(whole, speed))
    assert np.concatenate([piece.t_s for _, piece in pieces]).tolist() == t_s.tolist()
    assert all(len(piece) for _, piece in pieces)
    due_s = [due for due, _ in pieces]
    assert due_s == sorted(due_s)
