"""What every page has around it: the way to the others, the theme, our style."""

from collections.abc import Awaitable, Callable

from nicegui import ui

PAGES = (
    ("Live", "/"),
    ("History", "/history"),
    ("Recordings", "/recordings"),
)

#: How long a page may take: reading a long recording, and compiling the engine the first time.
PATIENCE_S = 60.0

# Dark enough on white, light enough on black, for reading: 4.5 to 1 and more.
_COLOURS = {"primary": "#17603b", "secondary": "#3b4a57", "accent": "#7a3e9d"}


def frame(title: str, here: str) -> None:
    """Begin a page: style, theme, title and navigation.

    Parameters
    ----------
    title
        What the browser's tab says.
    here
        Path of the page, marked in the navigation.
    """
    ui.page_title(f"{title} · RepSense")
    ui.colors(**_COLOURS)
    ui.add_head_html('<link rel="stylesheet" href="/repsense/theme.css">')
    ui.add_head_html('<script src="/repsense/theme.js"></script>')
    with ui.header().classes("rs-header"), ui.element("nav").props('aria-label="Pages"'):
        for name, path in PAGES:
            link = ui.link(name, path).classes("rs-nav")
            if path == here:
                link.props('aria-current="page"')
    ui.query(".nicegui-content").classes("rs-content")


def button(
    text: str,
    on_click: Callable[[], object] | Callable[[], Awaitable[object]],
    *,
    label: str | None = None,
    main: bool = False,
) -> ui.button:
    """Add a button: in the colour of the text around it, or filled where it is the main one.

    Parameters
    ----------
    label
        What assistive technology says instead of the text.
    """
    made = ui.button(text, on_click=on_click, color="primary" if main else None)
    made.props("no-caps" if main else "no-caps outline")
    if label is not None:
        # As a value and not as a text of props, in which quotes would have to be escaped.
        made.props["aria-label"] = label
    return made
