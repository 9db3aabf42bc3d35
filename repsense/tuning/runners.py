"""Who counts the trials: this process, several on this machine, or a Ray cluster.

Outcomes come in whatever order they are done in; what they are does not depend on who counted.
Whoever counts is ready when the runners are there: the engine loaded, the recordings at hand.
"""

import contextlib
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partial

from repsense.tuning.attempt import run_trial
from repsense.tuning.cluster_crew import cluster_crews
from repsense.tuning.pool_crew import pool_crews
from repsense.tuning.spread import spread
from repsense.tuning.trial import Material, Outcome, Trial, count_one

Runner = Callable[[Sequence[Trial]], Iterator[Outcome]]


@contextlib.contextmanager
def here(*materials: Material, jobs: int = 1) -> Iterator[list[Runner]]:
    """Yield a runner on this machine for each material.

    Parameters
    ----------
    jobs
        Recordings counted at the same time; more than one are counted in other processes.
    """
    if jobs == 1:
        count_one(materials[0], {}, 0)  # loads the engine
        yield [partial(_run_each, material) for material in materials]
        return
    with pool_crews(materials, jobs) as crews:
        pairs = zip(materials, crews, strict=True)
        yield [partial(spread, material, crew) for material, crew in pairs]


@contextlib.contextmanager
def on_cluster(*materials: Material, address: str) -> Iterator[list[Runner]]:
    """Yield a runner on a Ray cluster for each material.

    What was begun on a machine that is lost is begun anew on another.

    Raises
    ------
    ClusterError
        When the cluster cannot be reached, or later when a trial cannot be counted there.
    """
    # What Ray remarks on lost machines, it prints; stdout is for the result alone.
    with contextlib.redirect_stdout(sys.stderr), cluster_crews(materials, address) as crews:
        pairs = zip(materials, crews, strict=True)
        yield [partial(spread, material, crew) for material, crew in pairs]


def _run_each(material: Material, trials: Sequence[Trial]) -> Iterator[Outcome]:
    return (run_trial(material, trial) for trial in trials)
