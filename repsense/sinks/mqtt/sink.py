"""The sink that publishes events and each wearer's newest state."""

import asyncio
import random
from collections.abc import Callable, Iterable, Sequence

from repsense.errors import BrokerError, CommandError, RepSenseError
from repsense.samples import SampleBlock
from repsense.sinks.base import Notice
from repsense.sinks.live import LiveSink
from repsense.sinks.mqtt import commands, payloads
from repsense.sinks.mqtt.bridge import Bridge, installed_version
from repsense.sinks.mqtt.client import MqttLink
from repsense.sinks.mqtt.commands import OnCommand
from repsense.sinks.mqtt.homeassistant import ANNOUNCEMENT, Discovery
from repsense.sinks.mqtt.outbox import Outbox, OutgoingEvent
from repsense.sinks.mqtt.settings import BrokerSettings, HomeAssistantSettings
from repsense.sinks.mqtt.topics import Topics, checked_wearer
from repsense.sinks.mqtt.wire import Message

# Every bridge is told at once that Home Assistant has started: not all should answer at once.
_WELCOME_DELAY_S = (0.2, 2.0)


def _ignore(*_: object) -> None:
    """Take anything and do nothing."""


class MqttSink:
    """Publish what happens; the newest state is always there for whoever comes later.

    Parameters
    ----------
    settings
        Where the broker is; ``host`` must be set (see ``broker.provide_broker``).
    wearers
        Whose states are there from the start, and who may be sent commands.
    outbox
        Where events wait while the broker is away; None means in memory.
    home_assistant
        Whether and where Home Assistant is told about the wearers; None leaves it alone.
        With discovery off, what it was told before is taken back.
    exercises
        Identifiers of the exercises that can be chosen.
    on_status
        Called in the event loop with one sentence whenever the connection changes.
    on_command
        Called in the event loop as ``on_command(wearer, name, fields)`` for every command
        of :data:`commands.COMMANDS` that is understood. Whatever RepSenseError it raises
        is the answer to the command: refused, and why.

    Raises
    ------
    ConfigError
        When the base topic or a wearer's name cannot be used in a topic.

    Notes
    -----
    A connection can leave only one last will. The main connection leaves the
    service's own; each wearer's availability has a small connection of its own,
    so that it turns ``offline`` too when the service dies.
    """

    def __init__(
        self,
        settings: BrokerSettings,
        *,
        wearers: Iterable[str],
        outbox: Outbox | None = None,
        home_assistant: HomeAssistantSettings | None = None,
        exercises: Sequence[str] = (),
        on_status: Callable[[str], None] = _ignore,
        on_command: OnCommand = _ignore,
    ) -> None:
        self.settings = settings
        self.topics = Topics(settings.base_topic)
        self.home_assistant = home_assistant
        self.on_status = on_status
        self.on_command = on_command
        self._live = LiveSink(checked_wearer(wearer) for wearer in wearers)
        self._gone = Message(
            topic=self.topics.bridge_state(), payload=payloads.bridge_state(online=False)
        )
        self.link = MqttLink(
            settings,
            will=self._gone,
            subscriptions=self._subscriptions(),
            outbox=outbox,
            on_message=self._take_message,
            on_status=self._say,
            on_connected=self._show_info,
            meanwhile="Counting goes on, and what the broker misses is sent when it is there.",
        )
        told = home_assistant is not None and home_assistant.discovery
        self._bridge = Bridge(
            self.link,
            self.topics,
            self._live,
            discovery_prefix=home_assistant.prefix if home_assistant and told else None,
            exercises=exercises,
        )
        self._discovery: Discovery | None = None
        if home_assistant is not None:
            self._discovery = Discovery(
                settings=home_assistant,
                topics=self.topics,
                exercises=exercises,
                version=installed_version(),
            )
        self._week_workouts: dict[str, int] = {}
        self._presences: dict[str, MqttLink] = {}
        self._started = False

    async def start(self) -> None:
        """Begin to connect; without a broker say so and go on trying."""
        try:
            self.link.start()
            for wearer in self._live.wearers:
                self._presence_of(wearer)
        except BrokerError as error:
            self.on_status(f"{error} Nothing is published until the next start.")
            return
        self._started = True
        self._tell_home_assistant()
        self.link.keep(self.topics.bridge_state(), payloads.bridge_state(online=True))
        self._bridge.start()
        self._bridge.show_health()
        for wearer in self._live.wearers:
            self._show(wearer)

    def take(self, notice: Notice) -> None:
        """Publish the event and the state that follows from it."""
        if not self._started:
            return
        known = notice.wearer in self._live.wearers
        self._live.take(notice)
        if not known:
            self._tell_home_assistant()
        kind = payloads.event_kind(notice.event)
        if kind is not None:
            topic = self.topics.event(notice.wearer, kind)
            self.link.send(
                OutgoingEvent(key=notice.event_id, topic=topic, payload=payloads.event(notice))
            )
        self._show(notice.wearer)

    def take_block(self, wearer: str, block: SampleBlock) -> None:
        """Count samples, for the bridge's health."""
        self._bridge.count(wearer, block)

    def show_week(self, wearer: str, workouts: int) -> None:
        """Take how many workouts a wearer has done this week."""
        self._week_workouts[wearer] = workouts
        if self._started:
            self._show(wearer)

    async def stop(self) -> None:
        """Say ``offline`` for everything, wait briefly for the broker, disconnect."""
        if not self._started:
            return
        self._started = False
        self._bridge.stop()
        farewells = [p.stop((self._absent(wearer),)) for wearer, p in self._presences.items()]
        await asyncio.gather(self.link.stop((self._gone,)), *farewells)

    def _show(self, wearer: str) -> None:
        live = self._live.state_of(wearer)
        week = self._week_workouts.get(wearer)
        self.link.keep(self.topics.state(wearer), payloads.state(live, week_workouts=week))
        self._bridge.show_rest(wearer)
        self._presence_of(wearer).keep(
            self.topics.availability(wearer), payloads.availability(available=live.available)
        )

    def _presence_of(self, wearer: str) -> MqttLink:
        presence = self._presences.get(wearer)
        if presence is None:
            # The main connection already says what is wrong with the broker.
            presence = MqttLink(self.settings, will=self._absent(wearer))
            presence.start()
            self._presences[wearer] = presence
        return presence

    def _absent(self, wearer: str) -> Message:
        return Message(
            topic=self.topics.availability(wearer), payload=payloads.availability(available=False)
        )

    def _subscriptions(self) -> tuple[str, ...]:
        commands_filter = self.topics.commands_filter()
        if self.home_assistant is None or not self.home_assistant.discovery:
            return (commands_filter,)
        return commands_filter, self.home_assistant.status_topic()

    def _tell_home_assistant(self) -> None:
        """Keep the devices' discovery messages; with discovery off, clear them."""
        if self._discovery is None:
            return
        for topic, payload in self._discovery.messages(self._live.wearers).items():
            if self._discovery.settings.discovery:
                self.link.keep(topic, payload)
            else:
                self.link.forget(topic)

    def _welcome_home_assistant(self) -> None:
        """Say everything again: Home Assistant has started and may have missed it."""
        for link in (self.link, *self._presences.values()):
            link.repeat()

    def _show_info(self) -> None:
        self._bridge.show_info()

    def _say(self, text: str) -> None:
        self._bridge.say(text)
        self.on_status(text)

    def _take_message(self, message: Message) -> None:
        if self.home_assistant and message.topic == self.home_assistant.status_topic():
            if message.payload == ANNOUNCEMENT:
                delay_s = random.uniform(*_WELCOME_DELAY_S)  # noqa: S311 - no secret
                asyncio.get_running_loop().call_later(delay_s, self._welcome_home_assistant)
            return
        asked = self.topics.parse_command(message.topic)
        # A retained command was meant for another day.
        if asked is None or message.retained:
            return
        wearer, name = asked
        transaction, refusal = None, None
        try:
            self._check_wearer(wearer)
            command = commands.parse(name, message.payload)
            transaction = command.transaction
            self.on_command(wearer, name, command.fields)
        except RepSenseError as error:
            refusal = str(error)
            self._say(refusal)
        answer = payloads.response(
            wearer=wearer, command=name, transaction=transaction, refusal=refusal
        )
        here = wearer if wearer in self._live.wearers else None
        self.link.tell(self.topics.response(here), answer)

    def _check_wearer(self, wearer: str) -> None:
        if wearer not in self._live.wearers:
            known = ", ".join(self._live.wearers) or "nobody"
            raise CommandError(
                f"A command came for {commands.shown(wearer)}, who is not here (known: {known})."
            )
