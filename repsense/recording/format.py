"""The recording file: CSV on the device's clock, specific force in g, read and written.

Layout::

    # key: value                                    any number of lines, or none
    t_s,ax_g,ay_g,az_g[,gx_dps,gy_dps,gz_dps]       the header
    0.000,0.0120,-0.0830,0.9960                     one line a sample

The name ends in ``.csv``, or in ``.csv.gz`` for the same text packed with gzip.
"""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from repsense.errors import RecordingError, SampleError
from repsense.recording.files import read_text, write_text
from repsense.recording.header import REQUIRED, header_line, read_header
from repsense.recording.plausible import check_table, oddities
from repsense.recording.rows import block_table, parse_rows, row_line, rows_text
from repsense.samples import FloatArray, SampleBlock, Worn

_ENDINGS = (".csv.gz", ".csv")

#: Key of the metadata that says how the sensor was worn.
WORN = "worn"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Recording:
    """One recorded session.

    Parameters
    ----------
    path
        Where it is, or will be.
    block
        All its samples.
    metadata
        What the ``# key: value`` lines say.
    warnings
        What is odd about the file although it can be used, one sentence each.
    """

    path: Path
    block: SampleBlock
    metadata: dict[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The file's name without folder and ending."""
        return recording_name(self.path)

    @property
    def worn(self) -> Worn | None:
        """How the sensor sat on the arm, None where the file does not say.

        Raises
        ------
        RecordingError
            When what it says cannot be.
        """
        text = self.metadata.get(WORN)
        try:
            return None if text is None else Worn.parse(text)
        except SampleError as error:
            raise RecordingError(f"{self.path}, the line '# {WORN}': {error}") from error

    @property
    def duration_s(self) -> float:
        """Time from the first to the last sample, in s."""
        return float(self.block.t_s[-1] - self.block.t_s[0])


def recording_name(path: Path) -> str:
    """Return the name of a recording: its file's, without folder and ending."""
    for ending in _ENDINGS:
        if path.name.lower().endswith(ending):
            return path.name[: -len(ending)]
    return path.name


def read_recording(path: str | Path) -> Recording:
    """Read a recording.

    1. Takes the metadata, and the columns by their names: any order, others ignored.
    2. Parses all numbers at once; only if that fails, line by line to find the culprit.
    3. Refuses what cannot be meant: time that does not increase, wrong units.

    A last line cut short by a crash is left out, with a warning.

    Raises
    ------
    RecordingError
        When the file cannot be read or breaks the format: it names the file,
        the line where there is one, and what to do.
    """
    path = Path(path)
    lines = read_text(path, RecordingError).split("\n")
    header = read_header(lines, str(path))
    table, cut_short = parse_rows(lines, header, str(path))
    check_table(table, str(path), line_of=lambda row: row_line(lines, header, row))
    block = _block(table)
    warnings = oddities(block)
    if cut_short:
        warnings = (f"The last line is cut short and left out: {cut_short!r}.", *warnings)
    return Recording(path=path, block=block, metadata=header.metadata, warnings=warnings)


def write_recording(path: str | Path, recording: Recording) -> None:
    """Write a recording so that :func:`read_recording` gives it back.

    Times are kept to 10 us, specific force to 1e-5 g, angular rate to 1e-3
    deg/s: finer than any sensor's noise. The recording's own ``path`` and
    ``warnings`` are not written.

    Raises
    ------
    RecordingError
        When the file cannot be written, the samples could not be read again, or
        a metadata entry does not fit on a ``# key: value`` line.
    """
    path = Path(path)
    if not len(recording.block):
        raise RecordingError(f"{path} is not written: the recording holds no samples.")
    table = block_table(recording.block)
    check_table(table, str(path))
    top = header_line(recording.metadata, gyro=recording.block.gyro_dps is not None)
    write_text(path, top + rows_text(table), RecordingError)


def _block(table: FloatArray) -> SampleBlock:
    """Return the block of a table with the columns in the order of the format."""
    has_gyro = table.shape[1] > len(REQUIRED)
    return SampleBlock(
        t_s=np.ascontiguousarray(table[:, 0]),
        accel_g=np.ascontiguousarray(table[:, 1:4]),
        gyro_dps=np.ascontiguousarray(table[:, 4:7]) if has_gyro else None,
    )
