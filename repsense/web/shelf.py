"""The recordings that the pages may open: those in the folders named, and no other file."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from repsense.errors import RecordingError
from repsense.recording.format import Recording, read_recording, recording_name
from repsense.recording.labels import labels_path
from repsense.sinks.history import StoredSet

_PATTERNS = ("*.csv", "*.csv.gz")
# How far a set's place in a recording may be off: the recorder's first block comes before its name.
_SLACK_S = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelved:
    """One recording on the shelf.

    Parameters
    ----------
    key
        What addresses call it: number of its folder and name of its file.
    path
        Where it is.
    """

    key: str
    path: Path

    @property
    def name(self) -> str:
        """The file's name without folder and ending."""
        return recording_name(self.path)

    @property
    def labels(self) -> Path:
        """Where its labels are, or will be."""
        return labels_path(self.path)


def recordings_in(folders: Iterable[Path]) -> tuple[Shelved, ...]:
    """Return all recordings, in order of folder and name; a folder that is missing has none."""
    return tuple(_each(folders))


def _each(folders: Iterable[Path]) -> Iterator[Shelved]:
    for number, folder in enumerate(folders):
        found = {path for pattern in _PATTERNS for path in folder.glob(pattern)}
        for path in sorted(found):
            if path.name != "index.csv":
                yield Shelved(key=f"{number}/{path.name}", path=path)


def find_recording(folders: Iterable[Path], key: str) -> Shelved:
    """Return the recording with this key.

    Raises
    ------
    RecordingError
        When there is none; a key is looked up and never made into a path.
    """
    for shelved in _each(folders):
        if shelved.key == key:
            return shelved
    raise RecordingError(
        f"There is no recording {key!r} on the shelf any more: it may have been moved or renamed. "
        f"Choose another one from the list."
    )


def recording_of(folders: Iterable[Path], stored: StoredSet) -> Recording | None:
    """Return the recording that a stored set was counted in, or None where none was kept.

    The recorder names a file after the wearer; that the set is in it, the times of
    its reps say.
    """
    if not stored.rep_details:
        return None
    first_s, last_s = stored.rep_details[0].start_s, stored.rep_details[-1].end_s
    begun = stored.started_at.astimezone()
    for shelved in reversed(recordings_in(folders)):
        stem, _, day = shelved.name.partition(f"{stored.wearer}-")
        if stem or day[:15] > f"{begun:%Y%m%d-%H%M%S}":
            continue
        try:
            recording = read_recording(shelved.path)
        except RecordingError:
            continue  # another one may have it
        t_s = recording.block.t_s
        if t_s[0] - _SLACK_S <= first_s and last_s <= t_s[-1] + _SLACK_S:
            return recording
    return None
