"""Samples through a real Mosquitto: what a gateway sends is what the other machine counts."""

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import jsonschema
import numpy as np
import pytest
from listening import Seen, reading, recorded_set, replayed_reps

from repsense import batches
from repsense.events import SensorState
from repsense.samples import LinkState, SampleBlock
from repsense.sinks.base import Notice
from repsense.sinks.mqtt import payloads
from repsense.sinks.mqtt.client import MqttLink
from repsense.sinks.mqtt.gateway import GatewaySink
from repsense.sinks.mqtt.inlet import MqttInlet
from repsense.sinks.mqtt.topics import Topics
from repsense.sources.phone.sensor_logger import SensorLoggerDecoder
from repsense.sources.pushed import PushedSource
from repsense.sources.remote import RemoteDecoder

# Broker, Ear and Said are the helpers in conftest.py.
Broker = Any
Listen = Callable[..., Any]
Said = Any

TOPICS = Topics()


def far_source() -> PushedSource:
    return PushedSource(RemoteDecoder(), advice="Start the gateway.")


async def connected(
    broker: Broker, source: PushedSource, said: Said
) -> tuple[GatewaySink, MqttInlet]:
    """Return a gateway's sink and the inlet of the machine that counts, both on the broker."""
    inlet = MqttInlet(broker.settings, {TOPICS.samples_filter("anna"): source.put}, on_status=said)
    sink = GatewaySink(broker.settings, wearers=["anna"])
    for one in (inlet, sink):
        await one.start()
        await one.link.first_connection()
    return sink, inlet


def test_the_count_at_the_other_end_is_that_of_the_replay(mosquitto: Broker, said: Said) -> None:
    recorded, source = recorded_set(), far_source()

    async def play(seen: Seen) -> None:
        sink, inlet = await connected(mosquitto, source, said)
        for block in recorded.cut(7):
            sink.take_block("anna", block)
        await sink.stop()
        await seen.until(lambda now: now.samples == len(recorded))
        await inlet.stop()

    seen = asyncio.run(reading(source, play))
    assert seen.reps == replayed_reps()
    assert np.array_equal(seen.accel_g, recorded.accel_g)
    assert seen.lost == 0


def test_a_set_published_by_sensor_logger_counts_as_its_replay(
    mosquitto: Broker, said: Said
) -> None:
    recorded = recorded_set()
    source = PushedSource(SensorLoggerDecoder(), advice="Press start.")

    def message(number: int, block: SampleBlock) -> str:
        readings = [
            {
                "name": "totalacceleration",
                "time": 1_700_000_000_000_000_000 + round(1e9 * t),
                "values": dict(zip("xyz", (9.80665 * accel).tolist(), strict=True)),
            }
            for t, accel in zip(block.t_s, block.accel_g, strict=True)
        ]
        return json.dumps({"messageId": number, "sessionId": "s", "payload": readings})

    async def play(seen: Seen) -> None:
        topic = TOPICS.phone("anna")
        inlet = MqttInlet(mosquitto.settings, {topic: source.put}, on_status=said)
        app = MqttLink(mosquitto.settings)
        await inlet.start()
        await inlet.link.first_connection()
        app.start()
        await app.first_connection()
        for number, block in enumerate(recorded.cut(100)):
            app.tell(topic, message(number, block))
        await seen.until(lambda now: now.samples == len(recorded))
        await app.stop()
        await inlet.stop()

    assert asyncio.run(reading(source, play)).reps == replayed_reps()


def test_what_is_lost_while_the_broker_restarts_is_counted_to_the_sample(
    mosquitto: Broker, said: Said
) -> None:
    recorded, source = recorded_set().part(0, 1500), far_source()

    async def play(seen: Seen) -> None:
        sink, inlet = await connected(mosquitto, source, said)
        sink.link.on_status = sink_said = type(said)()
        pieces = list(recorded.cut(50))
        for block in pieces[:10]:
            sink.take_block("anna", block)
        await seen.until(lambda now: now.samples == 500)
        mosquitto.kill()
        for one in (said, sink_said):
            await one.until("is gone")
        for block in pieces[10:20]:
            sink.take_block("anna", block)
        mosquitto.start()
        for one in (said, sink_said):
            await one.until("Connected")
        for block in pieces[20:]:
            sink.take_block("anna", block)
        await sink.stop()
        await seen.until(lambda now: now.samples + now.lost == 1500)
        await inlet.stop()

    seen = asyncio.run(reading(source, play))
    assert seen.accel_g[-1] == pytest.approx(recorded.accel_g[-1])
    assert (np.diff(seen.t_s) > 0).all()


def test_messages_go_to_the_wearer_s_part_and_follow_the_schema(
    mosquitto: Broker, listen: Listen
) -> None:
    block = SampleBlock(t_s=np.arange(20) / 50.0, accel_g=np.ones((20, 3)))
    state = SensorState(sensor="Verity", state=LinkState.LOST, detail="Gone.", announced_s=1.0)

    async def main() -> list[Any]:
        sink = GatewaySink(mosquitto.settings, wearers=["ann", "anna"], partitions=8)
        async with listen(mosquitto.settings) as ear:
            await sink.start()
            await sink.link.first_connection()
            for band in ("anna", "anna-right"):
                sink.take_block(band, block)
            notice = Notice(wearer="anna", event=state, at_utc=datetime.now(UTC), event_id="x")
            sink.take(notice)
            await sink.stop()
            part = f"repsense/bridge/samples/p/{batches.partition('anna', 8)}"
            await ear.until(f"{part}/anna-right")
            await ear.until(f"{part}/anna", lambda text: "state" in text)
            heard: list[Any] = ear.heard
            return heard

    heard = asyncio.run(main())
    assert len(heard) == 3
    for message in heard:
        assert not message.retained
        jsonschema.validate(json.loads(message.payload), payloads.schema("samples"))
    last = batches.decode(next(m.payload for m in heard if "state" in m.payload))
    assert (last.seq, last.first) == (1, 20)


def test_rubbish_on_the_topic_is_said_once_and_disturbs_nothing(
    mosquitto: Broker, said: Said
) -> None:
    recorded, source = recorded_set().part(0, 100), far_source()
    topic = TOPICS.samples("anna", "anna", batches.PARTITIONS)

    async def play(seen: Seen) -> None:
        sink, inlet = await connected(mosquitto, source, said)
        for text in ("rubbish", "rubbish", '{"v":1}', "rubbish"):
            sink.link.tell(topic, text)
        sink.take_block("anna", recorded)
        await sink.stop()
        await seen.until(lambda now: now.samples == 100)
        await inlet.stop()

    asyncio.run(reading(source, play))
    complaints = [text for text in said.all if topic in text]
    assert len(complaints) == 3
    assert "not JSON" in complaints[0]


def test_samples_are_no_wearer_s_topic_and_no_command() -> None:
    for topic in (TOPICS.samples("anna", "anna", 4), TOPICS.phone("anna")):
        assert TOPICS.parse_wearer(topic) is None
        assert TOPICS.parse_command(topic) is None
