"""A phone with phyphox as a source: its remote interface is asked a few times a second."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from http.client import HTTPConnection, HTTPException

from repsense.errors import DecodeError
from repsense.samples import LinkReport, LinkState, SampleBlock
from repsense.sources.ble.drivers.base import Batch, Timing
from repsense.sources.clock import clock_for
from repsense.sources.phone import phyphox
from repsense.sources.pushed import SILENT_S

# Often enough for a live count; each question takes the phone some 10 ms.
POLL_S = 0.2
# Also the longest that closing waits for an answer.
_TIMEOUT_S = 1.5
# Days of samples; whoever sends more is no phyphox.
_MOST_BYTES = 64_000_000
# Nothing new for this long may mean that the buffers were cleared and time began anew, s.
_LOOK_AROUND_S = 2.0
_FIRST_WAIT_S, _LONGEST_WAIT_S = 1.0, 10.0
_RATE_HZ = 50.0


class PhyphoxSource:
    """Stream what phyphox measures until closed; start the experiment where it is paused.

    Parameters
    ----------
    address
        What phyphox shows when remote access is allowed, like ``http://192.168.0.42:8080``.
    poll_s
        How often it is asked, s.
    origin_s
        Event loop time that is 0 on the blocks' clock; None: when the stream begins.

    Raises
    ------
    SourceError
        When the address is none.
    """

    def __init__(
        self, address: str, *, poll_s: float = POLL_S, origin_s: float | None = None
    ) -> None:
        self._host, self._port = phyphox.host_and_port(address)
        self._poll_s = poll_s
        self._origin_s = origin_s
        self._clock = clock_for(Timing.DEVICE, _RATE_HZ, origin_s=0.0)
        self._state = LinkState.SEARCHING
        self._lost = 0
        self._started = False

    @property
    def name(self) -> str:
        """App and address of the phone."""
        return f"{phyphox.TITLE} ({self._host}:{self._port})"

    async def stream(self) -> AsyncGenerator[SampleBlock | LinkReport, None]:
        """Yield blocks and reports until closed; see :class:`repsense.sources.base.Source`."""
        now_s = asyncio.get_running_loop().time()
        origin_s = now_s if self._origin_s is None else self._origin_s
        self._clock = clock_for(Timing.DEVICE, _RATE_HZ, origin_s=origin_s)
        yield self._report(LinkState.SEARCHING, f"Asking {self.name}.")
        wait_s, told = _FIRST_WAIT_S, ""
        try:
            while True:
                try:
                    async with contextlib.aclosing(self._visit()) as items:
                        async for item in items:
                            wait_s, told = _FIRST_WAIT_S, ""
                            yield item
                except (_UnreachableError, DecodeError) as error:
                    if str(error) != told:
                        told = str(error)
                        been = self._state in {LinkState.STREAMING, LinkState.SILENT}
                        yield self._report(LinkState.LOST if been else LinkState.SEARCHING, told)
                    await asyncio.sleep(wait_s)
                    wait_s = min(2.0 * wait_s, _LONGEST_WAIT_S)
        finally:
            await self._leave()

    async def _visit(self) -> AsyncGenerator[SampleBlock | LinkReport, None]:
        """Read one experiment, until another one is opened."""
        loop = asyncio.get_running_loop()
        experiment = phyphox.read_config(await self._get("/config"))
        newest_s = phyphox.read_newest(await self._get(experiment.newest()), experiment)
        self._clock.connected()
        session, new_at_s, looked_s = None, loop.time(), loop.time()
        while True:
            news = phyphox.read_news(await self._get(experiment.since(newest_s)), experiment)
            now_s = loop.time()
            if session not in {None, news.session}:
                return
            if session is None and not news.measuring:
                await self._get("/control?cmd=start")
                self._started = True
            session = news.session
            if news.batch is not None and news.batch.device_s is not None:
                newest_s, new_at_s = float(news.batch.device_s[-1]), now_s
                for item in self._placed(news.batch, now_s):
                    yield item
            elif now_s - new_at_s > SILENT_S and self._state is not LinkState.SILENT:
                yield self._report(LinkState.SILENT, _why_silent(measuring=news.measuring))
            elif now_s - max(new_at_s, looked_s) > _LOOK_AROUND_S:
                looked_s = now_s
                if await self._was_cleared(experiment, newest_s):
                    newest_s = phyphox.BEFORE_ALL_S
                    self._clock.connected()
            await asyncio.sleep(self._poll_s)

    async def _was_cleared(self, experiment: phyphox.Experiment, newest_s: float) -> bool:
        answer = await self._get(experiment.newest())
        return phyphox.read_newest(answer, experiment) < newest_s

    def _placed(self, batch: Batch, now_s: float) -> list[SampleBlock | LinkReport]:
        block = self._clock.place(batch, now_s)
        if block is None:
            return []
        self._lost += block.lost
        if self._state is LinkState.STREAMING:
            return [block]
        return [self._report(LinkState.STREAMING, ""), block]

    def _report(self, state: LinkState, detail: str) -> LinkReport:
        self._state = state
        return LinkReport(state=state, sensor=self.name, detail=detail, lost_samples=self._lost)

    async def _leave(self) -> None:
        """Pause the experiment if it was we who started it."""
        if self._started:
            self._started = False
            with contextlib.suppress(_UnreachableError):
                await self._get("/control?cmd=stop")

    async def _get(self, path: str) -> bytes:
        # One connection a question: phyphox on Android does not keep them.
        connection = HTTPConnection(self._host, self._port, timeout=_TIMEOUT_S)
        try:
            return await asyncio.to_thread(_ask, connection, path)
        except (OSError, HTTPException) as error:
            raise _UnreachableError(
                f"{self.name} does not answer ({_reason(error)}): is phyphox open with an "
                f"experiment, remote access allowed, the screen on, and the phone in this network?"
            ) from error


class _UnreachableError(Exception):
    """The phone does not answer: why, for the person."""


def _ask(connection: HTTPConnection, path: str) -> bytes:
    try:
        connection.request("GET", path, headers={"Connection": "close"})
        answer = connection.getresponse()
        if answer.status != 200:
            raise HTTPException(f"it answers {answer.status} {answer.reason}")
        body = answer.read(_MOST_BYTES + 1)
    finally:
        connection.close()
    if len(body) > _MOST_BYTES:
        raise HTTPException("it sends without end")
    return body


def _reason(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return str(error) or type(error).__name__


def _why_silent(*, measuring: bool) -> str:
    if measuring:
        return "The experiment runs, but measures nothing: is the screen of the phone on?"
    return "The experiment was paused on the phone: press the triangle there."
