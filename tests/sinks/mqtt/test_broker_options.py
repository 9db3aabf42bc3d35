"""Every way to reach a broker, against a real Mosquitto: certificates, websockets, versions."""

import asyncio
import logging
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import pytest

from repsense.errors import BrokerError, ConfigError
from repsense.sinks.mqtt.client import MqttLink
from repsense.sinks.mqtt.mosquitto import free_port
from repsense.sinks.mqtt.outbox import OutgoingEvent
from repsense.sinks.mqtt.settings import PASSWORD_VARIABLE, USERNAME_VARIABLE, BrokerSettings

Broker = Any
Listen = Callable[..., Any]
MakeBroker = Callable[..., Any]


async def connect(settings: BrokerSettings) -> str:
    """Return the version of MQTT that a connection came to speak."""
    link = MqttLink(settings)
    link.start()
    try:
        await link.first_connection()
        return link.protocol_name
    finally:
        await link.stop()


class Authority:
    """A certificate authority of the test's own, made by openssl."""

    def __init__(self, folder: Path) -> None:
        tool = shutil.which("openssl")
        if tool is None:
            pytest.skip("openssl is not installed, and the test needs certificates")
        self._tool, self._folder = tool, folder
        self.certificate = folder / "ca.pem"
        self._key = folder / "ca.key"
        self._run("req", "-x509", *self._new_key(self._key), "-subj", "/CN=Test authority",
                  "-days", "2", "-out", str(self.certificate))  # fmt: skip

    def sign(self, name: str, *extensions: str) -> tuple[Path, Path]:
        """Return the certificate and the key of somebody."""
        files = {end: self._folder / f"{name}.{end}" for end in ("key", "csr", "pem", "ext")}
        files["ext"].write_text("\n".join(["basicConstraints=CA:FALSE", *extensions]), "utf-8")
        self._run("req", *self._new_key(files["key"]), "-subj", f"/CN={name}",
                  "-out", str(files["csr"]))  # fmt: skip
        self._run("x509", "-req", "-in", str(files["csr"]), "-CA", str(self.certificate),
                  "-CAkey", str(self._key), "-CAcreateserial", "-days", "2",
                  "-extfile", str(files["ext"]), "-out", str(files["pem"]))  # fmt: skip
        return files["pem"], files["key"]

    def _new_key(self, file: Path) -> list[str]:
        curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]
        return [*curve, "-nodes", "-keyout", str(file)]

    def _run(self, *words: str) -> None:
        subprocess.run([self._tool, *words], check=True, capture_output=True)


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
def server_lines(authority: Authority) -> list[str]:
    certificate, key = authority.sign("localhost", "subjectAltName=DNS:localhost,IP:127.0.0.1")
    return [f"cafile {authority.certificate}", f"certfile {certificate}", f"keyfile {key}"]


# paho leaves the socket of a handshake that failed to the garbage collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_client_certificate_opens_the_door_and_without_one_it_stays_shut(
    make_mosquitto: MakeBroker, authority: Authority, server_lines: list[str], tmp_path: Path
) -> None:
    broker = make_mosquitto(*server_lines, "require_certificate true")
    certificate, key = authority.sign("repsense", "extendedKeyUsage=clientAuth")
    where = {"host": "127.0.0.1", "port": broker.port, "tls": True}
    ca = {"ca_file": str(authority.certificate)}
    both = tmp_path / "both.pem"
    both.write_text(certificate.read_text("utf-8") + key.read_text("utf-8"), "utf-8")
    ours = {"client_cert_file": str(certificate), "client_key_file": str(key)}
    assert asyncio.run(connect(BrokerSettings(**where, **ca, **ours))) == "5"
    assert asyncio.run(connect(BrokerSettings(**where, **ca, client_cert_file=str(both)))) == "5"
    with pytest.raises(BrokerError):
        asyncio.run(asyncio.wait_for(connect(BrokerSettings(**where, **ca)), 60))


def test_websockets_with_and_without_tls(
    make_mosquitto: MakeBroker, authority: Authority, server_lines: list[str], listen: Listen
) -> None:
    plain, secure = free_port(), free_port()
    broker = make_mosquitto(
        *(f"listener {plain} 127.0.0.1", "protocol websockets"),
        *(f"listener {secure} 127.0.0.1", "protocol websockets", *server_lines),
    )
    web: dict[str, Any] = {"host": "127.0.0.1", "transport": "websockets"}
    ca = {"tls": True, "ca_file": str(authority.certificate)}

    async def scenario() -> None:
        async with listen(broker.settings) as ear:
            for number, settings in enumerate(
                (BrokerSettings(**web, port=plain), BrokerSettings(**web, port=secure, **ca))
            ):
                link = MqttLink(settings)
                link.start()
                await link.first_connection()
                link.send(OutgoingEvent(key="1", topic="repsense/a/rep", payload=str(number)))
                await ear.until("repsense/a/rep", str(number).__eq__)
                await link.stop()

    asyncio.run(scenario())


@pytest.mark.parametrize(("wanted", "spoken"), [("auto", "5"), ("v5", "5"), ("v3.1.1", "3.1.1")])
def test_the_version_that_is_wanted_is_spoken(
    mosquitto: Broker, wanted: Literal["auto", "v5", "v3.1.1"], spoken: str
) -> None:
    settings = BrokerSettings(host="127.0.0.1", port=mosquitto.port, protocol=wanted)
    assert asyncio.run(connect(settings)) == spoken


def test_the_keep_alive_reaches_the_broker() -> None:
    async def scenario() -> bytes:
        greeting: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            if not greeting.done():
                greeting.set_result(await reader.read(64))
            writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        link = MqttLink(BrokerSettings(host="127.0.0.1", port=port, keepalive_s=77))
        link.start()
        head = await asyncio.wait_for(greeting, 60)
        await link.stop()
        server.close()
        return head

    # Fixed header (2), "MQTT" with its length (6), version (1), flags (1), keep-alive (2).
    head = asyncio.run(scenario())
    assert (head[8], int.from_bytes(head[10:12])) == (5, 77)


def test_without_retain_the_broker_keeps_nothing_and_quality_2_arrives(
    mosquitto: Broker, listen: Listen
) -> None:
    settings = BrokerSettings(
        host="127.0.0.1", port=mosquitto.port, retain=False, state_qos=1, event_qos=2
    )

    async def scenario() -> None:
        link = MqttLink(settings)
        link.start()
        await link.first_connection()
        async with listen(mosquitto.settings) as ear:
            ear.link.tell("repsense/probe", "")  # heard when the subscription holds
            await ear.until("repsense/probe", lambda _: True)
            link.keep("repsense/anna/state", "s")
            link.send(OutgoingEvent(key="1", topic="repsense/anna/rep", payload="1"))
            await ear.until("repsense/anna/rep")
            await ear.until("repsense/anna/state")
        async with listen(mosquitto.settings) as later:
            later.link.tell("repsense/probe", "")
            await later.until("repsense/probe", lambda _: True)
            link.send(OutgoingEvent(key="2", topic="repsense/anna/rep", payload="2"))
            await later.until("repsense/anna/rep")
            assert "repsense/anna/state" not in {message.topic for message in later.heard}
        await link.stop()
        assert len(link.outbox) == 0

    asyncio.run(scenario())


def test_the_login_from_the_environment_is_in_no_log(
    make_mosquitto: MakeBroker, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    broker = make_mosquitto("allow_anonymous false")
    monkeypatch.setenv(USERNAME_VARIABLE, "anna")
    monkeypatch.setenv(PASSWORD_VARIABLE, "opensesame")
    caplog.set_level(logging.DEBUG)
    said: list[str] = []
    settings = BrokerSettings(host="127.0.0.1", port=broker.port)

    async def scenario() -> None:
        link = MqttLink(settings, on_status=said.append)
        link.start()
        with pytest.raises(BrokerError, match="check username and password"):
            await link.first_connection()
        await link.stop()

    asyncio.run(scenario())
    assert settings.read_username() == "anna"
    assert said
    assert "opensesame" not in caplog.text + "".join(said) + repr(settings)


def test_a_client_certificate_that_cannot_be_used_is_told(authority: Authority) -> None:
    certificate, _ = authority.sign("repsense")
    settings = BrokerSettings(host="localhost", tls=True, client_cert_file=str(certificate))
    with pytest.raises(BrokerError, match=r"client certificate .* belong together"):
        settings.tls_context()


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"client_cert_file": "me.pem"}, "tls is off"),
        ({"tls": True, "client_key_file": "me.key"}, "proves nothing"),
        ({"keepalive_s": 1}, "keepalive_s 1 is not possible"),
        ({"transport": "websockets"}, "no port is set"),
        ({"websocket_path": "mqtt"}, "is no path"),
        ({"outbox_events": 0}, "at least 1"),
    ],
)
def test_options_that_cannot_be_are_refused(options: dict[str, Any], problem: str) -> None:
    with pytest.raises(ConfigError, match=problem):
        BrokerSettings(host="localhost", **options)
