"""``repsense tune --ui``: the command serves the page on the recording that was named."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Browser

RECORDING = Path(__file__).resolve().parents[2] / "recordings" / "front_raise.csv.gz"
ALL_COUNTED = "document.querySelector('[role=status]').innerText.startsWith('1 set, 12 reps')"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("tune")
    homes = {name: str(folder) for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME")}
    paths = os.pathsep.join(filter(None, sys.path))
    process = subprocess.Popen(
        [sys.executable, "-m", "repsense", "tune", "--ui", str(RECORDING), "--port", "0"],
        stdout=subprocess.PIPE,
        text=True,
        cwd=folder,
        env={**os.environ, **homes, "PYTHONPATH": paths},
    )
    assert process.stdout is not None
    lines = iter(process.stdout.readline, "")
    address = next(line.split(": ", 1)[1] for line in lines if line.startswith("Tune on"))
    yield address.strip()
    process.send_signal(signal.SIGINT)
    assert process.wait(20) == 0
    process.stdout.close()


def test_a_changed_setting_changes_the_count_that_is_shown(served: str, browser: "Browser") -> None:
    browser.open(served, "document.querySelector('.rs-chart svg') !== null")
    browser.until(ALL_COUNTED)
    browser.until(
        "(i => { if (!i) return false; i.value = '6';"
        " i.dispatchEvent(new Event('input', {bubbles: true})); return true; })"
        "(document.querySelector('input[aria-label=rep_min_s]'))"
    )
    browser.until(f"!({ALL_COUNTED})")
    assert browser.text(".rs-code").split() == ["pipeline:", "chains:", "rep_min_s:", "6"]
    assert browser.complaints() == []
    browser.driver.get("about:blank")


def test_a_recording_that_is_not_there_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from repsense.cli.main import main

    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as caught:
        main(["tune", "--ui", str(tmp_path / "none.csv"), "--port", "0"])
    assert caught.value.code == 2
    assert "There is no recording" in capsys.readouterr().err
