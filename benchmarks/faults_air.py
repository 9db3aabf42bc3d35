"""A band with faults on a radio made of nothing, and the whole way from it to the events."""

import asyncio
import random
import struct
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from fake_radio import DATA, FakeBand, FakeDecoder, FakeDriver, FakeRadio
from faults_table import Place
from virtual_time import run_virtually

from repsense.errors import DecodeError
from repsense.events import Event, RepFinished, SensorState, SetFinished
from repsense.pipeline.pipeline import Pipeline
from repsense.recording.format import read_recording
from repsense.recording.labels import Labels, labels_path, read_labels
from repsense.samples import LinkState, SampleBlock
from repsense.service import WearerJob, run_service
from repsense.simulator import WorkoutSet, simulate_workout
from repsense.sinks.base import Notice
from repsense.sources.ble import registry
from repsense.sources.ble.drivers.base import Batch, Notification, Timing
from repsense.sources.ble.plausible import STANDARD_GRAVITY_MPS2, g_from_mps2
from repsense.sources.ble.source import BleSource

RECORDINGS = Path(__file__).resolve().parent.parent / "recordings"
EXERCISES = ("front_raise", "overhead_press", "press_back", "lat_pulldown", "reverse_grip_row")
# What the person does while the last set is gone over and the connection is closed, s.
_AFTERWARDS_S = 3.0
_MPS2 = np.float32(STANDARD_GRAVITY_MPS2)
_HEAD = struct.Struct("<dd")

#: Packets as they leave the band -> what arrives, each with its delay, s.
Air = Callable[[float, bytes], Sequence[tuple[float, bytes]]]


def clean(_: float, packet: bytes) -> list[tuple[float, bytes]]:
    """Let every packet arrive as it is, at once."""
    return [(0.0, packet)]


@dataclass
class FaultyBand(FakeBand):
    """A band whose packets go through ``air``.

    Parameters
    ----------
    clock_s
        Added to the band's own clock; a reboot sets it.
    """

    air: Air = clean
    clock_s: float = 0.0

    async def play(self) -> None:
        """Measure from now on, and notify as :class:`FakeBand` does, through the air."""
        loop = asyncio.get_running_loop()
        self.begun_s = loop.time() - float(self.block.t_s[0])
        for start in range(0, len(self.block), self.per_packet):
            piece = self.block.part(start, start + self.per_packet)
            await asyncio.sleep(max(self.begun_s + float(piece.t_s[-1]) - loop.time(), 0.0))
            if self.connection is None or not self.connection.streaming or self.mute:
                continue
            interval_s = float(np.diff(piece.t_s).mean()) if len(piece) > 1 else 0.02
            data = _HEAD.pack(float(piece.t_s[0]) + self.clock_s, interval_s)
            data += piece.accel_g.astype("<f4").tobytes()
            for delay_s, arriving in self.air(float(piece.t_s[0]), data):
                self._send(loop, delay_s, arriving)
        self.over.set()

    def _send(self, loop: asyncio.AbstractEventLoop, delay_s: float, data: bytes) -> None:
        if delay_s <= 0.0:
            self._arrive(data)
        else:
            loop.call_later(delay_s, self._arrive, data)

    def _arrive(self, data: bytes) -> None:
        if self.connection is not None and self.connection.streaming:
            self.connection.notify(DATA, data)


class _Decoder(FakeDecoder):
    """Refuses what no chip can have measured, as every real driver does."""

    def __init__(self, timing: Timing) -> None:
        self._timed = timing is Timing.DEVICE

    def feed(self, notification: Notification) -> list[Batch]:
        """Return the samples, with their times where the sensor sends them."""
        if len(notification.data) < _HEAD.size:
            raise DecodeError("FakeBand sent too few bytes.")
        with np.errstate(all="ignore"):  # a signalling NaN, or 1e38 times 10
            batches = self._checked(super().feed(notification))
        return batches if self._timed else [replace(one, device_s=None) for one in batches]

    def _checked(self, batches: list[Batch]) -> list[Batch]:
        for one in batches:
            g_from_mps2(one.accel_g.astype("<f4") * _MPS2, title="FakeBand")
        return batches


@dataclass(frozen=True, slots=True)
class Driver(FakeDriver):
    """The fake band's driver; with ``Timing.EVEN`` its samples carry no time."""

    def decoder(self) -> FakeDecoder:
        """Return a decoder that checks."""
        return _Decoder(self.timing)


@dataclass
class Scene:
    """One session over the air, and what became of it."""

    band: FaultyBand
    radio: FakeRadio
    blocks: list[SampleBlock] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    states: list[tuple[float, LinkState, str]] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    watch: Callable[[Notice], None] | None = None

    async def start(self) -> None:
        """Need nothing."""

    def take(self, notice: Notice) -> None:
        """Keep an event, and when it came on the wearer's clock."""
        self.events.append(notice.event)
        if self.watch is not None:
            self.watch(notice)
        if isinstance(notice.event, SensorState):
            now_s = asyncio.get_running_loop().time() - (self.band.begun_s or 0.0)
            self.states.append((now_s, notice.event.state, notice.event.detail))

    def take_block(self, wearer: str, block: SampleBlock) -> None:
        """Keep the samples."""
        del wearer
        self.blocks.append(block)

    async def stop(self) -> None:
        """Need nothing."""

    @property
    def sets(self) -> list[SetFinished]:
        """The finished sets that are some."""
        return [one for one in self.events if isinstance(one, SetFinished) and one.reps]

    @property
    def t_s(self) -> np.ndarray:
        """Every sample's time on the stream's clock."""
        return np.concatenate([block.t_s for block in self.blocks])

    def seen_after_s(self, state: LinkState, at_s: float) -> float:
        """Return how long after a moment the state was said; NaN if never."""
        return next(
            (t - at_s for t, one, _ in self.states if one is state and t > at_s - 0.01), np.nan
        )

    def sound(self) -> list[str]:
        """Return what may never be, whatever the fault."""
        wrong = []
        if self.blocks and not (np.diff(self.t_s) > 0).all():
            wrong.append("time ran backwards")
        reps = [(e.set, e.rep) for e in self.events if isinstance(e, RepFinished)]
        final = [
            (e.set, e.rep) for e in self.events if isinstance(e, RepFinished) and not e.provisional
        ]
        if len(final) != len(set(final)):
            wrong.append("a rep was said twice")
        if any(
            e.announced_s < e.measured.start_s for e in self.events if isinstance(e, RepFinished)
        ):
            wrong.append("a rep was said before it was")
        numbers = [one.set for one in self.sets]
        if len(numbers) != len(set(numbers)) or (not reps and numbers):
            wrong.append("a set was finished twice")
        if any("please report it" in text for text in self.said):
            wrong.append(f"a sink failed: {self.said}")
        return wrong


#: What else happens meanwhile, in virtual time.
Script = Callable[[Scene], Coroutine[None, None, None]]


@contextmanager
def _only(driver: Driver) -> Iterator[None]:
    before, registry.drivers = registry.drivers, lambda: (driver,)
    try:
        yield
    finally:
        registry.drivers = before


def over_the_air(
    block: SampleBlock,
    *,
    air: Air = clean,
    script: "Script | None" = None,
    driver: Driver | None = None,
    watch: Callable[[Notice], None] | None = None,
) -> Scene:
    """Count a band live in virtual time, with its faults, and return what came of it."""
    band = FaultyBand(block, air=air)
    scene = Scene(band, FakeRadio([band]), watch=watch)

    async def main() -> None:
        band.over, stop = asyncio.Event(), asyncio.Event()
        job = WearerJob(name="anna", source=BleSource(scene.radio), pipeline=Pipeline())
        serving = asyncio.create_task(run_service([job], [scene], say=scene.said.append, stop=stop))
        playing = asyncio.create_task(band.play())
        more = asyncio.create_task(script(scene)) if script else None
        await band.over.wait()
        await asyncio.sleep(_AFTERWARDS_S)
        stop.set()
        await serving
        playing.cancel()
        if more is not None:
            more.cancel()
            await asyncio.gather(more, return_exceptions=True)

    with _only(driver or Driver()):
        run_virtually(main())
    return scene


@dataclass(frozen=True, slots=True)
class Session:
    """Two sets that were lifted, the truth about them, and what is counted without a fault."""

    block: SampleBlock
    labels: Labels
    counted: tuple[SetFinished, ...]

    @property
    def reps(self) -> list[int]:
        """What is counted of each lifted set without a fault."""
        return self.reps_of(self.counted)

    def reps_of(self, finished: Sequence[SetFinished]) -> list[int]:
        """Return the reps of all sets that overlap each lifted one.

        The stream begins with the session, so that both have the same clock.
        """
        return [
            sum(
                one.reps
                for one in finished
                if one.start_s < true.end_s and true.start_s < one.end_s
            )
            for true in self.labels.sets
        ]

    def inside_s(self, number: int) -> float:
        """Return the middle of a lifted set."""
        return (self.labels.sets[number].start_s + self.labels.sets[number].end_s) / 2.0

    def after_s(self, number: int) -> float:
        """Return a moment of the rest after a lifted set, when it is finished."""
        return self.labels.sets[number].end_s + 12.0


def session(chance: random.Random, place: Place) -> Session:
    """Return two sets of some exercises by some person; in short, a set that comes along."""
    block, labels = _bundled(chance.choice(EXERCISES)) if place.short else _lifted(chance)
    pipeline = Pipeline()
    events = [*pipeline.push(block), *pipeline.flush()]
    counted = tuple(one for one in events if isinstance(one, SetFinished) and one.reps)
    return Session(block, labels, counted)


def _bundled(exercise: str) -> tuple[SampleBlock, Labels]:
    path = RECORDINGS / f"{exercise}.csv.gz"
    return read_recording(path).block, read_labels(labels_path(path))


def _lifted(chance: random.Random) -> tuple[SampleBlock, Labels]:
    plan = tuple(
        WorkoutSet(exercise_id=chance.choice(EXERCISES), reps=chance.randint(6, 10), rest_s=40.0)
        for _ in range(2)
    )
    made = simulate_workout(plan, seed=chance.randrange(1 << 30))
    return made.block, made.labels
