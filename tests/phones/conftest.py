"""Phones' doors on free ports, opened and closed with a scenario."""

import asyncio
import ssl
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

pytest.importorskip("uvicorn", reason="the extra 'phones' is not installed")
pytest.importorskip("cryptography", reason="the extra 'phones' is not installed")

from listening import Seen, reading

from repsense.sources.phone.motion_page import MotionPageDecoder
from repsense.sources.phone.sensor_logger import SensorLoggerDecoder
from repsense.sources.pushed import PushedSource
from repsense.web.phones.address import Way
from repsense.web.phones.app import Door
from repsense.web.phones.certificate import CERTIFICATE_FILE
from repsense.web.phones.settings import PhoneSettings
from repsense.web.phones.sink import PhoneSink


@dataclass(frozen=True)
class Opened:
    """Doors that are open, and what a phone would know of them."""

    sink: PhoneSink
    sources: dict[str, PushedSource]

    def address(self, band: str) -> str:
        return self.sink.addresses[band]

    @property
    def trust(self) -> ssl.SSLContext:
        """What a phone has that was told to trust our certificate, and nobody else's."""
        return ssl.create_default_context(cafile=self.sink.folder / CERTIFICATE_FILE)

    async def post(self, address: str, body: bytes) -> tuple[int, str]:
        """Send a message as a phone's app does; return status and text of the answer."""
        return await asyncio.to_thread(self._post, address, body)

    def _post(self, address: str, body: bytes | None) -> tuple[int, str]:
        context = self.trust if address.startswith("https") else None
        request = urllib.request.Request(address, data=body)
        try:
            with urllib.request.urlopen(request, timeout=60, context=context) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()

    async def get(self, address: str) -> tuple[int, str]:
        return await asyncio.to_thread(self._post, address, None)


@asynccontextmanager
async def _opened(folder: Path) -> AsyncIterator[Opened]:
    sources = {
        "anna": PushedSource(MotionPageDecoder(), advice="Open the page."),
        "ben": PushedSource(SensorLoggerDecoder(), advice="Press start."),
    }
    ways = {"anna": Way.PAGE, "ben": Way.SENSOR_LOGGER}
    doors = {
        band: Door(way=ways[band], put=source.put, gone=source.gone)
        for band, source in sources.items()
    }
    sink = PhoneSink(PhoneSettings(https_port=0, http_port=0), doors, folder=folder)
    await sink.start()
    try:
        yield Opened(sink=sink, sources=sources)
    finally:
        await sink.stop()


Scenario = Callable[[Opened, Seen], Awaitable[None]]


@pytest.fixture
def phone_of(tmp_path: Path) -> Callable[[str, Scenario], Seen]:
    """Return what plays a scenario with the phone of a band and returns what its source gave."""

    async def play(band: str, scenario: Scenario) -> Seen:
        async with _opened(tmp_path) as opened:
            return await reading(opened.sources[band], lambda seen: scenario(opened, seen))

    return lambda band, scenario: asyncio.run(play(band, scenario))
