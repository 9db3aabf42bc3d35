"""``repsense tune --ui``: the tuning page on the recordings that are named."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from repsense.cli.dashboard import dashboard_sink, serve

if TYPE_CHECKING:
    from repsense.web.place import Place


def serve_pages(wanted: Sequence[Path], *, config: Path | None, port: int | None) -> None:
    """Serve the dashboard until Ctrl-C, and say where each recording can be tuned on.

    Parameters
    ----------
    wanted
        Recordings, or folders of them.
    config
        The configuration to start from; None takes the one that counts.
    port
        None takes the configured one.

    Raises
    ------
    RecordingError
        When there is no such recording.
    ConfigError
        When the extra is not installed, or the address is taken.
    """
    from dataclasses import replace

    from repsense.config import load_settings

    settings = load_settings(config)
    if port is not None:
        settings = replace(settings, dashboard=replace(settings.dashboard, port=port))
    folders = tuple(dict.fromkeys(one if one.is_dir() else one.parent for one in wanted))
    sink = dashboard_sink(settings, (), data_dir=None, more=folders, say=_print)
    pages = [_page(sink.place, one) for one in wanted]

    def tell() -> None:
        for path, page in zip(wanted, pages, strict=True):
            _print(f"Tune on {path}: {sink.address}{page}")

    asyncio.run(serve(sink, then=tell))


def _page(place: "Place", wanted: Path) -> str:
    """Return the page of a recording, or the list that has those of a folder."""
    from repsense.errors import RecordingError
    from repsense.web.shelf import recordings_in

    if wanted.is_dir():
        return "recordings"
    for shelved in recordings_in(place.recordings):
        if shelved.path.resolve() == wanted.resolve():
            return f"tune?recording={quote(shelved.key, safe='')}"
    raise RecordingError(
        f"There is no recording {wanted}: with --ui name recordings (.csv or .csv.gz), or folders "
        f"of them."
    )


def _print(text: str) -> None:
    print(text, flush=True)
