"""Movesense by its GATT SensorData Protocol: acceleration in m/s2, stamped in ms.

Layout and quirks: ``firmware_notes/movesense.md``.
"""

import struct
from dataclasses import dataclass

import numpy as np

from repsense.errors import DecodeError
from repsense.sources.ble.counters import BatchClock, Unwrapper
from repsense.sources.ble.drivers.base import (
    Advert,
    Await,
    Batch,
    Decoder,
    Feedback,
    Notification,
    Script,
    Subscribe,
    Timing,
    Unsubscribe,
    Write,
)
from repsense.sources.ble.plausible import g_from_mps2

COMMAND = "34800001-7185-4d5d-b431-630e7050e8f0"
NOTIFY = "34800002-7185-4d5d-b431-630e7050e8f0"

SUBSCRIBE, UNSUBSCRIBE = 1, 2
ANSWER, DATA, SECOND_PART, THIRD_PART = 1, 2, 3, 4
#: Our name for the subscription; any number but 0.
REFERENCE = 99
RATE_HZ = 52.0

_TITLE = "Movesense"
_HEAD_BYTES, _TIME_BYTES, _SAMPLE_BYTES = 2, 4, 12
# A part with another after it fills its packet (158 bytes); after a shorter one none is awaited.
_LONG_BYTES = 140
# More than three parts can hold; what grows longer is not one message.
_MOST_BYTES = 1024
_FIRST_ERROR = 400

_ERRORS = {
    404: "its firmware has no acceleration at this rate. Install firmware with GATT SensorData.",
    507: "it serves as many programs as it can. Disconnect the other ones.",
}


class MovesenseDecoder:
    """Puts the parts of a message together and reads its samples."""

    def __init__(self) -> None:
        self._message = b""
        self._read = 0  # samples of the message that were handed on
        self._filled = False  # whether its newest part filled a packet
        self._counter = Unwrapper(bits=32)
        self._clock = BatchClock(rate_hz=RATE_HZ)

    def feed(self, notification: Notification) -> list[Batch]:
        """Return the samples that are whole; an answer to a command gives none.

        Raises
        ------
        DecodeError
            When a message is cut, or its second part comes without the first.
        """
        data = notification.data
        if notification.characteristic != NOTIFY or data[1:2] != bytes([REFERENCE]):
            return []
        if data[0] == DATA:
            if len(data) < _HEAD_BYTES + _TIME_BYTES:
                raise DecodeError(
                    f"{_TITLE} sent {len(data)} bytes, too few for a time stamp: a packet was cut. "
                    f"If it goes on, connect again."
                )
            self._message, self._read = data[_HEAD_BYTES:], 0
            self._filled = len(self._message) >= _LONG_BYTES
        elif data[0] in {SECOND_PART, THIRD_PART}:
            self._add(data[_HEAD_BYTES:])
        else:
            return []
        return self._samples()

    def _add(self, part: bytes) -> None:
        whole = (len(self._message) - _TIME_BYTES) % _SAMPLE_BYTES == 0
        expected = self._message and (not whole or self._filled)
        if not expected or len(self._message) + len(part) > _MOST_BYTES:
            self._message = b""
            raise DecodeError(
                f"{_TITLE} sent a later part of a message whose first was lost: its samples are "
                f"lost too. If it goes on, bring the sensor nearer."
            )
        self._message += part
        self._filled = len(part) >= _LONG_BYTES

    def _samples(self) -> list[Batch]:
        body = self._message[_TIME_BYTES:]
        # A message that ends within a sample waits for its next part.
        if len(body) % _SAMPLE_BYTES or len(body) <= self._read * _SAMPLE_BYTES:
            return []
        new = np.frombuffer(body[self._read * _SAMPLE_BYTES :], dtype="<f4").reshape(-1, 3)
        before, self._read = self._read, self._read + len(new)
        accel_g = g_from_mps2(new, title=_TITLE)
        (ms,) = struct.unpack_from("<I", self._message)
        first_s = self._counter.unwrap(ms) / 1000.0 + before / RATE_HZ
        placed = self._clock.place_by_first(first_s, len(new))
        if placed is None:
            return []
        return [Batch(accel_g=accel_g, device_s=placed.t_s, lost=placed.lost)]


@dataclass(frozen=True, slots=True)
class Movesense:
    """Driver of a Movesense sensor whose firmware has GATT SensorData."""

    id: str = "movesense"
    title: str = _TITLE
    timing: Timing = Timing.DEVICE
    rate_hz: float = RATE_HZ
    services: frozenset[str] = frozenset()  # 16-bit ones that differ between firmwares

    def claims(self, advert: Advert) -> bool:
        """Say whether the name is "Movesense" and a serial number."""
        return advert.name.startswith("Movesense")

    def start(self) -> Script:
        """Subscribe to acceleration; some firmwares answer only when they cannot.

        Raises
        ------
        DecodeError
            When the sensor answers with an error.
        """
        yield Subscribe(NOTIFY)
        path = f"/Meas/Acc/{RATE_HZ:.0f}".encode("ascii")
        yield Write(COMMAND, bytes([SUBSCRIBE, REFERENCE]) + path)
        answer = yield Await(NOTIFY, timeout_s=2.0)
        if answer[:2] == bytes([ANSWER, REFERENCE]) and len(answer) >= 4:
            _check(answer[2:4])

    def stop(self) -> Script:
        """Unsubscribe, which lets the sensor sleep."""
        yield Write(COMMAND, bytes([UNSUBSCRIBE, REFERENCE]))
        yield Unsubscribe(NOTIFY)

    def feedback(self, kind: Feedback) -> Script | None:
        """Return None: the protocol has no way to its light."""
        del kind
        return None

    def decoder(self) -> Decoder:
        """Return a decoder for a new connection."""
        return MovesenseDecoder()


def _check(status: bytes) -> None:
    """Raise what a status says; the specification has it little-endian, a firmware big-endian."""
    codes = {int.from_bytes(status, "little"), int.from_bytes(status, "big")}
    failed = next((code for code in sorted(codes) if _FIRST_ERROR <= code < 600), None)
    if failed is not None:
        meaning = _ERRORS.get(failed, "the reason is unknown. Please report its firmware.")
        raise DecodeError(f"{_TITLE} does not stream (status {failed}): {meaning}")


DRIVER = Movesense()
