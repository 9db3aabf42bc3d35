"""The labelling page: what really happened in a recording, drawn over its signal."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from html import escape
from typing import Any

from nicegui import ui
from nicegui.events import GenericEventArguments

from repsense.errors import RepSenseError
from repsense.events import FormFlag
from repsense.recording.format import Recording, read_recording
from repsense.recording.labels import Labels, read_labels, write_labels
from repsense.sinks.live import UNKNOWN_EXERCISE
from repsense.sinks.screen import FLAG_WORDS, exercise_name
from repsense.tuning.run import run_recording
from repsense.web.charts import signal_chart
from repsense.web.draft import EDGES, Draft, draft_of, draft_of_run
from repsense.web.material import list_in_index
from repsense.web.pages.frame import PATIENCE_S, button, frame
from repsense.web.pages.review import LEGEND
from repsense.web.place import Place
from repsense.web.shelf import Shelved, find_recording
from repsense.web.signal_view import Curve, curve_of

_AROUND_S = 2.0


def register(place: Place) -> None:
    """Serve the page at ``/label?recording=...``."""

    @ui.page("/label", response_timeout=PATIENCE_S)
    async def label(recording: str = "") -> None:
        frame("Label", "/recordings")
        ui.add_body_html('<script src="/repsense/handles.js"></script>')
        with ui.element("main").classes("rs-main"):
            try:
                desk = await asyncio.to_thread(_open, place, recording)
            except RepSenseError as error:
                ui.label(str(error)).props('role="alert"')
                return
            _page(desk)


@dataclass(slots=True, kw_only=True)
class _Desk:
    """A recording on the desk, and the labels as far as they are."""

    place: Place
    shelved: Shelved
    recording: Recording
    curve: Curve
    draft: Draft
    saved: Draft


def _open(place: Place, key: str) -> _Desk:
    shelved = find_recording(place.recordings, key)
    recording = read_recording(shelved.path)
    t_s = recording.block.t_s
    length_s = (float(t_s[0]), float(t_s[-1]))
    labels = read_labels(shelved.labels) if shelved.labels.exists() else Labels(sets=())
    draft = draft_of(labels, length_s)
    curve = curve_of(recording.block, [rep for one in draft.sets for rep in one.reps])
    return _Desk(
        place=place, shelved=shelved, recording=recording, curve=curve, draft=draft, saved=draft
    )


def _page(desk: _Desk) -> None:
    ui.html(f"<h1>Label {escape(desk.shelved.name)}</h1>", sanitize=False)
    with ui.element("section").classes("rs-card"):
        chart = ui.echart(_options(desk), renderer="svg").classes("rs-chart rs-tall")
        ui.html(LEGEND, sanitize=False)
        hint = "Choose a rep below; drag its edges, or move them with the arrow keys."
        ui.label(hint).classes("rs-quiet")

    @ui.refreshable
    def tools() -> None:
        _tools(desk, change)

    def change(draft: Draft) -> None:
        elsewhere = draft.set != desk.draft.set
        desk.draft = draft
        _redraw(desk, chart, elsewhere=elsewhere)
        tools.refresh()

    def moved(event: GenericEventArguments) -> None:
        change(desk.draft.move(str(event.args["id"]), float(event.args["t"])))

    ui.on("edge", moved)
    with ui.element("section").classes("rs-card"):
        tools()
    _show_handles(desk, chart)


def _options(desk: _Desk) -> dict[str, Any]:
    reps = [rep for one in desk.draft.sets for rep in one.reps]
    chosen = desk.draft.chosen_set
    exercise = None if chosen is None else desk.place.catalogue.get(chosen.exercise)
    lift_first = exercise is None or exercise.concentric_first
    zoom = None if chosen is None else (chosen.start_s - _AROUND_S, chosen.end_s + _AROUND_S)
    return signal_chart(desk.curve, reps, lift_first=lift_first, zoom=zoom or desk.draft.length_s)


def _redraw(desk: _Desk, chart: ui.echart, *, elsewhere: bool) -> None:
    chart.options.update(_options(desk))
    if not elsewhere:
        chart.options.pop("dataZoom")  # stays where the person has put it
    chart.update()
    _show_handles(desk, chart)


def _show_handles(desk: _Desk, chart: ui.echart) -> None:
    rep, number = desk.draft.chosen_rep, desk.draft.rep
    handles = []
    for edge in EDGES if rep is not None and number is not None else ():
        low, high = desk.draft.bounds(edge)
        at_s = getattr(rep, f"{edge}_s")
        name = f"{edge.capitalize()} of rep {(number or 0) + 1}"
        handles.append({"id": edge, "t": at_s, "label": name, "low": low, "high": high})
    ui.run_javascript(f"setTimeout(() => repsense.handles({chart.id}, {handles!r}), 60)")


Change = Callable[[Draft], None]


def _tools(desk: _Desk, change: Change) -> None:
    draft = desk.draft
    with ui.element("div").classes("rs-row rs-between"):
        counts = [one.count for one in draft.sets]
        sets = "set" if len(counts) == 1 else "sets"
        ui.html(f"<h2>{len(counts)} {sets}, {sum(counts)} reps</h2>", sanitize=False)
        with ui.element("div").classes("rs-row"):
            _files(desk, change)
    if draft.set is not None:
        _set_tools(desk, change)
        _rep_tools(desk, change)


def _files(desk: _Desk, change: Change) -> None:
    async def save() -> None:
        try:
            await asyncio.to_thread(_save, desk)
        except RepSenseError as error:
            ui.notify(str(error), type="negative")
            return
        ui.notify(f"Saved {desk.shelved.labels.name}", type="positive")
        change(desk.draft)

    async def count() -> None:
        counted = await asyncio.to_thread(run_recording, desk.recording)
        change(
            replace(draft_of_run(counted, desk.draft.length_s), activities=desk.draft.activities)
        )

    button("Begin with the engine's count", count)
    button("Add a set", lambda: change(_add_set(desk.draft)))
    same = desk.draft.sets == desk.saved.sets and desk.shelved.labels.exists()
    button("Save", save, main=not same, label="Save (nothing changed)" if same else None)


def _save(desk: _Desk) -> None:
    labels = desk.draft.labels()
    write_labels(desk.shelved.labels, labels)
    if desk.shelved.path.parent == desk.place.recordings[0]:
        list_in_index(desk.shelved.path, labels)
    desk.saved = desk.draft


def _add_set(draft: Draft) -> Draft:
    """Return the draft with a set behind the last one, or at the beginning."""
    return draft.add_set((draft.sets[-1].end_s if draft.sets else draft.length_s[0]) + 1.0)


def _set_tools(desk: _Desk, change: Change) -> None:
    draft, chosen = desk.draft, desk.draft.chosen_set
    if chosen is None:
        return
    sets = {n: f"Set {n + 1}" for n in range(len(draft.sets))}
    names = {key: one.name for key, one in desk.place.catalogue.items()}
    names[UNKNOWN_EXERCISE] = "Unknown"
    names.setdefault(chosen.exercise, exercise_name(chosen.exercise))
    with ui.element("div").classes("rs-row"):
        ui.select(
            sets, label="Set", value=draft.set, on_change=lambda e: change(draft.choose(e.value))
        ).classes("rs-field")
        ui.select(
            names,
            label="Exercise",
            value=chosen.exercise,
            on_change=lambda e: change(draft.name(e.value)),
        ).classes("rs-field")
        button("Remove the set", lambda: change(draft.remove_set()))


def _rep_tools(desk: _Desk, change: Change) -> None:
    draft, chosen, rep = desk.draft, desk.draft.chosen_set, desk.draft.chosen_rep
    if chosen is None or rep is None or draft.set is None:
        return
    with ui.element("div").classes("rs-reps").props('role="group" aria-label="Reps"'):
        for number in range(len(chosen.reps)):
            pressed = number == draft.rep
            one = button(
                str(number + 1),
                lambda n=number: change(draft.choose(draft.set or 0, n)),
                label=f"Rep {number + 1}",
                main=pressed,
            )
            one.props(f'aria-pressed="{str(pressed).lower()}"')
    with ui.element("div").classes("rs-row"):
        ui.select(
            {flag.value: FLAG_WORDS[flag] for flag in FormFlag},
            label=f"Form of rep {(draft.rep or 0) + 1}",
            value=[flag.value for flag in rep.flags],
            multiple=True,
            on_change=lambda e: change(draft.flag(e.value)),
        ).classes("rs-field")
        button("Add a rep behind it", lambda: change(draft.add_rep()))
        button("Remove the rep", lambda: change(draft.remove_rep()))
