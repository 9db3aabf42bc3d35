"""The history database, on real files."""

import asyncio
import sqlite3
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from repsense.errors import HistoryError
from repsense.events import FormFlag, Rep, SetFinished, WorkoutFinished
from repsense.sinks.base import Notice
from repsense.sinks.history import (
    MIGRATIONS,
    Correction,
    History,
    StoredSet,
    history_path,
)
from repsense.sinks.history_sink import HistorySink

ZERO = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)


def a_set(event_id: str, *, after: timedelta = timedelta(), wearer: str = "anna") -> Notice:
    event = SetFinished(set=1, reps=4, start_s=0.0, end_s=10.0, announced_s=15.0)
    return Notice(
        wearer=wearer, event=event, at_utc=ZERO + after + timedelta(seconds=15), event_id=event_id
    )


def the_end(event_id: str, *, after: timedelta = timedelta(), wearer: str = "anna") -> Notice:
    event = WorkoutFinished(sets=1, reps=0, start_s=0.0, end_s=10.0, announced_s=15.0)
    return Notice(
        wearer=wearer, event=event, at_utc=ZERO + after + timedelta(seconds=15), event_id=event_id
    )


def stored(path: Path, notices: list[Notice]) -> list[StoredSet]:
    history = History(path)
    try:
        for notice in notices:
            history.add(notice)
        return history.sets()
    finally:
        history.close()


def test_a_set_comes_back_as_it_was(tmp_path: Path, workout: list[Notice]) -> None:
    sets = stored(tmp_path / "new" / "folder" / "h.sqlite3", workout)
    # Set 2 was taken back.
    assert [(one.number, one.reps, one.workout) for one in sets] == [(1, 2, 1)]
    first = sets[0]
    assert first.started_at == ZERO + timedelta(seconds=10)
    assert first.ended_at == ZERO + timedelta(seconds=18)
    assert (first.exercise, first.exercise_confidence) == ("front_raise", 0.9)
    assert first.flags == (FormFlag.SWING,)
    finished = workout[8].event
    assert isinstance(finished, SetFinished)
    assert first.rep_details == finished.rep_details


def test_what_is_delivered_twice_is_stored_once(tmp_path: Path, workout: list[Notice]) -> None:
    once = stored(tmp_path / "once", workout)
    assert stored(tmp_path / "once", workout) == once
    assert stored(tmp_path / "twice", [*workout, *workout]) == once


def test_workouts_are_parted_by_their_end_and_by_long_pauses(tmp_path: Path) -> None:
    sets = stored(
        tmp_path / "h",
        [
            a_set("1"),
            a_set("2", after=timedelta(minutes=5)),
            the_end("3", after=timedelta(minutes=6)),
            a_set("4", after=timedelta(minutes=10)),
            a_set("5", after=timedelta(hours=5)),
            a_set("6", after=timedelta(hours=5), wearer="ben"),
        ],
    )
    assert [one.workout for one in sets] == [1, 1, 2, 3, 4]


def test_sets_can_be_asked_for_by_wearer_and_day(tmp_path: Path) -> None:
    stored(
        tmp_path / "h", [a_set("1"), a_set("2", after=timedelta(days=2)), a_set("3", wearer="b")]
    )
    history = History(tmp_path / "h")
    assert [one.event_id for one in history.sets(wearer="anna")] == ["1", "2"]
    assert [one.event_id for one in history.sets(since=ZERO + timedelta(days=1))] == ["2"]
    assert history.sets(wearer="nobody") == []
    history.close()


def test_a_database_of_a_newer_version_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "h.sqlite3"
    stored(path, [a_set("1")])
    newer = sqlite3.connect(path)
    newer.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    newer.close()
    with pytest.raises(HistoryError, match=r"made by a newer RepSense \(version 3, this one knows"):
        History(path)


def test_the_version_is_written_from_the_first_day(tmp_path: Path) -> None:
    path = tmp_path / "h.sqlite3"
    stored(path, [])
    database = sqlite3.connect(path)
    assert database.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS),)
    assert database.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    database.close()


def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    path = tmp_path / "h.sqlite3"
    path.write_text("these are my notes, " * 100, encoding="utf-8")
    with pytest.raises(HistoryError, match=r"h\.sqlite3 cannot be opened \(file is not a database"):
        History(path)


def test_a_set_that_cannot_be_stored_whole_is_not_stored_at_all(tmp_path: Path) -> None:
    path = tmp_path / "h.sqlite3"
    stored(path, [])
    database = sqlite3.connect(path)
    database.execute("DROP TABLE reps")
    database.close()
    rep = Rep(start_s=0, turn_s=1, end_s=2, lift_s=1, hold_s=0, lower_s=1, momentum=0.0, range=1.0)
    event = SetFinished(set=1, reps=1, start_s=0.0, end_s=2.0, announced_s=5.0, rep_details=(rep,))
    history = History(path)
    with pytest.raises(HistoryError, match="cannot be written"):
        history.add(Notice(wearer="anna", event=event, at_utc=ZERO, event_id="1"))
    assert history.sets() == []
    history.close()


def test_the_folder_is_the_users_unless_one_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", "/data")
    assert history_path() == Path("/data/repsense/history.sqlite3")
    assert history_path("/else") == Path("/else/history.sqlite3")
    monkeypatch.delenv("XDG_DATA_HOME")
    monkeypatch.setenv("HOME", "/somewhere/anna")
    assert history_path() == Path("/somewhere/anna/.local/share/repsense/history.sqlite3")


def test_the_sink_stores_on_its_own_thread(tmp_path: Path, workout: list[Notice]) -> None:
    said: list[str] = []

    async def scenario() -> None:
        sink = HistorySink(tmp_path / "h", on_status=said.append)
        await sink.start()
        for notice in workout:
            sink.take(notice)
        await sink.stop()
        await sink.stop()

    asyncio.run(scenario())
    assert [one.reps for one in stored(tmp_path / "h", [])] == [2]
    assert said == []
    assert not any("history" in thread.name for thread in threading.enumerate())


def test_a_folder_that_cannot_be_written_is_told_and_counting_goes_on(
    tmp_path: Path, workout: list[Notice]
) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    said: list[str] = []

    async def scenario() -> None:
        sink = HistorySink(tmp_path / "file" / "h.sqlite3", on_status=said.append)
        await sink.start()
        for notice in workout:
            sink.take(notice)
        await sink.stop()

    asyncio.run(scenario())
    assert all("cannot be opened (" in text for text in said)
    assert said[0].endswith("Until that is mended, sets wait in memory.")
    assert "Set 1 of anna is not stored." in said[-1]


def test_sets_wait_for_a_folder_that_is_mended_meanwhile(
    tmp_path: Path, workout: list[Notice]
) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    said: list[str] = []

    async def scenario() -> None:
        sink = HistorySink(tmp_path / "file" / "h.sqlite3", on_status=said.append)
        await sink.start()
        for notice in workout[:-1]:
            sink.take(notice)
        (tmp_path / "file").unlink()
        sink.take(workout[-1])
        await sink.stop()

    asyncio.run(scenario())
    assert [one.reps for one in stored(tmp_path / "file" / "h.sqlite3", [])] == [2]
    assert "is not stored" not in said[-1]


def test_trouble_while_counting_is_told_and_counting_goes_on(
    tmp_path: Path, workout: list[Notice]
) -> None:
    said: list[str] = []

    async def scenario() -> None:
        sink = HistorySink(tmp_path / "h", on_status=said.append)
        await sink.start()
        other = sqlite3.connect(tmp_path / "h")
        other.execute("DROP TABLE reps")
        other.close()
        for notice in workout:
            sink.take(notice)
        await sink.stop()

    asyncio.run(scenario())
    assert all("cannot be written (no such table: reps)" in text for text in said)
    assert said[0].endswith("Set 1 of anna waits in memory until that is mended.")
    assert "Set 1 of anna is not stored." in said[-1]


steps = st.lists(
    st.tuples(
        st.sampled_from([a_set, the_end]),
        st.integers(0, 5),
        st.integers(0, 300),
        st.sampled_from(["anna", "ben"]),
    ),
    max_size=12,
)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps)
def test_any_order_and_doubling_keeps_each_set_once(
    tmp_path_factory: pytest.TempPathFactory,
    steps: list[tuple[Callable[..., Notice], int, int, str]],
) -> None:
    notices = [
        make(f"{make.__name__}-{key}", after=timedelta(minutes=minutes), wearer=wearer)
        for make, key, minutes, wearer in steps
    ]
    sets = stored(tmp_path_factory.mktemp("history") / "h", notices)
    expected = {n.event_id for n in notices if isinstance(n.event, SetFinished)}
    assert sorted(one.event_id for one in sets) == sorted(expected)
    assert [one.started_at for one in sets] == sorted(one.started_at for one in sets)
    for one in sets:
        wearers = {other.wearer for other in sets if other.workout == one.workout}
        assert wearers == {one.wearer}


def test_a_correction_stands_beside_what_was_measured(
    tmp_path: Path, workout: list[Notice]
) -> None:
    path = tmp_path / "history.sqlite3"
    database = History(path)
    for notice in workout:
        database.add(notice)
    (measured,) = database.sets()
    said = Correction(reps=7, exercise="press_back", weight_kg=12.5)
    assert database.correct(measured.event_id, said)
    database.close()
    (corrected,) = (database := History(path)).sets()
    assert corrected == replace(measured, correction=said)
    assert (corrected.reps, corrected.true_reps) == (measured.reps, 7)
    assert (corrected.true_exercise, corrected.volume_kg) == ("press_back", 87.5)
    assert database.correct(measured.event_id, Correction())
    assert database.sets() == [measured]
    database.close()


def test_a_deleted_set_is_left_out_but_not_lost(tmp_path: Path, workout: list[Notice]) -> None:
    database = History(tmp_path / "history.sqlite3")
    for notice in workout:
        database.add(notice)
    (stored,) = database.sets()
    assert database.correct(stored.event_id, Correction(deleted=True))
    assert database.sets() == []
    assert database.sets(with_deleted=True)[0].reps == stored.reps
    assert not database.correct("no such set", Correction())
    database.close()


@pytest.mark.parametrize("wrong", [{"reps": -1}, {"reps": 5000}, {"weight_kg": -2.0}])
def test_a_correction_that_cannot_be_meant_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(HistoryError):
        Correction(**wrong)


def test_a_database_from_before_corrections_keeps_its_sets(
    tmp_path: Path, workout: list[Notice], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "history.sqlite3"
    with monkeypatch.context() as before:
        before.setattr("repsense.sinks.history.MIGRATIONS", MIGRATIONS[:1])
        old = History(path)
        for notice in workout:
            old.add(notice)
        old.close()
    database = History(path)
    (stored,) = database.sets()
    assert database.correct(stored.event_id, Correction(reps=3))
    assert database.sets()[0].true_reps == 3
    database.close()
