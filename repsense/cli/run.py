"""``repsense run``: count live, from the band on your wrist."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from repsense.cli.serving import Outputs
    from repsense.config import Settings, WearerSettings
    from repsense.sinks.base import Sink
    from repsense.sinks.mqtt.commands import OnCommand
    from repsense.sources.ble.radio import Radio


def run(
    *,
    config: Annotated[Path | None, typer.Option(help="The configuration file.")] = None,
    no_mqtt: Annotated[bool, typer.Option("--no-mqtt", help="Publish nothing.")] = False,
    dashboard: Annotated[
        bool, typer.Option("--dashboard", help="Also show it in a browser, and say where.")
    ] = False,
    no_history: Annotated[bool, typer.Option("--no-history", help="Keep no sets.")] = False,
    data_dir: Annotated[
        Path | None, typer.Option(help="Folder of the history; without it the configured one.")
    ] = None,
) -> None:
    """Count live from bands and phones, until Ctrl-C.

    Connects to the bands of the configured wearers; with none configured, to the
    first supported one it hears. Shows the count here, publishes it over MQTT,
    and keeps the sets. When a band goes out of reach it is found again.

    Example: repsense run --config my_config.yaml
    """
    from repsense.cli.doors import Doors
    from repsense.cli.serving import Outputs, get_ready, no_pages, wearers_of, with_pages
    from repsense.config import load_settings
    from repsense.sources.ble.link import BleakRadio

    settings = load_settings(config)
    folder = None if no_history else data_dir or history_folder(settings)
    get_ready()
    wearers = wearers_of(settings)
    names = [wearer.name for wearer in wearers]
    pages = with_pages(settings, names, data_dir, keep=folder) if dashboard else no_pages
    doors = Doors(settings, data_dir or history_folder(settings))
    outputs = Outputs(mqtt=not no_mqtt, history=folder, more=pages, doors=doors)
    asyncio.run(serve_bands(settings, wearers, BleakRadio(), outputs))


def history_folder(settings: "Settings") -> Path:
    """Return the folder where the configuration keeps the history."""
    from repsense.sinks.history import history_path

    return history_path(settings.history.data_dir).parent


async def serve_bands(
    settings: "Settings",
    wearers: "tuple[WearerSettings, ...]",
    radio: "Radio",
    outputs: "Outputs",
) -> None:
    """Count the wearers' bands until somebody stops it."""
    from dataclasses import replace

    from repsense.cli.serving import band_jobs, serve_jobs
    from repsense.cli.wrist import WristSink
    from repsense.sinks.systemd import SystemdSink

    origin_s = asyncio.get_running_loop().time()
    jobs, sources = band_jobs(settings, wearers, radio, origin_s=origin_s, doors=outputs.doors)

    def more(say: "Callable[[str], None]", obey: "OnCommand") -> "Sequence[Sink]":
        # systemd comes last: it is told that all is up when all is.
        return [WristSink(sources), *outputs.more(say, obey), SystemdSink(on_status=say)]

    outputs_too = replace(outputs, more=more)
    await serve_jobs(settings, jobs, outputs_too, meanwhile="Counting goes on without MQTT.")
