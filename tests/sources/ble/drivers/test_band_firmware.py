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


# --- XIAO nRF52840 Sense -----------------------------------------------------------------------


@pytest.fixture(scope="module")
def board(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Compile the sketch against stand-ins for the Arduino functions."""
    if CXX is None or CC is None:
        pytest.skip("there is no C++ compiler (c++) on this machine")
    folder = tmp_path_factory.mktemp("board")
    encoder, program = folder / "repsense_band.o", folder / "board"
    subprocess.run(
        [CC, "-std=c99", "-c", NOTES / "repsense_band.c", "-o", encoder], check=True, timeout=60
    )
    places = [f"-I{path}" for path in (HERE / "arduino", NOTES, NOTES / "xiao_nrf52840")]
    strict = ["-std=c++17", "-Wall", "-Wextra"]
    subprocess.run(
        [CXX, *strict, *places, HERE / "arduino" / "board.cpp", encoder, "-o", program], check=True
    )
    return program


def run_board(board: Path, *lines: str) -> dict[str, list[str]]:
    """Return what the board said, by the word that it begins with."""
    text = "".join(f"{line}\n" for line in lines)
    done = subprocess.run([board], input=text, capture_output=True, text=True, check=True)
    said: dict[str, list[str]] = {}
    for word, _, rest in (line.partition(" ") for line in done.stdout.splitlines()):
        said.setdefault(word, []).append(rest)
    return said


def board_batches(said: dict[str, list[str]]) -> list[Batch]:
    return decoded([bytes.fromhex(line) for line in said.get(SAMPLES, [])])


@pytest.mark.parametrize("gyro", [False, True])
def test_the_board_streams_what_the_driver_reads(board: Path, gyro: bool) -> None:
    begin = f"control {start_command(52, gyro=gyro).hex()}"
    batches = board_batches(run_board(board, begin, "samples 200 19230 1"))
    accel = np.concatenate([batch.accel_g for batch in batches]) * 4096
    assert accel.tolist() == [[n, -n, 4096] for n in range(1, 201)]
    assert sum(batch.lost for batch in batches) == 0
    # The clock wraps on the way; the first packet is spaced as 50 Hz.
    np.testing.assert_allclose(np.diff(times_of(batches))[1:], 0.01923, atol=1e-9)
    assert all((batch.gyro_dps is not None) == gyro for batch in batches)
    if batches[9].gyro_dps is not None:
        np.testing.assert_allclose(batches[9].gyro_dps, [[0.7, 0.0, -0.7]], atol=1 / 32)


def test_the_board_numbers_samples_that_it_was_too_late_for(board: Path) -> None:
    begin = f"control {start_command(52).hex()}"
    batches = board_batches(run_board(board, begin, "samples 90 19230 3"))
    accel = np.concatenate([batch.accel_g for batch in batches]) * 4096
    assert accel[:, 0].tolist() == list(range(3, 90, 3))
    assert sum(batch.lost for batch in batches) == 2 * (len(accel) - 1)


def test_the_board_takes_the_nearest_rate_and_says_so(board: Path) -> None:
    said = run_board(board, f"control {rate_command(100).hex()}")
    rates = [read_info(bytes.fromhex(line)).rate_hz for line in said[INFO]]
    assert rates == [52.0, 104.0]


@pytest.mark.parametrize("end", [f"control {stop_command().hex()}", "disconnect"])
def test_the_board_stops_and_its_chip_sleeps(board: Path, end: str) -> None:
    begin = f"control {start_command(52, gyro=True).hex()}"
    said = run_board(board, begin, "samples 4 19230 1", end, "samples 4 19230 1")
    assert len(said[SAMPLES]) == 4
    assert said["chip"] == ["00 00"]


def test_the_board_lights_up_as_often_as_asked(board: Path) -> None:
    wish = f"feedback {feedback_command(on_s=0.1, off_s=0.15, times=2).hex()}"
    assert run_board(board, wish, "samples 100 10000 1")["light"] == ["2"]
