"""What is known of a recording, from wherever somebody has written it down."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path

from repsense.recording.index import IndexRow, RepTime
from repsense.recording.labels import labels_path, read_labels
from repsense.recording.truth import LabelledRep, LabelledSet


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """The sets of one recording.

    Parameters
    ----------
    reps
        How many there are.
    sets
        When they were; empty where nobody has said, and where there are none.
    reps_seen
        Their number after a correction; the stated one where there is none.
    """

    reps: int
    reps_seen: int
    sets: tuple[LabelledSet, ...] = ()

    @property
    def timed(self) -> bool:
        """Whether it is known when there was nothing to count."""
        return bool(self.sets) or self.reps == 0

    @property
    def rep_times(self) -> tuple[LabelledRep, ...]:
        """Every rep, where all of them are known; else none."""
        known = tuple(rep for one in self.sets for rep in one.reps)
        return known if len(known) == sum(one.count for one in self.sets) else ()


def truth_of(
    row: IndexRow,
    *,
    reps_seen: int | None = None,
    rep_times: Mapping[str, Sequence[RepTime]] | None = None,
) -> Truth:
    """Return what is known of a recording of an index that states a count.

    The times come from the labels beside the recording; without any from
    ``rep_times``; without those from the index's active part.

    Raises
    ------
    LabelsError
        When the labels cannot be read.
    """
    known = truth_in_index(row, reps_true=row.reps_true or 0, reps_seen=reps_seen)
    sets = _labelled(row.path) or _timed(row, (rep_times or {}).get(row.file, ()))
    return replace(known, sets=sets) if sets else known


def truth_in_index(row: IndexRow, *, reps_true: int, reps_seen: int | None = None) -> Truth:
    """Return what the index alone says of a recording, and nothing is read for."""
    return Truth(
        reps=reps_true,
        reps_seen=reps_true if reps_seen is None else reps_seen,
        sets=_active(row, reps_true),
    )


def _labelled(recording: Path) -> tuple[LabelledSet, ...]:
    path = labels_path(recording)
    return read_labels(path).sets if path.exists() else ()


def _timed(row: IndexRow, times: Iterable[RepTime]) -> tuple[LabelledSet, ...]:
    """Return sets of reps whose times are listed: another form begins another set."""
    sets = []
    for _, group in groupby(times, key=lambda rep: rep.form):
        reps = tuple(
            LabelledRep(
                start_s=rep.start_s, turn_s=0.5 * (rep.start_s + rep.end_s), end_s=rep.end_s
            )
            for rep in group
        )
        sets.append(
            LabelledSet(
                start_s=reps[0].start_s, end_s=reps[-1].end_s, exercise=row.exercise, reps=reps
            )
        )
    return tuple(sets)


def _active(row: IndexRow, reps_true: int) -> tuple[LabelledSet, ...]:
    if not reps_true or row.active_start_s is None or row.active_end_s is None:
        return ()
    return (
        LabelledSet(
            start_s=row.active_start_s,
            end_s=row.active_end_s,
            exercise=row.exercise,
            counted=reps_true,
        ),
    )
