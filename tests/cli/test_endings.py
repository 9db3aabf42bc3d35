"""How a run and a recording end, as processes with a band on a virtual radio: told to, killed."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from repsense.recording.format import read_recording
from repsense.sources.ble.captures import read_capture

pytest.importorskip("bumble", reason="the extra 'virtual' is not installed")

RECORDING = Path(__file__).resolve().parents[2] / "recordings" / "front_raise.csv.gz"

# PMD: start (2) or stop (3) the acceleration (2); untold, a Verity Sense stays awake.
START, STOP = "written 0202", "written 0302"
# What a shutdown may take from the signal to the end of the process.
SHUTDOWN_S = 2.0

CHILD = """
import asyncio, sys
from pathlib import Path
from repsense.cli.record import record_bands
from repsense.cli.run import serve_bands
from repsense.cli.serving import Outputs, get_ready, wearers_of
from repsense.cli.virtual_band import peripheral_maker, resampled
from repsense.config import Settings
from repsense.recording.format import read_recording
from repsense.sources.ble.virtual.radio import virtual_gym

what, recording, folder = sys.argv[1:]

class Told:
    '''A band that says what it is told, and what it sends.'''
    def __init__(self, band):
        self._band, self._sent = band, 0
    def __getattr__(self, name):
        return getattr(self._band, name)
    def write(self, characteristic, data):
        print('written', data.hex(), flush=True)
        return self._band.write(characteristic, data)
    def push(self, block):
        packets = self._band.push(block)
        if packets:
            self._sent += len(block)
            print('sent', self._sent, flush=True)
        return packets

async def main():
    settings = Settings()
    make = peripheral_maker('polar_verity', 52.0)
    block = resampled(read_recording(recording).block, 52.0)
    async with virtual_gym(lambda: Told(make()), block) as (_, radio):
        if what == 'run':
            outputs = Outputs(mqtt=False, history=Path(folder))
            await serve_bands(settings, wearers_of(settings), radio, outputs)
        else:
            raw = Path(folder) / 'raw.txt'
            await record_bands(settings, wearers_of(settings), radio, Path(folder), raw=raw)

get_ready()
asyncio.run(main())
"""


@contextmanager
def running(what: str, folder: Path) -> Iterator["subprocess.Popen[str]"]:
    words = [sys.executable, "-W", "error", "-c", CHILD, what, str(RECORDING), str(folder)]
    pythonpath = os.pathsep.join(filter(None, sys.path))
    with subprocess.Popen(
        words,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": pythonpath},
    ) as child:
        yield child
        child.kill()


def read_until_sent(child: "subprocess.Popen[str]", samples: int) -> list[str]:
    """Return what the child has said when its band has sent so many samples."""
    said: list[str] = []
    assert child.stdout is not None
    for line in child.stdout:
        said.append(line.strip())
        if line.startswith("sent ") and int(line.split()[1]) >= samples:
            return said
    assert child.stderr is not None
    raise AssertionError(child.stderr.read())


@pytest.mark.parametrize(
    ("what", "number"),
    [("run", signal.SIGINT), ("run", signal.SIGTERM), ("record", signal.SIGINT)],
)
def test_a_signal_stops_the_sensor_and_ends_the_process_within_2_s(
    tmp_path: Path, what: str, number: signal.Signals
) -> None:
    with running(what, tmp_path) as child:
        before = read_until_sent(child, 100)
        asked_s = time.monotonic()
        child.send_signal(number)
        rest, errors = child.communicate(timeout=100)
        took_s = time.monotonic() - asked_s
    assert (child.returncode, errors) == (0, "")
    assert any(line.startswith(START) for line in before)
    assert STOP in rest.splitlines()
    assert took_s < SHUTDOWN_S


def test_a_recording_that_is_killed_can_be_read_to_its_last_block(tmp_path: Path) -> None:
    with running("record", tmp_path) as child:
        read_until_sent(child, 200)
        child.send_signal(signal.SIGKILL)
        assert child.wait(10) == -signal.SIGKILL
    (path,) = tmp_path.glob("me-*.csv")
    recorded = read_recording(path).block
    # What the band sent last was on its way.
    assert len(recorded) >= 71
    assert recorded.median_rate_hz() == pytest.approx(52.0, abs=0.5)
    capture = read_capture(tmp_path / "raw.txt")
    assert capture.driver == "polar_verity"
    assert len(capture.notifications) >= 2
