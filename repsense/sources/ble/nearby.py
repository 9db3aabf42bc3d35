"""Which sensors are nearby: what ``repsense scan`` and ``repsense doctor`` show."""

import asyncio
from contextlib import aclosing
from dataclasses import dataclass, replace

from repsense.errors import DecodeError, SourceError
from repsense.sources.ble.drivers.base import Advert, Driver
from repsense.sources.ble.radio import Connection, Radio, Sighting
from repsense.sources.ble.registry import driver_for
from repsense.sources.ble.talk import Talk
from repsense.sources.ble.visit import BATTERY

# A sensor that does not let itself be asked within this long is shown without its battery, s.
_ASK_S = 8.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Nearby:
    """A sensor that was heard.

    Parameters
    ----------
    advert
        The newest that it said, the strongest signal.
    driver
        The driver that claims it, None for one that nobody knows.
    battery_percent
        None where it was not asked or does not say.
    """

    advert: Advert
    driver: Driver | None
    battery_percent: int | None = None

    @property
    def supported(self) -> bool:
        """Whether RepSense can count with it."""
        return self.driver is not None


async def look_around(radio: Radio, seconds: float, *, ask_battery: bool = True) -> list[Nearby]:
    """Return the sensors heard within so many seconds: supported ones first, then by signal.

    Parameters
    ----------
    ask_battery
        Connect to each supported sensor to read its battery.

    Raises
    ------
    AdapterError
        When Bluetooth cannot be used.
    """
    heard = await _heard(radio, seconds)
    found = [Nearby(advert=one.advert, driver=driver_for(one.advert)) for one in heard.values()]
    found.sort(key=lambda one: (not one.supported, -(one.advert.rssi_dbm or -999)))
    if not ask_battery:
        return found
    return [
        replace(one, battery_percent=await _battery(radio, heard[one.advert.address]))
        if one.supported
        else one
        for one in found
    ]


async def _heard(radio: Radio, seconds: float) -> dict[str, Sighting]:
    heard: dict[str, Sighting] = {}
    try:
        async with asyncio.timeout(seconds), aclosing(radio.sightings()) as sightings:
            async for sighting in sightings:
                before = heard.get(sighting.advert.address)
                heard[sighting.advert.address] = _newest(before, sighting)
    except TimeoutError:
        pass
    return heard


def _newest(before: Sighting | None, now: Sighting) -> Sighting:
    """Return the newer sighting with what the older one knew besides: adverts take turns."""
    if before is None:
        return now
    old, new = before.advert, now.advert
    levels = [one.rssi_dbm for one in (old, new) if one.rssi_dbm is not None]
    advert = replace(
        new,
        name=new.name or old.name,
        services=new.services | old.services,
        manufacturer={**old.manufacturer, **new.manufacturer},
        rssi_dbm=max(levels, default=None),
    )
    return Sighting(advert=advert, handle=now.handle)


async def _battery(radio: Radio, sighting: Sighting) -> int | None:
    connection: Connection | None = None
    try:
        async with asyncio.timeout(_ASK_S):
            connection = await radio.connect(sighting, lambda: None)
            level = await Talk(connection, lambda *_: None).read(BATTERY)
            return min(level[0], 100) if level else None
    except (TimeoutError, SourceError, DecodeError):
        return None
    finally:
        if connection is not None:
            await _let_go(connection)


async def _let_go(connection: Connection) -> None:
    try:
        await connection.close()
    except SourceError:
        return  # it has gone by itself
