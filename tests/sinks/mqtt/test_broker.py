"""Finding or starting a broker: each kind for real."""

import asyncio
import importlib.util
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from repsense.errors import BrokerError
from repsense.sinks.mqtt import broker as broker_module
from repsense.sinks.mqtt.broker import RunningBroker, provide_broker
from repsense.sinks.mqtt.mosquitto import find_mosquitto
from repsense.sinks.mqtt.settings import BrokerSettings

Listen = Callable[..., Any]

needs_mosquitto = pytest.mark.skipif(
    find_mosquitto() is None, reason="mosquitto is not installed (Debian: apt install mosquitto)"
)
needs_amqtt = pytest.mark.skipif(
    importlib.util.find_spec("amqtt") is None, reason="amqtt is not installed (extra 'broker')"
)


def without_mosquitto(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(broker_module, "find_mosquitto", lambda: None)


def test_a_configured_broker_is_taken_as_it_is() -> None:
    async def scenario() -> RunningBroker:
        async with provide_broker(BrokerSettings(host="broker.invalid", tls=True)) as broker:
            return broker

    broker = asyncio.run(scenario())
    assert (broker.kind, broker.host, broker.port) == ("configured", "broker.invalid", 8883)
    assert broker.describe() == "Using the configured MQTT broker at broker.invalid:8883."


async def publish_and_hear(listen: Listen, broker: RunningBroker) -> str:
    """Publish something and return with which version it was heard."""
    async with listen(broker.settings, "gym/#") as ear:
        ear.link.keep("gym/anna/state", "hello")
        await ear.until("gym/anna/state")
        version: str = ear.link.protocol_name
        return version


@needs_mosquitto
def test_mosquitto_runs_as_long_as_it_is_needed(listen: Listen) -> None:
    async def scenario() -> RunningBroker:
        async with provide_broker(BrokerSettings(base_topic="gym")) as broker:
            assert await publish_and_hear(listen, broker) == "5"
            return broker

    broker = asyncio.run(scenario())
    assert broker.kind == "mosquitto"
    assert "this machine only" in broker.describe()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((broker.host, broker.port))


@needs_amqtt
def test_amqtt_is_there_where_mosquitto_is_not(
    listen: Listen, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_mosquitto(monkeypatch)

    async def scenario() -> RunningBroker:
        async with provide_broker(BrokerSettings(base_topic="gym")) as broker:
            assert await publish_and_hear(listen, broker) == "3.1.1"
            return broker

    broker = asyncio.run(scenario())
    assert broker.kind == "amqtt"
    assert "for trying out, MQTT 3.1.1 only" in broker.describe()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((broker.host, broker.port))


AMQTT_AND_A_CLIENT_THAT_STAYS = """
import asyncio
from repsense.sinks.mqtt import broker
from repsense.sinks.mqtt.client import MqttLink
from repsense.sinks.mqtt.wire import Message
from repsense.sinks.mqtt.settings import BrokerSettings

broker.find_mosquitto = lambda: None

async def main():
    async with broker.provide_broker(BrokerSettings()) as running:
        link = MqttLink(running.settings, will=Message(topic="a/will", payload="w"))
        link.start()
        await link.first_connection()
    await link.stop()

asyncio.run(main())
print("done")
"""


@needs_amqtt
def test_amqtt_says_nothing_even_when_it_stops_before_its_clients() -> None:
    command = [sys.executable, "-W", "error", "-c", AMQTT_AND_A_CLIENT_THAT_STAYS]
    run = subprocess.run(command, capture_output=True, text=True, check=False, timeout=100)
    assert (run.stdout, run.stderr) == ("done\n", "")


def test_without_any_broker_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    without_mosquitto(monkeypatch)
    monkeypatch.setattr(broker_module, "find_spec", lambda _: None)

    async def scenario() -> None:
        async with provide_broker(BrokerSettings()):
            pass

    with pytest.raises(BrokerError, match=r"apt install mosquitto.*repsense\[broker\].*config"):
        asyncio.run(scenario())


def test_a_mosquitto_that_does_not_start_is_told_with_its_own_words(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    broken = tmp_path / "mosquitto"
    broken.write_text("#!/bin/sh\necho 'Error: no such thing' >&2\nexit 3\n", encoding="utf-8")
    broken.chmod(0o755)
    monkeypatch.setattr(broker_module, "find_mosquitto", lambda: str(broken))

    async def scenario() -> None:
        async with provide_broker(BrokerSettings()):
            pass

    with pytest.raises(BrokerError, match=r"did not start: Error: no such thing\. "):
        asyncio.run(scenario())


PARENT = """
import asyncio
from repsense.sinks.mqtt.broker import provide_broker
from repsense.sinks.mqtt.settings import BrokerSettings

async def main():
    async with provide_broker(BrokerSettings()) as broker:
        print(broker.port, flush=True)
        await asyncio.Event().wait()

asyncio.run(main())
"""


@needs_mosquitto
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a child with its parent")
def test_mosquitto_dies_with_a_parent_that_is_killed() -> None:
    with subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        port = int(parent.stdout.readline())
        with socket.create_connection(("127.0.0.1", port)) as connection:
            connection.settimeout(10)
            parent.send_signal(signal.SIGKILL)
            # The kernel closes a dead broker's connections.
            assert connection.recv(1) == b""


def test_the_commands_to_paste(monkeypatch: pytest.MonkeyPatch) -> None:
    broker = RunningBroker(settings=BrokerSettings(host="127.0.0.1", port=1885), kind="mosquitto")
    assert broker.watch_line() == "repsense watch --host 127.0.0.1 --port 1885"
    monkeypatch.setattr(broker_module.shutil, "which", lambda _: "/usr/bin/mosquitto_sub")
    assert broker.subscribe_line() == "mosquitto_sub -h 127.0.0.1 -p 1885 -v -t 'repsense/#'"
    secret = BrokerSettings(host="b", username="anna")
    assert RunningBroker(settings=secret, kind="configured").subscribe_line() is None
    monkeypatch.setattr(broker_module.shutil, "which", lambda _: None)
    assert broker.subscribe_line() is None


@needs_mosquitto
def test_the_pasted_subscription_works(listen: Listen) -> None:
    async def scenario() -> None:
        async with provide_broker(BrokerSettings(base_topic="gym")) as broker:
            line = broker.subscribe_line()
            if line is None:
                pytest.skip("mosquitto_sub is not installed")
            await publish_and_hear(listen, broker)
            async with listen(broker.settings, "none") as ear:
                ear.link.keep("gym/anna/state", "hello")
                shell = await asyncio.create_subprocess_shell(
                    f"{line} -C 1 -W 10", stdout=asyncio.subprocess.PIPE
                )
                out, _ = await shell.communicate()
                assert re.fullmatch(rb"gym/anna/state hello\n", out)

    asyncio.run(scenario())
