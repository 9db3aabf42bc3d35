"""Score many labelled recordings at once, on as many cores as there are."""

import signal
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from typing import TYPE_CHECKING

from repsense.errors import RepSenseError
from repsense.recording.index import Correction, IndexRow, RepTime
from repsense.tuning.matching import TOLERANCE_S
from repsense.tuning.outcome import Run
from repsense.tuning.scoring import FileScore, score_run
from repsense.tuning.truth import truth_of

if TYPE_CHECKING:
    from repsense.pipeline.pipeline import PipelineParameters

# Recordings handed to a worker at a time: enough that handing over costs nothing.
_CHUNK = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """How the recordings are counted.

    Parameters
    ----------
    armed
        A set is due, so even a single rep counts.
    known_exercise
        Tell the engine the exercise that the index states, if the catalogue has it.
    parameters
        Settings of the engine's stages; None for the tuned ones.
    tolerance_s
        Within which a rep's start and end are right.
    """

    armed: bool = False
    known_exercise: bool = False
    parameters: "PipelineParameters | None" = None
    tolerance_s: float = TOLERANCE_S


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable:
    """A recording that could not be scored, and why."""

    file: str
    problem: str


def evaluate_rows(
    rows: Sequence[IndexRow],
    *,
    conditions: Conditions,
    corrections: Mapping[str, Correction] | None = None,
    rep_times: Mapping[str, Sequence[RepTime]] | None = None,
    jobs: int = 1,
) -> Iterator[FileScore | Unreadable]:
    """Yield the result of each row, in order, as soon as it is there.

    Rows without a true count are left out. One job runs here; more run in
    processes of their own, and only those load the pipeline.

    Parameters
    ----------
    corrections
        Counts that are known better than the index does.
    rep_times
        When reps were, for recordings without labels beside them.
    jobs
        Recordings scored at the same time.
    """
    seen = {file: correction.reps_seen for file, correction in (corrections or {}).items()}
    score = partial(score_row, conditions=conditions, seen=seen, rep_times=rep_times or {})
    scored = [row for row in rows if row.reps_true is not None]
    if jobs == 1 or len(scored) < 2:
        yield from map(score, scored)
        return
    # Fresh processes: a copy of this one would share the progress bar's threads and locks.
    pool = ProcessPoolExecutor(
        min(jobs, len(scored)), mp_context=get_context("spawn"), initializer=_leave_ctrl_c
    )
    try:
        yield from pool.map(score, scored, chunksize=_CHUNK)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def score_row(
    row: IndexRow,
    *,
    conditions: Conditions,
    seen: Mapping[str, int],
    rep_times: Mapping[str, Sequence[RepTime]] | None = None,
) -> FileScore | Unreadable:
    """Return the score of one recording of an index, or why there is none."""
    try:
        truth = truth_of(row, reps_seen=seen.get(row.file), rep_times=rep_times)
        run = run_row(row, conditions=conditions)
    except RepSenseError as error:
        return Unreadable(file=row.file, problem=str(error))
    return score_run(
        row, run, reps_true=truth.reps, truth=truth, tolerance_s=conditions.tolerance_s
    )


def run_row(row: IndexRow, *, conditions: Conditions) -> Run:
    """Return what the pipeline says about one recording of an index.

    Raises
    ------
    RecordingError
        When it cannot be read.
    """
    # Loading the pipeline takes a second and is the workers' business.
    from repsense.exercises.catalogue import load_catalogue  # noqa: PLC0415 - see above
    from repsense.recording.format import read_recording  # noqa: PLC0415 - see above
    from repsense.tuning.run import run_recording  # noqa: PLC0415 - see above

    known = conditions.known_exercise and row.exercise in load_catalogue()
    return run_recording(
        read_recording(row.path),
        parameters=conditions.parameters,
        armed=conditions.armed,
        exercise=row.exercise if known else None,
    )


def _leave_ctrl_c() -> None:
    """Leave Ctrl-C to the process in front, which then ends its workers."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
