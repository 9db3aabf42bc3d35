"""A stand-in for a PineTime with InfiniTime: ±2 g, and nothing while nothing changes."""

from dataclasses import dataclass, field

import numpy as np

from repsense.samples import SampleBlock
from repsense.sources.ble.drivers.pinetime import ALERT_LEVEL, COUNTS_PER_G, MOTION, NEW_ALERT
from repsense.sources.ble.peripherals.base import Characteristic, Packet

_SERVICE = "00030000-78fc-48fe-8e23-433b3a1942d0"
_FIRMWARE_UPDATE = "00001530-1212-efde-1523-785feabcd123"
_ALERTS = "00001811-0000-1000-8000-00805f9b34fb"
_ALERT = "00001802-0000-1000-8000-00805f9b34fb"
_REACH_G = 2.0


@dataclass(slots=True)
class PineTimeWatch:
    """One connection's watch; a sample that equals the one before is not sent."""

    streaming: bool = True  # subscribing is all it needs
    shown: list[bytes] = field(default_factory=list)
    _newest: bytes = bytes(6)

    name: str = "InfiniTime"
    advertised: frozenset[str] = frozenset({_FIRMWARE_UPDATE})
    characteristics: tuple[Characteristic, ...] = (
        Characteristic(service=_SERVICE, uuid=MOTION, read=True, notify=True),
        Characteristic(service=_ALERTS, uuid=NEW_ALERT, write=True),
        Characteristic(service=_ALERT, uuid=ALERT_LEVEL, write=True),
    )

    def read(self, characteristic: str) -> bytes:
        """Return the newest motion, nothing from elsewhere."""
        return self._newest if characteristic == MOTION else b""

    def write(self, characteristic: str, data: bytes) -> list[Packet]:
        """Remember the alert that would be shown."""
        if characteristic in {NEW_ALERT, ALERT_LEVEL}:
            self.shown.append(data)
        return []

    def push(self, block: SampleBlock) -> list[Packet]:
        """Return one packet for each change."""
        most = _REACH_G * COUNTS_PER_G
        counts = np.clip(np.rint(block.accel_g * COUNTS_PER_G), -most, most - 1).astype("<i2")
        packets = []
        for row in counts:
            data = row.tobytes()
            if data != self._newest:
                packets.append(Packet(MOTION, data))
            self._newest = data
        return packets


def peripheral(rate_hz: float) -> PineTimeWatch:
    """Return a watch; its rate is that of the samples it is given."""
    del rate_hz
    return PineTimeWatch()
