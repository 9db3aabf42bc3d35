"""What people do all day must not count: simulated where no recording is at hand, else real."""

import os
from itertools import islice
from pathlib import Path

import pytest
from daily_life import BrushTeeth, Drive, Eat, LoadPlates, Stairs

from repsense.recording.format import Recording, read_recording
from repsense.recording.index import read_index
from repsense.simulator import simulate_scene
from repsense.simulator.desk import Desk
from repsense.simulator.stage import Segment
from repsense.simulator.surroundings import Drink, Stand, Walk, Wipe
from repsense.tuning.run import run_recording

NEXT_DOOR = Path(__file__).parents[3] / "shared" / "real_recordings"
FOLDER = Path(os.environ.get("REPSENSE_RECORDINGS", NEXT_DOOR))

DAY: dict[str, Segment] = {
    "walking": Walk(seconds=40.0),
    "stairs": Stairs(seconds=30.0),
    "drinking": Drink(),
    "wiping": Wipe(strokes=5),
    "eating": Eat(),
    "teeth": BrushTeeth(),
    "driving": Drive(),
    "typing": Desk(seconds=60.0),
    "plates": LoadPlates(),
}


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("doing", DAY)
def test_a_day_has_no_sets(doing: str, seed: int) -> None:
    scene = (Stand(seconds=5.0), DAY[doing], Stand(seconds=10.0))
    block = simulate_scene(scene, seed=seed).block
    run = run_recording(Recording(path=Path(f"{doing}.csv"), block=block))

    assert [finished.reps for finished in run.sets if finished.reps] == []


# Of walking and of washing hands some is counted: benchmarks/engine.py says how much.
@pytest.mark.skipif(
    not (FOLDER / "index.csv").is_file(),
    reason="no recordings of real people here: name their folder in REPSENSE_RECORDINGS",
)
@pytest.mark.parametrize(
    "doing",
    ["jog", "stairs_up_down", "open_close_door", "drink_water", "sweep_floor", "clap_hands"],
)
def test_real_days_have_none_either(doing: str) -> None:
    rows = (row for row in read_index(FOLDER / "index.csv") if row.exercise == f"none:{doing}")
    reps = {
        row.file: run_recording(read_recording(row.path)).reps for row in islice(rows, 0, None, 3)
    }

    assert reps
    assert reps == dict.fromkeys(reps, 0)
