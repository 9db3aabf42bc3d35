"""Counts that people have corrected become what the engine is judged and tuned by.

Beside a recording goes its labels file; the index of the folder lists it with
its true count, so that ``repsense evaluate FOLDER/index.csv`` reads both.
"""

import csv
import io
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from repsense.errors import LabelsError
from repsense.recording.files import write_text
from repsense.recording.format import Recording
from repsense.recording.index import read_index
from repsense.recording.labels import (
    LabelledRep,
    LabelledSet,
    Labels,
    labels_path,
    read_labels,
    write_labels,
)
from repsense.sinks.history import StoredSet
from repsense.web.shelf import recording_of

INDEX = "index.csv"
_COLUMNS = ("file", "reps_true", "dataset", "exercise", "subject")


def keep_as_material(
    folders: Sequence[Path], recording: Recording, sets: Sequence[StoredSet], stored: StoredSet
) -> Path:
    """Write labels for all sets of a recording, and list it in the index; return the index.

    Parameters
    ----------
    folders
        Where recordings are.
    sets
        All stored sets; those of the same workout that are in the same recording are labelled.

    Raises
    ------
    LabelsError
        When a file cannot be written, or sets overlap.
    """
    inside = [
        one
        for one in sets
        if (one.wearer, one.workout) == (stored.wearer, stored.workout)
        and (found := recording_of(folders, one)) is not None
        and found.path == recording.path
    ]
    labels = Labels(sets=tuple(labelled(one) for one in inside))
    path = labels_path(recording.path)
    if path.exists():  # what else went on, a person may have written down
        labels = replace(labels, activities=read_labels(path).activities)
    write_labels(path, labels)
    return list_in_index(recording.path, labels, subject=stored.wearer)


def labelled(stored: StoredSet) -> LabelledSet:
    """Return a stored set as a label: its reps where their number was right, else the number."""
    reps = stored.rep_details
    start_s, end_s = reps[0].start_s, reps[-1].end_s
    if stored.true_reps != len(reps):
        return LabelledSet(
            start_s=start_s, end_s=end_s, exercise=stored.true_exercise, counted=stored.true_reps
        )
    details = tuple(
        LabelledRep(
            start_s=rep.start_s,
            turn_s=rep.turn_s,
            end_s=rep.end_s,
            lift_s=rep.lift_s,
            hold_s=rep.hold_s,
            lower_s=rep.lower_s,
            flags=rep.flags,
        )
        for rep in reps
    )
    return LabelledSet(start_s=start_s, end_s=end_s, exercise=stored.true_exercise, reps=details)


def list_in_index(recording: Path, labels: Labels, *, subject: str = "") -> Path:
    """List a recording in the index of its folder, in place of an older entry; return the index.

    Raises
    ------
    LabelsError
        When the index cannot be read or written.
    """
    index = recording.parent / INDEX
    rows = read_index(index) if index.exists() else ()
    exercises = {one.exercise for one in labels.sets}
    lines = [
        (
            row.file,
            "" if row.reps_true is None else str(row.reps_true),
            row.dataset,
            row.exercise,
            row.subject,
        )
        for row in rows
        if row.file != recording.name
    ]
    total = sum(one.count for one in labels.sets)
    exercise = exercises.pop() if len(exercises) == 1 else "mixed"
    lines.append((recording.name, str(total), "own", exercise if labels.sets else "", subject))
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow(_COLUMNS)
    table.writerows(sorted(lines))
    write_text(index, out.getvalue(), LabelsError)
    return index
