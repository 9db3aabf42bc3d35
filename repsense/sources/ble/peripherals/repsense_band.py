"""A stand-in for a RepSense band, following ``firmware_notes/repsense_band.md``."""

from dataclasses import dataclass, field

from repsense.samples import SampleBlock
from repsense.sources.ble.band_packets import (
    BATTERY,
    CONTROL,
    FEEDBACK,
    INFO,
    SAMPLES,
    SERVICE,
    SMALLEST_PAYLOAD_BYTES,
    BandEncoder,
    Info,
    write_info,
)
from repsense.sources.ble.peripherals.base import Characteristic, Packet

_BATTERY_SERVICE = "0000180f-0000-1000-8000-00805f9b34fb"
_BATTERY_PERCENT = 87
_START, _STOP = 1, 2
_HOLE = 1.5  # sample intervals


@dataclass(slots=True)
class Band:
    """One connection's band.

    Parameters
    ----------
    rate_hz
        The only rate it has: that of the samples it is given.
    payload_bytes
        MTU less 3; the smallest unless the radio is known to carry more.
    """

    rate_hz: float
    payload_bytes: int = SMALLEST_PAYLOAD_BYTES
    streaming: bool = False
    felt: list[bytes] = field(default_factory=list)
    _encoder: BandEncoder = field(init=False)
    _last_s: float | None = None

    name: str = "RepSense"
    advertised: frozenset[str] = frozenset({SERVICE})
    characteristics: tuple[Characteristic, ...] = (
        Characteristic(service=SERVICE, uuid=INFO, read=True),
        Characteristic(service=SERVICE, uuid=SAMPLES, notify=True),
        Characteristic(service=SERVICE, uuid=CONTROL, write=True),
        Characteristic(service=SERVICE, uuid=FEEDBACK, write=True),
        Characteristic(service=_BATTERY_SERVICE, uuid=BATTERY, read=True, notify=True),
    )

    def __post_init__(self) -> None:
        self._count_from_0()

    def _count_from_0(self) -> None:
        self._encoder = BandEncoder(payload_bytes=self.payload_bytes)
        self._last_s = None

    def read(self, characteristic: str) -> bytes:
        """Return info or battery level, nothing from elsewhere."""
        if characteristic == BATTERY:
            return bytes([_BATTERY_PERCENT])
        rate_hz = self.rate_hz
        info = Info(light=True, motor=True, rate_hz=rate_hz, highest_rate_hz=rate_hz)
        return write_info(info) if characteristic == INFO else b""

    def write(self, characteristic: str, data: bytes) -> list[Packet]:
        """Start or stop, or remember what the wearer would have felt."""
        if characteristic == FEEDBACK:
            self.felt.append(data)
        if characteristic == CONTROL and data[:1] == bytes([_START]):
            self.streaming = True
            self._count_from_0()
        if characteristic == CONTROL and data[:1] == bytes([_STOP]):
            self.streaming = False
        return []

    def push(self, block: SampleBlock) -> list[Packet]:
        """Return packets as full as they get; what is missing in time is missing in number."""
        if not self.streaming:
            return []
        made: list[bytes | None] = []
        for t_s, accel_g in zip(block.t_s.tolist(), block.accel_g.tolist(), strict=True):
            step_s = 0.0 if self._last_s is None else t_s - self._last_s
            if step_s > _HOLE / self.rate_hz:
                made.append(self._encoder.flush())
                self._encoder.skip(round(step_s * self.rate_hz) - 1)
            self._last_s = t_s
            made.append(self._encoder.push(t_s, accel_g))
        made.append(self._encoder.flush())
        return [Packet(SAMPLES, data) for data in made if data is not None]


def peripheral(rate_hz: float) -> Band:
    """Return a band that streams at this rate."""
    return Band(rate_hz=rate_hz)
