"""A stand-in for BlueZ on a private D-Bus: enough of ``org.bluez`` for bleak's own backend.

One adapter, one device, one stand-in of a sensor behind it. Interfaces and
members: BlueZ' doc/org.bluez.*.rst. The annotations are D-Bus signatures, which
dbus-fast reads, so this file keeps to its conventions.
"""

import asyncio
import contextlib
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

from dbus_fast import PropertyAccess
from dbus_fast.aio import MessageBus
from dbus_fast.service import ServiceInterface, dbus_method, dbus_property

from repsense.samples import SampleBlock
from repsense.sources.ble.peripherals.base import Characteristic, Peripheral

ADAPTER = "/org/bluez/hci0"
ADDRESS = "F0:F1:F2:F3:F4:F5"
DEVICE = f"{ADAPTER}/dev_{ADDRESS.replace(':', '_')}"
READ = PropertyAccess.READ
_MTU = 247
_PIECE_S = 0.1
DBUS_DAEMON = shutil.which("dbus-daemon")

_BUS_CONFIG = """\
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>system</type>
  <listen>unix:path={socket}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"""


@contextlib.contextmanager
def private_bus(folder: Path) -> Iterator[str]:
    """Run a D-Bus daemon of our own; gives its address."""
    address = f"unix:path={folder / 'bus'}"
    config = folder / "bus.conf"
    config.write_text(_BUS_CONFIG.format(socket=folder / "bus"), encoding="utf-8")
    command = [
        DBUS_DAEMON or "dbus-daemon",
        f"--config-file={config}",
        "--nofork",
        "--print-address",
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as daemon:
        assert daemon.stdout is not None
        daemon.stdout.readline()  # it prints when it listens
        try:
            yield address
        finally:
            daemon.terminate()


class FakeAdapter(ServiceInterface):
    def __init__(self, bluez: "FakeBluez") -> None:
        super().__init__("org.bluez.Adapter1")
        self._bluez = bluez
        self._advertising: asyncio.Task[None] | None = None

    @dbus_method()
    async def StartDiscovery(self):
        self._advertising = asyncio.ensure_future(self._advertise())

    async def _advertise(self) -> None:
        while True:
            self._bluez.advertise()
            await asyncio.sleep(0.05)

    @dbus_method()
    async def StopDiscovery(self):
        if self._advertising is not None:
            self._advertising.cancel()

    @dbus_method()
    async def SetDiscoveryFilter(self, filters: "a{sv}"):
        pass

    @dbus_method()
    async def RemoveDevice(self, path: "o"):
        pass

    @dbus_property(access=READ)
    def Address(self) -> "s":
        return "00:00:00:00:00:01"

    @dbus_property(access=READ)
    def Powered(self) -> "b":
        return True

    @dbus_property(access=READ)
    def Discovering(self) -> "b":
        return self._advertising is not None

    @dbus_property(access=READ)
    def Roles(self) -> "as":
        return ["central"]


class FakeDevice(ServiceInterface):
    def __init__(self, bluez: "FakeBluez") -> None:
        super().__init__("org.bluez.Device1")
        self._bluez = bluez
        self.connected = False

    @dbus_method()
    async def Connect(self):
        self.connected = True
        self.emit_properties_changed({"Connected": True})
        self._bluez.show_services()
        self.emit_properties_changed({"ServicesResolved": True})

    @dbus_method()
    async def Disconnect(self):
        self.drop()

    def drop(self) -> None:
        self.connected = False
        self._bluez.let_go()
        self.emit_properties_changed({"ServicesResolved": False, "Connected": False})

    @dbus_property(access=READ)
    def Address(self) -> "s":
        return ADDRESS

    @dbus_property(access=READ)
    def AddressType(self) -> "s":
        return "random"

    @dbus_property(access=READ)
    def Name(self) -> "s":
        return self._bluez.peripheral.name

    @dbus_property(access=READ)
    def Alias(self) -> "s":
        return self._bluez.peripheral.name

    @dbus_property(access=READ)
    def Paired(self) -> "b":
        return False

    @dbus_property(access=READ)
    def Connected(self) -> "b":
        return self.connected

    @dbus_property(access=READ)
    def UUIDs(self) -> "as":
        return sorted(self._bluez.peripheral.advertised)

    @dbus_property(access=READ)
    def Adapter(self) -> "o":
        return ADAPTER

    @dbus_property(access=READ)
    def RSSI(self) -> "n":
        return -50

    @dbus_property(access=READ)
    def ServicesResolved(self) -> "b":
        return self.connected


class FakeService(ServiceInterface):
    def __init__(self, uuid: str) -> None:
        super().__init__("org.bluez.GattService1")
        self._uuid = uuid

    @dbus_property(access=READ)
    def UUID(self) -> "s":
        return self._uuid

    @dbus_property(access=READ)
    def Device(self) -> "o":
        return DEVICE

    @dbus_property(access=READ)
    def Primary(self) -> "b":
        return True


class FakeCharacteristic(ServiceInterface):
    """Notifies through a socket where bleak acquires one, else by its property, as BlueZ does."""

    def __init__(self, bluez: "FakeBluez", service: str, what: Characteristic) -> None:
        super().__init__("org.bluez.GattCharacteristic1")
        self._bluez = bluez
        self._service = service
        self.what = what
        self._socket: socket.socket | None = None
        self._by_property = False

    def notify(self, data: bytes) -> None:
        if self._socket is not None:
            with contextlib.suppress(BlockingIOError, BrokenPipeError):
                self._socket.send(data)
        elif self._by_property:
            self.emit_properties_changed({"Value": data})

    def close(self) -> None:
        self._by_property = False
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    @dbus_property(access=READ)
    def UUID(self) -> "s":
        return self.what.uuid

    @dbus_property(access=READ)
    def Service(self) -> "o":
        return self._service

    @dbus_property(access=READ)
    def Value(self) -> "ay":
        return b""

    @dbus_property(access=READ)
    def MTU(self) -> "q":
        return _MTU

    @dbus_property(access=READ)
    def Flags(self) -> "as":
        flags = {
            "read": self.what.read,
            "write": self.what.write,
            "notify": self.what.notify,
            "indicate": self.what.indicate,
        }
        return [flag for flag, allowed in flags.items() if allowed]

    @dbus_method()
    async def ReadValue(self, options: "a{sv}") -> "ay":
        return self._bluez.peripheral.read(self.what.uuid)

    @dbus_method()
    async def WriteValue(self, value: "ay", options: "a{sv}"):
        self._bluez.written(self.what.uuid, bytes(value))

    @dbus_method()
    async def AcquireNotify(self, options: "a{sv}") -> "hq":
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        ours.setblocking(False)
        self._socket = ours
        # The reply carries a copy, sent within this turn of the loop or the next.
        asyncio.get_running_loop().call_later(0.5, theirs.close)
        return [theirs.fileno(), _MTU]

    @dbus_method()
    async def StartNotify(self):
        self._by_property = True

    @dbus_method()
    async def StopNotify(self):
        self.close()


class AcquirableCharacteristic(FakeCharacteristic):
    """Has the property by which BlueZ says that notifications can be acquired."""

    @dbus_property(access=READ)
    def NotifyAcquired(self) -> "b":
        return self._socket is not None


class FakeBluez:
    """The service on the bus, with a stand-in that plays a block when it is told to stream."""

    def __init__(self, peripheral: Peripheral, block: SampleBlock) -> None:
        self.peripheral = peripheral
        self._block = block
        self._device = FakeDevice(self)
        self._characteristics: dict[str, FakeCharacteristic] = {}
        self._paths: list[str] = []
        self._playing: asyncio.Task[None] | None = None
        self._shown = False
        self.over = asyncio.Event()

    async def start(self, address: str) -> None:
        self._bus = await MessageBus(bus_address=address, negotiate_unix_fd=True).connect()
        self._bus.export(ADAPTER, FakeAdapter(self))
        await self._bus.request_name("org.bluez")

    def stop(self) -> None:
        if self._playing is not None:
            self._playing.cancel()
        self._bus.disconnect()

    def drop(self) -> None:
        """Break the connection from the device's side."""
        self._device.drop()

    def advertise(self) -> None:
        if not self._shown:
            self._bus.export(DEVICE, self._device)
            self._shown = True
        self._device.emit_properties_changed({"RSSI": -50})

    def show_services(self) -> None:
        by_service: dict[str, list[Characteristic]] = {}
        for what in self.peripheral.characteristics:
            by_service.setdefault(what.service, []).append(what)
        for number, (uuid, inside) in enumerate(by_service.items(), start=1):
            service = f"{DEVICE}/service{number * 0x100:04x}"
            self._show(service, FakeService(uuid))
            for place, what in enumerate(inside, start=1):
                kind = AcquirableCharacteristic if what.notify else FakeCharacteristic
                made = kind(self, service, what)
                self._characteristics[what.uuid] = made
                self._show(f"{service}/char{number * 0x100 + place * 3:04x}", made)

    def _show(self, path: str, made: ServiceInterface) -> None:
        self._bus.export(path, made)
        self._paths.append(path)

    def let_go(self) -> None:
        for made in self._characteristics.values():
            made.close()
        for path in reversed(self._paths):
            self._bus.unexport(path)
        self._paths.clear()
        self._characteristics.clear()

    def written(self, uuid: str, data: bytes) -> None:
        for packet in self.peripheral.write(uuid, data):
            asyncio.get_running_loop().call_soon(self._notify, packet.characteristic, packet.data)
        if self.peripheral.streaming and self._playing is None:
            self._playing = asyncio.ensure_future(self._play())

    def _notify(self, uuid: str, data: bytes) -> None:
        made = self._characteristics.get(uuid)
        if made is not None:
            made.notify(data)

    async def _play(self) -> None:
        loop = asyncio.get_running_loop()
        begun_s = loop.time() - float(self._block.t_s[0])
        per_piece = max(int(_PIECE_S * self._block.median_rate_hz()), 1)
        for piece in self._block.cut(per_piece):
            await asyncio.sleep(max(begun_s + float(piece.t_s[-1]) - loop.time(), 0.0))
            for packet in self.peripheral.push(piece):
                self._notify(packet.characteristic, packet.data)
        self.over.set()
