"""What a dashboard sees of the MQTT sink, through a real Mosquitto."""

import asyncio
import json
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from paho.mqtt import publish

from repsense.errors import ConfigError
from repsense.sinks.base import Notice
from repsense.sinks.mqtt import payloads
from repsense.sinks.mqtt.settings import BrokerSettings
from repsense.sinks.mqtt.sink import MqttSink
from repsense.sinks.mqtt.topics import Topics

# Broker, Ear and Said are the helpers in conftest.py.
Broker = Any
Listen = Callable[..., Any]
Said = Any

TOPICS = Topics()


def schema_of(topic: str) -> str:
    """Return the name of the schema for a topic, from the topic alone."""
    if topic.startswith("repsense/bridge/"):
        return topic.removeprefix("repsense/").replace("/", "_")
    found = TOPICS.parse_wearer(topic)
    assert found is not None, topic
    return found[1]


def test_a_workout_is_published_and_every_payload_follows_its_schema(
    mosquitto: Broker, listen: Listen, workout: list[Notice], said: Said
) -> None:
    async def scenario() -> list[Any]:
        sink = MqttSink(mosquitto.settings, wearers=["anna"], on_status=said)
        async with listen(mosquitto.settings) as ear:
            await sink.start()
            await ear.until("repsense/anna/state")
            for notice in workout:
                sink.take(notice)
            await ear.until("repsense/anna/set", lambda text: "workout_finished" in text)
            await sink.stop()
            await ear.until("repsense/bridge/state", lambda text: "offline" in text)
            heard: list[Any] = ear.heard
            return heard

    heard = asyncio.run(scenario())
    for message in heard:
        name = schema_of(message.topic)
        payload = message.payload if name == "availability" else json.loads(message.payload)
        Draft202012Validator(payloads.schema(name)).validate(payload)
    events = [
        json.loads(m.payload)["event"] for m in heard if schema_of(m.topic) in {"rep", "set", "cue"}
    ]
    assert events == [
        kind for n in workout if (kind := n.event.kind) not in {"sensor", "samples_lost"}
    ]
    assert len(said.all) == 1


def test_who_comes_later_finds_the_state_but_no_old_event(
    mosquitto: Broker, listen: Listen, workout: list[Notice], said: Said
) -> None:
    async def scenario() -> None:
        sink = MqttSink(mosquitto.settings, wearers=["anna"], on_status=said)
        await sink.start()
        await said.until("Connected")
        for notice in workout[:6]:
            sink.take(notice)
        async with listen(mosquitto.settings) as ear:
            state = await ear.until("repsense/anna/state", lambda text: '"front_raise"' in text)
            assert json.loads(state.payload)["reps"] == 2
        async with listen(mosquitto.settings) as later:
            await later.until("repsense/anna/state")
            await later.until("repsense/anna/availability", lambda text: text == "online")
            await later.until("repsense/bridge/state", lambda text: "online" in text)
            assert all(message.retained for message in later.heard)
            kinds = {message.topic.removeprefix("repsense/") for message in later.heard}
            anna = {"anna/state", "anna/availability", "anna/rest"}
            assert kinds == anna | {"bridge/state", "bridge/info", "bridge/health"}
        await sink.stop()

    asyncio.run(scenario())


def test_a_clean_end_leaves_offline_behind(
    mosquitto: Broker, listen: Listen, workout: list[Notice], said: Said
) -> None:
    async def scenario() -> None:
        sink = MqttSink(mosquitto.settings, wearers=["anna"], on_status=said)
        await sink.start()
        await said.until("Connected")
        sink.take(workout[0])
        async with listen(mosquitto.settings) as ear:
            await ear.until("repsense/anna/availability", lambda text: text == "online")
            await sink.stop()
            await sink.stop()
        async with listen(mosquitto.settings) as later:
            gone = await later.until("repsense/anna/availability")
            assert (gone.payload, gone.retained) == ("offline", True)
            bridge = await later.until("repsense/bridge/state")
            assert json.loads(bridge.payload) == {"state": "offline"}

    asyncio.run(scenario())


SERVICE = """
import asyncio, sys
from datetime import UTC, datetime
from repsense.events import SensorState
from repsense.samples import LinkState
from repsense.sinks.base import Notice
from repsense.sinks.mqtt.settings import BrokerSettings
from repsense.sinks.mqtt.sink import MqttSink

async def main():
    settings = BrokerSettings(host="127.0.0.1", port=int(sys.argv[1]))
    sink = MqttSink(settings, wearers=["anna"])
    await sink.start()
    there = SensorState(sensor="band", state=LinkState.STREAMING, detail="", announced_s=0.0)
    sink.take(Notice(wearer="anna", event=there, at_utc=datetime.now(UTC), event_id="1"))
    await asyncio.Event().wait()

asyncio.run(main())
"""


def test_when_the_process_is_killed_the_broker_says_so_for_service_and_wearer(
    mosquitto: Broker, listen: Listen
) -> None:
    async def scenario() -> None:
        async with listen(mosquitto.settings) as ear:
            service = await asyncio.create_subprocess_exec(
                sys.executable, "-c", SERVICE, str(mosquitto.port)
            )
            await ear.until("repsense/anna/availability", lambda text: text == "online")
            service.kill()
            await service.wait()
            await ear.until("repsense/anna/availability", lambda text: text == "offline")
        async with listen(mosquitto.settings) as later:
            bridge = await later.until("repsense/bridge/state", lambda text: "offline" in text)
            assert bridge.retained

    asyncio.run(scenario())


def test_a_restarted_broker_has_the_state_again(
    mosquitto: Broker, listen: Listen, workout: list[Notice], said: Said
) -> None:
    async def scenario() -> None:
        sink = MqttSink(mosquitto.settings, wearers=["anna"], on_status=said)
        await sink.start()
        await said.until("Connected")
        mosquitto.kill()
        await said.until("is gone")
        for notice in workout[:5]:
            sink.take(notice)
        mosquitto.start()
        await said.until("Connected")
        async with listen(mosquitto.settings) as ear:
            state = await ear.until("repsense/anna/state")
            assert json.loads(state.payload)["reps"] == 2
            await ear.until("repsense/anna/availability", lambda text: text == "online")
        await sink.stop()

    asyncio.run(scenario())


def test_commands_reach_the_event_loop_and_retained_ones_are_ignored(
    mosquitto: Broker, said: Said
) -> None:
    port = mosquitto.port

    def send(topic: str, payload: str, *, retain: bool = False) -> None:
        publish.single(topic, payload, qos=1, retain=retain, hostname="127.0.0.1", port=port)

    async def scenario() -> list[tuple[str, str, Mapping[str, str]]]:
        taken: list[tuple[str, str, Mapping[str, str]]] = []
        news: asyncio.Queue[None] = asyncio.Queue()

        def on_command(wearer: str, name: str, fields: Mapping[str, str]) -> None:
            asyncio.get_running_loop()  # raises outside the event loop
            taken.append((wearer, name, fields))
            news.put_nowait(None)

        await asyncio.to_thread(
            send, "repsense/anna/command/start_set", "from yesterday", retain=True
        )
        sink = MqttSink(mosquitto.settings, wearers=["anna"], on_status=said, on_command=on_command)
        await sink.start()
        await said.until("Connected")
        for topic, payload in (
            ("repsense/ben/command/start_set", ""),
            ("repsense/anna/command/dance", ""),
            ("repsense/anna/command/start_set", "{nonsense"),
            ("repsense/anna/command/start_set", "front_raise"),
            ("repsense/anna/command/end_set", ""),
        ):
            await asyncio.to_thread(send, topic, payload)
        async with asyncio.timeout(60):
            for _ in range(2):
                await news.get()
        await sink.stop()
        return taken

    assert asyncio.run(scenario()) == [
        ("anna", "start_set", {"exercise": "front_raise"}),
        ("anna", "end_set", {}),
    ]
    said_about = [text.split(":")[0] for text in said.all[1:]]
    assert said_about == [
        "A command came for 'ben', who is not here (known",
        "There is no command 'dance'",
        "The command start_set came with '{nonsense', which it does not understand",
    ]


def test_without_a_broker_counting_is_not_held_up(workout: list[Notice], said: Said) -> None:
    async def scenario() -> float:
        sink = MqttSink(BrokerSettings(host="127.0.0.1", port=1), wearers=["anna"], on_status=said)
        await sink.start()
        await said.until("No MQTT broker")
        begin_s = time.perf_counter()
        for number in range(200):
            for notice in workout:
                sink.take(
                    Notice(
                        wearer="anna",
                        event=notice.event,
                        at_utc=notice.at_utc,
                        event_id=f"{number}-{notice.event_id}",
                    )
                )
        took_s = time.perf_counter() - begin_s
        await sink.stop()
        return took_s / (200 * len(workout))

    assert asyncio.run(scenario()) < 0.005
    assert "Counting goes on" in said.all[0]
    assert said.all[-1].startswith("2000 events did not reach")


def test_a_login_that_cannot_be_read_is_told_and_nothing_else_happens(
    workout: list[Notice], said: Said
) -> None:
    settings = BrokerSettings(host="localhost", password_file="/nowhere/secret")

    async def scenario() -> None:
        sink = MqttSink(settings, wearers=["anna"], on_status=said)
        await sink.start()
        sink.take(workout[0])
        await sink.stop()

    asyncio.run(scenario())
    assert len(said.all) == 1
    assert "/nowhere/secret" in said.all[0]


def test_a_wearer_who_cannot_be_a_topic_is_refused_at_once() -> None:
    with pytest.raises(ConfigError, match="wearer"):
        MqttSink(BrokerSettings(host="localhost"), wearers=["a/b"])
