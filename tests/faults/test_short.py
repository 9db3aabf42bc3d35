"""Everything goes wrong once: the short form of benchmarks/faults.py."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
FAULTS = (
    *("sensor lost", "sensor silent", "sensor rebooting"),
    *("sensor sending garbage", "packets lost 10 %", "packets doubled"),
    *("broker away", "broker refusing", "broker slow", "broker full"),
    *("disk full for a while", "clock jumping"),
    "SIGKILL at random moments",
)


@pytest.fixture(scope="module")
def rows() -> dict[str, dict[str, Any]]:
    words = [sys.executable, str(ROOT / "benchmarks" / "faults.py"), "--short", "--json"]
    done = subprocess.run(words, capture_output=True, text=True, check=False, env=os.environ)
    assert done.stdout, done.stderr
    return {row["fault"]: row for row in json.loads(done.stdout)}


def test_none_is_left_out(rows: dict[str, dict[str, Any]]) -> None:
    assert set(rows) == set(FAULTS)


@pytest.mark.parametrize("fault", FAULTS)
def test_what_is_promised_is_kept(rows: dict[str, dict[str, Any]], fault: str) -> None:
    row = rows[fault]
    assert row["rounds"] == 1
    assert row["findings"] == []
    assert row["newest"], "it was played, and something was seen"
