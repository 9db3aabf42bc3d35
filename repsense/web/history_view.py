"""What the history page shows, worked out of stored sets: weeks, trends, rows, exports."""

import csv
import io
import json
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any

from repsense.sinks.history import StoredSet
from repsense.sinks.screen import exercise_name, flag_words
from repsense.sinks.week import monday_of

CSV_COLUMNS = (
    "event_id",
    "workout",
    "wearer",
    "number",
    "started_at",
    "ended_at",
    "exercise",
    "exercise_measured",
    "reps",
    "reps_measured",
    "weight_kg",
    "volume_kg",
    "control",
    "flags",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """A day of the calendar: its date and the sets and reps done on it."""

    date: date
    sets: int
    reps: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """A week of the calendar, Monday first.

    Parameters
    ----------
    days
        All seven.
    verdict
        ``reached``, ``more`` (days are wanting in a week that is not over), ``short``
        or ``over``.
    """

    days: tuple[Day, ...]
    verdict: str

    @property
    def trained(self) -> int:
        """On how many days there was a set."""
        return sum(day.sets > 0 for day in self.days)


def calendar(
    sets: Sequence[StoredSet], today: date, *, weeks: int, days_a_week: tuple[int, int]
) -> tuple[Week, ...]:
    """Return the last weeks, the oldest first, against the days wanted in each.

    Weeks before the first set are left out: nobody trained too little in them.
    """
    on: defaultdict[date, list[StoredSet]] = defaultdict(list)
    for stored in sets:
        on[day_of(stored)].append(stored)
    this = monday_of(today)
    first = min((monday_of(day) for day in on), default=this)
    mondays = [this - timedelta(weeks=ago) for ago in reversed(range(weeks))]
    mondays = [monday for monday in mondays if monday >= first]
    return tuple(_week(monday, on, today, days_a_week) for monday in mondays)


def _week(
    monday: date,
    on: defaultdict[date, list[StoredSet]],
    today: date,
    days_a_week: tuple[int, int],
) -> Week:
    dates = [monday + timedelta(days=n) for n in range(7)]
    days = tuple(
        Day(date=day, sets=len(on[day]), reps=sum(stored.true_reps for stored in on[day]))
        for day in dates
    )
    trained = sum(day.sets > 0 for day in days)
    fewest, most = days_a_week
    if trained > most:
        verdict = "over"
    elif trained >= fewest:
        verdict = "reached"
    else:
        verdict = "more" if today <= dates[-1] else "short"
    return Week(days=days, verdict=verdict)


def day_of(stored: StoredSet) -> date:
    """Return the day a set was done, where the dashboard runs."""
    return stored.started_at.astimezone().date()


def control_of(stored: StoredSet) -> float | None:
    """Return the share of a set's reps that were done without a fault; None without reps."""
    reps = stored.rep_details
    return sum(not rep.flags for rep in reps) / len(reps) if reps else None


def _reps(sets: Sequence[StoredSet]) -> float | None:
    return float(sum(stored.true_reps for stored in sets))


def _volume(sets: Sequence[StoredSet]) -> float | None:
    known = [volume for stored in sets if (volume := stored.volume_kg) is not None]
    return sum(known) if known else None


def _control(sets: Sequence[StoredSet]) -> float | None:
    known = [share for stored in sets if (share := control_of(stored)) is not None]
    return round(100.0 * sum(known) / len(known)) if known else None


MEASURES: dict[str, tuple[str, Callable[[Sequence[StoredSet]], float | None]]] = {
    "Reps": ("reps a week", _reps),
    "Volume": ("kg a week", _volume),
    "Control": ("% without a fault", _control),
}


def trends(
    sets: Sequence[StoredSet], measure: str
) -> tuple[list[str], dict[str, list[float | None]]]:
    """Return the weeks from the first set to the last, and each exercise's figure in each."""
    if not sets:
        return [], {}
    by_week: defaultdict[tuple[str, date], list[StoredSet]] = defaultdict(list)
    for stored in sets:
        by_week[stored.true_exercise, monday_of(day_of(stored))].append(stored)
    first, last = monday_of(day_of(sets[0])), monday_of(day_of(sets[-1]))
    mondays = [first + timedelta(weeks=n) for n in range((last - first).days // 7 + 1)]
    figure = MEASURES[measure][1]
    lines = {
        exercise_name(exercise): [
            figure(by_week[exercise, monday]) if (exercise, monday) in by_week else None
            for monday in mondays
        ]
        for exercise in dict.fromkeys(stored.true_exercise for stored in sets)
    }
    return [f"{monday:%d %b}" for monday in mondays], lines


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A set as one line of the page."""

    event_id: str
    when: str
    exercise: str
    reps: str
    weight: str
    control: str
    faults: str


def row_of(stored: StoredSet) -> Row:
    """Return the line of a set; a corrected count also says what had been measured."""
    began = stored.started_at.astimezone()
    corrected = stored.true_reps != stored.reps
    weight_kg = stored.correction.weight_kg
    control = control_of(stored)
    return Row(
        event_id=stored.event_id,
        when=f"{began:%a %d %b, %H:%M}",
        exercise=exercise_name(stored.true_exercise).capitalize(),
        reps=f"{stored.true_reps} reps" + (f" (measured {stored.reps})" if corrected else ""),
        weight="" if weight_kg is None else f"{weight_kg:g} kg",
        control="" if control is None else f"{100 * control:.0f} % controlled",
        faults=flag_words(stored.flags),
    )


def as_csv(sets: Sequence[StoredSet]) -> str:
    """Return the sets as a table for spreadsheets, one line each."""
    out = io.StringIO()
    table = csv.DictWriter(out, CSV_COLUMNS, lineterminator="\n")
    table.writeheader()
    for stored in sets:
        table.writerow(_cells(stored))
    return out.getvalue()


def _cells(stored: StoredSet) -> dict[str, object]:
    control = control_of(stored)
    return {
        "event_id": stored.event_id,
        "workout": stored.workout,
        "wearer": stored.wearer,
        "number": stored.number,
        "started_at": stored.started_at.isoformat(),
        "ended_at": stored.ended_at.isoformat(),
        "exercise": stored.true_exercise,
        "exercise_measured": stored.exercise,
        "reps": stored.true_reps,
        "reps_measured": stored.reps,
        "weight_kg": stored.correction.weight_kg,
        "volume_kg": stored.volume_kg,
        "control": None if control is None else round(control, 3),
        "flags": " ".join(stored.flags),
    }


def as_json(sets: Sequence[StoredSet]) -> str:
    """Return the sets with every rep and every correction, as one JSON array."""
    return json.dumps([_fields(stored) for stored in sets], ensure_ascii=False, indent=1)


def _fields(stored: StoredSet) -> dict[str, Any]:
    fields = asdict(stored)
    for moment in ("started_at", "ended_at"):
        value: datetime = fields[moment]
        fields[moment] = value.isoformat()
    return fields | {"true_reps": stored.true_reps, "true_exercise": stored.true_exercise}
