"""What ``repsense evaluate`` has been asked to count, and counting it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from repsense.cli.cores import cores
from repsense.cli.progress import progress_bar
from repsense.errors import LabelsError
from repsense.recording.index import (
    Correction,
    IndexRow,
    RepTime,
    read_corrections,
    read_index,
    read_rep_times,
)
from repsense.tuning.evaluation import Conditions, Unreadable, evaluate_rows
from repsense.tuning.scoring import FileScore
from repsense.tuning.shift import moved


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Which recordings of an index are wanted; None or nothing for all.

    Parameters
    ----------
    datasets, exercises, people, label_checks
        Only those with one of these in that column.
    without_suspect
        None whose label is suspect.
    """

    datasets: Sequence[str] | None = None
    exercises: Sequence[str] | None = None
    people: Sequence[str] | None = None
    label_checks: Sequence[str] | None = None
    without_suspect: bool = False

    def wants(self, row: IndexRow) -> bool:
        """Return whether a recording is wanted."""
        asked = (
            (self.datasets, row.dataset),
            (self.exercises, row.exercise),
            (self.people, row.subject),
            (self.label_checks, row.label_check),
        )
        chosen = all(not wanted or value in wanted for wanted, value in asked)
        return chosen and not (self.without_suspect and row.label_check == "suspect")


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """Recordings to count, and what is known of them.

    Parameters
    ----------
    index
        Where they are listed.
    rows
        Those with a true count.
    without_truth
        How many were wanted and have none.
    corrections, rep_times
        Counts corrected by eye, and labelled reps, by file; None where nobody gave any.
    jobs
        Recordings at a time.
    """

    index: Path
    rows: Sequence[IndexRow]
    without_truth: int
    corrections: Mapping[str, Correction] | None
    rep_times: Mapping[str, Sequence[RepTime]] | None
    jobs: int

    def scored(self, conditions: Conditions) -> tuple[list[FileScore], list[Unreadable]]:
        """Count them all, showing how far it is."""
        scores: list[FileScore] = []
        unreadable: list[Unreadable] = []
        with progress_bar("Counting", len(self.rows)) as advance:
            for result in evaluate_rows(
                self.rows,
                conditions=conditions,
                corrections=self.corrections,
                rep_times=self.rep_times,
                jobs=self.jobs,
            ):
                if isinstance(result, Unreadable):
                    unreadable.append(result)
                else:
                    scores.append(result)
                advance(1)
        return moved(scores, tolerance_s=conditions.tolerance_s), unreadable


def work_on(
    index: Path,
    choice: Choice,
    corrections: Path | None = None,
    rep_times: Path | None = None,
    jobs: int | None = None,
) -> Work:
    """Return the work on an index.

    Raises
    ------
    LabelsError
        When a list cannot be read, or no recording with a true count is wanted.
    """
    chosen = [row for row in read_index(index) if choice.wants(row)]
    rows = [row for row in chosen if row.reps_true is not None]
    if not rows:
        raise LabelsError(
            f"{index} has no row with a true count that fits --dataset, --exercise, --person, "
            f"--label-check and --exclude-suspect: leave some of them out, or check their spelling."
        )
    return Work(
        index=index,
        rows=rows,
        without_truth=len(chosen) - len(rows),
        corrections=None if corrections is None else read_corrections(corrections),
        rep_times=None if rep_times is None else read_rep_times(rep_times),
        jobs=jobs or cores(),
    )
