"""UCI's data set 730, Physical Therapy Exercises (Yurtman and Barshan 2014).

Layout: ``s1/e6/u2/test.txt``: person, exercise, sensor unit; columns ``time
index;acc_x;...;gyr_x;...;mag_x;...``, 25 Hz, m/s2 with gravity and rad/s, as compared with
recordings of it that were converted before. A session is 10 reps done right, 10 too fast
and 10 of low amplitude, with pauses (archive.ics.uci.edu/dataset/730). When each rep was is
not in the data set; github.com/LiamCHayes/pt_classification adds it as ``test_times.csv``
(``"rep.number","execution.type","start","end"``, in samples), which is read where it lies
beside. ``template_session.txt`` holds reps that nobody listed and is imported without a count.
"""

import re
from collections.abc import Iterator
from itertools import groupby

from repsense.errors import ForeignFileError
from repsense.importing.base import Format, Imported, Segment, Wish
from repsense.importing.signals import Signal, Signals, assemble
from repsense.importing.source import Source, folder_of, stem_of
from repsense.importing.table import names_in, read_table
from repsense.importing.truth import inside
from repsense.importing.units import TurnUnit, Unit
from repsense.samples import Wrist

_RATE_HZ = 25.0
_REPS_IN_A_SESSION = 30
_FILE = re.compile(r"(.*/)?(test|template_session)\.txt")
_PLACE = re.compile(r"(s\d+)/(e\d+)/(u\d+)$")
_NAMES = {"e6": "biceps curl seated", "e7": "lateral raise", "e8": "prone shoulder extension"}
# Of the exercises of the arm unit 2 is at the wrist (its numbers are those of the wrist).
_WRIST_UNIT, _ARM_EXERCISES = "u2", frozenset(_NAMES)
_KINDS = {1: "correct", 2: "too fast", 3: "low amplitude"}
_UNITS = ("u1", "u2", "u3", "u4", "u5")


def _claims(source: Source) -> bool:
    found = next(_sessions(source), None)
    return found is not None and "time index" in names_in(source.head(found))


def _sessions(source: Source) -> Iterator[str]:
    return (name for name in source.files if _FILE.fullmatch(name))


def _read(source: Source, wish: Wish) -> Iterator[Imported]:
    names = list(_sessions(source))
    if len(names) > 1:  # of a whole tree: the counted sessions of one unit
        wanted = f"/{wish.sensor or _WRIST_UNIT}/test.txt"
        names = [name for name in names if f"{_full(source, name)}".endswith(wanted)]
    if not names:
        raise ForeignFileError(
            f"{source.path} holds no session of the physical-therapy data set "
            f"({source.glance()}): name a file like s1/e6/u2/test.txt, or the data set's folder."
        )
    for number, name in enumerate(names, start=1):
        yield _recording(source, name, wish)
        wish.progress(number / len(names))


def _full(source: Source, name: str) -> str:
    """Return a file with the folders around it, also where one file or folder was named."""
    around = source.path.resolve()
    if around.is_file():
        return around.as_posix() if source.files == (around.name,) else f"/{name}"
    return f"{around.as_posix()}/{name}"


def _recording(source: Source, name: str, wish: Wish) -> Imported:
    table = read_table(source, name)
    index = table.numbers(["time index"])[:, 0] / _RATE_HZ
    signals = Signals(
        where=table.where,
        accel=Signal(t_s=index, xyz=table.numbers([f"acc_{axis}" for axis in "xyz"])),
        unit=Unit.MPS2,
        gyro=Signal(t_s=index, xyz=table.numbers([f"gyr_{axis}" for axis in "xyz"])),
        gyro_unit=TurnUnit.RADPS,
    )
    made = assemble(signals, wish)
    place = _PLACE.search(folder_of(_full(source, name)).rstrip("/"))
    person, exercise, unit = place.groups() if place else ("", "", "")
    session = stem_of(name) == "test"
    noted = _segments(source, name, _NAMES.get(exercise, exercise), made.origin_s)
    segments, _ = inside(noted if session else (), float(made.block.t_s[-1]))
    at_wrist = unit == _WRIST_UNIT and exercise in _ARM_EXERCISES
    called = "_".join(part for part in (person, exercise, unit, stem_of(name)) if part)
    return made.imported(
        called,
        "uci_physical_therapy",
        segments=segments,
        complete=bool(segments),
        subject=person,
        exercise=_NAMES.get(exercise, exercise).replace(" ", "_"),
        position="right wrist" if at_wrist else unit,
        wrist=Wrist.RIGHT if at_wrist else None,
        reps_true=_REPS_IN_A_SESSION if session else None,
        remarks=("times from the data set's 25 Hz",),
    )


def _segments(source: Source, name: str, exercise: str, origin_s: float) -> Iterator[Segment]:
    """Yield a set for each way of doing it, from the times of the reps where they lie beside."""
    times = f"{folder_of(folder_of(name).rstrip('/'))}test_times.csv"
    if not source.has(times):
        return
    table = read_table(source, times)
    rows = table.numbers(["execution.type", "start", "end"]).tolist()
    for kind, group in groupby(rows, key=lambda row: int(row[0])):
        reps = list(group)
        yield Segment(
            name=f"{exercise} ({_KINDS.get(kind, kind)})",
            start_s=reps[0][1] / _RATE_HZ - origin_s,
            end_s=reps[-1][2] / _RATE_HZ - origin_s,
            reps=len(reps),
        )


FORMAT = Format(
    id="uci_physical_therapy",
    title="UCI Physical Therapy Exercises (data set 730): its folder, or one session's .txt",
    claims=_claims,
    read=_read,
    sensors=_UNITS,
)
