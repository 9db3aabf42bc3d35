"""One trial: settings, counted with on every recording, and what that is worth."""

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


def run_trial(material: Material, trial: Trial) -> Outcome:
    """Count with the trial's settings, step by step, until it is done or hopeless."""
    parameters = changed(material.parameters, trial.values)
    steps = _steps(material.examples)
    scored: list[tuple[Example, FileScore]] = []
    reached: list[float] = []
    for number, examples in enumerate(steps):
        scored += [(one, _score(one, parameters, material.conditions)) for one in examples]
        reached.append(worth_of([(one.person, score) for one, score in scored]))
        limits = trial.hopeless_below[number : number + 1]
        if number + 1 < len(steps) and limits and reached[-1] < limits[0]:
            break
    return Outcome(
        number=trial.number,
        worth=tuple(reached),
        stopped=len(reached) < len(steps),
        scores={one.digest: score for one, score in scored},
        engine=engine_version(),
    )


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


def step_count(examples: Sequence[Example]) -> int:
    """Return how many steps a trial on these recordings has."""
    return len(_steps(examples))


@functools.cache
def engine_version() -> str:
    """Return what tells one engine from another that might count differently."""
    package = Path(__file__).parent.parent
    digest = hashlib.sha256()
    for folder in ("pipeline", "exercises"):
        for path in sorted((package / folder).glob("*.*")):
            digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def _score(example: Example, parameters: PipelineParameters, how: Conditions) -> FileScore:
    known = how.known_exercise and example.row.exercise in load_catalogue()
    run = run_recording(
        example.recording,
        parameters=parameters,
        armed=how.armed,
        exercise=example.row.exercise if known else None,
    )
    return score_run(example.row, run, reps_true=example.reps)


def _steps(examples: Sequence[Example]) -> list[list[Example]]:
    """Deal everybody's recordings onto the steps, in an order that says nothing about them."""
    people: dict[Person, list[Example]] = {}
    for one in sorted(examples, key=lambda one: hashlib.sha256(one.digest.encode()).digest()):
        people.setdefault(one.person, []).append(one)
    dealt: list[list[Example]] = [[] for _ in range(STEPS)]
    for theirs in people.values():
        for place, one in enumerate(theirs):
            dealt[place % STEPS].append(one)
    return [step for step in dealt if step]
