"""Who may look at the dashboard."""

import stat
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from repsense.errors import ConfigError
from repsense.web.access import COOKIE, Access, Verdict, kept_token, new_token
from repsense.web.settings import DashboardSettings, is_loopback

TOKEN = "H7KQ-2MXA-9RTD"


@pytest.mark.parametrize("host", ["localhost:8470", "127.0.0.1:8470", "[::1]:8470", "127.0.0.1"])
def test_this_machine_needs_no_code(host: str) -> None:
    assert Access().judge({"host": host}, "") is Verdict.ALLOWED


def test_a_web_page_cannot_reach_us_under_its_own_name() -> None:
    assert Access().judge({"host": "evil.example:8470"}, "") is Verdict.REFUSED
    assert Access().judge({}, "") is Verdict.REFUSED


@pytest.mark.parametrize("access", [Access(), Access(token=TOKEN)])
def test_a_web_page_cannot_open_the_stream_from_its_own_origin(access: Access) -> None:
    headers = {"host": "localhost:8470", "cookie": f"{COOKIE}={TOKEN}"}
    assert access.judge(headers | {"origin": "https://evil.example"}, "") is Verdict.REFUSED
    assert access.judge(headers | {"origin": "null"}, "") is Verdict.REFUSED
    assert access.judge(headers | {"origin": "http://localhost:8470"}, "") is Verdict.ALLOWED


@pytest.mark.parametrize("query", ["", "code=", "code=wrong", "token=" + TOKEN, "code=ümlaut"])
def test_on_a_network_nobody_comes_in_without_the_code(query: str) -> None:
    assert Access(token=TOKEN).judge({"host": "10.0.0.4:8470"}, query) is Verdict.ASK


@pytest.mark.parametrize("given", [TOKEN, TOKEN.lower(), TOKEN.replace("-", ""), f" {TOKEN} "])
def test_the_code_may_be_typed_as_people_do(given: str) -> None:
    access = Access(token=TOKEN)
    assert access.judge({"host": "10.0.0.4"}, f"code={given.replace(' ', '+')}") is Verdict.PAIRED
    assert access.judge({"host": "10.0.0.4", "cookie": f"a=b; {COOKIE}={TOKEN}"}, "") is (
        Verdict.ALLOWED
    )


@pytest.mark.parametrize("cookie", [f"{COOKIE}=", f"{COOKIE}={TOKEN[:-1]}", "=;=;", "\x00"])
def test_a_wrong_cookie_opens_nothing(cookie: str) -> None:
    assert Access(token=TOKEN).judge({"host": "10.0.0.4", "cookie": cookie}, "") is Verdict.ASK


def test_a_new_code_is_long_enough_and_never_the_same() -> None:
    codes = {new_token() for _ in range(200)}
    assert len(codes) == 200
    assert {len(code.replace("-", "")) for code in codes} == {12}
    assert not set("".join(codes)) & set("01ILO")


def test_the_code_is_kept_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "new" / "dashboard.code"
    code = kept_token(path)
    assert kept_token(path) == code
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_code_that_can_be_guessed_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "code"
    path.write_text("1234\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="too short"):
        kept_token(path)


def test_a_folder_in_the_place_of_the_code_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read or made"):
        kept_token(tmp_path)


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("127.0.0.1", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("192.168.1.2", False),
        ("::", False),
        ("gym.local", False),
    ],
)
def test_browsers_pair_wherever_others_can_connect(host: str, loopback: bool) -> None:
    assert is_loopback(host) is loopback
    assert DashboardSettings(host=host).needs_token is not loopback


def test_half_a_certificate_is_refused() -> None:
    with pytest.raises(ConfigError, match="one is missing"):
        DashboardSettings(certificate_file="cert.pem")


def test_https_makes_and_keeps_a_certificate_where_none_is_named(tmp_path: Path) -> None:
    pytest.importorskip("nicegui")
    import asyncio
    import ssl

    from repsense.exercises.catalogue import load_catalogue
    from repsense.web.place import Place
    from repsense.web.sink import DashboardSink

    place = Place(history=tmp_path / "history.sqlite3", recordings=(), catalogue=load_catalogue())
    sink = DashboardSink(DashboardSettings(https=True, port=0), place)
    (certificate,) = tmp_path.glob("*.crt")

    async def answer() -> bytes:
        await sink.start()
        try:
            trusted = ssl.create_default_context(cafile=str(certificate))
            port = int(sink.address.rsplit(":", 1)[1].strip("/"))
            reader, writer = await asyncio.open_connection("localhost", port, ssl=trusted)
            writer.write(b"GET /repsense/theme.css HTTP/1.1\r\nHost: localhost\r\n\r\n")
            line = await reader.readline()
            writer.transport.abort()
            return line
        finally:
            await sink.stop()

    assert sink.address.startswith("https://")
    assert asyncio.run(answer()).startswith(b"HTTP/1.1 200")


anything = st.text(st.characters(codec="latin-1"))


@given(anything, anything, anything, anything, st.sampled_from([None, TOKEN]))
@example("[", "http://h", "", "", None)
@example("127.0.0.1", "http://[", "", "", None)
@example("127.0.0.1", "http://127.0.0.1", "repsense_pairing=\xff", "code=%ff%fe", TOKEN)
def test_any_request_gets_a_verdict_and_strangers_no_entrance(
    host: str, origin: str, cookie: str, query: str, token: str | None
) -> None:
    headers = {"host": host, "origin": origin, "cookie": cookie}
    verdict = Access(token=token).judge(headers, query)
    if token is None and verdict is Verdict.ALLOWED:
        assert "127." in host or "localhost" in host.lower() or "::1" in host
    elif token is not None:
        assert verdict in {Verdict.ASK, Verdict.REFUSED} or "H7KQ" in (cookie + query).upper()
