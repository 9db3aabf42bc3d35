"""What ``repsense evaluate --compare`` says: what the second changes against the first."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.table import Table

from repsense.cli.score_tables import between
from repsense.cli.tables import output, shown, table
from repsense.tuning.comparison import Changed, Comparison, Difference, changed, compare
from repsense.tuning.scoring import FileScore

_MOST_FILES = 20


def say_comparison(
    names: tuple[Path, Path],
    first: Sequence[FileScore],
    second: Sequence[FileScore],
    *,
    as_json: bool,
) -> None:
    """Print two evaluations side by side, for people or as one JSON object.

    Raises
    ------
    LabelsError
        When they are not of the same recordings.
    """
    found = compare(first, second)
    files = changed(first, second)
    if as_json:
        groups = {one.name: _fields(one) for one in found}
        both = {"first": str(names[0]), "second": str(names[1])}
        fields = both | {"groups": groups, "changed": [asdict(each) for each in files]}
        print(json.dumps(fields, ensure_ascii=False))
        return
    console = output()
    console.print(f"A is {names[0]}, B is {names[1]}.\n", soft_wrap=True)
    for one in found:
        console.print(_table(one))
        console.print()
    left_out = len(first) + len(second) - 2 * found[0].files
    if left_out:
        console.print(f"{left_out} recordings that only one of them has are left out.\n")
    console.print("B - A: with its 95 % interval, people drawn anew for both alike (in brackets:")
    console.print("recordings of a single person). unclear: the interval has 0 in it.")
    if files:
        console.print()
        console.print(_changed_table(files[:_MOST_FILES]))
        if len(files) > _MOST_FILES:
            console.print(f"and {len(files) - _MOST_FILES} more; all of them with --json")


def _fields(one: Comparison) -> dict[str, Any]:
    return {
        "files": one.files,
        "people": one.people,
        "figures": {
            each.kind.name: {
                "first": each.first,
                "second": each.second,
                "change": each.change.value,
                "interval": None
                if each.change.low is None
                else [each.change.low, each.change.high],
                "over": "people" if each.change.over_people else "recordings",
                "verdict": each.verdict.value,
            }
            for each in one.differences
        },
    }


def _table(one: Comparison) -> Table:
    lines = table((f"{one.name}, {one.files} files",), ("A", "B", "B - A", "95 %"), ("B is",))
    for each in one.differences:
        lines.add_row(
            each.kind.words,
            *(shown(value, each.kind.decimals) for value in (each.first, each.second)),
            _change(each),
            between(each.change, each.kind),
            each.verdict.value,
        )
    return lines


def _change(each: Difference) -> str:
    value = each.change.value or 0.0
    return f"{value:+.{each.kind.decimals}f}" if value else "0"


def _changed_table(files: Sequence[Changed]) -> Table:
    lines = table(("counted differently, worse first",), ("true", "A", "B"))
    for each in files:
        lines.add_row(each.file, *map(str, (each.reps_true, each.first, each.second)))
    return lines
