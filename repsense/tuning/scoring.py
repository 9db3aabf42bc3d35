"""How right the counts are, how late they come, and how often the engine counts what is no rep.

One :class:`FileScore` a recording, added up in one :class:`Tally` a group.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from repsense.recording.index import IndexRow
from repsense.tuning.matching import TOLERANCE_S, Matches, match
from repsense.tuning.outcome import Run
from repsense.tuning.truth import Truth, truth_in_index

# People who mark where a set begins and ends are right to within this.
_ACTIVE_MARGIN_S = 2.0
# A display is read once the last weight is down: this long after the active part.
_GLANCE_S = 1.0
_SECONDS_A_MINUTE = 60.0


_NO_MATCHES = Matches(sets_true=0, sets_counted=0, sets_found=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class FileScore:
    """One recording: what was true and what was counted.

    Parameters
    ----------
    file, dataset, exercise
        As the index says.
    reps_true
        The stated count.
    reps_seen
        The count after corrections: the stated one where there is none.
    reps
        The final count, all sets together.
    reps_live
        The live count 1 s after the active part, None where that is not known.
    false_reps
        Reps counted where there are none: in a recording without any, or more
        than 2 s outside the active part.
    idle_s
        Time in which ``false_reps`` could have happened, in s.
    delays_s
        From each rep's end to its announcement, in s; first reps of sets left
        out, because they wait for the second.
    sets, sets_went_down
        Finished sets, and those whose live count had to be lowered.
    sets_taken_back
        Those that had been shown live and turned out to be no sets.
    person
        Who it is, as the index says.
    first_delays_s
        From each first rep's end to its announcement, no longer provisional, in s.
    matches
        Which sets and reps were found.
    """

    file: str
    dataset: str
    exercise: str
    reps_true: int
    reps_seen: int
    reps: int
    reps_live: int | None
    false_reps: int
    idle_s: float
    delays_s: tuple[float, ...]
    sets: int
    sets_went_down: int
    sets_taken_back: int = 0
    person: str = ""
    first_delays_s: tuple[float, ...] = ()
    matches: Matches = _NO_MATCHES

    @property
    def error(self) -> int:
        """Counted minus stated reps."""
        return self.reps - self.reps_true


@dataclass(frozen=True, slots=True, kw_only=True)
class Accuracy:
    """How right counts are: shares in percent, mean absolute error in reps."""

    exact_pct: float
    within_one_pct: float
    mean_absolute_error: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """A group of recordings added up; None where a value cannot be known.

    Parameters
    ----------
    name, files
        What the group has in common, and how many recordings it has.
    stated, corrected, live
        Final counts against stated and corrected truth; live counts against stated truth.
    false_reps_per_min
        Over all time in which there was nothing to count.
    delay_median_s, delay_p95_s
        Of the announcements, in s after the end of the rep.
    sets_went_down_pct
        Share of sets whose live count had to be lowered.
    """

    name: str
    files: int
    stated: Accuracy | None
    corrected: Accuracy | None
    live: Accuracy | None
    false_reps_per_min: float | None
    delay_median_s: float | None
    delay_p95_s: float | None
    sets_went_down_pct: float | None


def score_run(
    row: IndexRow,
    run: Run,
    *,
    reps_true: int,
    reps_seen: int | None = None,
    truth: Truth | None = None,
    tolerance_s: float = TOLERANCE_S,
) -> FileScore:
    """Return the score of one recording.

    Parameters
    ----------
    row
        What the index says about it.
    run
        What the pipeline said about it.
    reps_true, reps_seen
        The stated count, and the corrected one if there is one.
    truth
        When its sets and reps were; None for what the index says of it.
    tolerance_s
        Within which a rep's start and end are right.
    """
    truth = truth or truth_in_index(row, reps_true=reps_true, reps_seen=reps_seen)
    false_reps, idle_s = _false_reps(truth, run)
    glance_s = None if row.active_end_s is None else row.active_end_s + _GLANCE_S
    return FileScore(
        file=row.file,
        dataset=row.dataset,
        exercise=row.exercise,
        person=row.subject,
        reps_true=truth.reps,
        reps_seen=truth.reps_seen,
        reps=run.reps,
        reps_live=None if glance_s is None else run.live_reps(glance_s),
        false_reps=false_reps,
        idle_s=idle_s,
        delays_s=announcement_delays_s(run),
        first_delays_s=first_delays_s(run),
        sets=len(run.sets),
        sets_went_down=run.sets_that_went_down(),
        sets_taken_back=sum(not finished.reps for finished in run.sets),
        matches=match(run, truth, tolerance_s=tolerance_s),
    )


def announcement_delays_s(run: Run) -> tuple[float, ...]:
    """Return how long after its end each rep was first announced, in s.

    First reps are left out; so are reps that only the end of the set brought to
    light, which nobody waited for.
    """
    return tuple(
        told.at_s - told.rep.end_s for told in run.told if told.at_s is not None and not told.first
    )


def first_delays_s(run: Run) -> tuple[float, ...]:
    """Return how long after its end the first rep of each set was announced for good, in s."""
    return tuple(
        told.at_s - told.rep.end_s for told in run.told if told.at_s is not None and told.first
    )


def tally(name: str, scores: Sequence[FileScore]) -> Tally:
    """Return a group of recordings added up."""
    with_live = [score for score in scores if score.reps_live is not None]
    delays_s = np.array([delay_s for score in scores for delay_s in score.delays_s])
    idle_s = sum(score.idle_s for score in scores)
    sets = sum(score.sets for score in scores)
    false_reps = sum(score.false_reps for score in scores)
    went_down = sum(score.sets_went_down for score in scores)
    return Tally(
        name=name,
        files=len(scores),
        stated=accuracy((score.reps, score.reps_true) for score in scores),
        corrected=accuracy((score.reps, score.reps_seen) for score in scores),
        live=accuracy((score.reps_live or 0, score.reps_true) for score in with_live),
        false_reps_per_min=_SECONDS_A_MINUTE * false_reps / idle_s if idle_s > 0 else None,
        delay_median_s=float(np.median(delays_s)) if delays_s.size else None,
        delay_p95_s=float(np.percentile(delays_s, 95)) if delays_s.size else None,
        sets_went_down_pct=100.0 * went_down / sets if sets else None,
    )


def tally_by(key: Callable[[FileScore], str], scores: Iterable[FileScore]) -> list[Tally]:
    """Return a tally for each value of ``key``, in alphabetical order; an empty value has none."""
    groups: dict[str, list[FileScore]] = {}
    for score in scores:
        groups.setdefault(key(score), []).append(score)
    return [tally(name, groups[name]) for name in sorted(groups) if name]


def accuracy(pairs: Iterable[tuple[int, int]]) -> Accuracy | None:
    """Return how right counts are: ``pairs`` of counted and true; None for no pairs."""
    errors = np.array([abs(counted - true) for counted, true in pairs])
    if not errors.size:
        return None
    return Accuracy(
        exact_pct=100.0 * float(np.mean(errors == 0)),
        within_one_pct=100.0 * float(np.mean(errors <= 1)),
        mean_absolute_error=float(np.mean(errors)),
    )


def tally_dict(group: Tally) -> dict[str, Any]:
    """Return a tally for JSON: the final counts' accuracy at the top level, without the name."""
    fields = asdict(group)
    stated = fields.pop("stated") or dict.fromkeys(Accuracy.__dataclass_fields__)
    del fields["name"]
    return {"files": fields.pop("files"), **stated, **fields}


def _false_reps(truth: Truth, run: Run) -> tuple[int, float]:
    """Return the reps counted where there are none, and the time that was watched for them."""
    if truth.reps == 0:
        return run.reps, run.end_s - run.start_s
    if not truth.timed:
        return 0, 0.0
    exercise_s = [
        (one.start_s - _ACTIVE_MARGIN_S, one.end_s + _ACTIVE_MARGIN_S) for one in truth.sets
    ]
    outside = sum(
        not any(from_s <= rep.turn_s <= to_s for from_s, to_s in exercise_s)
        for finished in run.sets
        for rep in finished.rep_details
    )
    idle_s, free_s = 0.0, run.start_s
    for from_s, to_s in [*exercise_s, (run.end_s, run.end_s)]:
        idle_s += max(from_s - free_s, 0.0)
        free_s = max(free_s, to_s)
    return outside, idle_s
