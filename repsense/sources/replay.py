"""A recording that stands in for a sensor, in real time, faster, or as fast as it can be taken."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np

from repsense.errors import RecordingError, SourceError
from repsense.recording.format import read_recording
from repsense.samples import LinkReport, LinkState, SampleBlock

# As long as what a band sends in one notification or two.
_PIECE_S = 0.1
# Without pacing, pieces only need to be short enough that others get a turn.
_SAMPLES_UNPACED = 1024


class ReplaySource:
    """Play a recording as a sensor would have sent it.

    Each block is due when its newest sample was measured, counted from the
    start of the replay: a consumer that was slow for a while is caught up with,
    so delays never add up.

    Parameters
    ----------
    path
        The recording.
    speed
        1 is real time, 4 four times as fast; None as fast as it is taken.
    clock, sleep
        What tells the time in s, and what waits for it.
    """

    def __init__(
        self,
        path: str | Path,
        speed: float | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.path = Path(path)
        self.speed = speed
        self._clock = clock
        self._sleep = sleep

    @property
    def name(self) -> str:
        """The file's name."""
        return self.path.name

    async def stream(self) -> AsyncIterator[SampleBlock | LinkReport]:
        """Yield that the sensor streams, the recording in blocks, and that it has ended.

        Raises
        ------
        SourceError
            When the recording cannot be read, or the speed is not above 0.
        """
        pieces = paced(await self._read(), self.speed)
        yield LinkReport(state=LinkState.STREAMING, sensor=self.name, detail=self._detail())
        begun_s = self._clock()
        for due_s, block in pieces:
            wait_s = begun_s + due_s - self._clock()
            # Waiting for nothing still gives the others on the loop their turn.
            await self._sleep(max(wait_s, 0.0))
            yield block
        yield LinkReport(
            state=LinkState.ENDED, sensor=self.name, detail="The recording is at its end."
        )

    async def _read(self) -> SampleBlock:
        if self.speed is not None and not self.speed > 0:
            raise SourceError(
                f"{self.path} cannot be played at speed {self.speed:g}: 1 is real time, 4 is four "
                f"times as fast."
            )
        try:
            recording = await asyncio.to_thread(read_recording, self.path)
        except RecordingError as error:
            raise SourceError(str(error)) from error
        return recording.block

    def _detail(self) -> str:
        pace = "as fast as it goes" if self.speed is None else f"at {self.speed:g} x real time"
        return f"A recording, played {pace}."


def paced(block: SampleBlock, speed: float | None) -> Iterator[tuple[float, SampleBlock]]:
    """Yield a recording in pieces, each with the time it is due, in s from the start.

    Parameters
    ----------
    speed
        1 is real time; None: everything is due at once.
    """
    if speed is None:
        for piece in block.cut(_SAMPLES_UNPACED):
            yield 0.0, piece
        return
    if not len(block):
        return
    since_start_s = block.t_s - block.t_s[0]
    # Pieces end where the clock passes a multiple of their length; a gap makes no empty ones.
    piece_of = np.floor_divide(since_start_s, _PIECE_S * max(speed, 1.0))
    edges = [0, *(np.flatnonzero(np.diff(piece_of)) + 1).tolist(), len(block)]
    for start, stop in pairwise(edges):
        yield float(since_start_s[stop - 1]) / speed, block.part(start, stop)
