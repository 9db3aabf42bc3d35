"""Scores of recordings that were never made, for tests of what is added up from them."""

from dataclasses import replace

from repsense.tuning.matching import Matches
from repsense.tuning.scoring import FileScore

NO_MATCHES = Matches(sets_true=0, sets_counted=0, sets_found=0)


def scored(
    reps: int,
    reps_true: int = 10,
    *,
    file: str = "a.csv",
    person: str = "",
    dataset: str = "gym",
    exercise: str = "curl",
) -> FileScore:
    """Return the score of a recording in which so many were counted of so many."""
    return FileScore(
        file=file,
        dataset=dataset,
        exercise=exercise,
        person=person,
        reps_true=reps_true,
        reps_seen=reps_true,
        reps=reps,
        reps_live=None,
        false_reps=0,
        idle_s=0.0,
        delays_s=(),
        sets=1,
        sets_went_down=0,
    )


def of_people(**counts: list[int]) -> list[FileScore]:
    """Return scores by person: what was counted in each recording of 10 reps."""
    return [
        replace(scored(reps, person=person), file=f"{person}_{number}.csv")
        for person, many in counts.items()
        for number, reps in enumerate(many)
    ]
