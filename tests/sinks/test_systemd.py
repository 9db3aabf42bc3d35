"""What systemd is told, heard on a real socket."""

import asyncio
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from repsense.sinks.systemd import SystemdSink, address_of, watchdog_s

PATIENCE_S = 60.0


@pytest.fixture
def systemd(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(tmp_path / "notify"))
        listening.settimeout(PATIENCE_S)
        yield listening


def environment(listening: socket.socket, **more: str) -> dict[str, str]:
    return {"NOTIFY_SOCKET": listening.getsockname(), **more}


def test_systemd_hears_of_the_start_the_life_and_the_end(systemd: socket.socket) -> None:
    async def scenario() -> list[str]:
        sink = SystemdSink(environment(systemd, WATCHDOG_USEC="40000"))
        await sink.start()
        heard = [(await asyncio.to_thread(systemd.recv, 256)).decode() for _ in range(4)]
        await sink.stop()
        while heard[-1] != "STOPPING=1":
            heard.append((await asyncio.to_thread(systemd.recv, 256)).decode())
        return heard

    heard = asyncio.run(scenario())
    assert heard[0].splitlines()[0] == "READY=1"
    assert heard[1:4] == ["WATCHDOG=1"] * 3
    assert heard[-1] == "STOPPING=1"


def test_a_loop_that_hangs_gives_no_sign(systemd: socket.socket) -> None:
    async def scenario() -> None:
        sink = SystemdSink(environment(systemd, WATCHDOG_USEC="40000"))
        await sink.start()
        for _ in range(2):  # ready, and the first sign
            systemd.recv(256)
        systemd.settimeout(0.2)
        # The loop does nothing but wait for what never comes while it is hung.
        with pytest.raises(TimeoutError):
            systemd.recv(256)
        await sink.stop()

    asyncio.run(scenario())


def test_without_a_watchdog_only_start_and_end_are_told(systemd: socket.socket) -> None:
    async def scenario() -> None:
        sink = SystemdSink(environment(systemd))
        await sink.start()
        await sink.stop()

    asyncio.run(scenario())
    assert systemd.recv(256).startswith(b"READY=1")
    assert systemd.recv(256) == b"STOPPING=1"


def test_where_nobody_asks_nothing_is_done() -> None:
    async def scenario() -> None:
        sink = SystemdSink({})
        await sink.start()
        await sink.stop()

    asyncio.run(scenario())


def test_a_listener_that_is_gone_is_said_and_harms_nobody(systemd: socket.socket) -> None:
    told = environment(systemd)
    systemd.close()
    Path(told["NOTIFY_SOCKET"]).unlink()
    said: list[str] = []

    async def scenario() -> None:
        sink = SystemdSink(told, on_status=said.append)
        await sink.start()
        await sink.stop()

    asyncio.run(scenario())
    assert all("systemd cannot be told" in text for text in said)
    assert len(said) == 2


@pytest.mark.parametrize(
    ("given", "address"),
    [
        ({}, None),
        ({"NOTIFY_SOCKET": "/run/n"}, "/run/n"),
        ({"NOTIFY_SOCKET": "@n"}, "\0n"),
        ({"NOTIFY_SOCKET": "vsock:2:1"}, None),
    ],
)
def test_only_sockets_of_this_machine_are_spoken_to(
    given: dict[str, str], address: str | None
) -> None:
    assert address_of(given) == address


@pytest.mark.parametrize(
    ("given", "expected_s"),
    [
        ({}, None),
        ({"WATCHDOG_USEC": "30000000"}, 30.0),
        ({"WATCHDOG_USEC": "0"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
        ({"WATCHDOG_USEC": "1000", "WATCHDOG_PID": "1"}, None),
        ({"WATCHDOG_USEC": "1000000", "WATCHDOG_PID": str(os.getpid())}, 1.0),
    ],
)
def test_the_watchdog_is_ours_only_where_it_says_so(
    given: dict[str, str], expected_s: float | None
) -> None:
    assert watchdog_s(given, os.getpid()) == expected_s
