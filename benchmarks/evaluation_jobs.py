"""Recordings scored with all that is known of them: real ones, and simulated sets by anybody."""

import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from engine_rows import BENDS, JACKS

from repsense.exercises import load_catalogue
from repsense.recording.format import Recording
from repsense.recording.index import (
    IndexRow,
    RepTime,
    read_corrections,
    read_index,
    read_rep_times,
)
from repsense.simulator import simulate_set
from repsense.tuning.evaluation import Conditions, Unreadable, score_row
from repsense.tuning.run import run_recording
from repsense.tuning.scoring import FileScore, score_run
from repsense.tuning.strokes import random_sensor, random_style
from repsense.tuning.truth import Truth

SIMULATED = "simulated"
#: Clips of one set each: where they have reps, a set is due.
ARMED = "berkeley_mhad"

# Far from the seeds that the judge, the strokes and the recognition were taught with.
_FIRST_SEED = 5_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class RealJob:
    """Score one real recording.

    Parameters
    ----------
    reps_seen
        The corrected count if there is one.
    armed
        A set is due.
    """

    row: IndexRow
    reps_seen: int | None
    rep_times: Mapping[str, Sequence[RepTime]]
    armed: bool

    def run(self) -> FileScore | Unreadable:
        """Read, count and score."""
        seen = {} if self.reps_seen is None else {self.row.file: self.reps_seen}
        return score_row(
            self.row,
            conditions=Conditions(armed=self.armed),
            seen=seen,
            rep_times=self.rep_times,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedJob:
    """Score one simulated set by a random person, with the handling around it."""

    exercise: str
    seed: int

    def run(self) -> FileScore:
        """Simulate, count and score."""
        exercise = load_catalogue()[self.exercise]
        rng = np.random.default_rng([self.seed, zlib.crc32(self.exercise.encode())])
        made = simulate_set(
            self.exercise,
            reps=int(rng.integers(exercise.reps_min, exercise.reps_max + 1)),
            seed=_FIRST_SEED + self.seed,
            style=random_style(exercise, rng),
            sensor=random_sensor(rng),
        )
        done = made.labels.sets[0]
        path = Path(f"{self.exercise}_{self.seed}.csv")
        row = IndexRow(
            file=path.name,
            path=path,
            reps_true=done.count,
            dataset=SIMULATED,
            exercise=self.exercise,
            subject=f"seed {self.seed}",
            active_start_s=done.start_s,
            active_end_s=done.end_s,
        )
        truth = Truth(reps=done.count, reps_seen=done.count, sets=made.labels.sets)
        run = run_recording(Recording(path=path, block=made.block))
        return score_run(row, run, reps_true=done.count, truth=truth)


def real_jobs(folder: Path, limit: int | None) -> Iterator[RealJob]:
    """Yield a job for each recording whose count is known and not suspect.

    Parameters
    ----------
    limit
        At most so many of each exercise and data set.
    """
    seen = read_corrections(folder / "corrections.csv")
    times = read_rep_times(folder / "pt_dumbbell" / "rep_times.csv")
    taken: dict[tuple[str, str], int] = {}
    for row in read_index(folder / "index.csv"):
        if row.reps_true is None or row.label_check == "suspect" or not _is_wanted(row):
            continue
        kind = (row.dataset, row.exercise)
        taken[kind] = taken.get(kind, 0) + 1
        if limit is None or taken[kind] <= limit:
            yield RealJob(
                row=row,
                reps_seen=seen[row.file].reps_seen if row.file in seen else None,
                rep_times={row.file: times[row.file]} if row.file in times else {},
                armed=row.dataset == ARMED and bool(row.reps_true),
            )


def _is_wanted(row: IndexRow) -> bool:
    """Leave out files of a single lift, and clips whose counts are doubtful."""
    doubtful = row.dataset == ARMED and bool(row.reps_true)
    return row.dataset != "repmate_form" and (not doubtful or row.exercise in {BENDS, JACKS})


def part_of(score: FileScore) -> str:
    """Return the data set of a recording, and whether it was armed."""
    return (
        f"{score.dataset}, armed" if score.dataset == ARMED and score.reps_true else score.dataset
    )


def simulated_jobs(seeds: int) -> Iterator[SimulatedJob]:
    """Yield a job for each exercise of the catalogue and each seed, which is a person."""
    for exercise in load_catalogue():
        for seed in range(seeds):
            yield SimulatedJob(exercise=exercise, seed=seed)
