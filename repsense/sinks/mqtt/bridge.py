"""The service itself on MQTT: what it is, how it does, what it says to people, the rest clocks."""

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as version_of

from repsense.samples import SampleBlock
from repsense.sinks.live import LiveSink, Phase
from repsense.sinks.mqtt import payloads
from repsense.sinks.mqtt.client import MqttLink
from repsense.sinks.mqtt.topics import Topics

HEALTH_EVERY_S = 30.0
REST_EVERY_S = 5.0

_LOGGER = "repsense"


def installed_version() -> str:
    """Return the version of RepSense that is installed."""
    try:
        return version_of("repsense")
    except PackageNotFoundError:  # run from a source tree
        return "unknown"


class Bridge:
    """Says what there is to say about the service.

    Parameters
    ----------
    link
        Where it is said.
    live
        The wearers' states.
    discovery_prefix
        Where Home Assistant is told; None where it is not.
    exercises
        Identifiers of the exercises that can be chosen.
    """

    def __init__(
        self,
        link: MqttLink,
        topics: Topics,
        live: LiveSink,
        *,
        discovery_prefix: str | None,
        exercises: Sequence[str],
    ) -> None:
        self._link = link
        self._topics = topics
        self._live = live
        self._discovery_prefix = discovery_prefix
        self._exercises = exercises
        self._started_at = datetime.now(UTC)
        self._samples: dict[str, int] = {}
        self._since_s = time.monotonic()
        self._log = _Forwarder(self)
        self._ticking: list[asyncio.TimerHandle] = []

    def start(self) -> None:
        """Begin to speak, from the running event loop."""
        self._loop = asyncio.get_running_loop()
        self._begun_s = self._since_s = time.monotonic()
        logging.getLogger(_LOGGER).addHandler(self._log)
        self._every(HEALTH_EVERY_S, self.show_health)
        self._every(REST_EVERY_S, self._show_rests)

    def stop(self) -> None:
        """Speak no more."""
        logging.getLogger(_LOGGER).removeHandler(self._log)
        for timer in self._ticking:
            timer.cancel()
        self._ticking.clear()

    def count(self, wearer: str, block: SampleBlock) -> None:
        """Take that samples have come."""
        self._samples[wearer] = self._samples.get(wearer, 0) + len(block)

    def show_info(self) -> None:
        """Say what the service is."""
        info = payloads.bridge_info(
            version=installed_version(),
            started_at=self._started_at,
            protocol=self._link.protocol_name,
            base_topic=self._topics.base,
            discovery_prefix=self._discovery_prefix,
            wearers=self._live.wearers,
            exercises=self._exercises,
        )
        self._link.keep(self._topics.bridge("info"), info)

    def show_health(self) -> None:
        """Say how the service does, over the time since it was said last."""
        now_s = time.monotonic()
        passed_s = max(now_s - self._since_s, 0.001)
        rates = {name: count / passed_s for name, count in self._samples.items()}
        states = [self._live.state_of(wearer) for wearer in self._live.wearers]
        self._samples.clear()
        self._since_s = now_s
        health = payloads.bridge_health(
            uptime_s=now_s - self._begun_s,
            streaming=sum(state.available for state in states),
            sensors=len(states),
            samples_per_s=sum(rates.values()),
            lost_samples=sum(state.lost_samples for state in states),
            queue=len(self._link.outbox),
            dropped=self._link.outbox.dropped,
            wearers={
                state.wearer: (state.sensor_state.value, rates.get(state.wearer, 0.0))
                for state in states
            },
        )
        self._link.keep(self._topics.bridge("health"), health)

    def show_rest(self, wearer: str) -> None:
        """Say how long a wearer has been resting."""
        state = self._live.state_of(wearer)
        resting = state.phase is Phase.REST and state.rest_since is not None
        since = state.rest_since if resting else None
        seconds = 0.0 if since is None else (datetime.now(UTC) - since).total_seconds()
        self._link.keep(self._topics.rest(wearer), payloads.rest(seconds))

    def say(self, text: str, level: str = "info") -> None:
        """Pass on a sentence to whoever listens right now."""
        self._link.tell(self._topics.bridge("logging"), payloads.bridge_logging(level, text))

    def say_from_anywhere(self, text: str, level: str) -> None:
        """Pass on a sentence from any thread."""
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody listens any more
            self._loop.call_soon_threadsafe(self.say, text, level)

    def _show_rests(self) -> None:
        for wearer in self._live.wearers:
            self.show_rest(wearer)

    def _every(self, seconds: float, do: Callable[[], None]) -> None:
        def tick() -> None:
            self._ticking.remove(timer)
            do()
            self._every(seconds, do)

        timer = self._loop.call_later(seconds, tick)
        self._ticking.append(timer)


class _Forwarder(logging.Handler):
    """Passes warnings and errors of the log on, without their tracebacks."""

    def __init__(self, bridge: Bridge) -> None:
        super().__init__(logging.WARNING)
        self._bridge = bridge

    def emit(self, record: logging.LogRecord) -> None:
        level = "error" if record.levelno >= logging.ERROR else "warning"
        self._bridge.say_from_anywhere(record.getMessage(), level)
