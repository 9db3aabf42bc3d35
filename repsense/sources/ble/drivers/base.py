"""What a driver is: how to know its sensor, what to say to it, how to read its bytes.

A driver is pure: bytes and times in, numbers out. It never sees the radio, so a
new sensor needs one module here, a note under ``firmware_notes/`` and a
captured case under ``tests/``, and no other edit: the registry looks for a
module attribute named ``DRIVER``.

Conversations with a sensor are generators that yield a step and are sent its
answer, so that they can be tested without a sensor:

>>> def start() -> Script:
...     yield Subscribe("0000ffe4-0000-1000-8000-00805f9a34fb")
...     answer = yield Read("00002a19-0000-1000-8000-00805f9b34fb")

A step on a characteristic that the sensor does not have raises
``CharacteristicMissingError`` inside the script. A script for several variants of
a sensor catches it and tries the next; otherwise the conversation ends there.
"""

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from repsense.samples import FloatArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Advert:
    """What a sensor says of itself before it is connected.

    Parameters
    ----------
    address
        Bluetooth address, or the identifier that stands in for it on macOS.
    name
        Local name, empty where it sends none.
    services
        UUIDs of the advertised services: 36 characters, lower case.
    manufacturer
        Company identifier -> the bytes that follow it.
    rssi_dbm
        Signal strength, None where the system does not say.
    """

    address: str
    name: str = ""
    services: frozenset[str] = frozenset()
    manufacturer: Mapping[int, bytes] = field(default_factory=dict)
    rssi_dbm: int | None = None


@dataclass(frozen=True, slots=True)
class Subscribe:
    """Ask for the notifications (or indications) of a characteristic; answered with ``b""``."""

    characteristic: str


@dataclass(frozen=True, slots=True)
class Unsubscribe:
    """Ask for them no longer; answered with ``b""``."""

    characteristic: str


@dataclass(frozen=True, slots=True)
class Write:
    """Write a characteristic, with or without waiting for the response; answered ``b""``."""

    characteristic: str
    data: bytes
    response: bool = True


@dataclass(frozen=True, slots=True)
class Read:
    """Read a characteristic; answered with its value."""

    characteristic: str


@dataclass(frozen=True, slots=True)
class Await:
    """Wait for the next notification of a subscribed characteristic; answered with its bytes.

    Only what arrives after the step before was begun counts, so the answer to a
    write is not missed. Answered with ``b""`` when ``timeout_s`` passes without one.
    """

    characteristic: str
    timeout_s: float = 5.0


Step = Subscribe | Unsubscribe | Write | Read | Await
Script = Generator[Step, bytes, None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Notification:
    """Bytes as they came: from which characteristic, and when by the host's monotonic clock."""

    characteristic: str
    data: bytes
    arrived_s: float


class Timing(StrEnum):
    """Where the times of a sensor's samples come from.

    ``DEVICE``: the decoder gives them. ``EVEN``: samples are evenly spaced at a
    rate that is fitted to their arrival. ``ARRIVAL``: a sample holds from its
    arrival on, since the sensor sends changes only.
    """

    DEVICE = "device"
    EVEN = "even"
    ARRIVAL = "arrival"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Batch:
    """Consecutive samples out of a notification.

    Parameters
    ----------
    accel_g
        Specific force in g, shape (n, 3), in the sensor's own frame.
    gyro_dps
        Angular rate in degrees/s, shape (n, 3), or None.
    device_s
        The sensor's own times in s, shape (n,), wrapped counters unwrapped;
        None unless the driver's timing is ``DEVICE``.
    lost
        Samples known to be lost just before these.
    """

    accel_g: FloatArray
    gyro_dps: FloatArray | None = None
    device_s: FloatArray | None = None
    lost: int = 0


class Decoder(Protocol):
    """Reads one connection's notifications; a new connection gets a new decoder.

    It is made before :meth:`Driver.start` is run and is fed every notification
    in the order of arrival, those too that answered an :class:`Await`: what the
    sensor granted (a rate, a scale) is learnt from its answers.
    """

    def feed(self, notification: Notification) -> list[Batch]:
        """Return the samples that these bytes complete; none is fine.

        Every notification of the connection comes here in order, also those that
        a script has awaited, so that what an answer says (a factor, a range) is
        known here too. Those that are no samples are passed over.

        Raises
        ------
        DecodeError
            When the bytes break the layout. The decoder has dropped them and
            goes on with the next notification.
        """
        ...


class Feedback(StrEnum):
    """What a sensor may be asked to let its wearer feel."""

    TARGET_REACHED = "target_reached"
    SWING = "swing"


class Driver(Protocol):
    """Everything RepSense knows about one kind of sensor."""

    @property
    def id(self) -> str:
        """Name in the configuration, like ``polar_verity``."""
        ...

    @property
    def title(self) -> str:
        """Name for people, like ``Polar Verity Sense``."""
        ...

    @property
    def timing(self) -> Timing:
        """Where sample times come from."""
        ...

    @property
    def rate_hz(self) -> float:
        """Rate asked for in :meth:`start`, samples a second."""
        ...

    @property
    def services(self) -> frozenset[str]:
        """UUIDs to scan for; empty where the sensor advertises none and is known by its name."""
        ...

    def claims(self, advert: Advert) -> bool:
        """Say whether the advert is from this kind of sensor."""
        ...

    def start(self) -> Script:
        """Say what makes the sensor stream; run at every connection.

        Raises
        ------
        DecodeError
            When the sensor answers that it cannot stream: what it said, and what to do.
        """
        ...

    def stop(self) -> Script:
        """Say what makes it stop; run before a connection is closed on purpose."""
        ...

    def feedback(self, kind: Feedback) -> Script | None:
        """Say what lets the wearer feel it, or None where the sensor cannot."""
        ...

    def decoder(self) -> Decoder:
        """Return a decoder for a new connection."""
        ...
