"""What every source of samples looks like to the service."""

from collections.abc import AsyncIterator, Mapping
from typing import Protocol

from repsense.samples import LinkReport, LinkState, SampleBlock

# From the best a sensor can do to the worst.
_BEST_FIRST = (
    LinkState.STREAMING,
    LinkState.SILENT,
    LinkState.CONNECTING,
    LinkState.SEARCHING,
    LinkState.LOST,
    LinkState.ENDED,
)


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


def combined(reports: Mapping[str, LinkReport]) -> LinkReport:
    """Return what a wearer's bands come to: counting goes on while one of them streams.

    Parameters
    ----------
    reports
        The newest report of each band, by the side it is worn on.

    Returns
    -------
    LinkReport
        The only one as it is. Of two: both names, the better state, what is
        wrong with which, the lower battery, the weaker signal, all losses.
    """
    if len(reports) == 1:
        return next(iter(reports.values()))
    each = reports.values()
    troubles = [
        f"{side} {one.state.value}: {one.detail}".rstrip(": ")
        for side, one in reports.items()
        if one.state is not LinkState.STREAMING or one.detail
    ]
    return LinkReport(
        state=min((one.state for one in each), key=_BEST_FIRST.index),
        sensor=" and ".join(one.sensor for one in each),
        detail="; ".join(troubles),
        battery_percent=min(
            (one.battery_percent for one in each if one.battery_percent is not None), default=None
        ),
        rssi_dbm=min((one.rssi_dbm for one in each if one.rssi_dbm is not None), default=None),
        lost_samples=sum(one.lost_samples for one in each),
    )
