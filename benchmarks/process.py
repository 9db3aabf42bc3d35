"""Measure RepSense as a process: how soon it is there, how many it carries, what it takes.

    python benchmarks/process.py [--json] [--quick] [--wearers 500] [--only start live memory ...]

- *start*: from the call to the end of ``repsense --help``; of ``repsense run``, to the message on
  MQTT that it is online, its kernels being in the cache. A bare interpreter in the same run.
- *live*: wearers in one process in real time, a packet of 10 samples each at 50 Hz, every wearer at
  another place of the same workout. The delay of an event runs from the moment its packet was due.
  More and more wearers until the 99th percentile is over 0.1 s or as many as asked for are carried.
- *memory*: what one more wearer takes, and one wearer's whole state over a simulated day.
- *mqtt*: from a packet handed to the link's callback to the subscriber's callback, through a real
  Mosquitto, with four bands of 100 Hz in real time.
"""

import argparse
import asyncio
import json
import os
import pickle
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncGenerator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import latency
import numpy as np
from options import add_json, described
from paho.mqtt import client as paho
from paho.mqtt.enums import CallbackAPIVersion
from pipeline import memory_of

from repsense.pipeline.pipeline import Pipeline
from repsense.recording.format import read_recording
from repsense.samples import LinkReport, LinkState, SampleBlock
from repsense.service import WearerJob, run_service, warm_up
from repsense.sinks.base import Notice
from repsense.sinks.mqtt.broker import provide_broker
from repsense.sinks.mqtt.settings import BrokerSettings
from repsense.sinks.mqtt.sink import MqttSink

ROOT = Path(__file__).resolve().parent.parent
WORKOUT = ROOT / "recordings" / "workout.csv.gz"
RATE_HZ, PER_PACKET = 50.0, 10
ALLOWED_S = 0.100
PATIENCE_S = 120.0
_FURTHER_TRIES = 2
SECTIONS = ("start", "live", "memory", "mqtt")

Found = dict[str, float]


def main() -> None:
    """Run the benchmark."""
    parser = described(__doc__)
    add_json(parser)
    parser.add_argument("--quick", action="store_true", help="shorter, for a first look")
    parser.add_argument("--wearers", type=int, default=500, help="the most to be tried live")
    parser.add_argument("--only", nargs="+", choices=SECTIONS, default=SECTIONS)
    options = parser.parse_args()
    warm_up()
    found: dict[str, Found] = {}
    for section in options.only:
        found[section] = globals()[f"measure_{section}"](options)
        if not options.json:
            print(f"{section}:")
            for what, measured in found[section].items():
                print(f"  {what:34} {measured:12,.4g}", flush=True)
    if options.json:
        print(json.dumps(found))


# -- start ---------------------------------------------------------------------------------------


def measure_start(options: argparse.Namespace) -> Found:
    """Return how long it takes to be there, s."""
    turns = 5 if options.quick else 11
    helping, bare, working = list[float](), list[float](), list[float]()
    for _ in range(turns):  # in turns, so that a busy moment hits both
        before_s = _children_s()
        helping.append(_seconds("-m", "repsense", "--help"))
        working.append(_children_s() - before_s)
        bare.append(_seconds("-c", "pass"))
    online = [_until_online() for _ in range(2 if options.quick else 5)]
    return {
        "help_s": float(np.median(helping)),
        "help_cpu_s": float(np.median(working)),
        "bare_python_s": float(np.median(bare)),
        "run_online_s": float(np.median(online)),
    }


def _seconds(*words: str) -> float:
    began_s = time.perf_counter()
    subprocess.run([sys.executable, *words], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began_s


def _children_s() -> float:
    """Return the time of a core that ended child processes have taken, s."""
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


def _until_online() -> float:
    """Return how long ``repsense run`` takes until its broker knows that it is online, s."""
    return asyncio.run(_online())


async def _online() -> float:
    heard: asyncio.Queue[float] = asyncio.Queue()
    loop = asyncio.get_running_loop()
    async with provide_broker(BrokerSettings()) as broker:
        port = broker.settings.effective_port
        with (
            tempfile.TemporaryDirectory() as folder,
            _subscriber(port, ("repsense/bridge/state",)) as ear,
        ):
            ear.on_message = lambda *_: loop.call_soon_threadsafe(
                heard.put_nowait, time.perf_counter()
            )
            config = Path(folder) / "config.yaml"
            config.write_text(
                f"broker: {{host: 127.0.0.1, port: {port}}}\n"
                "wearers: [{name: anna, bands: [{via: gateway}]}]\n",
                "utf-8",
            )
            words = ["run", "--config", str(config), "--data-dir", folder]
            began_s = time.perf_counter()
            child = await asyncio.create_subprocess_exec(
                *[sys.executable, "-m", "repsense", *words],
                cwd=ROOT,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            try:
                async with asyncio.timeout(PATIENCE_S):
                    return await heard.get() - began_s
            finally:
                child.terminate()
                await child.wait()


@contextmanager
def _subscriber(port: int, topics: tuple[str, ...]) -> Iterator[paho.Client]:
    client = paho.Client(CallbackAPIVersion.VERSION2)
    client.on_connect = lambda c, *_: c.subscribe([(topic, 1) for topic in topics])
    client.connect("127.0.0.1", port)
    client.loop_start()
    try:
        yield client
    finally:
        client.disconnect()
        client.loop_stop()


# -- live ----------------------------------------------------------------------------------------


@dataclass
class Timed:
    """A source in real time, which notes when each packet was due."""

    block: SampleBlock
    begin_s: float
    due_s: float = 0.0
    name: str = "timed"

    async def stream(self) -> AsyncGenerator[SampleBlock | LinkReport, None]:
        """Yield each packet when it is due."""
        yield LinkReport(state=LinkState.STREAMING, sensor=self.name)
        loop = asyncio.get_running_loop()
        for piece in self.block.cut(PER_PACKET):
            due_s = self.begin_s + float(piece.t_s[-1] - self.block.t_s[0])
            await asyncio.sleep(max(due_s - loop.time(), 0.0))
            self.due_s = due_s
            yield piece


@dataclass
class Delays:
    """Notes how late each event is."""

    sources: dict[str, Timed]
    events_s: list[float] = field(default_factory=list)
    blocks_s: list[float] = field(default_factory=list)

    async def start(self) -> None:
        """Need nothing."""

    def take(self, notice: Notice) -> None:
        """Take the time of an event that a packet completed."""
        source = self.sources[notice.wearer]
        if source.due_s:
            self.events_s.append(asyncio.get_running_loop().time() - source.due_s)

    def take_block(self, wearer: str, block: SampleBlock) -> None:
        """Take the time of every packet, before it is counted."""
        self.blocks_s.append(asyncio.get_running_loop().time() - self.sources[wearer].due_s)

    async def stop(self) -> None:
        """Need nothing."""


def measure_live(options: argparse.Namespace) -> Found:
    """Return how many wearers are carried, and at what price."""
    seconds = 10.0 if options.quick else 30.0
    alone = asyncio.run(_live(1, 20.0 if options.quick else 60.0, rate_hz=52.0))
    found = {"one_52hz_wearer_of_core": alone["of_core"]}
    carried: Found = {"wearers": 0.0}
    for wearers in _steps(50 if options.quick else 25, options.wearers):
        # The best of some: a moment when the machine is busy with others must not end it.
        tried = asyncio.run(_live(wearers, seconds))
        for _ in range(_FURTHER_TRIES):
            if tried["p99_s"] > ALLOWED_S:
                tried = min(
                    tried, asyncio.run(_live(wearers, seconds)), key=lambda one: one["p99_s"]
                )
        if not options.json:
            print("   ", {key: round(fact, 4) for key, fact in tried.items()}, flush=True)
        if tried["p99_s"] > ALLOWED_S:
            found |= {f"refused_{key}": fact for key, fact in tried.items()}
            break
        carried = tried
    return found | {f"carried_{key}": fact for key, fact in carried.items()}


def _steps(wearers: int, most: int) -> Iterator[int]:
    """Yield twice as many wearers each time, the last time as many as wanted."""
    while wearers < most:
        yield wearers
        wearers *= 2
    yield most


async def _live(wearers: int, seconds: float, rate_hz: float = RATE_HZ) -> Found:
    workout = read_recording(WORKOUT).block
    loop = asyncio.get_running_loop()
    begin_s = loop.time() + 1.0 + 0.002 * wearers  # the time that the start takes
    sources = {
        f"wearer{number}": Timed(
            _piece(workout, seconds, number, rate_hz),
            # Packets of different wearers are due at different times.
            begin_s + (number / wearers) * PER_PACKET / rate_hz,
        )
        for number in range(wearers)
    }
    jobs = [
        WearerJob(name=name, source=source, pipeline=Pipeline()) for name, source in sources.items()
    ]
    delays = Delays(sources)
    began_s = time.process_time()
    await run_service(jobs, [delays], say=print)
    spent_s = time.process_time() - began_s
    # The last packets are counted with the end of all streams, which waits for nobody.
    return {
        "wearers": float(wearers),
        "of_core": spent_s / seconds,
        "events": float(len(delays.events_s)),
        "p50_s": float(np.median(delays.events_s)) if delays.events_s else 0.0,
        "p99_s": float(np.percentile(delays.events_s, 99)) if delays.events_s else 0.0,
        "packets_p99_s": float(np.percentile(delays.blocks_s, 99)),
    }


def _piece(workout: SampleBlock, seconds: float, number: int, rate_hz: float) -> SampleBlock:
    """Return a piece of the workout, for every wearer another, as if worn another way."""
    room_s = float(workout.t_s[-1] - workout.t_s[0]) - seconds
    block = latency.at_rate(workout, rate_hz, seconds, 0)
    begin_s = float(workout.t_s[0]) + (37.0 * number) % room_s
    t_s = begin_s + block.t_s - block.t_s[0]
    columns = [np.interp(t_s, workout.t_s, workout.accel_g[:, axis]) for axis in range(3)]
    return SampleBlock(t_s=t_s, accel_g=np.stack(columns, axis=1))


# -- memory --------------------------------------------------------------------------------------


def measure_memory(options: argparse.Namespace) -> Found:
    """Return what a wearer takes, bytes, and how that changes over a day."""
    workout = read_recording(WORKOUT).block
    one_more = memory_of(workout.part(0, int(60.0 * RATE_HZ)), wearers=50)
    hours = 2 if options.quick else 24
    sizes, resident = _day(workout, hours)
    return {
        "fresh_bytes": float(one_more.fresh_bytes),
        "used_bytes": float(one_more.used_bytes),
        "hours": float(hours),
        "state_after_1_h_bytes": float(sizes[0]),
        "state_at_the_end_bytes": float(sizes[-1]),
        "state_most_bytes": float(max(sizes)),
        "process_grew_bytes": float(resident[-1] - resident[0]),
    }


def _day(workout: SampleBlock, hours: int) -> tuple[list[int], list[int]]:
    """Return state and process after each hour of workouts without a pause."""
    pipeline = Pipeline()
    step_s = 1.0 / RATE_HZ
    long_s = float(workout.t_s[-1] - workout.t_s[0]) + step_s
    sizes, resident = list[int](), list[int]()
    turn, newest_s = 0, 0.0
    for hour in range(1, hours + 1):
        while newest_s < 3600.0 * hour:
            for block in workout.cut(int(RATE_HZ)):
                t_s = block.t_s - workout.t_s[0] + turn * long_s
                pipeline.push(SampleBlock(t_s=t_s, accel_g=block.accel_g))
                newest_s = float(t_s[-1])
            turn += 1
        sizes.append(len(pickle.dumps(pipeline)))
        resident.append(_resident_bytes())
    return sizes, resident


def _resident_bytes() -> int:
    if sys.platform != "linux":
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # the most so far, elsewhere
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


# -- notification to MQTT ------------------------------------------------------------------------


@dataclass
class Notified:
    """Notes, before any other sink, which packet completed an event."""

    watch: latency.Stopwatch
    notified_s: dict[str, float] = field(default_factory=dict)

    async def start(self) -> None:
        """Need nothing."""

    def take(self, notice: Notice) -> None:
        """Remember when the packet came."""
        self.watch.take(notice)
        number = self.watch.numbers.get(notice.wearer, -1)
        if number >= 0 and not self.watch.air.over.is_set():
            self.notified_s[notice.event_id] = self.watch.air.notified_s[number]

    def take_block(self, wearer: str, block: SampleBlock) -> None:
        """Ignore samples."""

    async def stop(self) -> None:
        """Need nothing."""


def measure_mqtt(options: argparse.Namespace) -> Found:
    """Return how long it takes from a notification to a subscriber, s."""
    delays_s = asyncio.run(_notification_to_mqtt(4, 100.0, 60.0 if options.quick else 180.0))
    return {
        "events": float(len(delays_s)),
        "p50_s": float(np.median(delays_s)),
        "p99_s": float(np.percentile(delays_s, 99)),
        "most_s": max(delays_s),
    }


async def _notification_to_mqtt(bands: int, rate_hz: float, seconds: float) -> list[float]:
    latency.registry.drivers = lambda: (latency.Plain(rate_hz),)
    air, jobs = latency.air_and_jobs(bands, rate_hz, seconds)
    notified = Notified(latency.Stopwatch(air))
    heard_s: dict[str, float] = {}

    def hear(_c: object, _u: object, message: paho.MQTTMessage) -> None:
        now_s = time.perf_counter()
        fields: dict[str, Any] = json.loads(message.payload)
        heard_s.setdefault(fields["id"], now_s)

    async with provide_broker(BrokerSettings()) as broker:
        with _subscriber(
            broker.settings.effective_port, ("repsense/+/rep", "repsense/+/set")
        ) as ear:
            ear.on_message = hear
            stop = asyncio.Event()
            ending = asyncio.create_task(latency.stop_after(air.over, stop))
            sink = MqttSink(broker.settings, wearers=[job.name for job in jobs])
            await run_service(jobs, [notified, sink], say=lambda _: None, stop=stop)
            await ending
    return [heard_s[key] - at_s for key, at_s in notified.notified_s.items() if key in heard_s]


if __name__ == "__main__":
    main()
