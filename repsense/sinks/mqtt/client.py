"""The connection to the broker: the only module that touches paho.

paho runs on a thread of its own. Its callbacks do nothing but carry facts into
the event loop; everything else here happens in the event loop, so nothing is
locked and nothing blocks.
"""

import asyncio
import contextlib
import secrets
import socket
import sys
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from paho.mqtt import client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.reasoncodes import ReasonCode

from repsense.errors import BrokerError
from repsense.sinks.mqtt import sentences
from repsense.sinks.mqtt.outbox import MemoryOutbox, Outbox, OutgoingEvent
from repsense.sinks.mqtt.settings import BrokerSettings

KEEPALIVE_S = 20  # a dead network is noticed, and the last will sent, after 1.5 times this
CONNECT_TIMEOUT_S = 3.0  # also the longest that stopping waits for a connection being made
# A broker that only knows 3.1.1 may misread version 5 and wait for more instead of refusing
# (amqtt does), so an answer that does not come is a refusal too. Doubled with every attempt.
ANSWER_TIMEOUT_S = 1.0
RECONNECT_MIN_S = 1
RECONNECT_MAX_S = 30
_MOST_DOUBLINGS = 5  # 31 s between attempts that nobody answers
STOP_TIMEOUT_S = 2.0  # what a slow broker gets to acknowledge the last messages

# paho sends no more unacknowledged messages than this; what it cannot send stays in the outbox.
IN_FLIGHT = 20
# Messages received but not yet taken by the event loop; beyond it the oldest go.
MAX_INBOX = 10_000

_UNSUPPORTED_VERSION = "Unsupported protocol version"


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message as received, or one to leave behind as last will."""

    topic: str
    payload: str
    retained: bool = False


def _ignore(*_: object) -> None:
    """Take anything and do nothing."""


class MqttLink:
    """One connection that stays up: reconnects, falls back to 3.1.1, says everything again.

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
    meanwhile
        What to tell people about the time without a broker.

    Notes
    -----
    Retained topics are a cache of the latest text, sent with QoS 0 and sent again on
    every connection: with QoS 1 a stale one could be re-sent after the new one.
    Events go with QoS 1 from the outbox and leave it when acknowledged.
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
        meanwhile: str = "Trying again.",
    ) -> None:
        self.settings = settings
        self.will = will
        self.subscriptions = subscriptions
        self.outbox: Outbox = MemoryOutbox() if outbox is None else outbox
        self.on_message = on_message
        self.on_status = on_status
        self.meanwhile = meanwhile
        self.connected = False
        self.protocol = MQTTProtocolVersion.MQTTv5
        self._retained: dict[str, str] = {}
        self._in_flight: dict[int, str] = {}
        self._inbox: deque[Message] = deque(maxlen=MAX_INBOX)
        self._inbox_announced = False
        self._client: paho.Client | None = None
        self._closing: set[asyncio.Future[None]] = set()
        self._settled: asyncio.Future[None] | None = None
        self._answered = False  # the broker has answered the newest attempt to connect
        self._ever_connected = False
        self._fallback: asyncio.TimerHandle | None = None
        self._fallbacks = 0
        self._last_status = ""

    @property
    def protocol_name(self) -> str:
        """The MQTT version in use: ``5`` or ``3.1.1``."""
        return "5" if self.protocol is MQTTProtocolVersion.MQTTv5 else "3.1.1"

    def start(self) -> None:
        """Begin to connect, in the background. Call from a running event loop.

        Raises
        ------
        BrokerError
            When the password file or the certificate authority cannot be read.
        """
        self._loop = asyncio.get_running_loop()
        self._first_outcome: asyncio.Future[None] = self._loop.create_future()
        # Read once: what a person changes meanwhile must not surprise a later attempt.
        self._password = self.settings.read_password()
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
        if self.connected and self._client is not None:
            self._client.publish(topic, payload, qos=0, retain=True)

    def send(self, event: OutgoingEvent) -> None:
        """Publish an event with QoS 1, as soon as there is a connection."""
        self.outbox.put(event)
        self._send_waiting()

    async def stop(self, last: tuple[Message, ...] = ()) -> None:
        """Send what waits, say the ``last`` retained messages, disconnect.

        A broker that is too slow or away gets :data:`STOP_TIMEOUT_S` and no more.
        """
        if self._client is None:
            return
        await self._settle()
        if self._fallback is not None:
            self._fallback.cancel()
        client, farewells = self._client, self._farewells(last)
        self.connected, self._client = False, None
        self._first_outcome.cancel()
        await asyncio.gather(*self._closing, asyncio.to_thread(_close, client, farewells))
        if len(self.outbox):
            self._say(sentences.undelivered(len(self.outbox)))

    # -- in the event loop ---------------------------------------------------------------------

    def _connect(self) -> None:
        client = paho.Client(
            CallbackAPIVersion.VERSION2,
            client_id=f"repsense-{secrets.token_hex(6)}",
            protocol=self.protocol,
        )
        client.connect_timeout = CONNECT_TIMEOUT_S
        client.reconnect_delay_set(RECONNECT_MIN_S, RECONNECT_MAX_S)
        client.max_inflight_messages_set(IN_FLIGHT)
        client.max_queued_messages_set(2 * IN_FLIGHT)
        if self.settings.username is not None:
            client.username_pw_set(self.settings.username, self._password)
        if self._tls is not None:
            client.tls_set_context(self._tls)
        if self.will is not None:
            client.will_set(self.will.topic, self.will.payload, qos=1, retain=True)
        self._listen_to(client)
        self._client = client
        client.connect_async(
            self.settings.host or "127.0.0.1", self.settings.effective_port, KEEPALIVE_S
        )
        client.loop_start()

    def _listen_to(self, client: paho.Client) -> None:
        """Carry what paho says on its thread into the event loop."""

        def tell(what: Callable[..., None], *facts: object) -> None:
            # The loop may be closed already while paho says goodbye: then nobody wants to know.
            with contextlib.suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._take_news, client, what, *facts)

        def on_socket_open(_c: object, _u: object, opened: object) -> None:
            if isinstance(opened, socket.socket):
                # Without it the kernel holds small messages back: 40 ms from rep to dashboard.
                opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            tell(self._await_answer)

        def on_connect(_c: object, _u: object, _f: object, reason: ReasonCode, _p: object) -> None:
            if reason.is_failure:
                tell(self._refused, reason.getName())
            else:
                tell(self._welcomed)

        def on_connect_fail(_c: object, _u: object) -> None:
            # paho calls this inside its except clause, the only place where the reason is known.
            tell(self._unreachable, sentences.why(sys.exc_info()[1]))

        def on_disconnect(
            _c: object, _u: object, _f: object, reason: ReasonCode, _p: object
        ) -> None:
            tell(self._lost, reason.getName())

        def on_publish(_c: object, _u: object, mid: int, reason: ReasonCode, _p: object) -> None:
            tell(self._acknowledged, mid, reason.getName() if reason.is_failure else None)

        def on_message(_c: object, _u: object, message: paho.MQTTMessage) -> None:
            self._receive(message, tell)

        client.on_socket_open = on_socket_open
        client.on_connect = on_connect
        client.on_connect_fail = on_connect_fail
        client.on_disconnect = on_disconnect
        client.on_publish = on_publish
        client.on_message = on_message

    def _take_news(self, client: paho.Client, what: Callable[..., None], *facts: Any) -> None:  # noqa: ANN401 - passed on as they are
        if client is self._client:
            what(*facts)

    def _await_answer(self) -> None:
        if not self._ever_connected:
            patience_s = ANSWER_TIMEOUT_S * 2 ** min(self._fallbacks, _MOST_DOUBLINGS)
            self._loop.call_later(patience_s, self._give_up_waiting, self._client)

    def _give_up_waiting(self, client: paho.Client | None) -> None:
        if client is self._client and not self._answered and not self._ever_connected:
            self._fall_back(_the_other(self.protocol))

    def _welcomed(self) -> None:
        if self._client is None:
            return
        self._answered = self._ever_connected = self.connected = True
        if self.subscriptions:
            self._client.subscribe([(topic, 1) for topic in self.subscriptions])
        for topic, payload in self._retained.items():
            self._client.publish(topic, payload, qos=0, retain=True)
        self._send_waiting()
        if not self._first_outcome.done():
            self._first_outcome.set_result(None)
        self._say(sentences.connected(self.settings.address, self.protocol_name))

    def _refused(self, reason: str) -> None:
        self._answered = True
        if reason == _UNSUPPORTED_VERSION and self.protocol is MQTTProtocolVersion.MQTTv5:
            self._fall_back(MQTTProtocolVersion.MQTTv311)
            return
        self._failed(sentences.refused(self.settings.address, reason))

    def _unreachable(self, why: str) -> None:
        self._failed(sentences.unreachable(self.settings.address, why))

    def _lost(self, reason: str) -> None:
        was_connected, self.connected = self.connected, False
        if was_connected:
            self._say(f"{sentences.gone(self.settings.address, reason)} {self.meanwhile}")
        elif not self._answered and not self._ever_connected:
            # A broker that only knows 3.1.1 may hang up on version 5 without a word, so the
            # versions take turns until one is answered.
            self._fall_back(_the_other(self.protocol))
        self._answered = False

    def _failed(self, text: str) -> None:
        if not self._first_outcome.done():
            self._first_outcome.set_exception(BrokerError(text))
            self._first_outcome.exception()  # whoever does not wait for it need not look at it
        self._say(f"{text} {self.meanwhile}")

    def _fall_back(self, protocol: MQTTProtocolVersion) -> None:
        if self._client is None or self._fallback is not None:
            return
        delay_s = RECONNECT_MIN_S * (2 ** min(self._fallbacks, _MOST_DOUBLINGS) - 1)
        self._fallbacks += 1
        self._in_flight.clear()
        self.outbox.take_back()
        closing = self._loop.run_in_executor(None, _close, self._client, [])
        self._closing.add(closing)
        closing.add_done_callback(self._closing.discard)
        self._fallback = self._loop.call_later(delay_s, self._connect_with, protocol)
        if self._fallbacks > 2:
            self._failed(sentences.speaks_otherwise(self.settings.address))

    def _connect_with(self, protocol: MQTTProtocolVersion) -> None:
        self._fallback = None
        self.protocol = protocol
        self._connect()

    def _send_waiting(self) -> None:
        while self.connected and self._client is not None and len(self._in_flight) < IN_FLIGHT:
            event = self.outbox.next_unsent()
            if event is None:
                return
            mid = self._client.publish(event.topic, event.payload, qos=1).mid
            self._in_flight[mid] = event.key

    def _acknowledged(self, mid: int, refusal: str | None) -> None:
        key = self._in_flight.pop(mid, None)
        if key is None:
            return
        self.outbox.delivered(key)
        if refusal is not None:
            self._say(sentences.refuses_events(self.settings.address, refusal))
        self._send_waiting()
        if self._settled is not None and not self._settled.done() and not len(self.outbox):
            self._settled.set_result(None)

    async def _settle(self) -> None:
        if self.connected and len(self.outbox):
            self._settled = self._loop.create_future()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._settled, STOP_TIMEOUT_S)

    def _farewells(self, last: tuple[Message, ...]) -> list[paho.MQTTMessageInfo]:
        if not self.connected or self._client is None:
            return []
        return [
            self._client.publish(message.topic, message.payload, qos=1, retain=True)
            for message in last
        ]

    def _say(self, text: str) -> None:
        if text != self._last_status:
            self._last_status = text
            self.on_status(text)

    def _hand_out(self) -> None:
        self._inbox_announced = False
        while self._inbox:
            self.on_message(self._inbox.popleft())

    # -- in paho's thread ----------------------------------------------------------------------

    def _receive(self, message: paho.MQTTMessage, tell: Callable[..., None]) -> None:
        try:
            topic = message.topic
        except UnicodeDecodeError:
            return
        payload = message.payload.decode("utf-8", errors="replace")
        self._inbox.append(Message(topic=topic, payload=payload, retained=message.retain))
        if not self._inbox_announced:
            self._inbox_announced = True
            tell(self._hand_out)


def _close(client: paho.Client, farewells: list[paho.MQTTMessageInfo]) -> None:
    """Wait for the farewells, then disconnect and end paho's thread. Blocks: not in the loop."""
    deadline_s = time.monotonic() + STOP_TIMEOUT_S
    for farewell in farewells:
        # Raised for a message that paho has refused or lost: nothing is left to wait for.
        with contextlib.suppress(RuntimeError, ValueError):
            farewell.wait_for_publish(max(deadline_s - time.monotonic(), 0.0))
    client.disconnect()
    # paho's thread may end by itself between paho's test for it and its join.
    with contextlib.suppress(AttributeError):
        client.loop_stop()


def _the_other(protocol: MQTTProtocolVersion) -> MQTTProtocolVersion:
    if protocol is MQTTProtocolVersion.MQTTv5:
        return MQTTProtocolVersion.MQTTv311
    return MQTTProtocolVersion.MQTTv5
