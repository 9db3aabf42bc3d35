"""The data set of RecoFit: 94 people in the gym with a sensor on the right forearm (Morris 2014).

Layout: ``exercise_data.50.0000_multionly.mat`` (whole visits) and ``..._singleonly.mat`` (cut
to the exercise), a cell matrix ``subject_data`` with a row a person, each cell an array of
recordings: ``data.accelDataMatrix`` (time in s, x, y, z in g), ``data.gyroDataMatrix``
(deg/s), ``activityStartMatrix`` with a row an activity (name, start in s, end in s, notes,
reps ...), ``activityName``, ``subjectID``. From the authors' ``load_exercise_data.m``
(github.com/microsoft/Exercise-Recognition-from-Wearable-Sensors). The files are MATLAB 5 and
hold 2 GB between them.
"""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from repsense.errors import ForeignFileError
from repsense.importing.base import Format, Imported, Segment, Wish
from repsense.importing.mat import each, read_mat
from repsense.importing.signals import Signal, Signals, assemble
from repsense.importing.source import Source
from repsense.importing.truth import exercise_name, has_reps, inside
from repsense.importing.units import TurnUnit, Unit

_VARIABLE = "subject_data"
_COLUMNS = 4


def _claims(source: Source) -> bool:
    return bool(source.named(".mat"))


def _read(source: Source, wish: Wish) -> Iterator[Imported]:
    names = source.named(".mat")
    if not names:
        raise ForeignFileError(f"{source.path} holds no .mat file of RecoFit: name one.")
    for name in names:
        where = source.where(name)
        rows = np.atleast_1d(np.asarray(read_mat(source, name, _VARIABLE), dtype=object))
        recordings = list(_recordings(rows))
        if not recordings:
            raise ForeignFileError(f"{where} holds no recordings: download it again.")
        for number, (person, visit, recording) in enumerate(recordings, start=1):
            yield _recording(recording, f"{where}, person {person}, recording {visit}", wish)
            wish.progress(number / len(recordings))


def _recordings(rows: npt.NDArray[np.object_]) -> Iterator[tuple[int, int, object]]:
    """Yield every recording with the numbers of its person and among that person's, from 1."""
    for person, row in enumerate(rows, start=1):
        cells = each(row)
        found = (recording for cell in cells for recording in each(cell))
        held = (recording for recording in found if hasattr(recording, "data"))
        for visit, recording in enumerate(held, start=1):
            yield person, visit, recording


def _recording(recording: object, where: str, wish: Wish) -> Imported:
    data = getattr(recording, "data", None)
    gyro = getattr(data, "gyroDataMatrix", None)
    signals = Signals(
        where=where,
        accel=_signal(getattr(data, "accelDataMatrix", None), "accelDataMatrix", where),
        unit=Unit.G,
        gyro=None if gyro is None else _signal(gyro, "gyroDataMatrix", where),
        gyro_unit=TurnUnit.DPS,
    )
    made = assemble(signals, wish)
    duration_s = float(made.block.t_s[-1])
    noted = list(_segments(recording, where, made.origin_s))
    segments, left_out = inside(noted, duration_s)
    person = _text(recording, "subjectID") or where.partition("person ")[2].partition(",")[0]
    activity = _text(recording, "activityName")
    number = where.rpartition(" ")[2]
    uncounted = sum(one.countable and one.reps is None for one in segments)
    remarks = [f"{left_out} activities lie outside the recording"] if left_out else []
    if uncounted:
        remarks.append(f"{uncounted} exercises have no count, so there are no labels")
    return made.imported(
        f"person{person}_{exercise_name(activity) if activity else 'visit'}_{number}",
        "recofit",
        segments=segments,
        complete=bool(segments),
        subject=person,
        exercise=exercise_name(activity) if activity else "",
        position="right forearm",
        remarks=tuple(remarks),
    )


def _signal(matrix: object, name: str, where: str) -> Signal:
    numbers = np.asarray(matrix) if matrix is not None else np.empty(0)
    if numbers.ndim != 2 or numbers.shape[1] != _COLUMNS or numbers.dtype.kind not in "fiu":
        raise ForeignFileError(
            f"{where}: {name} is missing or has not the four columns time, x, y, z: this is "
            f"another file than RecoFit's."
        )
    return Signal(t_s=numbers[:, 0].astype(np.float64), xyz=numbers[:, 1:4].astype(np.float64))


def _segments(recording: object, where: str, origin_s: float) -> Iterator[Segment]:
    matrix = getattr(recording, "activityStartMatrix", None)
    if matrix is None:
        return
    rows = np.atleast_2d(np.asarray(matrix, dtype=object))
    if rows.shape[1] < 3:
        raise ForeignFileError(
            f"{where}: activityStartMatrix has {rows.shape[1]} columns where name, start and end "
            f"are expected: this is another file than RecoFit's."
        )
    for row in rows.tolist():
        reps = _count(row[4]) if len(row) > 4 else None
        name, start_s, end_s = str(row[0]), _seconds(row[1]), _seconds(row[2])
        if start_s is None or end_s is None or end_s <= start_s:
            continue
        yield Segment(
            name=name.strip("<> "),
            start_s=start_s - origin_s,
            end_s=end_s - origin_s,
            reps=reps,
            countable=reps is not None or has_reps(name),
        )


def _count(value: object) -> int | None:
    """Return a count; the files have -1, or nothing, where nobody counted."""
    number = _seconds(value)
    return int(number) if number is not None and number > 0 and number.is_integer() else None


def _seconds(value: object) -> float | None:
    if isinstance(value, int | float | np.number) and np.isfinite(value):
        return float(value)
    return None


def _text(recording: object, field: str) -> str:
    value = getattr(recording, field, "")
    if isinstance(value, str | int | float | np.number):
        number = isinstance(value, float | np.floating) and float(value).is_integer()
        return str(int(value)) if number else str(value)
    return ""


FORMAT = Format(
    id="recofit",
    title="RecoFit (data set): exercise_data...mat",
    claims=_claims,
    read=_read,
)
