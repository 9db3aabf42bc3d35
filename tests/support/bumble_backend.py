"""A bleak backend over a Bumble host, so that tests drive the real bleak API on a virtual radio.

Bleak takes classes, so :func:`backends_for` binds the host into fresh ones. The
base classes of bleak's backends are no stable interface: this is written
against bleak 3.1.
"""

import asyncio
import uuid as uuids
from collections.abc import Callable
from typing import Any

from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.client import BaseBleakClient
from bleak.backends.descriptor import BleakGATTDescriptor
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData, BaseBleakScanner
from bleak.backends.service import BleakGATTService, BleakGATTServiceCollection
from bleak.exc import BleakError, BleakGATTProtocolError
from bumble.att import ATT_Error
from bumble.core import UUID, AdvertisingData
from bumble.core import ConnectionError as BumbleConnectionError
from bumble.device import Advertisement, Connection, Device, Peer

_USER_ENDED = 0x13
_PROPERTIES = {
    0x01: "broadcast",
    0x02: "read",
    0x04: "write-without-response",
    0x08: "write",
    0x10: "notify",
    0x20: "indicate",
}
_SERVICE_LISTS = {
    AdvertisingData.COMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS: 16,
    AdvertisingData.INCOMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS: 16,
    AdvertisingData.COMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS: 2,
    AdvertisingData.INCOMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS: 2,
}


def text_of(uuid: UUID) -> str:
    return str(uuids.UUID(bytes=bytes(reversed(uuid.to_bytes(force_128=True)))))


class BumbleScanner(BaseBleakScanner):
    host: Device

    def __init__(
        self,
        detection_callback: Any,  # noqa: ANN401 - as bleak's own backends
        service_uuids: list[str] | None,
        scanning_mode: str,
        **_: object,
    ) -> None:
        super().__init__(detection_callback, service_uuids)
        self._active = scanning_mode != "passive"

    async def start(self) -> None:
        self.seen_devices = {}
        self.host.on("advertisement", self._on_advertisement)
        await self.host.start_scanning(active=self._active)

    async def stop(self) -> None:
        await self.host.stop_scanning()
        self.host.remove_listener("advertisement", self._on_advertisement)

    def _on_advertisement(self, heard: Advertisement) -> None:
        services = [
            text_of(UUID.from_bytes(raw[i : i + size]))
            for kind, size in _SERVICE_LISTS.items()
            for raw in heard.data.get_all(kind, raw=True)
            for i in range(0, len(raw), size)
        ]
        if not self.is_allowed_uuid(services):
            return
        names = [
            heard.data.get(kind, raw=True)
            for kind in (AdvertisingData.COMPLETE_LOCAL_NAME, AdvertisingData.SHORTENED_LOCAL_NAME)
        ]
        name = next((bytes(raw).decode() for raw in names if raw), None)
        data = AdvertisementData(
            local_name=name,
            manufacturer_data={},
            service_data={},
            service_uuids=services,
            tx_power=None,
            rssi=heard.rssi,
            platform_data=(heard,),
        )
        address = heard.address.to_string(False)
        device = self.create_or_update_device(address, address, name, heard.address, data)
        self.call_detection_callbacks(device, data)


class BumbleClient(BaseBleakClient):
    host: Device
    mtu = 517

    def __init__(
        self,
        address_or_ble_device: BLEDevice | str,
        *,
        disconnected_callback: Callable[[], None] | None = None,
        timeout: float = 30.0,
        **_: object,
    ) -> None:
        super().__init__(
            address_or_ble_device, disconnected_callback=disconnected_callback, timeout=timeout
        )
        assert isinstance(address_or_ble_device, BLEDevice)
        self._device = address_or_ble_device
        self._connection: Connection | None = None
        self._peer: Peer | None = None
        self._takers: dict[int, Callable[[bytes], None]] = {}

    @property
    def name(self) -> str:
        return self._device.name or self.address

    @property
    def mtu_size(self) -> int:
        return self._connection.att_mtu if self._connection else 23

    @property
    def is_connected(self) -> bool:
        return self._connection is not None

    async def connect(self, pair: bool, **_: object) -> None:
        async with asyncio.timeout(self._timeout):
            try:
                connection = await self.host.connect(self._device.details, timeout=None)
            except BumbleConnectionError as error:
                raise BleakError(str(error)) from error
            self._connection = connection
            connection.on("disconnection", self._on_disconnection)
            self._peer = Peer(connection)
            await self._peer.request_mtu(self.mtu)
            await self._discover(self._peer)

    async def _discover(self, peer: Peer) -> None:
        await peer.discover_services()
        found = BleakGATTServiceCollection()
        for service in peer.services:
            await service.discover_characteristics()
            ours = BleakGATTService(service, service.handle, text_of(service.uuid))
            found.add_service(ours)
            for one in service.characteristics:
                properties = [word for bit, word in _PROPERTIES.items() if one.properties & bit]
                characteristic = BleakGATTCharacteristic(
                    one,
                    one.handle,
                    text_of(one.uuid),
                    properties,
                    lambda: max(20, self.mtu_size - 3),
                    ours,
                )
                found.add_characteristic(characteristic)
                for descriptor in await one.discover_descriptors():
                    found.add_descriptor(
                        BleakGATTDescriptor(
                            descriptor,
                            descriptor.handle,
                            text_of(descriptor.type),
                            characteristic,
                        )
                    )
        self.services = found

    def _on_disconnection(self, _reason: int) -> None:
        self._connection = self._peer = None
        self.services = None
        self._takers.clear()
        if self._disconnected_callback is not None:
            asyncio.get_running_loop().call_soon(self._disconnected_callback)

    async def disconnect(self) -> None:
        if self._connection is not None:
            await self._connection.disconnect(_USER_ENDED)

    async def pair(self, *_args: object, **_options: object) -> None:
        raise BleakError("this radio does not pair")

    async def unpair(self) -> None:
        raise BleakError("this radio does not pair")

    def _connected(self) -> Peer:
        if self._peer is None:
            raise BleakError("Not connected")
        return self._peer

    async def read_gatt_char(
        self,
        characteristic: BleakGATTCharacteristic,
        **_: object,
    ) -> bytearray:
        peer = self._connected()
        try:
            return bytearray(await peer.read_value(characteristic.obj))
        except ATT_Error as error:
            raise BleakGATTProtocolError(error.error_code) from error

    async def read_gatt_descriptor(
        self,
        descriptor: BleakGATTDescriptor,
        **_: object,
    ) -> bytearray:
        return bytearray(await self._connected().read_value(descriptor.obj))

    async def write_gatt_char(
        self,
        characteristic: BleakGATTCharacteristic,
        data: bytes,
        response: bool,
    ) -> None:
        peer = self._connected()
        try:
            await peer.write_value(characteristic.obj, bytes(data), with_response=response)
        except ATT_Error as error:
            raise BleakGATTProtocolError(error.error_code) from error

    async def write_gatt_descriptor(self, descriptor: BleakGATTDescriptor, data: bytes) -> None:
        await self._connected().write_value(descriptor.obj, bytes(data), with_response=True)

    async def start_notify(
        self,
        characteristic: BleakGATTCharacteristic,
        callback: Callable[[bytearray], None],
        **_: object,
    ) -> None:
        def take(value: bytes) -> None:
            callback(bytearray(value))

        self._takers[characteristic.handle] = take
        await self._connected().subscribe(characteristic.obj, take)

    async def stop_notify(self, characteristic: BleakGATTCharacteristic) -> None:
        take = self._takers.pop(characteristic.handle, None)
        if take is None:
            raise BleakError("notifications were not started")
        await self._connected().unsubscribe(characteristic.obj, take)


def backends_for(host: Device) -> tuple[type[BumbleScanner], type[BumbleClient]]:
    """Return bleak backends that use this host, which must be powered on."""
    return (
        type("HostScanner", (BumbleScanner,), {"host": host}),
        type("HostClient", (BumbleClient,), {"host": host}),
    )
