"""``repsense phones``, and a phone's way from the configuration to the count."""

import asyncio
import json
import socket
import urllib.request
from pathlib import Path

import numpy as np
import pytest
from called import exit_code

pytest.importorskip("uvicorn", reason="the extra 'phones' is not installed")
pytest.importorskip("cryptography", reason="the extra 'phones' is not installed")

from fake_radio import FakeRadio
from listening import PATIENCE_S, recorded_set, replayed_reps

from repsense.cli.doors import Doors
from repsense.cli.run import serve_bands
from repsense.cli.serving import Outputs, wearers_of
from repsense.config import read_settings
from repsense.events import SetFinished
from repsense.samples import SampleBlock
from repsense.sinks.base import Notice
from repsense.web.phones.address import Way, phone_address
from repsense.web.phones.pairing import KEYS_FILE, kept_keys

CONFIG = """
phones: {http_port: 0, https_port: 0}
wearers:
  - name: anna
    bands: [{via: page, side: right}, {via: sensor_logger, side: left}]
"""


@pytest.fixture
def config(tmp_path: Path) -> str:
    path = tmp_path / "config.yaml"
    path.write_text(CONFIG)
    return str(path)


def test_addresses_stay_until_new_ones_are_asked_for(
    config: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def asked(*more: str) -> list[dict[str, str]]:
        words = ("phones", "--json", "--data-dir", str(tmp_path), "--config", config, *more)
        assert exit_code(*words) == 0
        return [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    first = asked()
    assert [(one["band"], one["via"]) for one in first] == [
        ("anna", "page"),
        ("anna-left", "sensor_logger"),
    ]
    assert asked() == first
    renewed = asked("--new")
    assert all(new["address"] != old["address"] for new, old in zip(renewed, first, strict=True))


def test_people_are_told_where_to_push_and_that_a_phone_reaches_no_loopback(
    config: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert exit_code("phones", "--data-dir", str(tmp_path), "--config", config) == 0
    said = capsys.readouterr()
    assert "open this in the phone's browser" in said.out
    assert "repsense/bridge/phone/anna-left" in said.out
    assert "phones.host to 0.0.0.0" in said.err


def test_without_a_phone_it_says_how_to_have_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("wearers: [{name: anna}]\n")
    assert exit_code("phones", "--config", str(path)) == 2
    assert "via: page" in capsys.readouterr().err


class Gatherer:
    """A sink that gathers sets, counts samples, and waits for them."""

    def __init__(self) -> None:
        self.sets: list[int] = []
        self.samples = 0
        self.heard_of_the_phone = asyncio.Event()
        self.news = asyncio.Event()

    async def start(self) -> None:
        pass

    def take(self, notice: Notice) -> None:
        self.heard_of_the_phone.set()
        if isinstance(notice.event, SetFinished):
            self.sets.append(notice.event.reps)

    def take_block(self, wearer: str, block: SampleBlock) -> None:
        assert wearer == "ben"
        self.samples += len(block)
        self.news.set()

    async def stop(self) -> None:
        pass

    async def until(self, samples: int) -> None:
        while self.samples < samples:
            self.news.clear()
            await self.news.wait()


def test_a_configured_phone_is_counted_by_the_service(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    settings = read_settings(
        f"phones: {{http_port: {port}}}\n"
        "wearers: [{name: ben, bands: [{via: sensor_logger}]}]\n"
    )
    keys = kept_keys(tmp_path / KEYS_FILE, ["ben"])
    address = phone_address(settings.phones, Way.SENSOR_LOGGER, keys["ben"])
    recorded, gatherer = recorded_set(), Gatherer()

    async def serve() -> None:
        doors = Doors(settings, tmp_path)
        outputs = Outputs(mqtt=False, more=lambda *_: [gatherer], doors=doors)
        counting = asyncio.create_task(
            serve_bands(settings, wearers_of(settings), FakeRadio([]), outputs)
        )
        async with asyncio.timeout(2 * PATIENCE_S):
            await gatherer.heard_of_the_phone.wait()
            for number, block in enumerate(recorded.cut(500)):
                await asyncio.to_thread(push, address, number, block)
            await gatherer.until(len(recorded))
        counting.cancel()
        await asyncio.gather(counting, return_exceptions=True)

    asyncio.run(serve())
    assert tuple(gatherer.sets) == replayed_reps()


def push(address: str, number: int, block: SampleBlock) -> None:
    readings = [
        {
            "name": "totalacceleration",
            "time": 1_700_000_000_000_000_000 + round(1e9 * t),
            "values": dict(zip("xyz", (9.80665 * accel).tolist(), strict=True)),
        }
        for t, accel in zip(block.t_s, np.asarray(block.accel_g), strict=True)
    ]
    message = {"messageId": number, "sessionId": "s", "payload": readings}
    request = urllib.request.Request(address, data=json.dumps(message).encode())
    with urllib.request.urlopen(request, timeout=60) as answer:
        assert answer.status == 200
