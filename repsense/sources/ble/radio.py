"""What the link needs of a radio. Bleak is one (``link.py``); tests bring their own."""

from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from typing import Protocol

from repsense.sources.ble.drivers.base import Advert


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """An advert that was heard just now.

    Parameters
    ----------
    advert
        What the sensor said.
    handle
        What the radio that heard it needs to connect; nobody else looks inside.
    """

    advert: Advert
    handle: object


class Connection(Protocol):
    """A connected sensor. One operation at a time, please.

    Every method but ``close`` raises :class:`~repsense.errors.LinkError` when the connection
    has broken, and :class:`~repsense.errors.CharacteristicMissingError` when the
    sensor lacks the characteristic.
    """

    async def subscribe(self, characteristic: str, take: Callable[[bytes], None]) -> None:
        """Have notifications and indications given to ``take``, in order, in the event loop."""
        ...

    async def unsubscribe(self, characteristic: str) -> None:
        """Ask for them no longer."""
        ...

    async def write(self, characteristic: str, data: bytes, *, response: bool) -> None:
        """Write a characteristic."""
        ...

    async def read(self, characteristic: str) -> bytes:
        """Read a characteristic."""
        ...

    async def close(self) -> None:
        """Disconnect; does no harm to one that is broken already."""
        ...


class Radio(Protocol):
    """Hears adverts and makes connections."""

    def sightings(self) -> AsyncGenerator[Sighting, None]:
        """Yield adverts as they are heard, for as long as it is iterated.

        Raises
        ------
        AdapterError
            When Bluetooth cannot be used at all.
        """
        ...

    async def connect(self, sighting: Sighting, on_drop: Callable[[], None]) -> Connection:
        """Connect to a sensor heard lately; ``on_drop`` is called once when the connection ends.

        Raises
        ------
        LinkError
            When that does not succeed.
        AdapterError
            When Bluetooth cannot be used at all.
        """
        ...
