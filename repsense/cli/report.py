"""``repsense report``: a workout, or an evaluation, as one HTML file that needs nothing else."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from repsense.sinks.history import StoredSet


def report(
    *,
    out: Annotated[Path, typer.Option(help="The file to write.")] = Path("report.html"),
    evaluation: Annotated[
        Path | None,
        typer.Option(help="Report this evaluation: what repsense evaluate --json printed."),
    ] = None,
    workout: Annotated[
        int | None, typer.Option(help="Number of the workout; without it the newest.")
    ] = None,
    wearer: Annotated[str | None, typer.Option(help="Of this wearer.")] = None,
    data_dir: Annotated[
        Path | None,
        typer.Option(help="Folder of the history; without it the configured one, else yours."),
    ] = None,
    config: Annotated[Path | None, typer.Option(help="The configuration file.")] = None,
) -> None:
    """Write a report: one HTML file to keep, print or send, with pictures inside it.

    Example: repsense report --data-dir my_sets --out monday.html
    """
    from repsense.cli.report_html import evaluation_page, workout_page
    from repsense.config import load_settings
    from repsense.errors import HistoryError
    from repsense.recording.files import write_text
    from repsense.sinks.history import history_path

    if evaluation is not None:
        page = evaluation_page(_read_evaluation(evaluation))
    else:
        path = history_path(data_dir or load_settings(config).history.data_dir)
        sets = _read_sets(path, wearer)
        chosen = _workout(sets, workout, path)
        page = workout_page(chosen, sets, [path.parent / "recordings"])
    write_text(out, page, HistoryError)
    print(f"Written: {out}")


def _read_evaluation(path: Path) -> Mapping[str, Any]:
    from repsense.errors import LabelsError
    from repsense.recording.files import read_text

    try:
        fields = json.loads(read_text(path, LabelsError))
    except ValueError as error:
        raise LabelsError(
            f"{path} is not JSON ({error}): make it with repsense evaluate INDEX.csv --json"
        ) from error
    if not isinstance(fields, dict) or not {"overall", "files"} <= fields.keys():
        raise LabelsError(
            f"{path} holds no evaluation: make one with repsense evaluate INDEX.csv --json"
        )
    return fields


def _read_sets(path: Path, wearer: str | None) -> "list[StoredSet]":
    from contextlib import closing

    from repsense.sinks.history import History

    if not path.exists():
        return []
    with closing(History(path)) as history:
        return history.sets(wearer=wearer)


def _workout(sets: "Sequence[StoredSet]", number: int | None, path: Path) -> "list[StoredSet]":
    from repsense.errors import HistoryError

    if not sets:
        raise HistoryError(
            f"There are no sets in {path} to report: train first, or name another --data-dir."
        )
    wanted = sets[-1].workout if number is None else number
    chosen = [stored for stored in sets if stored.workout == wanted]
    if not chosen:
        known = sorted({stored.workout for stored in sets})
        raise HistoryError(
            f"There is no workout {wanted}: the history has {known[0]} to {known[-1]}."
        )
    return chosen
