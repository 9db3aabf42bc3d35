"""The servers for phones as a sink: opened and closed with the service, which gives it nothing."""

import asyncio
import socket
from collections.abc import Callable, Mapping
from pathlib import Path

from repsense.samples import SampleBlock
from repsense.sinks.base import Notice
from repsense.web.listener import Listener
from repsense.web.network import address_on_the_network
from repsense.web.phones.address import Way, phone_address
from repsense.web.phones.app import MOST_BYTES, Door, build_app
from repsense.web.phones.certificate import kept_certificate
from repsense.web.phones.pairing import KEYS_FILE, kept_keys
from repsense.web.phones.settings import PhoneSettings

_PORT_KEYS = {Way.PAGE: "https_port", Way.SENSOR_LOGGER: "http_port"}


def _ignore(_: str) -> None:
    """Take a sentence and do nothing."""


class PhoneSink:
    """Serve phones while the service runs.

    Parameters
    ----------
    settings
        Where to listen.
    doors
        Band -> what takes its phone's messages.
    folder
        Where keys and certificate are kept: that of the history.
    on_status
        Called with a sentence: who is waited for.
    """

    def __init__(
        self,
        settings: PhoneSettings,
        doors: Mapping[str, Door],
        *,
        folder: Path,
        on_status: Callable[[str], None] = _ignore,
    ) -> None:
        self.settings = settings
        self.doors = dict(doors)
        self.folder = folder
        self.on_status = on_status
        self.keys: dict[str, str] = {}
        self._listeners: dict[Way, Listener] = {}

    @property
    def addresses(self) -> dict[str, str]:
        """The address for each band's phone; right once the sink has started."""
        return {
            band: phone_address(
                self.settings, door.way, self.keys[band], port=self._listeners[door.way].port
            )
            for band, door in self.doors.items()
        }

    async def start(self) -> None:
        """Listen, for as many kinds of phones as there are.

        Raises
        ------
        ConfigError
            When a port is taken, or keys or certificate cannot be kept.
        """
        self.keys = kept_keys(self.folder / KEYS_FILE, self.doors)
        app = build_app(self.doors, self.keys)
        for way in sorted({door.way for door in self.doors.values()}):
            listener = Listener(
                self.settings.host,
                self._port(way),
                what="The way in for phones",
                port_key=f"phones.{_PORT_KEYS[way]}",
                certificate=self._certificate() if way is Way.PAGE else None,
                most_bytes=MOST_BYTES,
            )
            await listener.start(app)
            self._listeners[way] = listener
        # Not the addresses: what is said here may be logged, and they hold the keys.
        bands = " and ".join(self.doors)
        self.on_status(f"Waiting for the phone of {bands}: 'repsense phones' shows the address.")

    def take(self, notice: Notice) -> None:
        """Ignore events."""

    def take_block(self, wearer: str, block: SampleBlock) -> None:
        """Ignore samples."""

    async def stop(self) -> None:
        """Close the doors."""
        await asyncio.gather(*(listener.stop() for listener in self._listeners.values()))

    def _port(self, way: Way) -> int:
        port: int = getattr(self.settings, _PORT_KEYS[way])
        return port

    def _certificate(self) -> tuple[Path, Path]:
        files = self.settings.certificate_file, self.settings.key_file
        if files[0] is not None and files[1] is not None:
            return Path(files[0]).expanduser(), Path(files[1]).expanduser()
        names = ["localhost", socket.gethostname(), "127.0.0.1", address_on_the_network()]
        return kept_certificate(self.folder, dict.fromkeys(names))
