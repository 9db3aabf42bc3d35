"""The recordings page: every recording on the shelf, to label and to tune on."""

import asyncio
from collections.abc import Sequence
from html import escape
from urllib.parse import quote

from nicegui import ui

from repsense.web.pages.frame import PATIENCE_S, frame
from repsense.web.place import Place
from repsense.web.shelf import Shelved, recordings_in


def register(place: Place) -> None:
    """Serve the page at ``/recordings``."""

    @ui.page("/recordings", response_timeout=PATIENCE_S)
    async def recordings() -> None:
        frame("Recordings", "/recordings")
        shelf = await asyncio.to_thread(recordings_in, place.recordings)
        with ui.element("main").classes("rs-main"):
            ui.html("<h1>Recordings</h1>", sanitize=False)
            if not shelf:
                folders = ", ".join(str(folder) for folder in place.recordings)
                ui.label(f"There are none in {folders}. Name a folder with --recordings.")
                return
            with ui.element("section").classes("rs-card"):
                ui.html(_list(shelf), sanitize=False)


def _list(shelf: Sequence[Shelved]) -> str:
    lines = "".join(_line(shelved) for shelved in shelf)
    return f'<ul class="rs-list">{lines}</ul>'


def _line(shelved: Shelved) -> str:
    key, name = quote(shelved.key), escape(shelved.name)
    labelled = '<span class="rs-good">labelled</span>' if shelved.labels.exists() else ""
    return (
        f'<li class="rs-set"><span class="rs-set-what">{name} {labelled}</span>'
        f'<a href="/label?recording={key}" aria-label="Label {name}">Label</a>'
        f'<a href="/tune?recording={key}" aria-label="Tune on {name}">Tune</a></li>'
    )
