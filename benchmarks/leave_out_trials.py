"""Many settings of the engine, each counted with on every recording, and kept as they are done.

A setting's line is on the disk before the next is begun, so a run that is killed loses what was
under way and nothing else.
"""

import hashlib
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path

import numpy as np
from evaluation_jobs import real_jobs

from repsense.errors import RecordingError, StudyError
from repsense.pipeline.pipeline import PipelineParameters
from repsense.recording.format import read_recording
from repsense.tuning.evaluation import Conditions
from repsense.tuning.people import Example, digest_of
from repsense.tuning.runners import here
from repsense.tuning.space import Range, start_values
from repsense.tuning.trial import Material, Trial, engine_version

_FORMAT = "repsense leave-out 1"

# A part is counted at a time, so that a kill costs a minute and not ten.
_PARTS = 6
# Half of the settings are moved in a draw: where all are, hardly a draw is any good.
_MOVED = 0.5
_LEAST_REACH = 0.15


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What the counts depend on: a store with another task is refused."""

    seed: int
    engine: str
    recordings: str
    searched: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """One setting, counted with on every recording: its values, and the reps by recording."""

    number: int
    values: Mapping[str, float]
    reps: Mapping[str, int]


def load(folder: Path, limit: int | None) -> tuple[list[Example], list[Example]]:
    """Return the recordings counted unarmed and armed, each once, those that are unreadable not.

    Parameters
    ----------
    limit
        At most so many of each exercise and data set.
    """
    kept: dict[bool, dict[str, Example]] = {False: {}, True: {}}
    for job in real_jobs(folder, limit):
        try:
            recording = read_recording(job.row.path)
        except RecordingError:
            continue
        stated = job.row.reps_true or 0
        reps = stated if job.reps_seen is None else job.reps_seen
        one = Example(row=job.row, recording=recording, reps=reps, digest=digest_of(recording))
        kept[job.armed].setdefault(one.digest, one)
    return list(kept[False].values()), list(kept[True].values())


def drawn(
    parameters: PipelineParameters, searched: Sequence[Range], *, seed: int
) -> Iterator[dict[str, float]]:
    """Yield the settings as they are, then draws around them, the same for the same seed.

    How far a draw goes is drawn, too, so that they are densest where the settings stand.
    """
    start = start_values(parameters, searched)
    yield start
    number = 0
    while True:
        number += 1
        rng = np.random.default_rng([seed, number])
        reach = rng.uniform(_LEAST_REACH, 1.0)
        steps = reach * rng.uniform(-1.0, 1.0, len(searched))
        steps[rng.random(len(searched)) >= _MOVED] = 0.0
        yield {
            one.key: start[one.key] if step == 0.0 else one.rounded(_moved(one, start, step))
            for one, step in zip(searched, steps, strict=True)
        }


def _moved(one: Range, start: Mapping[str, float], step: float) -> float:
    """Return a value ``step`` of the way from the start (0) to the end of its range (-1, 1)."""
    end = one.high if step > 0.0 else one.low
    middle = start[one.key]
    if one.log:
        return float(middle * (end / middle) ** abs(step))
    return middle + (end - middle) * abs(step)


class Store:
    """The settings that have been counted with, in a folder.

    Parameters
    ----------
    folder
        Where; made if it is not there.
    task
        What is counted.

    Raises
    ------
    StudyError
        When the folder has something else in it.
    """

    def __init__(self, folder: Path, task: Task) -> None:
        self._path = folder / "counts.jsonl"
        self._reps: dict[int, dict[str, int]] = {}
        folder.mkdir(parents=True, exist_ok=True)
        text = self._path.read_text("utf-8") if self._path.exists() else ""
        whole = text[: text.rfind("\n") + 1]  # the last line may be cut short
        lines = whole.splitlines()
        head = {"format": _FORMAT, **asdict(task)}
        if lines:
            self._check(json.loads(lines[0]), head)
        for line in lines[1:]:
            fields = json.loads(line)
            self._reps.setdefault(fields["setting"], {}).update(fields["reps"])
        if whole != text:
            self._path.write_text(whole, encoding="utf-8")
        if not lines:
            self._append(head)

    def of(self, number: int) -> dict[str, int]:
        """Return the reps counted with a setting so far, by the recording's digest."""
        return self._reps.get(number, {})

    def add(self, number: int, reps: Mapping[str, int]) -> None:
        """Keep what was counted with a setting."""
        self._reps.setdefault(number, {}).update(reps)
        self._append({"setting": number, "reps": dict(reps)})

    def _append(self, fields: Mapping[str, object]) -> None:
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(fields) + "\n")
            file.flush()
            os.fsync(file.fileno())

    def _check(self, found: Mapping[str, object], head: Mapping[str, object]) -> None:
        other = [key for key, value in head.items() if found.get(key) != value]
        if other:
            raise StudyError(
                f"{self._path} was begun with another {' and '.join(other)}: name another folder "
                f"with --store, or go on with what it was begun with."
            )


def task_of(examples: Iterable[Example], searched: Sequence[Range], *, seed: int) -> Task:
    """Return what the counts depend on."""
    recordings = sorted((one.digest, one.reps, one.row.subject) for one in examples)
    return Task(
        seed=seed,
        engine=engine_version(),
        recordings=_digest(recordings),
        searched=_digest([asdict(one) for one in searched]),
    )


def count(
    unarmed: Sequence[Example],
    armed: Sequence[Example],
    settings: Iterable[dict[str, float]],
    *,
    store: Store,
    settings_wanted: int,
    jobs: int,
    tell: Callable[[Sequence[Counted]], None],
) -> list[Counted]:
    """Count with every setting on every recording; those in the store are not counted again.

    Parameters
    ----------
    tell
        Hears of all that is complete, after each batch of settings.
    """
    materials = [
        *_materials(unarmed, Conditions(), _PARTS),
        *_materials(armed, Conditions(armed=True), 1),
    ]
    numbered = enumerate(islice(settings, settings_wanted))
    done: list[Counted] = []
    with here(*materials, jobs=jobs) as runners:
        while batch := list(islice(numbered, 2 * jobs)):
            for material, run in zip(materials, runners, strict=True):
                wanted = {one.digest for one in material.examples}
                due = [
                    Trial(number=number, values=values)
                    for number, values in batch
                    if not wanted <= store.of(number).keys()
                ]
                for outcome in run(due) if due else ():
                    reps = {digest: one.reps for digest, one in outcome.scores.items()}
                    store.add(outcome.number, reps)
            done += [
                Counted(number=number, values=values, reps=store.of(number))
                for number, values in batch
            ]
            tell(done)
    return done


def _materials(examples: Sequence[Example], how: Conditions, parts: int) -> list[Material]:
    dealt = [tuple(examples[place::parts]) for place in range(parts)]
    parameters = PipelineParameters()
    return [
        Material(examples=some, parameters=parameters, conditions=how) for some in dealt if some
    ]


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:16]
