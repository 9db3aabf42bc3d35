"""The connection that stays up: reconnects, falls back to 3.1.1, says everything again.

Everything here happens in the event loop, so nothing is locked and nothing
blocks; the network has a thread of its own (:mod:`repsense.sinks.mqtt.wire`).
"""

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable
from typing import Any

from repsense.errors import BrokerError
from repsense.sinks.mqtt import sentences
from repsense.sinks.mqtt.outbox import MemoryOutbox, Outbox, OutgoingEvent
from repsense.sinks.mqtt.settings import BrokerSettings, Version
from repsense.sinks.mqtt.wire import (
    IN_FLIGHT,
    RECONNECT_MIN_S,
    STOP_TIMEOUT_S,
    Message,
    Receipt,
    Session,
    Wire,
)

# A broker that only knows 3.1.1 may misread version 5 and wait for more instead of refusing
# (amqtt does), so an answer that does not come is a refusal too. Doubled with every attempt.
ANSWER_TIMEOUT_S = 1.0
_MOST_DOUBLINGS = 5  # 31 s between attempts that nobody answers

# Messages received but not yet taken by the event loop; beyond it the oldest go.
MAX_INBOX = 10_000

# How long after the last acknowledgement the outbox is asked to forget what it still keeps.
_FORGET_AFTER_S = 6.0

_UNSUPPORTED_VERSION = "Unsupported protocol version"

# What a broker that is full says of an event (MQTT 5, 3.4.2.1), and how long it is then left alone.
_FULL = "Quota exceeded"
FULL_PAUSE_S = 5.0


def _ignore(*_: object) -> None:
    """Take anything and do nothing."""


class MqttLink:
    """One connection to the broker, for as long as it is wanted.

    Parameters
    ----------
    settings
        Where the broker is; ``host`` must be set.
    will
        Retained message that the broker publishes when this connection dies.
    subscriptions
        Filters to subscribe to on every connection.
    outbox
        Where events wait for the broker; None means a bounded one in memory.
    on_message
        Called in the event loop with every message received.
    on_status
        Called in the event loop with a sentence or two whenever the connection changes.
    on_connected
        Called in the event loop on every connection, before what is kept is said again.
    meanwhile
        What to tell people about the time without a broker.
    session
        What the broker keeps while we are away. With one, each message that has a receipt
        is to be acknowledged, and all that come are handed out; None keeps nothing.

    Notes
    -----
    Retained topics are a cache of the latest text, sent again on every connection.
    They go with QoS 0 unless the settings say otherwise: with QoS 1 a stale one could
    be re-sent after the new one. Events go from the outbox and leave it when acknowledged.
    """

    def __init__(
        self,
        settings: BrokerSettings,
        *,
        will: Message | None = None,
        subscriptions: tuple[str, ...] = (),
        outbox: Outbox | None = None,
        on_message: Callable[[Message], None] = _ignore,
        on_status: Callable[[str], None] = _ignore,
        on_connected: Callable[[], None] = _ignore,
        meanwhile: str = "Trying again.",
        session: Session | None = None,
    ) -> None:
        self.settings = settings
        self.will = will
        self.subscriptions = subscriptions
        self.outbox: Outbox = MemoryOutbox() if outbox is None else outbox
        self.on_message = on_message
        self.on_status = on_status
        self.on_connected = on_connected
        self.meanwhile = meanwhile
        self.session = session
        self.connected = False
        self.protocol: Version = "v3.1.1" if settings.protocol == "v3.1.1" else "v5"
        self._retained: dict[str, str] = {}
        self._in_flight: dict[int, str] = {}
        # With a session the broker itself sends only so much before it is acknowledged.
        self._inbox: deque[Message] = deque(maxlen=MAX_INBOX if session is None else None)
        self._inbox_announced = False
        self._wire: Wire | None = None
        self._closing: set[asyncio.Future[None]] = set()
        self._settled: asyncio.Future[None] | None = None
        self._answered = False  # the broker has answered the newest attempt to connect
        self._ever_connected = False
        self._fallback: asyncio.TimerHandle | None = None
        self._forgetting: asyncio.TimerHandle | None = None
        self._full: asyncio.TimerHandle | None = None
        self._fallbacks = 0
        self._last_status = ""

    @property
    def protocol_name(self) -> str:
        """The MQTT version in use: ``5`` or ``3.1.1``."""
        return self.protocol.removeprefix("v")

    def start(self) -> None:
        """Begin to connect, in the background. Call from a running event loop.

        Raises
        ------
        BrokerError
            When the password file or a certificate cannot be read.
        """
        self._loop = asyncio.get_running_loop()
        self._first_outcome: asyncio.Future[None] = self._loop.create_future()
        # Read once: what a person changes meanwhile must not surprise a later attempt.
        self._login = (self.settings.read_username(), self.settings.read_password())
        self._tls = self.settings.tls_context()
        self._connect()

    async def first_connection(self) -> None:
        """Wait until the first attempt has succeeded.

        Raises
        ------
        BrokerError
            When the first attempt has failed. The link goes on trying.
        """
        await asyncio.shield(self._first_outcome)

    def keep(self, topic: str, payload: str) -> None:
        """Publish a retained message: now if connected, and on every connection from now on."""
        if self._retained.get(topic) == payload:
            return
        self._retained[topic] = payload
        self._publish_kept(topic, payload)

    def repeat(self) -> None:
        """Say everything that is kept once more: somebody has come who may have missed it."""
        for topic, payload in self._retained.items():
            self._publish_kept(topic, payload)

    def forget(self, topic: str) -> None:
        """Keep a topic no longer, and clear what the broker keeps of it."""
        self._retained[topic] = ""
        self._publish_kept(topic, "")

    def release(self, topic: str) -> None:
        """Say a retained message no more; what the broker keeps of it stays."""
        self._retained.pop(topic, None)

    def acknowledge(self, receipt: Receipt) -> None:
        """Tell the broker that a message of our session need not come again."""
        if self._wire is not None:
            self._wire.acknowledge(receipt)

    def tell(self, topic: str, payload: str) -> None:
        """Publish something for whoever listens right now; nobody misses it later."""
        if self.connected and self._wire is not None:
            self._wire.publish(topic, payload, qos=0, retain=False)

    def send(self, event: OutgoingEvent) -> None:
        """Publish an event as soon as there is a connection."""
        self.outbox.put(event)
        self._send_waiting()

    async def stop(self, last: tuple[Message, ...] = ()) -> None:
        """Send what waits, say the ``last`` retained messages, disconnect.

        A broker that is too slow or away gets :data:`STOP_TIMEOUT_S` and no more.
        """
        if self._wire is None:
            return
        await self._settle()
        for timer in (self._fallback, self._forgetting, self._full):
            if timer is not None:
                timer.cancel()
        wire, farewells = self._wire, last if self.connected else ()
        self.connected, self._wire = False, None
        self._first_outcome.cancel()
        await asyncio.gather(*self._closing, asyncio.to_thread(wire.close, farewells))
        if len(self.outbox):
            self._say(sentences.undelivered(len(self.outbox), kept=self.outbox.outlives_us))
        self.outbox.close()

    # -- what the wire tells -------------------------------------------------------------------

    def await_answer(self) -> None:
        """Give the broker some time to answer, if it ever will."""
        if not self._ever_connected:
            patience_s = ANSWER_TIMEOUT_S * 2 ** min(self._fallbacks, _MOST_DOUBLINGS)
            self._loop.call_later(patience_s, self._give_up_waiting, self._wire)

    def welcomed(self) -> None:
        """Subscribe, and say everything that is to be said."""
        if self._wire is None:
            return
        self._answered = self._ever_connected = True
        self.on_connected()
        self.connected = True
        if self.subscriptions:
            self._wire.subscribe(self.subscriptions)
        self.repeat()
        self._send_waiting()
        if not self.subscriptions:
            self.subscribed()

    def subscribed(self) -> None:
        """Say that all is well: from now on we are heard, and hear."""
        if not self._first_outcome.done():
            self._first_outcome.set_result(None)
        self._say(sentences.connected(self.settings.address, self.protocol_name))

    def refused(self, reason: str) -> None:
        """Try the older version if it is that; else say so."""
        self._answered = True
        if reason == _UNSUPPORTED_VERSION and self.protocol == "v5" and self._may_fall_back:
            self._fall_back("v3.1.1")
            return
        self._failed(sentences.refused(self.settings.address, reason))

    def unreachable(self, why: str) -> None:
        """Say so; the wire goes on trying."""
        self._failed(sentences.unreachable(self.settings.address, why))

    def lost(self, reason: str) -> None:
        """Say so; the wire goes on trying."""
        was_connected, self.connected = self.connected, False
        if was_connected:
            self.outbox.doubt()
            self._say(f"{sentences.gone(self.settings.address, reason)} {self.meanwhile}")
        elif not self._answered and not self._ever_connected:
            # A broker that only knows 3.1.1 may hang up on version 5 without a word, so the
            # versions take turns until one is answered.
            self._fall_back(_the_other(self.protocol))
        self._answered = False

    def acknowledged(self, mid: int, refusal: str | None) -> None:
        """Let the event go, and send the next one."""
        key = self._in_flight.pop(mid, None)
        if key is None:
            return
        if refusal == _FULL:
            self._wait_for_room()
            return
        self.outbox.delivered(key)
        self._forget_later()
        if refusal is not None:
            self._say(sentences.refuses_events(self.settings.address, refusal))
        self._send_waiting()
        if self._settled is not None and not self._settled.done() and not len(self.outbox):
            self._settled.set_result(None)

    # -- in the event loop ---------------------------------------------------------------------

    @property
    def _may_fall_back(self) -> bool:
        return self.settings.protocol == "auto"

    def _connect(self) -> None:
        self._wire = Wire(
            self.settings,
            version=self.protocol,
            login=self._login,
            tls=self._tls,
            will=self.will,
            listener=self,
            on_message=self._receive,
            tell=self._tell,
            session=self.session,
        )
        self._wire.connect()

    def _publish_kept(self, topic: str, payload: str) -> None:
        if self.connected and self._wire is not None:
            settings = self.settings
            self._wire.publish(topic, payload, qos=settings.state_qos, retain=settings.retain)

    def _take_news(self, wire: Wire, what: Callable[..., None], *facts: Any) -> None:  # noqa: ANN401 - passed on as they are
        if wire is self._wire:
            what(*facts)

    def _give_up_waiting(self, wire: Wire | None) -> None:
        if wire is self._wire and not self._answered and not self._ever_connected:
            self._fall_back(_the_other(self.protocol))

    def _failed(self, text: str) -> None:
        if not self._first_outcome.done():
            self._first_outcome.set_exception(BrokerError(text))
            self._first_outcome.exception()  # whoever does not wait for it need not look at it
        self._say(f"{text} {self.meanwhile}")

    def _fall_back(self, version: Version) -> None:
        if self._wire is None or self._fallback is not None:
            return
        if not self._may_fall_back:
            version = self.protocol
        delay_s = RECONNECT_MIN_S * (2 ** min(self._fallbacks, _MOST_DOUBLINGS) - 1)
        self._fallbacks += 1
        self._in_flight.clear()
        self.outbox.take_back()
        closing = self._loop.run_in_executor(None, self._wire.close)
        self._closing.add(closing)
        closing.add_done_callback(self._closing.discard)
        self._fallback = self._loop.call_later(delay_s, self._connect_with, version)
        if self._fallbacks > 2:
            self._failed(sentences.speaks_otherwise(self.settings.address))

    def _connect_with(self, version: Version) -> None:
        self._fallback = None
        self.protocol = version
        self._connect()

    def _send_waiting(self) -> None:
        if self._full is not None:
            return
        while self.connected and self._wire is not None and len(self._in_flight) < IN_FLIGHT:
            event = self.outbox.next_unsent()
            if event is None:
                return
            mid = self._wire.publish(
                event.topic, event.payload, qos=self.settings.event_qos, retain=False
            )
            self._in_flight[mid] = event.key

    def _wait_for_room(self) -> None:
        self._say(sentences.full(self.settings.address, FULL_PAUSE_S))
        if self._full is None:
            self._full = self._loop.call_later(FULL_PAUSE_S, self._send_again)

    def _send_again(self) -> None:
        """Send what a full broker did not take, and what it has not answered; ids tell doubles."""
        self._full = None
        self._in_flight.clear()
        self.outbox.take_back()
        self._send_waiting()

    def _forget_later(self) -> None:
        if self._forgetting is not None:
            self._forgetting.cancel()
        self._forgetting = self._loop.call_later(_FORGET_AFTER_S, self.outbox.forget_settled)

    async def _settle(self) -> None:
        if self.connected and len(self.outbox):
            self._settled = self._loop.create_future()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._settled, STOP_TIMEOUT_S)

    def _say(self, text: str) -> None:
        if text != self._last_status:
            self._last_status = text
            self.on_status(text)

    def _hand_out(self) -> None:
        self._inbox_announced = False
        while self._inbox:
            self.on_message(self._inbox.popleft())

    # -- on the wire's thread ------------------------------------------------------------------

    def _tell(self, wire: Wire, what: Callable[..., None], *facts: object) -> None:
        # The loop may be closed already while the wire says goodbye: then nobody wants to know.
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._take_news, wire, what, *facts)

    def _receive(self, message: Message) -> None:
        self._inbox.append(message)
        if not self._inbox_announced:
            self._inbox_announced = True
            with contextlib.suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._hand_out)


def _the_other(version: Version) -> Version:
    return "v3.1.1" if version == "v5" else "v5"
