"""A stand-in for a WitMotion WT901BLE: it streams as soon as somebody listens."""

from dataclasses import dataclass, field

import numpy as np

from repsense.samples import SampleBlock
from repsense.sources.ble.drivers.witmotion import (
    DPS_PER_COUNT,
    G_PER_COUNT,
    MOTION,
    NOTIFY,
    SERVICE,
    WRITE,
)
from repsense.sources.ble.peripherals.base import Characteristic, Packet


@dataclass(slots=True)
class Sensor:
    """One connection's sensor; the rate is that of the samples it is given, whatever is asked."""

    streaming: bool = True
    commands: list[bytes] = field(default_factory=list)

    name: str = "WT901BLE67"
    advertised: frozenset[str] = frozenset()
    characteristics: tuple[Characteristic, ...] = (
        Characteristic(service=SERVICE, uuid=NOTIFY, notify=True),
        Characteristic(service=SERVICE, uuid=WRITE, write=True),
    )

    def read(self, characteristic: str) -> bytes:
        """Return nothing: there is nothing to read."""
        del characteristic
        return b""

    def write(self, characteristic: str, data: bytes) -> list[Packet]:
        """Remember the command; none is answered."""
        if characteristic == WRITE:
            self.commands.append(data)
        return []

    def push(self, block: SampleBlock) -> list[Packet]:
        """Return one packet a sample, angles left at 0."""
        rows = np.zeros((len(block), 9))
        rows[:, :3] = block.accel_g / G_PER_COUNT
        if block.gyro_dps is not None:
            rows[:, 3:6] = block.gyro_dps / DPS_PER_COUNT
        counts = np.clip(np.rint(rows), -32768, 32767).astype("<i2")
        return [Packet(NOTIFY, MOTION + row.tobytes()) for row in counts]


def peripheral(rate_hz: float) -> Sensor:
    """Return a sensor; its rate is that of the samples it is given."""
    del rate_hz
    return Sensor()
