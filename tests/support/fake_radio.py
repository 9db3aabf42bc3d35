"""A radio made of nothing, and a band to be heard on it: drops and stalls at will.

The band speaks a language of its own (:class:`FakeDriver`): a number, the time of
the first sample and the rate in a packet, so that nothing is lost in translation.
"""

import asyncio
import struct
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field

import numpy as np

from repsense.errors import AdapterError, CharacteristicMissingError, DecodeError, LinkError
from repsense.samples import SampleBlock
from repsense.sources.ble.drivers.base import (
    Advert,
    Await,
    Batch,
    Feedback,
    Notification,
    Script,
    Subscribe,
    Timing,
    Write,
)
from repsense.sources.ble.radio import Sighting

DATA = "7e570002-0000-4000-8000-00805f9b34fb"
CONTROL = "7e570003-0000-4000-8000-00805f9b34fb"
BATTERY = "00002a19-0000-1000-8000-00805f9b34fb"
START, STOP, BUZZ, OK, NO = b"\x01", b"\x00", b"\x02", b"\x01", b"\xff"

ADVERT_EVERY_S = 0.1
CONNECT_S = 0.05
_HEAD = struct.Struct("<dd")  # time of the first sample and interval, both in s


class FakeDecoder:
    def feed(self, notification: Notification) -> list[Batch]:
        if notification.characteristic != DATA:
            return []
        if len(notification.data) % 12 != _HEAD.size % 12:
            raise DecodeError(f"FakeBand sent {len(notification.data)} bytes.")
        first_s, interval_s = _HEAD.unpack_from(notification.data)
        accel_g = np.frombuffer(notification.data[_HEAD.size :], "<f4").reshape(-1, 3)
        device_s = first_s + interval_s * np.arange(len(accel_g))
        return [Batch(accel_g=accel_g.astype(float), device_s=device_s)]


@dataclass(frozen=True, slots=True)
class FakeDriver:
    id: str = "fake_band"
    title: str = "Fake band"
    timing: Timing = Timing.DEVICE
    rate_hz: float = 50.0
    services: frozenset[str] = frozenset()

    def claims(self, advert: Advert) -> bool:
        return advert.name == "FakeBand"

    def start(self) -> Script:
        yield Subscribe(DATA)
        yield Subscribe(CONTROL)
        yield Write(CONTROL, START)
        answer = yield Await(CONTROL)
        if answer != OK:
            raise DecodeError(f"FakeBand answered {answer.hex() or 'nothing'}.")

    def stop(self) -> Script:
        yield Write(CONTROL, STOP)

    def feedback(self, kind: Feedback) -> Script | None:
        return self._buzz() if kind is Feedback.SWING else None

    def _buzz(self) -> Script:
        yield Write(CONTROL, BUZZ)

    def decoder(self) -> FakeDecoder:
        return FakeDecoder()


def packet(first_s: float, interval_s: float, accel_g: np.ndarray) -> bytes:
    return _HEAD.pack(first_s, interval_s) + accel_g.astype("<f4").tobytes()


@dataclass
class FakeBand:
    """A band that measures all the time and sends while it is asked to.

    Parameters
    ----------
    block
        What the wrist feels, from the band's switching on.
    reach
        Whether the radio can hear it; a connection ends when it is left.
    """

    block: SampleBlock
    address: str = "F0:F1:F2:F3:F4:F5"
    name: str = "FakeBand"
    per_packet: int = 5
    battery: int | None = 87
    refuses: bool = False
    lacks: frozenset[str] = frozenset()
    mute: bool = False
    connections: int = 0
    written: list[bytes] = field(default_factory=list)
    delivered: list[int] = field(default_factory=list)
    connection: "FakeConnection | None" = None
    begun_s: float | None = None
    over: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def advert(self) -> Advert:
        return Advert(address=self.address, name=self.name, rssi_dbm=-60)

    def drop(self) -> None:
        if self.connection is not None:
            self.connection.end()

    async def play(self) -> None:
        """Measure from now on, and notify whoever is connected and has asked."""
        loop = asyncio.get_running_loop()
        self.begun_s = loop.time() - float(self.block.t_s[0])
        interval_s = float(np.median(np.diff(self.block.t_s)))
        for start in range(0, len(self.block), self.per_packet):
            piece = self.block.part(start, start + self.per_packet)
            await asyncio.sleep(max(self.begun_s + float(piece.t_s[-1]) - loop.time(), 0.0))
            if self.connection is None or not self.connection.streaming or self.mute:
                continue
            data = packet(float(piece.t_s[0]), interval_s, piece.accel_g)
            self.connection.notify(DATA, data)
            self.delivered += range(start, start + len(piece))
        self.over.set()


class FakeConnection:
    def __init__(self, band: FakeBand, on_drop: Callable[[], None]) -> None:
        self._band = band
        self._on_drop = on_drop
        self._takers: dict[str, Callable[[bytes], None]] = {}
        self.streaming = False
        self.open = True

    def notify(self, characteristic: str, data: bytes) -> None:
        if characteristic in self._takers:
            self._takers[characteristic](data)

    def end(self) -> None:
        if self.open:
            self.open = self.streaming = False
            self._band.connection = None
            self._on_drop()

    def _check(self, characteristic: str) -> None:
        if not self.open:
            raise LinkError("The connection is broken.")
        if characteristic in self._band.lacks:
            raise CharacteristicMissingError(f"There is no {characteristic}.")

    async def subscribe(self, characteristic: str, take: Callable[[bytes], None]) -> None:
        self._check(characteristic)
        self._takers[characteristic] = take

    async def unsubscribe(self, characteristic: str) -> None:
        self._check(characteristic)
        self._takers.pop(characteristic, None)

    async def write(self, characteristic: str, data: bytes, *, response: bool) -> None:
        await asyncio.sleep(0.01)
        self._check(characteristic)
        assert response
        self._band.written.append(data)
        if data == START:
            self.notify(CONTROL, NO if self._band.refuses else OK)
        self.streaming = (data == START and not self._band.refuses) or (
            self.streaming and data != STOP
        )

    async def read(self, characteristic: str) -> bytes:
        self._check(characteristic)
        if characteristic != BATTERY or self._band.battery is None:
            raise CharacteristicMissingError("There is no battery.")
        return bytes([self._band.battery])

    async def close(self) -> None:
        self.end()


@dataclass
class FakeRadio:
    bands: list[FakeBand]
    out_of_reach: set[str] = field(default_factory=set)
    off: bool = False
    failing: int = 0

    async def sightings(self) -> AsyncGenerator[Sighting, None]:
        while True:
            if self.off:
                raise AdapterError("Bluetooth is off: switch it on.")
            await asyncio.sleep(ADVERT_EVERY_S)
            for band in self.bands:
                if band.address not in self.out_of_reach and band.connection is None:
                    yield Sighting(advert=band.advert, handle=band)

    async def connect(self, sighting: Sighting, on_drop: Callable[[], None]) -> FakeConnection:
        await asyncio.sleep(CONNECT_S)
        band = sighting.handle
        assert isinstance(band, FakeBand)
        if self.failing or band.address in self.out_of_reach:
            self.failing = max(self.failing - 1, 0)
            raise LinkError("It does not answer.")
        band.connections += 1
        band.connection = FakeConnection(band, on_drop)
        return band.connection
