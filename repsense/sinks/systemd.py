"""Tells systemd that the service is up, how it does, and that its event loop still turns.

Datagrams on the socket that ``NOTIFY_SOCKET`` names, as sd_notify(3) and
sd_watchdog_enabled(3) describe them. Where nobody asks, nothing is sent.
"""

import asyncio
import os
import socket
from collections.abc import Callable, Mapping

from repsense.samples import SampleBlock
from repsense.sinks.base import Notice

# systemd advises to say so at half the time after which it would restart us.
_SHARE = 0.5


def _ignore(_: str) -> None:
    """Take a sentence and do nothing."""


def address_of(environment: Mapping[str, str]) -> str | None:
    """Return the address of the socket, or None where nobody listens; ``@`` is an abstract one."""
    path = environment.get("NOTIFY_SOCKET", "")
    if path.startswith("@"):
        return f"\0{path[1:]}"
    return path if path.startswith("/") else None


def watchdog_s(environment: Mapping[str, str], process: int) -> float | None:
    """Return after how long without a sign this process is restarted, s; None for never."""
    if environment.get("WATCHDOG_PID", str(process)) != str(process):
        return None
    text = environment.get("WATCHDOG_USEC", "")
    return int(text) / 1e6 if text.isdecimal() and int(text) > 0 else None


class SystemdSink:
    """Say ``READY=1`` at the start, ``WATCHDOG=1`` again and again, ``STOPPING=1`` at the end.

    The signs of life come from the event loop that counts: when it hangs, they
    stay away and systemd starts the service anew. Give it to the service last,
    so that ``READY=1`` means that all the other sinks have begun.

    Parameters
    ----------
    environment
        Where ``NOTIFY_SOCKET`` and ``WATCHDOG_USEC`` stand; None means this process' own.
    on_status
        Called with one sentence when systemd cannot be told.
    """

    def __init__(
        self,
        environment: Mapping[str, str] | None = None,
        *,
        on_status: Callable[[str], None] = _ignore,
    ) -> None:
        environment = os.environ if environment is None else environment
        self.address = address_of(environment)
        self.watchdog_s = watchdog_s(environment, os.getpid())
        self.on_status = on_status
        self._socket: socket.socket | None = None
        self._timer: asyncio.TimerHandle | None = None

    async def start(self) -> None:
        """Say that the service is up."""
        if self.address is None:
            return
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
        self._socket.setblocking(False)
        self._tell("READY=1\nSTATUS=Counting.")
        if self.watchdog_s is not None:
            self._live_on(self.watchdog_s * _SHARE)

    def take(self, notice: Notice) -> None:
        """Ignore events."""

    def take_block(self, wearer: str, block: SampleBlock) -> None:
        """Ignore samples."""

    async def stop(self) -> None:
        """Say that the service ends on purpose."""
        if self._timer is not None:
            self._timer.cancel()
        if self._socket is not None:
            self._tell("STOPPING=1")
            self._socket.close()
            self._socket = None

    def _live_on(self, every_s: float) -> None:
        self._tell("WATCHDOG=1")
        self._timer = asyncio.get_running_loop().call_later(every_s, self._live_on, every_s)

    def _tell(self, text: str) -> None:
        if self._socket is None or self.address is None:
            return
        try:
            self._socket.sendto(text.encode(), self.address)
        except BlockingIOError:
            pass  # systemd is slow to read; the next sign is soon enough
        except OSError as error:
            self.on_status(f"systemd cannot be told how the service does ({error.strerror}).")
