"""Take everything back that RepSense has left on a broker: devices in Home Assistant, states."""

import asyncio
import json
from dataclasses import dataclass

from repsense.errors import BrokerError
from repsense.sinks.mqtt.client import MqttLink
from repsense.sinks.mqtt.homeassistant import is_ours
from repsense.sinks.mqtt.payloads import ONLINE
from repsense.sinks.mqtt.settings import BrokerSettings, HomeAssistantSettings
from repsense.sinks.mqtt.topics import Topics
from repsense.sinks.mqtt.wire import Message

ANSWER_TIMEOUT_S = 10.0
# The broker sends all it keeps in one go; when nothing has come for this long it was all.
QUIET_S = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Removed:
    """What has been taken back.

    Parameters
    ----------
    devices
        Discovery topics that were cleared.
    topics
        Other topics that were cleared.
    running
        A RepSense is connected and will say everything again.
    """

    devices: tuple[str, ...]
    topics: tuple[str, ...]
    running: bool


async def remove(
    settings: BrokerSettings,
    home_assistant: HomeAssistantSettings,
    *,
    wearer: str | None = None,
) -> Removed:
    """Clear all that is retained by RepSense; with ``wearer``, only what is theirs.

    Raises
    ------
    BrokerError
        When the broker cannot be reached.
    """
    topics = Topics(settings.base_topic)
    kept = await _kept(settings, home_assistant, topics)
    ours = {topic: text for topic, text in kept.items() if text and _meant(topic, topics, wearer)}
    devices = tuple(
        topic
        for topic, text in kept.items()
        if topic not in ours and is_ours(text, topics) and _is_of(text, topics, wearer)
    )
    await _clear(settings, (*devices, *ours))
    return Removed(
        devices=devices, topics=tuple(ours), running=_runs(kept.get(topics.bridge_state(), ""))
    )


async def _kept(
    settings: BrokerSettings, home_assistant: HomeAssistantSettings, topics: Topics
) -> dict[str, str]:
    found: dict[str, str] = {}
    news = asyncio.Event()

    def take(message: Message) -> None:
        news.set()
        if message.retained:
            found[message.topic] = message.payload

    link = MqttLink(
        settings,
        subscriptions=(home_assistant.config_filter(), topics.everything_filter()),
        on_message=take,
    )
    await _connect(link)
    try:
        while True:
            news.clear()
            async with asyncio.timeout(QUIET_S):
                await news.wait()
    except TimeoutError:
        return found
    finally:
        await link.stop()


async def _clear(settings: BrokerSettings, topics: tuple[str, ...]) -> None:
    link = MqttLink(settings)
    await _connect(link)
    await link.stop(tuple(Message(topic=topic, payload="") for topic in topics))


async def _connect(link: MqttLink) -> None:
    link.start()
    try:
        async with asyncio.timeout(ANSWER_TIMEOUT_S):
            await link.first_connection()
    except TimeoutError as error:
        await link.stop()
        raise BrokerError(
            f"The MQTT broker at {link.settings.address} does not answer: check host and port."
        ) from error
    except BrokerError:
        await link.stop()
        raise


def _meant(topic: str, topics: Topics, wearer: str | None) -> bool:
    if not topic.startswith(f"{topics.base}/"):
        return False
    return wearer is None or topic.startswith(topics.wearer_filter(wearer).removesuffix("#"))


def _is_of(text: str, topics: Topics, wearer: str | None) -> bool:
    return wearer is None or json.dumps(topics.availability(wearer)) in json.dumps(json.loads(text))


def _runs(bridge_state: str) -> bool:
    try:
        return bool(json.loads(bridge_state)["state"] == ONLINE)
    except (ValueError, KeyError, TypeError):
        return False
