"""Any bytes are read or refused with a sentence: the short form of benchmarks/fuzz_input.py."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
CORPUS = Path(__file__).with_name("corpus")
TARGETS = {"recording", "packed recording", "labels", "index", "config", "command"}
WEB_TARGETS = {"pages", "phones"}
INPUTS = 100


@pytest.fixture(scope="module")
def tallies() -> dict[str, dict[str, Any]]:
    pytest.importorskip("starlette", reason="the extra 'phones' is not installed")
    bench = str(ROOT / "benchmarks" / "fuzz_input.py")
    words = [sys.executable, bench, "--json", "--inputs", str(INPUTS * 8)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.stdout, done.stderr
    return {one["target"]: one for one in json.loads(done.stdout)}


@pytest.mark.parametrize("target", sorted(TARGETS | WEB_TARGETS))
def test_whatever_comes_is_read_or_refused(tallies: dict[str, Any], target: str) -> None:
    tally = tallies[target]
    known = len(list((CORPUS / target.replace(" ", "_")).glob("*")))
    assert tally["inputs"] >= INPUTS + known
    assert tally["findings"] == []
    # Those it begins with are right, most others are not: else the target is not what it seems.
    assert tally["read"] >= tally["inputs"] - INPUTS - known
    assert tally["refused"] > 0 or target in WEB_TARGETS


def test_every_crash_that_was_found_belongs_to_a_target() -> None:
    assert {path.name.replace("_", " ") for path in CORPUS.iterdir()} <= TARGETS | WEB_TARGETS
