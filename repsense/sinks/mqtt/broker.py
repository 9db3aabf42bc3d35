"""Find a broker or start one: the configured one, else Mosquitto, else amqtt (its only import)."""

import asyncio
import contextlib
import logging
import shlex
import shutil
import threading
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Literal

from repsense.errors import BrokerError
from repsense.sinks.mqtt.mosquitto import LOOPBACK, PORT_TRIES, find_mosquitto, free_port, mosquitto
from repsense.sinks.mqtt.settings import BrokerSettings

if TYPE_CHECKING:
    from amqtt.broker import Broker

START_TIMEOUT_S = 10.0
STOP_TIMEOUT_S = 3.0

Kind = Literal["configured", "mosquitto", "amqtt"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningBroker:
    """A broker to connect to, and where it came from.

    Parameters
    ----------
    settings
        How to reach it; ``host`` and port are set.
    kind
        Configured by the person, or started here with which software.
    """

    settings: BrokerSettings
    kind: Kind

    @property
    def host(self) -> str:
        """Name or address of the broker."""
        return self.settings.host or LOOPBACK

    @property
    def port(self) -> int:
        """Its port."""
        return self.settings.effective_port

    def describe(self) -> str:
        """Return one sentence on which broker this is."""
        where = self.settings.address
        match self.kind:
            case "configured":
                return f"Using the configured MQTT broker at {where}."
            case "mosquitto":
                return f"Started Mosquitto at {where} for this run, reachable on this machine only."
            case "amqtt":
                return (
                    f"Started the built-in broker (amqtt) at {where}: for trying out, MQTT 3.1.1 "
                    f"only, reachable on this machine only. For every day install Mosquitto."
                )

    def watch_line(self) -> str:
        """Return the command that shows in another terminal what is published, as sentences."""
        return shlex.join(["repsense", "watch", "--host", self.host, "--port", str(self.port)])

    def subscribe_line(self) -> str | None:
        """Return the command of Mosquitto that shows what is published, as it is.

        None where ``mosquitto_sub`` is not installed, or would need the password.
        """
        if shutil.which("mosquitto_sub") is None or self.settings.username is not None:
            return None
        words = ["mosquitto_sub", "-h", self.host, "-p", str(self.port)]
        if self.settings.ca_file is not None:
            words += ["--cafile", self.settings.ca_file]
        elif self.settings.tls:
            words.append("--tls-use-os-certs")
        return shlex.join([*words, "-v", "-t", f"{self.settings.base_topic}/#"])


@contextlib.asynccontextmanager
async def provide_broker(settings: BrokerSettings) -> AsyncIterator[RunningBroker]:
    """Give a broker for as long as the context lasts.

    1. A configured host is taken as it is (it need not be reachable yet).
    2. Else a ``mosquitto`` is started as a child, on a free loopback port.
    3. Else amqtt, if installed, in a thread of this process, on loopback.

    Raises
    ------
    BrokerError
        When there is no way to get a broker: says what to install.
    """
    if settings.host is not None:
        yield RunningBroker(settings=settings, kind="configured")
    elif (program := find_mosquitto()) is not None:
        async with mosquitto(program) as port:
            yield RunningBroker(settings=_local(settings, port), kind="mosquitto")
    elif find_spec("amqtt") is not None:
        async with _embedded() as port:
            yield RunningBroker(settings=_local(settings, port), kind="amqtt")
    else:
        raise BrokerError(
            "There is no MQTT broker: none is configured, Mosquitto is not installed, and neither "
            "is the built-in one. Install Mosquitto (on Debian: apt install mosquitto), or the "
            "built-in one (pip install 'repsense[broker]'), or set broker.host in config.yaml."
        )


def _local(settings: BrokerSettings, port: int) -> BrokerSettings:
    # What the person set for logging in belongs to another broker than the one started here.
    return BrokerSettings(host=LOOPBACK, port=port, base_topic=settings.base_topic)


# -- amqtt in a thread -----------------------------------------------------------------------------


@contextlib.asynccontextmanager
async def _embedded() -> AsyncIterator[int]:
    broker = _EmbeddedBroker()
    try:
        yield await asyncio.to_thread(broker.start)
    finally:
        await asyncio.to_thread(broker.stop)


class _EmbeddedBroker:
    """amqtt on an event loop of its own, so that a busy one here delays no message."""

    def __init__(self) -> None:
        self._thread = threading.Thread(target=self._run, name="repsense-amqtt", daemon=True)
        self._ready = threading.Event()
        self._port = 0
        self._failure: str | None = None
        self._end: Callable[[], None] = lambda: None

    def start(self) -> int:
        """Start and return the port. Blocks."""
        self._thread.start()
        if not self._ready.wait(START_TIMEOUT_S) or self._failure is not None:
            raise BrokerError(
                f"The built-in MQTT broker did not start ({self._failure or 'no answer in time'}): "
                f"install Mosquitto (on Debian: apt install mosquitto), or set broker.host in "
                f"config.yaml."
            )
        return self._port

    def stop(self) -> None:
        """Stop and wait for the end. Blocks."""
        self._end()
        if self._thread.ident is not None:
            self._thread.join(STOP_TIMEOUT_S)

    def _run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        ending = asyncio.Event()
        loop = asyncio.get_running_loop()
        # A client that is cut off while it connects leaves an exception that amqtt does not
        # catch. The loop would print it, and it is nothing a person can do anything about.
        loop.set_exception_handler(lambda _loop, _context: None)

        def end() -> None:
            with contextlib.suppress(RuntimeError):  # the loop is closed: it has ended already
                loop.call_soon_threadsafe(ending.set)

        self._end = end
        try:
            broker = await self._started()
        finally:
            self._ready.set()
        if broker is not None:
            await ending.wait()
            await broker.shutdown()

    async def _started(self) -> "Broker | None":
        from amqtt.broker import Broker  # noqa: PLC0415 - an extra, and slow to load
        from amqtt.errors import AMQTTError  # noqa: PLC0415 - an extra, and slow to load

        _silence_amqtt()
        for _ in range(PORT_TRIES):
            self._port = free_port()
            broker = Broker(_amqtt_config(self._port))
            try:
                await broker.start()
            except AMQTTError as error:
                self._failure = str(error)
                continue
            self._failure = None
            return broker
        return None


def _amqtt_config(port: int) -> dict[str, object]:
    return {
        "listeners": {"default": {"type": "tcp", "bind": f"{LOOPBACK}:{port}"}},
        "plugins": {"amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}},
    }


def _silence_amqtt() -> None:
    """Keep what amqtt and its state machine log (a line a packet) out of the person's terminal."""
    for name in ("amqtt", "transitions"):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
