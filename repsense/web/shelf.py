"""The recordings that the pages may open: those in the folders named, and no other file."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from repsense.errors import RecordingError
from repsense.recording.format import Recording, read_recording, recording_name
from repsense.recording.labels import labels_path
from repsense.sinks.history import StoredSet

_PATTERNS = ("*.csv", "*.csv.gz")
# How far a set's place in a recording may be off: the recorder's first block comes before its name.
_SLACK_S = 5.0
# A recording that is played faster than it was made stores times that the wall never showed.
_CLOCK_SLACK_S = 900.0
_DAY_S = 86_400.0
_MOMENT_SIGNS = 15


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

    The recorder names a file after the wearer and the moment; that the set is in it, the
    times of its reps say. Of several that fit, the one whose moment fits best is taken.
    """
    if not stored.rep_details:
        return None
    fitting = (
        (off_s, recording)
        for shelved in recordings_in(folders)
        if (begun := _begun(shelved, stored)) is not None
        and (recording := _read(shelved)) is not None
        and (off_s := _off_s(recording, begun, stored)) is not None
    )
    nearest = min(fitting, key=lambda one: one[0], default=None)
    return None if nearest is None else nearest[1]


def _begun(shelved: Shelved, stored: StoredSet) -> datetime | None:
    """Return when a recording began, by its name; None where it is not of that wearer and day."""
    stem, _, moment = shelved.name.partition(f"{stored.wearer}-")
    try:
        begun = datetime.strptime(moment[:_MOMENT_SIGNS], "%Y%m%d-%H%M%S").astimezone()
    except ValueError:
        return None
    before_s = (stored.started_at - begun).total_seconds()
    return begun if not stem and -_CLOCK_SLACK_S <= before_s <= _DAY_S else None


def _read(shelved: Shelved) -> Recording | None:
    try:
        return read_recording(shelved.path)
    except RecordingError:
        return None  # another one may have it


def _off_s(recording: Recording, begun: datetime, stored: StoredSet) -> float | None:
    """Return how far the wall clock and the sensor's disagree about the set, s; None if too far."""
    first_s, last_s = stored.rep_details[0].start_s, stored.rep_details[-1].end_s
    t_s = recording.block.t_s
    if first_s < t_s[0] - _SLACK_S or last_s > t_s[-1] + _SLACK_S:
        return None
    by_sensor_s = first_s - float(t_s[0])
    off_s = abs((stored.started_at - begun).total_seconds() - by_sensor_s)
    return off_s if off_s <= _CLOCK_SLACK_S else None
