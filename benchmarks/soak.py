"""Live through a week: eight workouts, days at a desk and on foot, nights without the band.

    python benchmarks/soak.py [--days 7] [--worn 16] [--json]

The samples of a band worn all day go through the whole service at full speed: pipeline, history,
terminal, and MQTT where Mosquitto is installed. The wall clock is that of the week. At the end of
each day memory is measured, and of each hour what the wearer's engine holds; at the end what is in
the history is compared with what each workout counts by itself.
"""

import argparse
import asyncio
import gc
import io
import json
import random
import sqlite3
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from held_bytes import held_bytes
from options import add_json, described
from rich.console import Console
from rich.table import Table

from repsense import service
from repsense.errors import BrokerError
from repsense.events import SetFinished
from repsense.pipeline.pipeline import Pipeline
from repsense.samples import LinkReport, LinkState, SampleBlock
from repsense.service import WearerJob, run_service
from repsense.simulator.desk import Desk
from repsense.simulator.session import Simulated, simulate_scene, simulate_workout
from repsense.simulator.surroundings import Drink, Fidget, Stand, Walk
from repsense.simulator.workout import WORKOUT
from repsense.sinks.history import History, StoredSet
from repsense.sinks.history_sink import HistorySink
from repsense.sinks.mqtt.broker import provide_broker
from repsense.sinks.mqtt.outbox_file import FileOutbox
from repsense.sinks.mqtt.settings import BrokerSettings
from repsense.sinks.mqtt.sink import MqttSink
from repsense.sinks.terminal import TerminalSink

if TYPE_CHECKING:
    from repsense.simulator.stage import Segment
    from repsense.sinks.base import Sink

HZ, DAY_S, HOUR_S = 50, 86_400.0, 3600.0
MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
UP_S = 6.5 * HOUR_S
# Hour of each workout, from Monday: eight in a week, all before half past eight.
WORKOUTS_H = (7.0, 31.0, 55.0, 79.5, 103.0, 127.0, 128.0, 151.0)
MOST_GROWTH, MOST_WEARER_KB, MOST_LOG_KB_A_DAY = 0.02, 300.0, 300.0
_PIECE = 500


@dataclass
class Week:
    """The week as a source, and what is measured while it passes."""

    days: float
    worn_h: float
    seed: int
    pipeline: Pipeline
    name: str = "a week"
    workouts: list[tuple[float, Simulated]] = field(default_factory=list)
    held_kb: list[float] = field(default_factory=list)
    memory_mb: list[float] = field(default_factory=list)
    samples: int = 0
    now_s: float = 0.0

    async def stream(self) -> AsyncIterator[SampleBlock | LinkReport]:
        """Yield the week; nights, and before and after the band is worn, are holes."""
        chance = random.Random(self.seed)
        # Made before the week begins: making them takes memory that is none of the service's.
        everyday = [_everyday(chance) for _ in range(4)]
        seeds = [chance.randrange(1 << 30) for h in WORKOUTS_H if h * HOUR_S < self.days * DAY_S]
        made = [simulate_workout(WORKOUT, seed=seed) for seed in seeds]
        for day in range(int(np.ceil(self.days))):
            begun_s = day * DAY_S + UP_S
            yield _report(LinkState.STREAMING)
            until_s = begun_s + self.worn_h * HOUR_S
            for block in self._day(chance, everyday, made, begun_s, until_s):
                self._measure(float(block.t_s[-1]))
                self.samples += len(block)
                yield block
            yield _report(LinkState.LOST)
            gc.collect()
            self.memory_mb.append(_memory_mb())
            _progress(day + 1, self)

    def _day(
        self,
        chance: random.Random,
        everyday: list[SampleBlock],
        made: list[Simulated],
        begun_s: float,
        end_s: float,
    ) -> Iterator[SampleBlock]:
        """Yield a day in pieces of 10 s."""
        due = [h * HOUR_S for h in WORKOUTS_H if begun_s <= h * HOUR_S < end_s]
        now_s = begun_s
        while now_s < end_s:
            if due and now_s >= due[0]:
                due.pop(0)
                self.workouts.append((now_s, made.pop()))
                block = self.workouts[-1][1].block
            else:
                block = chance.choice(everyday)
            for piece in block.cut(_PIECE):
                yield replace(piece, t_s=piece.t_s + now_s)
            now_s += float(block.t_s[-1]) + 1.0 / HZ

    def _measure(self, now_s: float) -> None:
        if int(now_s / HOUR_S) > int(self.now_s / HOUR_S):
            self.held_kb.append(round(own_bytes(self.pipeline) / 1024.0, 1))
        self.now_s = now_s


def _report(state: LinkState) -> LinkReport:
    return LinkReport(state=state, sensor="band", detail="Out of reach." * (state == "lost"))


def _everyday(chance: random.Random) -> SampleBlock:
    """Return some 20 minutes at a desk and on foot, nothing of it a rep."""
    scene: list[Segment] = []
    for _ in range(14):
        scene.append(Desk(seconds=chance.uniform(30.0, 90.0)))
        sip = Drink(sips=chance.choice((1, 1, 2, 3)))
        scene.append(
            chance.choice((Walk(seconds=20.0), sip, Fidget(seconds=15.0), Stand(seconds=30.0)))
        )
    return simulate_scene(tuple(scene), seed=chance.randrange(1 << 30)).block


def own_bytes(pipeline: Pipeline) -> int:
    """Return what one more wearer takes: without the tables that all of them share."""
    other = Pipeline()
    return held_bytes((pipeline, other)) - held_bytes(other)


def _memory_mb() -> float:
    """Return what the process holds just now (Linux: proc(5), statm)."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return round(pages * 4096 / 1e6, 1)


def _progress(day: int, week: Week) -> None:
    if sys.stderr.isatty():
        print(f"day {day}: {week.memory_mb[-1]} MB", file=sys.stderr)


class _Log(io.TextIOBase):
    """Counts what is written, and keeps nothing."""

    def __init__(self) -> None:
        self.bytes = 0

    def write(self, text: str) -> int:
        """Count."""
        self.bytes += len(text.encode())
        return len(text)


async def live(week: Week, folder: Path, log: _Log) -> bool:
    """Count the week; return whether there was a broker."""
    terminal = TerminalSink("anna", console=Console(file=log, force_terminal=False, width=100))
    sinks: list[Sink] = [terminal, HistorySink(folder / "history.sqlite3", on_status=terminal.say)]
    async with AsyncExitStack() as stack:
        try:
            broker = await stack.enter_async_context(provide_broker(BrokerSettings()))
        except BrokerError:
            broker = None
        else:
            outbox = FileOutbox(folder / "outbox.sqlite3")
            sinks.append(MqttSink(broker.settings, wearers=["anna"], outbox=outbox))
        job = WearerJob(name="anna", source=week, pipeline=week.pipeline)
        await run_service([job], sinks, say=terminal.say)
    return broker is not None


def _clock_of(week: Week) -> type[datetime]:
    class Clock(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:
            return MONDAY + timedelta(seconds=week.now_s)

    return Clock


def alone(made: Simulated) -> list[SetFinished]:
    """Return the sets that a workout has by itself, on a pipeline of its own."""
    pipeline = Pipeline()
    events = [*pipeline.push(made.block), *pipeline.flush()]
    return [one for one in events if isinstance(one, SetFinished) and one.reps]


def judged(week: Week, sets: list[StoredSet]) -> dict[str, int]:
    """Compare the history with what was lifted, and with what each workout counts by itself."""
    facts = {"lifted": 0, "within_one": 0, "same_as_alone": 0, "false_sets": len(sets)}
    for begun_s, made in week.workouts:
        begun_at, by_itself = MONDAY + timedelta(seconds=begun_s), alone(made)
        for true in made.labels.sets:
            middle_s = (true.start_s + true.end_s) / 2.0
            at = begun_at + timedelta(seconds=middle_s)
            here = [one.reps for one in sets if one.started_at <= at <= one.ended_at]
            there = [one.reps for one in by_itself if one.start_s <= middle_s <= one.end_s]
            facts["lifted"] += 1
            facts["false_sets"] -= len(here)
            facts["within_one"] += len(here) == 1 and abs(here[0] - true.count) <= 1
            facts["same_as_alone"] += here == there
    return facts


def measure(given: argparse.Namespace) -> list[dict[str, object]]:
    """Live through it, and return the rows of the table."""
    week = Week(given.days, given.worn, given.seed, Pipeline())
    log, began_s = _Log(), time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="repsense-soak-") as name:
        folder, service.datetime = Path(name), _clock_of(week)
        try:
            published = asyncio.run(live(week, folder, log))
        finally:
            service.datetime = datetime
        passed_s = time.perf_counter() - began_s
        with closing(History(folder / "history.sqlite3")) as history:
            sets = history.sets()
        sound = [_integrity(path) for path in sorted(folder.glob("*.sqlite3"))]
        size_kb = sum(path.stat().st_size for path in folder.glob("history.sqlite3*")) / 1024
    worn_h = week.samples / HZ / HOUR_S
    log_kb = log.bytes / 1024 / given.days
    return [
        *_count_rows(week, judged(week, sets), given.days),
        *_memory_rows(week),
        _row("databases sound", "ok", " and ".join(sound), set(sound) == {"ok"}),
        _row("the history's size", "-", f"{size_kb:.0f} KB, {len(sets)} sets", True),
        _row(
            "log",
            f"at most {MOST_LOG_KB_A_DAY:.0f} KB a day",
            f"{log_kb:.1f} KB a day",
            log_kb <= MOST_LOG_KB_A_DAY,
        ),
        _row(
            "pace",
            "-",
            f"{worn_h:.0f} worn hours in {passed_s:.0f} s, {worn_h * HOUR_S / passed_s:.0f} times"
            f" real time, {'with' if published else 'without'} a broker",
            True,
        ),
    ]


def _count_rows(week: Week, facts: dict[str, int], days: float) -> list[dict[str, object]]:
    lifted = facts["lifted"]
    return [
        _row(
            f"sets of {len(week.workouts)} workouts that count as in the workout alone",
            f"{lifted} of {lifted}",
            f"{facts['same_as_alone']} of {lifted}",
            facts["same_as_alone"] == lifted,
        ),
        _row(
            "lifted sets within one rep of the truth",
            f"{lifted} of {lifted}",
            f"{facts['within_one']} of {lifted}",
            facts["within_one"] == lifted,
        ),
        _row(
            "false sets, much fidgeting and drinking",
            "at most 1 a day",
            f"{facts['false_sets']} in {week.samples / HZ / HOUR_S:.0f} h",
            facts["false_sets"] <= days,
        ),
    ]


def _memory_rows(week: Week) -> list[dict[str, object]]:
    growth = week.memory_mb[-1] / week.memory_mb[0] - 1.0
    halves = np.array_split(np.array(week.held_kb), 2)
    rise = float(np.median(halves[1]) / np.median(halves[0]) - 1.0)
    return [
        _row(
            "memory of the process, first day to last",
            f"at most +{MOST_GROWTH:.0%}",
            f"{week.memory_mb[0]} to {week.memory_mb[-1]} MB ({growth:+.1%})",
            growth <= MOST_GROWTH,
        ),
        _row(
            "memory of a wearer's engine",
            f"at most {MOST_WEARER_KB:.0f} KB, flat",
            f"{min(week.held_kb)} to {max(week.held_kb)} KB, halves {rise:+.1%}",
            max(week.held_kb) <= MOST_WEARER_KB and rise < MOST_GROWTH,
        ),
    ]


def measure_day(seed: int) -> list[dict[str, object]]:
    """Have one engine alone count 24 h without a break, and return what it holds hour by hour."""
    pipeline, chance, now_s, held_kb = Pipeline(), random.Random(seed), 0.0, list[float]()
    everyday = [_everyday(chance) for _ in range(2)]
    while now_s < DAY_S:
        block = chance.choice(everyday)
        for piece in block.cut(_PIECE):
            pipeline.push(replace(piece, t_s=piece.t_s + now_s))
        before_s, now_s = now_s, now_s + float(block.t_s[-1]) + 1.0 / HZ
        if int(now_s / HOUR_S) > int(before_s / HOUR_S):
            held_kb.append(round(own_bytes(pipeline) / 1024.0, 1))
    growth = held_kb[-1] / held_kb[0] - 1.0
    return [
        _row(
            "memory of a wearer's engine over 24 h",
            f"at most {MOST_WEARER_KB:.0f} KB, flat",
            f"{held_kb[0]} KB after 1 h, at most {max(held_kb)}, {held_kb[-1]} at the end"
            f" ({growth:+.1%})",
            max(held_kb) <= MOST_WEARER_KB and growth < MOST_GROWTH,
        )
    ]


def _integrity(path: Path) -> str:
    with closing(sqlite3.connect(path)) as db:
        return str(db.execute("PRAGMA integrity_check").fetchone()[0])


def _row(what: str, promised: str, measured: str, kept: bool) -> dict[str, object]:
    return {"what": what, "promised": promised, "measured": measured, "kept": bool(kept)}


def main() -> int:
    parser = described(__doc__)
    parser.add_argument("--days", type=float, default=7.0)
    parser.add_argument(
        "--worn",
        type=float,
        default=16.0,
        help="hours of a day, from 6:30 on; below 2 the workouts do not fit in",
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--day", action="store_true", help="one engine alone, for 24 h")
    add_json(parser)
    given = parser.parse_args()
    rows = measure_day(given.seed) if given.day else measure(given)
    if given.json:
        print(json.dumps(rows))
    else:
        table = Table("", "promised", "measured", "kept", box=None, pad_edge=False)
        for row in rows:
            table.add_row(*(str(row[key]) for key in ("what", "promised", "measured")), _yes(row))
        Console(width=None if sys.stdout.isatty() else 140).print(table)
    return int(not all(row["kept"] for row in rows))


def _yes(row: dict[str, object]) -> str:
    return "yes" if row["kept"] else "no"


if __name__ == "__main__":
    sys.exit(main())
