"""One connection to a sensor, from the handshake to the farewell."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable, Iterator

from repsense.errors import CharacteristicMissingError, DecodeError, LinkError, RepSenseError
from repsense.sources.ble.drivers.base import Driver, Feedback, Notification, Script
from repsense.sources.ble.inbox import Inbox
from repsense.sources.ble.radio import Connection, Radio, Sighting
from repsense.sources.ble.session import Item, Session
from repsense.sources.ble.talk import Talk

BATTERY = "00002a19-0000-1000-8000-00805f9b34fb"

# How often the session is told the time while nothing comes, s: a fraction of what it decides on.
_TICK_S = 0.25
# A battery lasts hours.
_BATTERY_EVERY_S = 300.0
# Stop commands and the farewell together must leave room in the 2 s of a clean shutdown.
_STOP_S, _CLOSE_S = 1.0, 0.5

Tap = Callable[[Notification, Driver], None]


class Visit:
    """Read one connected sensor.

    Parameters
    ----------
    session
        What becomes of the bytes.
    driver
        Speaks the sensor's language.
    tap
        Called with every notification as it came, before it is decoded.
    """

    def __init__(self, session: Session, driver: Driver, tap: Tap | None) -> None:
        self._session = session
        self._driver = driver
        self._tap = tap
        self._inbox = Inbox()
        self._dropped = False
        self._levels: list[int] = []
        self._scripts: asyncio.Queue[Script] = asyncio.Queue()
        self._loop = asyncio.get_running_loop()

    def feel(self, kind: Feedback) -> None:
        """Let the wearer feel something, if the sensor can."""
        script = self._driver.feedback(kind)
        if script is not None:
            self._scripts.put_nowait(script)

    async def items(self, radio: Radio, sighting: Sighting) -> AsyncGenerator[Item, None]:
        """Connect and yield what comes, until the connection drops or has been silent too long.

        Raises
        ------
        AdapterError, LinkError
            When there is no connection, or the sensor does not answer.
        CharacteristicMissingError, DecodeError
            When it is not the sensor that the driver knows, or refuses to stream.
        """
        connection = await radio.connect(sighting, self._drop)
        self._session.connected(self._loop.time())
        talk = Talk(connection, self._hear)
        speaking = asyncio.create_task(self._speak(talk))
        speaking.add_done_callback(lambda _: self._inbox.wake())
        try:
            while not (self._dropped or self._session.is_hung(self._loop.time())):
                for item in await self._news():
                    yield item
                if speaking.done() and not self._dropped:
                    speaking.result()
        finally:
            await self._take_leave(speaking, talk, connection)

    @property
    def dropped(self) -> bool:
        """Whether the connection broke from the other side."""
        return self._dropped

    def _drop(self) -> None:
        self._dropped = True
        self._inbox.wake()

    def _hear(self, characteristic: str, data: bytes) -> None:
        at_s = self._loop.time()
        heard = Notification(characteristic=characteristic, data=data, arrived_s=at_s)
        if self._tap is not None:
            self._tap(heard, self._driver)
        self._inbox.put(heard)

    async def _news(self) -> list[Item]:
        return list(self._digest(await self._inbox.take(_TICK_S)))

    def _digest(self, heard: list[Notification]) -> Iterator[Item]:
        for notification in heard:
            yield from self._session.take(notification)
        yield from self._session.tick(self._loop.time())
        levels, self._levels = self._levels, []
        for percent in levels:
            yield from self._session.battery(percent)

    async def _speak(self, talk: Talk) -> None:
        """Say all there is to say to the sensor, one thing after another."""
        await talk.run(self._driver.start())
        while True:
            await self._ask_for_battery(talk)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_BATTERY_EVERY_S):
                    while True:
                        await _say(talk, await self._scripts.get())

    async def _ask_for_battery(self, talk: Talk) -> None:
        # A sensor without the service is a fine sensor; one that has just gone shows elsewhere.
        with contextlib.suppress(CharacteristicMissingError, LinkError):
            level = await talk.read(BATTERY)
            if level:
                self._levels.append(min(level[0], 100))

    async def _take_leave(
        self, speaking: "asyncio.Task[None]", talk: Talk, connection: Connection
    ) -> None:
        """Stop the sensor and disconnect, within the time that a shutdown has."""
        speaking.cancel()
        await asyncio.gather(speaking, return_exceptions=True)
        if not self._dropped:
            # Whatever fails here: the connection is closed next, which stops nearly every sensor.
            with contextlib.suppress(TimeoutError, RepSenseError):
                async with asyncio.timeout(_STOP_S):
                    await talk.run(self._driver.stop())
        with contextlib.suppress(TimeoutError, RepSenseError):
            async with asyncio.timeout(_CLOSE_S):
                await connection.close()


async def _say(talk: Talk, script: Script) -> None:
    # A wrist that cannot be reached just now is no reason to lose the set.
    with contextlib.suppress(CharacteristicMissingError, DecodeError):
        await talk.run(script)
