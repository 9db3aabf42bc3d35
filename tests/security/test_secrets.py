"""Defaults are closed, secrets stay secret, and certificates are checked."""

import ast
import asyncio
import hmac
import logging
import ssl
from pathlib import Path

import pytest

from repsense.config import Settings, as_yaml
from repsense.errors import ConfigError
from repsense.sinks.mqtt.mosquitto import LOOPBACK, free_port
from repsense.sinks.mqtt.settings import PASSWORD_VARIABLE, BrokerSettings
from repsense.sinks.mqtt.sink import MqttSink
from repsense.sinks.mqtt.topics import checked_wearer
from repsense.web import access
from repsense.web.phones import pairing
from repsense.web.settings import is_loopback

PACKAGE = Path(__file__).resolve().parents[2] / "repsense"
SECRET = "Sesame-4711-open"


def test_by_default_nobody_but_this_machine_is_listened_to() -> None:
    settings = Settings()
    assert is_loopback(settings.dashboard.host)
    assert is_loopback(settings.phones.host)
    # Without a broker of one's own, one is started: tests/sinks/mqtt/test_broker.py looks where.
    assert settings.broker.host is None
    assert LOOPBACK == "127.0.0.1"


def test_opening_the_pages_to_a_network_asks_for_the_code() -> None:
    for host in ("0.0.0.0", "::", "192.168.1.5", "localhost.example.org"):
        assert not is_loopback(host)


def test_nothing_listens_on_every_network_by_itself() -> None:
    # The address stands where it is explained to people, never alone as a value.
    values = [
        path.name
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant) and node.value in {"0.0.0.0", "::"}
    ]
    assert [name for name in values if name != "network.py"] == []


def test_the_brokers_password_is_never_said(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    caplog.set_level(logging.DEBUG)
    (tmp_path / "password").write_text(f"{SECRET}\n")
    monkeypatch.setenv(PASSWORD_VARIABLE, SECRET)
    settings = BrokerSettings(
        host="127.0.0.1",
        port=free_port(),
        username="anna",
        password_file=str(tmp_path / "password"),
        protocol="v5",
    )
    said: list[str] = []

    async def scenario() -> None:
        heard = asyncio.Event()

        def hear(text: str) -> None:
            said.append(text)
            heard.set()

        sink = MqttSink(settings, wearers=["anna"], on_status=hear)
        await sink.start()
        await heard.wait()
        await sink.stop()

    asyncio.run(scenario())
    assert settings.read_password() == SECRET
    told = "\n".join([*said, caplog.text, repr(settings), as_yaml(Settings(broker=settings))])
    assert "No MQTT broker" in told
    assert SECRET not in told


def test_the_pairing_code_is_said_to_people_and_not_to_logs(tmp_path: Path) -> None:
    pytest.importorskip("nicegui", reason="the extra 'dashboard' is not installed")
    from repsense.web.place import Place
    from repsense.web.settings import DashboardSettings
    from repsense.web.sink import DashboardSink

    place = Place(history=tmp_path / "history.sqlite3", recordings=(), catalogue={})
    told = []
    for person in (False, True):
        sink = DashboardSink(DashboardSettings(host="0.0.0.0"), place, show_code=person)
        assert sink.token is not None
        told.append((sink._about_the_code(), sink.token))
    (log, code), (screen, _) = told
    assert code not in log
    assert "dashboard.code" in log or str(tmp_path) in log
    assert code in screen


def test_files_with_secrets_are_the_owners_alone(tmp_path: Path) -> None:
    access.kept_token(tmp_path / "code")
    pairing.kept_keys(tmp_path / "keys.json", ["anna"])
    for name in ("code", "keys.json"):
        assert (tmp_path / name).stat().st_mode & 0o077 == 0


def test_certificates_are_checked_and_nothing_can_switch_that_off() -> None:
    context = BrokerSettings(host="example.org", tls=True).tls_context()
    assert context is not None
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    assert context.minimum_version >= ssl.TLSVersion.TLSv1_2
    ways_out = ("CERT_NONE", "check_hostname = False", "_create_unverified", "verify=False")
    for path in PACKAGE.rglob("*.py"):
        text = path.read_text("utf-8")
        assert [way for way in ways_out if way in text] == [], path


def test_codes_and_keys_are_compared_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[tuple[bytes, bytes]] = []

    def watched(one: bytes, other: bytes) -> bool:
        compared.append((one, other))
        return hmac_compare(one, other)

    hmac_compare = hmac.compare_digest
    monkeypatch.setattr(hmac, "compare_digest", watched)
    rule = access.Access(token="ABCD-EFGH-JKLM")
    assert not rule.fits("ABCD")
    assert rule.fits("abcdefghjklm")
    keys = {"anna": "first", "ben": "second", "cleo": "third"}
    # The right one first: the others are looked at all the same.
    assert pairing.band_of("first", keys) == "anna"
    assert pairing.band_of("none", keys) is None
    assert len(compared) == 2 + 2 * len(keys)


def test_no_secret_is_compared_in_any_other_way() -> None:
    secret = {"token", "key", "password", "given"}
    for name in ("web/access.py", "web/guard.py", "web/phones/pairing.py", "web/phones/app.py"):
        tree = ast.parse((PACKAGE / name).read_text("utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.Eq | ast.NotEq):
                named = {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}
                attributes = {one.attr for one in ast.walk(node) if isinstance(one, ast.Attribute)}
                if "QUERY_KEY" not in named:  # the name of a field, which is no secret
                    assert not (named | attributes) & secret, f"{name}:{node.lineno}"


@pytest.mark.parametrize("name", ["../anna", "a/b", "", "a\0b", "a\nb", "+", "#", "a" * 500])
def test_a_wearers_name_cannot_lead_out_of_a_folder(name: str) -> None:
    with pytest.raises(ConfigError):
        checked_wearer(name)
