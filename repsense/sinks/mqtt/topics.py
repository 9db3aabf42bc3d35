"""Every MQTT topic has one builder here, so that a topic cannot be spelled in two ways."""

from dataclasses import dataclass
from typing import Literal

from repsense.batches import partition
from repsense.errors import ConfigError

EventKind = Literal["rep", "set", "cue"]
BridgeTopic = Literal["info", "health", "logging"]

_BRIDGE = "bridge"
_COMMAND = "command"
_WILDCARDS_AND_LEVELS = "+#/"
_LONGEST_NAME = 64


@dataclass(frozen=True, slots=True)
class Topics:
    """The topics below ``base``.

    Parameters
    ----------
    base
        First level or levels of every topic, ``/`` between levels.

    Raises
    ------
    ConfigError
        When ``base`` cannot be a topic.
    """

    base: str = "repsense"

    def __post_init__(self) -> None:
        if self.base.startswith("$"):
            raise ConfigError(
                f"The base topic {self.base!r} starts with '$', which brokers keep for themselves: "
                f"use a plain word like 'repsense'."
            )
        for level in self.base.split("/"):
            _check_level(level, what=f"The base topic {self.base!r}")

    def state(self, wearer: str) -> str:
        """Return the retained state of a wearer."""
        return self._of(wearer, "state")

    def event(self, wearer: str, kind: EventKind) -> str:
        """Return where events of one kind go."""
        return self._of(wearer, kind)

    def availability(self, wearer: str) -> str:
        """Return where ``online`` or ``offline`` of a wearer's sensor is retained."""
        return self._of(wearer, "availability")

    def rest(self, wearer: str) -> str:
        """Return where the seconds of the running rest are retained."""
        return self._of(wearer, "rest")

    def command(self, wearer: str, name: str) -> str:
        """Return where the command ``name`` for a wearer is awaited."""
        return self._of(wearer, f"{_COMMAND}/{name}")

    def response(self, wearer: str | None) -> str:
        """Return where commands are answered; None for a wearer who is not here."""
        return f"{self.base}/{_BRIDGE}/response" if wearer is None else self._of(wearer, "response")

    def commands_filter(self) -> str:
        """Return the subscription that catches the commands for every wearer."""
        return f"{self.base}/+/{_COMMAND}/+"

    def everything_filter(self) -> str:
        """Return the subscription that catches every topic below the base."""
        return f"{self.base}/#"

    def wearer_filter(self, wearer: str) -> str:
        """Return the subscription that catches everything of one wearer."""
        return self._of(wearer, "#")

    def bridge_state(self) -> str:
        """Return where the service itself says whether it is online (also its last will)."""
        return f"{self.base}/{_BRIDGE}/state"

    def bridge(self, what: BridgeTopic) -> str:
        """Return where the service says this about itself."""
        return f"{self.base}/{_BRIDGE}/{what}"

    def samples(self, wearer: str, band: str, partitions: int) -> str:
        """Return where a gateway publishes the samples of a band.

        Parameters
        ----------
        wearer
            Whose band it is: all bands of a wearer are on one part of the topics.
        band
            The wearer's name, or for a second band ``<wearer>-<side>``.
        """
        part = partition(checked_wearer(wearer), partitions)
        return f"{self.base}/{_BRIDGE}/samples/p/{part}/{checked_wearer(band)}"

    def samples_filter(self, band: str) -> str:
        """Return the subscription to a band's samples, over however many parts they are spread."""
        return f"{self.base}/{_BRIDGE}/samples/p/+/{checked_wearer(band)}"

    def samples_prefix(self, part: int) -> str:
        """Return what the topics of samples of one part begin with; the band's name follows."""
        return f"{self.base}/{_BRIDGE}/samples/p/{part}/"

    def worker(self, part: int) -> str:
        """Return where the worker that counts one part of the wearers says how it does."""
        return f"{self.base}/{_BRIDGE}/fleet/{part}"

    def phone(self, band: str) -> str:
        """Return where a phone's app may publish what it measures."""
        return f"{self.base}/{_BRIDGE}/phone/{checked_wearer(band)}"

    def parse_command(self, topic: str) -> tuple[str, str] | None:
        """Return wearer and command of a command topic, or None for any other topic."""
        levels = self._levels_below_base(topic)
        if len(levels) != 3 or levels[1] != _COMMAND or levels[0] == _BRIDGE:
            return None
        return levels[0], levels[2]

    def parse_wearer(self, topic: str) -> tuple[str, str] | None:
        """Return wearer and the rest of a wearer's topic, or None for any other topic."""
        levels = self._levels_below_base(topic)
        if len(levels) < 2 or levels[0] == _BRIDGE:
            return None
        return levels[0], "/".join(levels[1:])

    def _of(self, wearer: str, rest: str) -> str:
        return f"{self.base}/{checked_wearer(wearer)}/{rest}"

    def _levels_below_base(self, topic: str) -> list[str]:
        prefix = f"{self.base}/"
        return topic.removeprefix(prefix).split("/") if topic.startswith(prefix) else []


def checked_wearer(wearer: str) -> str:
    """Return the wearer's name as it is, if it can be one level of a topic.

    Raises
    ------
    ConfigError
        When the name is empty, too long, has spaces at its ends, is ``bridge``
        (where the service itself speaks), or holds a character that MQTT
        topics cannot carry: ``+``, ``#``, ``/`` or a control character.
    """
    _check_level(wearer, what=f"The wearer's name {wearer!r}")
    if wearer == _BRIDGE:
        raise ConfigError(
            "A wearer cannot be called 'bridge', because the service itself speaks on "
            "repsense/bridge: choose another name."
        )
    return wearer


def _check_level(level: str, *, what: str) -> None:
    if not level or level != level.strip() or len(level) > _LONGEST_NAME:
        raise ConfigError(
            f"{what} cannot be used in an MQTT topic: each level needs 1 to {_LONGEST_NAME} "
            f"characters and no spaces at its ends."
        )
    bad = [c for c in level if c in _WILDCARDS_AND_LEVELS or not (c.isprintable() or c == " ")]
    if bad:
        raise ConfigError(
            f"{what} holds {bad[0]!r}, which an MQTT topic cannot carry: use letters, digits, "
            f"'-' and '_'."
        )
