"""Brings an older history up to date: a copy first, then all steps or none.

The version is SQLite's ``user_version``. A file that is up to date is only asked
for it, so that readers wait for nobody.
"""

import contextlib
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path

from repsense.errors import HistoryError

# A copy that was not finished never looks like one.
_TEMPORARY = ".unfinished"


def version_of(db: sqlite3.Connection) -> int:
    """Return the version of a database; 0 for one that is new."""
    return int(db.execute("PRAGMA user_version").fetchone()[0])


def checked_version(db: sqlite3.Connection, path: Path, known: int) -> int:
    """Return the version of a history that this program can use; changes nothing.

    Parameters
    ----------
    known
        The newest version that this program knows.

    Raises
    ------
    HistoryError
        When the file was made by a newer version, or is another program's.
    """
    version = version_of(db)
    if version > known:
        raise HistoryError(
            f"The history {path} was made by a newer RepSense (version {version}, this "
            f"one knows {known}): update RepSense, or use another data folder. Copies from "
            f"before an upgrade are beside it, as {path.name}.v1 and so on."
        )
    if version == 0 and db.execute("SELECT 1 FROM sqlite_schema LIMIT 1").fetchone():
        raise HistoryError(
            f"{path} is another program's database, not a RepSense history: use another data "
            f"folder, or move the file away."
        )
    return version


def upgrade(db: sqlite3.Connection, path: Path, migrations: Sequence[str]) -> Path | None:
    """Bring the database to version ``len(migrations)``.

    1. An older file that holds something is copied to ``<name>.v<version>`` first;
       an earlier copy is never overwritten.
    2. All missing steps run in one transaction, together with the new version, so
       that neither a kill nor a full disk leaves a half-made change. A second
       process that opens the file meanwhile waits, and finds it done.

    Parameters
    ----------
    db
        In autocommit mode (``isolation_level=None``).
    path
        The database file.
    migrations
        The step from each version to the next.

    Returns
    -------
    Path or None
        The copy, where one was made.

    Raises
    ------
    HistoryError
        When the file was made by a newer version, is another program's, or cannot be copied.
    sqlite3.Error
        When a step fails; the file is then as it was.
    """
    if checked_version(db, path, len(migrations)) == len(migrations):
        return None
    with _alone(db):
        # Another process may have done it while this one waited.
        version = checked_version(db, path, len(migrations))
        if version == len(migrations):
            return None
        copy = _copied(path, version) if version else None
        for script in migrations[version:]:
            for statement in _statements(script):
                db.execute(statement)
        db.execute(f"PRAGMA user_version = {len(migrations)}")
    return copy


@contextlib.contextmanager
def _alone(db: sqlite3.Connection) -> Iterator[None]:
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:  # raised again: not even Ctrl-C may leave half an upgrade
        db.execute("ROLLBACK")
        raise
    db.execute("COMMIT")


def _copied(path: Path, version: int) -> Path:
    """Copy the file as it is on disk, whole or not at all; return where it is."""
    copy = _free_name(path, version)
    draft = copy.with_name(copy.name + _TEMPORARY)
    try:
        draft.unlink(missing_ok=True)
        # A connection of its own: it reads what was before the transaction that is under way.
        with contextlib.closing(sqlite3.connect(path)) as source:
            source.execute("VACUUM INTO ?", (str(draft),))
        draft.replace(copy)
    except (sqlite3.Error, OSError) as error:
        with contextlib.suppress(OSError):
            draft.unlink(missing_ok=True)
        raise HistoryError(
            f"The history {path} must be brought from version {version} to a newer one, and "
            f"cannot be copied to {copy.name} before that ({error}): nothing was changed. Make "
            f"room on the disk, check that the folder is writable, and start again."
        ) from error
    return copy


def _free_name(path: Path, version: int) -> Path:
    name = f"{path.name}.v{version}"
    number = 2
    while (free := path.with_name(name)).exists():
        name, number = f"{path.name}.v{version}-{number}", number + 1
    return free


def _statements(script: str) -> Iterator[str]:
    """Yield the statements of a script, because ``executescript`` would end the transaction."""
    statement = ""
    for piece in script.split(";"):
        statement += f"{piece};"
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


def soundness(path: Path) -> tuple[int, str]:
    """Return the version of a history and what SQLite says of its pages: ``ok``, or what is wrong.

    Nothing is changed, and nobody who counts is held up.

    Raises
    ------
    HistoryError
        When it is no database, or cannot be read.
    """
    # A file that is missing is not made.
    address = f"{path.resolve().as_uri()}?mode=ro"
    try:
        with contextlib.closing(sqlite3.connect(address, uri=True)) as db:
            return version_of(db), str(db.execute("PRAGMA quick_check").fetchone()[0])
    except sqlite3.Error as error:
        raise HistoryError(
            f"{path} cannot be read ({error}): move it away, or put back a copy from beside it."
        ) from error
