"""``repsense dashboard``: the pages for a browser, without a workout under way."""

import asyncio
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from repsense.config import Settings
    from repsense.sinks.mqtt.commands import OnCommand
    from repsense.web.sink import DashboardSink

RECORDINGS = "recordings"


def dashboard(
    *,
    host: Annotated[
        str | None, typer.Option(help="Address to listen on; 0.0.0.0 is every network.")
    ] = None,
    port: Annotated[int | None, typer.Option(help="Port; 0 takes a free one.")] = None,
    https: Annotated[
        bool, typer.Option("--https", help="Serve encrypted; the browser asks about it once.")
    ] = False,
    data_dir: Annotated[
        Path | None,
        typer.Option(help="Folder of the history; without it the configured one, else yours."),
    ] = None,
    recordings: Annotated[
        list[Path] | None, typer.Option(help="More folders with recordings to look at and label.")
    ] = None,
    config: Annotated[Path | None, typer.Option(help="The configuration file.")] = None,
) -> None:
    """Look back, correct, label and tune in a browser. Ctrl-C ends it.

    To see a workout live: repsense demo --dashboard

    Example: repsense dashboard --recordings recordings
    """
    from dataclasses import replace

    from repsense.config import load_settings

    settings = load_settings(config)
    pages = settings.dashboard
    pages = replace(
        pages,
        https=https or pages.https,
        host=host or pages.host,
        port=pages.port if port is None else port,
    )
    settings = replace(settings, dashboard=pages)
    sink = dashboard_sink(settings, (), data_dir=data_dir, more=recordings or (), say=_print)
    asyncio.run(serve(sink))


def dashboard_sink(
    settings: "Settings",
    wearers: Iterable[str],
    *,
    data_dir: Path | None,
    more: Iterable[Path] = (),
    say: Callable[[str], None],
    obey: "OnCommand | None" = None,
) -> "DashboardSink":
    """Return the sink that serves the pages.

    Parameters
    ----------
    data_dir
        Folder of the history; None takes the configured one, else the user's.
    more
        Folders with recordings besides that of the recorder.
    obey
        Carries out what is said by button; None where nobody trains.

    Raises
    ------
    ConfigError
        When the extra is not installed, or the code's file cannot be used.
    """
    from repsense.errors import ConfigError
    from repsense.exercises.catalogue import with_own
    from repsense.sinks.history import history_path

    try:
        from repsense.web.place import Place
        from repsense.web.sink import DashboardSink
    except ModuleNotFoundError as error:
        raise ConfigError(
            f"The dashboard needs {error.name}, which is not installed. Install it with: "
            f"pip install 'repsense[dashboard]'"
        ) from error

    history = history_path(data_dir or settings.history.data_dir)
    place = Place(
        history=history,
        recordings=(history.parent / RECORDINGS, *more),
        catalogue=with_own(settings.exercises),
        days_a_week=settings.plan.days_a_week,
        parameters=settings.pipeline,
        obey=obey,
    )
    return DashboardSink(
        settings.dashboard,
        place,
        wearers=wearers,
        on_status=say,
        show_code=sys.stdout.isatty(),
    )


async def serve(sink: "DashboardSink", then: Callable[[], None] = lambda: None) -> None:
    """Serve the pages until Ctrl-C.

    Parameters
    ----------
    then
        Called once they can be opened.
    """
    from repsense.service import stop_on_signals

    stop = asyncio.Event()
    with stop_on_signals(stop):
        await sink.start()
        if sink.pairing is not None and sink.show_code:
            _print_code(sink.pairing)
        then()
        try:
            await stop.wait()
        finally:
            await sink.stop()


def _print_code(address: str) -> None:
    import segno

    print(f"Pair a phone with {address} or this code:", flush=True)
    segno.make(address).terminal(compact=True)


def _print(text: str) -> None:
    print(text, flush=True)
