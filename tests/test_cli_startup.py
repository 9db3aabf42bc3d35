"""``repsense --help`` is quick: a fresh interpreter loads none of the heavy libraries."""

import os
import subprocess
import sys
from pathlib import Path

import called
import pytest

from repsense.cli.main import COMMANDS

HEAVY = {
    "amqtt",
    "asyncio",
    "bleak",
    "bleak_retry_connector",
    "bumble",
    "llvmlite",
    "fastapi",
    "matplotlib",
    "nicegui",
    "numba",
    "numpy",
    "optuna",
    "paho",
    "pydantic",
    "ray",
    "rich",
    "ruamel",
    "scipy",
    "sqlite3",
}

SAY_WHAT_IS_LOADED = (
    "import sys\n"
    "from repsense.cli.main import main\n"
    "try:\n"
    "    main(sys.argv[1:])\n"
    "finally:\n"
    "    print('LOADED', *{name.partition('.')[0] for name in sys.modules})\n"
)


def run_fresh(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONSAFEPATH": "1"}
    return subprocess.run(
        [sys.executable, "-c", SAY_WHAT_IS_LOADED, *words],
        capture_output=True,
        text=True,
        cwd=folder,
        env=environment,
        timeout=100,
        check=False,
    )


def loaded_by(done: subprocess.CompletedProcess[str]) -> set[str]:
    line = next(line for line in done.stdout.splitlines() if line.startswith("LOADED"))
    return set(line.split()[1:])


def test_help_loads_nothing_heavy_and_names_every_command(tmp_path: Path) -> None:
    done = run_fresh(tmp_path, "--help")
    assert done.returncode == 0, done.stderr
    assert loaded_by(done) & HEAVY == set()
    for command in COMMANDS:
        assert f"\n  {command} " in done.stdout


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_a_command_loads_nothing_heavy(command: str, tmp_path: Path) -> None:
    done = run_fresh(tmp_path, command, "--help")
    assert done.returncode == 0, done.stderr
    assert f"repsense {command}" in done.stdout
    # typer itself reads a command's options with pydantic where that is installed.
    assert loaded_by(done) & (HEAVY - {"asyncio", "pydantic"}) == set()


def test_an_unknown_command_is_refused_with_the_nearest_one(tmp_path: Path) -> None:
    done = run_fresh(tmp_path, "dmo")
    assert done.returncode == 2
    assert "Did you mean 'demo'?" in done.stderr


def test_the_version_is_printed(tmp_path: Path) -> None:
    done = run_fresh(tmp_path, "--version")
    assert done.stdout.startswith("repsense ")
    assert done.returncode == 0


def test_a_source_tree_that_is_not_installed_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "path", [])  # where installed packages are looked for
    assert called.exit_code("--version") == 0
    assert capsys.readouterr().out.startswith("repsense of the source tree")
