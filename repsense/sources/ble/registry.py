"""Finds the drivers: every module of ``drivers`` that names one ``DRIVER``.

There is no list to keep. A new module is found because it is there.
"""

from functools import cache

from repsense.errors import SourceError
from repsense.found import found_in, nearest
from repsense.sources.ble import drivers as package
from repsense.sources.ble.drivers.base import Advert, Driver


@cache
def drivers() -> tuple[Driver, ...]:
    """Return every driver, by id."""
    return tuple(found_in(package, "DRIVER"))


def find_driver(driver_id: str) -> Driver:
    """Return the driver with this id.

    Raises
    ------
    SourceError
        When there is none; the message suggests the nearest.
    """
    known = {driver.id: driver for driver in drivers()}
    if driver_id in known:
        return known[driver_id]
    raise SourceError(f"There is no driver called '{driver_id}'. {nearest(driver_id, known)}")


def driver_for(advert: Advert) -> Driver | None:
    """Return the driver that claims the advert, or None for a sensor nobody knows."""
    return next((driver for driver in drivers() if driver.claims(advert)), None)
