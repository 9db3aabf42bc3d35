"""Runs a driver's scripts on a connection."""

import asyncio
from collections import deque
from collections.abc import Callable

from repsense.errors import CharacteristicMissingError, LinkError
from repsense.sources.ble.drivers.base import Await, Read, Script, Step, Subscribe, Write
from repsense.sources.ble.radio import Connection

# A sensor answers within a connection interval or three; bleak itself has no limit.
STEP_TIMEOUT_S = 10.0
# Notifications kept for an Await: what arrived since the step before, data streams included.
_KEPT = 256

Hear = Callable[[str, bytes], None]


class Talk:
    """One connection's conversation: steps in order, never two at once.

    Parameters
    ----------
    connection
        The sensor.
    hear
        Called with characteristic and bytes of every notification, in order.
    """

    def __init__(self, connection: Connection, hear: Hear) -> None:
        self._connection = connection
        self._hear = hear
        self._heard: deque[tuple[int, str, bytes]] = deque(maxlen=_KEPT)
        self._count = 0
        self._news = asyncio.Event()
        self._turn = asyncio.Lock()

    async def run(self, script: Script) -> None:
        """Run a script to its end.

        Raises
        ------
        LinkError
            When the connection broke, or the sensor did not answer in time.
        CharacteristicMissingError
            When the sensor lacks a characteristic and the script has no other way.
        DecodeError
            When the script does not accept the sensor's answer.
        """
        async with self._turn:
            since = self._count
            try:
                step = next(script)
                while True:
                    began_at = self._count
                    try:
                        answer = await self._do(step, since)
                    except CharacteristicMissingError as missing:
                        step = script.throw(missing)
                    else:
                        # One write may be answered twice: an Await leaves what it did not take.
                        since = since if isinstance(step, Await) else began_at
                        step = script.send(answer)
            except StopIteration:
                return

    async def read(self, characteristic: str) -> bytes:
        """Read a characteristic, outside any script; raises as :meth:`run`."""
        async with self._turn:
            return await self._do(Read(characteristic), self._count)

    async def _do(self, step: Step, since: int) -> bytes:
        if isinstance(step, Await):
            return await self._awaited(step, since)
        try:
            async with asyncio.timeout(STEP_TIMEOUT_S):
                return await self._operate(step)
        except TimeoutError as error:
            raise LinkError(
                f"The sensor did not answer for {STEP_TIMEOUT_S:.0f} s: move closer, or switch it "
                f"off and on."
            ) from error

    async def _operate(self, step: Step) -> bytes:
        name = step.characteristic
        if isinstance(step, Read):
            return await self._connection.read(name)
        if isinstance(step, Write):
            await self._connection.write(name, step.data, response=step.response)
        elif isinstance(step, Subscribe):
            await self._connection.subscribe(name, lambda data: self._take(name, data))
        else:
            await self._connection.unsubscribe(name)
        return b""

    def _take(self, characteristic: str, data: bytes) -> None:
        self._heard.append((self._count, characteristic, data))
        self._count += 1
        self._news.set()
        self._hear(characteristic, data)

    async def _awaited(self, step: Await, since: int) -> bytes:
        try:
            async with asyncio.timeout(step.timeout_s):
                while True:
                    self._news.clear()
                    for entry in self._heard:
                        number, characteristic, data = entry
                        if number >= since and characteristic == step.characteristic:
                            self._heard.remove(entry)
                            return data
                    await self._news.wait()
        except TimeoutError:
            return b""
