"""What a stand-in for a sensor is: its services, its answers, and samples as its packets.

The counterpart of ``drivers/base.py``, and as pure: the radio is somebody else's.
Each module of this package has a function ``peripheral(rate_hz)`` that returns one.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

import numpy as np

from repsense.samples import SampleBlock


@dataclass(frozen=True, slots=True, kw_only=True)
class Characteristic:
    """One characteristic of a sensor.

    Parameters
    ----------
    service, uuid
        36 characters each, lower case.
    read, write, notify, indicate
        What may be done with it.
    """

    service: str
    uuid: str
    read: bool = False
    write: bool = False
    notify: bool = False
    indicate: bool = False


@dataclass(frozen=True, slots=True)
class Packet:
    """Bytes that the sensor notifies or indicates, and from where."""

    characteristic: str
    data: bytes


class Peripheral(Protocol):
    """A sensor that somebody pretends to be; one for each connection."""

    @property
    def name(self) -> str:
        """Name it advertises."""
        ...

    @property
    def advertised(self) -> frozenset[str]:
        """UUIDs of the services in its advert."""
        ...

    @property
    def characteristics(self) -> tuple[Characteristic, ...]:
        """All that a driver may ask for."""
        ...

    @property
    def streaming(self) -> bool:
        """Whether it has been told to send samples (subscribing aside)."""
        ...

    def read(self, characteristic: str) -> bytes:
        """Return what is read from a characteristic."""
        ...

    def write(self, characteristic: str, data: bytes) -> list[Packet]:
        """Take what is written, and return what it answers."""
        ...

    def push(self, block: SampleBlock) -> list[Packet]:
        """Return the packets that these samples complete; none while it does not stream."""
        ...


def pieces(block: SampleBlock, *, size: int, rate_hz: float) -> list[SampleBlock]:
    """Cut a block into pieces of at most ``size`` samples, none of which spans a hole."""
    holes = np.flatnonzero(np.diff(block.t_s) > 1.5 / rate_hz) + 1
    edges = [0, *holes.tolist(), len(block)]
    return [
        block.part(start, min(start + size, stop))
        for begin, stop in pairwise(edges)
        for start in range(begin, stop, size)
    ]
