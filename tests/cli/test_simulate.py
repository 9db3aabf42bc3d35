"""``repsense simulate`` as a person calls it."""

import csv
import shlex
from pathlib import Path

import called
import pytest

from repsense.recording.format import read_recording
from repsense.recording.labels import read_labels
from repsense.samples import Wrist
from repsense.simulator.collection import COLLECTION, INDEX_FILE
from repsense.simulator.recipe import Recipe

RECORDINGS = Path(__file__).resolve().parents[2] / "recordings"


def run(*words: str) -> int:
    return called.exit_code("simulate", *words)


def test_one_set_is_written_with_its_truth(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = run("front_raise", "--reps", "6", "--fault", "swing", "--out", "raise.csv", "--gyro")
    said = capsys.readouterr().out

    assert code == 0
    assert "raise.csv: " in said
    assert "truth in raise.labels.yaml" in said
    assert "set 1: 6 x front_raise, " in said
    assert read_recording(folder / "raise.csv").block.gyro_dps is not None
    reps = read_labels(folder / "raise.labels.yaml").sets[0].reps
    assert sum("swing" in rep.flags for rep in reps) == 3


def test_every_option_reaches_the_recording(folder: Path) -> None:
    options = (
        "--reps 3 --seed 4 --tempo 1-1-1 --fault partial --fault-share 1 --pauses 1 --wrist left "
        "--no-surroundings --rate-hz 25 --noise-g 0.01 --lost 0.05 --clock-error 0.01"
    )
    assert run("shrug", *options.split(), "--out", "shrug.csv.gz") == 0
    recording = read_recording(folder / "shrug.csv.gz")

    assert recording.worn is not None
    assert recording.worn.wrist is Wrist.LEFT
    assert recording.metadata["made by"] == (
        f"repsense simulate shrug {options} --out shrug.csv.gz"
    )
    assert recording.block.median_rate_hz() == pytest.approx(25.0, rel=0.01)


def test_the_commands_of_the_index_remake_its_recordings(folder: Path) -> None:
    with (RECORDINGS / INDEX_FILE).open(encoding="utf-8", newline="") as lines:
        commands = {row["file"]: row["command"] for row in csv.DictReader(lines)}
    file = "shrug_no_hold.csv.gz"
    program, command, *words = shlex.split(commands[file])

    assert (program, command) == ("repsense", "simulate")
    assert run(*words) == 0
    COLLECTION["shrug_no_hold"].write(folder / "again.csv.gz")
    made, again = (read_recording(folder / name) for name in (file, "again.csv.gz"))
    assert made.metadata["made by"] == commands[file]
    assert made.block.accel_g.tolist() == again.block.accel_g.tolist()
    assert (folder / "shrug_no_hold.labels.yaml").read_bytes() == (
        folder / "again.labels.yaml"
    ).read_bytes()


def test_all_recordings_are_made_with_an_index(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    first = dict(list(COLLECTION.items())[:1])
    monkeypatch.setattr("repsense.simulator.collection.COLLECTION", first)

    assert run("--all", str(folder)) == 0
    assert capsys.readouterr().out.split() == [
        str(folder / "overhead_press.csv.gz"),
        str(folder / INDEX_FILE),
    ]
    assert len((folder / INDEX_FILE).read_text(encoding="utf-8").splitlines()) == 2


def test_a_workout_is_written(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("repsense.simulator.recipe.WORKOUT", _short_workout())

    assert run("--workout", "--seed", "2") == 0
    assert [done.exercise for done in read_labels(folder / "workout.labels.yaml").sets] == [
        "front_raise"
    ]
    assert (
        Recipe(seed=2).command("workout.csv.gz")
        in (read_recording(folder / "workout.csv.gz").metadata["made by"])
    )


def _short_workout() -> tuple[object, ...]:
    from repsense.simulator.workout import WORKOUT

    return WORKOUT[:1]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "Nothing to simulate: name an exercise"),
        (["shrug", "--workout"], "--workout has its own exercises, so 'shrug' has no place"),
        (["front_rise"], "Unknown exercise 'front_rise'. Did you mean 'front_raise'?"),
        (["shrug", "--tempo", "slow"], "The tempo 'slow' is not three numbers"),
        (["shrug", "--out", "no/where.csv"], "no/where.csv cannot be written"),
    ],
)
def test_mistakes_are_explained_on_one_line(
    folder: Path, words: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(*words) == 2
    error = capsys.readouterr().err

    assert error.startswith("repsense: ")
    assert message in error
    assert error.count("\n") == 1
    assert list(folder.iterdir()) == []


def test_help_has_an_example(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--help") == 0
    assert "repsense simulate front_raise --reps 10" in capsys.readouterr().out
