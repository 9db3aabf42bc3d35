"""``repsense demo`` as people run it: a process of its own, a real broker, Ctrl-C."""

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from repsense.events import SetFinished
from repsense.pipeline.pipeline import Pipeline
from repsense.recording.format import read_recording
from repsense.sinks.history import History, history_path
from repsense.sinks.mqtt.client import MqttLink
from repsense.sinks.mqtt.mosquitto import find_mosquitto, free_port, mosquitto
from repsense.sinks.mqtt.settings import BrokerSettings
from repsense.sinks.mqtt.wire import Message

RECORDING = Path(__file__).resolve().parents[2] / "recordings" / "front_raise.csv.gz"
TIMEOUT_S = 200
needs_mosquitto = pytest.mark.skipif(find_mosquitto() is None, reason="Mosquitto is not installed")


def command(*words: str) -> list[str]:
    run = [sys.executable, "-W", "error", "-m", "repsense", "demo"]
    return [*run, "--recording", str(RECORDING), *words]


def environment(folder: Path) -> dict[str, str]:
    home = {"XDG_CONFIG_HOME": str(folder / "config"), "XDG_DATA_HOME": str(folder / "data")}
    return {**os.environ, **home, "PYTHONSAFEPATH": "1"}


def run_demo(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(*words),
        capture_output=True,
        text=True,
        cwd=folder,
        env=environment(folder),
        timeout=TIMEOUT_S,
        check=False,
    )


@pytest.fixture(scope="module")
def true_reps() -> int:
    """Return what the engine counts when it is simply asked."""
    pipeline = Pipeline()
    events = pipeline.push(read_recording(RECORDING).block) + pipeline.flush()
    return sum(event.reps for event in events if isinstance(event, SetFinished))


def test_it_counts_what_the_engine_counts_and_keeps_nothing(tmp_path: Path, true_reps: int) -> None:
    done = run_demo(tmp_path, "--no-mqtt", "--speed", "1000")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0] == "MQTT not in use: the count is shown here only"
    assert f"demo: set 1 finished: {true_reps} reps" in done.stdout
    assert lines[-2].split()[-1] == str(true_reps)
    assert list(tmp_path.iterdir()) == []


def test_with_a_folder_the_sets_are_kept(tmp_path: Path, true_reps: int) -> None:
    done = run_demo(tmp_path, "--no-mqtt", "--speed", "1000", "--data-dir", "kept")
    assert done.returncode == 0, done.stderr
    history = History(history_path(tmp_path / "kept"))
    (kept,) = history.sets()
    history.close()
    assert (kept.wearer, kept.reps, len(kept.rep_details)) == ("demo", true_reps, true_reps)


@needs_mosquitto
def test_it_starts_a_broker_and_says_where_to_look_before_the_first_event(tmp_path: Path) -> None:
    done = run_demo(tmp_path, "--speed", "1000")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0].startswith("MQTT Started Mosquitto at 127.0.0.1:")
    assert re.fullmatch(r"look on: repsense watch --host 127\.0\.0\.1 --port \d+", lines[1])
    assert not any(line.startswith("demo:") for line in lines[:2])


@needs_mosquitto
def test_a_dashboard_on_the_configured_broker_sees_the_same(tmp_path: Path, true_reps: int) -> None:
    seen: list[Message] = []

    async def scenario(program: str) -> int | None:
        async with mosquitto(program) as port:
            settings = BrokerSettings(host="127.0.0.1", port=port)
            offline = asyncio.Event()

            def see(message: Message) -> None:
                seen.append(message)
                if message.topic == "gym/bridge/state" and "offline" in message.payload:
                    offline.set()

            link = MqttLink(settings, subscriptions=("gym/#",), on_message=see)
            link.start()
            await link.first_connection()
            broker = f"broker: {{host: 127.0.0.1, port: {port}, base_topic: gym}}\n"
            (tmp_path / "config.yaml").write_text(broker + "demo: {wearer: anna, speed: 100}\n")
            demo = await asyncio.create_subprocess_exec(
                *command(), cwd=tmp_path, env=environment(tmp_path), stdout=subprocess.DEVNULL
            )
            await demo.wait()
            await offline.wait()
            await link.stop()
            return demo.returncode

    assert asyncio.run(scenario(find_mosquitto() or "")) == 0
    sets = [json.loads(m.payload) for m in seen if m.topic == "gym/anna/set"]
    # A first rep that no second one follows is taken back: a set of 0.
    finished = [one for one in sets if one["event"] == "set_finished" and one["reps"]]
    assert [payload["reps"] for payload in finished] == [true_reps]
    reps = [json.loads(m.payload) for m in seen if m.topic == "gym/anna/rep"]
    assert {payload["rep"] for payload in reps} >= set(range(1, true_reps + 1))


def test_without_a_broker_that_answers_it_says_so_and_counts_on(
    tmp_path: Path, true_reps: int
) -> None:
    (tmp_path / "config.yaml").write_text(f"broker: {{host: 127.0.0.1, port: {free_port()}}}\n")
    done = run_demo(tmp_path, "--speed", "100")
    assert done.returncode == 0, done.stderr
    assert "cannot be reached" in done.stdout or "refuse" in done.stdout.lower(), done.stdout
    assert f"demo: set 1 finished: {true_reps} reps" in done.stdout


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_ends_it_with_a_summary(tmp_path: Path, number: signal.Signals) -> None:
    with subprocess.Popen(
        command("--no-mqtt", "--speed", "20"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
        env=environment(tmp_path),
    ) as demo:
        assert demo.stdout is not None
        assert demo.stderr is not None
        for line in demo.stdout:
            if "set 1, rep 3" in line:
                break
        demo.send_signal(number)
        rest, errors = demo.stdout.read(), demo.stderr.read()
    assert demo.returncode == 0, errors
    assert "demo: set 1 finished: " in rest
    assert "Workout of demo" in rest
    assert "Traceback" not in errors


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--speed", "0"), "repsense: The demo cannot play at speed 0: use more than 0"),
        (("--recording", "no.csv"), "repsense: There is no recording no.csv"),
        (("--config", "no.yaml"), "repsense: There is no configuration file no.yaml"),
    ],
)
def test_what_cannot_be_played_is_refused_on_one_line(
    tmp_path: Path, words: tuple[str, ...], message: str
) -> None:
    done = run_demo(tmp_path, *words)
    assert done.returncode == 2
    assert done.stderr.startswith(message)
    assert done.stderr.count("\n") == 1
    assert done.stdout == ""


def test_the_bundled_workout_can_be_read() -> None:
    from repsense.bundled import bundled_path

    assert read_recording(bundled_path("workout.csv.gz")).duration_s > 300
