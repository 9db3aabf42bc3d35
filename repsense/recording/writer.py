"""A recording written while it happens: what was appended survives the end of the program."""

from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self, TextIO

import numpy as np

from repsense.errors import RecordingError
from repsense.recording.files import is_gzip_name, unwritable
from repsense.recording.header import header_line
from repsense.recording.plausible import check_finite
from repsense.recording.rows import block_table, rows_text
from repsense.samples import SampleBlock


class RecordingWriter:
    """Append blocks to a new recording; a context manager.

    Every block is handed to the operating system before :meth:`append` returns:
    a killed program loses nothing, a power cut at most the newest seconds, and
    :func:`~repsense.recording.format.read_recording` leaves out a last line that
    is cut short. Plain CSV only, because gzip cannot be read without its end.

    Parameters
    ----------
    path
        The file to make, ending in ``.csv``. An existing one is never overwritten.
    metadata
        For the ``# key: value`` lines.

    Raises
    ------
    RecordingError
        When the file exists, cannot be made, or is to be packed.
    """

    def __init__(self, path: str | Path, *, metadata: Mapping[str, str] | None = None) -> None:
        self.path = Path(path)
        self.samples = 0
        self._metadata = dict(metadata or {})
        self._has_gyro: bool | None = None
        self._newest_s = -np.inf
        if is_gzip_name(self.path):
            raise RecordingError(
                f"{self.path}: a running recording is plain CSV, so that it survives a crash: end "
                f"the name in .csv and pack the file with gzip afterwards."
            )
        header_line(self._metadata, gyro=False)
        self._file = self._open()

    def append(self, block: SampleBlock) -> None:
        """Write a block behind the ones before.

        Samples closer together than the file's 10 us are not told apart: the
        later one is left out.

        Raises
        ------
        RecordingError
            When time does not go on from the block before, a number is not
            finite, angular rate appears or vanishes, or the disk refuses.
        """
        if not len(block):
            return
        has_gyro = block.gyro_dps is not None
        if self._has_gyro not in {None, has_gyro}:
            raise RecordingError(
                f"{self.path}: the sensor {'now sends' if has_gyro else 'no longer sends'} angular "
                f"rate, and one file has the same columns throughout: begin a new recording."
            )
        table = block_table(block)
        if table[0, 0] < self._newest_s:
            raise RecordingError(
                f"{self.path}: time runs backwards from {self._newest_s:g} s to {table[0, 0]:g} s: "
                f"the sensor's clock has restarted; begin a new recording."
            )
        check_finite(table, str(self.path))
        newest_s = float(table[-1, 0])
        table = table[np.diff(table[:, 0], prepend=self._newest_s) > 0]
        top = "" if self._has_gyro is not None else header_line(self._metadata, gyro=has_gyro)
        self._write(top + rows_text(table))
        self._has_gyro = has_gyro
        self._newest_s = newest_s
        self.samples += len(table)

    def close(self) -> None:
        """Close the file; more than once does no harm."""
        try:
            self._file.close()
        except OSError as error:
            raise unwritable(self.path, error, RecordingError) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _open(self) -> TextIO:
        try:
            return self.path.open("x", encoding="utf-8", newline="\n")
        except OSError as error:
            raise unwritable(self.path, error, RecordingError) from error

    def _write(self, text: str) -> None:
        try:
            self._file.write(text)
            self._file.flush()
        except OSError as error:
            raise unwritable(self.path, error, RecordingError) from error
