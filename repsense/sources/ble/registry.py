"""Finds the drivers: every module of ``drivers`` that names one ``DRIVER``.

There is no list to keep. A new module is found because it is there.
"""

from difflib import get_close_matches
from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from repsense.errors import SourceError
from repsense.sources.ble import drivers as package
from repsense.sources.ble.drivers.base import Advert, Driver


@cache
def drivers() -> tuple[Driver, ...]:
    """Return every driver, by id."""
    names = (f"{package.__name__}.{found.name}" for found in iter_modules(package.__path__))
    modules = [import_module(name) for name in names]
    known: list[Driver] = [module.DRIVER for module in modules if hasattr(module, "DRIVER")]
    return tuple(sorted(known, key=lambda driver: driver.id))


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
    near = get_close_matches(driver_id, known, n=1)
    hint = f"Did you mean '{near[0]}'?" if near else f"Known are: {', '.join(known)}."
    raise SourceError(f"There is no driver called '{driver_id}'. {hint}")


def driver_for(advert: Advert) -> Driver | None:
    """Return the driver that claims the advert, or None for a sensor nobody knows."""
    return next((driver for driver in drivers() if driver.claims(advert)), None)
