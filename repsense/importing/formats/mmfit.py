"""The data set MM-Fit: full-body workouts with watches, phones and an earbud (Strömbäck 2020).

Layout, one folder a workout: ``w00/w00_sw_l_acc.npy`` of shape (n, 5) with the video's frame,
the time in ms since 1970, and x, y, z in m/s2, gravity included; ``..._gyr.npy`` in rad/s;
``w00_labels.csv`` without header: first frame, last frame, reps, exercise. From the authors'
code (github.com/KDMStromback/mm-fit, ``utils/dataset.py``) and readers of the files; the watches'
rate is 100 Hz and some times are doubled.
"""

import csv
import re
import warnings
from collections.abc import Iterator
from tokenize import TokenError

import numpy as np

from repsense.errors import ForeignFileError
from repsense.importing.base import Format, Imported, Segment, Wish
from repsense.importing.signals import Assembled, Signal, Signals, assemble
from repsense.importing.source import Source, folder_of, stem_of
from repsense.importing.truth import has_reps, inside
from repsense.importing.units import Unit
from repsense.samples import FloatArray, Wrist

# The devices that are worn on a wrist are the default.
_WATCHES = {"sw_l": Wrist.LEFT, "sw_r": Wrist.RIGHT}
_POSITIONS = {
    "sw_l": "left wrist (watch)",
    "sw_r": "right wrist (watch)",
    "sp_l": "left pocket (phone)",
    "sp_r": "right pocket (phone)",
    "eb_l": "left ear (earbud)",
}
_FILE = re.compile(r"(?P<workout>w\d+)_(?P<device>s[wp]_[lr]|eb_l)_acc(_\d+)?\.npy", re.IGNORECASE)
_COLUMNS = 5
# What numpy's reader raises over bytes that are not as they should be.
_DAMAGE = (ValueError, EOFError, OSError, SyntaxError, TokenError, MemoryError, UserWarning)


def _claims(source: Source) -> bool:
    return any(_FILE.fullmatch(name.rpartition("/")[2]) for name in source.files)


def _read(source: Source, wish: Wish) -> Iterator[Imported]:
    chosen = list(_chosen(source, wish))
    if not chosen:
        raise ForeignFileError(
            f"{source.path} holds no file of MM-Fit like w00_{wish.sensor or 'sw_l'}_acc.npy: name "
            f"the folder of a workout, or of the data set."
        )
    for number, (name, workout, device) in enumerate(chosen, start=1):
        yield _recording(source, name, workout, device, wish)
        wish.progress(number / len(chosen))


def _chosen(source: Source, wish: Wish) -> Iterator[tuple[str, str, str]]:
    single = len(source.files) == 1
    for name in source.files:
        found = _FILE.fullmatch(name.rpartition("/")[2])
        if found is None:
            continue
        device = found["device"].lower()
        if device == wish.sensor or (wish.sensor is None and (device in _WATCHES or single)):
            yield name, found["workout"], device


def _recording(source: Source, name: str, workout: str, device: str, wish: Wish) -> Imported:
    table = _array(source, name)
    turns = re.sub(r"_acc(_\d+)?\.npy$", r"_gyr\1.npy", name)
    gyro = _signal(_array(source, turns)) if source.has(turns) else None
    made = assemble(
        Signals(where=source.where(name), accel=_signal(table), unit=Unit.MPS2, gyro=gyro), wish
    )
    labels = f"{folder_of(name)}{workout}_labels.csv"
    segments: tuple[Segment, ...] = ()
    left_out = 0
    if source.has(labels):
        noted = _segments(source, labels, table, made)
        segments, left_out = inside(noted, float(made.block.t_s[-1]))
    return made.imported(
        stem_of(name).replace("_acc", ""),
        "mmfit",
        segments=segments,
        complete=source.has(labels),
        subject=workout,
        position=_POSITIONS[device],
        wrist=_WATCHES.get(device),
        remarks=(f"{left_out} sets lie outside the recording",) if left_out else (),
    )


def _array(source: Source, name: str) -> FloatArray:
    try:
        with source.seekable(name) as stream, warnings.catch_warnings():
            # numpy warns of a header that it can only guess at.
            warnings.simplefilter("error", UserWarning)
            array = np.load(stream, allow_pickle=False)
    except _DAMAGE as error:
        raise ForeignFileError(
            f"{source.where(name)} is no numpy array of MM-Fit ({error}): download it again."
        ) from error
    if array.ndim != 2 or array.shape[1] != _COLUMNS or array.dtype.kind not in "fiu":
        raise ForeignFileError(
            f"{source.where(name)} has the shape {array.shape} of {array.dtype} where (n, 5) is "
            f"expected: frame, time in ms, x, y, z."
        )
    numbers: FloatArray = np.asarray(array, dtype=np.float64)
    return numbers


def _signal(table: FloatArray) -> Signal:
    return Signal(t_s=table[:, 1] / 1000.0, xyz=table[:, 2:5])


def _segments(source: Source, name: str, table: FloatArray, made: Assembled) -> Iterator[Segment]:
    """Yield the labelled sets; their frames are looked up beside the sensor's own samples."""
    frames = table[:, 0]
    times_s = table[:, 1] / 1000.0 - made.origin_s
    for number, row in enumerate(csv.reader(source.text(name).splitlines()), start=1):
        if not row:
            continue
        where = f"{source.where(name)}, line {number}"
        if len(row) != 4 or not all(field.strip().isdecimal() for field in row[:3]):
            raise ForeignFileError(
                f"{where}: {','.join(row)!r} is not first frame, last frame, reps, exercise: "
                f"download the file again."
            )
        first, last, reps = (int(field) for field in row[:3])
        ends = np.clip(np.searchsorted(frames, [first, last]), 0, len(frames) - 1)
        yield Segment(
            name=row[3].strip(),
            start_s=float(times_s[ends[0]]),
            end_s=float(times_s[ends[1]]),
            reps=reps,
            countable=has_reps(row[3]),
        )


FORMAT = Format(
    id="mmfit",
    title="MM-Fit (data set): the folder of a workout or of all, or one .npy",
    claims=_claims,
    read=_read,
    sensors=tuple(_POSITIONS),
)
