"""The other end of a virtual band: Bumble as the radio that the link listens with."""

import asyncio
import uuid
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, TypeVar

from bumble.core import UUID, AdvertisingData, BaseBumbleError
from bumble.device import Advertisement, Connection, Device, Peer
from bumble.link import LocalLink

from repsense.errors import CharacteristicMissingError, LinkError
from repsense.samples import SampleBlock
from repsense.sources.ble.drivers.base import Advert
from repsense.sources.ble.peripherals.base import Peripheral
from repsense.sources.ble.radio import Sighting
from repsense.sources.ble.virtual.band import ADDRESS, VirtualBand, device_on

if TYPE_CHECKING:
    from bumble.gatt_client import CharacteristicProxy

T = TypeVar("T")

_HOST_ADDRESS = "C0:00:00:00:00:01"
_USER_ENDED = 0x13
_MTU = 517
_NAMES = (AdvertisingData.COMPLETE_LOCAL_NAME, AdvertisingData.SHORTENED_LOCAL_NAME)
# Bytes of a service's UUID by the kind of list.
_SERVICES = {
    AdvertisingData.COMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS: 16,
    AdvertisingData.COMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS: 2,
}
_STANDARD = "0000{:04x}-0000-1000-8000-00805f9b34fb"


class VirtualRadio:
    """Hear and connect through a Bumble host; see :class:`repsense.sources.ble.radio.Radio`.

    Parameters
    ----------
    host
        Not yet powered on.
    """

    def __init__(self, host: Device) -> None:
        self._host = host

    async def start(self) -> None:
        """Power the host on."""
        await self._host.power_on()

    async def sightings(self) -> AsyncGenerator[Sighting, None]:
        """Yield adverts as they are heard."""
        heard: asyncio.Queue[Advertisement] = asyncio.Queue()
        self._host.on("advertisement", heard.put_nowait)
        await self._host.start_scanning(filter_duplicates=False)
        try:
            while True:
                advertisement = await heard.get()
                yield Sighting(advert=_advert(advertisement), handle=advertisement.address)
        finally:
            await self._host.stop_scanning()
            self._host.remove_listener("advertisement", heard.put_nowait)

    async def connect(self, sighting: Sighting, on_drop: Callable[[], None]) -> "VirtualConnection":
        """Connect, and find out which characteristics there are."""
        try:
            connection = await self._host.connect(sighting.advert.address)
            connection.on("disconnection", lambda _reason: on_drop())
            peer = Peer(connection)
            await peer.request_mtu(_MTU)
            for service in await peer.discover_services():
                await service.discover_characteristics()
        except BaseBumbleError as error:
            raise LinkError(f"The connection was not made ({error}).") from error
        return VirtualConnection(connection, peer)


@asynccontextmanager
async def virtual_gym(
    peripheral: Callable[[], Peripheral], block: SampleBlock
) -> AsyncGenerator[tuple[VirtualBand, VirtualRadio], None]:
    """Give a band and a radio that hears it, neither of which exists outside this process."""
    new_link: Callable[[], LocalLink] = LocalLink
    link = new_link()
    radio = VirtualRadio(device_on(link, name="RepSense", address=_HOST_ADDRESS))
    await radio.start()
    band = VirtualBand(device_on(link, name="band", address=ADDRESS), peripheral, block)
    await band.start()
    try:
        yield band, radio
    finally:
        await band.stop()


class VirtualConnection:
    """See :class:`repsense.sources.ble.radio.Connection`."""

    def __init__(self, connection: Connection, peer: Peer) -> None:
        self._connection = connection
        self._peer = peer

    async def subscribe(self, characteristic: str, take: Callable[[bytes], None]) -> None:
        """Have notifications given to ``take``."""
        found = self._find(characteristic)
        await _guarded(found.subscribe(take))

    async def unsubscribe(self, characteristic: str) -> None:
        """Ask for them no longer."""
        await _guarded(self._find(characteristic).unsubscribe())

    async def write(self, characteristic: str, data: bytes, *, response: bool) -> None:
        """Write a characteristic."""
        found = self._find(characteristic)
        await _guarded(found.write_value(data, with_response=response))

    async def read(self, characteristic: str) -> bytes:
        """Read a characteristic."""
        return bytes(await _guarded(self._find(characteristic).read_value()))

    async def close(self) -> None:
        """Disconnect."""
        await _guarded(self._connection.disconnect(_USER_ENDED))

    def _find(self, characteristic: str) -> "CharacteristicProxy[bytes]":
        found = self._peer.get_characteristics_by_uuid(UUID(characteristic))
        if not found:
            raise CharacteristicMissingError(
                f"The band has no characteristic {characteristic}: it is another kind than asked."
            )
        return found[0]


async def _guarded(operation: Awaitable[T]) -> T:
    try:
        return await operation
    except BaseBumbleError as error:
        raise LinkError(f"The connection broke ({error}).") from error


def _advert(heard: Advertisement) -> Advert:
    names = (heard.data.get(kind, raw=True) for kind in _NAMES)
    services = {
        _uuid(raw[i : i + size])
        for kind, size in _SERVICES.items()
        for raw in heard.data.get_all(kind, raw=True)
        for i in range(0, len(raw), size)
    }
    return Advert(
        address=heard.address.to_string(False),
        name=next((bytes(name).decode("utf-8", "replace") for name in names if name), ""),
        services=frozenset(services),
        rssi_dbm=heard.rssi,
    )


def _uuid(little_endian: bytes) -> str:
    if len(little_endian) == 2:
        return _STANDARD.format(int.from_bytes(little_endian, "little"))
    return str(uuid.UUID(bytes=bytes(reversed(little_endian))))
