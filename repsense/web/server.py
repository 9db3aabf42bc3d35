"""The web server, inside the event loop that also counts."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator
from pathlib import Path

import uvicorn
from fastapi import FastAPI, WebSocket, WebSocketDisconnect
from nicegui import app as nicegui_app
from nicegui import ui

from repsense.errors import ConfigError
from repsense.web.access import Access
from repsense.web.guard import Guard
from repsense.web.hub import Hub
from repsense.web.pages import history, label, live, recordings, review, tune
from repsense.web.place import Place
from repsense.web.settings import DashboardSettings

STATIC = Path(__file__).resolve().parent / "static"

# An open page must not hold up the end of the program.
_CLOSE_S = 1


def build_app(place: Place, hub: Hub) -> FastAPI:
    """Return the application: NiceGUI's pages, our static files and the live stream."""
    app = FastAPI(openapi_url=None)

    @app.websocket("/ws/live")
    async def stream(socket: WebSocket) -> None:
        await socket.accept()
        page = hub.join()
        feeding = asyncio.create_task(page.feed(socket.send_text))
        try:
            # The page says nothing; this ends when it is closed.
            await _read_to_the_end(socket)
        finally:
            feeding.cancel()
            hub.leave(page)

    nicegui_app.add_static_files("/repsense", STATIC, max_cache_age=0)
    for page in (live, history, review, recordings, label, tune):
        page.register(place)
    ui.run_with(
        app,
        title="RepSense",
        dark=None,
        language="en-US",
        show_welcome_message=False,
        tailwind=False,
    )
    return app


async def _read_to_the_end(socket: WebSocket) -> None:
    with contextlib.suppress(WebSocketDisconnect):
        while True:
            await socket.receive_text()


class WebServer:
    """Serves the dashboard until it is stopped; signals are the service's business.

    Parameters
    ----------
    settings
        Where to listen.
    access
        Who may look.
    """

    def __init__(self, settings: DashboardSettings, access: Access) -> None:
        self.settings = settings
        self._access = access
        self._server: _Server | None = None
        self._serving: asyncio.Task[None] | None = None
        self.port = settings.port

    async def start(self, app: FastAPI) -> None:
        """Listen.

        Raises
        ------
        ConfigError
            When the address is taken or not this machine's.
        """
        listener = _listen(self.settings)
        self.port = listener.getsockname()[1]
        config = uvicorn.Config(
            Guard(app, self._access, https=self.settings.https),
            log_level="warning",
            access_log=False,
            ssl_certfile=self.settings.certificate_file,
            ssl_keyfile=self.settings.key_file,
            timeout_graceful_shutdown=_CLOSE_S,
            ws="websockets-sansio",
            server_header=False,
        )
        self._server = _Server(config)
        self._serving = asyncio.create_task(self._server.serve(sockets=[listener]))
        while not self._server.started:
            if self._serving.done():
                await self._serving
                raise ConfigError("The dashboard could not start: see the messages above.")
            await asyncio.sleep(0.01)

    async def stop(self) -> None:
        """Close the pages and let go of the port."""
        if self._server is None or self._serving is None:
            return
        self._server.should_exit = True
        await self._serving
        self._server = self._serving = None


class _Server(uvicorn.Server):
    """Uvicorn that leaves SIGINT and SIGTERM to the service, which stops it as a sink."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _listen(settings: DashboardSettings) -> socket.socket:
    try:
        family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
        return socket.create_server((settings.host.strip("[]"), settings.port), family=family)
    except OSError as error:
        raise ConfigError(
            f"The dashboard cannot listen on {settings.host}, port {settings.port} "
            f"({error.strerror}): choose another port with dashboard.port or --port; "
            f"0 takes a free one."
        ) from error
