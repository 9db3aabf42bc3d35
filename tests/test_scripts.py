"""What people run from scripts/ says what it does before it does anything."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parent.parent / "scripts"
SCRIPTS = sorted(path for path in FOLDER.iterdir() if path.is_file() and not path.suffix)
NEEDED = {
    "make_engine_pictures": "matplotlib",
    "make_recognition_pictures": "matplotlib",
    "make_screenshots": "selenium",
}


def started(script: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a script as its first line says, with this Python where that is what it says."""
    first = script.read_text(encoding="utf-8").partition("\n")[0]
    program = "bash" if first.endswith("bash") else sys.executable
    # Some have neighbours, which Python looks for only without this.
    env = {name: value for name, value in os.environ.items() if name != "PYTHONSAFEPATH"}
    return subprocess.run(
        [program, str(script), *words], capture_output=True, text=True, check=False, env=env
    )


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_its_help_has_an_example(script: Path) -> None:
    if script.name in NEEDED:
        pytest.importorskip(NEEDED[script.name])
    done = started(script, "--help")
    assert done.returncode == 0, done.stderr
    examples = [line for line in done.stdout.splitlines() if line.startswith("  ")]
    assert any(line.split()[0] == f"scripts/{script.name}" for line in examples)
