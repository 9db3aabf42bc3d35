"""The week's progress: which sets fall into it, and how many days they make."""

import asyncio
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from repsense.events import SetFinished
from repsense.sinks.base import Notice
from repsense.sinks.history import StoredSet
from repsense.sinks.history_sink import HistorySink
from repsense.sinks.week import WorkoutsOfTheWeek, monday_of, week_progress

NOW = datetime(2026, 11, 19, 20, 0, tzinfo=UTC)  # a Thursday


def stored(started_at: datetime, exercise: str = "shrug", reps: int = 10) -> StoredSet:
    return StoredSet(
        event_id=str(started_at),
        workout=1,
        wearer="anna",
        number=1,
        started_at=started_at,
        ended_at=started_at + timedelta(seconds=40),
        exercise=exercise,
        exercise_confidence=1.0,
        reps=reps,
        flags=(),
        rep_details=(),
    )


def test_days_are_counted_once_and_last_week_does_not_count() -> None:
    sets = [
        stored(datetime(2026, 11, 15, 23, 0, tzinfo=UTC)),
        stored(datetime(2026, 11, 16, 7, 0, tzinfo=UTC)),
        stored(datetime(2026, 11, 16, 7, 5, tzinfo=UTC), "front_raise", 8),
        stored(datetime(2026, 11, 18, 7, 0, tzinfo=UTC)),
    ]
    week = week_progress(sets, now=NOW, days_a_week=(2, 3))
    assert week.monday == date(2026, 11, 16)
    assert week.days == (date(2026, 11, 16), date(2026, 11, 18))
    assert (week.fewest, week.most, week.days_left) == (2, 3, 0)
    assert (dict(week.sets), dict(week.reps)) == (
        {"shrug": 2, "front_raise": 1},
        {"shrug": 20, "front_raise": 8},
    )


def test_a_day_is_a_day_where_the_person_is() -> None:
    east = timezone(timedelta(hours=3))
    late = stored(datetime(2026, 11, 15, 22, 30, tzinfo=UTC))  # Monday, 1:30 there
    assert week_progress([late], now=NOW, days_a_week=(2, 3)).days == ()
    week = week_progress([late], now=NOW.astimezone(east), days_a_week=(2, 3))
    assert week.days == (date(2026, 11, 16),)
    assert week.days_left == 1


@given(st.lists(st.integers(-20 * 24, 20 * 24), max_size=20), st.integers(0, 13 * 24))
def test_no_day_is_outside_the_week_and_no_set_of_it_is_lost(hours: list[int], at: int) -> None:
    now = NOW + timedelta(hours=at)
    sets = [stored(now + timedelta(hours=one)) for one in hours]
    week = week_progress(sets, now=now, days_a_week=(2, 3))
    inside = [one for one in sets if monday_of(one.started_at.date()) == week.monday]
    assert sum(week.sets.values()) == len(inside)
    assert set(week.days) == {one.started_at.date() for one in inside}
    assert all(week.monday <= day < week.monday + timedelta(days=7) for day in week.days)


def test_workouts_of_the_week_are_told_at_the_start_and_with_every_new_set(tmp_path: Path) -> None:
    async def scenario() -> list[tuple[str, int]]:
        told: list[tuple[str, int]] = []
        news: asyncio.Queue[None] = asyncio.Queue()

        def tell(wearer: str, workouts: int) -> None:
            told.append((wearer, workouts))
            news.put_nowait(None)

        on_stored = WorkoutsOfTheWeek(("anna", "ben"), tell)
        sink = HistorySink(tmp_path / "history.sqlite3", on_stored=on_stored)
        await sink.start()
        at_utc = datetime.now(UTC)
        for number in (1, 2):
            event = SetFinished(set=number, reps=3, start_s=0.0, end_s=1.0, announced_s=1.0)
            sink.take(Notice(wearer="anna", event=event, at_utc=at_utc, event_id=str(number)))
        async with asyncio.timeout(60):
            for _ in range(4):
                await news.get()
        await sink.stop()
        return told

    assert asyncio.run(scenario()) == [("anna", 0), ("ben", 0), ("anna", 1), ("anna", 1)]
