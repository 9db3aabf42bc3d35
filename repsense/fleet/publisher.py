"""A worker's connection to the broker: what comes for its partition, what it has to say."""

from collections.abc import Callable, Iterable, Mapping

from repsense.fleet.line import Line
from repsense.sinks.base import Notice
from repsense.sinks.mqtt import payloads
from repsense.sinks.mqtt.client import MqttLink
from repsense.sinks.mqtt.outbox import MemoryOutbox, OutgoingEvent
from repsense.sinks.mqtt.settings import BrokerSettings
from repsense.sinks.mqtt.topics import Topics
from repsense.sinks.mqtt.wire import Message, Receipt, Session

# How long the broker keeps samples for a worker that is away. What is older nobody waits for.
_SESSION_S = 3600


class Publisher:
    """Publish what lines say, and keep with each line what the broker has not got yet.

    Parameters
    ----------
    settings
        Where the broker is; ``host`` must be set.
    part, partitions
        Which part of the topics, of how many.
    on_message
        Called in the event loop with samples and commands; each has to be acknowledged.
    on_status
        Takes sentences for people.
    on_connected
        Called in the event loop on every connection.
    """

    def __init__(
        self,
        settings: BrokerSettings,
        *,
        part: int,
        partitions: int,
        on_message: Callable[[Message], None],
        on_status: Callable[[str], None],
        on_connected: Callable[[], None],
    ) -> None:
        self.topics = Topics(settings.base_topic)
        self.events = 0
        self._part, self._partitions = part, partitions
        self._gone = Message(topic=self.topics.worker(part), payload=self._state({}))
        self._samples = self.topics.samples_prefix(part)
        self._unsent = _Ledger(settings.outbox_events)
        self._link = MqttLink(
            settings,
            will=self._gone,
            subscriptions=(f"{self._samples}+", self.topics.commands_filter()),
            outbox=self._unsent,
            on_message=on_message,
            on_status=on_status,
            on_connected=on_connected,
            meanwhile="Counting goes on when it is there; it keeps the samples.",
            session=Session(
                name=f"repsense-fleet-{settings.base_topic.replace('/', '-')}-{part}-{partitions}",
                expiry_s=_SESSION_S,
            ),
        )

    @property
    def connected(self) -> bool:
        """Whether the broker is there."""
        return self._link.connected

    def start(self) -> None:
        """Begin to connect; see :meth:`repsense.sinks.mqtt.client.MqttLink.start`."""
        self._link.start()

    async def stop(self) -> None:
        """Wait briefly for the broker, disconnect. The session stays."""
        await self._link.stop((self._gone,))

    def band_of(self, topic: str) -> str | None:
        """Return whose samples come on a topic, None where it is another one."""
        return topic[len(self._samples) :] if topic.startswith(self._samples) else None

    def publish(self, line: Line, notices: Iterable[Notice]) -> None:
        """Publish what a line has said, and the state it is in now."""
        said = False
        for notice in notices:
            said = True
            kind = payloads.event_kind(notice.event)
            if kind is not None:
                topic = self.topics.event(notice.wearer, kind)
                text = payloads.event(notice)
                self._send(line, OutgoingEvent(key=notice.event_id, topic=topic, payload=text))
        if said:
            self._show_state(line)

    def publish_again(self, line: Line) -> None:
        """Publish what the broker may not have got of a line that is taken over."""
        for event in tuple(line.unsent.values()):
            self._send(line, event)

    def acknowledge(self, receipt: Receipt) -> None:
        """Tell the broker that it need not keep a message."""
        self._link.acknowledge(receipt)

    def answer(
        self,
        wearer: str,
        command: str,
        transaction: str | int | None,
        refusal: str | None,
        *,
        known: bool,
    ) -> None:
        """Answer a command; ``refusal`` says why it is refused, None that it is not."""
        text = payloads.response(
            wearer=wearer, command=command, transaction=transaction, refusal=refusal
        )
        self._link.tell(self.topics.response(wearer if known else None), text)

    def show(self, facts: Mapping[str, str | int | float]) -> None:
        """Keep the worker's own state up to date."""
        self._link.keep(self._gone.topic, self._state(facts))

    def release(self, wearer: str) -> None:
        """Say a wearer's state no more when the broker comes back: it is over."""
        self._link.release(self.topics.state(wearer))
        self._link.release(self.topics.availability(wearer))

    def _state(self, facts: Mapping[str, str | int | float]) -> str:
        return payloads.fleet_worker(part=self._part, partitions=self._partitions, facts=facts)

    def _send(self, line: Line, event: OutgoingEvent) -> None:
        self.events += 1
        line.wait(event)
        self._unsent.owners[event.key] = line
        self._link.send(event)

    def _show_state(self, line: Line) -> None:
        live = line.live
        self._link.keep(self.topics.state(live.wearer), payloads.state(live))
        self._link.keep(
            self.topics.availability(live.wearer), payloads.availability(available=live.available)
        )


class _Ledger(MemoryOutbox):
    """An outbox that lets a line know what the broker has."""

    def __init__(self, max_events: int) -> None:
        super().__init__(max_events)
        self.owners: dict[str, Line] = {}

    def delivered(self, key: str) -> None:
        """Forget an event, here and in its line."""
        super().delivered(key)
        line = self.owners.pop(key, None)
        if line is not None:
            line.unsent.pop(key, None)
