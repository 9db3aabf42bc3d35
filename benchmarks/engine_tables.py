"""Print what ``engine.py`` has measured, for people."""

import sys
from collections.abc import Iterable, Sequence

import numpy as np
from engine_jobs import Outcome
from engine_rows import Row
from rich.console import Console
from rich.table import Table

from repsense.tuning.scoring import Tally


def _console() -> Console:
    return Console(width=None if sys.stdout.isatty() else 120)


def print_rows(rows: Sequence[Row], groups: dict[str, list[Tally]]) -> None:
    """Print every row, then the groups."""
    console = _console()
    console.print(_row_table(rows))
    for name, tallies in groups.items():
        if tallies:
            console.print(_group_table(name, tallies))
            console.print(_spread(name, tallies))


def print_verdict(rows: Sequence[Row], spent_s: float) -> None:
    """Print how many promises are kept."""
    promised = [row for row in rows if row.kept is not None]
    kept = sum(row.kept is True for row in promised)
    unmeasured = sum(row.promised is not None for row in rows) - len(promised)
    _console().print(
        f"\n{kept} of {len(promised)} promises kept, {unmeasured} not measured, in {spent_s:.0f} s."
    )


def _row_table(rows: Sequence[Row]) -> Table:
    table = Table("what", "figure", box=None, pad_edge=False)
    for name in ("n", "measured", "promised", ""):
        table.add_column(name, justify="right")
    before = ""
    for row in (one for one in rows if one.measured is not None):
        table.add_row(
            row.group if row.group != before else "",
            row.what,
            str(row.n),
            f"{row.measured:.2f}",
            "" if row.promised is None else f"{row.comparison} {row.promised:g}",
            {True: "ok", False: "NOT", None: ""}[row.kept],
        )
        before = row.group
    return table


def _group_table(name: str, tallies: Sequence[Tally]) -> Table:
    table = Table(f"\nby {name}", box=None, pad_edge=False)
    for column in ("files", "exact* %", "within 1* %", "error*"):
        table.add_column(column, justify="right")
    for group in tallies:
        if group.corrected is not None:
            table.add_row(
                group.name,
                str(group.files),
                f"{group.corrected.exact_pct:.0f}",
                f"{group.corrected.within_one_pct:.0f}",
                f"{group.corrected.mean_absolute_error:.2f}",
            )
    return table


def _spread(name: str, tallies: Sequence[Tally]) -> str:
    found = [group.corrected for group in tallies if group.corrected is not None]
    exact = [one.exact_pct for one in found]
    within = [one.within_one_pct for one in found]
    return (
        f"mean over {len(found)} {name} groups: exact {np.mean(exact):.1f} %, within one "
        f"{np.mean(within):.1f} %; least {min(exact):.0f} and {min(within):.0f} %. "
        f"*: final counts, against corrected ones."
    )


def print_misses(outcomes: Iterable[Outcome]) -> None:
    """Print every recording that was counted wrong in some way."""
    table = Table(box=None, pad_edge=False)
    table.add_column("\nmisses", overflow="fold", min_width=40)
    for column in ("true", "seen", "live", "final", "armed", "changed by"):
        table.add_column(column, justify="right")
    for one in outcomes:
        plain, armed = one.unarmed, one.armed
        score = plain or armed
        counts = {count for each in (plain, armed) if each for count in (each.reps, each.reps_live)}
        changed = [name for name, same in one.unchanged.items() if not same]
        if score is None or (counts - {None} == {score.reps_seen} and not changed):
            continue
        cells = [score.reps_true, score.reps_seen, *_live_and_final(one), armed and armed.reps]
        shown = ["" if cell is None else str(cell) for cell in cells]
        table.add_row(one.row.file, *shown, ", ".join(changed))
    _console().print(table)


def _live_and_final(one: Outcome) -> tuple[int | None, int | None]:
    return (one.unarmed.reps_live, one.unarmed.reps) if one.unarmed else (None, None)
