"""One sensor's link as a state machine: no radio, no clock, no tasks.

Times and facts go in, what the service is to be told comes out: sample blocks
and reports of the link's state. :mod:`repsense.sources.ble.source` moves it.

    searching -> connecting -> streaming <-> silent -> lost -> searching ...
"""

from collections.abc import Iterator

from repsense.errors import DecodeError, SampleError
from repsense.samples import LinkReport, LinkState, SampleBlock
from repsense.sources.ble.drivers.base import Advert, Decoder, Driver, Notification, Timing
from repsense.sources.clock import HOLD_S, SensorClock, clock_for

Item = SampleBlock | LinkReport

#: Without samples for this long a sensor is silent, s: more than two of the longest batches
#: there are (Polar's 1.4 s), less than a wearer's patience.
SILENT_S = 4.0
#: A connection silent for this long is given up and made anew, s. Together with the search this
#: still leaves room in the 20 s that a set survives.
HUNG_S = 8.0
# Losses and faults are told while it streams, but not more often than this, s.
_NEWS_S = 5.0


class Session:
    """What is known of one sensor, over all its connections.

    Parameters
    ----------
    wanted
        What to call the sensor before it is found.
    origin_s
        Host time that is 0 on the clock of the blocks.
    """

    def __init__(self, *, wanted: str, origin_s: float) -> None:
        self.sensor = wanted
        self.state = LinkState.SEARCHING
        self.lost_samples = 0
        self._origin_s = origin_s
        self._driver: Driver | None = None
        self._decoder: Decoder | None = None
        self._clock: SensorClock | None = None
        self._battery_percent: int | None = None
        self._rssi_dbm: int | None = None
        self._newest_s = 0.0  # host time of the newest samples, or of the connection
        self._told_s = -_NEWS_S
        self._told_lost = 0
        self._fault = ""
        self._told_fault = ""

    def searching(self, detail: str) -> LinkReport:
        """Say that the sensor is being looked for."""
        return self._report(LinkState.SEARCHING, detail)

    def connecting(self, advert: Advert, driver: Driver, now_s: float) -> LinkReport:
        """Take that the sensor was found, and begin a connection."""
        self.sensor = f"{advert.name or driver.title} ({advert.address})"
        self._rssi_dbm = advert.rssi_dbm
        if self._clock is None or self._driver is None or self._driver.id != driver.id:
            self._driver = driver
            self._clock = clock_for(driver.timing, driver.rate_hz, origin_s=self._origin_s)
        self._decoder = driver.decoder()
        self._clock.connected()
        self._newest_s = now_s
        self._fault = self._told_fault = ""
        return self._report(LinkState.CONNECTING, f"Found as {driver.title}.")

    def connected(self, now_s: float) -> None:
        """Take that the connection is made: from now on samples are due."""
        self._newest_s = now_s

    def take(self, notification: Notification) -> Iterator[Item]:
        """Yield what one notification brings."""
        if self._decoder is None or self._clock is None:
            return
        try:
            batches = self._decoder.feed(notification)
            blocks = [self._clock.place(batch, notification.arrived_s) for batch in batches]
        except (DecodeError, SampleError) as error:
            self._fault = str(error)
            return
        for block in blocks:
            if block is not None:
                yield from self._samples(block, notification.arrived_s)

    def tick(self, now_s: float) -> Iterator[Item]:
        """Yield what the passing of time brings: held samples, silence, news of losses."""
        if self._clock is None or self._driver is None:
            return
        held = None if self.state is LinkState.SILENT else self._clock.tick(now_s)
        if held is not None:
            yield held
        quiet_s = now_s - self._newest_s
        if self.state in {LinkState.CONNECTING, LinkState.STREAMING} and quiet_s > self._silent_s:
            yield self._report(LinkState.SILENT, self._why_silent(quiet_s))
        elif self.state is LinkState.STREAMING and now_s - self._told_s >= _NEWS_S:
            yield from self._news(now_s)

    def is_hung(self, now_s: float) -> bool:
        """Say whether the connection has been silent so long that a new one is better."""
        hung_s = max(HUNG_S, self._silent_s + HUNG_S - SILENT_S)
        return self.state is LinkState.SILENT and now_s - self._newest_s > hung_s

    def lost(self, detail: str) -> LinkReport:
        """Say that the connection is gone."""
        self._decoder = None
        return self._report(LinkState.LOST, detail)

    def ended(self) -> LinkReport:
        """Say that it was let go on purpose."""
        self._decoder = None
        return self._report(LinkState.ENDED, "Disconnected.")

    def battery(self, percent: int) -> Iterator[LinkReport]:
        """Take the battery's charge, 0 to 100; yields a report when that is news."""
        if percent != self._battery_percent:
            self._battery_percent = percent
            yield self._report(self.state, f"Battery at {percent} %.")

    @property
    def _silent_s(self) -> float:
        # A sensor that sends changes only may rightly say nothing for as long as it is held.
        holds = self._driver is not None and self._driver.timing is Timing.ARRIVAL
        return HOLD_S if holds else SILENT_S

    def _samples(self, block: SampleBlock, arrived_s: float) -> Iterator[Item]:
        self._newest_s = arrived_s
        self.lost_samples += block.lost
        if self.state is not LinkState.STREAMING:
            yield self._report(LinkState.STREAMING, "")
            self._told_s = arrived_s
        yield block

    def _news(self, now_s: float) -> Iterator[LinkReport]:
        self._told_s = now_s
        if self._fault != self._told_fault:
            self._told_fault = self._fault
            yield self._report(self.state, self._fault)
        elif self.lost_samples != self._told_lost:
            lost = self.lost_samples - self._told_lost
            yield self._report(self.state, f"{lost} samples were lost on the way.")

    def _why_silent(self, quiet_s: float) -> str:
        if self._fault:
            return f"It sends, but nothing that can be read: {self._fault}"
        return f"Connected, but nothing has come for {quiet_s:.0f} s."

    def _report(self, state: LinkState, detail: str) -> LinkReport:
        self.state = state
        self._told_lost = self.lost_samples
        return LinkReport(
            state=state,
            sensor=self.sensor,
            detail=detail,
            battery_percent=self._battery_percent,
            rssi_dbm=self._rssi_dbm,
            lost_samples=self.lost_samples,
        )
