"""What every sink looks like to the service, and the envelope that events travel in."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from repsense.events import Event
from repsense.samples import SampleBlock


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """An event on its way to the sinks.

    Parameters
    ----------
    wearer
        Whose event it is: the name from the configuration.
    event
        The event itself, with times on the device's clock.
    at_utc
        Wall-clock time of the event's ``announced_s``.
    event_id
        Unique for ever: a consumer that sees it twice may drop the second.
    """

    wearer: str
    event: Event
    at_utc: datetime
    event_id: str


class Sink(Protocol):
    """Takes events, and blocks if it wants them. ``take`` must not block the event loop."""

    async def start(self) -> None:
        """Open what the sink needs. A sink that cannot start says so and does nothing later."""
        ...

    def take(self, notice: Notice) -> None:
        """Take one event."""
        ...

    def take_block(self, wearer: str, block: SampleBlock) -> None:
        """Take samples (recorders and live plots; the others ignore them)."""
        ...

    async def stop(self) -> None:
        """Hand over what is still queued and close."""
        ...
