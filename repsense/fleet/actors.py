"""Workers as Ray actors: Ray places them, notices that one is gone, and starts it again."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Event
from typing import Any

from repsense.errors import ClusterError, RepSenseError
from repsense.fleet.settings import FleetSettings, WorkerFacts
from repsense.fleet.worker import Worker
from repsense.service import warm_up

_LOG = logging.getLogger(__name__)

# How long workers get to put everything away at the end, s.
_STOP_S = 20.0


class CountingActor:
    """What runs in a process of its own, somewhere in the cluster.

    Parameters
    ----------
    settings
        The same for all workers.
    part
        Which partition it counts.
    """

    def __init__(self, settings: FleetSettings, part: int) -> None:
        self._settings = settings
        self._part = part
        self._worker: Worker | None = None

    async def work(self) -> None:
        """Count until :meth:`stop`; when the actor is started again Ray calls this again."""
        warm_up()
        self._worker = Worker(self._settings, self._part)
        await self._worker.work()

    async def facts(self) -> WorkerFacts | None:
        """Return how it does; None before it has begun."""
        return None if self._worker is None else self._worker.facts()

    async def stop(self) -> None:
        """Have :meth:`work` end."""
        if self._worker is not None:
            self._worker.stop()


@dataclass(frozen=True, slots=True, kw_only=True)
class Fleet:
    """The workers of a fleet, running.

    Parameters
    ----------
    ray
        The module, connected (:func:`repsense.cluster.connected`).
    actors
        Handles, one a partition.
    work
        Ray's promises that they count.
    """

    ray: Any
    actors: Sequence[Any]
    work: Sequence[Any]

    def facts(self, *, patience_s: float) -> list[WorkerFacts | None]:
        """Return how each does; None for one that does not answer: it is being started."""
        # Asked once: an answer that has to wait for the actor's return is of no use any more.
        asked = [actor.facts.options(max_task_retries=0).remote() for actor in self.actors]
        ready, _ = self.ray.wait(asked, num_returns=len(asked), timeout=patience_s)
        here = set(ready)
        return [self._answer(one) if one in here else None for one in asked]

    def _answer(self, promise: Any) -> WorkerFacts | None:  # noqa: ANN401 - Ray's have no types
        try:
            facts: WorkerFacts | None = self.ray.get(promise)
        except self.ray.exceptions.RayActorError:
            return None
        return facts

    def check(self) -> None:
        """See that all count.

        Raises
        ------
        RepSenseError
            When one has ended: why.
        """
        ended, _ = self.ray.wait(list(self.work), num_returns=len(self.work), timeout=0)
        for one in ended:
            _result(self.ray, one)
        if ended:
            raise ClusterError(
                "A worker has ended, because another one counts its partition: is this fleet "
                "running twice? Its log says more."
            )

    def stop(self) -> None:
        """Have all put everything away, so that the next start goes on where they were."""
        for actor in self.actors:
            actor.stop.remote()
        self.ray.wait(list(self.work), num_returns=len(self.work), timeout=_STOP_S)
        for actor in self.actors:
            self.ray.kill(actor)


def launch(ray: Any, settings: FleetSettings, *, cores: float) -> Fleet:  # noqa: ANN401 - no types
    """Start a worker for each partition.

    Parameters
    ----------
    ray
        The module, connected.
    cores
        How much of a node's cores Ray sets aside for each; 0 sets none aside, so that the
        nodes that are left can always take over those of one that is gone.
    """
    made = ray.remote(
        num_cpus=cores,
        max_restarts=-1,
        max_task_retries=-1,
        scheduling_strategy="SPREAD",
    )(CountingActor)
    actors = [made.remote(settings, part) for part in range(settings.partitions)]
    return Fleet(ray=ray, actors=actors, work=[actor.work.remote() for actor in actors])


def watch(
    fleet: Fleet,
    tell: Callable[[list[WorkerFacts | None]], None],
    *,
    stop: Event,
    every_s: float,
) -> None:
    """Tell how the workers do until ``stop`` is set, then have them put everything away.

    Raises
    ------
    RepSenseError
        When a worker cannot go on: why.
    """
    try:
        while not stop.wait(every_s):
            fleet.check()
            tell(fleet.facts(patience_s=every_s))
    finally:
        fleet.stop()


def _result(ray: Any, promise: Any) -> None:  # noqa: ANN401 - Ray's promises have no types
    try:
        ray.get(promise)
    except ray.exceptions.RayTaskError as error:
        cause = error.cause
        if isinstance(cause, RepSenseError):
            raise cause from error
        raise ClusterError(f"A worker failed ({cause!r}); please report it.") from error
    except ray.exceptions.RayError as error:
        raise ClusterError(
            f"The cluster does not run a worker ({str(error).strip().partition(chr(10))[0]})."
        ) from error
