"""The recordings that the project ships are what their recipes make."""

import csv
from pathlib import Path

import numpy as np
import pytest

from repsense.errors import ConfigError, RecordingError
from repsense.events import FormFlag
from repsense.exercises import Tempo, load_catalogue
from repsense.recording.format import read_recording
from repsense.recording.labels import labels_path, read_labels
from repsense.simulator.collection import COLLECTION, INDEX_FILE, index_row, make_collection
from repsense.simulator.recipe import Recipe, parse_tempo

RECORDINGS = Path(__file__).resolve().parents[2] / "recordings"
# A sensor's resolution: all that another processor's rounding may change.
STEP_G = 3e-4


def shipped_rows() -> list[dict[str, str]]:
    with (RECORDINGS / INDEX_FILE).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def test_the_index_lists_what_is_there() -> None:
    rows = shipped_rows()

    assert [row["file"] for row in rows] == [f"{name}.csv.gz" for name in COLLECTION]
    assert {path.name for path in RECORDINGS.glob("*.csv.gz")} == {row["file"] for row in rows}
    for row, recipe in zip(rows, COLLECTION.values(), strict=True):
        labels = read_labels(labels_path(RECORDINGS / row["file"]))
        assert row == index_row(row["file"], recipe, labels)


def test_the_collection_covers_every_exercise_and_fault() -> None:
    recipes = COLLECTION.values()

    assert {recipe.exercise for recipe in recipes} == {*load_catalogue(), None}
    faults = {fault for recipe in recipes for fault in recipe.faults}
    assert faults == set(FormFlag) - {FormFlag.FAST_LIFT}


@pytest.mark.parametrize("name", COLLECTION)
def test_a_shipped_recording_can_be_read_and_is_small(name: str) -> None:
    path = RECORDINGS / f"{name}.csv.gz"
    recording = read_recording(path)

    assert path.stat().st_size < 600_000
    assert recording.metadata["made by"] == COLLECTION[name].command(path.name)
    if name != "workout":
        assert 40.0 < recording.duration_s < 150.0


def test_the_workout_starts_soon_and_lasts_a_quarter_of_an_hour() -> None:
    recording = read_recording(RECORDINGS / "workout.csv.gz")
    labels = read_labels(RECORDINGS / "workout.labels.yaml")

    assert 13 * 60 < recording.duration_s < 18 * 60
    assert labels.sets[0].start_s < 15.0
    assert len({done.exercise for done in labels.sets}) >= 6
    assert {"walking", "drinking"} <= {one.name for one in labels.activities}


@pytest.mark.parametrize("name", ["shrug", "front_raise_10hz_changes", "one_arm_row_lost_packets"])
def test_a_shipped_recording_can_be_made_again(name: str, tmp_path: Path) -> None:
    again = tmp_path / f"{name}.csv.gz"
    labels = COLLECTION[name].write(again)
    shipped, made = (read_recording(folder / again.name) for folder in (RECORDINGS, tmp_path))

    assert made.metadata == shipped.metadata
    assert np.array_equal(made.block.t_s, shipped.block.t_s)
    assert made.block.accel_g == pytest.approx(shipped.block.accel_g, abs=STEP_G)
    assert labels.reps == read_labels(labels_path(RECORDINGS / again.name)).reps


def test_the_same_recipe_makes_the_same_bytes(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        COLLECTION["front_raise_swing"].write(tmp_path / folder / "raise.csv.gz")
    for file in ("raise.csv.gz", "raise.labels.yaml"):
        one, two = ((tmp_path / folder / file).read_bytes() for folder in ("one", "two"))
        assert one == two


def test_a_folder_that_is_not_there_is_explained(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="is not a folder: make it first"):
        make_collection(tmp_path / "nowhere")


def test_a_recipe_says_its_command() -> None:
    recipe = Recipe(
        exercise="shrug",
        reps=5,
        tempo=Tempo(lift_s=1.5, hold_s=1.0, lower_s=2.0),
        faults=(FormFlag.SWING, FormFlag.PARTIAL),
        surroundings=False,
        gyro=True,
    )

    assert recipe.command("my set.csv") == (
        "repsense simulate shrug --reps 5 --tempo 1.5-1-2 --fault swing --fault partial "
        "--no-surroundings --gyro --out 'my set.csv'"
    )


@pytest.mark.parametrize("text", ["1-2", "a-b-c", "", "1.5-1-2-3"])
def test_a_tempo_that_is_none_is_explained(text: str) -> None:
    with pytest.raises(ConfigError, match="write lift-hold-lower, as in"):
        parse_tempo(text)


@pytest.mark.parametrize("text", ["0-1-2", "1-99-2", "nan-1-1"])
def test_a_tempo_that_nobody_can_keep_is_explained(text: str) -> None:
    with pytest.raises(ConfigError, match="cannot be done"):
        parse_tempo(text)
