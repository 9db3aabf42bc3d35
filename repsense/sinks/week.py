"""How far the week has come, from the sets of the history: against so many days a week."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

from repsense.sinks.history import History, StoredSet


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekProgress:
    """A calendar week, Monday to Sunday, as one wearer trained in it.

    Parameters
    ----------
    monday
        Its first day.
    days
        The days with at least one set.
    fewest, most
        Days wanted.
    sets, reps
        Finished by exercise, in order of appearance.
    """

    monday: date
    days: tuple[date, ...]
    fewest: int
    most: int
    sets: Mapping[str, int]
    reps: Mapping[str, int]

    @property
    def days_left(self) -> int:
        """Training days that are still missing to the fewest wanted."""
        return max(0, self.fewest - len(self.days))


def monday_of(day: date) -> date:
    """Return the Monday of the week that has this day."""
    return day - timedelta(days=day.weekday())


def week_progress(
    sets: Iterable[StoredSet], *, now: datetime, days_a_week: tuple[int, int]
) -> WeekProgress:
    """Return the progress in the week of ``now``.

    Parameters
    ----------
    sets
        Of one wearer; those of other weeks are passed over.
    now
        With a time zone: a day is a day there.
    days_a_week
        Fewest and most days wanted.
    """
    monday = monday_of(now.date())
    mine = [one for one in sets if monday_of(_day(one.started_at, now.tzinfo)) == monday]
    counted: Counter[str] = Counter()
    repeated: Counter[str] = Counter()
    for one in mine:
        counted[one.true_exercise] += 1
        repeated[one.true_exercise] += one.true_reps
    return WeekProgress(
        monday=monday,
        days=tuple(sorted({_day(one.started_at, now.tzinfo) for one in mine})),
        fewest=days_a_week[0],
        most=days_a_week[1],
        sets=counted,
        reps=repeated,
    )


def _day(moment: datetime, zone: tzinfo | None) -> date:
    return moment.astimezone(zone).date()


class WorkoutsOfTheWeek:
    """Tells how many workouts a wearer has done this week, whenever the history knows more.

    Made in the event loop and given to :class:`~repsense.sinks.history_sink.HistorySink`
    as ``on_stored``.

    Parameters
    ----------
    wearers
        Who is told of at the start.
    tell
        Called in the event loop as ``tell(wearer, workouts)``.
    """

    def __init__(self, wearers: Sequence[str], tell: Callable[[str, int], None]) -> None:
        self._wearers = wearers
        self._tell = tell
        self._loop = asyncio.get_running_loop()

    def __call__(self, history: History, wearer: str | None) -> None:
        """Count, on the history's thread; a wearer of None means all of them."""
        now = datetime.now().astimezone()
        since = datetime.combine(monday_of(now.date()), time(), now.tzinfo)
        for name in self._wearers if wearer is None else (wearer,):
            workouts = {one.workout for one in history.sets(wearer=name, since=since)}
            with contextlib.suppress(RuntimeError):  # the loop is closed: nobody wants to know
                self._loop.call_soon_threadsafe(self._tell, name, len(workouts))
