"""``repsense gateway`` and ``repsense run`` with a band that comes over MQTT, as two machines."""

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest
from fake_radio import FakeRadio
from listening import PATIENCE_S, RECORDING, replayed_reps

from repsense.cli.doors import Doors
from repsense.cli.run import serve_bands
from repsense.cli.serving import Outputs, wearers_of
from repsense.config import read_settings
from repsense.errors import ConfigError
from repsense.events import SensorState, SetFinished
from repsense.samples import LinkState, SampleBlock
from repsense.sinks.base import Notice
from repsense.sinks.mqtt.broker import provide_broker
from repsense.sinks.mqtt.mosquitto import find_mosquitto
from repsense.sinks.mqtt.settings import BrokerSettings

needs_mosquitto = pytest.mark.skipif(
    find_mosquitto() is None, reason="mosquitto is not installed (Debian: apt install mosquitto)"
)


class Watcher:
    """A sink that waits for what a test expects."""

    def __init__(self) -> None:
        self.sets: list[int] = []
        self.states: list[LinkState] = []
        self.news = asyncio.Event()

    async def start(self) -> None:
        pass

    def take(self, notice: Notice) -> None:
        if isinstance(notice.event, SetFinished):
            self.sets.append(notice.event.reps)
        if isinstance(notice.event, SensorState):
            self.states.append(notice.event.state)
        self.news.set()

    def take_block(self, wearer: str, block: SampleBlock) -> None:
        pass

    async def stop(self) -> None:
        pass

    async def until(self, state: LinkState) -> None:
        async with asyncio.timeout(2 * PATIENCE_S):
            while state not in self.states:
                self.news.clear()
                await self.news.wait()


@needs_mosquitto
def test_what_a_gateway_sends_is_counted_by_another_process(tmp_path: Path) -> None:
    async def main() -> tuple[int, ...]:
        async with provide_broker(BrokerSettings()) as broker:
            where = f"broker: {{host: 127.0.0.1, port: {broker.settings.port}}}\n"
            box = tmp_path / "box.yaml"
            box.write_text(f"{where}wearers: [{{name: anna}}]\n")
            settings = read_settings(
                f"{where}wearers: [{{name: anna, bands: [{{via: gateway}}]}}]\n"
            )
            watcher = Watcher()
            doors = Doors(settings, tmp_path)
            outputs = Outputs(mqtt=False, more=lambda *_: [watcher], doors=doors)
            counting = asyncio.create_task(
                serve_bands(settings, wearers_of(settings), FakeRadio([]), outputs)
            )
            await watcher.until(LinkState.SEARCHING)
            words = ["gateway", "--recording", str(RECORDING), "--speed", "50", "--config", box]
            gateway = await asyncio.create_subprocess_exec(
                *[sys.executable, "-W", "error", "-m", "repsense", *map(str, words)],
                stdout=subprocess.PIPE,
            )
            await watcher.until(LinkState.ENDED)
            assert await gateway.wait() == 0
            counting.cancel()
            await asyncio.gather(counting, return_exceptions=True)
            return tuple(watcher.sets)

    assert asyncio.run(main()) == replayed_reps()


def fails(*words: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "repsense", *words], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr


def test_a_gateway_without_a_broker_says_so(tmp_path: Path) -> None:
    config = tmp_path / "config.yaml"
    config.write_text("wearers: [{name: anna}]\n")
    assert "set broker.host" in fails("gateway", "--config", str(config))


def test_a_gateway_of_a_gateway_says_so(tmp_path: Path) -> None:
    config = tmp_path / "config.yaml"
    config.write_text(
        "broker: {host: 127.0.0.1}\nwearers: [{name: anna, bands: [{via: gateway}]}]\n"
    )
    assert "this is the gateway" in fails("gateway", "--config", str(config))


def test_a_far_band_without_a_broker_says_so(tmp_path: Path) -> None:
    settings = read_settings("wearers: [{name: anna, bands: [{via: gateway}]}]")
    doors = Doors(settings, tmp_path)
    doors.source("anna", settings.wearers[0].bands[0], origin_s=0.0)
    with pytest.raises(ConfigError, match="'anna' come from a gateway"):
        doors.sinks(settings.broker, print)


BANDS: list[tuple[str, str]] = [
    ("{via: page, driver: polar_verity}", "has no driver"),
    ("{via: gateway, address: x}", "needs no address"),
    ("{via: phyphox}", "no address of phyphox"),
    ("{via: carrier_pigeon}", "allowed is one of bluetooth, page"),
]


@pytest.mark.parametrize(("band", "why"), BANDS)
def test_a_band_that_cannot_be_is_refused(band: str, why: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read_settings(f"wearers: [{{name: anna, bands: [{band}]}}]")
    assert why in str(caught.value)


def test_the_two_bands_of_a_wearer_have_names_of_their_own() -> None:
    text = "wearers: [{name: anna, bands: [{via: page, side: right}, {via: gateway, side: left}]}]"
    (wearer,) = read_settings(text).wearers
    assert [wearer.band_name(number) for number in (0, 1)] == ["anna", "anna-left"]
