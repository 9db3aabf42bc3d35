"""An old history is copied and brought up to date, whole or not at all."""

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from repsense.errors import HistoryError
from repsense.sinks.history import MIGRATIONS, Correction, History
from repsense.sinks.history_upgrade import upgrade

# The first version's tables as they were on people's disks, and one set in them. Written out here,
# because a test that took them from the program would change with it.
FIRST_VERSION = """
CREATE TABLE workouts (id INTEGER PRIMARY KEY, event_id TEXT UNIQUE, wearer TEXT NOT NULL,
    started_at TEXT NOT NULL, ended_at TEXT);
CREATE TABLE sets (id INTEGER PRIMARY KEY, event_id TEXT NOT NULL UNIQUE,
    workout_id INTEGER NOT NULL REFERENCES workouts(id) ON DELETE CASCADE, wearer TEXT NOT NULL,
    number INTEGER NOT NULL, started_at TEXT NOT NULL, ended_at TEXT NOT NULL,
    exercise TEXT NOT NULL, exercise_confidence REAL NOT NULL, reps INTEGER NOT NULL,
    flags TEXT NOT NULL);
CREATE INDEX sets_by_wearer ON sets (wearer, started_at);
CREATE TABLE reps (set_id INTEGER NOT NULL REFERENCES sets(id) ON DELETE CASCADE,
    number INTEGER NOT NULL, start_s REAL NOT NULL, turn_s REAL NOT NULL, end_s REAL NOT NULL,
    lift_s REAL NOT NULL, hold_s REAL NOT NULL, lower_s REAL NOT NULL, momentum REAL NOT NULL,
    range REAL NOT NULL, flags TEXT NOT NULL, PRIMARY KEY (set_id, number)) WITHOUT ROWID;
INSERT INTO workouts VALUES (1, NULL, 'anna', '2025-11-20T18:00:00.000+00:00', NULL);
INSERT INTO sets VALUES (1, 'old-1', 1, 'anna', 1, '2025-11-20T18:00:00.000+00:00',
    '2025-11-20T18:00:30.000+00:00', 'front_raise', 0.9, 1, '["swing"]');
INSERT INTO reps VALUES (1, 1, 0.0, 1.0, 2.0, 1.0, 0.0, 1.0, 0.2, 1.0, '[]');
PRAGMA user_version = 1;
"""


@pytest.fixture
def old(tmp_path: Path) -> Path:
    path = tmp_path / "history.sqlite3"
    with closing(sqlite3.connect(path)) as db:
        db.executescript(FIRST_VERSION)
    return path


def version(path: Path) -> int:
    with closing(sqlite3.connect(path)) as db:
        return int(db.execute("PRAGMA user_version").fetchone()[0])


def tables(path: Path) -> set[str]:
    with closing(sqlite3.connect(path)) as db:
        return {name for (name,) in db.execute("SELECT name FROM sqlite_schema")}


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_an_old_history_keeps_its_sets_and_takes_corrections(old: Path) -> None:
    with closing(History(old)) as history:
        (one,) = history.sets()
        assert (one.event_id, one.reps, one.true_reps, len(one.rep_details)) == ("old-1", 1, 1, 1)
        assert one.started_at == datetime(2025, 11, 20, 18, tzinfo=UTC)
        assert history.correct("old-1", Correction(reps=7))
        assert history.sets()[0].true_reps == 7
    assert version(old) == len(MIGRATIONS)


def test_the_copy_is_the_history_as_it_was(old: Path) -> None:
    History(old).close()
    copy = old.with_name("history.sqlite3.v1")
    assert (version(copy), "corrections" in tables(copy)) == (1, False)
    with closing(sqlite3.connect(copy)) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert db.execute("SELECT event_id FROM sets").fetchall() == [("old-1",)]
    # Put back, it is as good as the old file.
    copy.replace(old)
    with closing(History(old)) as history:
        assert [one.event_id for one in history.sets()] == ["old-1"]


def test_no_copy_is_made_without_need_and_none_is_overwritten(old: Path) -> None:
    first = old.with_name("history.sqlite3.v1")
    first.write_bytes(b"an earlier copy")
    History(old).close()
    assert first.read_bytes() == b"an earlier copy"
    copies = {"history.sqlite3.v1", "history.sqlite3.v1-2"}
    assert {name for name in names(old.parent) if ".v" in name} == copies
    History(old).close()
    assert {name for name in names(old.parent) if ".v" in name} == copies


def test_a_new_history_needs_no_copy(tmp_path: Path) -> None:
    History(tmp_path / "new.sqlite3").close()
    assert names(tmp_path) == {"new.sqlite3"}


def test_a_step_that_fails_leaves_everything_as_it_was(old: Path) -> None:
    before = tables(old)
    steps = (*MIGRATIONS, "CREATE TABLE later (a INTEGER); INSERT INTO nowhere VALUES (1);")
    with (
        closing(sqlite3.connect(old, isolation_level=None)) as db,
        pytest.raises(sqlite3.Error, match="no such table: nowhere"),
    ):
        upgrade(db, old, steps)
    assert (version(old), tables(old)) == (1, before)


def test_without_room_for_the_copy_nothing_is_changed(old: Path) -> None:
    # A folder in the place of the copy's draft: it can be neither removed nor written.
    (old.parent / "history.sqlite3.v1.unfinished").mkdir()
    with pytest.raises(HistoryError, match=r"cannot be copied to history\.sqlite3\.v1 before"):
        History(old)
    assert version(old) == 1
    assert "history.sqlite3.v1" not in names(old.parent)


def test_a_newer_history_is_refused_with_what_to_do_and_left_alone(old: Path) -> None:
    with closing(sqlite3.connect(old)) as db:
        db.execute("PRAGMA user_version = 99")
    before = old.read_bytes()
    with pytest.raises(HistoryError, match=r"newer RepSense \(version 99.*update RepSense"):
        History(old)
    assert old.read_bytes() == before


def test_another_programs_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "bookmarks.sqlite3"
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE bookmarks (url TEXT)")
    with pytest.raises(HistoryError, match="another program's database"):
        History(path)
    assert tables(path) == {"bookmarks"}


_OPEN = "import sys; from pathlib import Path; from repsense.sinks.history import History; "
_OPEN += "sys.stdin.readline(); History(Path(sys.argv[1])).close()"


def test_processes_that_open_it_at_once_upgrade_it_once(old: Path) -> None:
    words = [sys.executable, "-c", _OPEN, str(old)]
    children = [subprocess.Popen(words, stdin=subprocess.PIPE, text=True) for _ in range(3)]
    for child in children:
        assert child.stdin is not None
        child.stdin.write("\n")
        child.stdin.flush()
    assert [os.waitstatus_to_exitcode(child.wait()) for child in children] == [0, 0, 0]
    for child in children:
        assert child.stdin is not None
        child.stdin.close()
    assert version(old) == len(MIGRATIONS)
    assert {name for name in names(old.parent) if ".v" in name} == {"history.sqlite3.v1"}
