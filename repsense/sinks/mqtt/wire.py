"""One attempt at one broker with one version of MQTT: the only module that touches paho.

paho runs on a thread of its own. What it says there is carried into the event
loop by the ``tell`` it is given; nothing else happens on its thread.
"""

import contextlib
import os
import secrets
import socket
import ssl
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from paho.mqtt import client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from repsense.sinks.mqtt import sentences
from repsense.sinks.mqtt.settings import BrokerSettings, Version

CONNECT_TIMEOUT_S = 3.0  # also the longest that stopping waits for a connection being made
RECONNECT_MIN_S = 1
RECONNECT_MAX_S = 30
STOP_TIMEOUT_S = 2.0  # what a slow broker gets to acknowledge the last messages

# paho sends no more unacknowledged messages than this; what it cannot send stays in the outbox.
IN_FLIGHT = 20
# States with a quality of service above 0 wait in memory; beyond this the newest are refused.
MAX_QUEUED = 10_000

_PAHO_VERSIONS: dict[Version, MQTTProtocolVersion] = {
    "v5": MQTTProtocolVersion.MQTTv5,
    "v3.1.1": MQTTProtocolVersion.MQTTv311,
}

# tell(wire, what, *facts): the facts of each call are those that `what` takes.
Tell = Callable[..., None]


class Receipt(NamedTuple):
    """What acknowledges a message, where that is left to whoever takes it.

    Attributes
    ----------
    connection
        Number of the connection it came on: an older one's messages come again.
    mid
        Its number in the session; the same when it comes again.
    again
        Whether the broker says that it has sent it before.
    """

    connection: int
    mid: int
    again: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message as received, or one to leave behind as last will.

    ``receipt`` is None where there is nothing to acknowledge, or it is done already.
    """

    topic: str
    payload: str
    retained: bool = False
    receipt: Receipt | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """What the broker keeps for us while we are away; messages are acknowledged by whoever asks.

    Parameters
    ----------
    name
        Who we are to the broker: nobody else may use it.
    expiry_s
        How long it is kept, where the broker speaks MQTT 5; with 3.1.1 that is the broker's
        own setting.
    """

    name: str
    expiry_s: int = 86_400


class _HasHandle(Protocol):
    def fileno(self) -> int: ...


class Listener(Protocol):
    """What a wire tells, each in the event loop."""

    def await_answer(self) -> None:
        """Take that the network connection stands and the broker has been greeted."""

    def welcomed(self) -> None:
        """Take that the broker has accepted us."""

    def subscribed(self) -> None:
        """Take that the broker has taken our subscriptions."""

    def refused(self, reason: str) -> None:
        """Take that the broker does not want us; ``reason`` is MQTT's own name for it."""

    def unreachable(self, why: str) -> None:
        """Take that there is no network connection."""

    def lost(self, reason: str) -> None:
        """Take that the connection has ended."""

    def acknowledged(self, mid: int, refusal: str | None) -> None:
        """Take that the broker has a message, or has refused it."""


class Wire:
    """A client of paho's, told how to log in and whom to tell what happens.

    Parameters
    ----------
    settings
        Where the broker is and how to reach it.
    version
        The version of MQTT to speak.
    login
        User and password; the user None means anonymous.
    tls
        What checks the broker's certificate, or None without encryption.
    will
        Retained message that the broker publishes when this connection dies.
    listener
        Who is told what happens.
    on_message
        Called on paho's thread with every message received.
    tell
        ``tell(self, what, *facts)`` carries a call into the event loop.
    session
        What the broker keeps while we are away; None keeps nothing.
    """

    def __init__(
        self,
        settings: BrokerSettings,
        *,
        version: Version,
        login: tuple[str | None, str | None],
        tls: ssl.SSLContext | None,
        will: Message | None,
        listener: Listener,
        on_message: Callable[[Message], None],
        tell: Tell,
        session: Session | None = None,
    ) -> None:
        self._settings = settings
        self._session = session
        self._version = version
        self._connection = 0
        self._client = _made(settings, version, session)
        user, password = login
        if user is not None:
            self._client.username_pw_set(user, password)
        if tls is not None:
            self._client.tls_set_context(tls)
        if will is not None:
            self._client.will_set(will.topic, will.payload, qos=1, retain=True)
        self._listen(listener, tell)
        self._client.on_message = lambda _c, _u, message: self._receive(message, on_message)

    def connect(self) -> None:
        """Begin to connect, in the background, and go on trying."""
        settings = self._settings
        where = (settings.host or "127.0.0.1", settings.effective_port, settings.keepalive_s)
        if self._session is not None and self._version == "v5":
            self._client.connect_async(
                *where, clean_start=False, properties=_kept_for(self._session)
            )
        else:
            self._client.connect_async(*where)
        self._client.loop_start()

    def acknowledge(self, receipt: Receipt) -> None:
        """Tell the broker that a message need not be kept, unless it comes again anyway."""
        if receipt.connection == self._connection:
            self._client.ack(receipt.mid, 1)

    def subscribe(self, filters: Iterable[str]) -> None:
        """Subscribe with QoS 1."""
        self._client.subscribe([(one, 1) for one in filters])

    def publish(self, topic: str, payload: str, *, qos: int, retain: bool) -> int:
        """Hand a message over and return the number its acknowledgement will carry."""
        return self._client.publish(topic, payload, qos=qos, retain=retain).mid

    def close(self, last: Iterable[Message] = ()) -> None:
        """Publish the ``last`` retained messages, wait for them, disconnect. Blocks."""
        deadline_s = time.monotonic() + STOP_TIMEOUT_S
        under_way = [self._client.publish(m.topic, m.payload, qos=1, retain=True) for m in last]
        for sent in under_way:
            # Raised for a message that paho has refused or lost: nothing is left to wait for.
            with contextlib.suppress(RuntimeError, ValueError):
                sent.wait_for_publish(max(deadline_s - time.monotonic(), 0.0))
        self._client.disconnect()
        # paho's thread may end by itself between paho's test for it and its join.
        with contextlib.suppress(AttributeError):
            self._client.loop_stop()
        self._let_go()

    def _let_go(self) -> None:
        # The callbacks hold on to us and we to the client: without this, its sockets would stay
        # open until the garbage collector comes by.
        client = self._client
        client.on_socket_open = client.on_connect = client.on_connect_fail = None
        client.on_disconnect = client.on_publish = client.on_message = client.on_subscribe = None

    def _listen(self, listener: Listener, tell: Tell) -> None:
        """Carry what paho says on its thread into the event loop."""

        def on_socket_open(_c: object, _u: object, opened: _HasHandle) -> None:
            _send_at_once(opened.fileno())
            tell(self, listener.await_answer)

        def on_connect(_c: object, _u: object, _f: object, reason: ReasonCode, _p: object) -> None:
            if reason.is_failure:
                tell(self, listener.refused, reason.getName())
            else:
                self._connection += 1
                tell(self, listener.welcomed)

        def on_subscribe(*_: object) -> None:
            tell(self, listener.subscribed)

        def on_connect_fail(_c: object, _u: object) -> None:
            # paho calls this inside its except clause, the only place where the reason is known.
            tell(self, listener.unreachable, sentences.why(sys.exc_info()[1]))

        def on_disconnect(
            _c: object, _u: object, _f: object, reason: ReasonCode, _p: object
        ) -> None:
            tell(self, listener.lost, reason.getName())

        def on_publish(_c: object, _u: object, mid: int, reason: ReasonCode, _p: object) -> None:
            tell(self, listener.acknowledged, mid, reason.getName() if reason.is_failure else None)

        self._client.on_socket_open = on_socket_open
        self._client.on_connect = on_connect
        self._client.on_subscribe = on_subscribe
        self._client.on_connect_fail = on_connect_fail
        self._client.on_disconnect = on_disconnect
        self._client.on_publish = on_publish

    def _receive(self, message: paho.MQTTMessage, on_message: Callable[[Message], None]) -> None:
        # Read before anything else: a broken connection must not pass for the next one.
        receipt = None
        if self._session is not None and message.qos:
            receipt = Receipt(self._connection, message.mid, message.dup)
        try:
            topic = message.topic
        except UnicodeDecodeError:
            if receipt is not None:
                self.acknowledge(receipt)
            return
        payload = message.payload.decode("utf-8", errors="replace")
        on_message(Message(topic=topic, payload=payload, retained=message.retain, receipt=receipt))


def _made(settings: BrokerSettings, version: Version, session: Session | None) -> paho.Client:
    client = paho.Client(
        CallbackAPIVersion.VERSION2,
        client_id=f"repsense-{secrets.token_hex(6)}" if session is None else session.name,
        # Only 3.1.1 knows it; with version 5 the like is said with every connection.
        clean_session=session is None if version == "v3.1.1" else None,
        protocol=_PAHO_VERSIONS[version],
        transport=settings.transport,
        manual_ack=session is not None,
    )
    if settings.transport == "websockets":
        client.ws_set_options(path=settings.websocket_path)
    client.connect_timeout = CONNECT_TIMEOUT_S
    client.reconnect_delay_set(RECONNECT_MIN_S, RECONNECT_MAX_S)
    client.max_inflight_messages_set(IN_FLIGHT)
    client.max_queued_messages_set(MAX_QUEUED)
    return client


def _send_at_once(handle: int) -> None:
    # Without it the kernel holds small messages back: 40 ms from rep to dashboard.
    with socket.socket(fileno=os.dup(handle)) as same:
        same.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def _kept_for(session: Session) -> Properties:
    make: Callable[[int], Properties] = Properties  # paho left its types out
    properties = make(PacketTypes.CONNECT)
    properties.SessionExpiryInterval = session.expiry_s
    return properties
