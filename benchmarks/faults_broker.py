"""What a broker does wrong. Scripted, so that it can refuse, dawdle and be full at will."""

import asyncio
import json
import random
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from faults_air import session
from faults_table import Fault, Place, Seen

from repsense.events import SensorState, SetFinished
from repsense.pipeline.pipeline import Pipeline
from repsense.recording.format import Recording, write_recording
from repsense.samples import LinkReport, LinkState, SampleBlock
from repsense.service import WearerJob, run_service
from repsense.sinks.base import Notice
from repsense.sinks.mqtt import client, payloads
from repsense.sinks.mqtt.mosquitto import free_port
from repsense.sinks.mqtt.outbox_file import FileOutbox
from repsense.sinks.mqtt.settings import BrokerSettings
from repsense.sinks.mqtt.sink import MqttSink
from repsense.sources.replay import ReplaySource

_PATIENCE_S = 75.0
_NEVER = "what was waited for has not come"
_NOT_AUTHORISED, _QUOTA_EXCEEDED = 0x87, 0x97
_QUOTA = 5


@dataclass
class Script:
    """How the broker is.

    Parameters
    ----------
    refuses
        It lets nobody in.
    slow_s
        It takes so long for each answer.
    full
        So many events it refuses because it is full.
    """

    refuses: bool = False
    slow_s: float = 0.0
    full: int = 0


@dataclass
class ScriptedBroker:
    """Speaks as much of MQTT 5 as a publisher needs (OASIS MQTT 5.0, chapters 2 and 3)."""

    script: Script
    heard: Counter[str] = field(default_factory=Counter)
    texts: dict[str, str] = field(default_factory=dict)
    turned_away: set[str] = field(default_factory=set)
    changed: int = 0
    visits: int = 0
    news: asyncio.Event = field(default_factory=asyncio.Event)
    _open: set[asyncio.StreamWriter] = field(default_factory=set)
    _server: asyncio.Server | None = None

    async def start(self, port: int) -> None:
        """Listen."""
        self._server = await asyncio.start_server(self._talk, "127.0.0.1", port)

    async def stop(self) -> None:
        """Go away without a word."""
        if self._server is not None:
            self._server.close()
            for writer in list(self._open):
                writer.transport.abort()
            await self._server.wait_closed()
            self._server = None

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        try:
            while True:
                kind, body = await _packet(reader)
                if self.script.slow_s:
                    await asyncio.sleep(self.script.slow_s)
                answer = self._answer(kind, body)
                writer.write(answer)
                await writer.drain()
        except (EOFError, OSError, asyncio.CancelledError):
            pass  # one of the two has gone
        finally:
            self._open.discard(writer)
            writer.close()

    def _answer(self, kind: int, body: bytes) -> bytes:
        match kind >> 4:
            case 1:
                self.visits += 1
                return bytes([0x20, 3, 0, _NOT_AUTHORISED if self.script.refuses else 0, 0])
            case 3:
                return self._take(kind, body)
            case 8:
                return bytes([0x90, 4, body[0], body[1], 0, 0])
            case 12:
                return b"\xd0\x00"
            case _:
                return b""

    def _take(self, kind: int, body: bytes) -> bytes:
        length = int.from_bytes(body[:2])
        topic, rest = body[2 : 2 + length].decode(), body[2 + length :]
        if not kind & 0x06:
            return b""
        number, properties = rest[:2], rest[2]
        text = rest[3 + properties :].decode()
        if topic.rpartition("/")[2] in {"rep", "set"}:
            key = json.loads(text)["id"]
            if self.script.full > 0:
                self.script.full -= 1
                self.turned_away.add(key)
                return bytes([0x40, 4, *number, _QUOTA_EXCEEDED, 0])
            self.heard[key] += 1
            self.changed += self.texts.setdefault(key, text) != text
            self.news.set()
        return bytes([0x40, 2, *number])

    async def until(self, test: Callable[[], bool]) -> None:
        """Wait until something is true that only news can make true."""
        while not test():
            self.news.clear()
            await self.news.wait()


async def _packet(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    kind, length, shift = (await reader.readexactly(1))[0], 0, 0
    while True:
        digit = (await reader.readexactly(1))[0]
        length |= (digit & 0x7F) << shift
        shift += 7
        if digit < 0x80:
            return kind, await reader.readexactly(length)


@dataclass
class _Keys:
    """A sink that keeps the ids of what must reach the broker."""

    keys: set[str] = field(default_factory=set)
    sets: int = 0
    over: asyncio.Event = field(default_factory=asyncio.Event)

    async def start(self) -> None:
        """Need nothing."""

    def take(self, notice: Notice) -> None:
        """Keep the id."""
        kind = payloads.event_kind(notice.event)
        if kind in {"rep", "set"}:
            self.keys.add(notice.event_id)
            self.sets += isinstance(notice.event, SetFinished)
        if isinstance(notice.event, SensorState) and notice.event.state is LinkState.ENDED:
            self.over.set()

    def take_block(self, wearer: str, block: object) -> None:
        """Ignore samples."""

    async def stop(self) -> None:
        """Need nothing."""


@dataclass
class Stage:
    """A session being counted, and the broker it is published to."""

    broker: ScriptedBroker
    port: int
    keys: _Keys = field(default_factory=_Keys)
    said: list[str] = field(default_factory=list)

    def complete(self) -> bool:
        """Return whether the broker has had everything."""
        return self.keys.over.is_set() and self.keys.keys <= self.broker.heard.keys()


class _HeldOpen(ReplaySource):
    """A recording whose sensor stays connected when it is at its end."""

    async def stream(self) -> AsyncIterator[SampleBlock | LinkReport]:
        """Play it, and stay."""
        async for item in super().stream():
            yield item
        await asyncio.Event().wait()


async def _count(
    folder: Path, recording: Path, script: Script, act: Callable[[Stage], Awaitable[None]]
) -> Stage:
    stage = Stage(ScriptedBroker(script), free_port())
    stop = asyncio.Event()
    job = WearerJob(name="anna", source=_HeldOpen(recording, 60.0), pipeline=Pipeline())
    sink = MqttSink(
        BrokerSettings(host="127.0.0.1", port=stage.port, protocol="v5"),
        wearers=["anna"],
        outbox=FileOutbox(folder / "outbox.sqlite3"),
        on_status=stage.said.append,
    )
    serving = asyncio.create_task(
        run_service([job], [sink, stage.keys], say=stage.said.append, stop=stop)
    )
    try:
        async with asyncio.timeout(_PATIENCE_S):
            await act(stage)
    except TimeoutError:
        stage.said.append(_NEVER)
    finally:
        stop.set()
        await serving
        await stage.broker.stop()
    return stage


def _played(
    chance: random.Random,
    place: Place,
    script: Script,
    act: Callable[[Stage], Awaitable[None]],
    *,
    most_missing: int = 0,
) -> tuple[Seen, Stage]:
    if place.short:
        client.FULL_PAUSE_S = 0.5
    told = session(chance, replace(place, short=True))
    recording = place.folder / "session.csv"
    write_recording(recording, Recording(path=recording, block=told.block, metadata={}))
    stage = asyncio.run(_count(place.folder, recording, script, act))
    missing = len(stage.keys.keys - stage.broker.heard.keys())
    wrong = [f"after {_PATIENCE_S:g} s: {stage.said[-3:]}"] if _NEVER in stage.said else []
    if missing > most_missing:
        wrong.append(f"{missing} events never came, {most_missing} may be missing")
    if stage.broker.changed:
        wrong.append(f"{stage.broker.changed} ids came with other payloads")
    if stage.keys.sets < 1:
        wrong.append("no set was counted")
    twice = sum(count > 1 for count in stage.broker.heard.values())
    facts: dict[str, float | str] = {"events": len(stage.keys.keys), "missing": missing}
    return Seen(wrong, {**facts, "came_twice": twice}), stage


def _said(stage: Stage, part: str) -> int:
    return sum(part in text for text in stage.said)


async def _until_said(stage: Stage, part: str, times: int = 1) -> None:
    while _said(stage, part) < times:  # noqa: ASYNC110 - a plain list
        await asyncio.sleep(0.02)


def away(chance: random.Random, place: Place) -> Seen:
    """Be there late, go, and come back."""

    async def come_and_go(stage: Stage) -> None:
        await _until_said(stage, "No MQTT broker at")
        await stage.broker.start(stage.port)
        await stage.broker.until(lambda: bool(stage.broker.heard))
        await stage.broker.stop()
        await _until_said(stage, "is gone")
        await stage.keys.over.wait()
        # Going, it may have left the subscription unanswered: then this was never said yet.
        before = _said(stage, "Connected to")
        await stage.broker.start(stage.port)
        await _until_said(stage, "Connected to", times=before + 1)
        await stage.broker.until(stage.complete)

    seen, _ = _played(chance, place, Script(), come_and_go)
    return seen


def refusing(chance: random.Random, place: Place) -> Seen:
    async def refuse(stage: Stage) -> None:
        await stage.broker.start(stage.port)
        await _until_said(stage, "refuse")
        await stage.keys.over.wait()
        stage.broker.script.refuses = False
        await stage.broker.until(stage.complete)

    seen, stage = _played(chance, place, Script(refuses=True), refuse)
    return Seen(seen.wrong, {**seen.facts, "visits": stage.broker.visits})


def slow(chance: random.Random, place: Place) -> Seen:
    async def dawdle(stage: Stage) -> None:
        await stage.broker.start(stage.port)
        await stage.keys.over.wait()
        stage.broker.script.slow_s = 0.0
        await stage.broker.until(stage.complete)

    seen, _ = _played(chance, place, Script(slow_s=0.3), dawdle)
    return seen


def full(chance: random.Random, place: Place) -> Seen:
    async def fill(stage: Stage) -> None:
        await stage.broker.start(stage.port)
        await stage.keys.over.wait()
        await stage.broker.until(stage.complete)

    seen, stage = _played(chance, place, Script(full=_QUOTA), fill)
    if not any("is full" in text for text in stage.said):
        seen.wrong.append("nobody was told")
    return Seen(seen.wrong, {**seen.facts, "turned_away": len(stage.broker.turned_away)})


_ALL = "counting goes on, every event arrives in the end with its own id"

FAULTS = (
    Fault("broker away", f"at the start, and again in the middle: {_ALL}", away),
    Fault("broker refusing", f"said why; when it lets us in, {_ALL}", refusing),
    Fault("broker slow", f"0.3 s for each answer: {_ALL}", slow),
    Fault("broker full", f"refuses {_QUOTA} events, which is said: {_ALL}", full),
)
