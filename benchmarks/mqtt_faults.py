"""Kill the broker, and RepSense, at random moments of a replayed workout, and count what arrives.

    python benchmarks/mqtt_faults.py --kills 20

A real Mosquitto with persistence, a subscriber with a persistent session, and RepSense in a
process of its own with its outbox on disk. Each process is killed with SIGKILL. RepSense also
writes the id of every event to a journal, after it has been given to MQTT; the subscriber must
have every id of the journal.
"""

import asyncio
import json
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

# Where PYTHONSAFEPATH is set, as scripts/test sets it, Python does not look beside a program.
sys.path.insert(0, str(Path(__file__).resolve().parent))

from options import add_json, described
from paho.mqtt import client as paho
from paho.mqtt.enums import CallbackAPIVersion

from repsense.bundled import bundled_path
from repsense.pipeline.pipeline import Pipeline
from repsense.samples import SampleBlock
from repsense.service import WearerJob, run_service
from repsense.sinks.base import Notice
from repsense.sinks.mqtt import payloads
from repsense.sinks.mqtt.mosquitto import find_mosquitto, free_port
from repsense.sinks.mqtt.outbox_file import open_outbox
from repsense.sinks.mqtt.settings import BrokerSettings
from repsense.sinks.mqtt.sink import MqttSink
from repsense.sources.replay import ReplaySource

PATIENCE_S = 60.0
SPEED_BROKER = 30.0  # of the workout whose broker is killed: about 32 s of it
SPEED_SERVICE = 120.0  # of the workouts that are killed themselves


class Journal:
    """A sink that writes down the id of every rep and set event, at once."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("ab", buffering=0)

    async def start(self) -> None:
        """Need nothing."""

    def take(self, notice: Notice) -> None:
        """Write the id, which a kill a moment later does not take away."""
        if payloads.event_kind(notice.event) in {"rep", "set"}:
            self._file.write(f"{notice.event_id}\n".encode())

    def take_block(self, wearer: str, block: SampleBlock) -> None:
        """Ignore samples."""

    async def stop(self) -> None:
        """Close the file."""
        self._file.close()


async def serve(port: int, folder: Path, recording: Path, speed: float) -> None:
    """Be RepSense: replay a workout to the broker."""
    job = WearerJob(name="anna", source=ReplaySource(recording, speed), pipeline=Pipeline())
    sink = MqttSink(
        BrokerSettings(host="127.0.0.1", port=port),
        wearers=["anna"],
        outbox=open_outbox(folder / "outbox.sqlite3"),
    )
    # The journal comes second: what it knows, the outbox has.
    await run_service([job], [sink, Journal(folder / "journal")], say=lambda _: None)


class Subscriber:
    """A client with a persistent session, which notes what arrives."""

    def __init__(self, port: int) -> None:
        self.heard: Counter[str] = Counter()
        self.payloads: dict[str, str] = {}
        self.changed = 0
        self.news = threading.Condition()
        self._client = paho.Client(
            CallbackAPIVersion.VERSION2, client_id="witness", clean_session=False
        )
        self._client.reconnect_delay_set(1, 2)
        self._subscribed = threading.Event()
        self._client.on_connect = self._on_connect
        self._client.on_subscribe = lambda *_: self._subscribed.set()
        self._client.on_message = self._on_message
        self._client.connect_async("127.0.0.1", port)
        self._client.loop_start()
        assert self._subscribed.wait(PATIENCE_S)

    def _on_connect(self, client: paho.Client, *_: object) -> None:
        client.subscribe([("repsense/+/rep", 1), ("repsense/+/set", 1)])

    def _on_message(self, _c: object, _u: object, message: paho.MQTTMessage) -> None:
        text = message.payload.decode()
        key = json.loads(text)["id"]
        with self.news:
            self.heard[key] += 1
            self.changed += self.payloads.setdefault(key, text) != text
            self.news.notify_all()

    def wait_for(self, keys: set[str]) -> bool:
        """Return whether all keys have come in the end."""
        with self.news:
            return self.news.wait_for(lambda: keys <= self.heard.keys(), PATIENCE_S)

    def close(self) -> None:
        """Disconnect."""
        self._client.disconnect()
        self._client.loop_stop()


class Broker:
    """A Mosquitto that keeps sessions on disk, saved after every change."""

    def __init__(self, folder: Path) -> None:
        program = find_mosquitto()
        if program is None:
            sys.exit("mosquitto is not installed (on Debian: apt install mosquitto)")
        self.port = free_port()
        config = folder / "mosquitto.conf"
        lines = (
            *(f"listener {self.port} 127.0.0.1", "allow_anonymous true", "user root"),
            *("persistence true", f"persistence_location {folder}/", "autosave_interval 1"),
            *("autosave_on_changes true", "max_queued_messages 0", "log_type error"),
        )
        config.write_text("\n".join(lines), "utf-8")
        self._command = [program, "-c", str(config)]
        self.start()

    def start(self) -> None:
        """Start, and wait until it listens."""
        self._child = subprocess.Popen(self._command, stderr=subprocess.DEVNULL)
        until_s = time.monotonic() + PATIENCE_S
        while time.monotonic() < until_s:
            try:
                socket.create_connection(("127.0.0.1", self.port)).close()
            except OSError:
                time.sleep(0.01)
            else:
                return
        sys.exit("Mosquitto does not listen")

    def kill(self) -> None:
        """End it without a warning."""
        self._child.kill()
        self._child.wait()


def start_service(
    broker: Broker, folder: Path, recording: Path, speed: float
) -> subprocess.Popen[bytes]:
    words = ["serve", "--port", str(broker.port), "--folder", str(folder)]
    words += ["--recording", str(recording), "--speed", str(speed)]
    return subprocess.Popen([sys.executable, __file__, *words])


def journal_of(folder: Path) -> list[str]:
    path = folder / "journal"
    return path.read_text("utf-8").split() if path.exists() else []


def wait_for_events(folder: Path, more_than: int) -> None:
    until_s = time.monotonic() + PATIENCE_S
    while len(journal_of(folder)) <= more_than and time.monotonic() < until_s:
        time.sleep(0.01)


def kill_the_broker(
    folder: Path, recording: Path, kills: int, chance: random.Random
) -> dict[str, Any]:
    """Replay one workout while the broker is killed again and again."""
    broker = Broker(folder)
    subscriber = Subscriber(broker.port)
    service = start_service(broker, folder, recording, SPEED_BROKER)
    wait_for_events(folder, 0)
    for _ in range(kills):
        time.sleep(chance.uniform(0.1, 1.5))
        broker.kill()
        time.sleep(chance.uniform(0.0, 1.0))
        broker.start()
    service.wait()
    # What still waited when the workout was over goes at the next start.
    start_service(broker, folder, recording, SPEED_SERVICE).wait()
    return judged(subscriber, broker, folder, kills, unjournaled=0)


def kill_the_service(
    folder: Path, recording: Path, kills: int, chance: random.Random
) -> dict[str, Any]:
    """Begin workouts and kill RepSense in the middle; the last one may end."""
    broker = Broker(folder)
    subscriber = Subscriber(broker.port)
    for _ in range(kills):
        before = len(journal_of(folder))
        service = start_service(broker, folder, recording, SPEED_SERVICE)
        wait_for_events(folder, before)
        time.sleep(chance.uniform(0.0, 2.0))
        service.send_signal(signal.SIGKILL)
        service.wait()
    start_service(broker, folder, recording, SPEED_SERVICE).wait()
    # Between the outbox and the journal a kill may fall: that event is sent, and not written down.
    return judged(subscriber, broker, folder, kills, unjournaled=kills)


def judged(
    subscriber: Subscriber, broker: Broker, folder: Path, kills: int, *, unjournaled: int
) -> dict[str, Any]:
    journal = journal_of(folder)
    complete = subscriber.wait_for(set(journal))
    subscriber.close()
    broker.kill()
    beyond = subscriber.heard.keys() - set(journal)
    missing = len(set(journal) - subscriber.heard.keys())
    return {
        "kills": kills,
        "events": len(journal),
        "missing": missing,
        "came_more_than_once": sum(count > 1 for count in subscriber.heard.values()),
        "same_id_other_payload": subscriber.changed,
        "sent_but_not_in_the_journal": len(beyond),
        "ok": complete and not missing and not subscriber.changed and len(beyond) <= unjournaled,
    }


def main() -> None:
    parser = described(__doc__)
    parser.add_argument("what", nargs="?", choices=["all", "serve"], default="all")
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--recording", type=Path, default=bundled_path("workout.csv.gz"))
    add_json(parser)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--folder", type=Path, default=Path())
    parser.add_argument("--speed", type=float, default=SPEED_BROKER)
    given = parser.parse_args()
    if given.what == "serve":
        asyncio.run(serve(given.port, given.folder, given.recording, given.speed))
        return
    results: dict[str, Any] = {}
    for name, run in (("broker", kill_the_broker), ("repsense", kill_the_service)):
        with tempfile.TemporaryDirectory(prefix="repsense-faults-") as folder:
            chance = random.Random(given.seed)
            results[name] = run(Path(folder), given.recording, given.kills, chance)
    if given.json:
        print(json.dumps(results))
    else:
        for name, result in results.items():
            print(f"{name} killed:", ", ".join(f"{key} {value}" for key, value in result.items()))
    sys.exit(not all(result["ok"] for result in results.values()))


if __name__ == "__main__":
    main()
