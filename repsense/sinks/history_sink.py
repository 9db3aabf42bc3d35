"""Stores finished sets in the history while people lift."""

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from repsense.errors import HistoryEntryError, HistoryError
from repsense.events import SetFinished, WorkoutFinished
from repsense.samples import SampleBlock
from repsense.sinks.base import Notice
from repsense.sinks.history import History

#: Sets that wait in memory at most for a disk that is full: a week of a family's, about 10 MB.
MOST_WAITING = 1000
#: How often it is tried again, s.
RETRY_S = 60.0


def _ignore(*_: object) -> None:
    """Take anything and do nothing."""


class HistorySink:
    """Store finished sets, on a thread of its own; trouble is said and counting goes on.

    What cannot be stored waits in memory, :data:`MOST_WAITING` sets at most, and is tried again
    with the next set, every :data:`RETRY_S`, and at the end.

    Parameters
    ----------
    path
        The database file, see :func:`history_path`.
    on_status
        Called in the event loop with one sentence when something cannot be stored.
    on_stored
        Called on the history's thread as ``on_stored(history, wearer)`` when something
        of this wearer is stored, and with None once the history is open.
    """

    def __init__(
        self,
        path: Path,
        *,
        on_status: Callable[[str], None] = _ignore,
        on_stored: Callable[[History, str | None], None] = _ignore,
    ) -> None:
        self.path = path
        self.on_status = on_status
        self.on_stored = on_stored
        self._history: History | None = None
        self._worker: ThreadPoolExecutor | None = None
        self._waiting: deque[Notice] = deque(maxlen=MOST_WAITING)
        self._retry: asyncio.TimerHandle | None = None

    async def start(self) -> None:
        """Open the database; where that cannot be, say so and try again later."""
        self._loop = asyncio.get_running_loop()
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="repsense-history")
        try:
            await self._loop.run_in_executor(self._worker, self._opened)
        except HistoryError as error:
            self.on_status(f"{error} Until that is mended, sets wait in memory.")

    def take(self, notice: Notice) -> None:
        """Store a finished set or the end of a workout; other events are not kept."""
        if self._worker is not None and isinstance(notice.event, SetFinished | WorkoutFinished):
            self._worker.submit(self._store, notice)

    def take_block(self, wearer: str, block: SampleBlock) -> None:
        """Ignore samples."""

    async def stop(self) -> None:
        """Write what still waits and close the database."""
        if self._worker is None:
            return
        worker, self._worker = self._worker, None
        if self._retry is not None:
            self._retry.cancel()
        await self._loop.run_in_executor(worker, self._finish)
        worker.shutdown()

    def _opened(self) -> History:
        if self._history is None:
            self._history = History(self.path)
            self._tell(None)
        return self._history

    def _tell(self, wearer: str | None) -> None:
        if self._history is not None:
            with contextlib.suppress(HistoryError):  # it is said when something is to be stored
                self.on_stored(self._history, wearer)

    def _store(self, notice: Notice) -> None:
        self._waiting.append(notice)
        try:
            self._store_waiting()
        except HistoryError as error:
            text = f"{error} {_what_is_missing(notice)} waits in memory until that is mended."
            self._loop.call_soon_threadsafe(self._say_and_try_again, text)

    def _store_waiting(self) -> None:
        while self._waiting:
            self._store_one(self._opened(), self._waiting[0])
            self._waiting.popleft()

    def _store_one(self, history: History, notice: Notice) -> None:
        try:
            new = history.add(notice)
        except HistoryEntryError as error:
            text = f"{error} {_what_is_missing(notice)} is not stored."
            self._loop.call_soon_threadsafe(self.on_status, text)
        else:
            if new:
                self._tell(notice.wearer)

    def _say_and_try_again(self, text: str) -> None:
        self.on_status(text)
        if self._retry is None and self._worker is not None:
            self._retry = self._loop.call_later(RETRY_S, self._try_again)

    def _try_again(self) -> None:
        self._retry = None
        if self._worker is not None:
            self._worker.submit(self._store_again)

    def _store_again(self) -> None:
        try:
            self._store_waiting()
        except HistoryError as error:
            self._loop.call_soon_threadsafe(self._say_and_try_again, str(error))

    def _finish(self) -> None:
        """Try a last time, and say what is lost."""
        try:
            self._store_waiting()
        except HistoryError as error:
            lost = " ".join(f"{_what_is_missing(one)} is not stored." for one in self._waiting)
            self._loop.call_soon_threadsafe(self.on_status, f"{error} {lost}")
        finally:
            if self._history is not None:
                self._history.close()


def _what_is_missing(notice: Notice) -> str:
    if isinstance(notice.event, SetFinished):
        return f"Set {notice.event.set} of {notice.wearer}"
    return f"The end of {notice.wearer}'s workout"
