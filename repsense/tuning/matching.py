"""Which counted sets and reps are which true ones, and how far apart they are.

Sets, and reps, are *found* where the counted and the true one share at least half of the longer of
the two. A rep is *placed* where, besides, its start and its end lie within a tolerance.

Who labels means different moments by a rep's start: when the arm leaves, or when it is well on its
way. Where that is the same throughout a data set it says nothing about the engine, so
:mod:`repsense.tuning.shift` counts anew with it taken out.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol, TypeVar

from repsense.events import Rep, SetFinished
from repsense.recording.truth import LabelledRep
from repsense.tuning.outcome import Run
from repsense.tuning.truth import Truth

#: A rep's start and end are right to within this.
TOLERANCE_S = 0.5

# Of the longer of two spans, what both must share to be taken for one another.
_SHARED = 0.5
# The same, to be compared with one another: a label may mark the middle of a rep alone.
_TOUCHED = 0.1


class Span(Protocol):
    """Whatever begins and ends."""

    @property
    def start_s(self) -> float:
        """Its beginning, s."""

    @property
    def end_s(self) -> float:
        """Its end, s."""


Counted = TypeVar("Counted", bound=Span)
Known = TypeVar("Known", bound=Span)


@dataclass(frozen=True, slots=True, kw_only=True)
class Matches:
    """What was found of what is there.

    Parameters
    ----------
    sets_true, sets_counted, sets_found
        Sets that are there, that were counted with at least a rep, and that are the same.
    reps_labelled, reps_counted, reps_found, reps_placed
        Reps whose times are known, those counted in such recordings, those of them that are the
        same, and that begin and end where the true one does. All 0 where no times are known.
    reps_placed_moved
        Those placed once the data set's own shift is taken out; None where it is not known.
    start_errors_s, end_errors_s
        Counted minus true start and end of every rep that shares a part with a true one, s.
    lift_errors_s, lower_errors_s
        Measured minus true duration of the phases, of the reps found, s.
    true_delays_s
        From a true rep's end to the announcement of the one counted for it, first ones of sets left
        out, s.
    """

    sets_true: int
    sets_counted: int
    sets_found: int
    reps_labelled: int = 0
    reps_counted: int = 0
    reps_found: int = 0
    reps_placed: int = 0
    reps_placed_moved: int | None = None
    start_errors_s: tuple[float, ...] = ()
    end_errors_s: tuple[float, ...] = ()
    lift_errors_s: tuple[float, ...] = ()
    lower_errors_s: tuple[float, ...] = ()
    true_delays_s: tuple[float, ...] = ()


def match(run: Run, truth: Truth, *, tolerance_s: float = TOLERANCE_S) -> Matches:
    """Return what a run found of the truth."""
    counted = [finished for finished in run.sets if finished.reps]
    if not truth.timed:
        return _without_times(counted, truth)
    sets = Matches(
        sets_true=len(truth.sets),
        sets_counted=len(counted),
        sets_found=len(pairs(counted, truth.sets)),
    )
    return _with_reps(sets, run, truth.rep_times, tolerance_s) if truth.rep_times else sets


def _with_reps(sets: Matches, run: Run, true: Sequence[LabelledRep], tolerance_s: float) -> Matches:
    told = {id(each.rep): each for each in run.told}
    counted = [each.rep for each in told.values()]
    same, near = pairs(counted, true), pairs(counted, true, shared=_TOUCHED)
    return replace(
        sets,
        reps_labelled=len(true),
        reps_counted=len(told),
        reps_found=len(same),
        reps_placed=sum(_is_placed(one, other, tolerance_s) for one, other in same),
        start_errors_s=tuple(one.start_s - other.start_s for one, other in near),
        end_errors_s=tuple(one.end_s - other.end_s for one, other in near),
        lift_errors_s=tuple(
            one.lift_s - other.lift_s for one, other in same if other.lift_s is not None
        ),
        lower_errors_s=tuple(
            one.lower_s - other.lower_s for one, other in same if other.lower_s is not None
        ),
        true_delays_s=tuple(
            at_s - other.end_s
            for one, other in same
            if (at_s := told[id(one)].at_s) is not None and not told[id(one)].first
        ),
    )


def _without_times(counted: Sequence[SetFinished], truth: Truth) -> Matches:
    """Take the recording for one set: found where a counted one has half of its reps, at least."""
    largest = max((finished.reps for finished in counted), default=0)
    return Matches(
        sets_true=1, sets_counted=len(counted), sets_found=int(2 * largest >= truth.reps)
    )


def pairs(
    counted: Sequence[Counted], true: Sequence[Known], *, shared: float = _SHARED
) -> list[tuple[Counted, Known]]:
    """Return which is which, each at most once; both come in order of time.

    Parameters
    ----------
    shared
        Of the longer of the two, at least.
    """
    found: list[tuple[Counted, Known]] = []
    free = 0
    for one in counted:
        while free < len(true) and true[free].end_s <= one.start_s:
            free += 1
        near = [at for at in range(free, len(true)) if true[at].start_s < one.end_s]
        best = max(near, key=lambda at: _likeness(one, true[at]), default=None)
        if best is not None and _likeness(one, true[best]) >= shared:
            found.append((one, true[best]))
            free = best + 1
    return found


def _likeness(one: Span, other: Span) -> float:
    """Return the time that two spans share, of the longer of them."""
    longer_s = max(one.end_s - one.start_s, other.end_s - other.start_s)
    shared_s = min(one.end_s, other.end_s) - max(one.start_s, other.start_s)
    return shared_s / longer_s if longer_s > 0.0 else 0.0


def _is_placed(one: Rep, other: LabelledRep, tolerance_s: float) -> bool:
    return (
        abs(one.start_s - other.start_s) <= tolerance_s
        and abs(one.end_s - other.end_s) <= tolerance_s
    )
