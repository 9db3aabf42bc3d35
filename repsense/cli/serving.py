"""What the commands that count live have in common: broker, screen, history, bands."""

import asyncio
import sys
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from repsense.cli.doors import Doors
    from repsense.config import Settings, WearerSettings
    from repsense.samples import Worn
    from repsense.service import WearerJob
    from repsense.sinks.base import Sink
    from repsense.sinks.mqtt.broker import RunningBroker
    from repsense.sinks.mqtt.commands import OnCommand
    from repsense.sinks.mqtt.outbox import Outbox
    from repsense.sinks.mqtt.sink import MqttSink
    from repsense.sinks.terminal import TerminalSink
    from repsense.sources.ble.radio import Radio
    from repsense.sources.ble.source import BleSource
    from repsense.sources.ble.visit import Tap
    from repsense.sources.phone.phyphox_source import PhyphoxSource
    from repsense.sources.pushed import PushedSource

#: What the wearer is called where the configuration names nobody.
NOBODY_NAMED = "me"


More = Callable[[Callable[[str], None], "OnCommand"], "Sequence[Sink]"]


def no_pages(_say: Callable[[str], None], _obey: "OnCommand") -> "Sequence[Sink]":
    """Show nothing in a browser."""
    return ()


def with_pages(
    settings: "Settings",
    wearers: Sequence[str],
    data_dir: Path | None,
    *,
    keep: Path | None = None,
) -> More:
    """Return what makes the sink that shows these wearers in a browser.

    Parameters
    ----------
    keep
        Folder in which sets are kept: their samples are then recorded there, too, so that the
        pages can draw them; None records nothing.
    """

    def pages(say: Callable[[str], None], obey: "OnCommand") -> "Sequence[Sink]":
        from repsense.cli.dashboard import RECORDINGS, dashboard_sink
        from repsense.sinks.recorder import RecorderSink

        shown = dashboard_sink(settings, wearers, data_dir=data_dir, say=say, obey=obey)
        if keep is None:
            return [shown]
        return [shown, RecorderSink(keep / RECORDINGS, worn=worn_by(settings), on_status=say)]

    return pages


@dataclass(frozen=True, slots=True, kw_only=True)
class Outputs:
    """Where the counts go.

    Parameters
    ----------
    mqtt
        Whether to publish.
    history
        Folder of the history, or None to keep no sets.
    more
        Further sinks; called with what says sentences to the person, and what carries out
        commands.
    doors
        What feeds those sources that are sent to; None where there are none.
    """

    mqtt: bool = True
    history: Path | None = None
    more: More = no_pages
    doors: "Doors | None" = None


def get_ready() -> None:
    """Have the engine compiled, and say so: the first time on a machine it takes a while."""
    from rich.console import Console

    from repsense.compiled import is_first_time
    from repsense.service import warm_up

    console = Console(stderr=True)
    waiting = "Getting the engine ready. The first time takes some 40 seconds."
    if is_first_time() and not console.is_terminal:
        console.print(waiting)  # a spinner would show nothing here
    with console.status(waiting):
        warm_up()


async def broker_or_none(
    settings: "Settings", stack: AsyncExitStack, meanwhile: str
) -> "RunningBroker | None":
    """Return the broker to publish on; without one say so, because the count needs none."""
    from repsense.errors import BrokerError
    from repsense.sinks.mqtt.broker import provide_broker

    try:
        return await stack.enter_async_context(provide_broker(settings.broker))
    except BrokerError as error:
        print(f"repsense: {error} {meanwhile}", file=sys.stderr)
        return None


def broker_notes(broker: "RunningBroker | None") -> list[tuple[str, str]]:
    """Return what stays on the screen: the broker, and lines to paste into another terminal."""
    if broker is None:
        return [("MQTT", "not in use: the count is shown here only")]
    notes = [("MQTT", broker.describe()), ("look on:", broker.watch_line())]
    subscribe = broker.subscribe_line()
    return notes if subscribe is None else [*notes, ("or:", subscribe)]


async def serve_jobs(
    settings: "Settings",
    jobs: "Sequence[WearerJob]",
    outputs: Outputs,
    *,
    meanwhile: str,
    stop: asyncio.Event | None = None,
) -> None:
    """Run the service until its sources end, ``stop`` is set, or somebody interrupts.

    Parameters
    ----------
    meanwhile
        What goes on where there is no broker, as a sentence.

    Raises
    ------
    FolderInUseError
        When another process counts into the history's folder.
    """
    from repsense.service import obey, run_service
    from repsense.sinks.folder import held

    names = [job.name for job in jobs]
    async with AsyncExitStack() as stack:
        if outputs.history is not None:
            stack.enter_context(held(outputs.history))
        broker = await broker_or_none(settings, stack, meanwhile) if outputs.mqtt else None
        screens = terminals(names, broker_notes(broker))
        say = screens[0].say
        sinks: list[Sink] = [*screens]
        published: MqttSink | None = None
        if broker is not None:
            published = _mqtt(settings, broker, jobs, outputs.history, say)
            sinks.append(published)
        if outputs.doors is not None:
            reached = settings.broker if broker is None else broker.settings
            sinks += outputs.doors.sinks(reached, say)
        if outputs.history is not None:
            sinks.append(_history(outputs.history, names, published, say))
            sinks.append(_choices(settings, outputs.history, jobs, say))
            sinks.append(_calibrations(outputs.history, jobs, say))
        await run_service(jobs, [*sinks, *outputs.more(say, obey(jobs))], say=say, stop=stop)


def terminals(names: Sequence[str], notes: list[tuple[str, str]]) -> "list[TerminalSink]":
    """Return a live screen for one wearer, plain lines for several: a terminal has one screen."""
    from rich.console import Console

    from repsense.sinks.terminal import TerminalSink

    if len(names) == 1:
        return [TerminalSink(names[0], notes=notes)]
    console = Console(force_terminal=False, highlight=False)
    return [
        TerminalSink(name, notes=notes if number == 0 else (), console=console)
        for number, name in enumerate(names)
    ]


def _mqtt(
    settings: "Settings",
    broker: "RunningBroker",
    jobs: "Sequence[WearerJob]",
    data_dir: Path | None,
    say: Callable[[str], None],
) -> "MqttSink":
    from repsense.exercises.catalogue import load_catalogue
    from repsense.service import obey
    from repsense.sinks.mqtt.sink import MqttSink

    return MqttSink(
        broker.settings,
        wearers=[job.name for job in jobs],
        outbox=None if data_dir is None else _outbox(settings, data_dir, say),
        home_assistant=settings.home_assistant,
        exercises=tuple(jobs[0].exercises or load_catalogue()),
        on_status=say,
        on_command=obey(jobs),
    )


def _outbox(settings: "Settings", data_dir: Path, say: Callable[[str], None]) -> "Outbox":
    """Return the outbox beside the history: what waits in it outlives this process."""
    from repsense.sinks.history import history_path
    from repsense.sinks.mqtt.outbox_file import open_outbox, outbox_path

    path = outbox_path(history_path(data_dir))
    return open_outbox(path, max_events=settings.broker.outbox_events, on_status=say)


def _history(
    data_dir: Path,
    names: Sequence[str],
    published: "MqttSink | None",
    say: Callable[[str], None],
) -> "Sink":
    """Return what keeps the sets, and tells MQTT of this week's workouts."""
    from repsense.sinks.history import history_path
    from repsense.sinks.history_sink import HistorySink
    from repsense.sinks.week import WorkoutsOfTheWeek

    path = history_path(data_dir)
    if published is None:
        return HistorySink(path, on_status=say)
    week = WorkoutsOfTheWeek(names, published.show_week)
    return HistorySink(path, on_status=say, on_stored=week)


def _choices(
    settings: "Settings", data_dir: Path, jobs: "Sequence[WearerJob]", say: Callable[[str], None]
) -> "Sink":
    """Take up what was chosen before a restart, and return what keeps it for the next one."""
    from repsense.sinks.choices import ChoicesSink, choices_path
    from repsense.sinks.history import history_path

    choices = ChoicesSink(choices_path(history_path(data_dir)), on_status=say)
    for job in jobs:
        kept = choices.of(job.name)
        # A plan knows which exercise comes; what was said in its place held for one set only.
        exercise = None if settings.plan.exercises else kept.exercise
        job.orders.resume(exercise, kept.target_reps)
    return choices


def _calibrations(
    data_dir: Path, jobs: "Sequence[WearerJob]", say: Callable[[str], None]
) -> "Sink":
    """Take up what was measured of the wearers before, and return what keeps it."""
    from repsense.sinks.calibrations import CalibrationsSink, calibrations_path
    from repsense.sinks.history import history_path

    calibrations = CalibrationsSink(calibrations_path(history_path(data_dir)), on_status=say)
    for job in jobs:
        job.pipeline.know(calibrations.of(job.name))
    return calibrations


def worn_by(settings: "Settings") -> "dict[str, Worn]":
    """Return how bands sit on the arm, as far as that is said, by what their samples go by."""
    said = {
        wearer.band_name(number): band.worn()
        for wearer in settings.wearers
        for number, band in enumerate(wearer.bands)
    }
    return {name: worn for name, worn in said.items() if worn is not None}


def wearers_of(settings: "Settings") -> "tuple[WearerSettings, ...]":
    """Return the configured wearers, or one with whatever band is there."""
    from repsense.config import WearerSettings

    return settings.wearers or (WearerSettings(name=NOBODY_NAMED),)


def band_jobs(
    settings: "Settings",
    wearers: "Sequence[WearerSettings]",
    radio: "Radio",
    *,
    origin_s: float,
    doors: "Doors | None" = None,
    tap: "Tap | None" = None,
) -> "tuple[list[WearerJob], dict[str, list[BleSource]]]":
    """Return a job for each wearer, and each one's sources, all on one clock.

    Parameters
    ----------
    origin_s
        Event loop time that is 0 on the clock of the blocks.
    doors
        Makes those sources that are no Bluetooth sensors; None where all are.
    tap
        Is given every notification as it came.
    """
    from repsense.config import coaching_of
    from repsense.exercises.catalogue import with_own
    from repsense.pipeline.bands import BandPair
    from repsense.pipeline.exercise import Recogniser
    from repsense.pipeline.pipeline import Pipeline
    from repsense.service import WearerJob
    from repsense.sources.ble.source import BleSource, InUse
    from repsense.sources.settings import BandSettings, Side, Via

    in_use, jobs, sources = InUse(), list[WearerJob](), dict[str, list[BleSource]]()

    def engine(band: BandSettings) -> Pipeline:
        recogniser = Recogniser(band.worn())
        return Pipeline(settings.pipeline, coaching=coaching_of(settings), recogniser=recogniser)

    for wearer in wearers:
        bands = wearer.bands or (BandSettings(),)
        found: list[BleSource | PushedSource | PhyphoxSource] = [
            BleSource(radio, band.wanted(), in_use=in_use, origin_s=origin_s, tap=tap)
            if doors is None or band.via is Via.BLUETOOTH
            else doors.source(wearer.band_name(number), band, origin_s=origin_s)
            for number, band in enumerate(bands)
        ]
        sources[wearer.name] = [one for one in found if isinstance(one, BleSource)]
        two = len(found) == 2
        sides = [band.side.value for band in bands] if two else [side.value for side in Side]
        jobs.append(
            WearerJob(
                name=wearer.name,
                source=found[0],
                pipeline=BandPair(engine(bands[0]), engine(bands[1])) if two else engine(bands[0]),
                exercises=tuple(with_own(settings.exercises)),
                second=found[1] if two else None,
                sides=(sides[0], sides[1]),
            )
        )
    return jobs, sources
