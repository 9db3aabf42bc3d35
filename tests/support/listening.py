"""A recorded set, what its replay counts, and a reader for sources that never end."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass, field
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Protocol

import numpy as np

from repsense.events import SetFinished
from repsense.pipeline.pipeline import Pipeline
from repsense.recording.format import read_recording
from repsense.samples import FloatArray, LinkReport, LinkState, SampleBlock

RECORDING = Path(__file__).parents[2] / "recordings" / "press_back.csv.gz"
PATIENCE_S = 60.0


def reps_in(blocks: list[SampleBlock]) -> list[int]:
    """Return the reps of each set that a pipeline finds."""
    pipeline = Pipeline()
    events = [event for block in blocks for event in pipeline.push(block)] + pipeline.flush()
    return [event.reps for event in events if isinstance(event, SetFinished)]


@cache
def recorded_set() -> SampleBlock:
    return read_recording(RECORDING).block


@cache
def replayed_reps() -> tuple[int, ...]:
    return tuple(reps_in([recorded_set()]))


class Streaming(Protocol):
    """A source whose stream can be closed."""

    def stream(self) -> AsyncGenerator[SampleBlock | LinkReport, None]: ...


@dataclass
class Seen:
    """What a source gave, and waiting for more of it."""

    items: list[SampleBlock | LinkReport] = field(default_factory=list)
    news: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def blocks(self) -> list[SampleBlock]:
        return [item for item in self.items if isinstance(item, SampleBlock)]

    @property
    def reports(self) -> list[LinkReport]:
        return [item for item in self.items if isinstance(item, LinkReport)]

    @property
    def states(self) -> list[LinkState]:
        return [report.state for report in self.reports]

    @property
    def phases(self) -> list[LinkState]:
        """The states, those that were told again left out."""
        return [state for state, _ in groupby(self.states)]

    @property
    def samples(self) -> int:
        return sum(len(block) for block in self.blocks)

    @property
    def lost(self) -> int:
        return sum(block.lost for block in self.blocks)

    @property
    def accel_g(self) -> FloatArray:
        return np.concatenate([block.accel_g for block in self.blocks])

    @property
    def t_s(self) -> FloatArray:
        return np.concatenate([block.t_s for block in self.blocks])

    @property
    def reps(self) -> tuple[int, ...]:
        return tuple(reps_in(self.blocks))

    async def until(self, test: Callable[["Seen"], bool], patience_s: float = PATIENCE_S) -> None:
        async with asyncio.timeout(patience_s):
            while not test(self):
                self.news.clear()
                await self.news.wait()


async def follow(
    source: Streaming, seen: Seen, enough: Callable[[Seen], bool] = lambda _: False
) -> None:
    """Read a source until it is enough, and close it."""
    async with aclosing(source.stream()) as stream:
        async for item in stream:
            seen.items.append(item)
            seen.news.set()
            if enough(seen):
                return


async def reading(source: Streaming, scenario: Callable[[Seen], Awaitable[None]]) -> Seen:
    """Read a source while a scenario unfolds, then close it."""
    seen = Seen()
    reader = asyncio.create_task(follow(source, seen))
    try:
        await seen.until(lambda now: bool(now.items))
        await scenario(seen)
    finally:
        reader.cancel()
        result = (await asyncio.gather(reader, return_exceptions=True))[0]
    if isinstance(result, Exception):
        raise result
    return seen
