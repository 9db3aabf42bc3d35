"""The bounded queue between the radio's callbacks and the one who reads."""

import asyncio
from collections import deque

from repsense.sources.ble.drivers.base import Notification

# At the most talkative sensor's 100 packets a second this is ten seconds: longer than anything
# stalls but a suspended machine, and then old packets are of no use to a live count.
CAPACITY = 1024


class Inbox:
    """Hold notifications until they are read; when it is full the oldest goes.

    What is gone shows as a hole in time: packets carry their arrival, and most
    of them a counter or a clock, so the loss is counted where all losses are.

    Parameters
    ----------
    capacity
        Notifications held at most.
    """

    def __init__(self, capacity: int = CAPACITY) -> None:
        self._waiting: deque[Notification] = deque(maxlen=capacity)
        self._news = asyncio.Event()
        self.overrun = 0

    def put(self, notification: Notification) -> None:
        """Take one in; never blocks."""
        if len(self._waiting) == self._waiting.maxlen:
            self.overrun += 1
        self._waiting.append(notification)
        self._news.set()

    def wake(self) -> None:
        """Let the reader look around although nothing has come."""
        self._news.set()

    async def take(self, timeout_s: float) -> list[Notification]:
        """Return what has come, at once; with nothing there wait for news or the timeout."""
        if not self._waiting and not self._news.is_set():
            try:
                async with asyncio.timeout(timeout_s):
                    await self._news.wait()
            except TimeoutError:
                return []
        self._news.clear()
        taken = list(self._waiting)
        self._waiting.clear()
        return taken
