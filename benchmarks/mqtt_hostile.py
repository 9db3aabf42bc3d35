"""Ten thousand hostile commands over a real Mosquitto while a workout is counted.

    python benchmarks/mqtt_hostile.py --commands 10000

Replays a recording through the whole service twice: once in peace, once while a client sends
nonsense, near misses and attacks to its command topics, with bytes that are no text among them.
Every command to somebody must be answered as refused, the events must be the same, and nothing
may reach the log as an error.
"""

import asyncio
import itertools
import json
import logging
import random
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from options import add_json, described
from paho.mqtt import client as paho
from paho.mqtt.enums import CallbackAPIVersion

from repsense.events import Event, SensorState
from repsense.pipeline.pipeline import Pipeline
from repsense.service import WearerJob, obey, run_service
from repsense.sinks.base import Notice
from repsense.sinks.mqtt.broker import provide_broker
from repsense.sinks.mqtt.settings import BrokerSettings
from repsense.sinks.mqtt.sink import MqttSink
from repsense.sources.replay import ReplaySource

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests" / "support"))

from hostile import hostile, would_be_done  # noqa: E402 - the path above leads there

PATIENCE_S = 60.0
SPEED = 10.0  # of the replay that is attacked


class Witness:
    """A sink that keeps the events, and the errors that reach the log."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    async def start(self) -> None:
        """Need nothing."""

    def take(self, notice: Notice) -> None:
        """Keep what the engine said."""
        if not isinstance(notice.event, SensorState):
            self.events.append(notice.event)

    def take_block(self, wearer: str, block: object) -> None:
        """Ignore samples."""

    async def stop(self) -> None:
        """Need nothing."""


class ErrorCounter(logging.Handler):
    """Counts what is logged as an error."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.count = 0

    def emit(self, record: logging.LogRecord) -> None:
        """Count it."""
        self.count += 1


class Attacker:
    """Sends commands and counts the answers."""

    def __init__(self, port: int) -> None:
        self.answers: Counter[str] = Counter()
        self.news = threading.Condition()
        self._ready = threading.Event()
        self._client = paho.Client(CallbackAPIVersion.VERSION2)
        self._client.on_message = self._on_message
        self._client.on_subscribe = lambda *_: self._ready.set()
        self._client.on_connect = lambda *_: self._client.subscribe("repsense/+/response", 1)
        self._client.connect("127.0.0.1", port)
        self._client.loop_start()
        assert self._ready.wait(PATIENCE_S)

    def _on_message(self, _c: object, _u: object, message: paho.MQTTMessage) -> None:
        with self.news:
            self.answers[json.loads(message.payload)["status"]] += 1
            self.news.notify_all()

    def attack(self, exercises: tuple[str, ...], commands: int) -> int:
        """Send the commands, none of which may be carried out; return how many want an answer."""
        wanted = 0
        for topic, payload in itertools.islice(sendable(exercises), commands):
            self._client.publish(topic, payload, qos=0).wait_for_publish(PATIENCE_S)
            wanted += topic.count("/") == 3 and not topic.startswith("repsense/bridge/")
            self._wait_for(wanted - 50)  # no faster than it is answered: the broker drops the rest
        self._wait_for(wanted)
        return wanted

    def _wait_for(self, answers: int) -> None:
        with self.news:
            self.news.wait_for(lambda: self.answers.total() >= answers, PATIENCE_S)

    def close(self) -> None:
        """Disconnect."""
        self._client.disconnect()
        self._client.loop_stop()


def sendable(exercises: tuple[str, ...]) -> Iterator[tuple[str, bytes]]:
    """Yield what a broker takes and nobody may carry out, some of it no text at all."""
    chance = random.Random(1)
    for topic, payload in hostile(seed=8):
        noise = chance.randbytes(8) if chance.random() < 0.2 else b""
        sent = noise + payload.encode()
        # Mosquitto hangs up on control characters in a topic.
        hopeless = any(ord(character) < 32 for character in topic)
        if not hopeless and not would_be_done(topic, sent.decode(errors="replace"), exercises):
            yield topic, sent


async def peace(recording: Path) -> list[Event]:
    witness = Witness()
    job = WearerJob(name="anna", source=ReplaySource(recording, None), pipeline=Pipeline())
    await run_service([job], [witness], say=lambda _: None)
    return witness.events


async def measure(recording: Path, commands: int) -> dict[str, Any]:
    expected = await peace(recording)
    errors, witness = ErrorCounter(), Witness()
    logging.getLogger().addHandler(errors)
    async with provide_broker(BrokerSettings()) as broker:
        job = WearerJob(name="anna", source=ReplaySource(recording, SPEED), pipeline=Pipeline())
        connected = asyncio.Event()

        def hear(text: str) -> None:
            if text.startswith("Connected"):
                connected.set()

        sink = MqttSink(broker.settings, wearers=["anna"], on_command=obey([job]), on_status=hear)
        serving = asyncio.create_task(run_service([job], [sink, witness], say=lambda _: None))
        await connected.wait()
        attacker = Attacker(broker.port)
        wanted = await asyncio.to_thread(attacker.attack, tuple(job.orders.exercises), commands)
        while_counting = not serving.done()
        await serving
        attacker.close()
    return {
        "commands": commands,
        "answers_wanted": wanted,
        "refused": attacker.answers["refused"],
        "carried_out": attacker.answers["ok"],
        "errors_logged": errors.count,
        "events": len(witness.events),
        "events_changed": witness.events != expected,
        "all_while_counting": while_counting,
    }


def main() -> None:
    parser = described(__doc__)
    parser.add_argument("--commands", type=int, default=10_000)
    parser.add_argument("--recording", type=Path, default=ROOT / "recordings" / "workout.csv.gz")
    add_json(parser)
    given = parser.parse_args()
    figures = asyncio.run(measure(given.recording, given.commands))
    if given.json:
        print(json.dumps(figures))
    else:
        print(", ".join(f"{key} {value}" for key, value in figures.items()))
    answered = figures["refused"] == figures["answers_wanted"]
    harmed = figures["carried_out"] or figures["errors_logged"] or figures["events_changed"]
    sys.exit(bool(harmed or not answered or not figures["all_while_counting"]))


if __name__ == "__main__":
    main()
