"""Serves the dashboard for a test, in a process of its own; not a test itself.

    python serving.py DATA_DIR [--recordings FOLDER] [--token-file FILE] [--host HOST]

Lines on standard input drive it, one JSON object each, answered by one line each:

    {"do": "play", "wearer": "anna", "file": "...", "speed": 12}   a recording through the service
    {"do": "hold", "wearer": "anna", "file": "..."}                its events are kept for "next"
    {"do": "next", "wearer": "anna"}                               hands on one, answers with it
    {"do": "rep", "wearer": "anna", "rep": 3, "momentum": 0.9, "flags": ["swing"]}   one made up
    {"do": "train", "wearer": "anna", "file": "...", "reps": 3}    counted up to a rep; can be ended
    {"do": "say", "wearer": "anna", "what": "streaming"}           another one made up: see SAYINGS

The first line it writes is the address. Every event that goes out to the pages
is written as ``{"sent": count, ...}`` with its wall-clock time.
"""

import argparse
import asyncio
import json
import sys
import time
from collections import deque
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from repsense.events import (
    Event,
    ExerciseRecognised,
    FormCue,
    FormFlag,
    Rep,
    RepFinished,
    SensorState,
    SetDue,
    SetFinished,
    SetStarted,
    Side,
    to_dict,
)
from repsense.exercises.catalogue import load_catalogue
from repsense.pipeline.pipeline import Pipeline
from repsense.recording.format import read_recording
from repsense.samples import LinkState, SampleBlock
from repsense.service import WearerJob, obey, run_service
from repsense.sinks.base import Notice
from repsense.sinks.history import history_path
from repsense.sinks.mqtt.commands import Fields
from repsense.sources.replay import ReplaySource
from repsense.web.place import Place
from repsense.web.settings import DashboardSettings
from repsense.web.sink import DashboardSink


def say(**fields: object) -> None:
    sys.stdout.write(json.dumps(fields) + "\n")
    sys.stdout.flush()


class Log:
    """A sink that writes what passes, and leaves starting and stopping of the pages to us."""

    def __init__(self, pages: DashboardSink) -> None:
        self._pages = pages

    async def start(self) -> None:
        pass

    def take(self, notice: Notice) -> None:
        say(sent=to_dict(notice.event), at_ms=time.time() * 1000.0)
        self._pages.take(notice)

    def take_block(self, wearer: str, block: SampleBlock) -> None:
        self._pages.take_block(wearer, block)

    async def stop(self) -> None:
        pass


class Serving:
    def __init__(self, pages: DashboardSink, jobs: list[WearerJob]) -> None:
        self.pages = pages
        self.jobs = jobs
        self.held: dict[str, deque[Event]] = {}
        self.number = 0
        self.playing: list[asyncio.Task[None]] = []

    def obey(self, order: dict[str, Any]) -> None:
        match order["do"]:
            case "play":
                source = ReplaySource(order["file"], order["speed"])
                job = WearerJob(name=order["wearer"], source=source, pipeline=Pipeline())
                run = run_service([job], [Log(self.pages)], say=print)
                self.playing.append(asyncio.create_task(run))
            case "hold":
                pipeline = Pipeline()
                block = read_recording(order["file"]).block
                events = pipeline.push(block) + pipeline.flush()
                self.held[order["wearer"]] = deque(events)
                say(held=len(events))
            case "train":
                self.train(order["wearer"], order["file"], order["reps"])
            case "next":
                self.hand_on(order["wearer"], self.held[order["wearer"]].popleft())
            case "rep":
                self.hand_on(order["wearer"], made_up(order))
            case "say":
                self.hand_on(order["wearer"], SAYINGS[order["what"]])

    def train(self, wearer: str, file: str, reps: int) -> None:
        """Count a recording up to a rep; what an order brings about after that goes out at once."""
        job = WearerJob(name=wearer, source=ReplaySource(file, None), pipeline=Pipeline())
        job.on_order.append(lambda: [self.hand_on(wearer, event) for event in job.orders.said()])
        self.jobs.append(job)
        for piece in read_recording(file).block.cut(10):
            for event in job.orders.push(piece):
                self.hand_on(wearer, event)
                if isinstance(event, RepFinished) and event.rep == reps:
                    return

    def hand_on(self, wearer: str, event: Event) -> None:
        self.number += 1
        self.pages.take(
            Notice(
                wearer=wearer,
                event=event,
                at_utc=datetime.now(UTC),
                event_id=f"held-{self.number}",
            )
        )
        say(sent=to_dict(event))


SAYINGS: dict[str, Event] = {
    "streaming": SensorState(
        sensor="band", state=LinkState.STREAMING, detail="", announced_s=60.0, battery_percent=83
    ),
    "cue": FormCue(
        set=77,
        rep=9,
        cue="swing",
        text="Slow and controlled: do not throw the weight.",
        announced_s=70.0,
    ),
    "other_side": SetDue(
        exercise="one_arm_row",
        name="One-arm row on a bench",
        number=1,
        sets=2,
        side=Side.OTHER,
        reps_min=8,
        reps_max=10,
        to_failure=False,
        rest_s=60.0,
        reminders=(),
        announced_s=76.0,
    ),
    "started": SetStarted(set=77, t_s=4.0, announced_s=7.0),
    "finished": SetFinished(set=77, reps=2, start_s=4.0, end_s=11.5, announced_s=75.0),
    **{
        exercise: ExerciseRecognised(set=77, exercise=exercise, confidence=0.9, announced_s=60.0)
        for exercise in ("front_raise", "overhead_press")
    },
}


def made_up(order: dict[str, Any]) -> RepFinished:
    number = order["rep"]
    measured = Rep(
        start_s=4.0 * number,
        turn_s=4.0 * number + 1.0,
        end_s=4.0 * number + 3.5,
        lift_s=1.0,
        hold_s=0.5,
        lower_s=2.0,
        momentum=order["momentum"],
        range=1.0,
        flags=tuple(FormFlag(flag) for flag in order["flags"]),
    )
    return RepFinished(set=77, rep=number, measured=measured, announced_s=measured.end_s)


async def serve(options: argparse.Namespace) -> None:
    jobs: list[WearerJob] = []

    def obeyed(wearer: str, command: str, fields: Fields) -> None:
        obey(jobs)(wearer, command, fields)

    place = Place(
        history=history_path(options.data_dir),
        recordings=tuple(options.recordings),
        catalogue=load_catalogue(),
        obey=obeyed,
    )
    settings = DashboardSettings(host=options.host, port=0, token_file=options.token_file)
    pages = DashboardSink(settings, place, wearers=["anna"])
    await pages.start()
    say(address=pages.address, pairing=pages.pairing)
    serving = Serving(pages, jobs)
    while line := await asyncio.to_thread(sys.stdin.readline):
        serving.obey(json.loads(line))
    await pages.stop()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("data_dir", type=Path)
    parser.add_argument("--recordings", type=Path, action="append", default=[])
    parser.add_argument("--token-file")
    parser.add_argument("--host", default="127.0.0.1")
    asyncio.run(serve(parser.parse_args()))


if __name__ == "__main__":
    main()
