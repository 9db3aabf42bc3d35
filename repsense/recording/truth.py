"""What really happened in a recording, as facts: sets, reps, and everything else that went on."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from repsense.errors import LabelsError
from repsense.events import FormFlag


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledRep:
    """One true repetition.

    Parameters
    ----------
    start_s, turn_s, end_s
        Leaving the start posture, the far turning point, being back.
    lift_s, hold_s, lower_s
        Durations of the phases, where they are known.
    flags
        Faults of form that the rep was done with.
    """

    start_s: float
    turn_s: float
    end_s: float
    lift_s: float | None = None
    hold_s: float | None = None
    lower_s: float | None = None
    flags: tuple[FormFlag, ...] = ()

    def __post_init__(self) -> None:
        if not self.start_s <= self.turn_s <= self.end_s:
            raise LabelsError(
                f"A rep's start_s, turn_s and end_s must follow each other, but are "
                f"{self.start_s:g}, {self.turn_s:g} and {self.end_s:g} s."
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledSet:
    """One true set.

    Parameters
    ----------
    start_s, end_s
        First rep's start and last rep's end.
    exercise
        Identifier from the catalogue, or ``"unknown"``.
    reps
        Every rep in order; empty where only their number is known.
    counted
        Number of reps where ``reps`` is empty.
    """

    start_s: float
    end_s: float
    exercise: str
    reps: tuple[LabelledRep, ...] = ()
    counted: int | None = None

    def __post_init__(self) -> None:
        _check_span(" set", self.start_s, self.end_s)
        if self.counted is not None and self.reps:
            raise LabelsError("A labelled set takes its reps or their number, not both.")
        _check_order("Reps", ((rep.start_s, rep.end_s) for rep in self.reps))

    @property
    def count(self) -> int:
        """The true number of reps."""
        return len(self.reps) if self.counted is None else self.counted


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """Something else that went on, in which nothing must be counted."""

    name: str
    start_s: float
    end_s: float

    def __post_init__(self) -> None:
        _check_span("n activity", self.start_s, self.end_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """Everything known about one recording, sets in order of time."""

    sets: tuple[LabelledSet, ...] = ()
    activities: tuple[Activity, ...] = ()

    def __post_init__(self) -> None:
        _check_order("Sets", ((each.start_s, each.end_s) for each in self.sets))

    @property
    def reps(self) -> int:
        """The true number of reps in the whole recording."""
        return sum(labelled.count for labelled in self.sets)


def _check_span(what: str, start_s: float, end_s: float) -> None:
    if not start_s <= end_s:
        raise LabelsError(f"A{what} cannot end at {end_s:g} s when it starts at {start_s:g} s.")


def _check_order(what: str, spans: Iterable[tuple[float, float]]) -> None:
    for (_, end_s), (start_s, _) in pairwise(spans):
        if start_s < end_s:
            raise LabelsError(
                f"{what} must follow each other in time, but one starts at {start_s:g} s, "
                f"before the end of the one before at {end_s:g} s."
            )
