"""What the configuration says of bands."""

from dataclasses import dataclass
from enum import StrEnum

from repsense.errors import ConfigError, SourceError
from repsense.sources.ble.wanted import Wanted


class Side(StrEnum):
    """The wrist a band is on."""

    LEFT = "left"
    RIGHT = "right"


@dataclass(frozen=True, slots=True, kw_only=True)
class BandSettings:
    """One band of a wearer.

    Parameters
    ----------
    address
        Bluetooth address (on macOS the identifier that ``repsense scan``
        shows); None means the first sensor that the driver claims.
    driver
        Id of the driver; None means whichever claims the sensor.
    side
        The wrist it is worn on.

    Raises
    ------
    ConfigError
        When there is no such driver.
    """

    address: str | None = None
    driver: str | None = None
    side: Side = Side.LEFT

    def __post_init__(self) -> None:
        try:
            self.wanted()
        except SourceError as error:
            raise ConfigError(str(error)) from error

    def wanted(self) -> Wanted:
        """Return which sensor this is."""
        return Wanted(address=self.address, driver=self.driver)
