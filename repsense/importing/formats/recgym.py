"""The data set RecGym: ten people, five visits each, sensors on wrist, pocket and leg (Bian 2022).

Layout: ``RecGym.csv``: ``Subject,Position,Session,A_x,A_y,A_z,G_x,G_y,G_z,C_1,Workout``, 20 Hz
without times, 4.7 million lines (zhaxidele.github.io/RecGym, UCI data set 1128; there the
person is ``Object``). In the published file every signal is squeezed into 0 to 1, each axis by
itself, and the scale is not given. Acceleration is brought back to g by the rests
(:mod:`repsense.importing.sphere`); angular rate has no such anchor and is left out. Nobody
has counted reps.
"""

from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from repsense.errors import ForeignFileError
from repsense.importing.base import Format, Imported, Segment, Wish
from repsense.importing.signals import Assembled, Signal, Signals, assemble
from repsense.importing.source import Source
from repsense.importing.sphere import Sphere, fit_sphere
from repsense.importing.table import names_in, shown, tables
from repsense.importing.truth import runs
from repsense.importing.units import Unit
from repsense.samples import FloatArray

_RATE_HZ = 20.0
_AXES = ("A_x", "A_y", "A_z")
_POSITIONS = ("wrist", "pocket", "leg")
_NOTHING = frozenset({"", "null"})
_LINES_A_REPORT = 20_000
# Reading the text is nearly all of the work.
_READING_SHARE = 0.9


@dataclass(slots=True)
class _Session:
    """The samples of one person's visit, as they are read."""

    values: "array[float]" = field(default_factory=lambda: array("d"))
    workouts: list[str] = field(default_factory=list)

    def xyz(self) -> FloatArray:
        return np.frombuffer(self.values, dtype=np.float64).reshape(-1, 3)


def _claims(source: Source) -> bool:
    return bool(_lists(source))


def _lists(source: Source) -> list[str]:
    return [
        name
        for name, columns in tables(source, ".csv")
        if {*_AXES, "Workout", "Position"} <= set(columns)
    ]


def _read(source: Source, wish: Wish) -> Iterator[Imported]:
    names = _lists(source)
    if not names:
        raise ForeignFileError(
            f"{source.path} holds no table of RecGym ({source.glance()}): it has the columns "
            f"{', '.join(_AXES)}, Position and Workout."
        )
    for name in names:
        position = wish.sensor or _POSITIONS[0]
        sessions = _sessions(source, name, position, wish)
        where = source.where(name)
        if not sessions:
            raise ForeignFileError(f"{where} has no lines with Position {position}.")
        sphere = _sphere(sessions, where)
        for number, ((person, visit), session) in enumerate(sessions.items(), start=1):
            called = f"{where} (person {person}, session {visit})"
            made, remarks = _assembled(called, session.xyz(), sphere, wish)
            yield made.imported(
                f"person{person}_session{visit}_{position}",
                "recgym",
                segments=_segments(session),
                complete=True,
                subject=person,
                position=position,
                remarks=remarks,
            )
            share = number / len(sessions)
            wish.progress(_READING_SHARE + (1.0 - _READING_SHARE) * share)


def _sessions(
    source: Source, name: str, position: str, wish: Wish
) -> dict[tuple[str, str], _Session]:
    """Return the samples of one position, line by line, for the file is larger than it looks."""
    where = source.where(name)
    columns = names_in(source.head(name))
    person = "Subject" if "Subject" in columns else "Object"
    wanted = [person, "Session", "Position", *_AXES, "Workout"]
    if person not in columns:
        raise ForeignFileError(
            f"{where}: the column Subject is missing; found are: {shown(columns)}."
        )
    at = [columns.index(each) if each in columns else -1 for each in wanted]
    sessions: dict[tuple[str, str], _Session] = {}
    size = max(1, source.size(name))
    for number, (line, done) in enumerate(source.lines(name), start=1):
        if number % _LINES_A_REPORT == 0:
            wish.progress(_READING_SHARE * done / size)
        if number == 1 or not line.strip():
            continue
        fields = line.rstrip("\r\n").split(",")
        if len(fields) != len(columns):
            raise ForeignFileError(
                f"{where}, line {number}: {len(fields)} fields where the header names "
                f"{len(columns)}: download the file again."
            )
        if fields[at[2]].strip() == position:
            key = (fields[at[0]], fields[at[1]] if at[1] >= 0 else "1")
            session = sessions.setdefault(key, _Session())
            _append(session, [fields[place] for place in at[3:6]], f"{where}, line {number}")
            session.workouts.append(fields[at[6]].strip())
    return sessions


def _append(session: _Session, fields: list[str], where: str) -> None:
    try:
        session.values.extend([float(each) for each in fields])
    except ValueError as error:
        raise ForeignFileError(
            f"{where}: {','.join(fields)!r} are not three numbers: correct or delete the line."
        ) from error


def _sphere(sessions: dict[tuple[str, str], _Session], where: str) -> Sphere | None:
    """Return what brings squeezed numbers to g; None where they are not squeezed."""
    every = np.concatenate([session.xyz() for session in sessions.values()])
    if every.min() < 0.0 or every.max() > 1.0:
        return None
    sphere = fit_sphere(every, _RATE_HZ)
    if sphere is None:
        raise ForeignFileError(
            f"{where}: the acceleration is squeezed into 0 to 1 without a unit, and there is too "
            f"little rest in different directions to find it again: import the whole RecGym.csv."
        )
    return sphere


def _assembled(
    where: str, xyz: FloatArray, sphere: Sphere | None, wish: Wish
) -> tuple[Assembled, tuple[str, ...]]:
    remarks = ["times from the data set's 20 Hz", "angular rate left out: it has no unit"]
    if sphere is not None:
        xyz = sphere.in_g(xyz)
        remarks.append(
            f"published as 0 to 1 without a unit; brought to g by its rests (misfit "
            f"{sphere.misfit_g:.3f} g)"
        )
    signals = Signals(
        where=where,
        accel=Signal(t_s=np.arange(len(xyz)) / _RATE_HZ, xyz=xyz),
        unit=None if sphere is None else Unit.G,
    )
    return assemble(signals, wish), tuple(remarks)


def _segments(session: _Session) -> tuple[Segment, ...]:
    names = ["" if name.lower() in _NOTHING else name for name in session.workouts]
    return runs(names, (np.arange(len(names)) / _RATE_HZ).tolist())


FORMAT = Format(
    id="recgym",
    title="RecGym (data set): RecGym.csv",
    claims=_claims,
    read=_read,
    sensors=_POSITIONS,
)
