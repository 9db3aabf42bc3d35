"""What the machine does wrong: disks fill, clocks jump, processes come twice or are killed."""

import asyncio
import os
import random
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from faults_air import over_the_air, session
from faults_table import Fault, Place, Seen

from repsense import service
from repsense.errors import RecordingError
from repsense.recording.format import Recording, read_recording, write_recording
from repsense.sinks.base import Notice
from repsense.sinks.folder import held
from repsense.sinks.history import History, history_path
from repsense.sinks.mqtt.mosquitto import free_port

_CHILD = Path(__file__).with_name("faults_child.py")
_PATIENCE_S = 60.0


@dataclass
class _Child:
    """A counting process, and what it says."""

    lines: list[str]
    code: int

    def ids(self, what: str) -> list[str]:
        """Return the ids after a word."""
        return [line.split()[1] for line in self.lines if line.startswith(f"{what} ")]

    @property
    def said(self) -> str:
        """All that was said to people."""
        return "\n".join(line for line in self.lines if line.startswith("said "))


@dataclass
class _Killer:
    """Kills a process a while after it has said something for the n-th time."""

    word: str
    times: int
    after_s: float
    timers: list[threading.Timer] = field(default_factory=list)

    def hear(self, line: str, child: subprocess.Popen[str]) -> None:
        """Count, and set the timer."""
        self.times -= line.startswith(self.word)
        if self.times == 0 and not self.timers:
            self.timers.append(threading.Timer(self.after_s, child.kill))
            self.timers[0].start()


def _run(folder: Path, recording: Path, *words: str, killer: _Killer | None = None) -> _Child:
    command = [sys.executable, str(_CHILD), str(folder), str(recording), *words]
    lines: list[str] = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=_environment()) as child:
        watchdog = threading.Timer(_PATIENCE_S, child.kill)
        watchdog.start()
        for line in child.stdout or ():
            lines.append(line.rstrip("\n"))
            if killer is not None:
                killer.hear(line, child)
        code = child.wait()
        watchdog.cancel()
    return _Child(lines, code)


def _environment() -> dict[str, str]:
    paths = [str(_CHILD.parent), *sys.path]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in paths if path)}


def _recorded(chance: random.Random, place: Place) -> tuple[Path, int]:
    """Write a session; return it, and how many sets are counted in it."""
    told = session(chance, place)
    path = place.folder / "session.csv"
    write_recording(path, Recording(path=path, block=told.block, metadata={}))
    return path, len(told.counted)


def _unsound(folder: Path) -> list[str]:
    """Return what is wrong with the databases and recordings in a folder."""
    wrong = []
    for path in sorted(folder.glob("*.sqlite3")):
        with closing(sqlite3.connect(path)) as db:
            verdict = db.execute("PRAGMA integrity_check").fetchone()[0]
        wrong += [] if verdict == "ok" else [f"{path.name}: {verdict}"]
    for path in sorted((folder / "recordings").glob("*.csv")):
        try:
            read_recording(path)
        except RecordingError as error:
            # A file whose first line did not fit holds no sample that could be lost.
            wrong += [] if path.stat().st_size < 1000 else [str(error)]
    return wrong


def _kept(folder: Path) -> list[str]:
    with closing(History(history_path(folder))) as history:
        return [one.event_id for one in history.sets()]


def disk_full(chance: random.Random, place: Place) -> Seen:
    """Let no file grow beyond some size, throughout."""
    recording, sets = _recorded(chance, place)
    folder, most = place.folder / "data", chance.choice((2_000, 20_000, 60_000, 130_000))
    child = _run(folder, recording, "--limit", str(most), "--port", str(free_port()))
    return _judged_disk(folder, child, sets, {"limit_bytes": float(most)})


def disk_full_for_a_while(chance: random.Random, place: Place) -> Seen:
    """Take the limit away again after the first set: then everything must be stored."""
    recording, sets = _recorded(chance, place)
    folder, most = place.folder / "data", chance.choice((12_000, 34_000, 40_000))
    # The database is made while there is room, and cannot grow for the first set.
    History(history_path(folder)).close()
    words = ("--limit", str(most), "--relief", "1")
    child = _run(folder, recording, *words, "--port", str(free_port()))
    seen = _judged_disk(folder, child, sets, {"limit_bytes": float(most)})
    missing = len(set(child.ids("finished")) - set(_kept(folder)))
    if missing:
        seen.wrong.append(f"{missing} sets are missing although there was room in the end")
    return seen


def _judged_disk(folder: Path, child: _Child, sets: int, facts: dict[str, float | str]) -> Seen:
    finished, wrong = child.ids("finished"), []
    if child.code or child.lines[-1] != "done":
        wrong.append(f"it ended with {child.code}: {child.lines[-3:]}")
    if len(finished) != sets:
        wrong.append(f"{len(finished)} sets were counted, not {sets}")
    try:
        kept, unsound = set(_kept(folder)), _unsound(folder)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is what we look for
        kept, unsound = set[str](), [f"{type(error).__name__}: {error}"]
    missing = [one for one in finished if one not in kept]
    told = child.said.count("is not stored") + child.said.count("wait in memory")
    told += child.said.count("waits in memory")
    if missing and not told:
        wrong.append(f"{len(missing)} sets are not stored, and nobody was told")
    facts |= {"sets": len(finished), "not_stored": len(missing), "told": told}
    return Seen([*wrong, *unsound], facts)


def clock_jumping(chance: random.Random, place: Place) -> Seen:
    """Set the wall clock, by years at a boot and by hours later, while sets are lifted."""
    told = session(chance, place)
    jumps_s = [chance.choice((-1, 1)) * chance.uniform(60.0, 86_400.0) for _ in range(6)]
    with _jumping(jumps_s, (float(told.block.t_s[-1]) + 5.0) / 7.0):
        scene = over_the_air(told.block, watch=(kept := _InHistory(place.folder)).take)
    wrong = scene.sound()
    if told.reps != told.reps_of(scene.sets):
        wrong.append(f"{told.reps_of(scene.sets)} reps were counted, not {told.reps}")
    with closing(History(history_path(place.folder))) as history:
        sets = history.sets()
    if len(sets) != len(scene.sets) or kept.stored != len(sets):
        wrong.append(f"{len(sets)} sets are kept of {len(scene.sets)}")
    by_id = {one.event_id: one for one in sets}
    for notice in kept.notices:
        one, event = by_id[notice.event_id], notice.event
        lasted_s = (one.ended_at - one.started_at).total_seconds()
        if abs(lasted_s - (event.end_s - event.start_s)) > 0.01:
            wrong.append(f"a set of {event.end_s - event.start_s:.1f} s is kept as {lasted_s:.1f}")
    hours = round(max(abs(jump) for jump in jumps_s) / 3600, 1)
    return Seen(wrong, {"reps": f"{told.reps_of(scene.sets)} of {told.reps}", "largest_h": hours})


class _InHistory:
    """Stores what it is given in a history."""

    def __init__(self, folder: Path) -> None:
        self.stored = 0
        self.notices: list[Notice] = []
        self._folder = folder

    def take(self, notice: Notice) -> None:
        """Store it."""
        if getattr(notice.event, "kind", "") == "set_finished" and notice.event.reps:
            self.notices.append(notice)
            with closing(History(history_path(self._folder))) as history:
                self.stored += history.add(notice)


@contextmanager
def _jumping(jumps_s: list[float], every_s: float) -> Iterator[None]:
    """Let the service's wall clock begin in 1970, and jump at equal distances of virtual time."""

    class Jumping(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:
            passed_s = asyncio.get_running_loop().time() - 1000.0
            number = min(int(passed_s / every_s), len(jumps_s))
            start = datetime(1970 if number == 0 else 2026, 1, 1, tzinfo=UTC)
            return start + timedelta(seconds=passed_s + sum(jumps_s[:number]) + 1e6 * (number > 0))

    service.datetime = Jumping
    try:
        yield
    finally:
        service.datetime = datetime


def two_processes(chance: random.Random, place: Place) -> Seen:
    """Start a second RepSense on the folder of a first."""
    del chance
    words = [sys.executable, "-m", "repsense", "demo", "--no-mqtt"]
    command = [*words, "--speed", "1000", "--data-dir", str(place.folder)]
    with held(place.folder):
        before = sorted(path.name for path in place.folder.iterdir())
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, env=_environment()
        )
        after = sorted(path.name for path in place.folder.iterdir())
    wrong = [] if done.returncode == 2 else [f"it ended with {done.returncode}"]
    if f"process {os.getpid()}" not in done.stderr or "Traceback" in done.stderr:
        wrong.append(f"it said {done.stderr!r}")
    if before != after:
        wrong.append(f"the folder has changed to {after}")
    return Seen(wrong, {"exit": done.returncode, "said": done.stderr.strip()[:60]})


def killed(chance: random.Random, place: Place) -> Seen:
    """Kill a counting process at random moments, again and again; let the last one end."""
    recording, _ = _recorded(chance, place)
    folder, kills = place.folder / "data", 1 if place.short else 4
    finished: list[str] = []
    stored: set[str] = set()
    wrong: list[str] = []
    for _ in range(kills):
        word = chance.choice(("begun", "finished", "stored"))
        killer = _Killer(word, 1, chance.choice((0.0, chance.uniform(0.0, 0.6))))
        child = _run(folder, recording, "--speed", "120", killer=killer)
        finished += child.ids("finished")
        stored |= set(child.ids("stored"))
        wrong += _unsound(folder)
    last = _run(folder, recording, "--speed", "0")
    finished += last.ids("finished")
    if last.code:
        wrong.append(f"the last one ended with {last.code}: {last.lines[-3:]}")
    kept = _kept(folder)
    lost = len(set(finished) - set(kept))
    if stored - set(kept) or len(kept) != len(set(kept)):
        wrong.append("a stored set is gone, or there twice")
    if lost > kills:
        wrong.append(f"{lost} finished sets are lost in {kills} kills")
    facts = {"kills": kills, "finished": len(finished), "kept": len(kept), "lost": lost}
    return Seen([*wrong, *_unsound(folder)], facts)


FAULTS = (
    Fault(
        "disk full",
        "counting goes on; what is not stored is said, what is stored is sound",
        disk_full,
        brief=False,
    ),
    Fault(
        "disk full for a while",
        "the same, and what had no room is stored when there is",
        disk_full_for_a_while,
    ),
    Fault(
        "clock jumping",
        "from 1970 and by up to a day: counts the same, each set kept once and as long as it was",
        clock_jumping,
        alone=True,
    ),
    Fault(
        "two processes on a folder",
        "the second ends with 2, says who is first, and changes nothing",
        two_processes,
        brief=False,  # tests/deploy/test_run.py
    ),
    Fault(
        "SIGKILL at random moments",
        "stored sets stay, databases sound, at most the set just finished is lost",
        killed,
    ),
)
