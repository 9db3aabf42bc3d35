"""Who counts the trials: this process, several on this machine, or a Ray cluster.

Outcomes come in whatever order they are done in; what they are does not depend on who counted.
"""

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from multiprocessing import get_context, parent_process
from typing import Any

from repsense.cluster import connected
from repsense.errors import ClusterError, StudyError
from repsense.tuning.trial import Material, Outcome, Trial, run_trial

Runner = Callable[[Sequence[Trial]], Iterator[Outcome]]

# How often a trial is begun anew after the machine that counted it was lost.
_RETRIES = 20


@contextlib.contextmanager
def here(*materials: Material, jobs: int = 1) -> Iterator[list[Runner]]:
    """Yield a runner on this machine for each material.

    Parameters
    ----------
    jobs
        Trials at the same time; more than one run in processes of their own.
    """
    if jobs == 1:
        yield [partial(_run_each, material) for material in materials]
        return
    # Fresh processes: a copy of this one would share the progress bar's threads and locks.
    pool = ProcessPoolExecutor(
        jobs, mp_context=get_context("spawn"), initializer=_begin_worker, initargs=(materials,)
    )
    try:
        yield [partial(_run_in_pool, pool, place) for place in range(len(materials))]
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


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
    with contextlib.redirect_stdout(sys.stderr), connected(address) as ray:
        count = ray.remote(max_retries=_RETRIES, num_cpus=1)(run_trial)

        def runner(kept: object) -> Runner:
            def run(trials: Sequence[Trial]) -> Iterator[Outcome]:
                running = [count.remote(kept, trial) for trial in trials]
                while running:
                    done, running = ray.wait(running, num_returns=1)
                    yield _fetched(ray, done[0])

            return run

        yield [runner(ray.put(material)) for material in materials]


def _run_each(material: Material, trials: Sequence[Trial]) -> Iterator[Outcome]:
    return (run_trial(material, trial) for trial in trials)


def _run_in_pool(
    pool: ProcessPoolExecutor, place: int, trials: Sequence[Trial]
) -> Iterator[Outcome]:
    running = {pool.submit(_run_in_worker, place, trial) for trial in trials}
    while running:
        done, running = wait(running, return_when=FIRST_COMPLETED)
        for future in done:
            yield _result(future)


_materials: list[Material] = []


def _begin_worker(materials: Sequence[Material]) -> None:
    # Ctrl-C is for the process in front, which then ends its workers.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _materials[:] = materials


def _end_with_parent() -> None:
    """End this worker when the process in front is killed: nothing else would tell it."""
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _run_in_worker(place: int, trial: Trial) -> Outcome:
    return run_trial(_materials[place], trial)


def _result(future: "Future[Outcome]") -> Outcome:
    try:
        return future.result()
    except BrokenProcessPool as error:
        raise StudyError(
            "A process that counted trials was ended from outside, most likely because memory ran "
            "out: use fewer --jobs. With --study the search goes on where it was."
        ) from error


def _fetched(ray: Any, reference: object) -> Outcome:  # noqa: ANN401 - Ray has no types that hold
    try:
        outcome: Outcome = ray.get(reference)
    except (ray.exceptions.RayError, ModuleNotFoundError) as error:
        last = str(error).strip().rpartition("\n")[2]
        raise ClusterError(
            f"A trial could not be counted on the cluster ({last}): check that each of its "
            f"machines has the same version of RepSense, Python and Ray."
        ) from error
    return outcome
