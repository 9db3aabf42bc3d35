"""One wearer of a fleet: from a gateway's messages to notices, as state that can be put away."""

from collections import OrderedDict, deque
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from math import inf

from repsense.batches import Batch, decode
from repsense.events import Event, SensorState
from repsense.pipeline.orders import Engine, Orders
from repsense.samples import LinkReport, LinkState, SampleBlock
from repsense.sinks.base import Notice
from repsense.sinks.live import LiveState, reduce
from repsense.sinks.mqtt.outbox import OutgoingEvent
from repsense.sources.ble.drivers import base
from repsense.sources.ble.drivers.base import Timing
from repsense.sources.clock import clock_for
from repsense.sources.pushed import SILENT_S, NewStream
from repsense.sources.remote import RemoteDecoder

# A rate at the low end of the usual; the real one is measured.
_RATE_HZ = 50.0
# A sensor's clock is off by less than this part, so that an event's place on the wall's clock may
# drift by it, and not more: messages that come late after an outage are not a slow clock.
_DRIFT = 0.03
# Commands that are remembered, so that one that comes again changes nothing.
_COMMANDS = 16
# Events that wait for the broker at most, for one wearer; then the oldest go.
_MOST_UNSENT = 1000


class Line:
    """Count one wearer's samples and remember all that going on somewhere else needs.

    The same messages in the same order give the same notices with the same identifiers,
    wherever and however often they are taken, whatever lies between.

    Parameters
    ----------
    wearer
        Whose samples they are.
    first
        The message it begins with, which makes its identifiers unlike those of any other.
    engine
        Counts.
    exercises
        Identifiers that commands may choose; None for those that come with RepSense.
    now_s
        Time of its arrival, s since 1970.
    """

    def __init__(
        self,
        wearer: str,
        first: str,
        engine: Engine,
        *,
        exercises: tuple[str, ...] | None = None,
        now_s: float,
    ) -> None:
        self.orders = Orders(engine, exercises)
        self.live = LiveState(wearer=wearer)
        #: Published, and not yet acknowledged by the broker.
        self.unsent: OrderedDict[str, OutgoingEvent] = OrderedDict()
        #: The stream has ended, or its wearer has left.
        self.over = False
        self.heard_s = now_s
        self.samples = 0
        self._run_id = run_id(wearer, first)
        self._events = 0
        self._begun_s = now_s
        self._decoder = RemoteDecoder()
        self._clock = clock_for(Timing.DEVICE, _RATE_HZ, origin_s=0.0)
        self._newest_s = 0.0
        self._late_s = inf  # the wall's clock when the newest sample came, less the stream's
        self._commands: deque[tuple[int, str]] = deque(maxlen=_COMMANDS)

    @property
    def wearer(self) -> str:
        """Whose samples they are."""
        return self.live.wearer

    def take(self, message: str, now_s: float) -> list[Notice]:
        """Take a gateway's message and return what it completes.

        Raises
        ------
        DecodeError
            When it cannot be read; nothing has changed then.
        SampleError
            When it holds samples that cannot be.
        """
        self.heard_s = max(self.heard_s, now_s)
        notices: list[Notice] = []
        for item in self._decoder.feed(message, now_s):
            match item:
                case NewStream():
                    self._clock.connected()
                case LinkReport():
                    notices += self._reported(item)
                case base.Batch():
                    notices += self._counted(item, now_s)
        return notices

    def is_over_for(self, message: str) -> bool:
        """Say whether the line has ended and a message belongs to another, new one.

        Raises
        ------
        DecodeError
            When the line has ended and the message cannot be read.
        """
        return self.over and not self._decoder.has_taken(message)

    def tick(self, now_s: float, *, away_s: float) -> list[Notice]:
        """Return what the passing of time brings: a sensor is silent, or its wearer has left."""
        quiet_s = now_s - self.heard_s
        if quiet_s > away_s and not self.over:
            return self._finished()
        if quiet_s > SILENT_S and self.live.sensor_state is LinkState.STREAMING:
            return [self._sensor(LinkState.SILENT, f"Nothing has come for {quiet_s:.0f} s.")]
        return []

    def is_new(self, number: int, command: str) -> bool:
        """Say whether a command is none that was taken before, and remember it."""
        if (number, command) in self._commands:
            return False
        self._commands.append((number, command))
        return True

    def wait(self, event: OutgoingEvent) -> None:
        """Keep an event until the broker has it."""
        self.unsent[event.key] = event
        while len(self.unsent) > _MOST_UNSENT:
            self.unsent.popitem(last=False)

    def _counted(self, batch: base.Batch, now_s: float) -> Iterator[Notice]:
        block = self._clock.place(batch, now_s - self._begun_s)
        if block is None or not len(block):
            return
        block = replace(block, lost=batch.lost)  # a gateway knows what was lost
        if self.live.sensor_state is not LinkState.STREAMING:
            yield self._sensor(LinkState.STREAMING, "")
        self._follow_clock(block, now_s)
        self.samples += len(block)
        yield from self._notices(self.orders.push(block))

    def _reported(self, report: LinkReport) -> Iterator[Notice]:
        if report.state is LinkState.ENDED:
            yield from self._finished()
        yield self._notice(_state_event(report, self._newest_s), f"{self._run_id}-sensor")

    def _finished(self) -> list[Notice]:
        self.over = True
        return list(self._notices(self.orders.flush()))

    def _sensor(self, state: LinkState, detail: str) -> Notice:
        name = self.live.sensor or self._decoder.title
        report = LinkReport(state=state, sensor=name, detail=detail)
        return self._notice(_state_event(report, self._newest_s), f"{self._run_id}-sensor")

    def _notices(self, events: Iterable[Event]) -> Iterator[Notice]:
        for event in events:
            self._events += 1
            yield self._notice(event, f"{self._run_id}-{self._events}")

    def _notice(self, event: Event, event_id: str) -> Notice:
        late_s = self._begun_s if self._late_s == inf else self._late_s
        at_utc = datetime.fromtimestamp(0.0, UTC) + timedelta(seconds=late_s + event.announced_s)
        notice = Notice(wearer=self.wearer, event=event, at_utc=at_utc, event_id=event_id)
        self.live = reduce(self.live, notice)
        return notice

    def _follow_clock(self, block: SampleBlock, now_s: float) -> None:
        newest_s = float(block.t_s[-1])
        passed_s = max(newest_s - self._newest_s, 0.0)
        self._late_s = min(now_s - newest_s, self._late_s + _DRIFT * passed_s)
        self._newest_s = newest_s


def run_id(wearer: str, message: str) -> str:
    """Return what the identifiers of a line that begins with this message start with.

    Raises
    ------
    DecodeError
        When it is no message of a gateway.
    """
    first: Batch = decode(message)
    return sha256(f"{wearer}/{first.stream}/{first.seq}".encode()).hexdigest()[:32]


def _state_event(report: LinkReport, announced_s: float) -> SensorState:
    return SensorState(
        sensor=report.sensor,
        state=report.state,
        detail=report.detail,
        announced_s=announced_s,
        battery_percent=report.battery_percent,
        rssi_dbm=report.rssi_dbm,
        lost_samples=report.lost_samples,
    )
