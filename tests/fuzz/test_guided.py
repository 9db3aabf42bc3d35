"""The search that watches which branches are taken finds what is hidden behind some."""

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"
pytest.importorskip("atheris", reason="the extra 'fuzz' is not installed")

PLANTED = """
import sys
sys.path.insert(0, {folder!r})
import fuzz_guided

def feed(data):
    if data[:1] == b"r" and data[1:2] == b"e" and data[2:3] == b"p":
        raise fuzz_guided.Finding("it counted three")

fuzz_guided._file = lambda name: (feed, [b"set"])
import atheris
atheris.instrument_func(feed)
fuzz_guided.main()
"""


@pytest.fixture
def guided(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    spec = importlib.util.spec_from_file_location("fuzz_guided", BENCHMARKS / "fuzz_guided.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["fuzz_guided"] = module  # as dataclasses want it
    spec.loader.exec_module(module)
    yield module
    del sys.modules["fuzz_guided"]


def test_a_planted_fault_is_found_and_shown_with_its_bytes(
    guided: ModuleType, tmp_path: Path
) -> None:
    program = tmp_path / "planted.py"
    program.write_text(PLANTED.format(folder=str(BENCHMARKS)))
    result = guided.searched("labels", 20, program=str(program))
    assert "it counted three" in result.finding
    assert "b'rep" in result.finding


def test_real_input_is_read_or_refused(guided: ModuleType) -> None:
    result = guided.searched("decoder puck", 1)
    assert result.finding == ""
    assert result.inputs > 10
    assert result.branches > 10
