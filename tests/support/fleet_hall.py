"""A broker, a gateway that sends what it is told, and an ear: what a fleet's workers work for."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Any

from listening import PATIENCE_S, RECORDING, recorded_set

from repsense.batches import Packer, encode
from repsense.fleet.settings import FleetSettings
from repsense.fleet.worker import Worker
from repsense.pipeline.pipeline import Pipeline
from repsense.samples import LinkReport, LinkState
from repsense.service import warm_up
from repsense.sinks.mqtt.client import MqttLink
from repsense.sinks.mqtt.mosquitto import find_mosquitto, mosquitto
from repsense.sinks.mqtt.outbox import MemoryOutbox, OutgoingEvent
from repsense.sinks.mqtt.settings import BrokerSettings
from repsense.sinks.mqtt.topics import Topics
from repsense.sinks.mqtt.wire import Message

TOPICS = Topics()


def new_engine(_wearer: str) -> Pipeline:
    return Pipeline()


def messages(stream: str = "a") -> list[str]:
    packer = Packer(stream, span_s=1.0)
    batches = [batch for block in recorded_set().cut(10) for batch in packer.add(block)]
    ended = LinkReport(state=LinkState.ENDED, sensor=RECORDING.name)
    return [encode(batch) for batch in [*batches, *packer.report(ended)]]


class Hall:
    """A broker, a gateway that sends what it is told, and an ear."""

    def __init__(self, broker: BrokerSettings, folder: Path, partitions: int) -> None:
        self.settings = FleetSettings(
            broker=broker,
            snapshots=folder,
            new_engine=new_engine,
            partitions=partitions,
            keep_s=0.5,
        )
        self.patience_s = PATIENCE_S
        self.heard: list[Message] = []
        self._news = asyncio.Event()
        self.link = MqttLink(
            broker,
            subscriptions=("repsense/#",),
            outbox=MemoryOutbox(100_000),
            on_message=self._hear,
        )
        self._sent = 0

    def _hear(self, message: Message) -> None:
        self.heard.append(message)
        self._news.set()

    def send(self, wearer: str, texts: Sequence[str]) -> None:
        for text in texts:
            self._sent += 1
            topic = TOPICS.samples(wearer, wearer, self.settings.partitions)
            self.link.send(OutgoingEvent(key=f"{self._sent}", topic=topic, payload=text))

    async def until(self, test: Callable[[Message], bool]) -> Message:
        async with asyncio.timeout(self.patience_s):
            while True:
                for message in self.heard:
                    if test(message):
                        return message
                self._news.clear()
                await self._news.wait()

    async def until_event(self, wearer: str, kind: str, event: str) -> dict[str, Any]:
        topic = f"repsense/{wearer}/{kind}"
        message = await self.until(
            lambda one: one.topic == topic and json.loads(one.payload)["event"] == event
        )
        fields: dict[str, Any] = json.loads(message.payload)
        return fields

    def events(self, wearer: str) -> list[dict[str, Any]]:
        """Return what was said of a wearer, each event once."""
        topics = {f"repsense/{wearer}/{kind}" for kind in ("rep", "set", "cue")}
        said = [json.loads(one.payload) for one in self.heard if one.topic in topics]
        return list({fields["id"]: fields for fields in reversed(said)}.values())[::-1]

    @asynccontextmanager
    async def worker(self) -> AsyncIterator[Worker]:
        worker = Worker(self.settings, 0, say=lambda _: None)
        working = asyncio.create_task(worker.work())
        try:
            yield worker
        finally:
            worker.stop()
            await working


@cache
def compile_first() -> None:
    """Have everything compiled: nothing that is waited for shall wait for that."""
    warm_up()


@asynccontextmanager
async def hall(folder: Path, partitions: int = 1) -> AsyncIterator[Hall]:
    compile_first()
    program = find_mosquitto()
    assert program is not None
    async with mosquitto(program) as port:
        made = Hall(BrokerSettings(host="127.0.0.1", port=port), folder, partitions)
        made.link.start()
        await made.link.first_connection()
        try:
            yield made
        finally:
            await made.link.stop()


async def online(hall: Hall, part: int = 0) -> None:
    """Wait until a partition is being counted."""
    topic = TOPICS.worker(part)
    await hall.until(
        lambda one: one.topic == topic and json.loads(one.payload).get("connected", False)
    )
