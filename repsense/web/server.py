"""The web server, inside the event loop that also counts."""

import asyncio
import contextlib
import json
from pathlib import Path

from fastapi import FastAPI, WebSocket, WebSocketDisconnect
from nicegui import app as nicegui_app
from nicegui import ui

from repsense.errors import CommandError
from repsense.web.access import Access
from repsense.web.guard import Guard
from repsense.web.hub import Hub, Page
from repsense.web.listener import Listener
from repsense.web.pages import history, label, live, recordings, review, tune
from repsense.web.place import Place
from repsense.web.settings import DashboardSettings

STATIC = Path(__file__).resolve().parent / "static"

# A page's message names a wearer and no more, in characters.
_LONGEST = 1024


def build_app(place: Place, hub: Hub) -> FastAPI:
    """Return the application: NiceGUI's pages, our static files and the live stream."""
    app = FastAPI(openapi_url=None)

    @app.websocket("/ws/live")
    async def stream(socket: WebSocket) -> None:
        await socket.accept()
        page = hub.join()
        feeding = asyncio.create_task(page.feed(socket.send_text))
        try:
            await _obey_to_the_end(socket, page, place)
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


async def _obey_to_the_end(socket: WebSocket, page: Page, place: Place) -> None:
    """Do what the page's button says until the page is closed."""
    with contextlib.suppress(WebSocketDisconnect):
        while True:
            wearer = _ended_by(await socket.receive_text())
            if wearer is None or place.obey is None:
                continue
            try:
                place.obey(wearer, "end_set", {})
            except CommandError as error:
                page.put_refusal(wearer, str(error))


def _ended_by(message: str) -> str | None:
    """Return whose set is said to be over, None where a message says no such thing."""
    if len(message) > _LONGEST:
        return None
    try:
        said = json.loads(message)
    except (ValueError, RecursionError):
        return None
    wearer = said.get("end_set") if isinstance(said, dict) else None
    return wearer if isinstance(wearer, str) else None


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
        files = settings.certificate_file, settings.key_file
        certificate = (Path(files[0]), Path(files[1])) if files[0] and files[1] else None
        self._listener = Listener(
            settings.host,
            settings.port,
            what="The dashboard",
            port_key="dashboard.port or --port",
            certificate=certificate,
            lifespan=True,
        )

    @property
    def port(self) -> int:
        """The port that is listened on; that of the settings until it is."""
        return self._listener.port

    async def start(self, app: FastAPI) -> None:
        """Listen.

        Raises
        ------
        ConfigError
            When the address is taken or not this machine's.
        """
        await self._listener.start(Guard(app, self._access, https=self.settings.encrypted))

    async def stop(self) -> None:
        """Close the pages and let go of the port."""
        await self._listener.stop()
