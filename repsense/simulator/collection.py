"""The recordings that the project ships, each with the recipe that makes it again."""

import csv
import io
from pathlib import Path

from repsense.errors import RecordingError
from repsense.events import FormFlag
from repsense.recording.labels import Labels
from repsense.samples import Wrist
from repsense.simulator.recipe import Recipe

INDEX_FILE = "index.csv"
_COLUMNS = ("file", "reps_true", "dataset", "exercise", "seed", "command")
_WORKOUT = "workout"

COLLECTION: dict[str, Recipe] = {
    "overhead_press": Recipe(exercise="overhead_press", reps=10, seed=101),
    "overhead_press_pauses": Recipe(exercise="overhead_press", reps=9, seed=102, pauses=2),
    "overhead_press_fast_lower": Recipe(
        exercise="overhead_press", reps=10, seed=103, faults=(FormFlag.FAST_LOWER,)
    ),
    "reverse_grip_row": Recipe(exercise="reverse_grip_row", reps=10, seed=104),
    "reverse_grip_row_bounce": Recipe(
        exercise="reverse_grip_row", reps=11, seed=105, faults=(FormFlag.BOUNCE,)
    ),
    "front_raise": Recipe(exercise="front_raise", reps=12, seed=106),
    "front_raise_swing": Recipe(
        exercise="front_raise", reps=10, seed=107, faults=(FormFlag.SWING,)
    ),
    "front_raise_10hz_changes": Recipe(
        exercise="front_raise", reps=8, seed=108, rate_hz=10.0, changes_only=True
    ),
    "press_back": Recipe(exercise="press_back", reps=9, seed=109),
    "press_back_swing": Recipe(exercise="press_back", reps=12, seed=110, faults=(FormFlag.SWING,)),
    "overhead_pull": Recipe(exercise="overhead_pull", reps=8, seed=111),
    "renegade_row": Recipe(exercise="renegade_row", reps=10, seed=112),
    "single_arm_row": Recipe(exercise="single_arm_row", reps=8, seed=113),
    "single_arm_row_partial": Recipe(
        exercise="single_arm_row", reps=8, seed=114, faults=(FormFlag.PARTIAL,)
    ),
    "lat_pulldown": Recipe(exercise="lat_pulldown", reps=10, seed=115),
    "lat_pulldown_no_hold": Recipe(
        exercise="lat_pulldown", reps=12, seed=116, faults=(FormFlag.NO_HOLD,)
    ),
    "one_arm_row": Recipe(exercise="one_arm_row", reps=9, seed=121),
    "one_arm_row_lost_packets": Recipe(
        exercise="one_arm_row", reps=8, seed=117, lost_share=0.04, wrist=Wrist.RIGHT
    ),
    "shrug": Recipe(exercise="shrug", reps=10, seed=118),
    "shrug_no_hold": Recipe(exercise="shrug", reps=12, seed=119, faults=(FormFlag.NO_HOLD,)),
    _WORKOUT: Recipe(seed=120),
}


def make_collection(folder: Path) -> list[Path]:
    """Write every recording of the collection, its labels, and the index; return the recordings.

    Raises
    ------
    RecordingError
        When the folder is not there or cannot be written.
    """
    if not folder.is_dir():
        raise RecordingError(f"{folder} is not a folder: make it first, or check its name.")
    written, rows = [], []
    for name, recipe in COLLECTION.items():
        path = folder / f"{name}.csv.gz"
        labels = recipe.write(path)
        written.append(path)
        rows.append(index_row(path.name, recipe, labels))
    (folder / INDEX_FILE).write_text(_csv_text(rows), encoding="utf-8")
    return written


def index_row(file: str, recipe: Recipe, labels: Labels) -> dict[str, str]:
    """Return the line of the index that describes one recording."""
    return {
        "file": file,
        "reps_true": str(labels.reps),
        "dataset": "simulated",
        "exercise": recipe.exercise or _WORKOUT,
        "seed": str(recipe.seed),
        "command": recipe.command(file),
    }


def _csv_text(rows: list[dict[str, str]]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, _COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
