"""The history page: a calendar, trends, and every set to correct, weigh or delete."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from html import escape

from nicegui import ui

from repsense.errors import HistoryError
from repsense.sinks.history import Correction, StoredSet
from repsense.sinks.live import UNKNOWN_EXERCISE
from repsense.sinks.screen import exercise_name
from repsense.web.charts import colour_of, weeks_chart
from repsense.web.history_view import (
    MEASURES,
    Week,
    as_csv,
    as_json,
    calendar,
    row_of,
    trends,
)
from repsense.web.pages.frame import PATIENCE_S, button, frame
from repsense.web.place import Place
from repsense.web.store import keep_correction, load_sets

_WEEKS = 8
_SETS_SHOWN = 40
_DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
_VERDICTS = {"reached": "as planned", "more": "not over yet", "short": "too few", "over": "many"}

Refresh = Callable[[], Awaitable[None]]


def register(place: Place) -> None:
    """Serve the page at ``/history``."""

    @ui.page("/history", response_timeout=PATIENCE_S)
    async def history(wearer: str = "") -> None:
        frame("History", "/history")

        @ui.refreshable
        async def content() -> None:
            try:
                everyone = await load_sets(place.history)
            except HistoryError as error:
                ui.label(str(error)).props('role="alert"')
                return
            _content(place, everyone, wearer, refresh)

        async def refresh() -> None:
            await content.refresh()

        await content()


def _content(place: Place, everyone: Sequence[StoredSet], wearer: str, refresh: Refresh) -> None:
    names = list(dict.fromkeys(stored.wearer for stored in everyone))
    shown = wearer if wearer in names else (names[-1] if names else "")
    sets = [stored for stored in everyone if stored.wearer == shown]
    with ui.element("main").classes("rs-main"):
        with ui.element("div").classes("rs-row rs-between"):
            ui.html(f"<h1>History{f' of {shown}' if len(names) > 1 else ''}</h1>", sanitize=True)
            with ui.element("div").classes("rs-row"):
                for name in names if len(names) > 1 else ():
                    ui.link(name, f"/history?wearer={name}")
                _exports(sets, shown)
        if not sets:
            ui.label("No sets are kept yet. They appear here when a workout is over.")
            return
        _calendar(
            calendar(
                sets,
                datetime.now().astimezone().date(),
                weeks=_WEEKS,
                days_a_week=place.days_a_week,
            ),
            place.days_a_week,
        )
        _trends(sets)
        _sets(place, sets, refresh)


def _exports(sets: Sequence[StoredSet], wearer: str) -> None:
    def save(text: str, ending: str) -> None:
        ui.download.content(text, f"repsense-{wearer or 'history'}.{ending}")

    button("CSV", lambda: save(as_csv(sets), "csv"), label="Export as CSV")
    button("JSON", lambda: save(as_json(sets), "json"), label="Export as JSON")


def _calendar(weeks: Sequence[Week], days_a_week: tuple[int, int]) -> None:
    fewest, most = days_a_week
    head = "".join(f'<th scope="col">{day}</th>' for day in _DAYS)
    rows = "".join(_calendar_row(week) for week in weeks)
    with ui.element("section").classes("rs-card"):
        ui.html(f"<h2>Workouts, {fewest} to {most} times a week</h2>", sanitize=False)
        ui.html(
            f'<table class="rs-calendar"><thead><tr><th scope="col">Week of</th>{head}'
            f'<th scope="col">Days</th></tr></thead><tbody>{rows}</tbody></table>',
            sanitize=False,
        )


def _calendar_row(week: Week) -> str:
    cells = "".join(
        f'<td class="done" title="{day.sets} sets">{day.reps}<span class="rs-hidden"> reps</span>'
        f"</td>"
        if day.sets
        else "<td></td>"
        for day in week.days
    )
    verdict = f'<td class="{week.verdict}">{week.trained}<small> {_VERDICTS[week.verdict]}</small>'
    return f'<tr><th scope="row">{week.days[0].date:%d %b}</th>{cells}{verdict}</td></tr>'


def _trends(sets: Sequence[StoredSet]) -> None:
    with ui.element("section").classes("rs-card"):
        with ui.element("div").classes("rs-row rs-between"):
            ui.html("<h2>Week by week</h2>", sanitize=False)
            choice = ui.toggle(list(MEASURES), value=next(iter(MEASURES))).props("no-caps")

        def options() -> dict[str, object]:
            names, lines = trends(sets, choice.value)
            return weeks_chart(names, lines, MEASURES[choice.value][0])

        names = [exercise_name(one) for one in dict.fromkeys(s.true_exercise for s in sets)]
        marks = "".join(
            f'<span><i style="background:{colour_of(n)}"></i>{escape(name)}</span>'
            for n, name in enumerate(names)
        )
        chart = ui.echart(options(), renderer="svg").classes("rs-chart")
        chart.props('role="img" aria-label="Figures of each exercise, week by week"')

        ui.html(f'<p class="rs-legend rs-lines">{marks}</p>', sanitize=False)

        def redraw() -> None:
            chart.options.clear()
            chart.options.update(options())
            chart.update()

        choice.on_value_change(redraw)


def _sets(place: Place, sets: Sequence[StoredSet], refresh: Refresh) -> None:
    with ui.element("section").classes("rs-card"):
        ui.html("<h2>Sets</h2>", sanitize=False)
        workout = None
        for stored in reversed(sets[-_SETS_SHOWN:]):
            if workout is not None and stored.workout != workout:
                ui.separator()
            workout = stored.workout
            _line(place, stored, refresh)


def _line(place: Place, stored: StoredSet, refresh: Refresh) -> None:
    row = row_of(stored)
    with ui.element("div").classes("rs-set"):
        with ui.element("div").classes("rs-set-what"):
            ui.label(f"{row.exercise}: {row.reps}").classes("rs-strong")
            details = (row.when, row.weight, row.control, row.faults)
            ui.label(" · ".join(text for text in details if text)).classes("rs-quiet")
        ui.link("Review", f"/review?set={row.event_id}").props(
            f'aria-label="Review {row.exercise}, {row.when}"'
        )
        button(
            "Correct",
            lambda: _dialog(place, stored, refresh),
            label=f"Correct {row.exercise}, {row.when}",
        )


def _dialog(place: Place, stored: StoredSet, refresh: Refresh) -> None:
    """Open the form in which a person says what was right."""
    names = {key: one.name for key, one in place.catalogue.items()}
    names[UNKNOWN_EXERCISE] = "Unknown"
    names.setdefault(stored.true_exercise, stored.true_exercise)
    with ui.dialog(value=True) as dialog, ui.card().classes("rs-dialog"):
        ui.html("<h2>Correct this set</h2>", sanitize=False)
        ui.label(f"Measured: {stored.reps} reps. That is kept whatever you say here.").classes(
            "rs-quiet"
        )
        reps = ui.number("Reps", value=stored.true_reps, min=0, max=1000, precision=0)
        exercise = ui.select(names, label="Exercise", value=stored.true_exercise)
        weight = ui.number("Weight, kg", value=stored.correction.weight_kg, min=0, max=500)

        async def keep(correction: Correction) -> None:
            try:
                await keep_correction(place.history, stored.event_id, correction)
            except HistoryError as error:
                ui.notify(str(error), type="negative")
                return
            dialog.close()
            await refresh()

        async def save() -> None:
            if reps.value is None:
                ui.notify("How many reps were there?", type="warning")
                return
            await keep(said_of(stored, int(reps.value), exercise.value, weight.value))

        with ui.element("div").classes("rs-row"):
            button("Save", save, main=True)
            button("As measured", lambda: keep(Correction()))
            button("Delete", lambda: keep(Correction(deleted=True)))


def said_of(stored: StoredSet, reps: int, exercise: str, weight_kg: float | None) -> Correction:
    """Return what differs from the measurement: only that is a correction."""
    return Correction(
        reps=None if reps == stored.reps else reps,
        exercise=None if exercise == stored.exercise else exercise,
        weight_kg=weight_kg,
    )
