"""The commands for bands, with a radio made of nothing or none at all."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Coroutine
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from fake_radio import START, STOP, FakeBand, FakeDriver, FakeRadio
from virtual_time import run_virtually

from repsense.cli.checks import Verdict, check_bluez, check_clock
from repsense.cli.doctor import examine
from repsense.cli.record import record_bands
from repsense.cli.scan import show_nearby
from repsense.cli.serving import wearers_of
from repsense.config import Settings
from repsense.recording.format import read_recording
from repsense.samples import SampleBlock
from repsense.sources.ble import registry
from repsense.sources.ble.captures import read_capture

RECORDING = Path(__file__).resolve().parents[2] / "recordings" / "front_raise.csv.gz"


@pytest.fixture
def fake_driver(monkeypatch: pytest.MonkeyPatch) -> FakeDriver:
    driver = FakeDriver()
    monkeypatch.setattr(registry, "drivers", lambda: (driver,))
    return driver


def at_rest(duration_s: float) -> SampleBlock:
    n = int(duration_s * 50.0)
    return SampleBlock(t_s=np.arange(n) / 50.0, accel_g=np.tile([0.0, 0.6, 0.8], (n, 1)))


def with_playing(band: FakeBand, main: Coroutine[None, None, None]) -> None:
    async def both() -> None:
        band.over = asyncio.Event()
        playing = asyncio.create_task(band.play())
        await main
        playing.cancel()

    run_virtually(both())


# --- scan -------------------------------------------------------------------------------------


@pytest.mark.usefixtures("fake_driver")
def test_scan_lists_supported_and_unknown_sensors(capsys: pytest.CaptureFixture[str]) -> None:
    bands = [
        FakeBand(at_rest(1.0), address="00:00:00:00:00:01", name="Fridge"),
        FakeBand(at_rest(1.0)),
        FakeBand(at_rest(1.0), address="00:00:00:00:00:03", name=""),
    ]
    run_virtually(show_nearby(FakeRadio(bands), 3.0, battery=True, everything=False, as_json=False))
    out = capsys.readouterr().out
    lines = out.splitlines()
    supported, unknown = lines[1:3]
    assert supported.split() == [
        *("FakeBand", "F0:F1:F2:F3:F4:F5", "fake_band", "-60", "dBm", "87", "%", "supported"),
    ]
    assert unknown.rstrip().endswith("seen but unknown")
    assert "1 more without a name" in out
    assert '- address: "F0:F1:F2:F3:F4:F5"' in out


@pytest.mark.usefixtures("fake_driver")
def test_scan_speaks_json(capsys: pytest.CaptureFixture[str]) -> None:
    radio = FakeRadio([FakeBand(at_rest(1.0), battery=None)])
    run_virtually(show_nearby(radio, 2.0, battery=True, everything=False, as_json=True))
    (found,) = json.loads(capsys.readouterr().out)
    assert found == {
        "address": "F0:F1:F2:F3:F4:F5",
        "name": "FakeBand",
        "supported": True,
        "driver": "fake_band",
        "title": "Fake band",
        "rssi_dbm": -60,
        "battery_percent": None,
        "services": [],
    }


def test_scan_without_a_sensor_says_what_to_try(capsys: pytest.CaptureFixture[str]) -> None:
    run_virtually(show_nearby(FakeRadio([]), 2.0, battery=True, everything=False, as_json=False))
    assert "Is it charged" in capsys.readouterr().out


# --- record -----------------------------------------------------------------------------------


@pytest.mark.usefixtures("fake_driver")
def test_record_writes_what_came_and_how_it_came(tmp_path: Path) -> None:
    band = FakeBand(at_rest(30.0))
    settings = Settings()
    raw = tmp_path / "raw.txt"
    recording = record_bands(
        settings,
        wearers_of(settings),
        FakeRadio([band]),
        tmp_path / "kept",
        raw=raw,
        minutes=0.2,
    )
    with_playing(band, recording)
    (path,) = (tmp_path / "kept").glob("me-*.csv")
    kept = read_recording(path).block
    assert len(kept) == len(band.delivered)
    capture = read_capture(raw)
    assert capture.driver == "fake_band"
    decoder = FakeDriver().decoder()
    batches = [one for heard in capture.notifications for one in decoder.feed(heard)]
    np.testing.assert_allclose(
        np.concatenate([one.accel_g for one in batches]), kept.accel_g, atol=1e-5
    )
    assert band.written == [START, STOP]


def test_record_overwrites_no_raw_bytes(tmp_path: Path) -> None:
    raw = tmp_path / "raw.txt"
    raw.write_text("mine")
    done = repsense(tmp_path, "record", "kept", "--raw", str(raw))
    assert done.returncode == 2
    assert "is there already" in done.stderr
    assert raw.read_text() == "mine"


# --- doctor -----------------------------------------------------------------------------------


@pytest.mark.usefixtures("fake_driver")
def test_doctor_measures_the_rate_of_a_healthy_band(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    band = FakeBand(at_rest(60.0))
    findings = {}

    async def main() -> None:
        for finding in await examine(FakeRadio([band]), None):
            findings[finding.name] = finding

    with_playing(band, main())
    assert findings["adapter"].verdict is Verdict.FINE
    assert findings["config"].verdict is Verdict.FINE
    rate = findings["data rate"]
    assert rate.verdict is Verdict.FINE
    assert "50.0 samples/s, asked for 50, 0 lost" in rate.text


def test_doctor_says_what_to_do_about_bluetooth_that_is_off(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text("brokr: 1\n")

    async def main() -> None:
        found = await examine(FakeRadio([], off=True), tmp_path / "config.yaml")
        said = {finding.name: finding for finding in found}
        assert said["adapter"].verdict is Verdict.WRONG
        assert "switch it on" in said["adapter"].text
        assert "Did you mean 'broker'?" in said["config"].text

    run_virtually(main())


@pytest.mark.parametrize(
    ("said", "verdict"),
    [
        ("bluetoothctl: 5.66", Verdict.FINE),
        ("bluetoothctl: 5.50", Verdict.CARE),
        (None, Verdict.WRONG),
        ("what?", Verdict.WRONG),
    ],
)
def test_doctor_reads_the_version_of_bluez(said: str | None, verdict: Verdict) -> None:
    assert check_bluez(lambda _: said, "linux").verdict is verdict
    assert check_bluez(lambda _: said, "darwin").verdict is Verdict.SKIPPED


def test_doctor_notices_a_clock_that_is_not_set() -> None:
    now = datetime(2026, 5, 1, tzinfo=UTC)
    assert check_clock(lambda _: "yes", now).verdict is Verdict.FINE
    assert check_clock(lambda _: "no", now).verdict is Verdict.CARE
    assert check_clock(lambda _: None, now.replace(year=1970)).verdict is Verdict.WRONG


# --- as people run them -----------------------------------------------------------------------


def environment(folder: Path) -> dict[str, str]:
    nowhere = f"unix:path={folder / 'no-bus'}"
    return {
        **os.environ,
        "XDG_CONFIG_HOME": str(folder / "config"),
        "XDG_DATA_HOME": str(folder / "data"),
        "DBUS_SYSTEM_BUS_ADDRESS": nowhere,
        "PYTHONSAFEPATH": "1",
    }


def repsense(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "repsense", *words],
        capture_output=True,
        text=True,
        cwd=folder,
        env=environment(folder),
        timeout=100,
        check=False,
    )


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the message is that of Linux")
@pytest.mark.parametrize("words", [("scan", "--seconds", "1"), ("run", "--no-mqtt")])
def test_without_bluetooth_the_advice_is_on_one_line(
    tmp_path: Path, words: tuple[str, ...]
) -> None:
    done = repsense(tmp_path, *words)
    assert done.returncode == 2
    assert (
        done.stderr.strip()
        .splitlines()[-1]
        .startswith(
            "repsense: The system's Bluetooth service cannot be reached: install and start BlueZ"
        )
    )
    assert "Traceback" not in done.stderr


def test_doctor_without_bluetooth_ends_with_1_and_says_why(tmp_path: Path) -> None:
    done = repsense(tmp_path, "doctor", "--json")
    findings = {one["name"]: one for one in json.loads(done.stdout)}
    assert done.returncode == 1
    assert findings["adapter"]["verdict"] == "wrong"
    assert findings["config"]["verdict"] == "fine"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_virtual_band_is_counted_and_ctrl_c_ends_it_cleanly(
    tmp_path: Path, number: signal.Signals
) -> None:
    words = ["virtual-band", str(RECORDING), "--driver", "polar_verity", "--no-mqtt"]
    with subprocess.Popen(
        [sys.executable, "-W", "error", "-m", "repsense", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
        env=environment(tmp_path),
    ) as band:
        assert band.stdout is not None
        assert band.stderr is not None
        for line in band.stdout:
            if line.startswith("me: sensor Polar") and "streaming" in line:
                break
        band.send_signal(number)
        rest, errors = band.stdout.read(), band.stderr.read()
    assert band.returncode == 0, errors
    assert "No set was seen." in rest
    assert "Traceback" not in errors


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--driver", "polar_veriti"), "Did you mean 'polar_verity'?"),
        (("--driver", "polar_h10"), "cannot be played. Those that can: "),
    ],
)
def test_a_band_that_cannot_be_played_is_refused(
    tmp_path: Path, words: tuple[str, ...], message: str
) -> None:
    done = repsense(tmp_path, "virtual-band", str(RECORDING), *words)
    assert done.returncode == 2
    assert message in done.stderr
