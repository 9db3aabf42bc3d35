"""What the configuration says of bands."""

from dataclasses import dataclass
from enum import StrEnum

from repsense.errors import ConfigError, SampleError, SourceError
from repsense.samples import Axis, Worn, Wrist
from repsense.sources.ble.wanted import Wanted
from repsense.sources.phone.phyphox import host_and_port


class Side(StrEnum):
    """The wrist a band is on."""

    LEFT = "left"
    RIGHT = "right"


class Via(StrEnum):
    """How a band's samples come here.

    ``PAGE``: a phone's browser, on a page that RepSense serves. ``SENSOR_LOGGER``: that
    app pushes over HTTP or MQTT. ``PHYPHOX``: that app is asked. ``GATEWAY``: a sensor
    near another machine, which runs ``repsense gateway``.
    """

    BLUETOOTH = "bluetooth"
    PAGE = "page"
    SENSOR_LOGGER = "sensor_logger"
    PHYPHOX = "phyphox"
    GATEWAY = "gateway"


@dataclass(frozen=True, slots=True, kw_only=True)
class BandSettings:
    """One band of a wearer, or a phone that is one.

    Parameters
    ----------
    via
        How its samples come here.
    address
        Bluetooth address (on macOS the identifier that ``repsense scan``
        shows); None means the first sensor that the driver claims. For phyphox the
        address that the app shows.
    driver
        Id of the driver; None means whichever claims the sensor.
    side
        The wrist it is worn on.
    along, out
        The sensor's axis that points along the forearm to the hand, and the one out of the
        back of the wrist; None where nobody knows. Exercises are told apart better with them.

    Raises
    ------
    ConfigError
        When there is no such driver, or the address is none of its kind, or the axes lie
        on one line.
    """

    via: Via = Via.BLUETOOTH
    address: str | None = None
    driver: str | None = None
    side: Side = Side.LEFT
    along: Axis | None = None
    out: Axis | None = None

    def __post_init__(self) -> None:
        try:
            self.wanted()
            self.worn()
            if self.via is Via.PHYPHOX:
                host_and_port(self.address or "")
        except (SampleError, SourceError) as error:
            raise ConfigError(str(error)) from error
        if self.driver is not None and self.via is not Via.BLUETOOTH:
            raise ConfigError(
                f"A band that comes via {self.via.value} has no driver, but {self.driver!r} is "
                f"named: remove driver, or via."
            )
        if self.address is not None and self.via not in {Via.BLUETOOTH, Via.PHYPHOX}:
            raise ConfigError(
                f"A band that comes via {self.via.value} needs no address, but {self.address!r} is "
                f"given: it finds its way here by itself. Remove address, or via."
            )

    def worn(self) -> Worn | None:
        """Return how the sensor sits on the arm, None where that is not said.

        Raises
        ------
        ConfigError
            When only one of the axes is said.
        SampleError
            When they lie on one line.
        """
        if self.along is None and self.out is None:
            return None
        if self.along is None or self.out is None:
            missing = "along" if self.along is None else "out"
            raise ConfigError(
                f"One axis does not say how a band sits on the arm, and '{missing}' is missing: "
                f"name both, or leave out both. docs/recognition.md tells how to find them."
            )
        return Worn(along=self.along, out=self.out, wrist=Wrist(self.side.value))

    def wanted(self) -> Wanted:
        """Return which Bluetooth sensor this is."""
        return Wanted(address=self.address, driver=self.driver)
