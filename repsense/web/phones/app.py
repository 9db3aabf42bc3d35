"""The application phones talk to: the page, its stream, and the door of Sensor Logger.

It is a plain ASGI application and may be mounted into a bigger one. Every path holds the
key of a band; without a right one there is nothing here.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from repsense.errors import DecodeError
from repsense.web.phones.address import Way
from repsense.web.phones.pairing import band_of

STATIC = Path(__file__).resolve().parent / "static"

#: The longest message: minutes of samples.
MOST_BYTES = 1_000_000

# Sensor Logger shows the person the text of an answer with this status.
_SHOW_THE_PERSON = 499
_NOBODY = "This address is not (or no longer) valid: scan the code that RepSense shows again.\n"
# The key is in the address: it may go nowhere else, and nothing may be kept of it.
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self' ws: wss:; "
        "img-src data:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """What takes the messages of one band's phone.

    Parameters
    ----------
    way
        Which of the paths may be used.
    put
        Takes a message; raises ``DecodeError`` when it is none.
    gone
        Is told why the phone has left.
    """

    way: Way
    put: Callable[[str | bytes], None]
    gone: Callable[[str], None]


def build_app(doors: Mapping[str, Door], keys: Mapping[str, str]) -> Starlette:
    """Return the application.

    Parameters
    ----------
    doors
        Band -> its door.
    keys
        Band -> the key in its addresses.
    """
    rooms = _Rooms(doors, keys)
    return Starlette(
        routes=[
            Route("/phone.js", _script),
            Route("/phone.css", _style),
            Route("/phone/{key}", rooms.page),
            Route("/phone/{key}/motion", rooms.posted_motion, methods=["POST"]),
            WebSocketRoute("/phone/{key}/motion", rooms.motion),
            Route("/phone/{key}/sensor-logger", rooms.sensor_logger, methods=["POST"]),
        ]
    )


class _Rooms:
    def __init__(self, doors: Mapping[str, Door], keys: Mapping[str, str]) -> None:
        self._doors = doors
        self._keys = keys
        self._pages: dict[str, WebSocket] = {}

    async def page(self, request: Request) -> Response:
        if self._door(request.path_params["key"], Way.PAGE) is None:
            return _refusal()
        return FileResponse(STATIC / "phone.html", headers=_HEADERS)

    async def motion(self, socket: WebSocket) -> None:
        door = self._door(socket.path_params["key"], Way.PAGE)
        if door is None:
            await socket.close(1008)
            return
        await socket.accept()
        try:
            while True:
                await _take(door, await socket.receive_text(), socket)
        except (WebSocketDisconnect, KeyError):  # KeyError: bytes where text was due
            door.gone("The page was closed, or the phone's screen went dark.")

    async def posted_motion(self, request: Request) -> Response:
        """Take motion from browsers that open no stream to a certificate they do not know."""
        return await self._posted(request, Way.PAGE, failed=400)

    async def sensor_logger(self, request: Request) -> Response:
        return await self._posted(request, Way.SENSOR_LOGGER, failed=_SHOW_THE_PERSON)

    async def _posted(self, request: Request, way: Way, *, failed: int) -> Response:
        door = self._door(request.path_params["key"], way)
        if door is None:
            return _refusal()
        try:
            body = await _body(request)
        except ClientDisconnect:
            return Response(status_code=400)
        if body is None:
            return PlainTextResponse("That is too long for a message.\n", 413, _HEADERS)
        try:
            door.put(body)
        except DecodeError as error:
            return PlainTextResponse(f"{error}\n", failed, _HEADERS)
        return PlainTextResponse("ok\n", headers=_HEADERS)

    def _door(self, key: str, way: Way) -> Door | None:
        band = band_of(key, self._keys)
        door = None if band is None else self._doors.get(band)
        return door if door is not None and door.way is way else None


async def _take(door: Door, message: str, socket: WebSocket) -> None:
    try:
        door.put(message)
    except DecodeError as error:
        await socket.send_text(str(error))


async def _body(request: Request) -> bytes | None:
    """Return the body, or None as soon as it is longer than any message."""
    parts, length = [], 0
    async for part in request.stream():
        length += len(part)
        if length > MOST_BYTES:
            return None
        parts.append(part)
    return b"".join(parts)


def _refusal() -> Response:
    return PlainTextResponse(_NOBODY, 404, _HEADERS)


async def _script(_: Request) -> Response:
    return FileResponse(STATIC / "phone.js", headers=_HEADERS)


async def _style(_: Request) -> Response:
    return FileResponse(STATIC / "phone.css", headers=_HEADERS)
