"""The live page: a frame for ``static/live.js``, which draws what the hub sends."""

import io

import segno
from nicegui import ui

from repsense.web.pages.frame import frame
from repsense.web.place import Place

_BUTTONS = (
    ("voice", "Voice", "Count aloud"),
    ("beeps", "Beeps", "Beep at every rep"),
    ("awake", "Awake", "Keep the screen on"),
    ("theme", "Theme", "Dark or light"),
)


def register(place: Place) -> None:
    """Serve the live page at ``/``."""

    @ui.page("/")
    def live() -> None:
        frame("Live", "/")
        ui.add_head_html('<link rel="stylesheet" href="/repsense/live.css">')
        ui.add_body_html('<script src="/repsense/live.js"></script>')
        ui.html(_shell(place), sanitize=False).classes("rs-live")


def _shell(place: Place) -> str:
    buttons = "".join(
        f'<button type="button" id="{name}" aria-pressed="false" title="{hint}">{word}</button>'
        for name, word, hint in _BUTTONS
    )
    ends = "no" if place.obey is None else "yes"
    return (
        f'<div id="tools" role="toolbar" aria-label="How this page behaves">{buttons}'
        f"{_pairing(place.pairing)}</div>"
        f'<main id="wearers" aria-label="Wearers" data-ends="{ends}">'
        '<p id="waiting">Waiting for a wearer…</p></main>'
        '<div id="offline" role="alert" hidden>Connection lost. Trying again…</div>'
        '<div id="refused" role="status" hidden></div>'
    )


def _pairing(address: str | None) -> str:
    """Return the button that shows a QR code for another phone, where browsers must pair."""
    if address is None:
        return ""
    out = io.BytesIO()
    segno.make(address, error="m").save(out, kind="svg", scale=6, xmldecl=False, light="white")
    return (
        '<button type="button" id="pair" title="Pair another phone">Pair</button>'
        '<dialog id="pairing" aria-label="Pair another phone"><p>Scan this with the phone.</p>'
        f'{out.getvalue().decode()}<form method="dialog"><button>Close</button></form></dialog>'
    )
