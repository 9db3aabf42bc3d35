"""Writes notifications as they come, in the form of a capture: a driver's case in the making."""

from collections.abc import Callable
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import TextIO

from repsense.errors import RecordingError
from repsense.sources.ble.captures import capture_line, head_lines
from repsense.sources.ble.drivers.base import Driver, Notification


class RawWriter:
    """Append every notification to a capture; each line is with the system at once.

    A capture holds one driver's bytes, so another driver's go to a file beside
    it. A program that is killed leaves a file that can be read: a line that was
    cut is only the last.

    Parameters
    ----------
    path
        The file to make; an existing one is never overwritten.
    source
        What the head says about where the bytes are from.
    on_fault
        Called with one sentence when nothing more can be written.
    """

    def __init__(self, path: Path, *, source: str, on_fault: Callable[[str], None]) -> None:
        self.path = path
        self._source = source
        self._on_fault = on_fault
        self._files: dict[str, TextIO] = {}
        self._broken = False
        if path.exists():
            raise RecordingError(f"{path} is there already: name a new file for the raw bytes.")

    def take(self, notification: Notification, driver: Driver) -> None:
        """Write one notification."""
        if self._broken:
            return
        try:
            file = self._files.get(driver.id) or self._begin(driver)
            file.write(f"{capture_line(notification)}\n")
            file.flush()
        except OSError as error:
            self._broken = True
            self._on_fault(
                f"The raw bytes are not written any more ({error.strerror}); the rest goes on."
            )

    def close(self) -> None:
        """Close the files."""
        for file in self._files.values():
            file.close()

    def _begin(self, driver: Driver) -> TextIO:
        names = (self.path.with_stem(f"{self.path.stem}-{n}") for n in count(2))
        path = next(names) if self._files else self.path
        about = {
            "driver": driver.id,
            "source": self._source,
            "recorded": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        file = path.open("x", encoding="utf-8", newline="\n")
        file.write("".join(f"{line}\n" for line in head_lines(about)))
        self._files[driver.id] = file
        return file
