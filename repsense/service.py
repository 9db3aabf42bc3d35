"""One source -> pipeline -> many sinks, for each wearer, until the sources end or someone stops it.

The service moves things and decides nothing: samples go through the pipeline as
they arrive, what it says goes to every sink in a :class:`Notice`. A wearer's
failing source does not disturb the other wearers; a failing sink does not
disturb the counting.
"""

import asyncio
import contextlib
import gc
import logging
import signal
import uuid
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import numpy as np

from repsense.errors import CommandError, RepSenseError
from repsense.events import Chosen, Event, SensorState
from repsense.pipeline.bands import BandPair
from repsense.pipeline.orders import Engine, Orders
from repsense.pipeline.pipeline import Pipeline
from repsense.samples import LinkReport, LinkState, SampleBlock
from repsense.sinks.base import Notice, Sink
from repsense.sinks.mqtt.commands import Fields, OnCommand
from repsense.sources.base import Source, combined

_LOG = logging.getLogger(__name__)

# A sink that hands over its queue needs a moment; one that hangs must not keep the person waiting.
_SINK_STOP_S = 5.0

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class WearerJob:
    """One wearer: whose samples they are, where they come from, who counts them.

    Parameters
    ----------
    exercises
        Identifiers that commands may choose; None for those that come with RepSense.
    second
        The band on the other wrist. Both sources must share a clock, and the
        pipeline must be a :class:`~repsense.pipeline.bands.BandPair`.
    sides
        Where the two are worn. The second's blocks go to the sinks as those of
        ``<name>-<side>``; its reps are the wearer's.

    Attributes
    ----------
    on_order
        Called after each order, so that what it brings about is said at once.
    """

    name: str
    source: Source
    pipeline: Engine
    exercises: Sequence[str] | None = None
    second: Source | None = None
    sides: tuple[str, str] = ("left", "right")
    orders: Orders = field(init=False, compare=False)
    on_order: list[Callable[[], None]] = field(init=False, compare=False, default_factory=list)

    def __post_init__(self) -> None:
        object.__setattr__(self, "orders", Orders(self.pipeline, self.exercises))

    @property
    def sources(self) -> tuple[Source, ...]:
        """The wearer's one or two bands."""
        return (self.source,) if self.second is None else (self.source, self.second)

    def push(self, band: int, block: SampleBlock) -> list[Event]:
        """Take a band's samples and return what they complete."""
        if isinstance(self.pipeline, BandPair):
            self.pipeline.turn_to(band)
        return self.orders.push(block)


def warm_up() -> None:
    """Run a short made-up set through an engine of its own, so that everything is compiled.

    The first time on a machine this takes some 40 s, later less than one.
    Without it the wearer's first set would wait that long. What is loaded by then stays, and
    the garbage collector is told so: looking through it would hold a rep up by 100 ms.
    """
    t_s = np.arange(0.0, 30.0, 0.02)
    # Eight swings of the arm, 3 s each, after 6 s of standing still.
    angle = 0.5 * np.sin(2.0 * np.pi * t_s / 3.0) * (t_s > 6.0)
    accel_g = np.stack([np.sin(angle), np.zeros_like(angle), np.cos(angle)], axis=1)
    pipeline = Pipeline()
    pipeline.push(SampleBlock(t_s=t_s, accel_g=accel_g))
    pipeline.flush()
    gc.collect()
    gc.freeze()


def obey(wearers: Sequence[WearerJob]) -> OnCommand:
    """Return what carries out the commands of the MQTT sink.

    What it returns raises :class:`~repsense.errors.CommandError` where a command
    cannot be carried out; the error says why.
    """
    jobs = {job.name: job for job in wearers}

    def obeyed(wearer: str, command: str, fields: Fields) -> None:
        if wearer not in jobs:
            raise CommandError(f"Nobody called {wearer!r} is here.")
        carry_out(jobs[wearer].orders, command, fields)
        for say in tuple(jobs[wearer].on_order):
            say()

    return obeyed


def carry_out(orders: Orders, command: str, fields: Fields) -> None:
    """Carry out one command of :data:`repsense.sinks.mqtt.commands.COMMANDS`.

    Raises
    ------
    CommandError
        When it cannot be done: why.
    """
    exercise, reps = fields.get("exercise"), fields.get("reps")
    match command:
        case "start_set":
            orders.start_set(None if exercise is None else str(exercise))
        case "end_set":
            orders.end_set()
        case "undo_rep":
            orders.undo_rep()
        case "next_exercise":
            orders.next_exercise()
        case "exercise":
            orders.choose(None if exercise is None else str(exercise))
        case "target_reps" if isinstance(reps, int):
            orders.aim(reps)
        case "calibrate":
            orders.calibrate(None if exercise is None else str(exercise))
        case _:
            raise CommandError(f"The command {command!r} can do nothing here yet.")


async def run_service(
    wearers: Sequence[WearerJob],
    sinks: Sequence[Sink],
    *,
    say: Say,
    stop: asyncio.Event | None = None,
) -> None:
    """Serve all wearers until every source has ended, ``stop`` is set, or a signal arrives.

    1. Starts the sinks; one that cannot start is said and left out.
    2. Reads every source: blocks through the pipeline, reports as ``SensorState``.
    3. At the end, however it comes, finishes running sets and stops the sinks.

    SIGINT and SIGTERM end it cleanly; a second SIGINT ends it at once.

    Parameters
    ----------
    say
        Takes sentences for the person in front: the status line, or a log.
    stop
        Set it to end the service from inside.

    Raises
    ------
    RepSenseError
        When every wearer's source failed: the first failure.
    """
    stop = stop or asyncio.Event()
    outlet = _Outlet(sinks, say)
    with stop_on_signals(stop):
        await outlet.start()
        try:
            failures = await _serve_all(wearers, outlet, stop)
        finally:
            await outlet.stop()
    if failures and len(failures) == len(wearers):
        raise failures[0]


async def _serve_all(
    wearers: Sequence[WearerJob], outlet: "_Outlet", stop: asyncio.Event
) -> list[RepSenseError]:
    """Serve until all sources end or ``stop`` is set; return the errors of sources that failed."""
    tasks = [asyncio.create_task(_Wearer(job, outlet).serve()) for job in wearers]
    stopper = asyncio.create_task(_cancel_when(stop, tasks))
    results = await asyncio.gather(*tasks, return_exceptions=True)
    stopper.cancel()
    failures = [result for result in results if isinstance(result, RepSenseError)]
    for result in results:
        if isinstance(result, Exception) and not isinstance(result, RepSenseError):
            raise result  # a fault in the program: never hidden
    return failures


async def _cancel_when(stop: asyncio.Event, tasks: Sequence[asyncio.Task[None]]) -> None:
    await stop.wait()
    for task in tasks:
        task.cancel()


@contextlib.contextmanager
def stop_on_signals(stop: asyncio.Event) -> Iterator[None]:
    """Set ``stop`` at the first SIGINT or SIGTERM; the second one does what it always did."""
    loop = asyncio.get_running_loop()
    signals = (signal.SIGINT, signal.SIGTERM)

    def release() -> None:
        for number in signals:
            loop.remove_signal_handler(number)

    def first() -> None:
        stop.set()
        release()

    try:
        for number in signals:
            loop.add_signal_handler(number, first)
    except (NotImplementedError, RuntimeError):
        # Windows, or a loop outside the main thread: whoever owns the process sets `stop`.
        yield
        return
    try:
        yield
    finally:
        release()


@dataclass(slots=True)
class _Outlet:
    """All sinks as one that cannot fail: a fault is said once and the others go on."""

    sinks: Sequence[Sink]
    say: Say
    running: list[Sink] = field(default_factory=list)
    said: set[str] = field(default_factory=set)

    async def start(self) -> None:
        for sink in self.sinks:
            try:
                await sink.start()
            except Exception as error:  # noqa: BLE001 - no sink may keep the counting from starting
                self._complain(sink, error)
            else:
                self.running.append(sink)

    def give(self, notice: Notice) -> None:
        for sink in self.running:
            try:
                sink.take(notice)
            except Exception as error:  # noqa: BLE001 - no sink may stop the counting
                self._complain(sink, error)

    def give_block(self, wearer: str, block: SampleBlock) -> None:
        for sink in self.running:
            try:
                sink.take_block(wearer, block)
            except Exception as error:  # noqa: BLE001 - no sink may stop the counting
                self._complain(sink, error)

    async def stop(self) -> None:
        """Stop in reverse, so that the first sink (the screen) can still show what others say."""
        for sink in reversed(self.running):
            try:
                async with asyncio.timeout(_SINK_STOP_S):
                    await sink.stop()
            except TimeoutError:
                self.say(f"{type(sink).__name__} did not close within {_SINK_STOP_S:.0f} s.")
            except Exception as error:  # noqa: BLE001 - the other sinks must be closed too
                self._complain(sink, error)

    def _complain(self, sink: Sink, error: Exception) -> None:
        """Say a fault once: errors made for people as they are, others with a log entry."""
        message = str(error)
        if not isinstance(error, RepSenseError):
            message = (
                f"{type(sink).__name__} failed ({type(error).__name__}: {error}); please report it."
            )
        if message in self.said:
            return
        self.said.add(message)
        self.say(message)
        if not isinstance(error, RepSenseError):
            _LOG.error("%s", message, exc_info=error)


class _Wearer:
    """Moves one wearer's samples and events, and ties the device's clock to the wall's."""

    def __init__(self, job: WearerJob, outlet: _Outlet) -> None:
        self._job = job
        self._outlet = outlet
        self._newest_s = 0.0
        self._newest_at_utc = datetime.now(UTC)
        self._run_id = uuid.uuid4().hex
        self._events = 0
        self._reports: dict[str, LinkReport] = {}

    async def serve(self) -> None:
        """Read the sources to their end; a running set is finished however the end comes.

        Raises
        ------
        RepSenseError
            When the sources of all the wearer's bands failed: the first failure.
        """
        self._say_orders()  # what was taken up from before a restart
        self._job.on_order.append(self._say_orders)
        try:
            reading = [self._read(band, source) for band, source in enumerate(self._job.sources)]
            results = await asyncio.gather(*reading, return_exceptions=True)
        finally:
            self._job.on_order.remove(self._say_orders)
            self._publish(self._job.orders.flush())
        failures = [result for result in results if result is not None]
        faults = [fault for fault in failures if not isinstance(fault, RepSenseError)]
        if faults or len(failures) == len(results):
            raise (faults or failures)[0]

    async def _read(self, band: int, source: Source) -> None:
        stream = source.stream()
        try:
            async for item in stream:
                self._take(band, item)
                # A file read at full speed never waits by itself: sinks and signals need a turn.
                await asyncio.sleep(0)
        except RepSenseError as error:
            self._lost(band, source, str(error))
            raise
        except Exception as error:
            # The others go on, so that nobody would hear of it before the end of the service.
            self._lost(
                band, source, f"RepSense failed ({type(error).__name__}: {error}); please report it"
            )
            _LOG.exception("Counting for %s has ended", self._job.name)
            raise
        finally:
            await _close(stream)

    def _lost(self, band: int, source: Source, why: str) -> None:
        self._take(band, LinkReport(state=LinkState.LOST, sensor=source.name, detail=why))

    def _take(self, band: int, item: SampleBlock | LinkReport) -> None:
        side = self._job.sides[band]
        if isinstance(item, LinkReport):
            self._reports[side] = item
            self._publish([_sensor_state(combined(self._reports), self._newest_s)])
            return
        if len(item):
            self._newest_s = max(self._newest_s, float(item.t_s[-1]))
            self._newest_at_utc = datetime.now(UTC)
        name = self._job.name
        self._outlet.give_block(f"{name}-{side}" if band else name, item)
        self._publish(self._job.push(band, item))

    def _say_orders(self) -> None:
        """Publish what orders have brought about, whether or not samples come."""
        self._publish(self._job.orders.said())

    def _publish(self, events: Sequence[Event]) -> None:
        for event in events:
            self._events += 1
            self._outlet.give(
                Notice(
                    wearer=self._job.name,
                    event=event,
                    at_utc=self._time_of(event),
                    event_id=f"{self._run_id}-{self._events}",
                )
            )

    def _time_of(self, event: Event) -> datetime:
        if isinstance(event, Chosen):  # a person said so, perhaps long after the last sample
            return datetime.now(UTC)
        return self._newest_at_utc - timedelta(seconds=self._newest_s - event.announced_s)


def _sensor_state(report: LinkReport, announced_s: float) -> SensorState:
    return SensorState(
        sensor=report.sensor,
        state=report.state,
        detail=report.detail,
        announced_s=announced_s,
        battery_percent=report.battery_percent,
        rssi_dbm=report.rssi_dbm,
        lost_samples=report.lost_samples,
    )


async def _close(stream: AsyncIterator[SampleBlock | LinkReport]) -> None:
    """Close a generator that was left before its end, so that it lets go of its device."""
    aclose = getattr(stream, "aclose", None)
    if aclose is not None:
        await aclose()
