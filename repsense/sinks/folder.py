"""One counting process for a data folder: a second one is refused, not mixed in.

Who only reads (``repsense history``, the pages) or corrects a set needs no hold:
the database sorts that out. Counting into one folder twice would give each set
twice, and one outbox to two senders.
"""

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from repsense.errors import FolderInUseError, HistoryError

FILE_NAME = "in-use.lock"


@contextlib.contextmanager
def held(folder: Path) -> Iterator[None]:
    """Hold the folder for this process; the system lets go of it however the process ends.

    Raises
    ------
    FolderInUseError
        When another process holds it.
    HistoryError
        When the folder cannot be made or written.
    """
    path = folder / FILE_NAME
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = path.open("a+", encoding="ascii")
    except OSError as error:
        raise HistoryError(
            f"The data folder {folder} cannot be used ({error.strerror}): check that it is "
            f"writable, name another one with --data-dir, or keep no sets with --no-history."
        ) from error
    with file:
        if not _locked(file):
            raise FolderInUseError(
                f"Another RepSense{_whose(file)} counts into the data folder {folder}: end it "
                f"first, or give this one a folder of its own with --data-dir."
            )
        # For people who ask who it is; on a full disk the hold itself is enough.
        with contextlib.suppress(OSError):
            file.truncate(0)
            file.write(f"{os.getpid()}\n")
            file.flush()
        yield


def holder(folder: Path) -> str | None:
    """Return who counts into the folder just now, as ``process 123``, or None for nobody."""
    try:
        with (folder / FILE_NAME).open("r", encoding="ascii") as file:
            return None if _locked(file) else _whose(file).strip(" ()") or "a process"
    except OSError:
        return None


def _whose(file: TextIO) -> str:
    file.seek(0)
    number = file.read(20).strip()
    return f" (process {number})" if number.isdecimal() else ""


if sys.platform == "win32":
    import msvcrt

    # Beyond what is written, because a locked byte cannot be read by others there.
    _FAR = 1 << 20

    def _locked(file: TextIO) -> bool:
        file.seek(_FAR)
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
else:
    import fcntl

    def _locked(file: TextIO) -> bool:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True
