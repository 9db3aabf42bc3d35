"""One trial: settings to count every recording with, step by step, and what that is worth."""

import functools
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from repsense.exercises.catalogue import load_catalogue
from repsense.pipeline.pipeline import PipelineParameters
from repsense.tuning.evaluation import Conditions
from repsense.tuning.people import Example, Person
from repsense.tuning.run import run_recording
from repsense.tuning.scoring import FileScore, score_run
from repsense.tuning.settings import changed

#: A trial is looked at this many times on its way, with some recordings of everybody each time.
STEPS = 4


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Material:
    """What trials are counted on: the recordings, and the settings that no trial changes."""

    examples: tuple[Example, ...]
    parameters: PipelineParameters
    conditions: Conditions


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """Settings to try.

    Parameters
    ----------
    values
        Of the searched settings, by key.
    hopeless_below
        The trial is given up when it is worth less than this after a step.
    """

    number: int
    values: Mapping[str, float]
    hopeless_below: Sequence[float] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a trial.

    Parameters
    ----------
    worth
        After each step that was reached, see :func:`worth_of`.
    stopped
        It was given up on the way.
    scores
        Of the recordings that were counted, by their digest.
    engine
        Version of the engine that counted.
    """

    number: int
    worth: tuple[float, ...]
    stopped: bool
    scores: Mapping[str, FileScore]
    engine: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """What a trial came to on one recording, and the version of the engine that counted."""

    score: FileScore
    engine: str


def worth_of(scored: Sequence[tuple[Person, FileScore]]) -> float:
    """Return what counts are worth, 1 where each is right.

    A recording is worth 1 / (1 + the reps it is off by); everybody's mean weighs
    the same, however many recordings there are.
    """
    by_person: dict[Person, list[float]] = {}
    for person, score in scored:
        by_person.setdefault(person, []).append(1.0 / (1.0 + abs(score.error)))
    means = [sum(credits) / len(credits) for credits in by_person.values()]
    return sum(means) / len(means)


def count_one(material: Material, values: Mapping[str, float], place: int) -> Counted:
    """Count one of the recordings with a trial's values."""
    example, how = material.examples[place], material.conditions
    known = how.known_exercise and example.row.exercise in load_catalogue()
    run = run_recording(
        example.recording,
        parameters=changed(material.parameters, values),
        armed=how.armed,
        exercise=example.row.exercise if known else None,
    )
    score = score_run(example.row, run, reps_true=example.reps)
    return Counted(score=score, engine=engine_version())


@functools.cache
def engine_version() -> str:
    """Return what tells one engine from another that might count differently."""
    package = Path(__file__).parent.parent
    digest = hashlib.sha256()
    for folder in ("pipeline", "exercises"):
        for path in sorted((package / folder).glob("*.*")):
            digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def steps_of(examples: Sequence[Example]) -> list[list[int]]:
    """Deal everybody's recordings onto the steps, in an order that says nothing about them.

    Returns
    -------
    list of list of int
        Places among the examples, step by step.
    """
    people: dict[Person, list[int]] = {}
    for place in sorted(range(len(examples)), key=lambda place: _lot(examples[place])):
        people.setdefault(examples[place].person, []).append(place)
    dealt: list[list[int]] = [[] for _ in range(STEPS)]
    for theirs in people.values():
        for turn, place in enumerate(theirs):
            dealt[turn % STEPS].append(place)
    return [step for step in dealt if step]


def _lot(example: Example) -> bytes:
    return hashlib.sha256(example.digest.encode()).digest()
