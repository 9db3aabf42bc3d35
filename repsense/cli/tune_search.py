"""Runs the searches of ``repsense tune``: one, or one a fold and one on everybody."""

import sys
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path

from repsense.cli.tune_progress import search_progress
from repsense.pipeline.pipeline import PipelineParameters
from repsense.tuning.evaluation import Conditions
from repsense.tuning.gain import Fold, Gain, gains, nested_gains
from repsense.tuning.people import Division, people_of
from repsense.tuning.runners import Runner, here, on_cluster
from repsense.tuning.search import Progress, search, task_of
from repsense.tuning.space import ranges
from repsense.tuning.study import Study
from repsense.tuning.trial import Material, Outcome, Trial


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How to search.

    Parameters
    ----------
    parameters
        Where the search begins.
    conditions
        How recordings are counted and judged.
    settings
        Names of those that are searched.
    seed, trials
        The same seed proposes the same; and how many sets of settings are tried.
    study
        File in which trials are kept, None where they are not.
    jobs, cluster
        Processes on this machine, or the address of a Ray cluster that takes their place.
    """

    parameters: PipelineParameters
    conditions: Conditions
    settings: tuple[str, ...]
    seed: int
    trials: int
    study: Path | None
    jobs: int
    cluster: str | None

    def without(self, fold: str) -> "Plan":
        """Return the plan of a search in which a fold is left out: with a study of its own."""
        if self.study is None:
            return self
        return replace(self, study=self.study.with_name(self.study.name + fold))


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a search came to, and what it gained on whom.

    Parameters
    ----------
    division
        Who was searched on, and who was kept out.
    ended
        How far the search came.
    gains
        Of each person who was kept out, and last of all together.
    searched_s, took_s
        On the clock: the search alone, and all of it.
    folds
        The searches whose people judged, where it was nested.
    """

    division: Division
    ended: Progress
    gains: Sequence[Gain]
    searched_s: float
    took_s: float
    folds: Sequence[Fold] = ()

    @property
    def helps(self) -> bool:
        """Whether people gain by it whom it never saw."""
        return self.gains[-1].helps


def search_people(plan: Plan, divisions: Sequence[Division]) -> Result:
    """Search once, or nested, where people are divided in several ways."""
    return _nested(plan, divisions) if len(divisions) > 1 else _once(plan, divisions[0])


def _once(plan: Plan, division: Division) -> Result:
    """Search on some people, and judge the winner by those kept out."""
    began_s = time.monotonic()
    found = _search(plan, division)
    return Result(
        division=division,
        ended=found.ended,
        gains=gains(division.kept_out, *found.judged),
        searched_s=found.searched_s,
        took_s=time.monotonic() - began_s,
    )


def _nested(plan: Plan, divisions: Sequence[Division]) -> Result:
    """Search once a fold for what a search gains, and once on everybody for the winner."""
    began_s = time.monotonic()
    folds, searched_s = [], 0.0
    for number, division in enumerate(divisions, start=1):
        names = ", ".join(map(str, people_of(division.kept_out)))
        print(f"Fold {number} of {len(divisions)}, without {names}:", file=sys.stderr)
        found = _search(plan.without(f".{number}"), division)
        folds.append(_fold(division, found))
        searched_s += found.searched_s
    print("On everybody:", file=sys.stderr)
    everybody = tuple(one for division in divisions for one in division.kept_out)
    last = _search(plan, Division(searched=everybody, kept_out=()))
    return Result(
        division=Division(searched=everybody, kept_out=()),
        ended=last.ended,
        gains=nested_gains(folds),
        searched_s=searched_s + last.searched_s,
        took_s=time.monotonic() - began_s,
        folds=folds,
    )


def _fold(division: Division, found: "_Found") -> Fold:
    before, after = found.judged
    best = found.ended.best
    return Fold(
        division=division, winner=best.trial, values=best.values, before=before, after=after
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """What a search found, and what its start and its best count on those kept out."""

    ended: Progress
    judged: Sequence[Outcome]
    searched_s: float


def _search(plan: Plan, division: Division) -> _Found:
    materials = [
        Material(examples=examples, parameters=plan.parameters, conditions=plan.conditions)
        for examples in (division.searched, division.kept_out)
        if examples
    ]
    material = materials[0]
    searched = ranges(plan.parameters, plan.settings)
    study = Study(task_of(material, searched, seed=plan.seed), plan.study)
    with _runners(plan, *materials) as (run, *judges):
        begun_s = time.monotonic()
        with search_progress(plan.trials) as tell:
            ended = search(
                material,
                searched,
                study=study,
                seed=plan.seed,
                trials=plan.trials,
                run=run,
                tell=tell,
            )
        searched_s = time.monotonic() - begun_s
        found = (ended.start, ended.best)
        pair = [Trial(number=place, values=one.values) for place, one in enumerate(found)]
        judged = [outcome for judge in judges for outcome in judge(pair)]
    judged.sort(key=lambda outcome: outcome.number)
    return _Found(ended=ended, judged=judged, searched_s=searched_s)


def _runners(plan: Plan, *materials: Material) -> AbstractContextManager[list[Runner]]:
    if plan.cluster is not None:
        return on_cluster(*materials, address=plan.cluster)
    return here(*materials, jobs=plan.jobs)
