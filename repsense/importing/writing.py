"""Imported recordings onto the disk: all of an import, or nothing of it."""

import csv
import io
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from repsense.errors import ForeignFileError
from repsense.importing.base import Imported
from repsense.importing.truth import labels_of
from repsense.recording.files import read_text, unwritable, write_text
from repsense.recording.format import Recording, write_recording
from repsense.recording.labels import labels_path, write_labels
from repsense.recording.truth import Labels

INDEX_FILE = "index.csv"
_COLUMNS = (
    "file",
    "dataset",
    "subject",
    "exercise",
    "reps_true",
    "sample_rate_hz",
    "sensor_position",
    "duration_s",
    "notes",
)
_SEGMENT_COLUMNS = ("start_s", "end_s", "name", "reps")


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A recording that was written.

    Parameters
    ----------
    file, labels_file, segments_file
        Names in the folder; None where there is no such file.
    reps_true
        True number of reps; None where nobody knows.
    """

    imported: Imported
    file: str
    labels_file: str | None
    segments_file: str | None
    labels: Labels | None
    reps_true: int | None


class Collection:
    """A folder that imports are gathered for; a context manager.

    Everything is written beside its place first and moved there at the end, so an
    import that fails leaves nothing behind.

    Parameters
    ----------
    folder
        Where the recordings go; made if needed.
    overwrite
        Recordings of the same name give way.

    Raises
    ------
    ForeignFileError
        When a recording of that name is there already, or nothing can be written.
    """

    def __init__(self, folder: Path, *, overwrite: bool = False) -> None:
        self.folder = folder
        self.written: list[Written] = []
        self._overwrite = overwrite
        self._made: list[Path] = []
        self._staging = folder

    def __enter__(self) -> Self:
        missing = [self.folder, *self.folder.parents]
        self._made = [path for path in missing if not path.exists()]
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._staging = Path(tempfile.mkdtemp(prefix=".importing-", dir=self.folder))
        except OSError as error:
            raise unwritable(self.folder, error, ForeignFileError) from error
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        shutil.rmtree(self._staging, ignore_errors=True)
        if kind is not None:
            for path in self._made:
                if path.is_dir() and not any(path.iterdir()):
                    path.rmdir()

    def add(self, imported: Imported, metadata: dict[str, str]) -> Written:
        """Write one recording, its labels or segments, to where nobody sees them yet."""
        name = self._free_name(imported.name)
        file = f"{name}.csv.gz"
        path = self._staging / file
        write_recording(path, Recording(path=path, block=imported.block, metadata=metadata))
        labels = labels_of(imported)
        labels_file = segments_file = None
        if labels is not None:
            labels_file = labels_path(file).name
            write_labels(self._staging / labels_file, labels)
        elif imported.segments:
            segments_file = f"{name}.segments.csv"
            write_text(self._staging / segments_file, _segments_text(imported), ForeignFileError)
        reps_true = imported.reps_true if labels is None else labels.reps
        made = Written(
            imported=imported,
            file=file,
            labels_file=labels_file,
            segments_file=segments_file,
            labels=labels,
            reps_true=reps_true,
        )
        self.written.append(made)
        return made

    def commit(self) -> Path:
        """Move all to its place and add it to the index; returns the index."""
        index = self.folder / INDEX_FILE
        write_text(self._staging / INDEX_FILE, _index_text(index, self.written), ForeignFileError)
        ready = sorted(self._staging.iterdir(), key=lambda path: path.name == INDEX_FILE)
        try:
            for path in ready:  # the index last, so that it never names what is not there
                path.replace(self.folder / path.name)
        except OSError as error:
            raise unwritable(self.folder, error, ForeignFileError) from error
        return index

    def _free_name(self, wanted: str) -> str:
        """Return a name for the disk that no other recording of this import has."""
        base = "".join(sign if sign.isalnum() or sign in "-_." else "_" for sign in wanted)
        base = base.strip("._") or "recording"
        taken = {made.file for made in self.written}
        name, number = base, 1
        while f"{name}.csv.gz" in taken:
            number += 1
            name = f"{base}_{number}"
        for ending in (".csv", ".csv.gz"):
            there = self.folder / f"{name}{ending}"
            if there.exists() and not self._overwrite:
                raise ForeignFileError(
                    f"{there} exists already: import into another folder, or let it be replaced "
                    f"with --overwrite."
                )
        return name


def _segments_text(imported: Imported) -> str:
    text = io.StringIO()
    lines = csv.writer(text, lineterminator="\n")
    lines.writerow(_SEGMENT_COLUMNS)
    for each in imported.segments:
        reps = "" if each.reps is None else each.reps
        lines.writerow((f"{each.start_s:.3f}", f"{each.end_s:.3f}", each.name, reps))
    return text.getvalue()


def _index_text(index: Path, written: list[Written]) -> str:
    """Return the index with the new recordings; what it had of others stays as it is."""
    columns, rows = _index_so_far(index)
    columns += [column for column in _COLUMNS if column not in columns]
    replaced = {made.file for made in written}
    kept = [row for row in rows if row["file"] not in replaced]
    text = io.StringIO()
    table = csv.DictWriter(text, columns, restval="", lineterminator="\n")
    table.writeheader()
    table.writerows([*kept, *(_index_row(made) for made in written)])
    return text.getvalue()


def _index_so_far(index: Path) -> tuple[list[str], list[dict[str, str]]]:
    if not index.exists():
        return [], []
    lines = csv.DictReader(read_text(index, ForeignFileError).splitlines(), restkey="", restval="")
    columns = list(lines.fieldnames or ())
    if "file" not in columns:
        raise ForeignFileError(
            f"{index} has no column 'file', so it is no index of recordings: import into another "
            f"folder."
        )
    return columns, [{name: row[name] for name in columns} for row in lines]


def _index_row(made: Written) -> dict[str, str]:
    imported = made.imported
    return {
        "file": made.file,
        "dataset": imported.dataset,
        "subject": imported.subject,
        "exercise": imported.exercise,
        "reps_true": "" if made.reps_true is None else str(made.reps_true),
        "sample_rate_hz": f"{imported.block.median_rate_hz():.1f}",
        "sensor_position": imported.position,
        "duration_s": f"{float(imported.block.t_s[-1]):.2f}",
        "notes": "; ".join((str(imported.scale), *imported.remarks)),
    }
