"""The bands under firmware_notes: the watch app run by node, the sketch compiled and run as C++."""

import json
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from repsense.sources.ble.band_packets import (
    CONTROL,
    FEEDBACK,
    INFO,
    SAMPLES,
    SERVICE,
    feedback_command,
    rate_command,
    read_info,
    start_command,
    stop_command,
)
from repsense.sources.ble.drivers.base import Batch, Notification
from repsense.sources.ble.drivers.repsense_band import DRIVER

HERE = Path(__file__).resolve().parent
NOTES = HERE.parents[3] / "firmware_notes" / "repsense_band"
NODE, CXX, CC = shutil.which("node"), shutil.which("c++"), shutil.which("cc")
needs_node = pytest.mark.skipif(NODE is None, reason="there is no JavaScript engine (node)")


def decoded(packets: list[bytes]) -> list[Batch]:
    decoder = DRIVER.decoder()
    return [
        batch
        for data in packets
        for batch in decoder.feed(Notification(characteristic=SAMPLES, data=data, arrived_s=0.0))
    ]


def times_of(batches: list[Batch]) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    return np.concatenate([b.device_s for b in batches if b.device_s is not None])


# --- Bangle.js 2 -------------------------------------------------------------------------------


class Watch:
    """What the watch sent and did while the app ran through some steps."""

    def __init__(self, *steps: dict[str, object]) -> None:
        app = (NOTES / "bangle_app" / "app.js").read_text("utf-8")
        done = subprocess.run(
            [str(NODE), HERE / "bangle_watch.js"],
            input=json.dumps({"app": app, "steps": steps}),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        self.said = json.loads(done.stdout)

    def packets(self) -> list[bytes]:
        return [bytes(data) for uuid, data in self.said["notified"] if uuid == SAMPLES]


def write(uuid: str, data: bytes) -> dict[str, object]:
    return {"write": [uuid, list(data)]}


def moves(n: int, *, rate_hz: float = 50.0) -> list[dict[str, object]]:
    return [{"accel": [0.25 * (i % 8), -0.5, 1.0], "after_s": 1 / rate_hz} for i in range(n)]


@needs_node
@pytest.mark.parametrize("rate_hz", [12.5, 25.0, 50.0, 100.0])
def test_the_watch_streams_what_the_driver_reads(rate_hz: float) -> None:
    watch = Watch(write(CONTROL, start_command(rate_hz)), *moves(20, rate_hz=rate_hz))
    packets = watch.packets()
    assert {len(data) for data in packets} == {20}
    batches = decoded(packets)
    accel_g = np.concatenate([batch.accel_g for batch in batches])
    np.testing.assert_allclose(accel_g, [[0.25 * (i % 8), -0.5, 1.0] for i in range(20)])
    np.testing.assert_allclose(np.diff(times_of(batches))[1:], 1 / rate_hz, atol=3e-6)
    assert sum(batch.lost for batch in batches) == 0
    assert read_info(bytes(watch.said["values"][INFO])).rate_hz == rate_hz


@needs_node
def test_the_watch_advertises_the_service_and_says_what_it_has() -> None:
    watch = Watch()
    assert watch.said["advertised"]["advertise"] == [SERVICE]
    info = read_info(bytes(watch.said["values"][INFO]))
    assert (info.major, info.minor, info.gyro, info.light, info.motor) == (1, 0, False, True, True)
    assert info.highest_rate_hz == 100.0
    assert watch.packets() == []


@needs_node
def test_the_watch_keeps_time_while_it_is_set() -> None:
    steps = [*moves(10), {"set_clock_s": 5_000_000}, *moves(10), {"set_clock_s": 7}, *moves(10)]
    batches = decoded(Watch(write(CONTROL, start_command(50)), *steps).packets())
    np.testing.assert_allclose(np.diff(times_of(batches))[1:], 0.02, atol=3e-6)


@needs_node
@pytest.mark.parametrize("end", [write(CONTROL, stop_command()), {"disconnect": True}])
def test_the_watch_stops_and_is_left_as_it_was(end: dict[str, object]) -> None:
    watch = Watch(write(CONTROL, start_command(50)), *moves(4), end, *moves(4))
    assert len(watch.packets()) == 2
    assert watch.said["called"][-5:] == [
        "accelWr(24,108)",
        "accelWr(27,0)",
        "accelWr(24,236)",
        "setPollInterval(80)",
        'setOptions({"powerSave":true})',
    ]


@needs_node
def test_the_watch_changes_its_rate_while_it_streams_and_counts_on() -> None:
    watch = Watch(
        write(CONTROL, start_command(50)), *moves(4), write(CONTROL, rate_command(23)), *moves(4)
    )
    batches = decoded(watch.packets())
    assert sum(len(batch.accel_g) + batch.lost for batch in batches) == 8
    assert read_info(bytes(watch.said["values"][INFO])).rate_hz == 25.0


@needs_node
def test_the_watch_begins_again_from_0_and_passes_over_what_it_does_not_know() -> None:
    unknown = [write(CONTROL, b"\x7f"), write(CONTROL, b""), write(FEEDBACK, b"\x01")]
    begin = write(CONTROL, start_command(50))
    watch = Watch(begin, *moves(6), *unknown, begin, *moves(2))
    assert [int.from_bytes(data[2:4], "little") for data in watch.packets()] == [0, 2, 4, 0]


@needs_node
def test_the_watch_buzzes_and_lights_up_as_asked() -> None:
    watch = Watch(write(FEEDBACK, feedback_command(on_s=0.1, off_s=0.15, times=2)))
    assert watch.said["called"] == ["setLCDPower(1)", "buzz(100)"] * 2
