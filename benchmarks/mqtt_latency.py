"""How long a rep takes from the engine's word to a subscriber, with 100 wearers training at once.

    python benchmarks/mqtt_latency.py --wearers 100 --seconds 20

A real Mosquitto, the whole MQTT sink with its outbox on disk, and a subscriber in a process of
its own. Every wearer does a rep every 3 s at random moments; each rep is an event, a new state
and a rest clock. The time runs from `take` to the subscriber's callback, on the clock that all
processes of a machine share.
"""

import asyncio
import json
import random
import subprocess
import sys
import tempfile
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from options import add_json, described
from paho.mqtt import client as paho
from paho.mqtt.enums import CallbackAPIVersion

from repsense.events import Rep, RepFinished
from repsense.sinks.base import Notice
from repsense.sinks.mqtt.broker import provide_broker
from repsense.sinks.mqtt.outbox_file import open_outbox
from repsense.sinks.mqtt.settings import BrokerSettings
from repsense.sinks.mqtt.sink import MqttSink

REP_EVERY_S = 3.0
TARGET_P99_MS = 15.0
WARM_UP_S = 2.0

REP = Rep(
    start_s=1.0,
    turn_s=2.0,
    end_s=4.5,
    lift_s=1.0,
    hold_s=0.5,
    lower_s=2.5,
    momentum=0.25,
    range=1.0,
)


def listen(port: int, count: int) -> None:
    """Be the subscriber: take ``count`` reps and print how old each was, in ms."""
    ages_ms: list[float] = []
    done = threading.Event()

    def on_message(_c: object, _u: object, message: paho.MQTTMessage) -> None:
        now_ns = time.monotonic_ns()
        sent_ns = int(json.loads(message.payload)["id"].split("-")[0])
        ages_ms.append((now_ns - sent_ns) / 1e6)
        if len(ages_ms) == count:
            done.set()

    client = paho.Client(CallbackAPIVersion.VERSION2)
    client.on_message = on_message
    client.on_subscribe = lambda *_: print("ready", flush=True)
    client.on_connect = lambda *_: client.subscribe("repsense/+/rep", 1)
    client.connect("127.0.0.1", port)
    client.loop_start()
    done.wait()
    client.loop_stop()
    print(json.dumps(ages_ms))


async def train(sink: MqttSink, wearers: int, count: int) -> None:
    """Give the sink ``count`` reps at random moments, at all wearers' rate together."""
    chance = random.Random(1)
    due_s = time.monotonic() + WARM_UP_S
    for number in range(count):
        due_s += chance.expovariate(wearers / REP_EVERY_S)
        await asyncio.sleep(max(due_s - time.monotonic(), 0.0))
        event = RepFinished(set=1, rep=number // wearers + 1, measured=REP, announced_s=5.0)
        sink.take(
            Notice(
                wearer=f"wearer{chance.randrange(wearers)}",
                event=event,
                at_utc=datetime.now(UTC),
                event_id=f"{time.monotonic_ns()}-{number}",
            )
        )


def start_subscriber(port: int, count: int) -> subprocess.Popen[str]:
    words = ["listen", "--port", str(port), "--count", str(count)]
    return subprocess.Popen([sys.executable, __file__, *words], stdout=subprocess.PIPE, text=True)


async def measure(wearers: int, seconds: float) -> list[float]:
    count = round(wearers * seconds / REP_EVERY_S)
    with tempfile.TemporaryDirectory(prefix="repsense-latency-") as folder:
        async with provide_broker(BrokerSettings()) as broker:
            ear = await asyncio.to_thread(start_subscriber, broker.port, count)
            assert ear.stdout is not None
            await asyncio.to_thread(ear.stdout.readline)
            sink = MqttSink(
                broker.settings,
                wearers=[f"wearer{number}" for number in range(wearers)],
                outbox=open_outbox(Path(folder) / "outbox.sqlite3"),
            )
            await sink.start()
            await sink.link.first_connection()
            await train(sink, wearers, count)
            out, _ = await asyncio.to_thread(ear.communicate)
            await sink.stop()
            ages: list[float] = json.loads(out)
            return ages


def main() -> None:
    parser = described(__doc__)
    parser.add_argument("what", nargs="?", choices=["measure", "listen"], default="measure")
    parser.add_argument("--wearers", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--count", type=int, default=0)
    add_json(parser)
    given = parser.parse_args()
    if given.what == "listen":
        listen(given.port, given.count)
        return
    ages = asyncio.run(measure(given.wearers, given.seconds))
    p50, p99, worst = (float(np.percentile(ages, share)) for share in (50, 99, 100))
    figures = {"wearers": given.wearers, "reps": len(ages), "p50_ms": round(p50, 2)}
    figures |= {"p99_ms": round(p99, 2), "worst_ms": round(worst, 2), "target_ms": TARGET_P99_MS}
    if given.json:
        print(json.dumps(figures))
    else:
        print(", ".join(f"{key} {value}" for key, value in figures.items()))
    sys.exit(p99 > TARGET_P99_MS)


if __name__ == "__main__":
    main()
