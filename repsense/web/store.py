"""The history as the pages read and correct it, off the event loop."""

import asyncio
from contextlib import closing
from pathlib import Path

from repsense.sinks.history import Correction, History, StoredSet


async def load_sets(path: Path) -> list[StoredSet]:
    """Return all sets that are not deleted, the oldest first; none where nothing is kept yet.

    Raises
    ------
    HistoryError
        When the database cannot be read.
    """
    return await asyncio.to_thread(_load, path)


def _load(path: Path) -> list[StoredSet]:
    if not path.exists():
        return []
    with closing(History(path)) as history:
        return history.sets()


async def keep_correction(path: Path, event_id: str, correction: Correction) -> None:
    """Keep what a person says of a set.

    Raises
    ------
    HistoryError
        When the database cannot be written.
    """
    await asyncio.to_thread(_correct, path, event_id, correction)


def _correct(path: Path, event_id: str, correction: Correction) -> None:
    with closing(History(path)) as history:
        history.correct(event_id, correction)
