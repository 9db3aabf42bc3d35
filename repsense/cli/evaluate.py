"""``repsense evaluate``: score the engine on labelled recordings."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from repsense.cli.evaluation_work import Work
    from repsense.tuning.evaluation import Conditions
    from repsense.tuning.scoring import FileScore

_EXIT_UNREADABLE = 2
_PICTURES = 10

_Index = Annotated[
    Path | None,
    typer.Argument(
        metavar="INDEX.csv",
        help="Lists recordings: at least the columns file and reps_true.",
        show_default=False,
    ),
]
_AsJson = Annotated[
    bool, typer.Option("--json", help="One JSON object, with the counts of every file.")
]
_Corrections = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="CSV of stated counts that are visibly wrong (file, reps_stated, reps_seen): score "
        "against both.",
        show_default=False,
    ),
]
_RepTimes = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="CSV of when reps began and ended (file, start_s, end_s, form), for recordings "
        "without labels beside them.",
        show_default=False,
    ),
]
_Tolerance = Annotated[
    float,
    typer.Option(metavar="S", min=0.0, help="A rep's start and end are right to within this, s."),
]
_Datasets = Annotated[
    list[str] | None,
    typer.Option(metavar="NAME", help="Only this dataset; more than one may be named."),
]
_Exercises = Annotated[
    list[str] | None,
    typer.Option(metavar="NAME", help="Only this exercise; more than one may be named."),
]
_People = Annotated[
    list[str] | None,
    typer.Option(metavar="NAME", help="Only this person (subject); more than one may be named."),
]
_LabelChecks = Annotated[
    list[str] | None,
    typer.Option(metavar="VALUE", help="Only rows whose label_check is this, like agree."),
]
_ExcludeSuspect = Annotated[
    bool, typer.Option("--exclude-suspect", help="Leave out rows with a suspect label.")
]
_Worst = Annotated[int, typer.Option(metavar="N", min=0, help="List the N worst files.")]
_Whole = Annotated[bool, typer.Option("--whole", help="List every file.")]
_Pictures = Annotated[
    Path | None,
    typer.Option(
        metavar="FOLDER",
        help=f"Draw the worst files into this folder; {_PICTURES} unless --worst says how many.",
        show_default=False,
    ),
]
_Jobs = Annotated[
    int | None,
    typer.Option(metavar="N", min=1, help="Files at a time.", show_default="one a core"),
]
_Armed = Annotated[bool, typer.Option("--armed", help="A set is due: even a single rep counts.")]
_KnownExercise = Annotated[
    bool, typer.Option("--known-exercise", help="Tell the engine the index's exercise.")
]
_Config = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="Count with the pipeline settings of this configuration, not with the tuned ones.",
        show_default=False,
    ),
]
_Compare = Annotated[
    tuple[Path, Path] | None,
    typer.Option(
        metavar="A B",
        help="Say what B changes against A: two configurations (.yaml) on INDEX.csv, or two "
        "saved results (.json) of this command, as of two versions.",
        show_default=False,
    ),
]


def evaluate(
    index: _Index = None,
    *,
    as_json: _AsJson = False,
    corrections: _Corrections = None,
    rep_times: _RepTimes = None,
    tolerance: _Tolerance = 0.5,
    dataset: _Datasets = None,
    exercise: _Exercises = None,
    person: _People = None,
    label_check: _LabelChecks = None,
    exclude_suspect: _ExcludeSuspect = False,
    worst: _Worst = 0,
    whole: _Whole = False,
    pictures: _Pictures = None,
    jobs: _Jobs = None,
    armed: _Armed = False,
    known_exercise: _KnownExercise = False,
    config: _Config = None,
    compare: _Compare = None,
) -> None:
    """Count every recording of an index: how right, how late and how jumpy the counts are.

    When reps were is read from the labels beside a recording (NAME.labels.yaml), else from
    --rep-times. A file that cannot be read is told, left out, and makes the exit code 2.

    Example: repsense evaluate recordings/index.csv --worst 5 --pictures worst

    Example: repsense evaluate recordings/index.csv --compare old.yaml new.yaml
    """
    from repsense.cli.evaluation_work import Choice, work_on
    from repsense.tuning.evaluation import Conditions

    if compare is not None and _are_saved(compare, config, pictures):
        _compare_saved(compare, as_json=as_json)
        return
    choice = Choice(
        datasets=dataset, exercises=exercise, people=person, label_checks=label_check,
        without_suspect=exclude_suspect,
    )  # fmt: skip
    work = work_on(_named(index), choice, corrections, rep_times, jobs)
    plain = Conditions(armed=armed, known_exercise=known_exercise, tolerance_s=tolerance)
    if compare is not None:
        unreadable = _compare_settings(work, plain, compare, as_json=as_json)
    else:
        drawn = _PICTURES if pictures and not worst else worst
        listed = len(work.rows) if whole else drawn
        conditions = _with_settings(plain, config)
        unreadable = _evaluate(work, conditions, listed, pictures, as_json=as_json)
    if unreadable:
        raise typer.Exit(_EXIT_UNREADABLE)


def _are_saved(both: tuple[Path, Path], config: Path | None, pictures: Path | None) -> bool:
    """Return whether two saved results are to be compared, not two configurations."""
    from repsense.errors import ConfigError

    if config or pictures:
        raise ConfigError(
            "--compare goes with neither --config nor --pictures: name both configurations behind "
            "--compare, and draw the worst of one in a run of its own."
        )
    saved = [path.suffix.lower() == ".json" for path in both]
    if any(saved) and not all(saved):
        raise ConfigError(
            f"{both[0]} and {both[1]} cannot be compared: name two configurations (.yaml) or two "
            f"saved results (.json)."
        )
    return all(saved)


def _named(index: Path | None) -> Path:
    from repsense.errors import LabelsError

    if index is None:
        raise LabelsError(
            "There is nothing to count: name an index of recordings, or two saved results with "
            "--compare A.json B.json"
        )
    return index


def _evaluate(
    work: "Work", conditions: "Conditions", listed: int, pictures: Path | None, *, as_json: bool
) -> int:
    """Count, print, draw; return how many recordings could not be read."""
    from repsense.cli.evaluation_fields import evaluation_fields

    scores, unreadable = work.scored(conditions)
    for failed in unreadable:
        print(f"repsense: {failed.problem}", file=sys.stderr)
    drawn = _drawn(work, conditions, scores, listed, pictures)
    if as_json:
        fields = evaluation_fields(work, conditions, scores, unreadable)
        print(json.dumps(fields | ({"pictures": drawn} if pictures else {}), ensure_ascii=False))
        return len(unreadable)
    from repsense.cli.score_tables import print_scores

    print_scores(
        scores,
        worst=listed,
        corrected=work.corrections is not None,
        tolerance_s=conditions.tolerance_s,
        pictures=drawn,
    )
    _print_left_out(work.without_truth, len(unreadable))
    return len(unreadable)


def _drawn(
    work: "Work",
    conditions: "Conditions",
    scores: "Sequence[FileScore]",
    listed: int,
    folder: Path | None,
) -> dict[str, str]:
    """Draw the worst recordings; return the picture of each, by its file."""
    if folder is None:
        return {}
    from repsense.cli.evaluation_pictures import draw_worst

    return draw_worst(work, conditions, scores, listed, folder)


def _print_left_out(without_truth: int, unreadable: int) -> None:
    if without_truth:
        print(f"\n{without_truth} without a true count were left out.")
    if unreadable:
        print(f"\n{unreadable} could not be read and are left out.")


def _with_settings(conditions: "Conditions", path: Path | None) -> "Conditions":
    """Return the conditions with the pipeline settings of a configuration."""
    from dataclasses import replace

    if path is None:
        return conditions
    from repsense.config import load_settings

    return replace(conditions, parameters=load_settings(path).pipeline)


def _compare_settings(
    work: "Work", conditions: "Conditions", paths: tuple[Path, Path], *, as_json: bool
) -> int:
    from repsense.cli.comparison_tables import say_comparison

    both = [work.scored(_with_settings(conditions, path)) for path in paths]
    problems = {failed.problem for _, unreadable in both for failed in unreadable}
    for problem in sorted(problems):
        print(f"repsense: {problem}", file=sys.stderr)
    say_comparison(paths, both[0][0], both[1][0], as_json=as_json)
    return len(problems)


def _compare_saved(paths: tuple[Path, Path], *, as_json: bool) -> None:
    from repsense.cli.comparison_tables import say_comparison
    from repsense.tuning.saved import read_evaluation

    first, second = map(read_evaluation, paths)
    say_comparison(paths, first, second, as_json=as_json)
