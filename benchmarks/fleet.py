"""Measure a fleet of counting workers on a Ray cluster of two nodes, and kill some of it.

    python benchmarks/fleet.py [--wearers 2000] [--seconds 60] [--workers 2] [--json]
    python benchmarks/fleet.py --quick

Everything is on this machine: a Mosquitto with persistent sessions, two Ray nodes (raylets of
one core each) beside the head, the workers, and one process that is all gateways and listens.

1. *Costs*: what a wearer takes of a core, how large a snapshot is and what it costs.
2. *Growth*: the broker is filled while no worker runs; then 1, 2 and 4 workers empty it.
3. *Kills*: as many wearers as asked for, at 60 % of the speed measured before; at a third of the
   way a worker is killed with SIGKILL, at two thirds a node. Every rep and set is compared with
   what an undisturbed line says.
"""

import argparse
import contextlib
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from fleet_streams import PATIENCE_S, Gym, Stream, Verdict, delays_s, judge, streams
from options import add_json, described

from repsense.batches import decode
from repsense.cluster import connected
from repsense.fleet.actors import Fleet, launch
from repsense.fleet.line import Line
from repsense.fleet.settings import FleetSettings, WorkerFacts
from repsense.fleet.snapshot import pack, unpack
from repsense.fleet.store import Store
from repsense.pipeline.pipeline import Pipeline
from repsense.service import warm_up
from repsense.sinks.mqtt.mosquitto import find_mosquitto, free_port
from repsense.sinks.mqtt.settings import BrokerSettings

DIFFERENT = 12  # streams; wearers share them
CORES = 0.4  # of a node for each worker, so that both fit on the node that is left
SHARE = 0.6  # of what the workers can do is asked of them while they are killed


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """What one wearer takes of a worker.

    Parameters
    ----------
    wearers_a_core
        At the rate of the streams, in messages of ``span_s``, without publishing.
    decode_us
        Reading a message.
    take_us
        All of a message: reading, placing in time, counting.
    snapshot_bytes
        On disk.
    pack_ms, save_ms, unpack_ms
        Making, writing and reading it.
    """

    span_s: float
    wearers_a_core: float
    decode_us: float
    take_us: float
    snapshot_bytes: int
    pack_ms: float
    save_ms: float
    unpack_ms: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Growth:
    """How fast some workers empty a full broker.

    Parameters
    ----------
    times_real_time
        Seconds of wearers counted in a second.
    cpu_per_wearer_s
        Time of a core that a worker takes for a second of a wearer, snapshots and MQTT included.
    filled_messages_per_s
        How fast the broker took the messages, from one client, while nobody counted.
    """

    workers: int
    wearers: int
    seconds: float
    times_real_time: float
    against_one: float
    cpu_per_wearer_s: float
    filled_messages_per_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Kill:
    """What a death cost.

    Parameters
    ----------
    processes
        Workers that died with it.
    silent_s
        Until all partitions were counted again.
    caught_up_s
        Until nothing waited any more.
    """

    what: str
    processes: int
    silent_s: float
    caught_up_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """The run with deaths in it."""

    speed: float
    seconds: float
    kills: tuple[Kill, ...]
    verdict: Verdict
    delay_median_s: float
    delay_p99_s: float
    restored: int


def main() -> int:
    """Run the benchmark; 1 where a rep was lost or doubled."""
    options = _options()
    warm_up()
    # Ray writes of workers that die, as they shall here, to where the figures go.
    with contextlib.redirect_stdout(sys.stderr) if options.json else contextlib.nullcontext():
        costs, growth, trial = _measured(options)
    if options.json:
        found = {"costs": costs, "growth": growth, "trial": trial}
        print(json.dumps(found, default=asdict))
    return 0 if trial.verdict.lost == trial.verdict.doubled == 0 else 1


def _measured(options: argparse.Namespace) -> tuple[Costs, list[Growth], Trial]:
    made = streams(DIFFERENT, options.seconds, options.span)
    costs = _costs(made)
    _tell(options, costs)
    growth: list[Growth] = []
    with tempfile.TemporaryDirectory(prefix="repsense-fleet-") as folder:
        for workers in options.growth:
            growth.append(_growth(Path(folder), made, options, workers, growth))
            _tell(options, growth[-1])
        speed = SHARE * _at(growth, options.workers).times_real_time / options.wearers
        trial = _trial(Path(folder), made, options, min(speed, 1.0))
        _tell(options, trial)
    return costs, growth, trial


def _options() -> argparse.Namespace:
    parser = described(__doc__)
    parser.add_argument("--wearers", type=int, default=2000)
    parser.add_argument("--seconds", type=float, default=60.0, help="of each wearer's stream")
    parser.add_argument("--span", type=float, default=1.0, help="seconds in a message")
    parser.add_argument("--workers", type=int, default=2, help="while they are killed")
    parser.add_argument("--growth", type=int, nargs="+", default=[1, 2, 4], metavar="WORKERS")
    parser.add_argument("--growth-wearers", type=int, default=200)
    parser.add_argument("--quick", action="store_true", help="40 wearers, to see that it works")
    add_json(parser)
    options = parser.parse_args()
    if options.quick:
        options.wearers, options.growth_wearers, options.growth = 40, 40, [options.workers]
    return options


def _tell(options: argparse.Namespace, found: Costs | Growth | Trial) -> None:
    if not options.json:
        print(type(found).__name__, json.dumps(asdict(found), indent=1), flush=True)


def _at(growth: Sequence[Growth], workers: int) -> Growth:
    return next((one for one in growth if one.workers == workers), growth[-1])


# -- what one wearer costs -----------------------------------------------------------------------


def _costs(made: Sequence[Stream]) -> Costs:
    began_s = time.process_time()
    lines = [_counted(stream) for stream in made]
    take_s = time.process_time() - began_s
    began_s = time.process_time()
    for stream in made:
        for message in stream.messages:
            decode(message)
    decode_s = time.process_time() - began_s
    messages = sum(len(stream.messages) for stream in made)
    played_s = messages * made[0].span_s
    packing, saving, unpacking, sizes = [], [], [], []
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder))
        for line in lines * 5:
            times_s = [time.perf_counter()]
            data = pack(line)
            times_s.append(time.perf_counter())
            store.save(line.wearer, data)
            times_s.append(time.perf_counter())
            unpack(data)
            times_s.append(time.perf_counter())
            for kind, spent_s in zip((packing, saving, unpacking), np.diff(times_s), strict=True):
                kind.append(1e3 * float(spent_s))
            sizes.append(len(data))
    return Costs(
        span_s=made[0].span_s,
        wearers_a_core=played_s / take_s,
        decode_us=1e6 * decode_s / messages,
        take_us=1e6 * take_s / messages,
        snapshot_bytes=int(statistics.median(sizes)),
        pack_ms=statistics.median(packing),
        save_ms=statistics.median(saving),
        unpack_ms=statistics.median(unpacking),
    )


def _counted(stream: Stream) -> Line:
    line = Line("anna", stream.messages[0], Pipeline(), now_s=0.0)
    for number, message in enumerate(stream.messages[:-1]):
        line.take(message, number * stream.span_s)
    return line


# -- broker, cluster, fleet ----------------------------------------------------------------------


@contextlib.contextmanager
def _broker(folder: Path) -> Iterator[int]:
    """Run a Mosquitto that is set up for a fleet; give its port."""
    program = find_mosquitto()
    if program is None:
        sys.exit("mosquitto is not installed (on Debian: apt install mosquitto)")
    port = free_port()
    lines = (
        *(f"listener {port} 127.0.0.1", "allow_anonymous true", "log_type error", "user root"),
        *("max_inflight_messages 0", "max_queued_messages 0", "set_tcp_nodelay true"),
    )
    config = folder / "mosquitto.conf"
    config.write_text("\n".join(lines), "utf-8")
    child = subprocess.Popen([program, "-c", str(config)], stderr=subprocess.DEVNULL)
    try:
        until_s = time.monotonic() + PATIENCE_S
        while time.monotonic() < until_s:
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", port)).close()
                break
            time.sleep(0.02)
        yield port
    finally:
        child.kill()
        child.wait()


@contextlib.contextmanager
def _nodes() -> Iterator[tuple[Any, Any, list[Any]]]:
    """Run a Ray cluster of a head and two nodes; give Ray, the cluster and the nodes."""
    from ray.cluster_utils import Cluster  # noqa: PLC0415 - an extra

    # Ray's own settings wait 15 s before a node that does not answer counts as gone.
    prompt = {"health_check_period_ms": 500, "health_check_failure_threshold": 4}
    head = {"num_cpus": 0, "include_dashboard": False, "_system_config": prompt}
    cluster = Cluster(initialize_head=True, head_node_args=head)
    nodes = [cluster.add_node(num_cpus=1) for _ in range(2)]
    try:
        with connected(cluster.address) as ray:
            yield ray, cluster, nodes
    finally:
        cluster.shutdown()


def _new_engine(_wearer: str) -> Pipeline:
    return Pipeline()


@contextlib.contextmanager
def _fleet(
    ray: Any,  # noqa: ANN401 - a module
    folder: Path,
    port: int,
    workers: int,
    speed: float = 1.0,
) -> Iterator[Fleet]:
    settings = FleetSettings(
        broker=BrokerSettings(host="127.0.0.1", port=port),
        snapshots=folder / f"snapshots-{port}",
        new_engine=_new_engine,
        partitions=workers,
        keep_s=10.0 / speed,  # in slow motion a snapshot holds as much of a stream as in real life
    )
    # More workers than both nodes have room for still have to run while growth is measured.
    fleet = launch(ray, settings, cores=CORES if workers <= 2 else 0.0)
    try:
        _wait(fleet, lambda facts: all(one is not None and one.connected for one in facts))
        yield fleet
    finally:
        fleet.stop()


def _wait(
    fleet: Fleet, test: Callable[[list[WorkerFacts | None]], bool]
) -> list[WorkerFacts | None]:
    until_s = time.monotonic() + PATIENCE_S
    while time.monotonic() < until_s:
        facts = fleet.facts(patience_s=0.5)
        if test(facts):
            return facts
        time.sleep(0.05)
    sys.exit(f"The fleet does not get there: {facts}")


def _known(facts: Sequence[WorkerFacts | None]) -> list[WorkerFacts]:
    return [one for one in facts if one is not None]


# -- growth --------------------------------------------------------------------------------------


def _growth(
    folder: Path,
    made: Sequence[Stream],
    options: argparse.Namespace,
    workers: int,
    before: Sequence[Growth],
) -> Growth:
    wearers = options.growth_wearers
    with _broker(folder) as port, _nodes() as (ray, _, _), Gym(port, workers) as gym:
        with _fleet(ray, folder, port, workers):
            pass  # the broker keeps their sessions from now on
        filling_s = gym.send(made, wearers, speed=None)
        with _fleet(ray, folder, port, workers) as fleet:
            began_s, ready_s = time.monotonic(), _cpu_s(fleet)
            assert gym.wait_for_the_end(wearers)
            spent_s = time.monotonic() - began_s
            cpu_s = _cpu_s(fleet) - ready_s
    played_s = wearers * options.seconds
    first = before[0].times_real_time if before else played_s / spent_s
    return Growth(
        workers=workers,
        wearers=wearers,
        seconds=spent_s,
        times_real_time=played_s / spent_s,
        against_one=played_s / spent_s / first,
        cpu_per_wearer_s=cpu_s / played_s,
        filled_messages_per_s=len(gym.sent_s) / filling_s,
    )


def _cpu_s(fleet: Fleet) -> float:
    return sum(one.cpu_s for one in _known(fleet.facts(patience_s=10.0)))


# -- kills ---------------------------------------------------------------------------------------


def _trial(
    folder: Path, made: Sequence[Stream], options: argparse.Namespace, speed: float
) -> Trial:
    with (
        _broker(folder) as port,
        _nodes() as (ray, cluster, nodes),
        Gym(port, options.workers) as gym,
        _fleet(ray, folder, port, options.workers, speed) as fleet,
    ):
        kills: list[Kill] = []
        whole_s = options.seconds / speed
        killing = threading.Thread(
            target=lambda: kills.extend(_kills(fleet, cluster, nodes, whole_s))
        )
        killing.start()
        began_s = time.monotonic()
        gym.send(made, options.wearers, speed)
        killing.join()
        assert gym.wait_for_the_end(options.wearers), "not all workouts ended"
        spent_s = time.monotonic() - began_s
        restored = sum(one.restored for one in _known(fleet.facts(patience_s=10.0)))
        delays = delays_s(gym, made, options.wearers)
        return Trial(
            speed=speed,
            seconds=spent_s,
            kills=tuple(kills),
            verdict=judge(gym, made, options.wearers),
            delay_median_s=float(np.median(delays)),
            delay_p99_s=float(np.percentile(delays, 99)),
            restored=restored,
        )


def _kills(fleet: Fleet, cluster: Any, nodes: list[Any], whole_s: float) -> Iterator[Kill]:  # noqa: ANN401 - Ray's have no types
    time.sleep(whole_s / 3.0)
    victim = _known(fleet.facts(patience_s=10.0))[0].process
    yield _killed("a worker (SIGKILL)", fleet, lambda: os.kill(victim, signal.SIGKILL))
    time.sleep(whole_s / 6.0)
    yield _killed("a node", fleet, lambda: cluster.remove_node(nodes[0], allow_graceful=False))


def _killed(what: str, fleet: Fleet, kill: Callable[[], object]) -> Kill:
    before = {one.process for one in _known(fleet.facts(patience_s=10.0))}
    began_s = time.monotonic()
    kill()
    gone: set[int] = set()
    while not gone and time.monotonic() - began_s < 20.0:
        gone = {process for process in before if not Path(f"/proc/{process}").exists()}
        time.sleep(0.02)
    _wait(fleet, lambda facts: _all_again(facts, gone))
    silent_s = time.monotonic() - began_s
    _wait(fleet, lambda facts: all(one is not None and one.behind_s < 0.2 for one in facts))
    return Kill(
        what=what,
        processes=len(gone),
        silent_s=silent_s,
        caught_up_s=time.monotonic() - began_s,
    )


def _all_again(facts: Sequence[WorkerFacts | None], gone: set[int]) -> bool:
    return all(
        one is not None and one.connected and one.process not in gone and one.messages > 0
        for one in facts
    )


if __name__ == "__main__":
    sys.exit(main())
