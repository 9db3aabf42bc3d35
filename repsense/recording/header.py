"""The top of a recording: ``# key: value`` lines and the names of the columns."""

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from repsense.errors import RecordingError

TIME_COLUMN = "t_s"
ACCEL_COLUMNS = ("ax_g", "ay_g", "az_g")
GYRO_COLUMNS = ("gx_dps", "gy_dps", "gz_dps")
REQUIRED = (TIME_COLUMN, *ACCEL_COLUMNS)

#: A number as the format writes it: no text, no hexadecimal, no underscores.
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")

_OTHER_DELIMITERS = {";": "semicolons", "\t": "tabs"}
# Endings that tell another unit, and what turns it into ours.
_CONVERSIONS = {
    "_ms": "times in ms must be divided by 1000",
    "_mps2": "m/s² must be divided by 9.80665 to give g",
    "_ms2": "m/s² must be divided by 9.80665 to give g",
    "_mg": "mg must be divided by 1000 to give g",
    "_rads": "rad/s must be multiplied by 57.29578 to give deg/s",
    "_radps": "rad/s must be multiplied by 57.29578 to give deg/s",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What the top of a file says.

    Parameters
    ----------
    metadata
        The ``# key: value`` lines.
    names
        All columns of the file, in its order.
    line
        Line number of the header, from 1: samples begin on the next one.
    """

    metadata: dict[str, str]
    names: tuple[str, ...]
    line: int

    @property
    def wanted(self) -> tuple[int, ...]:
        """Positions, from 0, of the format's columns in the order of the format."""
        columns = REQUIRED + (GYRO_COLUMNS if GYRO_COLUMNS[0] in self.names else ())
        return tuple(self.names.index(column) for column in columns)


def read_header(lines: Sequence[str], name: str) -> Header:
    """Return what the top of the file called ``name`` says.

    Raises
    ------
    RecordingError
        When there is no header or a column is missing, with the nearest name.
    """
    metadata: dict[str, str] = {}
    for number, line in enumerate(lines, start=1):
        text = line.strip()
        if text.startswith("#"):
            key, colon, value = text[1:].partition(":")
            if colon:
                metadata[key.strip()] = value.strip()
        elif text:
            names = tuple(part.strip().strip('"') for part in text.split(","))
            _check_names(names, text, f"{name}, line {number}")
            return Header(metadata=metadata, names=names, line=number)
    if metadata:
        raise RecordingError(
            f"{name} holds comments and no samples: the recording was stopped before it began, or "
            f"its copy is not complete."
        )
    raise RecordingError(
        f"{name} is empty: the recording was stopped before it began, or its copy failed."
    )


def header_line(metadata: Mapping[str, str], *, gyro: bool) -> str:
    """Return the top of a file as text, its last line end included.

    Raises
    ------
    RecordingError
        When a key or value would read back as something else.
    """
    comments = []
    for key, value in metadata.items():
        line = f"# {key}: {value}"
        broken = len(line.splitlines()) != 1 or ":" in key or not key
        if broken or key != key.strip() or value != value.strip():
            raise RecordingError(
                f"Metadata {key!r}: {value!r} cannot be written as a line '# key: value': use one "
                f"line, no colon in the key, and no blanks around either."
            )
        comments.append(f"{line}\n")
    columns = REQUIRED + (GYRO_COLUMNS if gyro else ())
    return f"{''.join(comments)}{','.join(columns)}\n"


def _check_names(names: tuple[str, ...], text: str, where: str) -> None:
    for delimiter, called in _OTHER_DELIMITERS.items():
        if delimiter in text and len(names) == 1:
            raise RecordingError(
                f"{where}: the columns are separated by {called}: export the file again with "
                f"commas between the columns and points in the numbers."
            )
    if all(NUMBER.fullmatch(part) for part in names):
        raise RecordingError(
            f"{where}: numbers stand where the names of the columns must be: begin the file with "
            f"the line '{','.join(REQUIRED)}' (or the names in the order the file has)."
        )
    doubled = sorted({part for part in names if names.count(part) > 1 and part in _known(names)})
    if doubled:
        raise RecordingError(
            f"{where}: the column {doubled[0]} stands twice: remove or rename one."
        )
    for column in _known(names):
        if column not in names:
            raise RecordingError(_missing(column, names, where))


def _known(names: Sequence[str]) -> tuple[str, ...]:
    """Return the columns a file must have: one axis of angular rate calls for all three."""
    has_gyro = any(column in names for column in GYRO_COLUMNS)
    return REQUIRED + (GYRO_COLUMNS if has_gyro else ())


def _missing(column: str, names: Sequence[str], where: str) -> str:
    others = [name for name in names if name and name not in REQUIRED + GYRO_COLUMNS]
    near = _nearest(column, others)
    found = f"found are: {', '.join(names)}"
    if near is None:
        return f"{where}: the column {column} is missing; {found}. Add it, or rename the right one."
    advice = next(
        (f" ({how})" for ending, how in _CONVERSIONS.items() if near.lower().endswith(ending)), ""
    )
    return (
        f"{where}: the column {column} is missing; {found}. If {near} is meant, rename it to "
        f"{column}{advice}."
    )


def _nearest(column: str, others: Sequence[str]) -> str | None:
    """Return the name most likely meant: alike in letters, or in what stands before the unit."""
    lowered = {name.lower(): name for name in others}
    close = difflib.get_close_matches(column, lowered, n=1, cutoff=0.6)
    if close:
        return lowered[close[0]]
    stem = column.partition("_")[0]
    words = ("time", "timestamp", "seconds") if column == TIME_COLUMN else (stem,)
    for low, name in lowered.items():
        if low.startswith(words) or low.partition("_")[0] == stem:
            return name
    axis = stem[-1]
    kinds = ("gyr", "rot", "ang") if column in GYRO_COLUMNS else ("acc",)
    return next(
        (name for low, name in lowered.items() if low.startswith(kinds) and axis in low[3:]), None
    )
