"""What every source of samples looks like to the service."""

from collections.abc import AsyncIterator
from typing import Protocol

from repsense.samples import LinkReport, SampleBlock


class Source(Protocol):
    """One sensor, or something that stands in for one."""

    @property
    def name(self) -> str:
        """Name of the sensor for people: its address, its model, or the file played."""
        ...

    def stream(self) -> AsyncIterator[SampleBlock | LinkReport]:
        """Yield blocks in device time, and a report whenever the link's state changes.

        The iterator ends when the source has nothing more to give (a file's
        end); a live sensor's iterator ends only when it is closed.

        Raises
        ------
        SourceError
            When the source cannot be opened at all.
        """
        ...
