"""Stands before every page and stream: asks :class:`~repsense.web.access.Access` and obeys."""

from html import escape
from urllib.parse import parse_qs, urlencode

from starlette.datastructures import Headers
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from repsense.web.access import COOKIE, QUERY_KEY, Access, Verdict

_YEAR_S = 365 * 24 * 3600
_REFUSAL = "This dashboard answers under its own name only.\n"
# Pages may not be framed, nor fetch anything from elsewhere: no wearer's data leaves the house.
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self' data: blob:; script-src 'self' 'unsafe-inline' 'unsafe-eval';"
        " style-src 'self' 'unsafe-inline'; connect-src 'self' ws: wss:;"
        " frame-ancestors 'none'; form-action 'self'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}

_ASK = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Pair · RepSense</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><style>
:root {{ color-scheme: light dark; font: 1.1rem/1.5 system-ui, sans-serif; }}
main {{ max-width: 24rem; margin: 12vh auto; padding: 0 1.2rem; }}
input, button {{ font: inherit; width: 100%; box-sizing: border-box; padding: .7rem;
  margin-top: .6rem; border-radius: .5rem; border: 1px solid #767676; }}
input {{ text-transform: uppercase; letter-spacing: .1em; }}
button {{ background: #14532d; color: #fff; border: 0; }}
</style></head><body><main><h1>Pair this browser</h1>
<p>{sentence}</p>
<form method="get" action="/"><label for="code">Code</label>
<input id="code" name="{key}" autocomplete="off" autofocus required>
<button>Pair</button></form></main></body></html>
"""
_FIRST = "RepSense shows a code, and a picture to scan, in the terminal it was started in."
_WRONG = "That is not the code. RepSense shows it in the terminal it was started in."


class Guard:
    """Lets through what may pass; an ASGI middleware around everything.

    Parameters
    ----------
    app
        What is guarded.
    access
        The rule.
    https
        Whether the cookie may only travel encrypted.
    """

    def __init__(self, app: ASGIApp, access: Access, *, https: bool = False) -> None:
        self._app = app
        self._access = access
        self._https = https

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Judge a request or a websocket; other scopes (start and end of the app) pass."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        headers = {key.lower(): value for key, value in Headers(scope=scope).items()}
        verdict = self._access.judge(headers, scope["query_string"].decode("latin-1"))
        if verdict is Verdict.ALLOWED:
            await self._app(scope, receive, _with_headers(send))
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            await self._answer(verdict, scope)(scope, receive, _with_headers(send))

    def _answer(self, verdict: Verdict, scope: Scope) -> Response:
        match verdict:
            case Verdict.PAIRED:
                return self._paired(scope)
            case Verdict.ASK:
                tried = QUERY_KEY in parse_qs(scope["query_string"].decode("latin-1"))
                page = _ASK.format(sentence=escape(_WRONG if tried else _FIRST), key=QUERY_KEY)
                return HTMLResponse(page, status_code=401)
        return PlainTextResponse(_REFUSAL, status_code=403)

    def _paired(self, scope: Scope) -> Response:
        """Remember the browser, and take the code out of its address line."""
        query = parse_qs(scope["query_string"].decode("latin-1"))
        rest = urlencode({key: value for key, value in query.items() if key != QUERY_KEY}, True)
        # One slash, whatever was asked for: two would lead to another machine.
        path = "/" + scope["path"].lstrip("/")
        response = RedirectResponse(f"{path}?{rest}" if rest else path, status_code=303)
        response.set_cookie(
            COOKIE,
            self._access.token or "",
            max_age=_YEAR_S,
            httponly=True,
            samesite="lax",
            secure=self._https,
        )
        return response


def _with_headers(send: Send) -> Send:
    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            added = [(key.lower().encode(), value.encode()) for key, value in _HEADERS.items()]
            message = {**message, "headers": [*message.get("headers", []), *added]}
        await send(message)

    return send_with_headers
