"""``repsense tune``: search for settings that count better, and judge them by other people."""

import json
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from repsense.cli.cores import cores
from repsense.cli.tune_progress import search_progress

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from repsense.pipeline.pipeline import PipelineParameters
    from repsense.tuning.gain import Gain
    from repsense.tuning.people import Division, Example
    from repsense.tuning.runners import Runner
    from repsense.tuning.search import Progress
    from repsense.tuning.trial import Material

_Indexes = Annotated[
    list[Path],
    typer.Argument(
        metavar="INDEX...",
        help="Lists of recordings with their true counts, and whose they are (subject); with "
        "--ui: recordings, or folders of them.",
        show_default=False,
    ),
]
_PeopleOut = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME", help="Judge by this person, never searched on; more than one may be named."
    ),
]
_Folds = Annotated[
    int, typer.Option(metavar="N", min=2, help="Deal people into so many folds instead,")
]
_Fold = Annotated[int, typer.Option(metavar="N", min=1, help="and judge by this one.")]
_ScoreOn = Annotated[
    list[Path] | None,
    typer.Option(metavar="INDEX", help="Judge by these recordings of other people instead."),
]
_Trials = Annotated[int, typer.Option(metavar="N", min=1, help="How many settings to try.")]
_Seed = Annotated[int, typer.Option(metavar="N", min=0, help="The same seed, the same winner.")]
_StudyFile = Annotated[
    Path | None,
    typer.Option("--study", metavar="FILE", help="Keep every trial here, and go on from here."),
]
_Write = Annotated[
    Path | None,
    typer.Option(
        metavar="config.yaml",
        help="Start from this configuration, and write the winner into it if it helps.",
    ),
]
_Searched = Annotated[
    list[str] | None,
    typer.Option(
        "--setting",
        metavar="NAME",
        help="Search this setting or group (chains.link_cost, sets) or all, instead of those that "
        "decide most; more than one may be named.",
    ),
]
_Datasets = Annotated[
    list[str] | None,
    typer.Option(metavar="NAME", help="Only this dataset; more than one may be named."),
]
_Corrections = Annotated[
    Path | None, typer.Option(metavar="FILE", help="CSV of stated counts that are visibly wrong.")
]
_Jobs = Annotated[
    int | None,
    typer.Option(metavar="N", min=1, help="Trials at a time.", show_default="one a core"),
]
_Cluster = Annotated[
    str | None,
    typer.Option(
        metavar="ADDRESS", help="Count on this Ray cluster: host:port, or local to try it out."
    ),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Result:
    """What a search came to."""

    division: "Division"
    ended: "Progress"
    gains: "Sequence[Gain]"
    searched_s: float
    took_s: float

    @property
    def helps(self) -> bool:
        return self.gains[-1].helps


def tune(
    index: _Indexes,
    *,
    people_out: _PeopleOut = None,
    folds: _Folds = 3,
    fold: _Fold = 1,
    score_on: _ScoreOn = None,
    trials: _Trials = 60,
    seed: _Seed = 1,
    study: _StudyFile = None,
    write: _Write = None,
    setting: _Searched = None,
    dataset: _Datasets = None,
    corrections: _Corrections = None,
    armed: Annotated[bool, typer.Option("--armed", help="Count as if sets were due.")] = False,
    known_exercise: Annotated[
        bool, typer.Option("--known-exercise", help="Tell the engine the index's exercise.")
    ] = False,
    jobs: _Jobs = None,
    cluster: _Cluster = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
    ui: Annotated[
        bool, typer.Option("--ui", help="Change settings by hand, in a browser, instead.")
    ] = False,
    port: Annotated[
        int | None, typer.Option(metavar="N", help="Port of the pages, with --ui.")
    ] = None,
) -> None:
    """Search for settings that count better, and say what they gain on people not searched on.

    Example: repsense tune my_recordings/index.csv --study my.study --write config.yaml
    """
    if ui:
        from repsense.cli.tune_pages import serve_pages

        serve_pages(index, config=write, port=port)
        return
    from repsense.config import load_settings
    from repsense.tuning.evaluation import Conditions

    parameters = load_settings(write).pipeline
    sources = _Sources(dataset=dataset or (), corrections=corrections)
    apart = _Apart(
        people_out=people_out or (), score_on=score_on or (), folds=folds, fold=fold, seed=seed
    )
    division = apart.divide(sources.read(index), sources)
    plan = _Plan(
        parameters=parameters,
        conditions=Conditions(armed=armed, known_exercise=known_exercise),
        settings=tuple(setting or ()),
        seed=seed,
        trials=trials,
        study=study,
        jobs=jobs or cores(),
        cluster=cluster,
    )
    _conclude(_search(plan, division), write, seed=seed, as_json=as_json)


def _conclude(result: _Result, write: Path | None, *, seed: int, as_json: bool) -> None:
    """Say what was gained, and write it down where it helps."""
    from repsense.cli.tune_report import as_fields, print_result
    from repsense.tuning.space import differences

    ended = result.ended
    changes = differences(ended.best.values, ended.start.values)
    written = write if write is not None and result.helps and changes else None
    if written is not None:
        from repsense.config import write_pipeline

        write_pipeline(written, {key: new for key, (_, new) in changes.items()})
    if as_json:
        fields = as_fields(result.division, ended, result.gains, changes)
        times = {"searched_s": result.searched_s, "took_s": result.took_s}
        extra = {"seed": seed, **{name: round(value, 1) for name, value in times.items()}}
        print(json.dumps(fields | extra | {"written": written and str(written)}))
        return
    print_result(result.division, ended, result.gains, changes, took_s=result.took_s)
    if written is not None:
        print(f"Written into {written}.")
    elif write is not None:
        print(f"{write} is left as it is.")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    """How to search."""

    parameters: "PipelineParameters"
    conditions: Any
    settings: tuple[str, ...]
    seed: int
    trials: int
    study: Path | None
    jobs: int
    cluster: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sources:
    """Which rows of indexes are read."""

    dataset: Sequence[str]
    corrections: Path | None

    def read(self, indexes: Sequence[Path]) -> "list[Example]":
        """Return the recordings; those that cannot be read are told, and left out."""
        from repsense.errors import LabelsError
        from repsense.recording.index import read_corrections, read_index
        from repsense.tuning.people import load_examples

        rows = [
            row
            for index in indexes
            for row in read_index(index)
            if (not self.dataset or row.dataset in self.dataset) and row.label_check != "suspect"
        ]
        corrected = {} if self.corrections is None else read_corrections(self.corrections)
        examples, unreadable = load_examples(rows, corrected)
        for failed in unreadable:
            print(f"repsense: {failed.problem}", file=sys.stderr)
        if not examples:
            raise LabelsError(
                f"{indexes[0]} has no readable recording with a true count that fits --dataset."
            )
        return examples


@dataclass(frozen=True, slots=True, kw_only=True)
class _Apart:
    """Whose recordings are kept out of the search."""

    people_out: Sequence[str]
    score_on: Sequence[Path]
    folds: int
    fold: int
    seed: int

    def divide(self, examples: "Sequence[Example]", sources: _Sources) -> "Division":
        """Divide recordings into those to search on and those to judge by."""
        from repsense.tuning.people import Division, check_apart, keep_fold_out, keep_out

        if self.people_out:
            division = keep_out(examples, self.people_out)
        elif self.score_on:
            division = Division(searched=tuple(examples), kept_out=())
        else:
            division = keep_fold_out(examples, folds=self.folds, fold=self.fold, seed=self.seed)
        if not self.score_on:
            return division
        others = tuple(sources.read(self.score_on))
        check_apart(division.searched, others)
        return Division(searched=division.searched, kept_out=division.kept_out + others)


def _search(plan: _Plan, division: "Division") -> _Result:
    from repsense.tuning.gain import gains
    from repsense.tuning.search import search, task_of
    from repsense.tuning.space import ranges
    from repsense.tuning.study import Study
    from repsense.tuning.trial import Material, Trial

    began_s = time.monotonic()
    material, judging = (
        Material(examples=examples, parameters=plan.parameters, conditions=plan.conditions)
        for examples in (division.searched, division.kept_out)
    )
    searched = ranges(plan.parameters, plan.settings)
    study = Study(task_of(material, searched, seed=plan.seed), plan.study)
    with _runners(plan, material, judging) as (run, judge):
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
        before, after = sorted(judge(pair), key=lambda outcome: outcome.number)
    return _Result(
        division=division,
        ended=ended,
        gains=gains(division.kept_out, before, after),
        searched_s=searched_s,
        took_s=time.monotonic() - began_s,
    )


def _runners(plan: _Plan, *materials: "Material") -> "AbstractContextManager[list[Runner]]":
    from repsense.tuning.runners import here, on_cluster

    if plan.cluster is not None:
        return on_cluster(*materials, address=plan.cluster)
    return here(*materials, jobs=plan.jobs)
