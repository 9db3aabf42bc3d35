"""Recordings: what is written is read back, and whatever cannot be meant is told with its line."""

import csv
import gzip
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from repsense.errors import RecordingError
from repsense.recording.format import Recording, read_recording, write_recording
from repsense.samples import SampleBlock

HEADER = "t_s,ax_g,ay_g,az_g"
REAL = Path(
    os.environ.get(
        "REPSENSE_REAL_RECORDINGS",
        Path(__file__).resolve().parents[3] / "shared" / "real_recordings",
    )
)


def at_rest(samples: int = 50, *, rate_hz: float = 50.0, scale: float = 1.0) -> list[str]:
    return [f"{i / rate_hz:.3f},0.0,0.1,{scale * 0.995:.3f}" for i in range(samples)]


def saved(folder: Path, *lines: str, name: str = "morning.csv") -> Path:
    path = folder / name
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def refusal(path: Path) -> str:
    with pytest.raises(RecordingError) as caught:
        read_recording(path)
    message = str(caught.value)
    assert message.startswith(str(path))
    assert "\n" not in message
    return message.removeprefix(str(path))


# --- what is written is read back ------------------------------------------------------------


@st.composite
def blocks(draw: st.DrawFn) -> SampleBlock:
    samples = draw(st.integers(1, 60))
    steps = draw(
        hnp.arrays(float, samples, elements=st.floats(1e-4, 1.0, allow_nan=False)),
    )
    start_s = draw(st.floats(-1000, 2e9))
    triples = hnp.arrays(float, (samples, 3), elements=st.floats(-3.0, 3.0))
    rates = hnp.arrays(float, (samples, 3), elements=st.floats(-2000.0, 2000.0))
    return SampleBlock(
        t_s=start_s + np.cumsum(steps),
        accel_g=draw(triples),
        gyro_dps=draw(st.none() | rates),
    )


LINES = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1)
METADATA = st.dictionaries(LINES.filter(lambda key: ":" not in key), LINES | st.just(""))


@given(block=blocks(), metadata=METADATA, ending=st.sampled_from([".csv", ".csv.gz"]))
def test_what_is_written_is_read_back(
    tmp_path_factory: pytest.TempPathFactory,
    block: SampleBlock,
    metadata: dict[str, str],
    ending: str,
) -> None:
    path = tmp_path_factory.getbasetemp() / f"session{ending}"
    write_recording(path, Recording(path=path, block=block, metadata=metadata))
    back = read_recording(path)
    assert back.name == "session"
    assert back.metadata == metadata
    np.testing.assert_allclose(back.block.t_s, block.t_s, atol=0.6e-5, rtol=1e-15)
    np.testing.assert_allclose(back.block.accel_g, block.accel_g, atol=0.6e-5)
    if block.gyro_dps is None:
        assert back.block.gyro_dps is None
    else:
        assert back.block.gyro_dps is not None
        np.testing.assert_allclose(back.block.gyro_dps, block.gyro_dps, atol=0.6e-3)


def test_a_second_writing_gives_the_same_bytes(tmp_path: Path) -> None:
    recording = read_recording(saved(tmp_path, "# wearer: Ana", HEADER, *at_rest()))
    for name in ("a.csv.gz", "b.csv.gz"):
        write_recording(tmp_path / name, recording)
    assert (tmp_path / "a.csv.gz").read_bytes() == (tmp_path / "b.csv.gz").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "a.csv.gz",
        "b.csv.gz",
        "morning.csv",
    ]


@pytest.mark.parametrize("entry", [("a:b", "c"), ("a", "b\nc"), ("", "c"), ("a", " b")])
def test_metadata_that_would_read_back_differently_is_refused(
    tmp_path: Path, entry: tuple[str, str]
) -> None:
    recording = read_recording(saved(tmp_path, HEADER, *at_rest()))
    target = tmp_path / "out.csv"
    with pytest.raises(RecordingError, match="one line, no colon"):
        write_recording(
            target, Recording(path=target, block=recording.block, metadata=dict([entry]))
        )
    assert not target.exists()


def test_samples_that_could_not_be_read_again_are_not_written(tmp_path: Path) -> None:
    target = tmp_path / "out.csv"
    block = SampleBlock(t_s=np.array([0.0, 1e-7]), accel_g=np.ones((2, 3)))
    with pytest.raises(RecordingError, match="sample 2: t_s is 0 as on the line before"):
        write_recording(target, Recording(path=target, block=block))
    empty = SampleBlock(t_s=np.zeros(0), accel_g=np.zeros((0, 3)))
    with pytest.raises(RecordingError, match="no samples"):
        write_recording(target, Recording(path=target, block=empty))
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    recording = read_recording(saved(tmp_path, HEADER, *at_rest()))
    with pytest.raises(RecordingError, match=r"there is no folder .*nowhere"):
        write_recording(tmp_path / "nowhere" / "out.csv", recording)


# --- what is tolerated -----------------------------------------------------------------------


def test_metadata_and_samples_are_taken_as_they_stand(tmp_path: Path) -> None:
    recording = read_recording(
        saved(
            tmp_path,
            "# sensor: left wrist",
            "# just a remark",
            "#at:10:30",
            f"{HEADER},gx_dps,gy_dps,gz_dps",
            "12.5,0.1,-0.2,0.97,10,-20.5,3e1",
        )
    )
    assert recording.metadata == {"sensor": "left wrist", "at": "10:30"}
    assert recording.block.t_s.tolist() == [12.5]
    assert recording.block.accel_g.tolist() == [[0.1, -0.2, 0.97]]
    assert recording.block.gyro_dps is not None
    assert recording.block.gyro_dps.tolist() == [[10.0, -20.5, 30.0]]
    assert recording.warnings == ()
    assert recording.duration_s == 0.0


@pytest.mark.parametrize(
    "text",
    [
        "\ufefft_s,ax_g,ay_g,az_g\n0,0,0,1\n1,0,0,1\n",
        "t_s,ax_g,ay_g,az_g\r\n0,0,0,1\r\n1,0,0,1\r\n",
        "t_s,ax_g,ay_g,az_g\r0,0,0,1\r1,0,0,1\r",
        "t_s,ax_g,ay_g,az_g\n0,0,0,1\n\n1,0,0,1\n\n\n",
        't_s, "ax_g", ay_g ,az_g\n0, 0, 0, 1\n 1,0,0,1 \n',
        "t_s,ax_g,ay_g,az_g\n0,0,0,1\n1,0,0,1",
        "az_g,heart,t_s,ay_g,ax_g,note\n1,70,0,0,0,up\n1,,1,0,0,\n",
    ],
    ids=["bom", "crlf", "cr", "blank lines", "spaces and quotes", "no last end", "other columns"],
)
def test_small_oddities_are_read(tmp_path: Path, text: str) -> None:
    path = tmp_path / "odd.csv"
    path.write_bytes(text.encode())
    block = read_recording(path).block
    assert block.t_s.tolist() == [0.0, 1.0]
    assert block.accel_g.tolist() == [[0.0, 0.0, 1.0]] * 2


def test_gzip_is_read_by_its_content_too(tmp_path: Path) -> None:
    path = saved(tmp_path, HEADER, *at_rest())
    path.write_bytes(gzip.compress(path.read_bytes()))
    assert len(read_recording(path).block) == 50


@pytest.mark.parametrize(
    "rest", ["1.0", "1.000,0.1", "1.000,0.0,0.1,", "1.0,0,0.1,-", "1.0,0,\0\0"]
)
def test_a_last_line_cut_short_is_left_out_with_a_warning(tmp_path: Path, rest: str) -> None:
    path = saved(tmp_path, HEADER, *at_rest())
    with path.open("a", encoding="utf-8") as file:
        file.write(rest)
    recording = read_recording(path)
    assert len(recording.block) == 50
    assert [warning.partition(":")[0] for warning in recording.warnings] == [
        "The last line is cut short and left out"
    ]


def test_the_same_line_inside_the_file_is_an_error(tmp_path: Path) -> None:
    path = saved(tmp_path, HEADER, *at_rest(), "1.000,0.1")
    assert refusal(path).startswith(", line 52: 2 fields where the header names 4")


@given(cut=st.integers(60, 1500))
def test_a_file_cut_anywhere_gives_its_beginning(
    tmp_path_factory: pytest.TempPathFactory, cut: int
) -> None:
    path = saved(tmp_path_factory.getbasetemp(), HEADER, *at_rest(80))
    whole = read_recording(path).block
    path.write_bytes(path.read_bytes()[:cut])
    part = read_recording(path).block
    kept = len(part) - 1  # the last number itself may be cut where its line has no end
    assert part.t_s.tolist() == whole.t_s[: len(part)].tolist()
    assert part.accel_g[:kept].tolist() == whole.accel_g[:kept].tolist()


def test_a_slow_recording_and_one_without_gravity_are_read_with_a_warning(tmp_path: Path) -> None:
    slow = read_recording(saved(tmp_path, HEADER, *at_rest(rate_hz=5)))
    assert slow.warnings[0].startswith("Only 5.0 samples a second")
    free = read_recording(saved(tmp_path, HEADER, *at_rest(scale=0.01)))
    assert "was gravity removed?" in free.warnings[0]


# --- what is refused -------------------------------------------------------------------------

REFUSED: dict[str, tuple[list[str], str]] = {
    "column": (["t_s,ax_g,az_g", "0,0,1"], ", line 1: the column ay_g is missing; found are"),
    "near name": (["time,ax_g,ay_g,az_g"], "If time is meant, rename it to t_s."),
    "near axis": (["t_s,accel_x,accel_y,accel_z"], "If accel_x is meant, rename it to ax_g."),
    "capitals": (["t_s,AX_G,ay_g,az_g"], "If AX_G is meant, rename it to ax_g."),
    "other unit": (["t_s,ax_mps2,ay_mps2,az_mps2"], "rename it to ax_g (m/s² must be divided"),
    "ms": (["t_ms,ax_g,ay_g,az_g"], "rename it to t_s (times in ms must be divided by 1000)"),
    "half a gyro": ([f"{HEADER},gx_dps,gy_dps"], "the column gz_dps is missing"),
    "twice": (["t_s,ax_g,ax_g,ay_g,az_g"], "the column ax_g stands twice"),
    "semicolons": ([HEADER.replace(",", ";")], ", line 1: the columns are separated by semicolons"),
    "no header": (["0.0,0.1,0.2,0.9"], ", line 1: numbers stand where the names"),
    "text": (
        ["# a: b", HEADER, "0,0,0,1", "", "1,0,up,1"],
        ", line 5: ay_g is 'up', which is not a number",
    ),
    "hexadecimal": ([HEADER, "0,0,0x1,1"], ", line 2: ay_g is '0x1', which is not a number"),
    "empty field": ([HEADER, "0,0,,1"], ", line 2: ay_g is empty"),
    "too few": ([HEADER, "0,0,1", "1,0,0,1"], ", line 2: 3 fields where the header names 4"),
    "too few in all": ([HEADER, "0,0,1", "1,0,1"], ", line 2: 3 fields where the header names 4"),
    "too many": ([HEADER, "0,0,0,1", "1,0,0,1,5"], ", line 3: 5 fields where the header names 4"),
    "too many, others": (
        [f"{HEADER},note", "0,0,0,1,a", "1,0,0,1,a,b"],
        ", line 3: 6 fields where the header names 5",
    ),
    "decimal comma": ([HEADER, "0,0,0,1,0,0,1,0"], "were decimal commas used?"),
    "backwards": (
        [HEADER, "0,0,0,1", "2,0,0,1", "", "1.5,0,0,1"],
        ", line 5: time runs backwards from 2 s to 1.5 s",
    ),
    "repeated": ([HEADER, "0,0,0,1", "0,0,0,1"], ", line 3: t_s is 0 as on the line before"),
    "nan": ([HEADER, "0,0,0,1", "1,NaN,0,1"], ", line 3: ax_g is nan, which is no measurement"),
    "inf": ([HEADER, "0,0,0,-inf"], ", line 2: az_g is -inf, which is no measurement"),
    "time in ms": (
        [HEADER, *(f"{20 * i},0,0,1" for i in range(20))],
        ": the samples are 20 s apart by the column t_s: it is probably in ms",
    ),
    "m/s²": (
        [HEADER, *at_rest(scale=9.81)],
        "probably in m/s²; divide ax_g, ay_g and az_g by 9.80",
    ),
    "mg": (
        [HEADER, *at_rest(scale=1000)],
        "probably in milli-g; divide ax_g, ay_g and az_g by 100",
    ),
    "counts": ([HEADER, *at_rest(scale=4096)], "raw counts; divide ax_g, ay_g and az_g by its"),
    "empty": ([], " is empty"),
    "blank": (["", "  "], " is empty"),
    "comments only": (["# wearer: Ana"], " holds comments and no samples"),
    "header only": (["# wearer: Ana", HEADER], " holds a header and no samples"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_meant_is_refused_with_its_line_and_advice(
    tmp_path: Path, case: str
) -> None:
    lines, told = REFUSED[case]
    assert told in refusal(saved(tmp_path, *lines))


def test_a_brisk_set_is_not_taken_for_other_units(tmp_path: Path) -> None:
    lines = [f"{i / 50:.2f},{3 * np.sin(i / 5):.3f},2.5,1" for i in range(100)]
    assert read_recording(saved(tmp_path, HEADER, *lines)).warnings == ()


def test_files_that_cannot_be_opened_are_told_apart(tmp_path: Path) -> None:
    assert refusal(tmp_path / "gone.csv").startswith(" does not exist")
    assert refusal(tmp_path).startswith(" is a folder")
    path = saved(tmp_path, HEADER, *at_rest(), name="plain.csv.gz")
    assert refusal(path).startswith(" is not gzip although its name ends in .gz")
    whole = gzip.compress(path.read_bytes(), mtime=0)
    path.write_bytes(whole[:-20])
    assert refusal(path).startswith(" is truncated")
    path.write_bytes(whole[:40] + bytes([whole[40] ^ 0xFF]) + whole[41:])
    assert refusal(path).startswith(" is damaged")
    path.write_bytes(b"")
    assert refusal(path).startswith(" is empty")


def test_other_encodings_are_refused_with_the_line(tmp_path: Path) -> None:
    path = tmp_path / "latin.csv"
    path.write_bytes(b"# a: b\n# place: M\xfcnchen\n")
    assert refusal(path).startswith(", line 2: not UTF-8 text (byte 0xfc)")


@given(raw=st.binary(max_size=300) | st.text("0123456789.,-e#:\nt_saxgyz ").map(str.encode))
def test_any_bytes_are_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, raw: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.csv"
    for content in (raw, HEADER.encode() + b"\n" + raw):
        path.write_bytes(content)
        try:
            recording = read_recording(path)
        except RecordingError as error:
            assert str(path) in str(error)  # noqa: PT017 - either outcome is right
        else:
            assert len(recording.block) > 0


# --- real recordings -------------------------------------------------------------------------


def test_every_real_recording_is_read() -> None:
    if not (REAL / "index.csv").is_file():
        pytest.skip("the real recordings are not beside the checkout")
    with (REAL / "index.csv").open(encoding="utf-8", newline="") as file:
        rows: list[dict[str, Any]] = list(csv.DictReader(file))
    read = [read_recording(REAL / row["file"]) for row in rows]
    assert [recording.warnings for recording in read] == [()] * len(rows)
    for recording, row in zip(read, rows, strict=True):
        assert recording.duration_s == pytest.approx(float(row["duration_s"]), abs=0.1)
