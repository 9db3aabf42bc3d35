"""An Espruino device, stood in for by node: it runs what scripts type, and prints."""

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from repsense.sources.ble.drivers.base import Script, Write

DEVICE = Path(__file__).resolve().parent / "espruino_device.js"
Run = Callable[..., dict[str, list[str]]]


@pytest.fixture
def espruino() -> Run:
    """Return what types scripts into the device, with events between the first and the others."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("there is no JavaScript engine (node) on this machine")

    def run(*scripts: Script, events: list[object]) -> dict[str, list[str]]:
        typed = [
            b"".join(step.data for step in script if isinstance(step, Write)).decode("ascii")
            for script in scripts
        ]
        asked = json.dumps({"typed": typed, "events": events})
        done = subprocess.run(
            [node, DEVICE], input=asked, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        answer: dict[str, list[str]] = json.loads(done.stdout)
        return answer

    return run
