"""The RepSense band's packets, in both directions.

The layout is specified in ``firmware_notes/repsense_band.md``; the same packets
are written in C99 by ``firmware_notes/repsense_band/repsense_band.c``. The driver
reads them, a virtual band writes them.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from repsense.errors import DecodeError
from repsense.samples import FloatArray

Counts = npt.NDArray[np.int16]

SERVICE = "08f40001-aef0-46ec-8257-c6d13ccf0ec3"
INFO = "08f40002-aef0-46ec-8257-c6d13ccf0ec3"
SAMPLES = "08f40003-aef0-46ec-8257-c6d13ccf0ec3"
CONTROL = "08f40004-aef0-46ec-8257-c6d13ccf0ec3"
FEEDBACK = "08f40005-aef0-46ec-8257-c6d13ccf0ec3"
BATTERY = "00002a19-0000-1000-8000-00805f9b34fb"

MAJOR = 1
LAYOUT = 1
HEAD_BYTES = 8
SMALLEST_PAYLOAD_BYTES = 20  # an MTU of 23
GYRO_COUNTS_PER_DPS = 16
SCALES = 8  # scale s has 16384 / 2**s counts to 1 g, so it reaches to 2 * 2**s g

_GYRO_FLAG = 0x08
_AXES_BYTES = 6
_HEAD = struct.Struct("<BBHI")
_INFO = struct.Struct("<BBHHH")


def counts_per_g(scale: int) -> float:
    """Return how many counts make 1 g at this scale."""
    return 16384.0 / (1 << scale)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Packet:
    """One notification of the samples characteristic.

    Parameters
    ----------
    sequence
        Number of its first sample since the start, modulo 65536.
    last_us
        Device time of its last sample in microseconds, modulo 2**32.
    scale
        0 to 7; see :func:`counts_per_g`.
    accel
        Acceleration in counts, shape (n, 3).
    gyro
        Angular rate in 1/16 degrees/s, shape (n, 3), or None.
    """

    sequence: int
    last_us: int
    scale: int
    accel: Counts
    gyro: Counts | None = None


def write_packet(packet: Packet) -> bytes:
    """Return the bytes of a packet."""
    flags = LAYOUT << 4 | packet.scale | (0 if packet.gyro is None else _GYRO_FLAG)
    rows = packet.accel if packet.gyro is None else np.hstack([packet.accel, packet.gyro])
    head = _HEAD.pack(flags, len(packet.accel), packet.sequence, packet.last_us)
    return head + rows.astype("<i2").tobytes()


def read_packet(data: bytes) -> Packet:
    """Return what the bytes say.

    Raises
    ------
    DecodeError
        When they are too short, of another layout, or of another length than they say.
    """
    if len(data) < HEAD_BYTES:
        raise DecodeError(
            f"The band sent {len(data)} bytes where a packet has at least {HEAD_BYTES}: its "
            f"firmware does not follow firmware_notes/repsense_band.md."
        )
    flags, count, sequence, last_us = _HEAD.unpack_from(data)
    if flags >> 4 != LAYOUT:
        raise DecodeError(
            f"The band's packet has layout {flags >> 4} where {LAYOUT} is known: its firmware is "
            f"newer than this RepSense, so bring RepSense up to date."
        )
    axes = 2 if flags & _GYRO_FLAG else 1
    wanted = HEAD_BYTES + count * axes * _AXES_BYTES
    if count == 0 or len(data) != wanted:
        raise DecodeError(
            f"The band's packet says {count} samples in {wanted} bytes, but has {len(data)}: it "
            f"was cut to fit the connection's MTU, so the band must put fewer into one."
        )
    rows = np.frombuffer(data, dtype="<i2", offset=HEAD_BYTES).reshape(count, axes * 3)
    return Packet(
        sequence=sequence,
        last_us=last_us,
        scale=flags & (SCALES - 1),
        accel=rows[:, :3].astype(np.int16),
        gyro=rows[:, 3:].astype(np.int16) if axes == 2 else None,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Info:
    """What a band says of itself.

    Parameters
    ----------
    major, minor
        Version of the service: another major number is another language.
    gyro, light, motor
        What the band has.
    rate_hz, highest_rate_hz
        Rate that is set, and the highest that can be.
    """

    major: int = MAJOR
    minor: int = 0
    gyro: bool = False
    light: bool = False
    motor: bool = False
    rate_hz: float = 50.0
    highest_rate_hz: float = 100.0


def write_info(info: Info) -> bytes:
    """Return the value of the info characteristic."""
    features = info.gyro << 0 | info.light << 1 | info.motor << 2
    rates = (round(100 * info.rate_hz), round(100 * info.highest_rate_hz))
    return _INFO.pack(info.major, info.minor, features, *rates)


def read_info(value: bytes) -> Info:
    """Return what the value says; bytes that a later minor version added are passed over.

    Raises
    ------
    DecodeError
        When it is too short, or of another major version.
    """
    if len(value) < _INFO.size:
        raise DecodeError(
            f"The band's info has {len(value)} bytes where {_INFO.size} are needed: its firmware "
            f"does not follow firmware_notes/repsense_band.md."
        )
    major, minor, features, rate, highest_rate = _INFO.unpack_from(value)
    if major != MAJOR:
        raise DecodeError(
            f"The band speaks version {major}.{minor} of the RepSense service, this RepSense "
            f"version {MAJOR}: bring the older of the two up to date."
        )
    return Info(
        major=major,
        minor=minor,
        gyro=bool(features & 1),
        light=bool(features & 2),
        motor=bool(features & 4),
        rate_hz=rate / 100,
        highest_rate_hz=highest_rate / 100,
    )


def start_command(rate_hz: float, *, gyro: bool = False) -> bytes:
    """Return the command that starts a stream; rate 0 leaves the choice to the band."""
    return struct.pack("<BHB", 1, round(100 * rate_hz), gyro)


def stop_command() -> bytes:
    """Return the command that ends the stream."""
    return b"\x02"


def rate_command(rate_hz: float) -> bytes:
    """Return the command that changes the rate, of a running stream too."""
    return struct.pack("<BH", 3, round(100 * rate_hz))


def feedback_command(*, on_s: float, off_s: float = 0.0, times: int = 1) -> bytes:
    """Return the command that lets light and motor go on and off some times."""
    return bytes([0b11, round(100 * on_s), round(100 * off_s), times])


class BandEncoder:
    """Makes packets of samples as a band does: as many in each as the payload holds.

    Parameters
    ----------
    payload_bytes
        MTU of the connection less 3.
    scale
        Scale of acceleration; 2 reaches to 8 g.
    gyro
        Whether to send angular rate too.
    """

    def __init__(
        self, *, payload_bytes: int = SMALLEST_PAYLOAD_BYTES, scale: int = 2, gyro: bool = False
    ) -> None:
        room = (payload_bytes - HEAD_BYTES) // (_AXES_BYTES * (2 if gyro else 1))
        self._samples = min(room, 255)
        self._scale = scale
        self._gyro = gyro
        self._sequence = 0
        self._last_us = 0
        self._rows: list[tuple[Sequence[float], Sequence[float]]] = []

    def push(
        self, t_s: float, accel_g: Sequence[float], gyro_dps: Sequence[float] = (0.0, 0.0, 0.0)
    ) -> bytes | None:
        """Take one sample; return a packet when it is full."""
        self._rows.append((accel_g, gyro_dps))
        self._last_us = round(t_s * 1e6) & 0xFFFFFFFF
        return self.flush() if len(self._rows) == self._samples else None

    def flush(self) -> bytes | None:
        """Return what has come since the last packet, None where nothing has."""
        if not self._rows:
            return None
        accel = np.array([row[0] for row in self._rows])
        gyro = np.array([row[1] for row in self._rows])
        packet = Packet(
            sequence=self._sequence,
            last_us=self._last_us,
            scale=self._scale,
            accel=_counts(accel * counts_per_g(self._scale)),
            gyro=_counts(gyro * GYRO_COUNTS_PER_DPS) if self._gyro else None,
        )
        self.skip(len(self._rows))
        self._rows.clear()
        return write_packet(packet)

    def skip(self, samples: int) -> None:
        """Leave out the numbers of samples that are not sent; flush before."""
        self._sequence = (self._sequence + samples) & 0xFFFF


def _counts(values: FloatArray) -> Counts:
    """Round, and hold at the ends of the range what would wrap round."""
    return np.clip(np.rint(values), -32768, 32767).astype(np.int16)
