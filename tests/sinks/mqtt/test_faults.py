"""Broker and RepSense killed at random moments: the short form of benchmarks/mqtt_faults.py."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from repsense.sinks.mqtt.mosquitto import find_mosquitto

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.skipif(find_mosquitto() is None, reason="mosquitto is not installed")
def test_every_event_arrives_whoever_is_killed() -> None:
    bench, recording = ROOT / "benchmarks/mqtt_faults.py", ROOT / "recordings/front_raise.csv.gz"
    words = ["--kills", "2", "--json", "--recording", str(recording)]
    done = subprocess.run(
        [sys.executable, str(bench), *words], capture_output=True, text=True, check=False
    )
    results = json.loads(done.stdout)
    assert results.keys() == {"broker", "repsense"}
    for result in results.values():
        assert result["ok"], result
        assert result["events"] >= 10
        assert result["missing"] == result["same_id_other_payload"] == 0
