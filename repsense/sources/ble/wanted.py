"""Which sensor a wearer's band is: chosen from adverts, purely."""

from dataclasses import dataclass

from repsense.sources.ble import registry
from repsense.sources.ble.drivers.base import Advert, Driver


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What the configuration says of a band; nothing means the first supported sensor.

    Parameters
    ----------
    address
        Bluetooth address, or what stands in for it on macOS; any case.
    driver
        Id of a driver, to take the sensor for one of its kind although its
        advert may not say so.

    Raises
    ------
    SourceError
        When there is no such driver.
    """

    address: str | None = None
    driver: str | None = None

    def __post_init__(self) -> None:
        if self.driver is not None:
            registry.find_driver(self.driver)

    def driver_for(self, advert: Advert) -> Driver | None:
        """Return the driver to use if this is the sensor, else None."""
        if self.address is not None and advert.address.lower() != self.address.lower():
            return None
        if self.driver is None:
            return registry.driver_for(advert)
        driver = registry.find_driver(self.driver)
        # With the address given the person has the last word, whatever the advert says.
        return driver if self.address is not None or driver.claims(advert) else None

    def describe(self) -> str:
        """Return what is looked for, for people."""
        kind = "sensor" if self.driver is None else registry.find_driver(self.driver).title
        if self.address is not None:
            return f"{kind} {self.address}"
        return "any supported sensor" if self.driver is None else f"any {kind}"

    def advice(self, seen: int) -> str:
        """Return what to say when ``seen`` sensors were heard and none was the one."""
        heard = f"{seen} Bluetooth device{'' if seen == 1 else 's'} heard, not {self.describe()}."
        return (
            f"{heard} Is it charged, switched on, near, and not connected to a phone? "
            f"'repsense scan' lists what there is."
        )
