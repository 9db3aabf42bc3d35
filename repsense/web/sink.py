"""The dashboard as a sink: the service gives it events and samples like any other."""

import socket
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

from repsense.samples import SampleBlock
from repsense.sinks.base import Notice
from repsense.web.access import QUERY_KEY, Access, kept_token
from repsense.web.board import Board
from repsense.web.network import address_on_the_network, is_everywhere
from repsense.web.phones.certificate import kept_certificate
from repsense.web.place import Place
from repsense.web.server import WebServer, build_app
from repsense.web.settings import DashboardSettings

TOKEN_FILE = "dashboard.code"  # noqa: S105 - a file's name

Say = Callable[[str], None]


def _ignore(_: str) -> None:
    """Take a sentence and do nothing."""


class DashboardSink:
    """Serve the dashboard while the service runs.

    Parameters
    ----------
    settings
        Where to listen.
    place
        What the pages work on.
    wearers
        Wearers known beforehand.
    on_status
        Called with one sentence: where the pages are.
    show_code
        Say the code, too: only where a person reads along, because logs are kept. Else
        it is said in which file the code is.
    """

    def __init__(
        self,
        settings: DashboardSettings,
        place: Place,
        *,
        wearers: Iterable[str] = (),
        on_status: Say = _ignore,
        show_code: bool = False,
    ) -> None:
        file = settings.token_file
        self.token_file = Path(file) if file else place.history.parent / TOKEN_FILE
        self.token = token = kept_token(self.token_file) if settings.needs_token else None
        self.show_code = show_code
        self.place = place
        self.on_status = on_status
        self.board = Board(wearers, place.catalogue)
        self._server = WebServer(_with_certificate(settings, place), Access(token=token))

    @property
    def address(self) -> str:
        """Where the pages are, for a browser; right once the sink has started."""
        settings = self._server.settings
        host = settings.host.strip("[]")
        if is_everywhere(host):
            host = address_on_the_network()
        shown = f"[{host}]" if ":" in host else host
        return f"http{'s' if settings.encrypted else ''}://{shown}:{self._server.port}/"

    @property
    def pairing(self) -> str | None:
        """Address that pairs a phone, to be shown as a QR code; None where no code is asked."""
        return None if self.token is None else f"{self.address}?{QUERY_KEY}={self.token}"

    async def start(self) -> None:
        """Open the pages.

        Raises
        ------
        ConfigError
            When the address is taken.
        """
        place = replace(self.place, pairing=self.pairing)
        await self._server.start(build_app(place, self.board.hub))
        self.on_status(f"The dashboard is at {self.address}{self._about_the_code()}")

    def _about_the_code(self) -> str:
        if self.token is None:
            return ""
        if self.show_code:
            return f" - code {self.token}"
        return f" - the code that pairs a browser is in {self.token_file}"

    def take(self, notice: Notice) -> None:
        """Show one event."""
        self.board.take(notice)

    def take_block(self, wearer: str, block: SampleBlock) -> None:
        """Move the tempo bar."""
        self.board.take_block(wearer, block)

    async def stop(self) -> None:
        """Close the pages."""
        await self._server.stop()


def _with_certificate(settings: DashboardSettings, place: Place) -> DashboardSettings:
    """Return the settings with a certificate of our own, where one is wanted and none named."""
    if not settings.encrypted or settings.certificate_file is not None:
        return settings
    names = dict.fromkeys(
        ("localhost", socket.gethostname(), "127.0.0.1", address_on_the_network())
    )
    certificate, key = kept_certificate(place.history.parent, names)
    return replace(settings, certificate_file=str(certificate), key_file=str(key))
