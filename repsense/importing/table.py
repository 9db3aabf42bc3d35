"""Text tables of other programs: any separator, decimal commas, units in the names."""

import csv
import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from repsense.errors import ForeignFileError
from repsense.importing.source import Source
from repsense.samples import FloatArray

_SEPARATORS = ";\t,|"
#: What programs write where there is no value.
EMPTY = frozenset({"", "null", "none", "nan", "na", "n/a", "#div/0!"})
_DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+(e[+-]?\d+)?", re.IGNORECASE)
_SEPARATOR_LINE = re.compile(r'"?sep=(.)"?', re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Table:
    """A table as text: the numbers are read when they are asked for.

    Parameters
    ----------
    file
        Its name in the source.
    where
        What messages call it.
    names
        The columns, without quotes and blanks around.
    rows
        The fields of each line.
    lines
        The line number of each row, from 1.
    """

    file: str
    where: str
    names: tuple[str, ...]
    rows: Sequence[Sequence[str]]
    lines: Sequence[int]

    def __len__(self) -> int:
        return len(self.rows)

    def find(self, pattern: str) -> str | None:
        """Return the first column whose whole name matches, however it is capitalised."""
        wanted = re.compile(pattern, re.IGNORECASE)
        return next((name for name in self.names if wanted.fullmatch(name)), None)

    def find_xyz(self, pattern: str) -> tuple[str, str, str] | None:
        """Return three columns by a pattern in which ``{a}`` stands for the axis, or None."""
        found = [self.find(pattern.replace("{a}", axis)) for axis in "xyz"]
        x, y, z = found
        return None if x is None or y is None or z is None else (x, y, z)

    def numbers(self, names: Sequence[str], *, holes: bool = False) -> FloatArray:
        """Return columns as numbers, shape (n, len(names)).

        Parameters
        ----------
        holes
            An empty field is NaN, and not a mistake.

        Raises
        ------
        ForeignFileError
            When a column is missing, or a field is no number: names line and column.
        """
        at = [self._position(name) for name in names]
        read: Callable[[str], float] = _float_with_comma if self._decimal_comma(at) else float
        try:
            table = np.array([[read(row[position]) for position in at] for row in self.rows])
        except (ValueError, IndexError):
            table = np.full((len(self.rows), len(at)), math.nan)
        if np.isfinite(table).all():
            return table
        # Something is missing or wrong: find out what and where.
        for number, row in enumerate(self.rows):
            for column, position in enumerate(at):
                table[number, column] = self._number(number, row, position, read, holes=holes)
        return table

    def texts(self, name: str) -> list[str]:
        """Return a column as text, without blanks around."""
        at = self._position(name)
        return [row[at].strip() if at < len(row) else "" for row in self.rows]

    def error(self, row: int, problem: str) -> ForeignFileError:
        """Return the error that names the line of a row."""
        return ForeignFileError(f"{self.where}, line {self.lines[row]}: {problem}")

    def _position(self, name: str) -> int:
        if name not in self.names:
            raise ForeignFileError(
                f"{self.where}: the column {name} is missing; found are: {shown(self.names)}. "
                f"Export it with that sensor, or choose another --format."
            )
        return self.names.index(name)

    def _decimal_comma(self, positions: Sequence[int]) -> bool:
        fields = (row[at].strip() for row in self.rows[:50] for at in positions if at < len(row))
        return any(_DECIMAL_COMMA.fullmatch(field) for field in fields)

    def _number(
        self,
        number: int,
        row: Sequence[str],
        position: int,
        read: Callable[[str], float],
        *,
        holes: bool,
    ) -> float:
        field = row[position].strip() if position < len(row) else ""
        if field.lower() in EMPTY:
            if holes:
                return math.nan
            raise self.error(
                number, f"{self.names[position]} is empty: complete the file, or delete the line."
            )
        try:
            return read(field)
        except ValueError:
            told = field if len(field) <= 40 else f"{field[:37]}..."
            raise self.error(
                number,
                f"{self.names[position]} is {told!r}, which is not a number: correct or delete "
                f"the line.",
            ) from None


def read_table(source: Source, name: str) -> Table:
    """Read a table whose first line names the columns.

    Raises
    ------
    ForeignFileError
        When there is no header, or nothing below it.
    """
    lines = source.text(name).split("\n")
    where = source.where(name)
    start, separator = _header(lines)
    if start is None:
        raise ForeignFileError(f"{where} is empty: export it again.")
    names = tuple(field.strip().strip('"').strip() for field in _split(lines[start], separator))
    rows, numbers = [], []
    reader = csv.reader(lines[start + 1 :], delimiter=separator)
    try:
        for row in reader:
            if any(field.strip() for field in row):
                rows.append(row)
                numbers.append(start + 1 + reader.line_num)
    except csv.Error as error:
        raise ForeignFileError(
            f"{where}, line {start + 1 + reader.line_num}: not a line of text ({error}): export "
            f"the file again."
        ) from error
    if not rows:
        raise ForeignFileError(
            f"{where} holds a header and no samples: the recording was stopped before it began, or "
            f"its export is not complete."
        )
    return Table(file=name, where=where, names=names, rows=_whole(rows, names), lines=numbers)


def names_in(head: str) -> tuple[str, ...]:
    """Return the column names that the beginning of a file shows, without reading more."""
    if "\0" in head:  # no text
        return ()
    lines = head.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    start, separator = _header(lines)
    if start is None:
        return ()
    return tuple(field.strip().strip('"').strip() for field in _split(lines[start], separator))


def shown(names: Sequence[str]) -> str:
    """Return columns for a message, the first ones of many."""
    most = 8
    more = f", and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(name or "(none)" for name in names[:most]) + more


def _header(lines: Sequence[str]) -> tuple[int | None, str]:
    """Return the line of the header and its separator; skips ``sep=;`` and comments."""
    told = None
    for number, line in enumerate(lines):
        stated = _SEPARATOR_LINE.fullmatch(line.strip())
        if stated:
            told = stated[1]
        elif line.strip() and not line.startswith("#"):
            return number, told or max(_SEPARATORS, key=line.count)
    return None, ","


def _split(line: str, separator: str) -> list[str]:
    return next(csv.reader([line], delimiter=separator))


def _whole(rows: list[list[str]], names: Sequence[str]) -> list[list[str]]:
    """Leave out a last line that is cut short, as a program that was stopped leaves it."""
    if len(rows) > 1 and len(rows[-1]) < len(names) <= len(rows[-2]):
        rows.pop()
    return rows


def _float_with_comma(field: str) -> float:
    return float(field.replace(",", "."))


def tables(source: Source, *endings: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield each text table of a source with the names of its columns."""
    for name in source.files:
        if name.lower().endswith(endings or (".csv", ".txt")):
            yield name, names_in(source.head(name))
