"""A web server inside the event loop that also counts; signals are the service's business."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp

from repsense.errors import ConfigError

# An open page must not hold up the end of the program.
_CLOSE_S = 1


class Listener:
    """Serve an application on one port until stopped.

    Parameters
    ----------
    host, port
        Where to listen; port 0 takes a free one.
    what
        What to call it in messages to people.
    port_key
        Where the port is set, for a message when it is taken.
    certificate
        Certificate and private key (PEM) for https; None serves plain http.
    most_bytes
        The longest message that a websocket takes.
    lifespan
        Whether the application wants to be told of start and end.
    """

    def __init__(
        self,
        host: str,
        port: int,
        *,
        what: str,
        port_key: str,
        certificate: tuple[Path, Path] | None = None,
        most_bytes: int = 1_000_000,
        lifespan: bool = False,
    ) -> None:
        self.port = port
        self._port_key = port_key
        self._lifespan = lifespan
        self._host = host.strip("[]")
        self._what = what
        self._certificate = certificate
        self._most_bytes = most_bytes
        self._server: _Server | None = None
        self._serving: asyncio.Task[None] | None = None

    async def start(self, app: ASGIApp) -> None:
        """Listen.

        Raises
        ------
        ConfigError
            When the address is taken or not this machine's, or the certificate is none.
        """
        config = self._config(app)
        listening = self._listen()
        self.port = listening.getsockname()[1]
        self._server = _Server(config)
        self._serving = asyncio.create_task(self._server.serve(sockets=[listening]))
        await self._server.ready.wait()
        if self._server.should_exit:
            await self.stop()
            raise ConfigError(f"{self._what} could not start: see the messages above.")

    async def stop(self) -> None:
        """Close the connections and let go of the port."""
        if self._server is None or self._serving is None:
            return
        self._server.should_exit = True
        await self._serving
        self._server = self._serving = None

    def _config(self, app: ASGIApp) -> uvicorn.Config:
        certificate, key = self._certificate or (None, None)
        config = uvicorn.Config(
            app,
            lifespan="on" if self._lifespan else "off",
            log_level="warning",
            access_log=False,  # addresses hold keys
            ssl_certfile=certificate,
            ssl_keyfile=key,
            timeout_graceful_shutdown=_CLOSE_S,
            ws="websockets-sansio",
            ws_max_size=self._most_bytes,
            server_header=False,
        )
        try:
            config.load()
        except OSError as error:
            raise ConfigError(
                f"{self._what} cannot use the certificate {certificate} with the key {key} "
                f"({error}): both must be readable, in PEM format, and belong together."
            ) from error
        return config

    def _listen(self) -> socket.socket:
        try:
            family = socket.AF_INET6 if ":" in self._host else socket.AF_INET
            return socket.create_server((self._host, self.port), family=family)
        except OSError as error:
            raise ConfigError(
                f"{self._what} cannot listen on {self._host}, port {self.port} "
                f"({error.strerror}): choose another port with {self._port_key}; "
                f"0 takes a free one."
            ) from error


class _Server(uvicorn.Server):
    """Uvicorn that leaves SIGINT and SIGTERM alone, and says when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, and say so."""
        try:
            await super().startup(sockets)
        finally:
            self.ready.set()
