"""``repsense mqtt remove``: everything of ours goes, and nothing of anybody else's."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest

from repsense.cli.main import main
from repsense.errors import BrokerError
from repsense.sinks.base import Notice
from repsense.sinks.mqtt.client import MqttLink
from repsense.sinks.mqtt.removal import remove
from repsense.sinks.mqtt.settings import BrokerSettings, HomeAssistantSettings
from repsense.sinks.mqtt.sink import MqttSink

Broker = Any
Listen = Callable[..., Any]

SETTINGS = HomeAssistantSettings()
OTHERS = {
    "homeassistant/device/lamp/config": '{"origin":{"name":"Zigbee2MQTT"}}',
    "homeassistant/device/gym_anna/config": '{"origin":{"name":"RepSense"},"t":"gym/anna/state"}',
    "repsense2/anna/state": "{}",
    "zigbee2mqtt/lamp": "on",
}


async def publish(broker: Broker, notices: list[Notice]) -> None:
    """Leave behind what a RepSense with two wearers leaves, and what others do."""
    sink = MqttSink(broker.settings, wearers=["anna", "ben"], home_assistant=SETTINGS)
    await sink.start()
    await sink.link.first_connection()
    for notice in notices:
        sink.take(notice)
    await sink.stop()
    others = MqttLink(broker.settings)
    others.start()
    for topic, payload in OTHERS.items():
        others.keep(topic, payload)
    await others.first_connection()
    await others.stop()


async def kept(listen: Listen, broker: Broker) -> set[str]:
    """Return the topics that the broker keeps."""
    async with listen(broker.settings, "#") as ear:
        ear.link.keep("zigbee2mqtt/lamp", "off")
        await ear.until("zigbee2mqtt/lamp", "off".__eq__)
        return {message.topic for message in ear.heard if message.retained}


def test_all_of_ours_is_cleared(
    mosquitto: Broker, listen: Listen, workout: list[Notice], capsys: pytest.CaptureFixture[str]
) -> None:
    asyncio.run(publish(mosquitto, workout))
    main_quietly("mqtt", "remove", "--host", "127.0.0.1", "--port", str(mosquitto.port), "--json")
    said = json.loads(capsys.readouterr().out)
    assert sorted(said["devices"]) == [
        f"homeassistant/device/repsense_{name}/config" for name in ("anna", "ben", "bridge")
    ]
    assert "repsense/anna/state" in said["topics"]
    assert asyncio.run(kept(listen, mosquitto)) == OTHERS.keys()


def test_one_wearer_is_cleared(
    mosquitto: Broker, listen: Listen, workout: list[Notice], capsys: pytest.CaptureFixture[str]
) -> None:
    asyncio.run(publish(mosquitto, workout))
    words = ("--host", "127.0.0.1", "--port", str(mosquitto.port), "--wearer", "ben")
    main_quietly("mqtt", "remove", *words)
    assert capsys.readouterr().out.startswith("Removed 1 device from Home Assistant and cleared 3")
    left = asyncio.run(kept(listen, mosquitto))
    assert not any("/ben/" in topic or "_ben/" in topic for topic in left)
    assert "homeassistant/device/repsense_anna/config" in left


def test_a_running_repsense_is_noticed(mosquitto: Broker) -> None:
    async def scenario() -> bool:
        sink = MqttSink(mosquitto.settings, wearers=["anna"], home_assistant=SETTINGS)
        await sink.start()
        await sink.link.first_connection()
        removed = await remove(mosquitto.settings, SETTINGS)
        await sink.stop()
        return removed.running

    assert asyncio.run(scenario())


def test_without_a_broker_it_is_told() -> None:
    with pytest.raises(BrokerError, match="No MQTT broker"):
        asyncio.run(remove(BrokerSettings(host="127.0.0.1", port=1), SETTINGS))


def main_quietly(*words: str) -> None:
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert not ended.value.code
