"""Recordings counted by several processes on this machine, each with all recordings at hand."""

import contextlib
import os
import signal
import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import get_context, parent_process
from multiprocessing.synchronize import Barrier
from typing import TypeVar

from repsense.errors import StudyError
from repsense.tuning.trial import Counted, Material, count_one

Result = TypeVar("Result")

# How long a process waits for the others to be ready, s; then the search begins without them.
_READY_S = 60.0


@dataclass(frozen=True, slots=True)
class PoolCrew:
    """Processes that count recordings of one of their materials."""

    pool: ProcessPoolExecutor
    jobs: int
    which: int

    def size(self) -> int:
        """Return how many processes there are."""
        return self.jobs

    def begin(self, values: Mapping[str, float], place: int) -> "Future[Counted]":
        """Have a recording counted."""
        return self.pool.submit(_count, self.which, dict(values), place)

    def finished(
        self, tickets: "Collection[Future[Counted]]"
    ) -> "Iterator[tuple[Future[Counted], Counted]]":
        """Wait for some, and yield them.

        Raises
        ------
        StudyError
            When a process was ended from outside.
        """
        done, _ = wait(tickets, return_when=FIRST_COMPLETED)
        return ((future, _result(future)) for future in done)


@contextlib.contextmanager
def pool_crews(materials: Sequence[Material], jobs: int) -> Iterator[list[PoolCrew]]:
    """Yield the same processes once for each material, ready to count."""
    # Fresh processes: a copy of this one would share the progress bar's threads and locks.
    context = get_context("spawn")
    begin = (materials, context.Barrier(jobs))
    pool = ProcessPoolExecutor(jobs, mp_context=context, initializer=_begin, initargs=begin)
    try:
        for one in [pool.submit(_meet) for _ in range(jobs)]:
            _result(one)
        yield [PoolCrew(pool, jobs, which) for which in range(len(materials))]
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


_materials: list[Material] = []
_others: list[Barrier] = []


def _begin(materials: Sequence[Material], others: Barrier) -> None:
    # Ctrl-C is for the process in front, which then ends its workers.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _materials[:], _others[:] = materials, [others]
    count_one(materials[0], {}, 0)  # loads the engine


def _end_with_parent() -> None:
    """End this worker when the process in front is killed: nothing else would tell it."""
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _meet() -> None:
    """Hold this process back until all are ready, so that none is given the work of another."""
    with contextlib.suppress(threading.BrokenBarrierError):
        _others[0].wait(_READY_S)


def _count(which: int, values: Mapping[str, float], place: int) -> Counted:
    return count_one(_materials[which], values, place)


def _result(future: "Future[Result]") -> Result:
    try:
        return future.result()
    except BrokenProcessPool as error:
        raise StudyError(
            "A process that counted trials was ended from outside, most likely because memory ran "
            "out: use fewer --jobs. With --study the search goes on where it was."
        ) from error
