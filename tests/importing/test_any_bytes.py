"""Whatever is in a file: a recording, or one line that says why not."""

import contextlib
import tempfile
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from foreign_files import SHAPES
from hypothesis import given, settings
from hypothesis import strategies as st

from repsense.errors import ForeignFileError, RepSenseError
from repsense.importing.base import Wish
from repsense.importing.registry import find_format, format_of, formats
from repsense.importing.source import Source
from repsense.importing.writing import Collection
from repsense.samples import SampleBlock

MOST = 80
# The one left out is large, and its errors are tested by name.
BROKEN = sorted(set(SHAPES) - {"recgym"})
ENDINGS = [".csv", ".txt", ".zip", ".mat", ".npy", ""]


@cache
def files_of(shape: str) -> tuple[str, dict[str, bytes]]:
    """Return the source's name in its folder, and all files of a shape as bytes."""
    t_s = np.arange(60) / 50.0
    accel_g = np.stack([np.sin(t_s), 0.1 * t_s, np.cos(t_s)], axis=1)
    block = SampleBlock(t_s=t_s, accel_g=accel_g, gyro_dps=accel_g * 10.0)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source = SHAPES[shape][0](block, folder)
        found = {
            path.relative_to(folder).as_posix(): path.read_bytes()
            for path in folder.rglob("*")
            if path.is_file()
        }
        return source.relative_to(folder).as_posix(), found


def import_all(source: Source, format_id: str | None, folder: Path) -> None:
    chosen = format_of(source) if format_id is None else find_format(format_id)
    with Collection(folder) as collection:
        for imported in chosen.read(source, Wish()):
            collection.add(imported, {})
        collection.commit()


def problem_with(source_path: Path, format_id: str | None, out: Path) -> str | None:
    try:
        import_all(Source(source_path), format_id, out)
    except RepSenseError as error:
        return str(error)
    return None


def one_line_or_none(source_path: Path, format_id: str | None) -> None:
    """Import; an error of ours on one line is an answer, any other is a failure of the test."""
    out = source_path.parent / "out"
    problem = problem_with(source_path, format_id, out)
    assert problem is None or "\n" not in problem
    assert out.exists() == (problem is None)


@settings(max_examples=MOST, deadline=None)
@given(
    shape=st.sampled_from(BROKEN),
    which=st.integers(0, 9),
    at=st.floats(0.0, 1.0),
    removed=st.integers(0, 400),
    put_in=st.binary(max_size=12) | st.sampled_from([b"nan", b"1e999", b",,", b'"', b"\n-5\n"]),
    forced=st.booleans(),
)
def test_a_damaged_file_is_explained(
    shape: str, which: int, at: float, removed: int, put_in: bytes, *, forced: bool
) -> None:
    source, files = files_of(shape)
    hurt = sorted(files)[which % len(files)]
    with tempfile.TemporaryDirectory() as name:
        for file, raw in files.items():
            place = round(at * len(raw))
            damaged = raw[:place] + put_in + raw[place + removed :]
            path = Path(name) / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(damaged if file == hurt else raw)
        one_line_or_none(Path(name) / source, SHAPES[shape][1] if forced else None)


@settings(max_examples=60, deadline=None)
@given(
    raw=st.binary(max_size=300) | st.text(max_size=100).map(lambda text: text.encode("utf-16")),
    ending=st.sampled_from(ENDINGS),
    format_id=st.none() | st.sampled_from([each.id for each in formats()]),
)
def test_any_bytes_are_explained(raw: bytes, ending: str, format_id: str | None) -> None:
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / f"w00_sw_l_acc{ending}"
        path.write_bytes(raw)
        one_line_or_none(path, format_id)


def test_an_empty_folder_holds_nothing(tmp_path: Path) -> None:
    with pytest.raises(ForeignFileError, match="there are no files in it"):
        format_of(Source(tmp_path))
    for each in formats():
        with pytest.raises(ForeignFileError), contextlib.suppress(StopIteration):
            next(each.read(Source(tmp_path), Wish()))
