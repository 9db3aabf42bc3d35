"""A workout as it is planned: the settings, and the sets that follow from them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from repsense.errors import CatalogueError
from repsense.events import Side
from repsense.exercises.catalogue import find_exercise
from repsense.exercises.exercise import Arms, Exercise

FAILURE = "failure"

_MOST_SETS = 20
_LONGEST_REST_S = 1800.0

_SIDES = {
    Arms.BOTH: (Side.BOTH,),
    Arms.ALTERNATING: (Side.ALTERNATING,),
    Arms.PER_SIDE: (Side.WORN, Side.OTHER),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedExercise:
    """One exercise of a plan.

    Parameters
    ----------
    exercise
        Identifier from the catalogue, or one of the user's own.
    sets
        How many; where one arm works at a time, each is done on both sides.
    reps
        Fewest and most of one arm in one set; ``"failure"`` for as many as can be
        done well; None for what the exercise asks.
    rest_s
        Rest after each set, s; None for the plan's.

    Raises
    ------
    CatalogueError
        When a number is not possible.
    """

    exercise: str
    sets: int = 3
    reps: tuple[int, int] | Literal["failure"] | None = None
    rest_s: float | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.sets <= _MOST_SETS:
            raise CatalogueError(f"{self.sets} sets cannot be planned: use 1 to {_MOST_SETS}.")
        if isinstance(self.reps, tuple) and not 1 <= self.reps[0] <= self.reps[1] <= 100:
            raise CatalogueError(
                f"Reps from {self.reps[0]} to {self.reps[1]} cannot be asked: write "
                f"[fewest, most], between 1 and 100, or {FAILURE}."
            )
        if self.rest_s is not None:
            _check_rest(self.rest_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A workout, and how often a week.

    Parameters
    ----------
    name
        What people call it.
    days_a_week
        Fewest and most days a week on which it is done.
    rest_s
        Rest between sets, s.
    exercises
        In their order; none means that there is no plan.

    Raises
    ------
    CatalogueError
        When a number is not possible.
    """

    name: str = ""
    days_a_week: tuple[int, int] = (2, 3)
    rest_s: float = 60.0
    exercises: tuple[PlannedExercise, ...] = ()

    def __post_init__(self) -> None:
        fewest, most = self.days_a_week
        if not 1 <= fewest <= most <= 7:
            raise CatalogueError(
                f"A week has no {fewest} to {most} days for it: write [fewest, most], between 1 "
                f"and 7."
            )
        _check_rest(self.rest_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One set to be done: of one side, where one arm works at a time.

    Parameters
    ----------
    number, sets
        Which set of this exercise, of how many.
    reps_min, reps_max
        Of one arm; a hint if ``to_failure``.
    rest_s
        Rest after it, s.
    """

    exercise: Exercise
    number: int
    sets: int
    side: Side
    reps_min: int
    reps_max: int
    to_failure: bool
    rest_s: float


def steps_of(plan: Plan, catalogue: Mapping[str, Exercise]) -> Iterator[Step]:
    """Yield every set of a plan in order.

    Raises
    ------
    CatalogueError
        When the plan has an exercise that is not in the catalogue.
    """
    for planned in plan.exercises:
        exercise = find_exercise(planned.exercise, catalogue)
        sides = _SIDES[exercise.arms]
        reps = planned.reps
        fewest, most = reps if isinstance(reps, tuple) else (exercise.reps_min, exercise.reps_max)
        for number in range(1, planned.sets + 1):
            for side in sides:
                yield Step(
                    exercise=exercise,
                    number=number,
                    sets=planned.sets,
                    side=side,
                    reps_min=fewest,
                    reps_max=most,
                    to_failure=reps == FAILURE,
                    rest_s=_rest_after(plan, planned) if side is sides[-1] else 0.0,
                )


def _rest_after(plan: Plan, planned: PlannedExercise) -> float:
    return plan.rest_s if planned.rest_s is None else planned.rest_s


def _check_rest(rest_s: float) -> None:
    if not 0.0 <= rest_s <= _LONGEST_REST_S:
        raise CatalogueError(
            f"A rest of {rest_s:g} s cannot be kept: use 0 to {_LONGEST_REST_S:g} s."
        )
