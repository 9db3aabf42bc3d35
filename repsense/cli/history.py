"""``repsense history``: show past workouts."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from rich.table import Table

    from repsense.sinks.history import StoredSet


def history(
    data_dir: Annotated[
        Path | None,
        typer.Option(help="Folder of the history; without it the configured one, else yours."),
    ] = None,
    wearer: Annotated[str | None, typer.Option(help="Only this wearer.")] = None,
    days: Annotated[int | None, typer.Option(min=1, help="Only the last N days.")] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object a set, with every rep.")
    ] = False,
    config: Annotated[Path | None, typer.Option(help="The configuration file.")] = None,
) -> None:
    """List the sets of past workouts, the newest last."""
    from repsense.sinks.history import history_path

    path = history_path(data_dir or _configured_folder(config))
    sets = _read(path, wearer, days)
    if as_json:
        for stored in sets:
            print(json.dumps(_fields(stored), ensure_ascii=False))
    elif sets:
        from rich.console import Console

        Console().print(_table(sets))
    else:
        print(f"No sets yet in {path}." if wearer is None and days is None else "No such sets.")


def _configured_folder(config: Path | None) -> str | None:
    from repsense.config import load_settings

    return load_settings(config).history.data_dir


def _read(path: Path, wearer: str | None, days: int | None) -> "list[StoredSet]":
    from repsense.sinks.history import History

    if not path.exists():
        return []
    since = None if days is None else datetime.now(UTC) - timedelta(days=days)
    database = History(path)
    try:
        return database.sets(wearer=wearer, since=since)
    finally:
        database.close()


def _table(sets: "list[StoredSet]") -> "Table":
    from rich.table import Table

    table = Table(box=None, header_style="bold", pad_edge=False)
    for heading in ("Day", "Time", "Wearer", "Exercise"):
        table.add_column(heading)
    for heading in ("Reps", "Took", "Lift-hold-lower", "Momentum"):
        table.add_column(heading, justify="right")
    table.add_column("Flags")
    previous = None
    for stored in sets:
        if previous is not None and previous.workout != stored.workout:
            table.add_section()
        table.add_row(*_cells(stored))
        previous = stored
    return table


def _cells(stored: "StoredSet") -> list[str]:
    started = stored.started_at.astimezone()
    reps = stored.rep_details
    tempo = momentum = ""
    if reps:
        phases = [
            sum(getattr(rep, phase) for rep in reps) / len(reps)
            for phase in ("lift_s", "hold_s", "lower_s")
        ]
        tempo = " - ".join(f"{seconds:.1f}" for seconds in phases) + " s"
        momentum = f"{sum(rep.momentum for rep in reps) / len(reps):.2f}"
    return [
        started.strftime("%a %Y-%m-%d"),
        started.strftime("%H:%M"),
        stored.wearer,
        stored.true_exercise.replace("_", " "),
        str(stored.true_reps),
        f"{(stored.ended_at - stored.started_at).total_seconds():.0f} s",
        tempo,
        momentum,
        ", ".join(flag.replace("_", " ") for flag in stored.flags),
    ]


def _fields(stored: "StoredSet") -> dict[str, Any]:
    from dataclasses import asdict

    fields = asdict(stored)
    for moment in ("started_at", "ended_at"):
        fields[moment] = fields[moment].isoformat()
    return fields
