"""``repsense import`` as a person calls it."""

import csv
import gzip
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import called
import foreign_files as shapes
import numpy as np
import pytest

from repsense.importing.registry import formats
from repsense.importing.writing import Collection
from repsense.recording.format import read_recording
from repsense.recording.index import read_index
from repsense.recording.labels import read_labels
from repsense.samples import SampleBlock

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "recordings.md"


def moving(seconds: float = 12.0, rate_hz: float = 50.0) -> SampleBlock:
    t_s = np.arange(round(seconds * rate_hz)) / rate_hz
    angle = 0.6 * np.sin(2.0 * np.pi * 0.4 * t_s)
    accel_g = np.stack([np.sin(angle), 0.1 * np.cos(t_s), np.cos(angle)], axis=1)
    return SampleBlock(t_s=t_s, accel_g=accel_g, gyro_dps=np.zeros_like(accel_g))


def run(*words: str) -> int:
    return called.exit_code("import", *words)


def test_a_zip_becomes_a_recording_that_says_where_it_is_from(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shapes.sensor_logger_android(moving(), folder)
    code = run(
        *("set-2026-01-02.zip", "-o", "mine/gym", "--exercise", "front_raise"),
        *("--reps", "4", "--wearer", "Kim"),
    )
    said = capsys.readouterr()

    assert code == 0
    assert said.err == ""
    assert said.out.splitlines() == [
        "set-2026-01-02.csv.gz: 600 samples, 12.0 s at 50.0 Hz; unit m/s² (median size 9.829), "
        "gravity present, angular rate; 4 reps",
        "mine/gym/index.csv: 1 recording added",
    ]
    recording = read_recording(folder / "mine/gym/set-2026-01-02.csv.gz")
    assert recording.metadata["imported from"] == "set-2026-01-02.zip (sensor_logger)"
    assert recording.metadata["wearer"] == "Kim"
    assert recording.warnings == ()
    (row,) = read_index(folder / "mine/gym/index.csv")
    assert (row.exercise, row.reps_true, row.subject) == ("front_raise", 4, "Kim")
    assert sorted(path.name for path in (folder / "mine/gym").iterdir()) == [
        "index.csv",
        "set-2026-01-02.csv.gz",
    ]


def test_a_data_set_becomes_labels_and_an_index_to_evaluate(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shapes.mmfit(moving(30.0, 100.0), folder, [(2.0, 12.0, 4), (15.0, 28.0, 5)])
    assert run("w00", "-o", "mine", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    (file,) = told["files"]

    assert told["index"] == "mine/index.csv"
    assert (file["file"], file["labels"]) == ("w00_sw_l.csv.gz", "w00_sw_l.labels.yaml")
    assert (file["sets"], file["reps"], file["unit"], file["gravity"]) == (2, 9, "m/s2", "present")
    assert file["gyro"]
    assert read_labels(folder / "mine/w00_sw_l.labels.yaml").reps == 9
    assert read_recording(folder / "mine/w00_sw_l.csv.gz").metadata["wrist"] == "left"
    assert read_index(folder / "mine/index.csv")[0].reps_true == 9


def test_what_nobody_counted_is_listed_beside_the_recording(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shapes.wear(moving(), folder)
    assert run("sbj_3.csv", "-o", "mine", "--sensor", "left_arm") == 0

    assert "what was done in sbj_3_left_arm.segments.csv" in capsys.readouterr().out
    with (folder / "mine/sbj_3_left_arm.segments.csv").open(encoding="utf-8") as lines:
        assert [row["name"] for row in csv.DictReader(lines)] == ["jogging", "burpees"]
    assert read_index(folder / "mine/index.csv")[0].reps_true is None


def test_a_second_import_adds_to_the_index(folder: Path) -> None:
    shapes.physics_toolbox(moving(), folder)
    shapes.android_events(moving(), folder)
    assert run("ptb.csv", "-o", "mine") == 0
    (folder / "mine/index.csv").write_text(
        "file,reps_true,my_note\nold.csv,7,good\nptb.csv.gz,,x\n", encoding="utf-8"
    )
    assert run("accelerometer_log.csv", "ptb.csv", "-o", "mine", "--overwrite") == 0

    rows = read_index(folder / "mine/index.csv")
    assert [row.file for row in rows] == ["old.csv", "accelerometer_log.csv.gz", "ptb.csv.gz"]
    assert rows[0].reps_true == 7
    assert "old.csv,7,good" in (folder / "mine/index.csv").read_text(encoding="utf-8")


def test_missing_gravity_is_said_twice(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    block = moving()
    linear = (block.accel_g - shapes.gravity_of(block)) * shapes.G_MPS2
    names = shapes.axes("Linear Acceleration ", "m/s^2")
    shapes.written(folder, "linear.csv", shapes.phyphox_table(block, names, [linear]))
    assert run("linear.csv", "-o", "mine") == 0
    said = capsys.readouterr()

    assert "gravity missing" in said.out
    assert "linear.csv.gz: Gravity was taken out of these numbers" in said.err


def test_the_formats_are_listed_and_documented(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run("--formats") == 0
    listed = capsys.readouterr().out
    assert run("--formats", "--json") == 0
    known = {each["id"] for each in json.loads(capsys.readouterr().out)}
    document = DOCUMENT.read_text(encoding="utf-8")

    assert known == {each.id for each in formats()}
    for each in formats():
        assert each.title.split(":", maxsplit=1)[0] in listed
        assert f"`{each.id}`" in document


def bad_zip(folder: Path) -> str:
    whole = shapes.sensor_logger_android(moving(), folder).read_bytes()
    (folder / "cut.zip").write_bytes(whole[: len(whole) // 2])
    return "cut.zip"


def broken_member(folder: Path) -> str:
    path = shapes.sensor_logger_android(moving(), folder)
    raw = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        info = archive.getinfo("TotalAcceleration.csv")
    start = info.header_offset + 200
    raw[start : start + 40] = b"\0" * 40
    (folder / "hurt.zip").write_bytes(bytes(raw))
    return "hurt.zip"


def missing_axis(folder: Path) -> str:
    text = shapes.sensor_logger_table(moving(), moving().accel_g * 9.81)
    shapes.written(folder, "TotalAcceleration.csv", text.replace("z,y,x", "z,y,w", 1))
    return "TotalAcceleration.csv"


def no_number(folder: Path) -> str:
    path = shapes.metawear(moving(), folder)
    lines = path.read_text(encoding="utf-8").splitlines()
    lines[7] = lines[7].rpartition(",")[0] + ",oops"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path.name


def backwards(folder: Path) -> str:
    path = shapes.polar(moving(), folder)
    lines = path.read_text(encoding="utf-8").splitlines()
    lines[20], lines[21] = lines[21], lines[20]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path.name


def wrong_unit(folder: Path) -> str:
    names = shapes.axes("Acceleration ", "m/s^2")
    text = shapes.phyphox_table(moving(), names, [moving().accel_g])
    shapes.written(folder, "unit.csv", text)
    return "unit.csv"


def raw_counts(folder: Path) -> str:
    block = moving()
    counts = shapes.csv_text("time,x,y,z", [block.t_s, *shapes.xyz(block.accel_g * 16384)])
    shapes.written(folder, "counts.csv", counts)
    return "counts.csv"


def only_header(folder: Path) -> str:
    shapes.written(folder, "empty.csv", "time,gFx,gFy,gFz\n")
    return "empty.csv"


def few_samples(folder: Path) -> str:
    shapes.physics_toolbox(moving().part(0, 5), folder)
    return "ptb.csv"


def matlab_73(folder: Path) -> str:
    (folder / "new.mat").write_bytes(b"MATLAB 7.3 MAT-file, Platform: GLNXA64" + b" " * 500)
    return "new.mat"


def cut_matlab(folder: Path) -> str:
    whole = shapes.recofit(moving(), folder).read_bytes()
    (folder / "cut.mat").write_bytes(whole[: len(whole) // 2])
    (folder / "exercise_data.50.0000_multionly.mat").unlink()
    return "cut.mat"


def lfs_pointer(folder: Path) -> str:
    text = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n"
    shapes.written(folder, "exercise_data.mat", text)
    return "exercise_data.mat"


def pickled(folder: Path) -> str:
    place = shapes.mmfit(moving(), folder)
    np.save(place / "w00_sw_l_acc.npy", np.array([{"a": 1}], dtype=object), allow_pickle=True)
    return "w00"


def bad_labels(folder: Path) -> str:
    place = shapes.mmfit(moving(), folder)
    shapes.written(place, "w00_labels.csv", "10,20,ten,squats\n")
    return "w00"


def no_rest(folder: Path) -> str:
    rows = "\n".join(
        f"1,wrist,1,{n % 7 / 7:.3f},{n % 5 / 5:.3f},0.5,0,0,0,0,Null" for n in range(99)
    )
    head = "Subject,Position,Session,A_x,A_y,A_z,G_x,G_y,G_z,C_1,Workout"
    shapes.written(folder, "RecGym.csv", f"{head}\n{rows}\n")
    return "RecGym.csv"


def our_own(folder: Path) -> str:
    shapes.written(folder, "notes.csv", "date,weight\n2026-01-02,12\n")
    return "notes.csv"


MISTAKES = [
    (bad_zip, [], "is truncated or no zip archive"),
    (broken_member, [], "hurt.zip: TotalAcceleration.csv is damaged"),
    (missing_axis, ["--format", "sensor_logger"], "holds no acceleration of Sensor Logger"),
    (missing_axis, [], "is of no format that is known here"),
    (no_number, [], "line 8: z-axis (g) is 'oops', which is not a number"),
    (backwards, [], "sample 21: time runs backwards by 0.02 s"),
    (wrong_unit, [], "is said to be in m/s², but its middle size is 1.002, as if in g"),
    (raw_counts, [], "which is 1 g in no unit known here"),
    (only_header, [], "holds a header and no samples"),
    (few_samples, [], "holds 5 samples of acceleration, too few"),
    (matlab_73, [], "is of MATLAB's version 7.3, which is HDF5"),
    (cut_matlab, [], "cut.mat is truncated or damaged"),
    (lfs_pointer, [], "is not the data but a pointer to them (Git LFS)"),
    (pickled, [], "is no numpy array of MM-Fit"),
    (bad_labels, [], "w00_labels.csv, line 1: '10,20,ten,squats' is not first frame"),
    (no_rest, [], "too little rest in different directions"),
    (our_own, [], "notes.csv begins with 'date,weight'"),
    (our_own, ["--format", "poler"], "There is no format called 'poler'. Did you mean 'polar'?"),
    (our_own, ["--format", "polar"], "holds no acceleration of Polar Sensor Logger"),
    (our_own, ["--format", "android"], "no column of times is to be recognised"),
    (our_own, ["--format", "wear", "--sensor", "nose"], "wear has no sensor 'nose'"),
    (our_own, ["--exercise", "front_rise"], "Did you mean 'front_raise'?"),
]


@pytest.mark.parametrize(
    ("make", "words", "message"),
    MISTAKES,
    ids=[f"{m[0].__name__} {' '.join(m[1])}" for m in MISTAKES],
)
def test_mistakes_are_explained_on_one_line_and_leave_nothing_behind(
    folder: Path,
    make: Callable[[Path], str],
    words: list[str],
    message: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    shapes.android_events(moving(), folder)
    name = make(folder)
    assert run("accelerometer_log.csv", name, "-o", "new/mine", *words) == 2
    error = capsys.readouterr().err

    assert error.startswith("repsense: ")
    assert message in error
    assert error.count("\n") == 1
    assert not (folder / "new").exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "Nothing to import: name files"),
        (["accelerometer_log.csv"], "Where should the recordings go?"),
        (["gone.csv", "-o", "mine"], "gone.csv does not exist"),
        (["accelerometer_log.csv", "-o", "accelerometer_log.csv"], "exists already"),
    ],
)
def test_what_is_missing_is_asked_for(
    folder: Path, words: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    shapes.android_events(moving(), folder)
    assert run(*words) == 2

    assert message in capsys.readouterr().err


def test_a_recording_that_is_there_is_not_replaced_unasked(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shapes.physics_toolbox(moving(), folder)
    (folder / "mine").mkdir()
    (folder / "mine/ptb.csv").write_text("precious", encoding="utf-8")
    assert run("ptb.csv", "-o", "mine") == 2

    assert "mine/ptb.csv exists already" in capsys.readouterr().err
    assert [path.name for path in (folder / "mine").iterdir()] == ["ptb.csv"]


def test_an_interrupted_import_leaves_nothing_behind(folder: Path) -> None:
    def stopped() -> None:
        with Collection(folder / "mine"):
            assert any((folder / "mine").iterdir())
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stopped()
    assert not (folder / "mine").exists()


def test_two_recordings_of_one_name_are_told_apart(folder: Path) -> None:
    for place in ("a", "b"):
        (folder / place).mkdir()
        shapes.physics_toolbox(moving(), folder / place)
    assert run("a/ptb.csv", "b/ptb.csv", "-o", "mine") == 0

    assert {row.file for row in read_index(folder / "mine/index.csv")} == {
        "ptb.csv.gz",
        "ptb_2.csv.gz",
    }
    with gzip.open(folder / "mine/ptb_2.csv.gz", "rt", encoding="utf-8") as text:
        assert text.readline() == "# imported from: ptb.csv (android)\n"


def test_help_has_an_example(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--help") == 0
    assert "repsense import my_set.zip -o recordings" in capsys.readouterr().out
