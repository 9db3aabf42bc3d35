"""The link to the broker, against real brokers and one that only pretends."""

import asyncio
import shutil
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from repsense.errors import BrokerError, ConfigError
from repsense.sinks.mqtt.client import MqttLink
from repsense.sinks.mqtt.outbox import OutgoingEvent
from repsense.sinks.mqtt.settings import PASSWORD_VARIABLE, BrokerSettings

# Broker, Ear and Said are the helpers in conftest.py.
Broker = Any
Listen = Callable[..., Any]
Said = Any

CONNACK_ACCEPTED = bytes([0x20, 2, 0, 0])


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


def event(number: int) -> OutgoingEvent:
    return OutgoingEvent(key=str(number), topic="repsense/anna/rep", payload=str(number))


def test_it_speaks_version_5_to_mosquitto(mosquitto: Broker) -> None:
    async def scenario() -> None:
        link = MqttLink(mosquitto.settings)
        link.start()
        await link.first_connection()
        assert link.protocol_name == "5"
        await link.stop()

    asyncio.run(scenario())


def test_events_arrive_in_order_and_kept_topics_are_there_for_who_comes_later(
    mosquitto: Broker, listen: Listen
) -> None:
    async def scenario() -> None:
        link = MqttLink(mosquitto.settings)
        link.start()
        link.keep("repsense/anna/state", "old")
        link.keep("repsense/anna/state", "new")
        await link.first_connection()
        async with listen(mosquitto.settings) as first:
            await first.until("repsense/anna/state")
        async with listen(mosquitto.settings) as ear:
            late = await ear.until("repsense/anna/state")
            assert (late.payload, late.retained) == ("new", True)
            for number in range(100):
                link.send(event(number))
            await ear.until("repsense/anna/rep", lambda payload: payload == "99")
            reps = [m for m in ear.heard if m.topic == "repsense/anna/rep"]
            assert [m.payload for m in reps] == [str(n) for n in range(100)]
            assert not any(m.retained for m in reps)
        await link.stop()
        assert len(link.outbox) == 0

    asyncio.run(scenario())


def test_after_a_restart_of_the_broker_the_state_is_there_again_and_no_event_is_lost(
    mosquitto: Broker, listen: Listen, said: Said
) -> None:
    async def scenario() -> None:
        link = MqttLink(mosquitto.settings, on_status=said)
        link.start()
        link.keep("repsense/anna/state", "before")
        await link.first_connection()
        async with listen(mosquitto.settings, "repsense/anna/#") as ear:
            await ear.until("repsense/anna/state")
            mosquitto.kill()
            await said.until("is gone")
            for number in range(30):
                link.send(event(number))
            link.keep("repsense/anna/state", "meanwhile")
            mosquitto.start()
            await said.until("Connected")
        # The broker forgot everything, so what a newcomer sees has been said again.
        async with listen(mosquitto.settings, "repsense/anna/#") as newcomer:
            state = await newcomer.until("repsense/anna/state")
            assert (state.payload, state.retained) == ("meanwhile", True)
        await link.stop()
        assert len(link.outbox) == 0

    asyncio.run(scenario())


def test_events_from_before_the_first_connection_are_delivered(
    make_mosquitto: Callable[..., Broker], listen: Listen, said: Said
) -> None:
    broker = make_mosquitto()
    broker.kill()

    async def scenario() -> None:
        link = MqttLink(broker.settings, on_status=said)
        link.start()
        await said.until("No MQTT broker")
        for number in range(50):
            link.send(event(number))
        broker.start()
        async with listen(broker.settings) as ear:
            await ear.until("repsense/anna/rep", lambda payload: payload == "49")
            assert [m.payload for m in ear.heard] == [str(n) for n in range(50)]
        await link.stop()

    asyncio.run(scenario())


def test_no_broker_is_one_sentence_and_no_error(said: Said) -> None:
    port = free_port()

    async def scenario() -> None:
        link = MqttLink(BrokerSettings(host="127.0.0.1", port=port), on_status=said)
        link.start()
        with pytest.raises(BrokerError, match=rf"No MQTT broker at 127\.0\.0\.1:{port} \(conn"):
            await link.first_connection()
        link.send(event(1))
        await link.stop()

    asyncio.run(scenario())
    assert said.all[0].endswith("Trying again.")
    assert said.all[1] == "1 event did not reach the MQTT broker before the end."


def test_a_name_that_does_not_resolve_is_told(said: Said) -> None:
    async def scenario() -> None:
        link = MqttLink(BrokerSettings(host="broker.invalid"), on_status=said)
        link.start()
        assert "broker.invalid:1883" in await said.until("No MQTT broker")
        await link.stop()

    asyncio.run(scenario())


def test_a_login_that_is_refused_is_told_with_advice(
    make_mosquitto: Callable[..., Broker], said: Said
) -> None:
    broker = make_mosquitto("allow_anonymous false")

    async def scenario() -> None:
        link = MqttLink(broker.settings, on_status=said)
        link.start()
        with pytest.raises(BrokerError, match="check username and password"):
            await link.first_connection()
        await link.stop()

    asyncio.run(scenario())
    assert len(said.all) == 1


def test_it_logs_in_with_a_password_file_or_the_environment(
    make_mosquitto: Callable[..., Broker], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tool = shutil.which("mosquitto_passwd")
    if tool is None:
        pytest.skip("mosquitto_passwd is not installed")
    users, secret = tmp_path / "users", tmp_path / "secret"
    subprocess.run([tool, "-c", "-b", str(users), "anna", "sésame"], check=True)
    secret.write_text("sésame\nsomething else\n", encoding="utf-8")
    broker = make_mosquitto("allow_anonymous false", f"password_file {users}")

    async def connect(settings: BrokerSettings) -> None:
        link = MqttLink(settings)
        link.start()
        await link.first_connection()
        await link.stop()

    login = {"host": "127.0.0.1", "port": broker.port, "username": "anna"}
    asyncio.run(connect(BrokerSettings(**login, password_file=str(secret))))
    monkeypatch.setenv(PASSWORD_VARIABLE, "sésame")
    asyncio.run(connect(BrokerSettings(**login)))


def test_a_password_file_that_is_missing_is_told(tmp_path: Path) -> None:
    settings = BrokerSettings(host="localhost", password_file=str(tmp_path / "none"))

    async def scenario() -> None:
        MqttLink(settings).start()

    with pytest.raises(BrokerError, match=r"password file .* cannot be read"):
        asyncio.run(scenario())


def make_certificate(folder: Path) -> Path:
    tool = shutil.which("openssl")
    if tool is None:
        pytest.skip("openssl is not installed, and the test needs a certificate")
    options = ["-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    files = ["-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem")]
    names = ["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    subprocess.run(
        [tool, "req", "-x509", *options, *files, *names], check=True, capture_output=True
    )
    return folder / "cert.pem"


# paho leaves the socket of a handshake that failed to the garbage collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_tls_checks_the_certificate(
    make_mosquitto: Callable[..., Broker], tmp_path: Path, said: Said
) -> None:
    certificate = make_certificate(tmp_path)
    broker = make_mosquitto(f"certfile {certificate}", f"keyfile {tmp_path / 'key.pem'}")

    async def scenario() -> None:
        where = {"host": "127.0.0.1", "port": broker.port, "tls": True}
        trusting = MqttLink(BrokerSettings(**where, ca_file=str(certificate)))
        trusting.start()
        await trusting.first_connection()
        await trusting.stop()
        distrusting = MqttLink(BrokerSettings(**where), on_status=said)
        distrusting.start()
        with pytest.raises(BrokerError, match="certificate is not trusted"):
            await distrusting.first_connection()
        await distrusting.stop()

    asyncio.run(scenario())


def test_a_certificate_authority_that_is_none_is_told(tmp_path: Path) -> None:
    no_pem = tmp_path / "ca.pem"
    no_pem.write_text("hello", encoding="utf-8")
    settings = BrokerSettings(host="localhost", tls=True, ca_file=str(no_pem))

    async def scenario() -> None:
        MqttLink(settings).start()

    with pytest.raises(BrokerError, match="PEM"):
        asyncio.run(scenario())


Answer = Callable[[int, asyncio.StreamWriter], None]


async def pretend(answer: Answer) -> asyncio.Server:
    """Serve a broker that reads CONNECT and lets ``answer(protocol level, writer)`` react."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.read(1024)
        if head:
            answer(head[8], writer)
            await reader.read()
        writer.close()

    return await asyncio.start_server(serve, "127.0.0.1", 0)


def hang_up_on_5(level: int, writer: asyncio.StreamWriter) -> None:
    writer.close() if level == 5 else writer.write(CONNACK_ACCEPTED)


def refuse_5(level: int, writer: asyncio.StreamWriter) -> None:
    writer.write(bytes([0x20, 3, 0, 0x84, 0]) if level == 5 else CONNACK_ACCEPTED)


def say_nothing_to_5(level: int, writer: asyncio.StreamWriter) -> None:
    if level != 5:
        writer.write(CONNACK_ACCEPTED)


@pytest.mark.parametrize("answer", [hang_up_on_5, refuse_5, say_nothing_to_5])
def test_it_falls_back_to_3_1_1_however_version_5_is_refused(answer: Answer, said: Said) -> None:
    async def scenario() -> None:
        server = await pretend(answer)
        port = server.sockets[0].getsockname()[1]
        link = MqttLink(BrokerSettings(host="127.0.0.1", port=port), on_status=said)
        link.start()
        async with asyncio.timeout(15):  # long before a keep-alive would end it
            await link.first_connection()
        assert link.protocol_name == "3.1.1"
        await link.stop()
        server.close()

    asyncio.run(scenario())
    assert said.all == [text for text in said.all if "MQTT 3.1.1" in text]


def test_what_is_no_broker_is_told(said: Said) -> None:
    async def scenario() -> None:
        server = await pretend(lambda _level, writer: writer.close())
        port = server.sockets[0].getsockname()[1]
        link = MqttLink(BrokerSettings(host="127.0.0.1", port=port), on_status=said)
        link.start()
        with pytest.raises(BrokerError, match="does not answer as an MQTT broker does"):
            await link.first_connection()
        await link.stop()
        server.close()

    asyncio.run(scenario())


@pytest.mark.parametrize("host", ["", "mqtt://x", "a b", "a..b", "x" * 70, "anna@host"])
def test_a_host_that_cannot_be_is_refused(host: str) -> None:
    with pytest.raises(ConfigError, match="is not a host name"):
        BrokerSettings(host=host)


@pytest.mark.parametrize("port", [0, -1, 65536])
def test_a_port_that_cannot_be_is_refused(port: int) -> None:
    with pytest.raises(ConfigError, match=f"port {port} cannot exist"):
        BrokerSettings(port=port)


def test_a_certificate_authority_without_tls_is_refused() -> None:
    with pytest.raises(ConfigError, match="tls is off"):
        BrokerSettings(host="localhost", ca_file="ca.pem")
