"""Hands what is new to every open live page, once worked out, and never waits for a slow one.

NiceGUI keeps a tree of elements for each browser and sends each its own
changes; with fifty browsers every rep would be worked out fifty times. Here a
view is written as JSON once and the same text goes to all. A page that falls
behind is given the newest state of each wearer, not the states in between.
"""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

Send = Callable[[str], Awaitable[None]]


class Page:
    """What one open page has still to be told: at most two messages a wearer and one frame."""

    def __init__(self) -> None:
        self._views: dict[str, str] = {}
        self._refusals: dict[str, str] = {}
        self._frame: str | None = None
        self._news = asyncio.Event()

    def put(self, wearer: str, message: str) -> None:
        """Take a wearer's newest view in place of one still unsent."""
        self._views[wearer] = message
        self._news.set()

    def put_frame(self, message: str) -> None:
        """Take where the wrists are, in place of what is still unsent."""
        self._frame = message
        self._news.set()

    def put_refusal(self, wearer: str, why: str) -> None:
        """Take why what this page asked for a wearer was not done."""
        self._refusals[wearer] = json.dumps({"refused": why})
        self._news.set()

    async def feed(self, send: Send) -> None:
        """Send what comes, for as long as the page is open: ends with ``send``'s error."""
        while True:
            await self._news.wait()
            self._news.clear()
            views, self._views = self._views, {}
            refusals, self._refusals = self._refusals, {}
            frame, self._frame = self._frame, None
            for message in (*views.values(), *refusals.values()):
                await send(message)
            if frame is not None:
                await send(frame)


class Hub:
    """All open live pages.

    Parameters
    ----------
    clock
        Wall-clock time in s, put into messages so that delays can be measured.
    """

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._pages: set[Page] = set()
        self._newest: dict[str, Callable[[], Mapping[str, Any]]] = {}

    def __len__(self) -> int:
        return len(self._pages)

    def join(self) -> Page:
        """Return a new page that is told every wearer's state first."""
        page = Page()
        for wearer, view in self._newest.items():
            page.put(wearer, self._message(view()))
        self._pages.add(page)
        return page

    def leave(self, page: Page) -> None:
        """Forget a page that was closed."""
        self._pages.discard(page)

    def tell(self, wearer: str, view: Callable[[], Mapping[str, Any]]) -> None:
        """Give all pages a wearer's view; later ones are given what ``view`` then returns."""
        self._newest[wearer] = view
        if not self._pages:
            return
        message = self._message(view())
        for page in self._pages:
            page.put(wearer, message)

    def tell_positions(self, positions: Mapping[str, float | None]) -> None:
        """Give all pages the way that each wrist has gone, 0 to 1."""
        if not self._pages or not positions:
            return
        rounded = {
            wearer: None if position is None else round(position, 2)
            for wearer, position in positions.items()
        }
        message = json.dumps({"positions": rounded})
        for page in self._pages:
            page.put_frame(message)

    def _message(self, view: Mapping[str, Any]) -> str:
        return json.dumps({"view": view, "at_ms": round(self._clock() * 1000.0, 1)})
