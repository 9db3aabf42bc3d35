"""Frames of acceleration in Polar Measurement Data, compressed and not.

Layout: Polar's ``online_measurement.pdf`` and its SDK (``PmdDataFrame.kt``,
``AccData.kt``); see ``firmware_notes/polar_verity.md``.

A frame is the kind of measurement, the time of its last sample, the frame's own
type, then samples. Compressed, those are one whole sample and blocks of
differences: bits a difference, how many samples, and the bits, lowest first.
"""

import struct
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from repsense.errors import DecodeError
from repsense.samples import FloatArray
from repsense.sources.ble.pmd.control import ACCELERATION

IntArray = npt.NDArray[np.int64]

_HEAD = struct.Struct("<BQB")
_COMPRESSED = 0x80
_REFERENCE_BYTES = 6
_AXIS_BYTES = {0: 1, 1: 2, 2: 3}
_FULL_SCALE = 1 << 15
_MOST_BITS = 32
# A frame of 512 bytes with differences of 1 bit holds 1,300 samples; none has held so many.
_MOST_SAMPLES = 1500


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Frame:
    """One notification of acceleration.

    Parameters
    ----------
    last_ns
        Device time of the last sample, ns since 2000-01-01 UTC.
    kind
        Layout of the samples: 0, 1 or 2.
    compressed
        Whether they came as differences.
    counts
        Samples as they came, shape (n, 3).
    """

    last_ns: int
    kind: int
    compressed: bool
    counts: IntArray

    def accel_g(self, *, factor: float | None, range_g: int) -> FloatArray:
        """Return the samples in g, shape (n, 3).

        Compressed frames of kind 0 are counts of the chip: the factor makes g of
        them, and where none was told the range over 15 bits is it. All others
        are milli-g, times the factor if there is one.
        """
        told = 1.0 if factor is None else factor
        scale_g = told / 1000.0
        if self.compressed and self.kind == 0:
            scale_g = range_g / _FULL_SCALE if factor is None else told
        return self.counts.astype(np.float64) * scale_g


def decode_frame(data: bytes) -> Frame | None:
    """Read a notification; None when it carries something else than acceleration.

    Raises
    ------
    DecodeError
        When the bytes end too early, or are of a type that is not known.
    """
    if len(data) <= _HEAD.size:
        raise DecodeError(
            f"The Polar sensor sent a frame of {len(data)} bytes, which is too short to hold a "
            f"sample: a packet was cut. If it goes on, connect again."
        )
    measurement, last_ns, frame_type = _HEAD.unpack_from(data)
    if measurement & 0x3F != ACCELERATION:
        return None
    compressed, kind = bool(frame_type & _COMPRESSED), frame_type & ~_COMPRESSED
    body = data[_HEAD.size :]
    if kind not in _AXIS_BYTES or (compressed and kind == 2):
        raise DecodeError(
            f"The Polar sensor sent a frame of type {frame_type:#04x}, which this driver does not "
            f"know: its firmware may be newer. Please report its version."
        )
    counts = _from_differences(body) if compressed else _from_whole(body, _AXIS_BYTES[kind])
    return Frame(last_ns=last_ns, kind=kind, compressed=compressed, counts=counts)


def _from_whole(body: bytes, size: int) -> IntArray:
    if len(body) % (3 * size):
        raise DecodeError(
            f"The Polar sensor sent {len(body)} bytes of samples of {3 * size}: a packet was cut. "
            f"If it goes on, connect again."
        )
    axes = np.frombuffer(body, dtype=np.uint8).reshape(-1, size).astype(np.int64)
    values = axes @ (1 << 8 * np.arange(size, dtype=np.int64))
    return _signed(values, 8 * size).reshape(-1, 3)


def _from_differences(body: bytes) -> IntArray:
    if len(body) < _REFERENCE_BYTES:
        raise DecodeError(
            f"The Polar sensor sent {len(body)} bytes where a first sample has "
            f"{_REFERENCE_BYTES}: a packet was cut. If it goes on, connect again."
        )
    parts = [_from_whole(body[:_REFERENCE_BYTES], 2)]
    place = _REFERENCE_BYTES
    while place < len(body):
        block, place = _block(body, place)
        parts.append(block)
    counts = np.cumsum(np.concatenate(parts), axis=0)
    if len(counts) > _MOST_SAMPLES or (np.abs(counts) > _FULL_SCALE).any():
        raise DecodeError(
            f"The Polar sensor sent differences that lead out of 16 bits or make {len(counts)} "
            f"samples: the frame is damaged. If it goes on, connect again."
        )
    return counts


def _block(body: bytes, place: int) -> tuple[IntArray, int]:
    """Return one block's differences, shape (n, 3), and where the next block begins."""
    bits, count = body[place], body[place + 1] if place + 1 < len(body) else 0
    start, stop = place + 2, place + 2 + (3 * bits * count + 7) // 8
    if bits > _MOST_BITS or count == 0 or stop > len(body):
        raise DecodeError(
            f"The Polar sensor sent a block of {count} differences of {bits} bits where "
            f"{max(len(body) - start, 0)} bytes are left: the frame is damaged. If it goes on, "
            f"connect again."
        )
    if bits == 0:
        return np.zeros((count, 3), dtype=np.int64), stop
    raw = np.unpackbits(np.frombuffer(body[start:stop], dtype=np.uint8), bitorder="little")
    fields = raw[: 3 * count * bits].reshape(-1, bits).astype(np.int64)
    values = fields @ (1 << np.arange(bits, dtype=np.int64))
    return _signed(values, bits).reshape(-1, 3), stop


def _signed(values: IntArray, bits: int) -> IntArray:
    """Read unsigned numbers as two's complement of so many bits."""
    return values - (values >> (bits - 1) << bits)
