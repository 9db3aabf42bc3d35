"""The sink of a gateway: samples go to the broker as they are, for another machine to count."""

import secrets
from collections.abc import Callable, Iterable

from repsense.batches import PARTITIONS, Batch, Packer, encode
from repsense.errors import BrokerError
from repsense.events import SensorState
from repsense.samples import LinkReport, SampleBlock
from repsense.sinks.base import Notice
from repsense.sinks.mqtt.client import MqttLink
from repsense.sinks.mqtt.outbox import MemoryOutbox, OutgoingEvent
from repsense.sinks.mqtt.settings import BrokerSettings
from repsense.sinks.mqtt.topics import Topics, checked_wearer

# At five messages a second and band: minutes, longer than any set waits for its samples.
_MOST_WAITING = 2000


def _ignore(*_: object) -> None:
    """Take anything and do nothing."""


class GatewaySink:
    """Publish every block in batches, and what becomes of the sensors.

    While the broker is away batches wait, up to some minutes of them; then the oldest
    go, which the other end sees from their numbers.

    Parameters
    ----------
    settings
        Where the broker is; ``host`` must be set.
    wearers
        Whose bands are sent. Blocks of a second band come as ``<wearer>-<side>``.
    partitions
        Over how many parts of the topics wearers are spread; counting workers that
        share the work must be told the same number.
    span_s
        How much time a message covers, s: longer ones cost less and are later.
    on_status
        Called in the event loop with a sentence whenever the connection changes.
    """

    def __init__(
        self,
        settings: BrokerSettings,
        *,
        wearers: Iterable[str],
        partitions: int = PARTITIONS,
        span_s: float = 0.2,
        on_status: Callable[[str], None] = _ignore,
    ) -> None:
        self.topics = Topics(settings.base_topic)
        self.partitions = partitions
        self.span_s = span_s
        self.on_status = on_status
        self.link = MqttLink(
            settings,
            outbox=MemoryOutbox(_MOST_WAITING),
            on_status=on_status,
            meanwhile="Samples wait here and follow when it is there.",
        )
        # The longest first, so that "anna-left" is not taken for a band of "anna".
        self._wearers = sorted(map(checked_wearer, wearers), key=len, reverse=True)
        self._run = secrets.token_hex(4)
        self._packers: dict[str, Packer] = {}
        self._started = False

    async def start(self) -> None:
        """Begin to connect; without a broker say so and go on trying."""
        try:
            self.link.start()
        except BrokerError as error:
            self.on_status(f"{error} Nothing is sent until the next start.")
            return
        self._started = True

    def take(self, notice: Notice) -> None:
        """Pass on what becomes of a sensor; a gateway does not count."""
        event = notice.event
        if not isinstance(event, SensorState):
            return
        report = LinkReport(
            state=event.state,
            sensor=event.sensor,
            detail=event.detail,
            battery_percent=event.battery_percent,
            rssi_dbm=event.rssi_dbm,
            lost_samples=event.lost_samples,
        )
        self._send(notice.wearer, self._packer(notice.wearer).report(report))

    def take_block(self, wearer: str, block: SampleBlock) -> None:
        """Publish samples, as soon as there are enough of them for a message."""
        self._send(wearer, self._packer(wearer).add(block))

    async def stop(self) -> None:
        """Hand over what is gathered, wait briefly for the broker, disconnect."""
        if not self._started:
            return
        for band, packer in self._packers.items():
            self._send(band, packer.flush())
        self._started = False
        await self.link.stop()

    def _packer(self, band: str) -> Packer:
        if band not in self._packers:
            self._packers[band] = Packer(self._run, span_s=self.span_s)
        return self._packers[band]

    def _send(self, band: str, batches: Iterable[Batch]) -> None:
        if not self._started:
            return
        topic = self.topics.samples(self._wearer_of(band), band, self.partitions)
        for batch in batches:
            key = f"{band}-{batch.seq}"
            self.link.send(OutgoingEvent(key=key, topic=topic, payload=encode(batch)))

    def _wearer_of(self, band: str) -> str:
        owners = (name for name in self._wearers if band == name or band.startswith(f"{name}-"))
        return next(owners, band)
