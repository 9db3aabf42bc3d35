"""How long it takes from a notification to the event it completes, inside this process.

Four bands of 100 Hz, each a wearer with an engine of its own, in real time and in
one event loop, as ``repsense run`` serves them. A packet of five samples is handed
to the link's callback; the clock stops when a sink is given the event. Only events
that a packet of the very same wearer completed count.

    python benchmarks/latency.py [--bands 4] [--rate 100] [--seconds 120] [--json]
"""

import asyncio
import json
import struct
import sys
import time
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from options import add_json, described

from repsense.events import RepFinished, SensorState
from repsense.pipeline.pipeline import Pipeline
from repsense.recording.format import read_recording
from repsense.samples import FloatArray, SampleBlock
from repsense.service import WearerJob, run_service, warm_up
from repsense.sinks.base import Notice
from repsense.sources.ble import registry
from repsense.sources.ble.drivers.base import (
    Advert,
    Batch,
    Feedback,
    Notification,
    Script,
    Subscribe,
    Timing,
)
from repsense.sources.ble.radio import Sighting
from repsense.sources.ble.source import BleSource, InUse

TARGET_S = 0.020
PER_PACKET = 5
# How far the wearers are apart in the same workout.
APART_S = 7.3
DATA = "7e570002-0000-4000-8000-00805f9b34fb"
WORKOUT = Path(__file__).resolve().parent.parent / "recordings" / "workout.csv.gz"
HEAD = struct.Struct("<d")


@dataclass(frozen=True)
class Plain:
    """A driver with next to no work of its own: time of the first sample, then 32-bit floats."""

    rate_hz: float
    id: str = "plain"
    title: str = "Plain band"
    timing: Timing = Timing.DEVICE
    services: frozenset[str] = frozenset()

    def claims(self, advert: Advert) -> bool:
        """Take every band."""
        return True

    def start(self) -> Script:
        """Subscribe."""
        yield Subscribe(DATA)

    def stop(self) -> Script:
        """Need no word."""
        yield from ()

    def feedback(self, kind: Feedback) -> Script | None:
        """Feel nothing."""
        return None

    def decoder(self) -> "Plain":
        """Decode without state."""
        return self

    def feed(self, notification: Notification) -> list[Batch]:
        """Return the samples."""
        (first_s,) = HEAD.unpack_from(notification.data)
        accel_g = np.frombuffer(notification.data[HEAD.size :], "<f4").reshape(-1, 3)
        device_s = first_s + np.arange(len(accel_g)) / self.rate_hz
        return [Batch(accel_g=accel_g.astype(np.float64), device_s=device_s)]


@dataclass
class Air:
    """A radio that hears so many bands; each plays when it is subscribed to."""

    blocks: list[SampleBlock]
    rate_hz: float
    notified_s: dict[int, float] = field(default_factory=dict)
    over: asyncio.Event = field(default_factory=asyncio.Event)
    tasks: list["asyncio.Task[None]"] = field(default_factory=list)

    async def sightings(self) -> AsyncGenerator[Sighting, None]:
        """Hear each band in turn."""
        while True:
            for number in range(len(self.blocks)):
                yield Sighting(advert=Advert(address=str(number)), handle=number)
            await asyncio.sleep(0.01)

    async def connect(self, sighting: Sighting, on_drop: Callable[[], None]) -> "Wire":
        """Connect at once."""
        return Wire(self, int(sighting.advert.address))


@dataclass
class Wire:
    """A connection to one band."""

    air: Air
    number: int

    async def subscribe(self, characteristic: str, take: Callable[[bytes], None]) -> None:
        """Begin to play."""
        self.air.tasks.append(asyncio.create_task(self._play(take)))

    async def unsubscribe(self, characteristic: str) -> None:
        """Play on."""

    async def write(self, characteristic: str, data: bytes, *, response: bool) -> None:
        """Ignore it."""

    async def read(self, characteristic: str) -> bytes:
        """Return nothing."""
        return b""

    async def close(self) -> None:
        """Stay."""

    async def _play(self, take: Callable[[bytes], None]) -> None:
        loop, block = asyncio.get_running_loop(), self.air.blocks[self.number]
        begun_s = loop.time() - float(block.t_s[0])
        for piece in block.cut(PER_PACKET):
            await asyncio.sleep(max(begun_s + float(piece.t_s[-1]) - loop.time(), 0.0))
            data = HEAD.pack(float(piece.t_s[0])) + piece.accel_g.astype("<f4").tobytes()
            self.air.notified_s[self.number] = time.perf_counter()
            take(data)
        self.air.over.set()


@dataclass
class Stopwatch:
    """Stops when an event comes."""

    air: Air
    numbers: dict[str, int] = field(default_factory=dict)
    reps_s: list[float] = field(default_factory=list)
    all_s: list[float] = field(default_factory=list)

    async def start(self) -> None:
        """Need nothing."""

    def take(self, notice: Notice) -> None:
        """Take the time of an event."""
        if isinstance(notice.event, SensorState):
            self.numbers[notice.wearer] = (
                int(notice.event.sensor.rpartition("(")[2].rstrip(")"))
                if notice.event.sensor.endswith(")")
                else -1
            )
            return
        if self.air.over.is_set():
            return  # what the end of the stream completes waits for no packet
        took_s = time.perf_counter() - self.air.notified_s[self.numbers[notice.wearer]]
        self.all_s.append(took_s)
        if isinstance(notice.event, RepFinished):
            self.reps_s.append(took_s)

    def take_block(self, wearer: str, block: SampleBlock) -> None:
        """Take the time of every block too: most complete no event."""
        if self.numbers.get(wearer, -1) >= 0:
            self.all_s.append(time.perf_counter() - self.air.notified_s[self.numbers[wearer]])

    async def stop(self) -> None:
        """Need nothing."""


def at_rate(block: SampleBlock, rate_hz: float, seconds: float, number: int) -> SampleBlock:
    """Return a piece of a workout at another rate: nobody lifts in step with the next one."""
    begin_s, turn = block.t_s[0] + APART_S * number, 0.5 * number
    t_s = np.arange(begin_s, begin_s + seconds, 1.0 / rate_hz)
    columns = [np.interp(t_s, block.t_s, block.accel_g[:, axis]) for axis in range(3)]
    accel_g: FloatArray = np.stack(columns, axis=1)
    rotation = np.array(
        [[np.cos(turn), -np.sin(turn), 0.0], [np.sin(turn), np.cos(turn), 0.0], [0.0, 0.0, 1.0]]
    )
    return SampleBlock(t_s=t_s, accel_g=accel_g @ rotation.T)


def _say(text: str) -> None:
    print(text, file=sys.stderr)


def air_and_jobs(bands: int, rate_hz: float, seconds: float) -> tuple[Air, list[WearerJob]]:
    """Return bands that are about to play, and who wears them."""
    workout = read_recording(WORKOUT).block
    air = Air([at_rate(workout, rate_hz, seconds, i) for i in range(bands)], rate_hz)
    in_use, origin_s = InUse(), asyncio.get_running_loop().time()
    return air, [
        WearerJob(
            name=f"wearer{number}",
            source=BleSource(air, in_use=in_use, origin_s=origin_s),
            pipeline=Pipeline(),
        )
        for number in range(bands)
    ]


async def stop_after(over: asyncio.Event, stop: asyncio.Event) -> None:
    """Stop when what the last packets complete has had time to be said."""
    await over.wait()
    await asyncio.sleep(0.5)
    stop.set()


async def measure(bands: int, rate_hz: float, seconds: float) -> Stopwatch:
    air, jobs = air_and_jobs(bands, rate_hz, seconds)
    watch, stop = Stopwatch(air), asyncio.Event()
    ending = asyncio.create_task(stop_after(air.over, stop))
    await run_service(jobs, [watch], say=_say, stop=stop)
    await ending
    return watch


def main() -> None:
    parser = described(__doc__)
    parser.add_argument("--bands", type=int, default=4)
    parser.add_argument("--rate", type=float, default=100.0)
    parser.add_argument("--seconds", type=float, default=120.0)
    add_json(parser)
    words = parser.parse_args()
    plain = Plain(words.rate)
    registry.drivers = lambda: (plain,)
    warm_up()
    watch = asyncio.run(measure(words.bands, words.rate, words.seconds))
    if not watch.reps_s:
        sys.exit(f"No rep was counted within {words.seconds:g} s: give the sets more --seconds.")
    figures = {"rep events": figures_of(watch.reps_s), "all samples": figures_of(watch.all_s)}
    worst_ms = max(one["p99_ms"] for one in figures.values())
    kept = worst_ms <= 1e3 * TARGET_S
    if words.json:
        given = {"bands": words.bands, "rate_hz": words.rate, "seconds": words.seconds}
        target = {"target_ms": 1e3 * TARGET_S, "kept": kept}
        print(json.dumps(given | {"delays": figures} | target, indent=1))
        raise SystemExit(0 if kept else 1)
    print(f"{words.bands} bands at {words.rate:g} Hz for {words.seconds:g} s, in real time")
    for name, one in figures.items():
        print(
            f"{name:<12} {one['count']:>6}   "
            + "   ".join(f"{share} {one[f'{share}_ms']:.2f} ms" for share in ("p50", "p99", "max"))
        )
    print(f"target: p99 at most {1e3 * TARGET_S:.0f} ms: {'kept' if kept else 'MISSED'}")
    raise SystemExit(0 if kept else 1)


def figures_of(taken_s: list[float]) -> dict[str, float]:
    """Return how many there are, their median, 99th percentile and maximum in ms."""
    p50, p99, most = (round(1e3 * float(np.percentile(taken_s, at)), 3) for at in (50, 99, 100))
    return {"count": len(taken_s), "p50_ms": p50, "p99_ms": p99, "max_ms": most}


if __name__ == "__main__":
    main()
