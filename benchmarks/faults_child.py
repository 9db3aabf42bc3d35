"""A RepSense that counts a recording into a folder, to be killed, starved of disk, and judged."""

import argparse
import asyncio
import resource
import threading
from pathlib import Path

from repsense.events import SetFinished
from repsense.pipeline.pipeline import Pipeline
from repsense.samples import SampleBlock
from repsense.service import WearerJob, run_service
from repsense.sinks.base import Notice
from repsense.sinks.folder import held
from repsense.sinks.history import History, history_path
from repsense.sinks.history_sink import HistorySink
from repsense.sinks.mqtt.outbox_file import open_outbox, outbox_path
from repsense.sinks.mqtt.settings import BrokerSettings
from repsense.sinks.mqtt.sink import MqttSink
from repsense.sinks.recorder import RecorderSink
from repsense.sources.replay import ReplaySource

_ONE_AT_A_TIME = threading.Lock()


def say(*words: object) -> None:
    """Tell whoever started us, at once: a pipe needs no room on the disk."""
    line = " ".join(map(str, words))
    with _ONE_AT_A_TIME:  # sinks speak from threads of their own, and lines must stay whole
        print(line, flush=True)


class Journal:
    """Says each finished set; gives room on the disk again after ``relief`` of them."""

    def __init__(self, relief: int) -> None:
        self._relief = relief
        self._sets = 0

    async def start(self) -> None:
        """Need nothing."""

    def take(self, notice: Notice) -> None:
        """Say a finished set."""
        if isinstance(notice.event, SetFinished) and notice.event.reps:
            say("finished", notice.event_id)
            self._sets += 1
            if self._sets == self._relief:
                limit(0)

    def take_block(self, wearer: str, block: SampleBlock) -> None:
        """Ignore samples."""

    async def stop(self) -> None:
        """Need nothing."""


def limit(most_bytes: int) -> None:
    """Let no file grow beyond this; 0 takes the limit away."""
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes or hard, hard))


def stored(history: History, _wearer: str | None) -> None:
    """Say the newest set that is in the history."""
    sets = history.sets()
    if sets:
        say("stored", sets[-1].event_id)


async def count(given: argparse.Namespace) -> None:
    """Count the recording."""
    history = history_path(given.folder)
    job = WearerJob(
        name="anna",
        source=ReplaySource(given.recording, given.speed or None),
        pipeline=Pipeline(),
    )
    sinks = [
        HistorySink(history, on_status=lambda text: say("said", text), on_stored=stored),
        Journal(given.relief),
        RecorderSink(given.folder / "recordings", on_status=lambda text: say("said", text)),
    ]
    if given.port:
        outbox = open_outbox(outbox_path(history), on_status=lambda text: say("said", text))
        broker = BrokerSettings(host="127.0.0.1", port=given.port)
        sinks.append(MqttSink(broker, wearers=["anna"], outbox=outbox))
    await run_service([job], sinks, say=lambda text: say("said", text))


def main() -> None:
    """Count."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("recording", type=Path)
    parser.add_argument("--speed", type=float, default=0.0)
    parser.add_argument("--limit", type=int, default=0)
    parser.add_argument("--relief", type=int, default=0)
    parser.add_argument("--port", type=int, default=0)
    given = parser.parse_args()
    if given.limit:
        limit(given.limit)
    with held(given.folder):
        say("begun")
        asyncio.run(count(given))
    say("done")


if __name__ == "__main__":
    main()
