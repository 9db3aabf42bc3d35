"""What every sink looks like to the service, and the envelope that events travel in."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from repsense.events import Event
from repsense.samples import SampleBlock

_LONGEST_DELAY_S = 86_400.0

#: A set this long after the last one begins a new workout, where nobody said that the last had
#: ended (the service runs for months, the program was killed, the sensor fell silent).
NEW_WORKOUT_AFTER = timedelta(hours=2)


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

    def when(self, device_s: float) -> datetime:
        """Return the wall-clock time of ``device_s``, in s on the device's clock.

        Nothing is announced before it happened, so a time after ``announced_s``
        (or more than a day before it) is held at that limit.
        """
        ago_s = self.event.announced_s - device_s
        return self.at_utc - timedelta(seconds=min(max(ago_s, 0.0), _LONGEST_DELAY_S))


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
