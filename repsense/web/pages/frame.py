"""What every page has around it: the way to the others, the theme, our style."""

from nicegui import ui

PAGES = (
    ("Live", "/"),
    ("History", "/history"),
    ("Recordings", "/recordings"),
)

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
