"""``repsense fleet``: count what gateways send, on all machines of a cluster."""

import json
import signal
from collections.abc import Callable, Mapping
from dataclasses import asdict
from functools import partial
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from repsense.config import Settings
    from repsense.fleet.settings import FleetSettings, WorkerFacts
    from repsense.pipeline.orders import Engine
    from repsense.samples import Worn

Tell = Callable[[list["WorkerFacts | None"]], None]


def fleet(
    *,
    snapshots: Annotated[
        Path,
        typer.Option(help="Folder that every machine of the cluster sees, and nobody else."),
    ],
    partitions: Annotated[
        int,
        typer.Option(min=1, max=4096, help="How many workers; the gateways need the same number."),
    ] = 64,
    address: Annotated[
        str, typer.Option(help="Of the cluster, like 192.168.0.10:6379; local is this machine.")
    ] = "local",
    cores: Annotated[
        float,
        typer.Option(min=0.0, max=1.0, help="Share of a core that is set aside for each worker."),
    ] = 0.0,
    every: Annotated[
        float, typer.Option(min=0.1, help="Seconds between two lines about the workers.")
    ] = 10.0,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object a line: how each worker does.")
    ] = False,
    config: Annotated[Path | None, typer.Option(help="The configuration file.")] = None,
) -> None:
    """Count what gateways send, on as many machines as needed, until Ctrl-C.

    Each worker counts one partition of the wearers. Ray places the workers on the
    machines of its cluster, and starts one again, elsewhere if need be, when it
    dies; it goes on where the snapshots and the broker say it was.

    Example: repsense fleet --partitions 8 --snapshots /mnt/fleet --address 192.168.0.10:6379
    """
    from repsense.cluster import connected
    from repsense.config import load_settings
    from repsense.fleet.actors import launch, watch

    wanted = fleet_settings(load_settings(config), snapshots, partitions)
    tell = _tell_json if as_json else _tell
    with connected(address) as ray:
        stop = _stop_on_signals()
        watch(launch(ray, wanted, cores=cores), tell, stop=stop, every_s=every)


def fleet_settings(settings: "Settings", snapshots: Path, partitions: int) -> "FleetSettings":
    """Return what workers are told, as the configuration has it."""
    from repsense.cli.serving import worn_by
    from repsense.exercises.catalogue import with_own
    from repsense.fleet.settings import FleetSettings

    return FleetSettings(
        broker=settings.broker,
        snapshots=snapshots.expanduser().resolve(),
        new_engine=partial(_new_engine, settings, worn_by(settings)),
        exercises=tuple(with_own(settings.exercises)),
        partitions=partitions,
    )


def _new_engine(settings: "Settings", worn: "Mapping[str, Worn]", wearer: str) -> "Engine":
    from repsense.config import coaching_of
    from repsense.pipeline.exercise import Recogniser
    from repsense.pipeline.pipeline import Pipeline

    recogniser = Recogniser(worn.get(wearer))
    return Pipeline(settings.pipeline, coaching=coaching_of(settings), recogniser=recogniser)


def _stop_on_signals() -> Event:
    """Return what is set by Ctrl-C or by whoever ends the service; Ray's own answer is harsher."""
    stop = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    return stop


def _tell(facts: "list[WorkerFacts | None]") -> None:
    here = [one for one in facts if one is not None]
    total = sum(one.wearers for one in here)
    behind_s = max((one.behind_s for one in here), default=0.0)
    nodes = {one.node for one in here}
    away = len(facts) - len(here)
    text = f"{total} wearers, {len(here)} workers on {len(nodes)} machines, {behind_s:.1f} s behind"
    print(f"{text}; {away} being started" if away else text, flush=True)


def _tell_json(facts: "list[WorkerFacts | None]") -> None:
    workers: list[dict[str, Any] | None] = [None if one is None else asdict(one) for one in facts]
    print(json.dumps({"workers": workers}), flush=True)
