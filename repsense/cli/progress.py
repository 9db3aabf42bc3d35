"""A progress bar for people: on stderr, and only where stderr is a terminal."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Advance = Callable[[float], None]


@contextmanager
def progress_bar(what: str, total: float, *, wanted: bool = True) -> Iterator[Advance]:
    """Show a bar while the block runs; yields what moves it on.

    Parameters
    ----------
    what
        Stands before the bar.
    total
        What all steps add up to.
    wanted
        Leave it out even on a terminal, because something else is printed there.
    """
    if not (wanted and sys.stderr.isatty()):
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn
    from rich.progress import TimeRemainingColumn as Remaining

    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), Remaining())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(what, total=total)
        yield lambda step: progress.advance(task, step)
