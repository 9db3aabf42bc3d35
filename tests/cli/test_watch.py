"""``repsense watch`` as a person runs it: a process, a real broker, Ctrl-C."""

import asyncio
import contextlib
import json
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from made_reps import made_rep

from repsense.events import Event, FormCue, FormFlag, RepFinished, SetFinished, SetStarted
from repsense.sinks.base import Notice
from repsense.sinks.mqtt.broker import RunningBroker, provide_broker
from repsense.sinks.mqtt.mosquitto import find_mosquitto
from repsense.sinks.mqtt.settings import BrokerSettings
from repsense.sinks.mqtt.sink import MqttSink

needs_mosquitto = pytest.mark.skipif(
    find_mosquitto() is None, reason="mosquitto is not installed (Debian: apt install mosquitto)"
)

REP = made_rep(1.0, FormFlag.FAST_LIFT, lower_s=2.5, momentum=0.25)
EVENTS: Sequence[Event] = (
    SetStarted(set=1, t_s=1.0, announced_s=4.0),
    RepFinished(set=1, rep=1, measured=REP, announced_s=4.5, provisional=True),
    RepFinished(set=1, rep=2, measured=REP, announced_s=8.5),
    FormCue(set=1, rep=2, cue="slower", text="Lift more slowly.", announced_s=8.6),
    SetFinished(set=1, reps=2, start_s=1.0, end_s=8.5, announced_s=15.0, exercise="front_raise"),
)


def command(*words: str) -> list[str]:
    return [sys.executable, "-W", "error", "-m", "repsense", "watch", *words]


@contextlib.asynccontextmanager
async def serving(*wearers: str) -> AsyncIterator[tuple[RunningBroker, Callable[..., None]]]:
    """Give a broker with a sink on it, and what publishes an event through it."""
    async with provide_broker(BrokerSettings()) as broker:
        sink = MqttSink(broker.settings, wearers=wearers)
        await sink.start()
        await sink.link.first_connection()

        def tell(number: int, wearer: str = "anna") -> None:
            at, event = datetime.now(UTC), EVENTS[number]
            sink.take(Notice(wearer=wearer, event=event, at_utc=at, event_id=f"{wearer}{number}"))

        yield broker, tell
        await sink.stop()


@contextlib.asynccontextmanager
async def watching(
    broker: RunningBroker, folder: Path, *words: str
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run the command until the context ends, then press Ctrl-C and want a clean end."""
    child = await asyncio.create_subprocess_exec(
        *command("--host", broker.host, "--port", str(broker.port), *words),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        cwd=folder,
    )
    try:
        async with asyncio.timeout(100):
            assert child.stderr is not None
            assert b"Connected to the MQTT broker" in await child.stderr.readline()
            yield child
            child.send_signal(signal.SIGINT)
            _, rest = await child.communicate()
    finally:
        with contextlib.suppress(ProcessLookupError):
            child.kill()
    assert (child.returncode, rest) == (0, b"")


async def next_line(child: asyncio.subprocess.Process) -> str:
    assert child.stdout is not None
    return (await child.stdout.readline()).decode().rstrip("\n")


@needs_mosquitto
def test_a_person_sees_sets_reps_and_cues_as_they_happen(tmp_path: Path) -> None:
    async def scenario() -> list[str]:
        async with (
            serving("anna") as (broker, tell),
            watching(broker, tmp_path) as child,
        ):
            seen = [await next_line(child), await next_line(child)]
            for number in range(len(EVENTS)):
                tell(number)
            seen += [await next_line(child) for _ in range(len(EVENTS) + 1)]
            return seen

    seen = asyncio.run(scenario())
    assert sorted(seen[:2]) == ["anna  no workout under way", "anna  sensor offline"]
    live = [line for line in seen[2:] if line != "anna  sensor online"]
    assert live == [
        "anna  set 1 started",
        "anna    1   1.0 - 0.0 - 2.5 s   momentum 0.25  fast lift  (to be confirmed)",
        "anna    2   1.0 - 0.0 - 2.5 s   momentum 0.25  fast lift",
        "anna  cue: Lift more slowly.",
        "anna  set 1 finished: 2 reps, front raise",
    ]


@needs_mosquitto
def test_json_is_the_raw_payloads_and_one_wearer_can_be_picked(tmp_path: Path) -> None:
    async def scenario() -> list[dict[str, object]]:
        async with (
            serving("anna", "ben") as (broker, tell),
            watching(broker, tmp_path, "--json", "--wearer", "ben") as child,
        ):
            seen: list[dict[str, object]] = []
            while len(seen) < 2:
                seen.append(json.loads(await next_line(child)))
            tell(0, "anna")
            tell(0, "ben")
            while not str(seen[-1]["topic"]).endswith("/set"):
                seen.append(json.loads(await next_line(child)))
            return seen

    seen = asyncio.run(scenario())
    assert all(str(line["topic"]).startswith("repsense/ben/") for line in seen)
    assert {"topic": "repsense/ben/availability", "retained": True, "payload": "offline"} in seen
    last = seen[-1]
    assert last["retained"] is False
    assert isinstance(last["payload"], dict)
    assert last["payload"]["event"] == "set_started"


@needs_mosquitto
def test_a_pipe_that_is_closed_ends_it_quietly(tmp_path: Path) -> None:
    async def scenario() -> tuple[int | None, bytes]:
        async with serving("anna") as (broker, tell):
            words = command("--host", broker.host, "--port", str(broker.port), "--json")
            child = subprocess.Popen(  # noqa: ASYNC220 - its pipe must be closed, not read
                words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=tmp_path
            )
            assert child.stdout is not None
            assert child.stderr is not None
            await asyncio.to_thread(child.stdout.readline)
            child.stdout.close()
            tell(0)
            said = await asyncio.to_thread(child.stderr.read)
            child.stderr.close()
            return await asyncio.to_thread(child.wait), said

    code, said = asyncio.run(scenario())
    assert code == 0
    assert said.startswith(b"Connected")
    assert said.count(b"\n") == 1


def test_without_a_broker_it_is_one_line_and_exit_code_2(tmp_path: Path) -> None:
    run = subprocess.run(
        command("--port", "1"),
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
        cwd=tmp_path,
    )
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr == (
        "repsense: No MQTT broker at 127.0.0.1:1 (connection refused): check that it runs and "
        "that host and port are right.\n"
    )
