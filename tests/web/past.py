"""Fills a data folder with some weeks of training, made of the bundled recordings; not a test.

python past.py DATA_DIR
"""

import shutil
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from repsense.events import FormFlag, SetFinished, WorkoutFinished
from repsense.pipeline.pipeline import Pipeline
from repsense.recording.format import read_recording, write_recording
from repsense.sinks.base import Notice
from repsense.sinks.history import Correction, History, history_path

RECORDINGS = Path(__file__).resolve().parents[2] / "recordings"
WEARER = "anna"
PLAYED = (("front_raise", 8.0), ("press_back_swing", 6.0), ("overhead_press", 10.0))
DAYS_AGO = (30, 26, 23, 21, 16, 14, 12, 9, 5, 3, 0)
SET_APART = timedelta(minutes=4)


def counted(name: str) -> Sequence[SetFinished]:
    """Return the sets that the engine counts; some reps of a swung one are made swings."""
    pipeline = Pipeline()
    events = pipeline.push(read_recording(RECORDINGS / f"{name}.csv.gz").block) + pipeline.flush()
    sets = [event for event in events if isinstance(event, SetFinished) and event.reps]
    exercise = name.removesuffix("_swing")
    swings = name.endswith("_swing")
    return [replace(one, exercise=exercise, **(swung(one) if swings else {})) for one in sets]


def swung(one: SetFinished) -> dict[str, object]:
    details = tuple(
        replace(rep, flags=(FormFlag.SWING,), momentum=0.8)
        if n % 4 == 2
        else replace(rep, flags=(), momentum=0.1)
        for n, rep in enumerate(one.rep_details)
    )
    return {"rep_details": details, "flags": (FormFlag.SWING,)}


def make_past(data_dir: Path, now: datetime) -> None:
    """Write the history, and the recordings of the newest workout."""
    history = History(history_path(data_dir))
    folder = data_dir / "recordings"
    folder.mkdir(parents=True, exist_ok=True)
    sets = {name: counted(name) for name, _ in PLAYED}
    for number, days in enumerate(DAYS_AGO):
        begun = (now - timedelta(days=days)).replace(hour=7, minute=30, second=0, microsecond=0)
        for place, (name, weight_kg) in enumerate(PLAYED[: 2 + number % 2]):
            start = begun + place * SET_APART
            for whole in sets[name]:
                one = cut_short(whole, (number + place) % 3)
                at = start + timedelta(seconds=one.announced_s)
                event_id = f"past-{number}-{place}-{one.set}"
                history.add(Notice(wearer=WEARER, event=one, at_utc=at, event_id=event_id))
                history.correct(event_id, Correction(weight_kg=weight_kg + number // 4))
            if days == DAYS_AGO[-1]:
                keep_recording(folder, name, start)
        end = WorkoutFinished(sets=3, reps=30, start_s=0.0, end_s=600.0, announced_s=600.0)
        at = begun + timedelta(seconds=600)
        history.add(Notice(wearer=WEARER, event=end, at_utc=at, event_id=f"past-{number}"))
    history.close()


def cut_short(one: SetFinished, missing: int) -> SetFinished:
    """Return a set that was stopped some reps early."""
    details = one.rep_details[: one.reps - missing]
    return replace(one, rep_details=details, reps=len(details), end_s=details[-1].end_s)


def keep_recording(folder: Path, name: str, start: datetime) -> None:
    path = folder / f"{WEARER}-{start.astimezone():%Y%m%d-%H%M%S}.csv"
    recording = read_recording(RECORDINGS / f"{name}.csv.gz")
    metadata = {"wearer": WEARER, "started_at": start.isoformat(timespec="seconds")}
    write_recording(path, replace(recording, path=path, metadata=metadata))


def fill_folder(data_dir: Path) -> None:
    """Make the past up to today, and put a labelled recording with swings beside it."""
    make_past(data_dir, datetime.now().astimezone())
    for path in RECORDINGS.glob("front_raise_swing.*"):
        shutil.copy(path, data_dir / "recordings")


if __name__ == "__main__":
    fill_folder(Path(sys.argv[1]))
