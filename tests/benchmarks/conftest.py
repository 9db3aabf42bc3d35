"""The benchmarks are programs beside each other, not a package: what makes them importable."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "benchmarks"


@pytest.fixture(autouse=True)
def benchmarks(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let a test import benchmarks by name, and leave none of them to the next test."""
    monkeypatch.syspath_prepend(str(FOLDER))
    before = set(sys.modules)
    yield
    beside = {path.stem for path in FOLDER.glob("*.py")}
    for name in (set(sys.modules) - before) & beside:
        del sys.modules[name]
