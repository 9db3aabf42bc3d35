"""The real radio: bleak scans, bleak-retry-connector connects. Nobody else imports either.

Their errors are sorted here, once, into two: Bluetooth cannot be used
(:class:`~repsense.errors.AdapterError`) and this try did not work
(:class:`~repsense.errors.LinkError`), each with what to do.
"""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable, Iterator

from bleak import BleakClient, BleakScanner
from bleak.backends.client import BaseBleakClient
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData, BaseBleakScanner
from bleak.exc import (
    BleakBluetoothNotAvailableError,
    BleakBluetoothNotAvailableReason,
    BleakCharacteristicNotFoundError,
    BleakDBusError,
    BleakError,
)
from bleak_retry_connector import BleakClientWithServiceCache, establish_connection

from repsense.errors import AdapterError, CharacteristicMissingError, LinkError, SourceError
from repsense.sources.ble.drivers.base import Advert
from repsense.sources.ble.radio import Sighting

# Adverts that may wait for a slow reader; each is replaced by a newer one in a tenth of a second.
_WAITING = 64
# A set goes on while we connect: two quick tries, then rescan, which finds a sensor that moved on.
_ATTEMPTS = 2

_Reason = BleakBluetoothNotAvailableReason
_ADVICE = {
    _Reason.NO_BLUETOOTH: "There is no Bluetooth adapter: plug one in, and look with 'lsusb' or in "
    "the system's settings whether it is seen.",
    _Reason.NO_BLE_CENTRAL_ROLE: "The Bluetooth adapter cannot connect to Low Energy sensors: use "
    "one of Bluetooth 4.0 or later.",
    _Reason.POWERED_OFF: "Bluetooth is switched off: switch it on in the system's settings (on "
    "Linux: 'bluetoothctl power on', and 'rfkill unblock bluetooth' where it is blocked).",
}
_DENIED = (
    "Bluetooth may not be used by this program: allow it in the system's privacy settings (on "
    "Linux: add the user to the group 'bluetooth' and log in again)."
)
_NO_BLUEZ = (
    "The system's Bluetooth service cannot be reached: install and start BlueZ (on Debian: 'apt "
    "install bluez', then 'systemctl start bluetooth'). In a container, share the host's D-Bus."
)
_NO_SERVICE = ("org.freedesktop.DBus.Error.ServiceUnknown", "org.freedesktop.DBus.Error.Spawn")
_NOT_ALLOWED = "org.freedesktop.DBus.Error.AccessDenied"


class BleakRadio:
    """Hear and connect by the machine's own Bluetooth.

    One scan serves every source, and it pauses while one connects: adapters do
    badly at both at once. Connections are made one after another.

    Parameters
    ----------
    scanner_backend, client_backend
        Bleak backends in place of the system's own.
    """

    def __init__(
        self,
        *,
        scanner_backend: type[BaseBleakScanner] | None = None,
        client_backend: type[BaseBleakClient] | None = None,
    ) -> None:
        self._scanner_backend = scanner_backend
        self._client_backend = client_backend
        self._listeners: list[asyncio.Queue[Sighting]] = []
        self._scanner: BleakScanner | None = None
        self._scan_lock = asyncio.Lock()
        self._connect_lock = asyncio.Lock()
        self._connecting = False

    async def sightings(self) -> AsyncGenerator[Sighting, None]:
        """See :class:`repsense.sources.ble.radio.Radio`."""
        waiting: asyncio.Queue[Sighting] = asyncio.Queue(_WAITING)
        self._listeners.append(waiting)
        try:
            await self._scan_as_needed()
            while True:
                yield await waiting.get()
        finally:
            self._listeners.remove(waiting)
            await self._scan_as_needed()

    async def connect(self, sighting: Sighting, on_drop: Callable[[], None]) -> "BleakConnection":
        """See :class:`repsense.sources.ble.radio.Radio`."""
        device = sighting.handle
        if not isinstance(device, BLEDevice):
            raise LinkError("The sensor was heard by another radio: search again.")
        async with self._connect_lock:
            self._connecting = True
            try:
                await self._scan_as_needed()
                client = await self._established(device, sighting.advert, on_drop)
            finally:
                self._connecting = False
                await self._scan_as_needed()
        return BleakConnection(client)

    async def _established(
        self, device: BLEDevice, advert: Advert, on_drop: Callable[[], None]
    ) -> BleakClient:
        with _sorted_errors():
            if self._client_backend is not None:
                return await establish_connection(
                    BleakClientWithServiceCache,
                    device,
                    advert.name or advert.address,
                    lambda _client: on_drop(),
                    max_attempts=_ATTEMPTS,
                    backend=self._client_backend,
                )
            return await establish_connection(
                BleakClientWithServiceCache,
                device,
                advert.name or advert.address,
                lambda _client: on_drop(),
                max_attempts=_ATTEMPTS,
            )

    async def _scan_as_needed(self) -> None:
        """Scan while somebody listens and nobody connects."""
        async with self._scan_lock:
            wanted = bool(self._listeners) and not self._connecting
            if wanted and self._scanner is None:
                scanner = BleakScanner(self._hear, backend=self._scanner_backend)
                with _sorted_errors(starting_to_scan=True):
                    await scanner.start()
                self._scanner = scanner
            elif not wanted and self._scanner is not None:
                scanner, self._scanner = self._scanner, None
                # An adapter that was pulled out cannot be told to stop.
                with contextlib.suppress(SourceError), _sorted_errors():
                    await scanner.stop()

    def _hear(self, device: BLEDevice, data: AdvertisementData) -> None:
        advert = Advert(
            address=device.address,
            name=data.local_name or device.name or "",
            services=frozenset(uuid.lower() for uuid in data.service_uuids),
            manufacturer=dict(data.manufacturer_data),
            rssi_dbm=data.rssi,
        )
        for waiting in self._listeners:
            if not waiting.full():
                waiting.put_nowait(Sighting(advert=advert, handle=device))


class BleakConnection:
    """A connection made by bleak; see :class:`repsense.sources.ble.radio.Connection`."""

    def __init__(self, client: BleakClient) -> None:
        self._client = client

    async def subscribe(self, characteristic: str, take: Callable[[bytes], None]) -> None:
        """Have notifications given to ``take``."""
        with _sorted_errors():
            await self._client.start_notify(characteristic, lambda _, data: take(bytes(data)))

    async def unsubscribe(self, characteristic: str) -> None:
        """Ask for them no longer."""
        with _sorted_errors():
            await self._client.stop_notify(characteristic)

    async def write(self, characteristic: str, data: bytes, *, response: bool) -> None:
        """Write a characteristic."""
        with _sorted_errors():
            await self._client.write_gatt_char(characteristic, data, response=response)

    async def read(self, characteristic: str) -> bytes:
        """Read a characteristic."""
        with _sorted_errors():
            return bytes(await self._client.read_gatt_char(characteristic))

    async def close(self) -> None:
        """Disconnect."""
        with _sorted_errors():
            await self._client.disconnect()


@contextlib.contextmanager
def _sorted_errors(*, starting_to_scan: bool = False) -> Iterator[None]:
    """Turn what bleak and the system raise into our two kinds."""
    try:
        yield
    except BleakCharacteristicNotFoundError as error:
        raise CharacteristicMissingError(
            f"The sensor has no characteristic {error.char_specifier}: it is another kind than "
            f"its name says, or its firmware lacks the service."
        ) from error
    except BleakBluetoothNotAvailableError as error:
        raise AdapterError(_ADVICE.get(error.reason, _DENIED)) from error
    except BleakDBusError as error:
        raise _of_dbus(error, starting_to_scan=starting_to_scan) from error
    except (BleakError, TimeoutError) as error:
        if starting_to_scan:
            raise AdapterError(f"Bluetooth cannot search ({_words(error)}). {_NO_BLUEZ}") from error
        raise LinkError(
            f"The connection was not made or broke ({_words(error)}): move closer, and see that "
            f"no phone holds the sensor."
        ) from error
    except (OSError, EOFError) as error:
        # Without D-Bus there is no socket to open; when it stops, reads end.
        raise AdapterError(_NO_BLUEZ) from error


def _of_dbus(error: BleakDBusError, *, starting_to_scan: bool) -> SourceError:
    if error.dbus_error == _NOT_ALLOWED:
        return AdapterError(_DENIED)
    if error.dbus_error.startswith(_NO_SERVICE):
        return AdapterError(_NO_BLUEZ)
    if starting_to_scan:
        return AdapterError(
            f"The adapter does not search ({_words(error)}): end other programs that scan, or "
            f"restart Bluetooth."
        )
    return LinkError(f"The connection was not made or broke ({_words(error)}).")


def _words(error: BaseException) -> str:
    """Return an error's own words on one line without its full stop."""
    return " ".join(str(error).split()).rstrip(".") or type(error).__name__
