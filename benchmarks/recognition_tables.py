"""Print what ``recognition.py`` has measured, for people."""

import sys
from collections.abc import Sequence

from recognition_rows import Reliability, Row, calibration_error, confusion
from recognition_trials import WAYS, Trial
from rich.console import Console
from rich.table import Table

from repsense.exercises import load_catalogue
from repsense.exercises.recognition import UNKNOWN


def print_all(
    rows: Sequence[Row], trust: Sequence[Reliability], simulated: Sequence[Trial], spent_s: float
) -> None:
    """Print the figures, the confidence against the truth, and what was taken for what."""
    console = Console(width=None if sys.stdout.isatty() else 140)
    console.print(_row_table(rows))
    for way in dict.fromkeys(one.way for one in trust):
        mine = [one for one in trust if one.way == way]
        apart = calibration_error(mine)
        console.print(f"\n{way}: confidence and truth, {apart:.3f} apart in the mean")
        console.print(_trust_table(mine))
        if way in WAYS:
            console.print(f"\n{way}: what was said at the end")
            console.print(_confusion_table(way, simulated))
    promised = [row for row in rows if row.promised is not None]
    kept = sum(row.kept is True for row in promised)
    console.print(f"\n{kept} of {len(promised)} promises kept, in {spent_s:.0f} s.")


def _row_table(rows: Sequence[Row]) -> Table:
    table = Table("what", "figure", box=None, pad_edge=False)
    for name in ("n", "right", "promised", ""):
        table.add_column(name, justify="right")
    before = ""
    for row in rows:
        table.add_row(
            row.group if row.group != before else "",
            row.what,
            str(row.n),
            f"{row.measured:.3f}",
            "" if row.promised is None else f">= {row.promised:g}",
            {True: "ok", False: "NOT", None: ""}[row.kept],
        )
        before = row.group
    return table


def _trust_table(rows: Sequence[Reliability]) -> Table:
    table = Table("when", box=None, pad_edge=False)
    for name in ("n", "confidence", "right"):
        table.add_column(name, justify="right")
    for row in rows:
        table.add_row(row.when, str(row.n), f"{row.confidence:.2f}", f"{row.right:.2f}")
    return table


def _confusion_table(way: str, simulated: Sequence[Trial]) -> Table:
    said = [*load_catalogue(), UNKNOWN]
    table = Table("done, then said", box=None, pad_edge=False)
    for name in said:
        table.add_column(name[:9], justify="right")
    for name, counts in confusion(simulated, way).items():
        table.add_row(name, *(str(counts.get(other, "")) for other in said))
    return table
