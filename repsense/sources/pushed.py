"""A sensor that is not asked but sends by itself: a phone's app, a page, a gateway.

Who receives its messages (a web server, a broker's subscriber) puts them in;
what they are is a decoder's business, which like a driver's is pure.
"""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Iterable
from dataclasses import dataclass, replace
from typing import Protocol

from repsense.errors import DecodeError, SampleError
from repsense.samples import LinkReport, LinkState, SampleBlock
from repsense.sources.ble.drivers.base import Batch, Timing
from repsense.sources.clock import SensorClock, clock_for

#: Without samples for this long the sender is silent, s: several of its batches.
SILENT_S = 5.0
#: Blocks that wait for a reader at most; then the oldest go and are counted as lost.
CAPACITY = 4096
# How often the passing of time is looked at, and losses are told, s.
_TICK_S, _NEWS_S = 1.0, 5.0


@dataclass(frozen=True, slots=True)
class NewStream:
    """From here on the sender's counters and clock may have started anew; nothing was lost."""


Heard = Batch | LinkReport | NewStream


class PushDecoder(Protocol):
    """Reads the messages of one kind of sender."""

    @property
    def title(self) -> str:
        """The sender for people, like ``Sensor Logger``."""
        ...

    @property
    def rate_hz(self) -> float:
        """A rate at the low end of the usual; the real one is measured."""
        ...

    @property
    def knows_losses(self) -> bool:
        """Whether batches say how much was lost; else it is told from the holes in time."""
        ...

    def feed(self, message: str | bytes, now_s: float) -> Iterable[Heard]:
        """Return what a message brings, in the sender's time; nothing is fine.

        Raises
        ------
        DecodeError
            When the message is not of this kind: what is wrong, what to do.
        """
        ...

    def tick(self, now_s: float) -> Iterable[Heard]:
        """Return what the passing of time alone brings."""
        ...


class PushedSource:
    """Stream what is put in, from the moment somebody reads.

    Parameters
    ----------
    decoder
        Reads the messages.
    advice
        What a person has to do so that messages come, one sentence.
    origin_s
        Event loop time that is 0 on the blocks' clock; None: when the stream begins.
    """

    def __init__(self, decoder: PushDecoder, *, advice: str, origin_s: float | None = None) -> None:
        self._decoder = decoder
        self._origin_s = origin_s
        self._advice = advice
        self._clock: SensorClock | None = None
        self._items: deque[SampleBlock | LinkReport] = deque()
        self._news = asyncio.Event()
        self._state = LinkState.SEARCHING
        self._newest_s = 0.0
        self._told_s = 0.0
        self._lost = self._told_lost = 0
        self._dropped = 0  # of the queue, not yet told with a block
        self._begun_anew = False

    @property
    def name(self) -> str:
        """What kind of sender it is."""
        return self._decoder.title

    def put(self, message: str | bytes) -> None:
        """Take a message in. Call from the event loop; never blocks.

        Raises
        ------
        DecodeError
            When it cannot be read. The source goes on with the next one.
        """
        clock = self._clock
        if clock is None:
            return  # nobody reads yet, and what was before is nobody's set
        now_s = asyncio.get_running_loop().time()
        try:
            self._hear(clock, self._decoder.feed(message, now_s), now_s)
        except SampleError as error:
            raise DecodeError(str(error)) from error

    def gone(self, why: str) -> None:
        """Take that the sender has left."""
        if self._clock is not None and self._state is not LinkState.LOST:
            self._report(LinkState.LOST, why)

    async def stream(self) -> AsyncGenerator[SampleBlock | LinkReport, None]:
        """Yield blocks and reports until closed; see :class:`repsense.sources.base.Source`."""
        loop = asyncio.get_running_loop()
        origin_s = loop.time() if self._origin_s is None else self._origin_s
        self._clock = clock_for(Timing.DEVICE, self._decoder.rate_hz, origin_s=origin_s)
        self._report(LinkState.SEARCHING, self._advice)
        try:
            while True:
                while self._items:
                    yield self._next()
                self._news.clear()
                try:
                    async with asyncio.timeout(_TICK_S):
                        await self._news.wait()
                except TimeoutError:
                    self._tick(self._clock, loop.time())
        finally:
            self._clock = None
            self._items.clear()

    def _tick(self, clock: SensorClock, now_s: float) -> None:
        self._hear(clock, self._decoder.tick(now_s), now_s)
        quiet_s = now_s - self._newest_s
        if self._state is LinkState.STREAMING and quiet_s > SILENT_S:
            self._report(LinkState.SILENT, f"Nothing has come for {quiet_s:.0f} s. {self._advice}")

    def _hear(self, clock: SensorClock, heard: Iterable[Heard], now_s: float) -> None:
        for item in heard:
            match item:
                case NewStream():
                    clock.connected()
                    self._begun_anew = True
                case LinkReport():
                    self._forward(item)
                case Batch():
                    self._place(clock, item, now_s)

    def _place(self, clock: SensorClock, batch: Batch, now_s: float) -> None:
        block = clock.place(batch, now_s)
        if block is None:
            return
        if self._begun_anew or self._decoder.knows_losses:
            # Where a sender paused nothing was lost, however long the hole is.
            block, self._begun_anew = replace(block, lost=batch.lost), False
        self._newest_s = now_s
        self._lost += block.lost
        if self._state is not LinkState.STREAMING:
            self._told_s = now_s
            self._report(LinkState.STREAMING, "")
        elif self._lost != self._told_lost and now_s - self._told_s >= _NEWS_S:
            self._told_s = now_s
            lost = self._lost - self._told_lost
            self._report(LinkState.STREAMING, f"{lost} samples were lost on the way.")
        self._queue(block)

    def _next(self) -> SampleBlock | LinkReport:
        item = self._items.popleft()
        if isinstance(item, SampleBlock) and self._dropped:
            item, self._dropped = replace(item, lost=item.lost + self._dropped), 0
        return item

    def _queue(self, item: SampleBlock | LinkReport) -> None:
        if len(self._items) >= CAPACITY:
            oldest = self._items.popleft()
            if isinstance(oldest, SampleBlock):
                self._dropped += len(oldest) + oldest.lost
                self._lost += len(oldest)
        self._items.append(item)
        self._news.set()

    def _forward(self, report: LinkReport) -> None:
        """Pass a far sensor's state on; what was lost is counted here, where all of it is known."""
        self._state = report.state
        self._queue(replace(report, lost_samples=self._lost))

    def _report(self, state: LinkState, detail: str) -> None:
        self._state = state
        self._told_lost = self._lost
        self._queue(
            LinkReport(state=state, sensor=self.name, detail=detail, lost_samples=self._lost)
        )
