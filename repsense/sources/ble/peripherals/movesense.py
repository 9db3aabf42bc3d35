"""A stand-in for a Movesense with GATT SensorData: four samples a message."""

import struct
from dataclasses import dataclass

import numpy as np

from repsense.samples import FloatArray, SampleBlock
from repsense.sources.ble.drivers.movesense import (
    ANSWER,
    COMMAND,
    DATA,
    NOTIFY,
    REFERENCE,
    SECOND_PART,
    SUBSCRIBE,
    UNSUBSCRIBE,
)
from repsense.sources.ble.peripherals.base import Characteristic, Packet, pieces
from repsense.sources.ble.plausible import STANDARD_GRAVITY_MPS2

SAMPLES_A_MESSAGE = 4

_SERVICE = "34802252-7185-4d5d-b431-630e7050e8f0"
_PATH = b"/Meas/Acc/"
_OK, _NOT_FOUND = 200, 404
# The largest part after the head of two bytes; what is longer goes into a second part.
_PART_BYTES = 156


def encode_message(accel_g: FloatArray, *, first_ms: int) -> list[bytes]:
    """Return a message of samples, shape (n, 3) in g, in one or two parts."""
    mps2 = (accel_g * STANDARD_GRAVITY_MPS2).astype("<f4")
    body = struct.pack("<I", first_ms % (1 << 32)) + mps2.tobytes()
    parts = [body[i : i + _PART_BYTES] for i in range(0, len(body), _PART_BYTES)]
    kinds = (DATA, SECOND_PART, SECOND_PART + 1)
    return [bytes([kind, REFERENCE]) + part for kind, part in zip(kinds, parts, strict=False)]


@dataclass(slots=True)
class MovesenseSensor:
    """One connection's Movesense; it streams samples at the rate it is given."""

    rate_hz: float
    streaming: bool = False

    name: str = "Movesense 000000000000"
    advertised: frozenset[str] = frozenset({"0000fdf3-0000-1000-8000-00805f9b34fb"})
    characteristics: tuple[Characteristic, ...] = (
        Characteristic(service=_SERVICE, uuid=COMMAND, write=True),
        Characteristic(service=_SERVICE, uuid=NOTIFY, notify=True),
    )

    def read(self, characteristic: str) -> bytes:
        """Return nothing: neither characteristic can be read."""
        del characteristic
        return b""

    def write(self, characteristic: str, data: bytes) -> list[Packet]:
        """Subscribe or unsubscribe, and answer with a status."""
        if characteristic != COMMAND or len(data) < 2:
            return []
        status = _OK
        if data[0] == SUBSCRIBE:
            self.streaming = data[2:].startswith(_PATH) and data[1] == REFERENCE
            status = _OK if self.streaming else _NOT_FOUND
        elif data[0] == UNSUBSCRIBE:
            self.streaming = False
        return [Packet(NOTIFY, bytes([ANSWER, data[1]]) + struct.pack("<H", status))]

    def push(self, block: SampleBlock) -> list[Packet]:
        """Return messages, each with the time of its first sample in whole ms."""
        if not self.streaming:
            return []
        parts = pieces(block, size=SAMPLES_A_MESSAGE, rate_hz=self.rate_hz)
        return [
            Packet(NOTIFY, data)
            for part in parts
            for data in encode_message(part.accel_g, first_ms=int(np.rint(part.t_s[0] * 1000.0)))
        ]


def peripheral(rate_hz: float) -> MovesenseSensor:
    """Return a Movesense that is given samples at this rate (its drivers expect 52 Hz)."""
    return MovesenseSensor(rate_hz=rate_hz)
