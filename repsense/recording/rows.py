"""The samples of a recording: lines of numbers, parsed all at once, written all at once."""

import re
from collections.abc import Iterator, Sequence

import numpy as np

from repsense.errors import RecordingError
from repsense.recording.header import NUMBER, Header
from repsense.samples import FloatArray, SampleBlock

TIME_DECIMALS = 5
_ACCEL_DECIMALS = 5
_GYRO_DECIMALS = 3
_ROWS_A_PIECE = 10_000

# What a writer that was stopped inside a number leaves of it: "-", "0.", "1.2e-", or nothing.
_NUMBER_BEGUN = re.compile(r"\s*[+-]?\d*\.?\d*([eE][+-]?\d*)?")
_NOT_FINITE = re.compile(r"[+-]?(nan|inf|infinity)", re.IGNORECASE)


def parse_rows(lines: Sequence[str], header: Header, name: str) -> tuple[FloatArray, str]:
    """Return the numbers below the header, and the last line where it is cut short.

    Parameters
    ----------
    lines
        The whole file, without line ends. The last one is empty where the file
        ends with a line end, as a complete file does.
    name
        What messages call the file.

    Returns
    -------
    table
        Shape (n, 4) or (n, 7): the columns in the order of the format.
    cut_short
        The part of a line that a stopped writer has left, else empty.

    Raises
    ------
    RecordingError
        When there are no samples, or a line is not as many numbers as there are columns.
    """
    rows = lines[header.line :]
    cut_short = _cut_short(rows, header)
    if cut_short:
        rows = rows[:-1]
    if not any(row.strip() for row in rows):
        raise RecordingError(
            f"{name} holds a header and no samples: the recording was stopped before the sensor "
            f"sent any, or its copy is not complete."
        )
    in_order = header.wanted == tuple(range(len(header.names)))
    if not in_order and any(row.count(",") != len(header.names) - 1 for row in rows if row.strip()):
        raise _culprit(rows, header, name, "the lines differ in length")
    try:
        table = np.loadtxt(
            rows,
            delimiter=",",
            comments=None,
            ndmin=2,
            usecols=None if in_order else header.wanted,
        )
    except ValueError as error:
        raise _culprit(rows, header, name, str(error)) from error
    if table.shape[1] != len(header.wanted):
        raise _culprit(rows, header, name, "the lines do not fit the header")
    return table, cut_short


def row_line(lines: Sequence[str], header: Header, row: int) -> int:
    """Return the line number, from 1, of sample number ``row``, from 0: blank lines hold none."""
    filled = [number for number, _ in _filled(lines[header.line :], header)]
    return filled[row]


def block_table(block: SampleBlock) -> FloatArray:
    """Return the numbers of a block as a file keeps them, shape (n, 4) or (n, 7)."""
    parts = [
        np.round(block.t_s[:, None], TIME_DECIMALS),
        np.round(block.accel_g, _ACCEL_DECIMALS),
    ]
    if block.gyro_dps is not None:
        parts.append(np.round(block.gyro_dps, _GYRO_DECIMALS))
    # Adding 0 turns -0.0 into 0.0: nobody wants to read "-0.00000".
    return np.hstack(parts) + 0.0


def rows_text(table: FloatArray) -> str:
    """Return the lines of a file for a table from :func:`block_table`."""
    decimals = [TIME_DECIMALS] + [_ACCEL_DECIMALS] * 3 + [_GYRO_DECIMALS] * (table.shape[1] - 4)
    line = ",".join(f"%.{places}f" for places in decimals) + "\n"
    pieces = (table[at : at + _ROWS_A_PIECE] for at in range(0, len(table), _ROWS_A_PIECE))
    return "".join(line * len(piece) % tuple(piece.ravel().tolist()) for piece in pieces)


def _cut_short(rows: Sequence[str], header: Header) -> str:
    """Return the last line if a writer was stopped inside it; a power cut may add zero bytes."""
    last = rows[-1] if rows else ""
    *whole, begun = last.rstrip("\0").split(",")
    fields = len(whole) + 1
    complete = fields == len(header.names) and NUMBER.fullmatch(begun.strip()) and last[-1] != "\0"
    if not last or complete or fields > len(header.names):
        return ""
    # Only numbers, or a begun one, can be what is left of a good line.
    if all(NUMBER.fullmatch(part.strip()) for part in whole) and _NUMBER_BEGUN.fullmatch(begun):
        return last
    return ""


def _filled(rows: Sequence[str], header: Header) -> Iterator[tuple[int, str]]:
    return ((number, row) for number, row in enumerate(rows, start=header.line + 1) if row.strip())


def _culprit(rows: Sequence[str], header: Header, name: str, reason: str) -> RecordingError:
    """Look line by line for what stopped the fast parser, and return the error for it."""
    for number, row in _filled(rows, header):
        parts = [part.strip() for part in row.split(",")]
        where = f"{name}, line {number}"
        if len(parts) != len(header.names):
            return RecordingError(_wrong_length(where, parts, header))
        for position in header.wanted:
            part = parts[position]
            if not (NUMBER.fullmatch(part) or _NOT_FINITE.fullmatch(part)):
                return RecordingError(_no_number(where, header.names[position], part))
    return RecordingError(f"{name} cannot be read as numbers ({reason}): check it in an editor.")


def _wrong_length(where: str, parts: Sequence[str], header: Header) -> str:
    found, wanted = len(parts), len(header.names)
    told = f"{where}: {found} field{'s' * (found != 1)} where the header names {wanted}"
    if found == 2 * wanted:
        return f"{told}: were decimal commas used? Write numbers with a point."
    return f"{told}: the line is damaged; correct or delete it."


def _no_number(where: str, column: str, part: str) -> str:
    if not part:
        return f"{where}: {column} is empty: fill it in, or delete the line."
    shown = part if len(part) <= 40 else f"{part[:37]}..."
    return f"{where}: {column} is {shown!r}, which is not a number: correct or delete the line."
