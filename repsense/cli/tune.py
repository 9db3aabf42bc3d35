"""``repsense tune``: search for settings that count better, and judge them by other people."""

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from repsense.cli.cores import cores

if TYPE_CHECKING:
    from repsense.cli.tune_search import Result
    from repsense.tuning.people import Division, Example

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
_Nested = Annotated[
    bool,
    typer.Option(
        "--nested",
        help="Search once a fold, judged by that fold's people, then once more on everybody.",
    ),
]
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
    typer.Option(
        metavar="N", min=1, help="Recordings counted at a time.", show_default="one a core"
    ),
]
_Cluster = Annotated[
    str | None,
    typer.Option(
        metavar="ADDRESS", help="Count on this Ray cluster: host:port, or local to try it out."
    ),
]


def tune(
    index: _Indexes,
    *,
    people_out: _PeopleOut = None,
    folds: _Folds = 3,
    fold: _Fold = 1,
    nested: _Nested = False,
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
    from repsense.cli.tune_search import Plan, search_people
    from repsense.config import load_settings
    from repsense.tuning.evaluation import Conditions

    parameters = load_settings(write).pipeline
    sources = _Sources(dataset=dataset or (), corrections=corrections)
    kept_out, others = people_out or (), score_on or ()
    apart = _Apart(people_out=kept_out, score_on=others, folds=folds, fold=fold, seed=seed)
    examples = sources.read(index)
    divisions = apart.divide_each(examples) if nested else [apart.divide(examples, sources)]
    plan = Plan(
        parameters=parameters,
        conditions=Conditions(armed=armed, known_exercise=known_exercise),
        settings=tuple(setting or ()),
        seed=seed,
        trials=trials,
        study=study,
        jobs=jobs or cores(),
        cluster=cluster,
    )
    _conclude(search_people(plan, divisions), write, seed=seed, as_json=as_json)


def _conclude(result: "Result", write: Path | None, *, seed: int, as_json: bool) -> None:
    """Say what was gained, and write it down where it helps."""
    from repsense.cli.tune_report import as_fields, folds_as_fields, print_folds, print_result
    from repsense.tuning.space import differences

    ended = result.ended
    changes = differences(ended.best.values, ended.start.values)
    written = write if write is not None and result.helps and changes else None
    if written is not None:
        from repsense.config import write_pipeline

        write_pipeline(written, {key: new for key, (_, new) in changes.items()})
    if as_json:
        fields = as_fields(result.division, ended, result.gains, changes)
        fields |= folds_as_fields(result.folds)
        times = {"searched_s": result.searched_s, "took_s": result.took_s}
        extra = {"seed": seed, **{name: round(value, 1) for name, value in times.items()}}
        print(json.dumps(fields | extra | {"written": written and str(written)}))
        return
    print_folds(result.folds)
    print_result(result.division, ended, result.gains, changes, took_s=result.took_s)
    if written is not None:
        print(f"Written into {written}.")
    elif write is not None:
        print(f"{write} is left as it is.")


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

    def divide_each(self, examples: "Sequence[Example]") -> "list[Division]":
        """Divide recordings once for each fold, so that everybody is kept out once."""
        from repsense.errors import ConfigError
        from repsense.tuning.people import every_fold_out

        if self.people_out or self.score_on:
            raise ConfigError(
                "With --nested everybody is kept out of one search: leave --people-out and "
                "--score-on away."
            )
        return every_fold_out(examples, folds=self.folds, seed=self.seed)

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
