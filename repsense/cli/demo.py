"""``repsense demo``: the bundled workout, live, through the very service a sensor would use."""

import asyncio
import sys
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from repsense.config import DemoSettings, Settings
    from repsense.sinks.base import Sink
    from repsense.sinks.mqtt.broker import RunningBroker
    from repsense.sinks.terminal import TerminalSink


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
    _get_ready()
    if dashboard and port is not None:
        settings = replace(settings, dashboard=replace(settings.dashboard, port=port))
    asyncio.run(
        _play(path, settings, played, mqtt=not no_mqtt, dashboard=dashboard, data_dir=data_dir)
    )


def _get_ready() -> None:
    from rich.console import Console

    from repsense.service import warm_up

    with Console(stderr=True).status(
        "Getting the engine ready. The first time takes some 20 seconds."
    ):
        warm_up()


async def _play(
    path: Path,
    settings: "Settings",
    played: "DemoSettings",
    *,
    mqtt: bool,
    dashboard: bool,
    data_dir: Path | None,
) -> None:
    from repsense.pipeline.coaching import Coaching
    from repsense.pipeline.pipeline import Pipeline
    from repsense.service import WearerJob, obey, run_service
    from repsense.sinks.terminal import TerminalSink
    from repsense.sources.replay import ReplaySource

    job = WearerJob(
        name=played.wearer,
        source=ReplaySource(path, played.speed),
        # The bundled workout is not the user's plan, so the coach only gives cues.
        pipeline=Pipeline(settings.pipeline, coaching=Coaching(settings.coach)),
    )
    async with AsyncExitStack() as stack:
        broker = await _broker(settings, stack) if mqtt else None
        terminal = TerminalSink(played.wearer, notes=_notes(broker))
        sinks: list[Sink] = [terminal]
        if broker is not None:
            from repsense.exercises.catalogue import load_catalogue
            from repsense.sinks.mqtt.sink import MqttSink

            sinks.append(
                MqttSink(
                    broker.settings,
                    wearers=[played.wearer],
                    home_assistant=settings.home_assistant,
                    exercises=tuple(load_catalogue()),
                    on_status=terminal.say,
                    on_command=obey([job]),
                )
            )
        if data_dir is not None:
            sinks.append(_history(data_dir, terminal))
        if dashboard:
            from repsense.cli.dashboard import dashboard_sink

            sinks.append(
                dashboard_sink(settings, [played.wearer], data_dir=data_dir, say=terminal.say)
            )
        await run_service([job], sinks, say=terminal.say)


async def _broker(settings: "Settings", stack: AsyncExitStack) -> "RunningBroker | None":
    """Return the broker to publish on; without one say so, because the count needs none."""
    from repsense.errors import BrokerError
    from repsense.sinks.mqtt.broker import provide_broker

    try:
        return await stack.enter_async_context(provide_broker(settings.broker))
    except BrokerError as error:
        print(f"repsense: {error} The demo goes on without MQTT.", file=sys.stderr)
        return None


def _notes(broker: "RunningBroker | None") -> list[tuple[str, str]]:
    """Return what stays on the screen: the broker, and lines to paste into another terminal."""
    if broker is None:
        return [("MQTT", "not in use: the count is shown here only")]
    notes = [("MQTT", broker.describe()), ("look on:", broker.watch_line())]
    subscribe = broker.subscribe_line()
    return notes if subscribe is None else [*notes, ("or:", subscribe)]


def _history(data_dir: Path, terminal: "TerminalSink") -> "Sink":
    from repsense.sinks.history import HistorySink, history_path

    return HistorySink(history_path(data_dir), on_status=terminal.say)
