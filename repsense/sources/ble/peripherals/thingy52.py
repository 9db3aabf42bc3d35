"""A stand-in for a Thingy:52: one sample a notification, and a light."""

import struct
from dataclasses import dataclass, field

import numpy as np

from repsense.samples import SampleBlock
from repsense.sources.ble.drivers.thingy52 import (
    CONFIG,
    CONFIGURATION_SERVICE,
    LED,
    MOTION_SERVICE,
    RAW,
)
from repsense.sources.ble.peripherals.base import Characteristic, Packet

_UI_SERVICE = "ef680300-9b35-4933-9b10-52ffa9740042"
_FROM_FACTORY = struct.pack("<HHHHB", 500, 500, 500, 10, 1)
_COUNTS_PER_G, _COUNTS_PER_DPS = 1024.0, 32.0


@dataclass(slots=True)
class ThingySensor:
    """One connection's Thingy:52; ``lights`` holds what its light was told."""

    config: bytes = _FROM_FACTORY
    streaming: bool = True  # subscribing is all it takes
    lights: list[bytes] = field(default_factory=list)

    name: str = "Thingy"
    advertised: frozenset[str] = frozenset({CONFIGURATION_SERVICE})
    characteristics: tuple[Characteristic, ...] = (
        Characteristic(service=MOTION_SERVICE, uuid=CONFIG, read=True, write=True),
        Characteristic(service=MOTION_SERVICE, uuid=RAW, notify=True),
        Characteristic(service=_UI_SERVICE, uuid=LED, read=True, write=True),
    )

    def read(self, characteristic: str) -> bytes:
        """Return the configuration."""
        return self.config if characteristic == CONFIG else b""

    def write(self, characteristic: str, data: bytes) -> list[Packet]:
        """Take a configuration or a light; a Thingy answers neither."""
        if characteristic == CONFIG and len(data) == len(_FROM_FACTORY):
            self.config = data
        elif characteristic == LED:
            self.lights.append(data)
        return []

    def push(self, block: SampleBlock) -> list[Packet]:
        """Return one notification a sample; a band without gyroscope gives zeros for it."""
        gyro_dps = np.zeros_like(block.accel_g) if block.gyro_dps is None else block.gyro_dps
        scaled = np.concatenate(
            [block.accel_g * _COUNTS_PER_G, gyro_dps * _COUNTS_PER_DPS, np.zeros_like(gyro_dps)],
            axis=1,
        )
        counts = np.clip(np.rint(scaled), -32768, 32767).astype("<i2")
        return [Packet(RAW, row.tobytes()) for row in counts]


def peripheral(rate_hz: float) -> ThingySensor:
    """Return a Thingy:52; it sends samples as they are given, whatever their rate."""
    del rate_hz
    return ThingySensor()
