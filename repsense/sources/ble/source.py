"""A Bluetooth sensor as a source: found, connected, read, and found again after every drop."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field

from repsense.errors import AdapterError, CharacteristicMissingError, DecodeError, LinkError
from repsense.samples import LinkReport, SampleBlock
from repsense.sources.ble.backoff import Trouble, wait_s
from repsense.sources.ble.drivers.base import Driver, Feedback
from repsense.sources.ble.radio import Radio, Sighting
from repsense.sources.ble.session import Item, Session
from repsense.sources.ble.visit import Tap, Visit
from repsense.sources.ble.wanted import Wanted

# A search without a result is told anew, with what was seen, this often, s.
_STILL_SEARCHING_S = 20.0


@dataclass(slots=True)
class InUse:
    """Addresses that sources of this process hold, so that two do not take the same band."""

    addresses: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class _Found:
    sighting: Sighting
    driver: Driver


class BleSource:
    """Stream one Bluetooth sensor until it is closed.

    Parameters
    ----------
    radio
        Hears and connects.
    wanted
        Which sensor: an address, a driver, or the first that is supported.
    in_use
        Shared by the sources of a process.
    origin_s
        Event loop time that is 0 on the blocks' clock; None: when the stream
        begins. Give sources the same one and their blocks share a clock.
    tap
        Called with every notification as it came, before it is decoded.
    """

    def __init__(
        self,
        radio: Radio,
        wanted: Wanted | None = None,
        *,
        in_use: InUse | None = None,
        origin_s: float | None = None,
        tap: Tap | None = None,
    ) -> None:
        self._radio = radio
        self._wanted = wanted or Wanted()
        self._in_use = in_use or InUse()
        self._origin_s = origin_s
        self._tap = tap
        self._session: Session | None = None
        self._visit: Visit | None = None
        self._refused: set[str] = set()
        self._heard_once = False

    @property
    def name(self) -> str:
        """The sensor's name and address once it is found, before that what is wanted."""
        return self._wanted.describe() if self._session is None else self._session.sensor

    def feel(self, kind: Feedback) -> None:
        """Let the wearer feel something, where the sensor is there and can."""
        if self._visit is not None:
            self._visit.feel(kind)

    async def stream(self) -> AsyncGenerator[SampleBlock | LinkReport, None]:
        """Yield blocks and reports until closed; see :class:`repsense.sources.base.Source`.

        Raises
        ------
        AdapterError
            When Bluetooth cannot be used from the start. Later it is waited for.
        """
        now_s = asyncio.get_running_loop().time()
        origin_s = now_s if self._origin_s is None else self._origin_s
        session = self._session = Session(wanted=self._wanted.describe(), origin_s=origin_s)
        in_a_row: Counter[Trouble] = Counter()
        while True:
            try:
                async with aclosing(self._try_once(session)) as items:
                    async for item in items:
                        if isinstance(item, SampleBlock):
                            in_a_row.clear()
                        yield item
            except _EndedError as end:
                in_a_row[end.trouble] += 1
                delay_s = wait_s(end.trouble, in_a_row[end.trouble])
                soon = "now" if delay_s < 1.0 else f"in {delay_s:.0f} s"
                yield session.lost(f"{end} Searching again {soon}.")
                await asyncio.sleep(delay_s)

    async def _try_once(self, session: Session) -> AsyncGenerator[Item, None]:
        """Search, connect and read until it ends, which :class:`_EndedError` says."""
        found: _Found | None = None
        async with aclosing(self._search(session)) as searching:
            async for news in searching:
                if isinstance(news, _Found):
                    found = news
                    break
                yield news
        if found is None:
            raise _EndedError(Trouble.NO_ADAPTER, "Bluetooth stopped searching.")
        address = found.sighting.advert.address
        self._in_use.addresses.add(address)
        try:
            async with aclosing(self._read(session, found)) as items:
                async for item in items:
                    yield item
        finally:
            self._in_use.addresses.discard(address)
            self._visit = None

    async def _search(self, session: Session) -> AsyncGenerator[LinkReport | _Found, None]:
        """Yield reports while nothing is found, and at last what was."""
        loop = asyncio.get_running_loop()
        yield session.searching(f"Looking for {self._wanted.describe()}.")
        told_s, seen = loop.time(), set[str]()
        try:
            async with aclosing(self._radio.sightings()) as sightings:
                async for sighting in sightings:
                    self._heard_once = True
                    seen.add(sighting.advert.address)
                    if loop.time() - told_s > _STILL_SEARCHING_S:
                        told_s = loop.time()
                        self._refused.clear()
                        yield session.searching(self._wanted.advice(len(seen)))
                    driver = self._driver_for(sighting)
                    if driver is not None:
                        yield _Found(sighting, driver)
        except AdapterError as error:
            if not self._heard_once:
                raise
            raise _EndedError(Trouble.NO_ADAPTER, str(error)) from error

    def _driver_for(self, sighting: Sighting) -> Driver | None:
        if sighting.advert.address in self._in_use.addresses | self._refused:
            return None
        return self._wanted.driver_for(sighting.advert)

    async def _read(self, session: Session, found: _Found) -> AsyncGenerator[Item, None]:
        advert, now_s = found.sighting.advert, asyncio.get_running_loop().time()
        yield session.connecting(advert, found.driver, now_s)
        visit = self._visit = Visit(session, found.driver, self._tap)
        try:
            async with aclosing(visit.items(self._radio, found.sighting)) as items:
                async for item in items:
                    yield item
        except AdapterError as error:
            raise _EndedError(Trouble.NO_ADAPTER, str(error)) from error
        except LinkError as error:
            raise _EndedError(Trouble.NOT_CONNECTED, str(error)) from error
        except (CharacteristicMissingError, DecodeError) as error:
            # Another sensor gets its turn first; after a while this one is asked again.
            self._refused.add(advert.address)
            raise _EndedError(Trouble.NOT_STREAMING, str(error)) from error
        if visit.dropped:
            raise _EndedError(Trouble.DROPPED, "The connection broke.")
        raise _EndedError(Trouble.NOT_STREAMING, "Nothing came for too long.")


class _EndedError(Exception):
    """A try came to its end: why, for the back-off and for the person."""

    def __init__(self, trouble: Trouble, why: str) -> None:
        super().__init__(why)
        self.trouble = trouble
