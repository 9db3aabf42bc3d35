"""A stand-in for a Polar Verity Sense: its control point, and compressed frames of milli-g."""

import struct
from dataclasses import dataclass

import numpy as np

from repsense.samples import FloatArray, SampleBlock
from repsense.sources.ble.peripherals.base import Characteristic, Packet, pieces
from repsense.sources.ble.pmd.control import (
    ACCELERATION,
    CONTROL,
    DATA,
    OK,
    SDK_MODE,
    SERVICE,
    Command,
    Setting,
    parse_settings,
)

#: What an OH1 sends at a time; differences of 16 bits still fit the packet of 232 bytes.
SAMPLES_A_FRAME = 36

_FEATURES = bytes([0x0F, 1 << ACCELERATION, 1 << SDK_MODE - 8]).ljust(17, b"\x00")
_NOT_SUPPORTED, _WRONG_RATE, _ALREADY, _WRONG_STATE = 3, 8, 6, 12
_MILLI_G = 1000.0
_NS = 1e9


def encode_frame(accel_g: FloatArray, *, last_ns: int) -> bytes:
    """Return a compressed frame of kind 1: milli-g, all differences in one block.

    Parameters
    ----------
    accel_g
        1 to 256 samples in g, shape (n, 3); rounded to milli-g, clipped at 32 g.
    last_ns
        Device time of the last sample, ns since 2000-01-01 UTC.
    """
    counts = np.clip(np.rint(accel_g * _MILLI_G), -32768, 32767).astype(np.int64)
    head = struct.pack("<BQB3h", ACCELERATION, last_ns, 0x81, *counts[0])
    if len(counts) == 1:
        return head
    steps = np.diff(counts, axis=0).ravel()
    bits = 1 + max(int(steps.max()), int(-1 - steps.min()), 0).bit_length()
    fields = (steps[:, None] >> np.arange(bits)) & 1
    packed = np.packbits(fields.astype(np.uint8).ravel(), bitorder="little")
    return head + bytes([bits, len(counts) - 1, *packed.tolist()])


@dataclass(slots=True)
class VeritySense:
    """One connection's Verity Sense.

    Parameters
    ----------
    rate_hz
        The only rate it offers, in SDK mode and out of it: that of the samples it is given.
    """

    rate_hz: int
    sdk_mode: bool = False
    streaming: bool = False

    name: str = "Polar Sense 0BADBEEF"
    advertised: frozenset[str] = frozenset({"0000180d-0000-1000-8000-00805f9b34fb"})
    characteristics: tuple[Characteristic, ...] = (
        Characteristic(service=SERVICE, uuid=CONTROL, read=True, write=True, indicate=True),
        Characteristic(service=SERVICE, uuid=DATA, notify=True),
    )

    def read(self, characteristic: str) -> bytes:
        """Return the features from the control point, nothing from elsewhere."""
        return _FEATURES if characteristic == CONTROL else b""

    def write(self, characteristic: str, data: bytes) -> list[Packet]:
        """Carry out a command and answer it as the band would."""
        if characteristic != CONTROL or len(data) < 2:
            return []
        status, more = self._carry_out(data[0], data[1], parse_settings(data[2:]))
        answer = bytes([0xF0, data[0], data[1], status]) + (b"\x00" + more if status == OK else b"")
        return [Packet(CONTROL, answer)]

    def push(self, block: SampleBlock) -> list[Packet]:
        """Return compressed frames, each with the time of its last sample."""
        if not self.streaming:
            return []
        parts = pieces(block, size=SAMPLES_A_FRAME, rate_hz=self.rate_hz)
        return [
            Packet(DATA, encode_frame(part.accel_g, last_ns=round(float(part.t_s[-1]) * _NS)))
            for part in parts
        ]

    def _carry_out(
        self, command: int, kind: int, settings: dict[Setting, tuple[int, ...]]
    ) -> tuple[int, bytes]:
        if kind == SDK_MODE:
            return self._switch_mode(command == Command.START), b""
        if kind != ACCELERATION:
            return _NOT_SUPPORTED, b""
        if command == Command.SETTINGS:
            return OK, struct.pack(
                "<BBHBBHBBHBBB", 0, 1, self.rate_hz, 1, 1, 16, 2, 1, 8, Setting.CHANNELS, 1, 3
            )
        if command == Command.START:
            return self._start(settings.get(Setting.RATE_HZ, ()))
        self.streaming = False
        return OK, b""

    def _switch_mode(self, on: bool) -> int:
        if self.streaming:
            return _WRONG_STATE
        if self.sdk_mode == on:
            return _ALREADY
        self.sdk_mode = on
        return OK

    def _start(self, rates: tuple[int, ...]) -> tuple[int, bytes]:
        if self.streaming:
            return _ALREADY, b""
        if rates != (self.rate_hz,):
            return _WRONG_RATE, b""
        self.streaming = True
        return OK, struct.pack("<BBf", Setting.FACTOR, 1, 1.0)


def peripheral(rate_hz: float) -> VeritySense:
    """Return a Verity Sense that streams at this rate."""
    return VeritySense(rate_hz=round(rate_hz))
