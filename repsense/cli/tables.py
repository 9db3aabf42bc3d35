"""Tables for people: fitted to a terminal, plain text of full width where piped."""

import sys
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

# Nothing is wrapped or cut in a file or a pipe: wider than any table here.
_PIPED_WIDTH = 240


def output(*, to_stderr: bool = False) -> Console:
    """Return where tables go: stdout, or stderr where that is for a program."""
    width = None if (sys.stderr if to_stderr else sys.stdout).isatty() else _PIPED_WIDTH
    return Console(width=width, stderr=to_stderr, highlight=False, markup=False, emoji=False)


def table(texts: Sequence[str], numbers: Sequence[str], remarks: Sequence[str] = ()) -> Table:
    """Return an empty table: columns of text, of numbers, and of text again."""
    empty = Table(box=None, header_style="bold", pad_edge=False)
    for heading in texts:
        empty.add_column(heading, overflow="fold")
    for heading in numbers:
        empty.add_column(heading, justify="right", no_wrap=True)
    for heading in remarks:
        empty.add_column(heading, overflow="fold")
    return empty


def shown(value: float | None, decimals: int) -> str:
    """Return a number for a table; a dash where it is not known."""
    return "-" if value is None else f"{value:.{decimals}f}"
