"""A band that is played: a recording as a Bluetooth peripheral, over Bumble.

Bumble is a Bluetooth host and controller in Python. On a radio that exists only
in this process, or through an adapter (any of Bumble's HCI transports), it
plays one of the stand-ins of :mod:`repsense.sources.ble.peripherals`.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from itertools import groupby

from bumble.controller import Controller
from bumble.core import UUID, AdvertisingData
from bumble.device import Connection, Device, DeviceConfiguration
from bumble.gatt import Characteristic, CharacteristicValue, Service
from bumble.hci import Address
from bumble.link import LocalLink
from bumble.transport import open_transport
from bumble.transport.common import TransportInitError, TransportSpecError

from repsense.errors import AdapterError
from repsense.samples import SampleBlock
from repsense.sources.ble.peripherals import base
from repsense.sources.ble.peripherals.base import Packet, Peripheral

#: Static random address (its two highest bits are set) that nobody's band has.
ADDRESS = "F0:F1:F2:F3:F4:F5"
_BATTERY_SERVICE, _BATTERY_LEVEL = "180F", "2A19"
_ADVERT_BYTES = 31
_STANDARD = "-0000-1000-8000-00805f9b34fb"
_ADVERTISE_EVERY_MS = 50.0
_USER_ENDED, _SUPERVISION_TIMEOUT = 0x13, 0x08
# Samples handed to the stand-in at a time, s: about what bands send at once.
_PIECE_S = 0.2
_GENERAL_LE_ONLY = 0x06


class VirtualBand:
    """Play a recording to whoever connects and asks.

    Time runs from the first start command on, connected or not, as it does
    for a band on a wrist: what is measured while nobody listens is lost.

    Parameters
    ----------
    device
        Bumble's host, not yet powered on.
    peripheral
        Makes a stand-in for each connection.
    block
        What the band measures.
    battery_percent
        What it says of its battery.
    """

    def __init__(
        self,
        device: Device,
        peripheral: Callable[[], Peripheral],
        block: SampleBlock,
        *,
        battery_percent: int = 87,
    ) -> None:
        self.device = device
        self.over = asyncio.Event()
        self.sent_samples = 0
        self.mute = False
        self._make = peripheral
        self._peripheral = peripheral()
        self._block = block
        self._battery_percent = battery_percent
        self._playing: asyncio.Task[None] | None = None
        self._answers: set[asyncio.Task[None]] = set()
        self._known: dict[str, Characteristic[bytes]] = {}
        self._connection: Connection | None = None

    @property
    def connected(self) -> bool:
        """Whether somebody is connected."""
        return self._connection is not None

    async def start(self) -> None:
        """Power on and advertise."""
        device, stand_in = self.device, self._peripheral
        device.advertising_data = advert(stand_in.name, stand_in.advertised)
        device.scan_response_data = bytes(
            AdvertisingData([(AdvertisingData.COMPLETE_LOCAL_NAME, stand_in.name.encode()[:29])])
        )
        device.add_services(self._services())
        device.on("connection", self._on_connection)
        await device.power_on()
        await device.start_advertising(auto_restart=True)

    async def stop(self) -> None:
        """Stop playing and advertising, and disconnect."""
        if self._playing is not None:
            self._playing.cancel()
            await asyncio.gather(self._playing, return_exceptions=True)
        await self.disconnect()
        await self.device.power_off()

    async def disconnect(self, reason: int = _USER_ENDED) -> None:
        """Break the connection from this side; the reason is Bluetooth's error code."""
        if self._connection is not None:
            with suppress(Exception):  # it may be breaking just now from the other side
                await self._connection.disconnect(reason)

    async def go_away(self) -> None:
        """Leave the room: no connection and no adverts."""
        await self.device.stop_advertising()
        await self.disconnect(_SUPERVISION_TIMEOUT)

    async def come_back(self) -> None:
        """Be there again."""
        await self.device.start_advertising(auto_restart=True)

    def _services(self) -> list[Service]:
        defined = sorted(self._peripheral.characteristics, key=lambda one: one.service)
        services = [
            Service(uuid, [self._characteristic(one) for one in inside])
            for uuid, inside in groupby(defined, key=lambda one: one.service)
        ]
        if any(one.uuid.startswith(f"0000{_BATTERY_LEVEL.lower()}-") for one in defined):
            return services
        level = Characteristic(
            _BATTERY_LEVEL,
            Characteristic.Properties.READ,
            Characteristic.READABLE,
            bytes([self._battery_percent]),
        )
        return [*services, Service(_BATTERY_SERVICE, [level])]

    def _characteristic(self, one: base.Characteristic) -> "Characteristic[bytes]":
        kinds = Characteristic.Properties
        writes = kinds.WRITE | kinds.WRITE_WITHOUT_RESPONSE
        properties = kinds(0)
        for allowed, kind in (
            (one.read, kinds.READ),
            (one.write, writes),
            (one.notify, kinds.NOTIFY),
            (one.indicate, kinds.INDICATE),
        ):
            properties |= kind if allowed else kinds(0)

        def read(_connection: object) -> bytes:
            return self._peripheral.read(one.uuid)

        def write(_connection: object, value: bytes) -> None:
            self._answer(self._peripheral.write(one.uuid, bytes(value)))

        made: Characteristic[bytes] = Characteristic(
            one.uuid,
            properties,
            Characteristic.READABLE | Characteristic.WRITEABLE,
            CharacteristicValue(read=read, write=write),
        )
        made.on(made.EVENT_SUBSCRIPTION, self._on_subscription)
        self._known[one.uuid] = made
        return made

    def _on_subscription(self, *_: object) -> None:
        # Some bands need no other word than this.
        self._begin_to_play()

    def _on_connection(self, connection: Connection) -> None:
        self._connection = connection
        self._peripheral = self._make()
        connection.on("disconnection", self._on_disconnection)

    def _on_disconnection(self, _reason: int) -> None:
        self._connection = None

    def _answer(self, packets: list[Packet]) -> None:
        """Send the answer to a write once the write itself is acknowledged, and begin to play."""
        task = asyncio.create_task(self._send(packets))
        self._answers.add(task)
        task.add_done_callback(self._answers.discard)
        self._begin_to_play()

    def _begin_to_play(self) -> None:
        if self._peripheral.streaming and self._playing is None:
            self._playing = asyncio.create_task(self._play())

    async def _send(self, packets: list[Packet]) -> None:
        for packet in packets:
            characteristic = self._known[packet.characteristic]
            server = self.device.gatt_server
            if characteristic.properties & Characteristic.Properties.NOTIFY:
                await server.notify_subscribers(characteristic, packet.data)
            else:
                await server.indicate_subscribers(characteristic, packet.data)

    async def _play(self) -> None:
        loop = asyncio.get_running_loop()
        begun_s = loop.time() - float(self._block.t_s[0])
        per_piece = max(int(_PIECE_S * self._block.median_rate_hz()), 1)
        for piece in self._block.cut(per_piece):
            await asyncio.sleep(max(begun_s + float(piece.t_s[-1]) - loop.time(), 0.0))
            if self._connection is None or self.mute:
                continue
            packets = self._peripheral.push(piece)
            self.sent_samples += len(piece) if packets else 0
            with suppress(TimeoutError):  # an indication nobody confirms
                await self._send(packets)
        self.over.set()


def advert(name: str, services: frozenset[str]) -> bytes:
    """Return an advert of at most 31 bytes: flags, the name, and the services that still fit.

    A sensor would put its name into the scan response where it does not fit
    here, but a virtual radio sends none.
    """
    flags = (AdvertisingData.FLAGS, bytes([_GENERAL_LE_ONLY]))
    fields = [flags, (AdvertisingData.COMPLETE_LOCAL_NAME, name.encode())]
    if len(bytes(AdvertisingData(fields))) > _ADVERT_BYTES:
        short = name.encode()[: _ADVERT_BYTES - len(bytes(AdvertisingData([flags]))) - 2]
        return bytes(AdvertisingData([flags, (AdvertisingData.SHORTENED_LOCAL_NAME, short)]))
    for uuid in sorted(services):
        more = [*fields, _service_field(uuid)]
        if len(bytes(AdvertisingData(more))) <= _ADVERT_BYTES:
            fields = more
    return bytes(AdvertisingData(fields))


def _service_field(uuid: str) -> tuple[AdvertisingData.Type, bytes]:
    if uuid.endswith(_STANDARD):
        kind = AdvertisingData.COMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS
        return kind, UUID(uuid[4:8]).to_bytes()
    return AdvertisingData.COMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS, UUID(uuid).to_bytes()


def device_on(link: LocalLink, *, name: str, address: str) -> Device:
    """Return a host on a radio that exists only in this process."""
    controller = Controller(name, link=link)
    controller.le_acl_data_packet_length = 251
    return Device.from_config_with_hci(_configuration(name, address), controller, controller)


@asynccontextmanager
async def device_through(transport: str, *, name: str) -> AsyncGenerator[Device, None]:
    """Give a host on a real or kernel-made adapter, like ``usb:0`` or ``hci-socket:1``.

    Raises
    ------
    AdapterError
        When Bumble cannot open it.
    """
    try:
        opened = await open_transport(transport)
    except (TransportInitError, TransportSpecError, OSError, ValueError) as error:
        raise AdapterError(
            f"The Bluetooth adapter {transport!r} cannot be opened ({error}): see Bumble's list "
            f"of transports, stop what else uses the adapter, and mind that most need root."
        ) from error
    async with opened as (source, sink):
        yield Device.from_config_with_hci(_configuration(name, ADDRESS), source, sink)


def _configuration(name: str, address: str) -> DeviceConfiguration:
    return DeviceConfiguration(
        name=name,
        address=Address(address),
        advertising_interval_min=_ADVERTISE_EVERY_MS,
        advertising_interval_max=_ADVERTISE_EVERY_MS,
    )
