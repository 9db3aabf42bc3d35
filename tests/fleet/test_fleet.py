"""A whole fleet with Ray: a worker's process is killed, and nobody notices but by a delay."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from fleet_hall import TOPICS, Hall, hall, messages, online
from listening import replayed_reps

from repsense.sinks.mqtt.mosquitto import find_mosquitto

WEARER = "anna"
# Ray starts half a dozen processes, on a busy machine in half a minute.
PATIENCE_S = 80.0


@pytest.mark.skipif(
    find_spec("ray") is None or find_mosquitto() is None,
    reason="needs Ray (pip install 'repsense[cluster]') and Mosquitto",
)
def test_no_rep_is_lost_or_doubled_when_a_worker_is_killed(tmp_path: Path) -> None:
    async def main() -> None:
        async with hall(tmp_path) as here:
            here.patience_s = PATIENCE_S
            config = tmp_path / "fleet.yaml"
            config.write_text(f"broker: {{host: 127.0.0.1, port: {here.settings.broker.port}}}\n")
            words = ["fleet", "--config", config, "--partitions", 1, "--every", 0.5]
            fleet = await asyncio.create_subprocess_exec(
                *[sys.executable, "-m", "repsense", *map(str, words)],
                *["--snapshots", str(tmp_path), "--json"],
                stdout=subprocess.PIPE,
                # Ray lets its workers import from where they are begun: the checkout's engine,
                # say, which nobody has compiled, instead of the installed one.
                cwd=tmp_path,
            )
            assert fleet.stdout is not None
            await online(here)
            here.send(WEARER, messages()[:25])
            await here.until_event(WEARER, "rep", "rep")
            os.kill(killed := process_of(here), signal.SIGKILL)
            here.send(WEARER, messages()[25:])
            await here.until_event(WEARER, "set", "workout_finished")
            await here.until(
                lambda one: (
                    one.topic == TOPICS.worker(0)
                    and json.loads(one.payload).get("process", killed) != killed
                )
            )
            fleet.send_signal(signal.SIGINT)
            lines, _ = await fleet.communicate()
            assert fleet.returncode == 0
            assert len(json.loads(lines.splitlines()[-1])["workers"]) == 1
            check(here.events(WEARER))

    asyncio.run(main())


def process_of(here: Hall) -> int:
    said = [one.payload for one in here.heard if one.topic == TOPICS.worker(0)]
    known = [facts["process"] for facts in map(json.loads, said) if "process" in facts]
    return int(known[-1])


def check(events: list[dict[str, Any]]) -> None:
    """See that each rep was said once, and those that a replay finds."""
    reps = [one["rep"] for one in events if one["event"] == "rep" and not one["provisional"]]
    final = [one["reps"] for one in events if one["event"] == "set_finished"]
    assert tuple(final) == replayed_reps()
    assert reps == list(range(1, len(reps) + 1))
