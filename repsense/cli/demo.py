"""``repsense demo``: the bundled workout, live, through the very service a sensor would use."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from repsense.cli.serving import Outputs, get_ready, no_pages, serve_jobs, with_pages

if TYPE_CHECKING:
    from repsense.config import DemoSettings, Settings


def demo(
    *,
    speed: Annotated[
        float | None,
        typer.Option(help="1 is real time, 4 four times as fast.", show_default=False),
    ] = None,
    recording: Annotated[
        Path | None,
        typer.Option(help="Play this recording instead of the bundled workout."),
    ] = None,
    config: Annotated[Path | None, typer.Option(help="The configuration file.")] = None,
    no_mqtt: Annotated[bool, typer.Option("--no-mqtt", help="Publish nothing.")] = False,
    dashboard: Annotated[
        bool, typer.Option("--dashboard", help="Also show it in a browser, and say where.")
    ] = False,
    port: Annotated[
        int | None, typer.Option(help="The dashboard's port; 0 takes a free one.")
    ] = None,
    data_dir: Annotated[
        Path | None,
        typer.Option(
            help="Keep the sets in a history in this folder. Without it nothing is kept: "
            "the demo's sets are not yours."
        ),
    ] = None,
) -> None:
    """Play a workout as if you wore a band: live count, tempo, MQTT. Ctrl-C ends it.

    Uses the configured MQTT broker, else starts Mosquitto, else a small built-in
    broker, and says where the same can be seen.
    """
    from repsense.bundled import bundled_path
    from repsense.config import load_settings
    from repsense.errors import RecordingError

    settings = load_settings(config)
    played = settings.demo if speed is None else replace(settings.demo, speed=speed)
    path = recording or bundled_path("workout.csv.gz")
    if not path.is_file():
        raise RecordingError(f"There is no recording {path}: check the path.")
    get_ready()
    if dashboard and port is not None:
        settings = replace(settings, dashboard=replace(settings.dashboard, port=port))
    pages = (
        with_pages(settings, [played.wearer], data_dir, keep=data_dir) if dashboard else no_pages
    )
    outputs = Outputs(mqtt=not no_mqtt, history=data_dir, more=pages)
    asyncio.run(_play(path, settings, played, outputs))


async def _play(
    path: Path,
    settings: "Settings",
    played: "DemoSettings",
    outputs: Outputs,
) -> None:
    from repsense.pipeline.coaching import Coaching
    from repsense.pipeline.exercise import Recogniser
    from repsense.pipeline.pipeline import Pipeline
    from repsense.recording.format import read_recording
    from repsense.service import WearerJob
    from repsense.sources.replay import ReplaySource

    job = WearerJob(
        name=played.wearer,
        source=ReplaySource(path, played.speed),
        # The bundled workout is not the user's plan, so the coach only gives cues.
        pipeline=Pipeline(
            settings.pipeline,
            coaching=Coaching(settings.coach),
            recogniser=Recogniser(read_recording(path).worn),
        ),
    )
    await serve_jobs(settings, [job], outputs, meanwhile="The demo goes on without MQTT.")
