"""Real brokers on loopback, and an ear that waits for messages."""

import asyncio
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from repsense.sinks.mqtt.client import MqttLink
from repsense.sinks.mqtt.mosquitto import find_mosquitto
from repsense.sinks.mqtt.settings import BrokerSettings
from repsense.sinks.mqtt.wire import Message

PATIENCE_S = 60.0


class Mosquitto:
    """A Mosquitto that a test starts, kills and starts again on the same port."""

    def __init__(self, program: str, folder: Path, extra: Sequence[str]) -> None:
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port: int = probe.getsockname()[1]
        self._command = [program, "-v", "-c", str(folder / "mosquitto.conf")]
        listener = [f"listener {self.port} 127.0.0.1", "persistence false", "log_dest stderr"]
        if not any(line.startswith("allow_anonymous") for line in extra):
            listener.append("allow_anonymous true")
        text = "\n".join([*listener, *extra, "user root"])
        (folder / "mosquitto.conf").write_text(text, encoding="utf-8")
        self._child: subprocess.Popen[str] | None = None

    @property
    def settings(self) -> BrokerSettings:
        return BrokerSettings(host="127.0.0.1", port=self.port)

    def start(self) -> None:
        child = subprocess.Popen(self._command, stderr=subprocess.PIPE, text=True)
        assert child.stderr is not None
        # It listens before it says so.
        seen = []
        for line in child.stderr:
            seen.append(line)
            if " running" in line:
                break
        else:
            pytest.fail(f"Mosquitto did not start: {seen}")
        # It logs every message, and a pipe that nobody empties would stop it after some hundreds.
        self._reader = threading.Thread(target=child.stderr.read)
        self._reader.start()
        self._child = child

    def kill(self) -> None:
        if self._child is not None:
            self._child.kill()
            self._child.wait()
            self._reader.join()
            if self._child.stderr is not None:
                self._child.stderr.close()
            self._child = None


class Ear:
    """Listens on the broker and waits for what a test expects."""

    def __init__(self, settings: BrokerSettings, topic: str = "repsense/#") -> None:
        self.heard: list[Message] = []
        self._unread: list[Message] = []
        self._news = asyncio.Event()
        self.link = MqttLink(settings, subscriptions=(topic,), on_message=self._hear)

    def _hear(self, message: Message) -> None:
        self.heard.append(message)
        self._unread.append(message)
        self._news.set()

    async def __aenter__(self) -> "Ear":
        self.link.start()
        await self.link.first_connection()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.link.stop()

    async def until(self, topic: str, test: Callable[[str], bool] = bool) -> Message:
        """Return the next message on ``topic`` whose payload passes ``test``.

        Messages on other topics stay for later calls; those before it on its own do not.
        """
        async with asyncio.timeout(PATIENCE_S):
            while True:
                for message in [m for m in self._unread if m.topic == topic]:
                    self._unread.remove(message)
                    if test(message.payload):
                        return message
                self._news.clear()
                await self._news.wait()


@pytest.fixture
def make_mosquitto(tmp_path: Path) -> Iterator[Callable[..., Mosquitto]]:
    program = find_mosquitto()
    if program is None:
        pytest.skip("mosquitto is not installed (on Debian: apt install mosquitto)")
    made: list[Mosquitto] = []

    def make(*extra: str) -> Mosquitto:
        broker = Mosquitto(program, tmp_path, extra)
        made.append(broker)
        broker.start()
        return broker

    yield make
    for broker in made:
        broker.kill()


@pytest.fixture
def mosquitto(make_mosquitto: Callable[..., Mosquitto]) -> Mosquitto:
    return make_mosquitto()


@pytest.fixture
def listen() -> Callable[..., Ear]:
    return Ear


class Said:
    """Takes what is said to people, and waits for a certain sentence."""

    def __init__(self) -> None:
        self.all: list[str] = []
        self._news: asyncio.Queue[str] = asyncio.Queue()

    def __call__(self, text: str) -> None:
        self.all.append(text)
        self._news.put_nowait(text)

    async def until(self, part: str) -> str:
        async with asyncio.timeout(PATIENCE_S):
            while part not in (text := await self._news.get()):
                pass
        return text


@pytest.fixture
def said() -> Said:
    return Said()
