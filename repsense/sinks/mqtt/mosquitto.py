"""Mosquitto as a child of this process, on a free loopback port, for as long as it is needed."""

import asyncio
import contextlib
import os
import shutil
import socket
import sys
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

from repsense.errors import BrokerError

LOOPBACK = "127.0.0.1"
START_TIMEOUT_S = 10.0
STOP_TIMEOUT_S = 3.0
# Between choosing a free port and listening on it somebody else may take it.
PORT_TRIES = 3
_POLL_S = 0.02

# Where packages put Mosquitto without telling every user's PATH (Debian, Homebrew).
_MORE_FOLDERS = ("/usr/sbin", "/usr/local/sbin", "/opt/homebrew/sbin")

# Asks Linux (prctl 1, PR_SET_PDEATHSIG) to end this process when its parent dies, however that
# happens, and becomes the broker. A process of its own, because code between fork and exec can
# hang in a parent that has threads.
_DIE_WITH_PARENT = """\
import ctypes, os, signal, sys
ctypes.CDLL(None).prctl(1, signal.SIGTERM)
if os.getppid() == int(sys.argv[1]):
    os.execv(sys.argv[2], sys.argv[2:])
"""


def find_mosquitto() -> str | None:
    """Return the path of the ``mosquitto`` program, or None."""
    folders = [*os.environ.get("PATH", os.defpath).split(os.pathsep), *_MORE_FOLDERS]
    return shutil.which("mosquitto", path=os.pathsep.join(folders))


def free_port() -> int:
    """Return a loopback port that nobody listens on right now."""
    with socket.create_server((LOOPBACK, 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


@contextlib.asynccontextmanager
async def mosquitto(program: str) -> AsyncIterator[int]:
    """Run ``program`` for as long as the context lasts and give its port.

    Anonymous, without persistence, on loopback only. On Linux it dies with
    this process even if that is killed.

    Raises
    ------
    BrokerError
        When it does not accept connections: with the last line it said.
    """
    with tempfile.TemporaryDirectory(prefix="repsense-mosquitto-") as folder:
        child, port = await _start(program, Path(folder))
        try:
            yield port
        finally:
            await _end(child)


async def _start(program: str, folder: Path) -> tuple[asyncio.subprocess.Process, int]:
    log = folder / "mosquitto.log"
    config = folder / "mosquitto.conf"
    for _ in range(PORT_TRIES):
        port = free_port()
        config.write_text(_config(port), encoding="utf-8")
        child = await _spawn([program, "-c", str(config)], log)
        if await _accepts_connections(port, child):
            return child, port
        await _end(child)
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    raise BrokerError(
        f"Mosquitto ({program}) did not start: {lines[-1] if lines else 'it gave no reason'}. "
        f"Repair or remove Mosquitto, or start a broker and set broker.host in config.yaml."
    )


def _config(port: int) -> str:
    lines = [
        f"listener {port} {LOOPBACK}",
        "allow_anonymous true",
        "persistence false",
        "set_tcp_nodelay true",
        "log_dest stderr",
        "log_type error",
        "log_type warning",
    ]
    if sys.platform != "win32" and os.geteuid() == 0:
        # Mosquitto would give up root, and the kernel then forgets that it is to die with us.
        lines.append("user root")
    return "\n".join(lines) + "\n"


async def _spawn(command: list[str], log: Path) -> asyncio.subprocess.Process:
    if sys.platform == "linux":
        wrapper = [sys.executable, "-I", "-S", "-c", _DIE_WITH_PARENT, str(os.getpid())]
        command = [*wrapper, *command]
    with log.open("wb") as log_file:
        return await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=log_file,
            stderr=log_file,
            process_group=0,  # Ctrl-C is for us: the broker is still needed to say goodbye on
        )


async def _accepts_connections(port: int, child: asyncio.subprocess.Process) -> bool:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(START_TIMEOUT_S):
            while child.returncode is None:
                if await _can_connect(port):
                    return True
                await asyncio.sleep(_POLL_S)
    return False


async def _can_connect(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection(LOOPBACK, port)
    except OSError:
        return False
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
    return True


async def _end(child: asyncio.subprocess.Process) -> None:
    if child.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            child.terminate()
    try:
        await asyncio.wait_for(child.wait(), STOP_TIMEOUT_S)
    except TimeoutError:
        child.kill()
        await child.wait()
