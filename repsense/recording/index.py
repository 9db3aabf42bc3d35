"""Lists of recordings with their true counts: ``INDEX.csv``, and what corrects and adds to it.

An index has at least the columns ``file`` (relative to the index) and
``reps_true``. The other columns of :class:`IndexRow` are used where they exist,
all others are ignored.
"""

import csv
import difflib
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from repsense.errors import LabelsError
from repsense.recording.files import read_text

_INDEX_COLUMNS = ("file", "reps_true")
_REP_COLUMNS = ("file", "start_s", "end_s")
_CORRECTION_COLUMNS = ("file", "reps_stated", "reps_seen")


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexRow:
    """One recording of an index.

    Parameters
    ----------
    file
        As the index says it, with ``/``.
    path
        Where it is.
    reps_true
        True number of reps; 0 where there is nothing to count, None where the
        index leaves it blank because nobody knows.
    dataset, exercise, subject, form
        Where it comes from and what it shows; empty where the index does not say.
    label_check
        How far the label is trusted (``agree``, ``near``, ``differs``, ``suspect``), or empty.
    active_start_s, active_end_s
        The part of the recording in which the reps are, where known.
    """

    file: str
    path: Path
    reps_true: int | None
    dataset: str = ""
    exercise: str = ""
    subject: str = ""
    form: str = ""
    label_check: str = ""
    active_start_s: float | None = None
    active_end_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """A stated count that is visibly wrong, with the one that was seen."""

    file: str
    reps_stated: int
    reps_seen: int
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RepTime:
    """When one rep of a recording began and ended, s, and with which form."""

    start_s: float
    end_s: float
    form: str = ""


def read_index(path: str | Path) -> tuple[IndexRow, ...]:
    """Read an index; whether its recordings exist is not looked at.

    Raises
    ------
    LabelsError
        When it cannot be read, lists nothing, a column is missing, or a value
        is not a number: names the file, the line and the column.
    """
    path = Path(path)
    rows = tuple(_index_row(cells, path) for cells in _lines(path, _INDEX_COLUMNS))
    if not rows:
        raise LabelsError(f"{path} lists no recordings: add a line for each below the header.")
    return rows


def read_corrections(path: str | Path) -> dict[str, Correction]:
    """Read a list of corrections, by the ``file`` that the index says.

    Raises
    ------
    LabelsError
        As :func:`read_index`.
    """
    corrections = (
        Correction(
            file=_file(cells),
            reps_stated=cells.count("reps_stated"),
            reps_seen=cells.count("reps_seen"),
            why=cells.text("why"),
        )
        for cells in _lines(Path(path), _CORRECTION_COLUMNS)
    )
    return {correction.file: correction for correction in corrections}


def read_rep_times(path: str | Path) -> dict[str, list[RepTime]]:
    """Read a list of reps, by the ``file`` that the index says, in order of time.

    The columns are ``file``, ``start_s`` and ``end_s``, and ``form`` and ``source`` where they
    exist. Where several sources tell of one file, the first is taken.

    Raises
    ------
    LabelsError
        As :func:`read_index`; and where a rep ends before it starts, or two overlap.
    """
    times: dict[str, list[RepTime]] = {}
    sources: dict[str, str] = {}
    for cells in _lines(Path(path), _REP_COLUMNS):
        file, source = _file(cells), cells.text("source")
        if sources.setdefault(file, source) == source:
            times.setdefault(file, []).append(_rep_time(cells))
    for file, reps in times.items():
        reps.sort(key=lambda rep: rep.start_s)
        for one, other in pairwise(reps):
            if other.start_s < one.end_s:
                raise LabelsError(
                    f"{path}: the reps of {file} overlap at {other.start_s:g} s: let each begin "
                    f"where the one before has ended, or later."
                )
    return times


def _rep_time(cells: "_Cells") -> RepTime:
    start_s, end_s = cells.seconds("start_s"), cells.seconds("end_s")
    if start_s is None or end_s is None or start_s > end_s:
        raise LabelsError(
            f"{cells.where}: a rep needs start_s and, not before it, end_s; here they are "
            f"{cells.text('start_s')!r} and {cells.text('end_s')!r}."
        )
    return RepTime(start_s=start_s, end_s=end_s, form=cells.text("form"))


def _index_row(cells: "_Cells", index: Path) -> IndexRow:
    file = _file(cells)
    start_s, end_s = cells.seconds("active_start_s"), cells.seconds("active_end_s")
    if start_s is not None and end_s is not None and start_s > end_s:
        raise LabelsError(
            f"{cells.where}: active_start_s is {start_s:g}, after active_end_s {end_s:g}."
        )
    return IndexRow(
        file=file,
        path=index.parent / file,
        reps_true=cells.count("reps_true") if cells.text("reps_true") else None,
        dataset=cells.text("dataset"),
        exercise=cells.text("exercise"),
        subject=cells.text("subject"),
        form=cells.text("form"),
        label_check=cells.text("label_check"),
        active_start_s=start_s,
        active_end_s=end_s,
    )


def _file(cells: "_Cells") -> str:
    file = cells.text("file").replace("\\", "/")
    if not file:
        raise LabelsError(f"{cells.where}: the column file is empty: name a recording.")
    return file


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cells:
    """One line of a table, by column."""

    values: Mapping[str, str]
    where: str

    def text(self, column: str) -> str:
        return self.values.get(column, "")

    def count(self, column: str) -> int:
        """Return a number of reps; ``12.0`` is 12, as spreadsheets and pandas write it."""
        text = self.text(column)
        try:
            number = float(text)
        except ValueError:
            number = math.nan
        if not (0 <= number < math.inf and number.is_integer()):
            raise LabelsError(
                f"{self.where}: {column} is {text!r}, but must be a whole number of reps from 0."
            )
        return int(number)

    def seconds(self, column: str) -> float | None:
        text = self.text(column)
        if not text:
            return None
        try:
            number = float(text)
        except ValueError:
            number = math.nan
        if not math.isfinite(number):
            raise LabelsError(
                f"{self.where}: {column} is {text!r}, but must be a time in s, or empty."
            )
        return number


def _lines(path: Path, required: Sequence[str]) -> Iterator[_Cells]:
    """Yield the lines of a table that are not blank."""
    reader = csv.reader(read_text(path, LabelsError).splitlines(keepends=True), strict=True)
    try:
        names = [name.strip() for name in next(reader, [])]
        _check_columns(path, names, required)
        for fields in reader:
            where = f"{path}, line {reader.line_num}"
            if not any(field.strip() for field in fields):
                continue
            if len(fields) != len(names):
                raise LabelsError(
                    f"{where}: {len(fields)} fields where the header names {len(names)}: put "
                    f"texts with commas between double quotes."
                )
            values = {name: field.strip() for name, field in zip(names, fields, strict=True)}
            yield _Cells(values=values, where=where)
    except csv.Error as error:
        raise LabelsError(
            f"{path}, line {reader.line_num}: not a CSV line ({error}): check the double quotes."
        ) from error


def _check_columns(path: Path, names: Sequence[str], required: Sequence[str]) -> None:
    if not names:
        raise LabelsError(f"{path} is empty: begin it with the header '{','.join(required)}'.")
    for column in required:
        if column not in names:
            near = difflib.get_close_matches(column, names, n=1)
            hint = f"Is '{near[0]}' meant? Rename it." if near else "Add it."
            raise LabelsError(
                f"{path}, line 1: the column {column} is missing; found are: "
                f"{', '.join(names)}. {hint}"
            )
