"""What Home Assistant is told, so that each wearer is a device there without a line of YAML.

One retained message a device (Home Assistant 2024.12 and newer; its documentation
calls this device discovery). Entities read the very topics that everybody else
reads; nothing is published for Home Assistant alone but these messages.
"""

import json
import re
import unicodedata
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from repsense.sinks.mqtt import entities
from repsense.sinks.mqtt.payloads import OFFLINE, ONLINE
from repsense.sinks.mqtt.settings import HomeAssistantSettings
from repsense.sinks.mqtt.topics import Topics

ORIGIN = "RepSense"
ANNOUNCEMENT = ONLINE  # what Home Assistant says on its status topic when it has started

Component = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Discovery:
    """Builds the discovery messages.

    Parameters
    ----------
    settings
        Where Home Assistant listens.
    topics
        Where the states are.
    exercises
        Identifiers of the exercises that can be chosen.
    version
        Of RepSense, shown with the devices.
    """

    settings: HomeAssistantSettings
    topics: Topics
    exercises: Sequence[str]
    version: str

    def messages(self, wearers: Sequence[str]) -> dict[str, str]:
        """Return topic and payload of each device's message; the bridge comes first."""
        made = {self.bridge_topic(): _json(self._bridge())}
        made |= {self.wearer_topic(wearer): _json(self._wearer(wearer)) for wearer in wearers}
        return made

    def bridge_topic(self) -> str:
        """Return where the message about the bridge is retained."""
        return self.settings.config_topic(self._bridge_id())

    def wearer_topic(self, wearer: str) -> str:
        """Return where the message about a wearer is retained."""
        return self.settings.config_topic(self._wearer_id(wearer))

    def _bridge(self) -> dict[str, Any]:
        identifier = self._bridge_id()
        return {
            "device": self._device(identifier, "RepSense bridge", "Bridge"),
            "origin": self._origin(),
            "components": self._named(entities.of_bridge(self.topics), identifier, "bridge"),
        }

    def _wearer(self, wearer: str) -> dict[str, Any]:
        identifier = self._wearer_id(wearer)
        device = self._device(identifier, f"RepSense {wearer}", "Wearer")
        device["via_device"] = self._bridge_id()
        return {
            "device": device,
            "origin": self._origin(),
            "availability": [
                bridge_availability(self.topics),
                {
                    "topic": self.topics.availability(wearer),
                    "payload_available": ONLINE,
                    "payload_not_available": OFFLINE,
                },
            ],
            "availability_mode": "all",
            "components": self._named(
                entities.of_wearer(self.topics, wearer, self.exercises), identifier, slug(wearer)
            ),
        }

    def _named(
        self, components: dict[str, Component], identifier: str, name: str
    ) -> dict[str, Component]:
        """Add to each entity what tells it from all others, and what it is called at first."""
        for key, component in components.items():
            platform = component["platform"]
            if platform == "device_automation":
                continue
            component["unique_id"] = f"{identifier}_{key}"
            component["default_entity_id"] = (
                f"{platform}.repsense_{name}_{slug(str(component['name']))}"
            )
            if component.pop("needs_sensor", True) is False:
                component["availability"] = [bridge_availability(self.topics)]
        return components

    def _device(self, identifier: str, name: str, model: str) -> dict[str, Any]:
        return {
            "identifiers": [identifier],
            "name": name,
            "manufacturer": ORIGIN,
            "model": model,
            "sw_version": self.version,
        }

    def _origin(self) -> dict[str, str]:
        return {"name": ORIGIN, "sw_version": self.version}

    def _bridge_id(self) -> str:
        return f"{_unique(self.topics.base)}_bridge"

    def _wearer_id(self, wearer: str) -> str:
        return f"{_unique(self.topics.base)}_{_unique(wearer)}"


def bridge_availability(topics: Topics) -> dict[str, str]:
    """Return where Home Assistant sees whether RepSense itself is there."""
    return {
        "topic": topics.bridge_state(),
        "value_template": "{{ value_json.state }}",
        "payload_available": ONLINE,
        "payload_not_available": OFFLINE,
    }


def is_ours(payload: str, topics: Topics) -> bool:
    """Say whether a discovery message was made by a RepSense with this base topic."""
    try:
        message = json.loads(payload)
        return bool(
            message["origin"]["name"] == ORIGIN and f'"{topics.base}/' in json.dumps(message)
        )
    except (ValueError, KeyError, TypeError, RecursionError):
        return False


def slug(name: str) -> str:
    """Return a name as Home Assistant writes it in entity identifiers, as near as can be."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "_", plain).strip("_") or "unnamed"


def _unique(name: str) -> str:
    """Return a name in letters, digits and underscores that no other name becomes."""
    plain = slug(name)
    return plain if plain == name else f"{plain}_{zlib.crc32(name.encode()):08x}"


def _json(message: dict[str, Any]) -> str:
    return json.dumps(message, ensure_ascii=False, separators=(",", ":"))
