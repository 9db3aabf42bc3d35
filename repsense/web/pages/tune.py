"""The tuning page: change a setting of the engine, and see at once what a recording becomes."""

import asyncio
from collections.abc import Awaitable, Callable
from html import escape

from nicegui import ui

from repsense.errors import RepSenseError
from repsense.events import Rep, SetFinished
from repsense.recording.format import Recording, read_recording
from repsense.recording.labels import Labels, read_labels
from repsense.tuning.outcome import Run
from repsense.tuning.run import run_recording
from repsense.tuning.settings import changed, settings_of
from repsense.web.charts import signal_chart
from repsense.web.pages.frame import PATIENCE_S, frame
from repsense.web.pages.review import LEGEND
from repsense.web.place import Place
from repsense.web.shelf import Shelved, find_recording
from repsense.web.signal_view import Curve, curve_of
from repsense.web.tuning_view import as_configuration, verdict

Recount = Callable[[], Awaitable[None]]


def register(place: Place) -> None:
    """Serve the page at ``/tune?recording=...``."""

    @ui.page("/tune", response_timeout=PATIENCE_S)
    async def tune(recording: str = "") -> None:
        frame("Tune", "/recordings")
        with ui.element("main").classes("rs-main"):
            try:
                shelved = find_recording(place.recordings, recording)
                opened, labels, counted = await asyncio.to_thread(_open, place, shelved)
            except RepSenseError as error:
                ui.label(str(error)).props('role="alert"')
                return
            ui.html(f"<h1>Tune on {escape(shelved.name)}</h1>", sanitize=False)
            _page(place, opened, labels, counted)


def _open(place: Place, shelved: Shelved) -> tuple[Recording, Labels | None, Run]:
    recording = read_recording(shelved.path)
    labels = read_labels(shelved.labels) if shelved.labels.exists() else None
    return recording, labels, run_recording(recording, parameters=place.parameters)


def _page(place: Place, recording: Recording, labels: Labels | None, first: Run) -> None:
    curve = curve_of(recording.block)
    values: dict[str, float] = {}
    with ui.element("section").classes("rs-card"):
        said = ui.label(verdict(first, labels)).props('role="status"').classes("rs-strong")
        chart = ui.echart(_options(curve, first), renderer="svg").classes("rs-chart")
        chart.props('role="img" aria-label="Signal of the recording with the reps counted in it"')
        ui.html(LEGEND, sanitize=False)
        lines = ui.label("").classes("rs-code").props('role="note"')
        lines.set_visibility(False)

    async def recount() -> None:
        try:
            parameters = changed(place.parameters, values)
            counted = await asyncio.to_thread(run_recording, recording, parameters=parameters)
        except RepSenseError as error:
            said.set_text(str(error))
            return
        said.set_text(verdict(counted, labels))
        chart.options.update(_options(curve, counted))
        chart.update()
        lines.set_text(as_configuration(values))
        lines.set_visibility(bool(values))

    _settings(place, values, recount)


def _options(curve: Curve, counted: Run) -> dict[str, object]:
    reps: list[Rep] = []
    for event in counted.events:
        if isinstance(event, SetFinished):
            reps.extend(event.rep_details)
    return signal_chart(curve, reps)


def _settings(place: Place, values: dict[str, float], recount: Recount) -> None:
    """Show every setting, in its group; a change is worked out as soon as it is made."""
    defaults = {setting.key: setting for setting in settings_of(place.parameters)}
    for group in dict.fromkeys(setting.group for setting in defaults.values()):
        with ui.element("section").classes("rs-card"):
            ui.html(f"<h2>{group.capitalize()}</h2>", sanitize=False)
            with ui.element("div").classes("rs-tuning"):
                for setting in defaults.values():
                    if setting.group == group:
                        _number(setting.key, setting.name, setting.value, values, recount)


def _number(
    key: str, name: str, default: float, values: dict[str, float], recount: Recount
) -> None:
    def take(value: float | None) -> None:
        if value is None or value == default:
            values.pop(key, None)
        else:
            values[key] = value

    number = ui.number(
        name,
        value=default,
        min=0,
        max=10 * default or None,
        step=abs(default) / 10 or 0.1,
        on_change=lambda event: take(event.value),
    )
    number.props(f'dense debounce=250 hint="{default:g}"')
    number.on_value_change(recount)
