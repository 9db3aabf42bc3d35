"""How a search is doing: a bar on a terminal, a line a generation elsewhere; on stderr."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from repsense.tuning import search

Tell = Callable[["search.Progress"], None]

_LINE_EVERY = 8


@contextmanager
def search_progress(trials: int) -> Iterator[Tell]:
    """Yield what is told after each trial, while the block runs."""
    if not sys.stderr.isatty():
        yield _lines(trials)
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("Searching", total=trials)

        def tell(progress: "search.Progress") -> None:
            bar.update(task, completed=progress.done, description=_said(progress, trials))

        yield tell


def _lines(trials: int) -> Tell:
    def tell(progress: "search.Progress") -> None:
        if progress.done % _LINE_EVERY == 0 or progress.done == trials:
            print(_said(progress, trials), file=sys.stderr, flush=True)

    return tell


def _said(progress: "search.Progress", trials: int) -> str:
    """Return a line without a score: on recordings searched on, only the difference is of use."""
    best = progress.best.trial
    found = f"best {progress.gain:+.3f} (trial {best})" if best else "none better than the start"
    return f"{progress.done} of {trials} trials, {progress.stopped} stopped early, {found}"
