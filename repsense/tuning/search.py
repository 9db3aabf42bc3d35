"""The search for better settings: generations of trials, each learning from those before it.

Whoever counts the trials, and in whatever order they are done, a generation is
proposed only when the one before is complete, and what makes a trial hopeless is
settled by then. So equal seeds give equal winners.
"""

import hashlib
import json
import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass

from repsense.errors import ClusterError
from repsense.tuning.proposals import propose
from repsense.tuning.runners import Runner
from repsense.tuning.space import Range, start_values
from repsense.tuning.study import Line, Study, Task
from repsense.tuning.trial import Material, Outcome, Trial, engine_version, steps_of

#: Trials that are proposed together, whoever counts them.
GENERATION = 8

# Trials are given up only when there are so many to compare them with.
_LEAST_COMPLETE = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a search is.

    Parameters
    ----------
    done, stopped
        Finished trials, and how many of them were given up on the way.
    best
        The best complete trial so far.
    start
        The first trial: the settings as they were.
    """

    done: int
    stopped: int
    best: Line
    start: Line

    @property
    def gain(self) -> float:
        """What the best is worth more than the start, on the recordings searched on."""
        return self.best.worth[-1] - self.start.worth[-1]


def task_of(material: Material, searched: Sequence[Range], *, seed: int) -> Task:
    """Return what the outcome of a search depends on."""
    recordings = sorted((one.digest, one.row.subject, one.reps) for one in material.examples)
    settings = [
        asdict(material.parameters),
        [asdict(one) for one in searched],
        asdict(material.conditions),
    ]
    return Task(
        seed=seed,
        engine=engine_version(),
        recordings=_digest(recordings),
        settings=_digest(settings),
    )


def search(
    material: Material,
    searched: Sequence[Range],
    *,
    study: Study,
    seed: int,
    trials: int,
    run: Runner,
    tell: Callable[[Progress], None],
) -> Progress:
    """Try settings until there are so many trials; return how it ended.

    Trials that the study has already are not counted again. The first trial
    is the settings as they are, so the best is never worse on these recordings.

    Parameters
    ----------
    searched
        What may be changed.
    run
        Counts trials.
    tell
        Hears of the progress after each trial.
    """
    done: list[Line] = []
    for generation in range(-(-trials // GENERATION)):
        first = generation * GENERATION
        count = min(GENERATION, trials - first)
        asked = _proposals(material, searched, done, seed=seed, generation=generation)[:count]
        limits = hopeless_below(done, len(steps_of(material.examples)))
        due = [
            Trial(number=first + place, values=values, hopeless_below=limits)
            for place, values in enumerate(asked)
        ]
        for line in _missing(due, study, run):
            study.add(line)
            if study.get(0) is not None:
                tell(_progress([*done, *_finished(due, study)]))
        done += _finished(due, study)
    return _progress(done)


def hopeless_below(done: Iterable[Line], steps: int) -> tuple[float, ...]:
    """Return for each step the worth below which a trial is given up there.

    It is the median of what the complete trials had reached by then: the median stopping rule
    (Golovin et al., doi 10.1145/3097983.3098043). Nothing for the first trials.
    """
    complete = [line for line in done if not line.stopped]
    if len(complete) < _LEAST_COMPLETE:
        return ()
    return tuple(statistics.median(line.worth[step] for line in complete) for step in range(steps))


def _proposals(
    material: Material,
    searched: Sequence[Range],
    done: Sequence[Line],
    *,
    seed: int,
    generation: int,
) -> list[dict[str, float]]:
    if generation:
        return propose(searched, done, seed=seed, generation=generation, count=GENERATION)
    start = start_values(material.parameters, searched)
    return [start, *propose(searched, (), seed=seed, generation=0, count=GENERATION - 1)]


def _missing(due: Sequence[Trial], study: Study, run: Runner) -> Iterable[Line]:
    """Yield what came of the trials that the study does not have."""
    by_number = {trial.number: trial for trial in due if study.get(trial.number) is None}
    if not by_number:
        return
    for outcome in run(list(by_number.values())):
        trial = by_number[outcome.number]
        _check_engine(outcome)
        yield Line(
            trial=trial.number,
            values=dict(trial.values),
            worth=outcome.worth,
            stopped=outcome.stopped,
        )


def _finished(due: Sequence[Trial], study: Study) -> list[Line]:
    found = (study.get(trial.number) for trial in due)
    return [line for line in found if line is not None]


def _check_engine(outcome: Outcome) -> None:
    if outcome.engine != engine_version():
        raise ClusterError(
            f"A machine of the cluster counts with another engine ({outcome.engine}) than this one "
            f"({engine_version()}): install the same version of RepSense on all of them."
        )


def _progress(done: Sequence[Line]) -> Progress:
    complete = [line for line in done if not line.stopped]
    return Progress(
        done=len(done),
        stopped=len(done) - len(complete),
        best=max(complete, key=lambda line: (line.worth[-1], -line.trial)),
        start=next(line for line in complete if line.trial == 0),
    )


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:16]
