"""``repsense record``: a session from the band on your wrist into a file."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from repsense.config import Settings, WearerSettings
    from repsense.sinks.base import Sink
    from repsense.sinks.mqtt.commands import OnCommand
    from repsense.sources.ble.radio import Radio


def record(
    folder: Annotated[Path, typer.Argument(help="Where the recordings go; made if needed.")],
    *,
    raw: Annotated[
        Path | None,
        typer.Option(help="Also write the bytes as they came into this new file."),
    ] = None,
    minutes: Annotated[
        float | None, typer.Option(min=0.01, help="Stop by itself after so many minutes.")
    ] = None,
    config: Annotated[Path | None, typer.Option(help="The configuration file.")] = None,
) -> None:
    """Record a session from your band, until Ctrl-C, counting along on the screen.

    The recording can be counted again with `repsense replay`. Whatever was
    written stays readable, also when the program is killed. The file of --raw is
    a capture from which a driver's test can be made: docs/sensors.md says how.

    Example: repsense record my_recordings --raw my_band.txt
    """
    from repsense.cli.serving import get_ready, wearers_of
    from repsense.config import load_settings
    from repsense.sources.ble.link import BleakRadio

    settings = load_settings(config)
    get_ready()
    asyncio.run(
        record_bands(settings, wearers_of(settings), BleakRadio(), folder, raw=raw, minutes=minutes)
    )


async def record_bands(
    settings: "Settings",
    wearers: "tuple[WearerSettings, ...]",
    radio: "Radio",
    folder: Path,
    *,
    raw: Path | None = None,
    minutes: float | None = None,
) -> None:
    """Record the wearers' bands until somebody stops it."""
    from repsense.cli.doors import Doors
    from repsense.cli.run import history_folder
    from repsense.cli.serving import Outputs, band_jobs, serve_jobs, worn_by
    from repsense.sinks.recorder import RecorderSink
    from repsense.sources.ble.raw import RawWriter

    faults: list[str] = []
    writer = None
    if raw is not None:
        writer = RawWriter(raw, source="a recording, by repsense record", on_fault=faults.append)

    def more(say: "Callable[[str], None]", _obey: "OnCommand") -> "Sequence[Sink]":
        return [RecorderSink(folder, worn=worn_by(settings), on_status=say)]

    loop = asyncio.get_running_loop()
    doors = Doors(settings, history_folder(settings))
    jobs, _ = band_jobs(
        settings,
        wearers,
        radio,
        origin_s=loop.time(),
        doors=doors,
        tap=None if writer is None else writer.take,
    )
    stop = asyncio.Event()
    if minutes is not None:
        loop.call_later(minutes * 60.0, stop.set)
    try:
        outputs = Outputs(mqtt=False, more=more, doors=doors)
        await serve_jobs(settings, jobs, outputs, meanwhile="", stop=stop)
    finally:
        if writer is not None:
            writer.close()
    for fault in faults:
        print(fault)
