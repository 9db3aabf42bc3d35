"""Recordings to count, real ones and simulated ones, several at a time."""

import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from typing import Protocol, TypeVar

import numpy as np
from engine_disturbances import DISTURBANCES, Scene

from repsense.events import SetFinished
from repsense.exercises import Tempo, load_catalogue
from repsense.recording.format import Recording, read_recording
from repsense.recording.index import IndexRow
from repsense.simulator import SensorModel, SetStyle, simulate_set
from repsense.tuning.outcome import Run, live_counts
from repsense.tuning.run import run_recording
from repsense.tuning.scoring import FileScore, score_run


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What was counted in one recording.

    Parameters
    ----------
    row
        What the index says about it.
    unarmed, armed
        Scores, where it was counted that way.
    ends_lower
        Sets whose final count, unarmed, is below what had been shown live.
    unchanged
        For each disturbance that could be applied: the count stayed the same.
    simulated
        It was made by the simulator.
    """

    row: IndexRow
    unarmed: FileScore | None = None
    armed: FileScore | None = None
    ends_lower: int = 0
    unchanged: Mapping[str, bool] = field(default_factory=dict)
    simulated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RealJob:
    """Count one real recording.

    Parameters
    ----------
    row, reps_seen
        What the index says, and the corrected count if there is one.
    unarmed, armed
        Count it unarmed; count it armed, with its exercise if the catalogue knows it.
    disturbed
        Count it under every disturbance, too.
    """

    row: IndexRow
    reps_seen: int | None
    unarmed: bool
    armed: bool
    disturbed: bool

    def run(self) -> Outcome:
        """Read and count."""
        recording = read_recording(self.row.path)
        known = self.row.exercise if self.row.exercise in load_catalogue() else None
        plain = run_recording(recording) if self.unarmed else None
        armed = run_recording(recording, armed=True, exercise=known) if self.armed else None
        return Outcome(
            row=self.row,
            unarmed=self._score(plain),
            armed=self._score(armed),
            ends_lower=_ends_lower(plain) if plain else 0,
            unchanged=self._unchanged(recording, plain) if self.disturbed and plain else {},
        )

    def _score(self, run: Run | None) -> FileScore | None:
        if run is None:
            return None
        true = self.row.reps_true or 0
        return score_run(self.row, run, reps_true=true, reps_seen=self.reps_seen)

    def _unchanged(self, recording: Recording, plain: Run) -> dict[str, bool]:
        seed = zlib.crc32(self.row.file.encode())
        scene = Scene(row=self.row, block=recording.block, run=plain, seed=seed)
        changed = {name: disturb(scene) for name, disturb in DISTURBANCES.items()}
        return {
            name: run_recording(Recording(path=self.row.path, block=block)).reps == plain.reps
            for name, block in changed.items()
            if block is not None
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedJob:
    """Count one simulated set by a random person with a random sensor, handling included."""

    exercise: str
    seed: int

    def run(self) -> Outcome:
        """Simulate and count."""
        row, recording = self.make()
        run = run_recording(recording)
        score = score_run(row, run, reps_true=row.reps_true or 0)
        return Outcome(row=row, unarmed=score, simulated=True)

    def make(self) -> tuple[IndexRow, Recording]:
        """Simulate, and return what an index would say, too."""
        exercise = load_catalogue()[self.exercise]
        rng = np.random.default_rng([self.seed, zlib.crc32(self.exercise.encode())])
        reps = int(rng.integers(exercise.reps_min, exercise.reps_max + 1))
        pace = float(rng.uniform(0.8, 1.4))
        style = SetStyle(
            tempo=Tempo(
                lift_s=pace * exercise.tempo.lift_s,
                hold_s=exercise.tempo.hold_s,
                lower_s=pace * exercise.tempo.lower_s,
            ),
            pauses=int(rng.random() < 0.2),
            variability=float(rng.uniform(0.04, 0.1)),
            fatigue=float(rng.uniform(0.0, 0.4)),
        )
        sensor = SensorModel(
            rate_hz=float(rng.choice([25.0, 50.0, 100.0])), noise_g=float(rng.uniform(0.002, 0.015))
        )
        made = simulate_set(
            self.exercise, reps=reps, seed=int(rng.integers(2**31)), style=style, sensor=sensor
        )
        path = Path(f"{self.exercise}_{self.seed}.csv")
        truth = made.labels.sets[0]
        row = IndexRow(
            file=path.name,
            path=path,
            reps_true=reps,
            dataset="simulated",
            exercise=self.exercise,
            active_start_s=truth.start_s,
            active_end_s=truth.end_s,
        )
        return row, Recording(path=path, block=made.block)


Found = TypeVar("Found")
Found_co = TypeVar("Found_co", covariant=True)


class Job(Protocol[Found_co]):
    """Whatever can be sent to another process, and run there."""

    def run(self) -> Found_co:
        """Do it and return what was found."""


def _ends_lower(run: Run) -> int:
    """Return in how many sets the end lowered the count that was shown."""
    shown: dict[int, int] = {}
    lowered = 0
    for event, reps in live_counts(run.events):
        lowered += isinstance(event, SetFinished) and reps < shown.get(event.set, 0)
        shown[event.set] = reps
    return lowered


def run_jobs(
    jobs: Sequence[Job[Found]], *, processes: int, done: Callable[[], None]
) -> Iterator[Found]:
    """Yield what each job finds, in order; ``done`` is called after each."""
    if processes == 1:
        for job in jobs:
            yield job.run()
            done()
        return
    context = get_context("spawn")  # a copy of this process would share its progress bar's locks
    with ProcessPoolExecutor(processes, mp_context=context) as pool:
        for outcome in pool.map(_run, jobs, chunksize=8):
            yield outcome
            done()


def _run(job: Job[Found]) -> Found:
    return job.run()
