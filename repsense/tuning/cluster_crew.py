"""Recordings counted on a Ray cluster, which hands them out and notices lost machines."""

import contextlib
import functools
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from repsense.cluster import connected, load_ray
from repsense.errors import ClusterError
from repsense.tuning.trial import Counted, Material, count_one

# How often a recording is begun anew after the machine that counted it was lost.
_RETRIES = 20

# How long workers get to load the engine, s; who is not ready then joins in later.
_READY_S = 30.0


@dataclass(frozen=True, slots=True)
class ClusterCrew:
    """All cores of a cluster, counting recordings of one material.

    Parameters
    ----------
    ray
        The module, connected.
    count
        :func:`count_kept` as Ray's.
    kept
        Ray's reference to the material.
    """

    ray: Any
    count: Any
    kept: object

    def size(self) -> int:
        """Return how many cores there are."""
        return max(1, int(self.ray.cluster_resources().get("CPU", 1)))

    def begin(self, values: Mapping[str, float], place: int) -> object:
        """Have a recording counted."""
        return self.count.remote([self.kept], dict(values), place)

    def finished(self, tickets: Collection[object]) -> Iterator[tuple[object, Counted]]:
        """Wait for one, and yield it.

        Raises
        ------
        ClusterError
            When it cannot be counted there.
        """
        done, _ = self.ray.wait(list(tickets), num_returns=1)
        return ((one, self._fetched(one)) for one in done)

    def get_ready(self) -> None:
        """Have the engine loaded on every core, and the recordings brought to every machine."""
        place_on = self.ray.util.scheduling_strategies.NodeAffinitySchedulingStrategy
        asked = [
            self.count.options(scheduling_strategy=place_on(node["NodeID"], soft=True)).remote(
                [self.kept], {}, 0
            )
            for node in self.ray.nodes()
            if node["Alive"]
            for _ in range(int(node["Resources"].get("CPU", 0)))
        ]
        done, _ = self.ray.wait(asked, num_returns=len(asked), timeout=_READY_S)
        for one in done:
            self._fetched(one)

    def _fetched(self, reference: object) -> Counted:
        try:
            counted: Counted = self.ray.get(reference)
        except (self.ray.exceptions.RayError, ModuleNotFoundError) as error:
            last = str(error).strip().rpartition("\n")[2]
            raise ClusterError(
                f"A trial could not be counted on the cluster ({last}): check that each of its "
                f"machines has the same version of RepSense, Python and Ray."
            ) from error
        return counted


@contextlib.contextmanager
def cluster_crews(materials: Sequence[Material], address: str) -> Iterator[list[ClusterCrew]]:
    """Yield the cluster once for each material, ready to count.

    Raises
    ------
    ClusterError
        When the cluster cannot be reached, or cannot count.
    """
    with connected(address) as ray:
        count = ray.remote(max_retries=_RETRIES, num_cpus=1)(count_kept)
        crews = [ClusterCrew(ray, count, ray.put(material)) for material in materials]
        crews[0].get_ready()
        yield crews


def count_kept(kept: Sequence[object], values: Mapping[str, float], place: int) -> Counted:
    """Count a recording of a material that is fetched once and then stays in this process.

    It comes in a list, or Ray would put it together anew for each recording.
    """
    return count_one(_fetched_once(kept[0]), values, place)


@functools.cache
def _fetched_once(reference: object) -> Material:
    material: Material = load_ray().get(reference)
    return material
