"""Finished sets in an SQLite database."""

import contextlib
import json
import os
import sqlite3
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from repsense.errors import HistoryEntryError, HistoryError
from repsense.events import FormFlag, Rep, SetFinished, WorkoutFinished
from repsense.sinks.base import NEW_WORKOUT_AFTER, Notice
from repsense.sinks.history_tables import MIGRATIONS, REP_NUMBERS, Correction, StoredSet
from repsense.sinks.history_upgrade import checked_version, upgrade

__all__ = [
    "MIGRATIONS",
    "NEW_WORKOUT_AFTER",
    "Correction",
    "History",
    "StoredSet",
    "history_path",
]

FILE_NAME = "history.sqlite3"


def history_path(data_dir: str | Path | None = None) -> Path:
    """Return where the database is: in ``data_dir``, else in the user's data folder.

    That is ``$XDG_DATA_HOME/repsense``, or ``~/.local/share/repsense`` without the variable.
    """
    if data_dir is not None:
        return Path(data_dir).expanduser() / FILE_NAME
    home = os.environ.get("XDG_DATA_HOME") or "~/.local/share"
    return Path(home).expanduser() / "repsense" / FILE_NAME


class History:
    """The database. Made on first use; an older one is copied and brought up to date.

    Parameters
    ----------
    path
        The database file; its folder is made if needed.

    Raises
    ------
    HistoryError
        When the file cannot be used, is not a history, or was made by a newer version.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        with self._errors("opened"):
            path.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
            self._db.row_factory = sqlite3.Row
        try:
            with self._errors("opened"):
                checked_version(self._db, path, len(MIGRATIONS))
                self._db.execute("PRAGMA foreign_keys = ON")
                self._db.execute("PRAGMA journal_mode = WAL")
                upgrade(self._db, path, MIGRATIONS)
        except HistoryError:
            self._db.close()
            raise

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def add(self, notice: Notice) -> bool:
        """Store a finished set or the end of a workout; return whether it was new.

        Other events, and events stored before, change nothing.

        Raises
        ------
        HistoryError
            When the database cannot be written.
        """
        with self._errors("written"), self._transaction():
            match notice.event:
                case SetFinished(reps=0):
                    return False  # taken back: there was no set
                case SetFinished() as event:
                    return self._add_set(notice, event)
                case WorkoutFinished() as event:
                    return self._end_workout(notice, event)
                case _:
                    return False

    def correct(self, event_id: str, correction: Correction) -> bool:
        """Keep what a person says of a set, in place of what they said before.

        Returns whether there is such a set. What was measured stays as it is.

        Raises
        ------
        HistoryError
            When the database cannot be written.
        """
        with self._errors("written"), self._transaction():
            done = self._db.execute(
                "INSERT OR REPLACE INTO corrections SELECT id, ?, ?, ?, ?, ? FROM sets"
                " WHERE event_id = ?",
                (
                    correction.reps,
                    correction.exercise,
                    correction.weight_kg,
                    correction.deleted,
                    _iso(datetime.now(UTC)),
                    event_id,
                ),
            )
            return done.rowcount > 0

    def sets(
        self,
        *,
        wearer: str | None = None,
        since: datetime | None = None,
        with_deleted: bool = False,
    ) -> list[StoredSet]:
        """Return stored sets, the oldest first.

        Parameters
        ----------
        wearer
            Only of this wearer.
        since
            Only those that started at this time or later.
        with_deleted
            Also those that somebody deleted.

        Raises
        ------
        HistoryError
            When the database cannot be read.
        """
        with self._errors("read"):
            rows = self._db.execute(
                "SELECT sets.*, corrections.reps AS corrected_reps, weight_kg,"
                " corrections.exercise AS corrected_exercise, ifnull(deleted, 0) AS deleted"
                " FROM sets LEFT JOIN corrections ON corrections.set_id = sets.id"
                " WHERE (:wearer IS NULL OR wearer = :wearer)"
                " AND (:since IS NULL OR started_at >= :since)"
                " AND (:with_deleted OR ifnull(deleted, 0) = 0) ORDER BY started_at, id",
                {
                    "wearer": wearer,
                    "since": None if since is None else _iso(since),
                    "with_deleted": with_deleted,
                },
            ).fetchall()
            return [self._stored_set(row) for row in rows]

    def _stored_set(self, row: sqlite3.Row) -> StoredSet:
        return StoredSet(
            event_id=row["event_id"],
            workout=row["workout_id"],
            wearer=row["wearer"],
            number=row["number"],
            started_at=datetime.fromisoformat(row["started_at"]),
            ended_at=datetime.fromisoformat(row["ended_at"]),
            exercise=row["exercise"],
            exercise_confidence=row["exercise_confidence"],
            reps=row["reps"],
            flags=_flags(row["flags"]),
            rep_details=self._reps_of(row["id"]),
            correction=Correction(
                reps=row["corrected_reps"],
                exercise=row["corrected_exercise"],
                weight_kg=row["weight_kg"],
                deleted=bool(row["deleted"]),
            ),
        )

    def _reps_of(self, set_id: int) -> tuple[Rep, ...]:
        rows = self._db.execute("SELECT * FROM reps WHERE set_id = ? ORDER BY number", (set_id,))
        return tuple(
            Rep(**{name: row[name] for name in REP_NUMBERS}, flags=_flags(row["flags"]))
            for row in rows
        )

    def _add_set(self, notice: Notice, event: SetFinished) -> bool:
        if self._known("sets", notice.event_id):
            return False
        started_at, ended_at = notice.when(event.start_s), notice.when(event.end_s)
        set_id = self._db.execute(
            "INSERT INTO sets (event_id, workout_id, wearer, number, started_at, ended_at,"
            " exercise, exercise_confidence, reps, flags) VALUES (?,?,?,?,?,?,?,?,?,?)",
            (
                notice.event_id,
                self._workout_for(notice.wearer, started_at),
                notice.wearer,
                event.set,
                _iso(started_at),
                _iso(ended_at),
                event.exercise,
                event.exercise_confidence,
                event.reps,
                _json(event.flags),
            ),
        ).lastrowid
        self._db.executemany(
            "INSERT INTO reps VALUES (?,?,?,?,?,?,?,?,?,?,?)",
            [
                (set_id, number, *(getattr(rep, name) for name in REP_NUMBERS), _json(rep.flags))
                for number, rep in enumerate(event.rep_details, start=1)
            ],
        )
        return True

    def _workout_for(self, wearer: str, started_at: datetime) -> int:
        """Return the wearer's running workout that a set starting now belongs to, or a new one."""
        row = self._db.execute(
            "SELECT workouts.id FROM workouts JOIN sets ON sets.workout_id = workouts.id"
            " WHERE workouts.wearer = ? AND workouts.ended_at IS NULL AND sets.ended_at >= ?"
            " ORDER BY sets.ended_at DESC LIMIT 1",
            (wearer, _iso(started_at - NEW_WORKOUT_AFTER)),
        ).fetchone()
        if row is not None:
            return int(row[0])
        workout = self._db.execute(
            "INSERT INTO workouts (wearer, started_at) VALUES (?, ?)", (wearer, _iso(started_at))
        )
        return workout.lastrowid or 0

    def _end_workout(self, notice: Notice, event: WorkoutFinished) -> bool:
        if self._known("workouts", notice.event_id):
            return False
        ended = self._db.execute(
            "UPDATE workouts SET event_id = ?, ended_at = ? WHERE id ="
            " (SELECT max(id) FROM workouts WHERE wearer = ? AND ended_at IS NULL)",
            (notice.event_id, _iso(notice.when(event.end_s)), notice.wearer),
        )
        return ended.rowcount > 0

    def _known(self, table: str, event_id: str) -> bool:
        query = f"SELECT 1 FROM {table} WHERE event_id = ?"  # noqa: S608 - a table named above
        return self._db.execute(query, (event_id,)).fetchone() is not None

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:  # raised again: not even Ctrl-C may leave a transaction open
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    @contextlib.contextmanager
    def _errors(self, done: str) -> Iterator[None]:
        try:
            yield
        except sqlite3.IntegrityError as error:
            raise HistoryEntryError(
                f"The history {self.path} does not take an entry ({error}); please report it."
            ) from error
        except (sqlite3.Error, OSError) as error:
            reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
            raise HistoryError(
                f"The history {self.path} cannot be {done} ({reason}): check that the folder is "
                f"writable, the disk not full and the file a RepSense history, or use another "
                f"data folder."
            ) from error


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")


def _json(flags: Sequence[FormFlag]) -> str:
    return json.dumps(list(flags))


def _flags(text: str) -> tuple[FormFlag, ...]:
    return tuple(FormFlag(flag) for flag in json.loads(text))
