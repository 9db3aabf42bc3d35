"""``repsense doctor`` where bands are phones or far away: what is fine, and what to do."""

import asyncio
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from fake_radio import FakeRadio

from repsense.cli.checks import Finding, Verdict
from repsense.cli.doctor import examine

pytest.importorskip("uvicorn", reason="the extra 'phones' is not installed")


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    return tmp_path / "config.yaml"


def examined(config: Path, text: str) -> dict[str, Finding]:
    """Return what the doctor finds, on a machine whose Bluetooth is off."""
    config.write_text(text, "utf-8")
    found = asyncio.run(examine(FakeRadio([], off=True), config))
    return {finding.name: finding for finding in found}


PHONE = "wearers: [{name: anna, bands: [{via: page}]}]\n"


def test_with_phones_alone_no_bluetooth_is_missed_and_the_door_is_tried(config: Path) -> None:
    found = examined(config, PHONE + "phones: {host: 0.0.0.0, https_port: 0, http_port: 0}\n")
    assert found["adapter"].verdict is Verdict.SKIPPED
    assert found["phones"].verdict is Verdict.FINE
    assert {one.verdict for one in found.values()} <= {
        *(Verdict.FINE, Verdict.CARE, Verdict.SKIPPED)
    }


def test_a_door_that_only_this_machine_reaches_is_worth_a_word(config: Path) -> None:
    found = examined(config, PHONE + "phones: {https_port: 0}\n")
    assert found["phones"].verdict is Verdict.CARE
    assert "phones.host to 0.0.0.0" in found["phones"].text


def test_a_port_that_is_taken_is_told(config: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        found = examined(config, PHONE + f"phones: {{https_port: {port}}}\n")
    assert found["phones"].verdict is Verdict.WRONG
    assert str(port) in found["phones"].text


@contextmanager
def phyphox() -> Iterator[str]:
    """Serve what a phone says that measures with gravity and has one sample."""
    inputs = [{"source": "accelerometer", "outputs": [{axis: axis} for axis in "xyzt"]}]
    cells = {axis: {"buffer": [9.81]} for axis in "xyzt"}
    answers = {
        "/config": {"title": "Acceleration", "inputs": inputs},
        "/get": {"buffer": cells, "status": {"session": "a", "measuring": True}},
    }

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps(answers[self.path.partition("?")[0]]).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_phyphox_is_asked(config: Path) -> None:
    with phyphox() as address:
        wearers = f"wearers: [{{name: anna, bands: [{{via: phyphox, address: '{address}'}}]}}]\n"
        assert examined(config, wearers)["anna"].verdict is Verdict.FINE
    silent = examined(config, wearers)["anna"]
    assert silent.verdict is Verdict.WRONG
    assert "is phyphox open" in silent.text


def test_a_gateway_needs_a_broker(config: Path) -> None:
    wearers = "wearers: [{name: anna, bands: [{via: gateway}]}]\n"
    found = examined(config, wearers)
    assert found["gateway"].verdict is Verdict.WRONG
    assert "broker.host" in found["gateway"].text
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    found = examined(config, wearers + f"broker: {{host: 127.0.0.1, port: {port}}}\n")
    assert found["gateway"].verdict is Verdict.FINE
    assert found["broker"].verdict is Verdict.WRONG
