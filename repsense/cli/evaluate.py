"""``repsense evaluate``: score the engine on labelled recordings."""

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from repsense.cli.progress import progress_bar

if TYPE_CHECKING:
    from collections.abc import Sequence

    from repsense.recording.index import Correction, IndexRow
    from repsense.tuning.evaluation import Conditions, Unreadable
    from repsense.tuning.scoring import FileScore

_EXIT_UNREADABLE = 2


_Index = Annotated[
    Path,
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
_Datasets = Annotated[
    list[str] | None,
    typer.Option(metavar="NAME", help="Only this dataset; more than one may be named."),
]
_Exercises = Annotated[
    list[str] | None,
    typer.Option(metavar="NAME", help="Only this exercise; more than one may be named."),
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
_Jobs = Annotated[
    int | None,
    typer.Option(metavar="N", min=1, help="Files at a time.", show_default="one a core"),
]
_Armed = Annotated[bool, typer.Option("--armed", help="A set is due: even a single rep counts.")]
_KnownExercise = Annotated[
    bool, typer.Option("--known-exercise", help="Tell the engine the index's exercise.")
]


def evaluate(
    index: _Index,
    *,
    as_json: _AsJson = False,
    corrections: _Corrections = None,
    dataset: _Datasets = None,
    exercise: _Exercises = None,
    label_check: _LabelChecks = None,
    exclude_suspect: _ExcludeSuspect = False,
    worst: _Worst = 0,
    whole: _Whole = False,
    jobs: _Jobs = None,
    armed: _Armed = False,
    known_exercise: _KnownExercise = False,
) -> None:
    """Count every recording of an index, and say how right, how late and how jumpy the counts are.

    A file that cannot be read is told, left out, and makes the exit code 2.
    """
    from repsense.recording.index import read_corrections, read_index
    from repsense.tuning.evaluation import Conditions

    chosen = [
        row
        for row in read_index(index)
        if (not dataset or row.dataset in dataset)
        and (not exercise or row.exercise in exercise)
        and (not label_check or row.label_check in label_check)
        and not (exclude_suspect and row.label_check == "suspect")
    ]
    rows = [row for row in chosen if row.reps_true is not None]
    _check_any(rows, index)
    corrected = None if corrections is None else read_corrections(corrections)
    conditions = Conditions(armed=armed, known_exercise=known_exercise)
    scores, unreadable = _score(rows, corrected, conditions, jobs or _cores())
    for failed in unreadable:
        print(f"repsense: {failed.problem}", file=sys.stderr)
    left_out = len(chosen) - len(rows)
    if as_json:
        about = {"index": str(index), "armed": armed, "known_exercise": known_exercise}
        fields = report_fields(scores, unreadable, corrected=corrected is not None)
        print(json.dumps(about | fields | {"without_truth": left_out}, ensure_ascii=False))
    else:
        from repsense.cli.score_tables import print_scores

        print_scores(scores, worst=len(scores) if whole else worst, corrected=corrected is not None)
        _print_left_out(left_out, len(unreadable))
    if unreadable:
        raise typer.Exit(_EXIT_UNREADABLE)


def _print_left_out(without_truth: int, unreadable: int) -> None:
    if without_truth:
        print(f"\n{without_truth} without a true count were left out.")
    if unreadable:
        print(f"\n{unreadable} could not be read and are left out.")


def report_fields(
    scores: "Sequence[FileScore]", unreadable: "Sequence[Unreadable]", *, corrected: bool
) -> dict[str, Any]:
    """Return the JSON form of an evaluation: tallies by group, and every file."""
    from repsense.tuning.scoring import Tally, tally, tally_by, tally_dict

    def fields(group: Tally) -> dict[str, Any]:
        values = tally_dict(group)
        if not corrected:
            del values["corrected"]
        return values

    return {
        "overall": fields(tally("overall", scores)),
        "with_reps": fields(tally("with reps", [each for each in scores if each.reps_true])),
        "without_reps": fields(tally("no reps", [each for each in scores if not each.reps_true])),
        "by_dataset": {
            group.name: fields(group) for group in tally_by(lambda each: each.dataset, scores)
        },
        "by_exercise": {
            group.name: fields(group) for group in tally_by(lambda each: each.exercise, scores)
        },
        "files": [_file_fields(score) for score in scores],
        "errors": [{"file": failed.file, "problem": failed.problem} for failed in unreadable],
    }


def _file_fields(score: "FileScore") -> dict[str, Any]:
    from dataclasses import asdict

    fields = asdict(score)
    fields["delays_s"] = [round(delay_s, 3) for delay_s in score.delays_s]
    fields["idle_s"] = round(score.idle_s, 3)
    return fields


def _score(
    rows: "Sequence[IndexRow]",
    corrections: "dict[str, Correction] | None",
    conditions: "Conditions",
    jobs: int,
) -> "tuple[list[FileScore], list[Unreadable]]":
    from repsense.tuning.evaluation import Unreadable, evaluate_rows

    scores: list[FileScore] = []
    unreadable: list[Unreadable] = []
    with progress_bar("Counting", len(rows)) as advance:
        results = evaluate_rows(rows, conditions=conditions, corrections=corrections, jobs=jobs)
        for result in results:
            if isinstance(result, Unreadable):
                unreadable.append(result)
            else:
                scores.append(result)
            advance(1)
    return scores, unreadable


def _check_any(rows: "Sequence[IndexRow]", index: Path) -> None:
    from repsense.errors import LabelsError

    if not rows:
        raise LabelsError(
            f"{index} has no row with a true count that fits --dataset, --exercise, --label-check "
            f"and --exclude-suspect: leave some of them out, or check their spelling."
        )


def _cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
