"""``repsense gateway``: send the bands near this machine to another one, which counts."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Iterable

    from repsense.calibration import Calibration
    from repsense.cli.doors import Doors
    from repsense.config import Settings
    from repsense.events import Event
    from repsense.samples import SampleBlock
    from repsense.service import WearerJob


def gateway(
    *,
    recording: Annotated[
        Path | None,
        typer.Option(help="Send this recording instead of a band, to try the way out."),
    ] = None,
    wearer: Annotated[
        str | None, typer.Option(help="Whose recording it is; without it the first wearer's.")
    ] = None,
    speed: Annotated[
        float, typer.Option(help="With --recording: 1 is real time, 4 four times as fast.")
    ] = 1.0,
    partitions: Annotated[
        int, typer.Option(min=1, max=4096, help="Over how many topics wearers are spread.")
    ] = 64,
    span: Annotated[
        float,
        typer.Option(min=0.02, max=5.0, help="Seconds in a message: longer costs less, is later."),
    ] = 0.2,
    config: Annotated[Path | None, typer.Option(help="The configuration file.")] = None,
) -> None:
    """Send samples over MQTT instead of counting them, until Ctrl-C.

    For a small box near the bands. The machine that counts has the same wearers in
    its configuration, each with a band that comes `via: gateway`, and the same
    broker; it runs `repsense run`.

    Example: repsense gateway --config box.yaml
    """
    from repsense.cli.serving import wearers_of
    from repsense.config import load_settings
    from repsense.errors import ConfigError

    settings = load_settings(config)
    if settings.broker.host is None:
        raise ConfigError(
            "A gateway needs a broker that the other machine reaches too: set broker.host."
        )
    way = _Way(partitions=partitions, span_s=span)
    if recording is not None:
        owner = wearer or wearers_of(settings)[0].name
        asyncio.run(_send_recording(settings, recording, owner, speed, way))
    else:
        asyncio.run(_send_bands(settings, way))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Way:
    """How samples are sent: over how many topics, and how much time in a message, s."""

    partitions: int
    span_s: float


async def _send_recording(
    settings: "Settings", recording: Path, wearer: str, speed: float, way: "_Way"
) -> None:
    from repsense.service import WearerJob
    from repsense.sources.replay import ReplaySource

    job = WearerJob(name=wearer, source=ReplaySource(recording, speed), pipeline=_NoEngine())
    await send(settings, [job], way=way, say=_print)


async def _send_bands(settings: "Settings", way: "_Way") -> None:
    from repsense.cli.doors import Doors
    from repsense.cli.run import history_folder
    from repsense.cli.serving import band_jobs, wearers_of
    from repsense.errors import ConfigError
    from repsense.sources.ble.link import BleakRadio
    from repsense.sources.settings import Via

    wearers = wearers_of(settings)
    for one in wearers:
        if any(band.via is Via.GATEWAY for band in one.bands):
            raise ConfigError(
                f"A band of {one.name!r} comes via gateway, and this is the gateway: here it needs "
                f"the sensor itself, like an address. 'via: gateway' belongs to the machine that "
                f"counts."
            )
    doors = Doors(settings, history_folder(settings))
    origin_s = asyncio.get_running_loop().time()
    jobs, _ = band_jobs(settings, wearers, BleakRadio(), origin_s=origin_s, doors=doors)
    silent = [replace(job, pipeline=_NoEngine()) for job in jobs]
    await send(settings, silent, way=way, say=_print, doors=doors)


async def send(
    settings: "Settings",
    jobs: "Sequence[WearerJob]",
    *,
    way: "_Way",
    say: Callable[[str], None],
    doors: "Doors | None" = None,
) -> None:
    """Send what the jobs' sources yield until they end or somebody interrupts."""
    from repsense.service import run_service
    from repsense.sinks.mqtt.gateway import GatewaySink

    sink = GatewaySink(
        settings.broker,
        wearers=[job.name for job in jobs],
        partitions=way.partitions,
        span_s=way.span_s,
        on_status=say,
    )
    more = [] if doors is None else doors.sinks(settings.broker, say)
    await run_service(jobs, [sink, *more], say=say)


class _NoEngine:
    """Counts nothing: the samples are another machine's to count."""

    def push(self, block: "SampleBlock") -> "list[Event]":
        """Say nothing."""
        del block
        return []

    def arm(self, exercise: str | None = None) -> None:
        """Expect nothing."""

    def disarm(self) -> None:
        """Expect nothing."""

    def calibrate(self) -> None:
        """Measure nothing."""

    def know(self, calibrations: "Iterable[Calibration]") -> None:
        """Expect nothing."""

    def end_set(self) -> "list[Event]":
        """Say nothing."""
        return []

    def flush(self) -> "list[Event]":
        """Say nothing."""
        return []


def _print(text: str) -> None:
    print(text, flush=True)
