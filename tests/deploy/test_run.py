"""``repsense run`` as systemd starts it: ready, alive, ended; and a second one on its folder."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("uvicorn", reason="the extra 'phones' is not installed")

PATIENCE_S = 100.0
CONFIG = """
wearers:
  - name: anna
    bands:
      - {via: sensor_logger}
phones: {http_port: 0}
"""


@pytest.fixture
def systemd(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(tmp_path / "notify"))
        listening.settimeout(PATIENCE_S)
        yield listening


def repsense(folder: Path, **more: str) -> subprocess.Popen[str]:
    words = ["run", "--no-mqtt", "--config", str(folder / "config.yaml"), "--data-dir"]
    paths = os.pathsep.join(filter(None, sys.path))
    return subprocess.Popen(
        [sys.executable, "-m", "repsense", *words, str(folder / "data")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": paths, **more},
    )


def drain(listening: socket.socket) -> None:
    """Take what has piled up: into a full queue nothing more is put, not even a last word."""
    listening.setblocking(False)
    with contextlib.suppress(BlockingIOError):
        while True:
            listening.recv(256)
    listening.settimeout(PATIENCE_S)


def test_systemd_hears_that_it_is_ready_alive_and_ending(
    tmp_path: Path, systemd: socket.socket
) -> None:
    (tmp_path / "config.yaml").write_text(CONFIG)
    told = {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "200000"}
    with repsense(tmp_path, **told) as first:
        assert systemd.recv(256).startswith(b"READY=1")
        assert [systemd.recv(256) for _ in range(3)] == [b"WATCHDOG=1"] * 3

        with repsense(tmp_path) as second:
            _, said = second.communicate(timeout=PATIENCE_S)
        assert second.returncode == 2
        assert f"Another RepSense (process {first.pid}) counts into" in said
        assert "Traceback" not in said

        drain(systemd)
        first.send_signal(signal.SIGTERM)
        heard = systemd.recv(256)
        while heard == b"WATCHDOG=1":
            heard = systemd.recv(256)
        assert heard == b"STOPPING=1"
        out, errors = first.communicate(timeout=PATIENCE_S)
    assert first.returncode == 0, errors
    assert "Waiting for the phone of anna" in out
