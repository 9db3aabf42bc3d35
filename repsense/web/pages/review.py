"""The review page: one finished set, its signal, its reps, and the last time."""

import asyncio
from collections.abc import Sequence
from html import escape

from nicegui import ui

from repsense.errors import HistoryError, RepSenseError
from repsense.exercises.exercise import Exercise
from repsense.recording.format import Recording
from repsense.sinks.history import StoredSet
from repsense.web.charts import signal_chart, tempo_chart
from repsense.web.history_view import row_of
from repsense.web.material import keep_as_material
from repsense.web.pages.frame import PATIENCE_S, button, frame
from repsense.web.place import Place
from repsense.web.review_view import REP_COLUMNS, differences, last_time, rep_rows
from repsense.web.shelf import recording_of
from repsense.web.signal_view import curve_of
from repsense.web.store import load_sets

_AROUND_S = 4.0


def register(place: Place) -> None:
    """Serve the page at ``/review?set=...``."""

    @ui.page("/review", response_timeout=PATIENCE_S)
    async def review(set: str = "") -> None:
        frame("Review", "/history")
        try:
            sets = await load_sets(place.history)
        except HistoryError as error:
            ui.label(str(error)).props('role="alert"')
            return
        stored = next((one for one in sets if one.event_id == set), None)
        with ui.element("main").classes("rs-main"):
            if stored is None:
                ui.label("There is no such set: it may have been deleted.").props('role="alert"')
                return
            recording = await asyncio.to_thread(recording_of, place.recordings, stored)
            _review(place, sets, stored, recording)


def _review(
    place: Place, sets: Sequence[StoredSet], stored: StoredSet, recording: Recording | None
) -> None:
    row = row_of(stored)
    exercise = place.catalogue.get(stored.true_exercise)
    ui.html(f"<h1>{escape(row.exercise)}: {escape(row.reps)}</h1>", sanitize=False)
    details = (row.when, row.weight, row.control, row.faults)
    ui.label(" · ".join(text for text in details if text)).classes("rs-quiet")
    with ui.element("section").classes("rs-card"):
        ui.html("<h2>Signal</h2>", sanitize=False)
        if recording is None:
            ui.label("The samples of this set were not recorded.")
        else:
            _signal(stored, recording, exercise)
            _material(place, sets, stored, recording)
    if stored.rep_details:
        _tempo(stored, exercise)
        with ui.element("section").classes("rs-card"):
            ui.html("<h2>Reps</h2>", sanitize=False)
            _table("Reps of this set", REP_COLUMNS, rep_rows(stored))
    _last_time(sets, stored)


def _signal(stored: StoredSet, recording: Recording, exercise: Exercise | None) -> None:
    reps = stored.rep_details
    around = (reps[0].start_s, reps[-1].end_s)
    curve = curve_of(recording.block, reps)
    shown = curve.between(around[0] - _AROUND_S, around[1] + _AROUND_S)
    lift_first = exercise is None or exercise.concentric_first
    chart = ui.echart(signal_chart(shown, reps, lift_first=lift_first), renderer="svg")
    chart.classes("rs-chart").props('role="img" aria-label="Signal of the set with its reps"')
    ui.html(LEGEND, sanitize=False)


LEGEND = (
    '<p class="rs-legend"><span class="lift">lift</span><span class="hold">hold</span>'
    '<span class="lower">lower</span><span class="swing">swing</span></p>'
)


def _material(
    place: Place, sets: Sequence[StoredSet], stored: StoredSet, recording: Recording
) -> None:
    """Offer to make the counts, as corrected, into what the engine is tuned and judged by."""

    async def keep() -> None:
        try:
            index = await asyncio.to_thread(
                keep_as_material, place.recordings, recording, sets, stored
            )
        except RepSenseError as error:
            ui.notify(str(error), type="negative")
            return
        ui.notify(f"Kept. Evaluate with: repsense evaluate {index}", type="positive")

    button("Use these counts for tuning", keep)


def _tempo(stored: StoredSet, exercise: Exercise | None) -> None:
    aim = {}
    if exercise is not None:
        tempo = exercise.tempo
        aim = {"lift": tempo.lift_s, "hold": tempo.hold_s, "lower": tempo.lower_s}
    with ui.element("section").classes("rs-card"):
        ui.html("<h2>Tempo and range over the set</h2>", sanitize=False)
        chart = ui.echart(tempo_chart(stored.rep_details, aim), renderer="svg")
        chart.classes("rs-chart").props('role="img" aria-label="Tempo and range of each rep"')
        if aim:
            ui.label(f"Dashed: {sum(aim.values()):g} s, the tempo to aim for.").classes("rs-quiet")


def _last_time(sets: Sequence[StoredSet], stored: StoredSet) -> None:
    before = last_time(sets, stored)
    with ui.element("section").classes("rs-card"):
        ui.html("<h2>Compared with the last time</h2>", sanitize=False)
        if before is None:
            ui.label("This is the first set of this exercise.")
            return
        rows = [(d.what, d.now, d.then, d.change) for d in differences(stored, before)]
        _table("Now and the last time", ("", "Now", row_of(before).when, "Change"), rows)


def _table(caption: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    head = "".join(
        f'<th scope="col">{escape(head)}</th>' if head else "<td></td>" for head in heads
    )
    body = "".join(
        f'<tr><th scope="row">{escape(row[0])}</th>'
        + "".join(f"<td>{escape(cell)}</td>" for cell in row[1:])
        + "</tr>"
        for row in rows
    )
    ui.html(
        f'<div class="rs-scroll" tabindex="0" role="region" aria-label="{caption}">'
        f'<table class="rs-table"><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>",
        sanitize=False,
    )
