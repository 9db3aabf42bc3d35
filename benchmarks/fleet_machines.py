"""The machines of the fleet's benchmark, all played by this one; not a benchmark itself."""

import contextlib
import importlib
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fleet_streams import PATIENCE_S

from repsense.cluster import connected, load_ray
from repsense.fleet.actors import Fleet, launch
from repsense.fleet.settings import FleetSettings, WorkerFacts
from repsense.pipeline.pipeline import Pipeline
from repsense.sinks.mqtt.mosquitto import find_mosquitto, free_port
from repsense.sinks.mqtt.settings import BrokerSettings

_CORES = 0.4  # of a node for each worker, so that both fit on the node that is left
_KEEP_S = 10.0  # between two snapshots of a wearer


@dataclass(frozen=True, slots=True, kw_only=True)
class Machines:
    """A Ray cluster of a head and two nodes.

    Parameters
    ----------
    ray
        The module, connected.
    cluster
        Ray's own.
    nodes
        Without the head.
    """

    ray: Any
    cluster: Any
    nodes: Sequence[Any]

    def lose_one(self) -> None:
        """Kill a node with all that runs on it."""
        self.cluster.remove_node(self.nodes[0], allow_graceful=False)


@contextlib.contextmanager
def machines() -> Iterator[Machines]:
    """Run a cluster."""
    load_ray()
    make = importlib.import_module("ray.cluster_utils").Cluster  # an extra
    # Ray's own settings wait 15 s before a node that does not answer counts as gone.
    prompt = {"health_check_period_ms": 500, "health_check_failure_threshold": 4}
    head = {"num_cpus": 0, "include_dashboard": False, "_system_config": prompt}
    cluster = make(initialize_head=True, head_node_args=head)
    nodes = [cluster.add_node(num_cpus=1) for _ in range(2)]
    try:
        with connected(cluster.address) as ray:
            yield Machines(ray=ray, cluster=cluster, nodes=nodes)
    finally:
        cluster.shutdown()


@contextlib.contextmanager
def broker(folder: Path) -> Iterator[int]:
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
def fleet_of(
    workers: int, *, on: Machines, port: int, folder: Path, speed: float = 1.0
) -> Iterator[Fleet]:
    """Run some workers, connected to the broker at a port.

    Parameters
    ----------
    speed
        Of the streams, in real time's; a snapshot holds as much of one as in real life.
    """
    settings = FleetSettings(
        broker=BrokerSettings(host="127.0.0.1", port=port),
        snapshots=folder / f"snapshots-{port}",
        new_engine=_new_engine,
        partitions=workers,
        keep_s=_KEEP_S / speed,
    )
    # More workers than both nodes have room for still have to run while growth is measured.
    fleet = launch(on.ray, settings, cores=_CORES if workers <= len(on.nodes) else 0.0)
    try:
        wait_for(fleet, lambda facts: all(one is not None and one.connected for one in facts))
        yield fleet
    finally:
        fleet.stop()


def wait_for(
    fleet: Fleet, test: Callable[[list[WorkerFacts | None]], bool]
) -> list[WorkerFacts | None]:
    """Wait until what the workers say of themselves passes a test, and return it."""
    until_s = time.monotonic() + PATIENCE_S
    while time.monotonic() < until_s:
        facts = fleet.facts(patience_s=0.5)
        if test(facts):
            return facts
        time.sleep(0.05)
    sys.exit(f"The fleet does not get there: {facts}")


def said_by(fleet: Fleet) -> list[WorkerFacts]:
    """Return what the workers that answer say of themselves."""
    return [one for one in fleet.facts(patience_s=10.0) if one is not None]


def cpu_s(fleet: Fleet) -> float:
    """Return what time of a core the workers have used, s."""
    return sum(one.cpu_s for one in said_by(fleet))


def _new_engine(_wearer: str) -> Pipeline:
    return Pipeline()
