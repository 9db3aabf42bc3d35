"""The way in over MQTT: samples that gateways and phones publish, for the sources they are for.

The connection is that of the sinks, so that one room knows brokers. What a message
is it does not know: it hands the text to whatever it was given for the topic.
"""

from collections.abc import Callable, Mapping

from repsense.errors import BrokerError, DecodeError
from repsense.samples import SampleBlock
from repsense.sinks.base import Notice
from repsense.sinks.mqtt.client import MqttLink
from repsense.sinks.mqtt.settings import BrokerSettings
from repsense.sinks.mqtt.wire import Message


def _ignore(*_: object) -> None:
    """Take anything and do nothing."""


class MqttInlet:
    """Hand on what arrives, for as long as the service runs; to the service it is a sink.

    Parameters
    ----------
    settings
        Where the broker is; ``host`` must be set.
    routes
        Topic or filter (``+`` for any one level) -> what takes the messages. It may
        raise ``DecodeError``, which is said and changes nothing else.
    on_status
        Called in the event loop with a sentence whenever there is news.
    """

    def __init__(
        self,
        settings: BrokerSettings,
        routes: Mapping[str, Callable[[str], None]],
        *,
        on_status: Callable[[str], None] = _ignore,
    ) -> None:
        self.routes = dict(routes)
        self.on_status = on_status
        self.link = MqttLink(
            settings,
            subscriptions=tuple(self.routes),
            on_message=self._take_message,
            on_status=on_status,
            meanwhile="No samples come from there until it is back.",
        )
        self._told: dict[str, str] = {}
        self._started = False

    async def start(self) -> None:
        """Begin to connect; without a broker say so and go on trying."""
        try:
            self.link.start()
        except BrokerError as error:
            self.on_status(f"{error} No samples come from there until the next start.")
            return
        self._started = True

    def take(self, notice: Notice) -> None:
        """Ignore events."""

    def take_block(self, wearer: str, block: SampleBlock) -> None:
        """Ignore samples."""

    async def stop(self) -> None:
        """Disconnect."""
        if self._started:
            self._started = False
            await self.link.stop()

    def _take_message(self, message: Message) -> None:
        # Retained samples are those of another day.
        if message.retained:
            return
        for pattern, take in self.routes.items():
            if not _matches(pattern, message.topic):
                continue
            try:
                take(message.payload)
            except DecodeError as error:
                self._complain(message.topic, str(error))

    def _complain(self, topic: str, what: str) -> None:
        """Say a fault once, however often it comes in a row."""
        if self._told.get(topic) != what:
            self._told[topic] = what
            self.on_status(f"{topic}: {what}")


def _matches(pattern: str, topic: str) -> bool:
    wanted, levels = pattern.split("/"), topic.split("/")
    return len(wanted) == len(levels) and all(
        one in {"+", level} for one, level in zip(wanted, levels, strict=True)
    )
