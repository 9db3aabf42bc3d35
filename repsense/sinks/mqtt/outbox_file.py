"""The outbox in an SQLite file, so that neither a broker that is away nor a kill loses an event.

An event is in the file before :meth:`FileOutbox.put` returns, and leaves it when
the broker has acknowledged it and the connection has held a little longer. A
process that is killed finds it there at its next start and sends it, with the
same id.
"""

import sqlite3
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable
from pathlib import Path

from repsense.sinks.mqtt.outbox import MemoryOutbox, Outbox, OutgoingEvent

FILE_NAME = "outbox.sqlite3"
MAX_STORED_EVENTS = 50_000  # days of a family's workouts; about 40 MB of disk

# A broker may die between acknowledging an event and writing it to its own disk. So an event is
# only forgotten when the connection has outlived its acknowledgement by this much.
LINGER_S = 5.0
MAX_LINGERING = 500

_LAYOUT = """
CREATE TABLE IF NOT EXISTS events (
    number INTEGER PRIMARY KEY AUTOINCREMENT,  -- the order they came in
    key TEXT NOT NULL UNIQUE,
    topic TEXT NOT NULL,
    payload TEXT NOT NULL
)
"""


def _ignore(_: str) -> None:
    """Take a sentence and do nothing."""


def outbox_path(history: Path) -> Path:
    """Return where the outbox is: beside the history database."""
    return history.with_name(FILE_NAME)


def open_outbox(
    path: Path,
    *,
    max_events: int = MAX_STORED_EVENTS,
    on_status: Callable[[str], None] = _ignore,
) -> Outbox:
    """Return the outbox in the file at ``path``; where that cannot be, say so and use memory.

    A file that is no database is put aside as ``<name>.broken`` and begun anew.
    """
    try:
        try:
            return FileOutbox(path, max_events=max_events, on_status=on_status)
        except sqlite3.OperationalError:
            raise
        except sqlite3.DatabaseError:
            broken = path.replace(path.with_name(f"{path.name}.broken"))
            on_status(f"The outbox {path} was damaged and is now {broken}: a new one is begun.")
            return FileOutbox(path, max_events=max_events, on_status=on_status)
    except (sqlite3.Error, OSError) as error:
        on_status(
            f"The outbox {path} cannot be used ({_reason(error)}): events that wait for the broker "
            f"are kept in memory, and lost when RepSense is killed. {_advice(error)}"
        )
        return MemoryOutbox()


class FileOutbox:
    """A bounded outbox on disk: when it is full the oldest waiting event goes.

    Written through SQLite's log without waiting for the disk: a process that is
    killed loses nothing, a machine that loses power at most the last moments.

    Parameters
    ----------
    path
        The file; made with its folder if it does not exist.
    max_events
        Most events that may wait in it.
    clock_s
        A clock that never goes back, in s.
    on_status
        Takes a sentence when the file cannot be written any more.

    Raises
    ------
    ValueError
        When ``max_events`` is below 1.
    sqlite3.Error, OSError
        When the file cannot be used, also because another process has it open.
    """

    def __init__(
        self,
        path: Path,
        *,
        max_events: int = MAX_STORED_EVENTS,
        clock_s: Callable[[], float] = time.monotonic,
        on_status: Callable[[str], None] = _ignore,
    ) -> None:
        if max_events < 1:
            raise ValueError(f"An outbox of {max_events} events cannot work: use at least 1.")
        self.path = path
        self.max_events = max_events
        self.dropped = 0
        self.on_status = on_status
        self._clock_s = clock_s
        self._db = _opened(path)
        self._on_disk = True
        self._stored: int = self._db.execute("SELECT count(*) FROM events").fetchone()[0]
        self._newest_handed_over = 0
        self._handed_over: dict[str, int] = {}
        # Acknowledged, with the time from which on they may be forgotten.
        self._lingering: OrderedDict[str, tuple[int, float]] = OrderedDict()
        self._again: deque[int] = deque()

    @property
    def outlives_us(self) -> bool:
        """Whether what waits is still there at the next start."""
        return self._on_disk

    def put(self, event: OutgoingEvent) -> None:
        """Take an event in; one that is here already is not taken twice."""
        self.forget_settled()
        try:
            self._insert(event)
        except sqlite3.Error as error:
            self._go_on_in_memory(error)
            self._insert(event)
        self._trim()

    def next_unsent(self) -> OutgoingEvent | None:
        """Return the oldest event not handed over yet and count it as handed over."""
        while self._again:
            row = self._row("WHERE number = ?", self._again.popleft())
            if row is not None:
                return self._hand_over(row)
        row = self._row("WHERE number > ? ORDER BY number LIMIT 1", self._newest_handed_over)
        if row is None:
            return None
        self._newest_handed_over = row[0]
        return self._hand_over(row)

    def delivered(self, key: str) -> None:
        """Take that the broker has acknowledged an event; it is forgotten a little later."""
        number = self._handed_over.pop(key, None)
        if number is not None:
            self._lingering[key] = (number, self._clock_s() + LINGER_S)
        self.forget_settled()

    def take_back(self) -> None:
        """Count what was handed over as unsent again: the connection it went to is no more."""
        self._again = deque(sorted({*self._again, *self._handed_over.values()}))
        self._handed_over.clear()
        self.doubt()

    def doubt(self) -> None:
        """Count what was acknowledged only just now as unsent: the broker may have died of it."""
        self.forget_settled()
        numbers = (number for number, _ in self._lingering.values())
        self._again = deque(sorted({*self._again, *numbers}))
        self._lingering.clear()

    def forget_settled(self) -> None:
        """Drop what was acknowledged long enough ago."""
        now_s = self._clock_s()
        settled: list[int] = []
        while self._lingering:
            key, (number, until_s) = next(iter(self._lingering.items()))
            if until_s > now_s and len(self._lingering) <= MAX_LINGERING:
                break
            del self._lingering[key]
            settled.append(number)
        self._delete(settled)

    def close(self) -> None:
        """End on good terms: what the broker has acknowledged is not sent again."""
        self._delete([number for number, _ in self._lingering.values()])
        self._lingering.clear()
        self._db.close()

    def __len__(self) -> int:
        """Return how many events the broker has not acknowledged."""
        return self._stored - len(self._lingering)

    def _hand_over(self, row: tuple[int, str, str, str]) -> OutgoingEvent:
        number, key, topic, payload = row
        self._handed_over[key] = number
        return OutgoingEvent(key=key, topic=topic, payload=payload)

    def _insert(self, event: OutgoingEvent) -> None:
        added = self._db.execute(
            "INSERT OR IGNORE INTO events (key, topic, payload) VALUES (?, ?, ?)",
            (event.key, event.topic, event.payload),
        )
        self._stored += added.rowcount

    def _trim(self) -> None:
        while len(self) - len(self._handed_over) > self.max_events:
            # Those to be sent again are the oldest of all.
            oldest = self._again.popleft() if self._again else self._oldest_waiting()
            self._delete([oldest])
            self.dropped += 1

    def _oldest_waiting(self) -> int:
        query = "SELECT min(number) FROM events WHERE number > ?"
        found: int = self._db.execute(query, (self._newest_handed_over,)).fetchone()[0]
        return found

    def _row(self, where: str, number: int) -> tuple[int, str, str, str] | None:
        query = f"SELECT number, key, topic, payload FROM events {where}"  # noqa: S608 - no input
        row: tuple[int, str, str, str] | None = self._db.execute(query, (number,)).fetchone()
        return row

    def _delete(self, numbers: Iterable[int]) -> None:
        listed = [(number,) for number in numbers]
        if not listed:
            return
        try:
            self._delete_rows(listed)
        except sqlite3.Error as error:
            self._go_on_in_memory(error)
            self._delete_rows(listed)

    def _delete_rows(self, numbers: list[tuple[int]]) -> None:
        self._db.execute("BEGIN")
        try:
            gone = self._db.executemany("DELETE FROM events WHERE number = ?", numbers)
        finally:
            self._db.execute("COMMIT")
        self._stored -= gone.rowcount

    def _go_on_in_memory(self, error: sqlite3.Error) -> None:
        """Take what waits over into memory: the disk is full, or gone."""
        memory = sqlite3.connect(":memory:", isolation_level=None)
        memory.execute(_LAYOUT)
        columns = "number, key, topic, payload"
        try:
            rows = self._db.execute(f"SELECT {columns} FROM events").fetchall()  # noqa: S608 - no input
            memory.executemany(f"INSERT INTO events ({columns}) VALUES (?, ?, ?, ?)", rows)  # noqa: S608 - no input
        except sqlite3.Error:
            self._again.clear()
        self._stored = memory.execute("SELECT count(*) FROM events").fetchone()[0]
        self._db.close()
        self._db, self._on_disk = memory, False
        self.on_status(
            f"The outbox {self.path} cannot be written ({_reason(error)}): events that wait for "
            f"the broker are kept in memory from now on. {_advice(error)}"
        )


def _opened(path: Path) -> sqlite3.Connection:
    path.parent.mkdir(parents=True, exist_ok=True)
    db = sqlite3.connect(path, timeout=0.2, isolation_level=None)
    try:
        # Two services must not send the same events: the second one is told the file is locked.
        db.execute("PRAGMA locking_mode = EXCLUSIVE")
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = NORMAL")
        db.execute(_LAYOUT)
        db.execute("BEGIN IMMEDIATE")
        db.execute("COMMIT")
    except BaseException:  # raised again: not even Ctrl-C may leave the file locked
        db.close()
        raise
    return db


def _reason(error: sqlite3.Error | OSError) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)


def _advice(error: Exception) -> str:
    if "locked" in str(error):
        return "Is another RepSense running with the same data folder?"
    return "Check the space on the disk and who may write there."
