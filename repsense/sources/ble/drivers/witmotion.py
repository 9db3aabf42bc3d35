"""WitMotion WT901BLE and WT9011DCL: 20-byte packets without time, counter or checksum.

Layout, variants and quirks: ``firmware_notes/witmotion.md``. The packets run on
like a serial line: one notification may hold a part of one or several, so the
decoder looks for their two-byte heads.
"""

from collections.abc import Generator
from dataclasses import dataclass

import numpy as np

from repsense.errors import CharacteristicMissingError, DecodeError
from repsense.sources.ble.drivers.base import (
    Advert,
    Await,
    Batch,
    Decoder,
    Feedback,
    Notification,
    Script,
    Step,
    Subscribe,
    Timing,
    Unsubscribe,
    Write,
)

# The first ends in 9a34fb: it only looks like a number of the Bluetooth standard (9b34fb).
SERVICE = "0000ffe5-0000-1000-8000-00805f9a34fb"
NOTIFY = "0000ffe4-0000-1000-8000-00805f9a34fb"
WRITE = "0000ffe9-0000-1000-8000-00805f9a34fb"
DUAL_NOTIFY = "49535343-1e4d-4bd9-ba61-23c647249616"
DUAL_WRITE = "49535343-8841-43f4-a8d4-ecbe34729bb3"
_VARIANTS = {NOTIFY: WRITE, DUAL_NOTIFY: DUAL_WRITE}

UNLOCK = bytes.fromhex("ffaa6988b5")
RATE_50_HZ = bytes.fromhex("ffaa030800")
_PAUSE_S = 0.2  # the vendor leaves 0.1 s between commands

_PACKET_BYTES = 20
MOTION = b"\x55\x61"
_HEADS = (MOTION, b"\x55\x71")  # the second answers a question about a register
G_PER_COUNT = 16.0 / 32768
DPS_PER_COUNT = 2000.0 / 32768


class WitMotionDecoder:
    """Finds packets in a stream of bytes.

    A head inside of a packet's numbers looks like any other. So once the stream
    was broken, a packet counts only when another head follows it.
    """

    def __init__(self) -> None:
        self._waiting = b""
        self._in_step = True

    def feed(self, notification: Notification) -> list[Batch]:
        """Return the samples of the packets that are complete now.

        Raises
        ------
        DecodeError
            When bytes were passed over that belong to no packet, and none was found.
        """
        if notification.characteristic not in _VARIANTS:
            return []
        self._waiting += notification.data
        packets, passed_over = [], 0
        while len(self._waiting) >= len(MOTION):
            if not self._is_head(0):
                passed_over += self._skip()
            elif len(self._waiting) < _PACKET_BYTES + (0 if self._in_step else len(MOTION)):
                break  # the rest comes later
            elif self._in_step or self._is_head(_PACKET_BYTES):
                packets.append(self._take())
            else:
                passed_over += self._skip()
        motion = [packet for packet in packets if packet.startswith(MOTION)]
        if passed_over and not motion:
            raise DecodeError(
                f"WitMotion sent {passed_over} bytes that belong to no packet of 20: bytes were "
                f"lost on the way, or its output was set to another layout. Reset it to factory "
                f"settings with the vendor's app if this goes on."
            )
        return [_batch(motion)] if motion else []

    def _is_head(self, at: int) -> bool:
        return self._waiting[at : at + 2] in _HEADS

    def _skip(self) -> int:
        """Go on to the next byte that may begin a head; return how many were passed over."""
        self._in_step = False
        found = self._waiting.find(MOTION[:1], 1)
        skipped = len(self._waiting) if found < 0 else found
        self._waiting = self._waiting[skipped:]
        return skipped

    def _take(self) -> bytes:
        self._in_step = True
        packet, self._waiting = self._waiting[:_PACKET_BYTES], self._waiting[_PACKET_BYTES:]
        return packet


def _batch(packets: list[bytes]) -> Batch:
    counts = np.frombuffer(b"".join(packets), dtype="<i2").reshape(-1, _PACKET_BYTES // 2)
    return Batch(
        accel_g=counts[:, 1:4] * G_PER_COUNT,
        gyro_dps=counts[:, 4:7] * DPS_PER_COUNT,
    )


def _first_that_exists(step: type[Subscribe | Unsubscribe]) -> Generator[Step, bytes, str]:
    """Take the step on the variant that the sensor has; return the characteristic."""
    for notify in _VARIANTS:
        try:
            yield step(notify)
        except CharacteristicMissingError:
            continue
        return notify
    raise DecodeError(
        "This sensor has none of the services of WitMotion's Bluetooth 5 models. Its name is like "
        "theirs, but it speaks something else: choose another driver in the configuration."
    )


@dataclass(frozen=True, slots=True)
class WitMotion:
    """Driver of WitMotion's Bluetooth 5 sensors."""

    id: str = "witmotion"
    title: str = "WitMotion WT901BLE / WT9011DCL"
    timing: Timing = Timing.EVEN
    rate_hz: float = 50.0
    services: frozenset[str] = frozenset()  # most advertise no service

    def claims(self, advert: Advert) -> bool:
        """Say whether the name is one of WitMotion's, or the service is."""
        return advert.name.startswith(("WT901", "BWT901")) or SERVICE in advert.services

    def start(self) -> Script:
        """Subscribe, which starts the stream, and raise the rate for as long as it is on."""
        notify = yield from _first_that_exists(Subscribe)
        for command in (UNLOCK, RATE_50_HZ):
            yield Write(_VARIANTS[notify], command, response=False)
            yield Await(notify, timeout_s=_PAUSE_S)

    def stop(self) -> Script:
        """Unsubscribe; the sensor knows no other way to be quiet."""
        yield from _first_that_exists(Unsubscribe)

    def feedback(self, kind: Feedback) -> None:
        """Return nothing: there is no light or motor to command."""

    def decoder(self) -> Decoder:
        """Return a decoder for a new connection."""
        return WitMotionDecoder()


DRIVER = WitMotion()
