"""What labels mean by a rep's start and end, taken out where a whole data set means the same.

Labels that mark the part of a rep that is well above the start posture begin later and end
sooner than the movement, by about as much in every rep. The median of what the engine's starts are
before theirs, and of what its ends are after them, is taken for that meaning: two numbers for
a data set, in which an engine that is wrong by as much throughout would be hidden. So this stands
beside the plain figure, never for it.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from repsense.tuning.matching import TOLERANCE_S
from repsense.tuning.scoring import FileScore

#: Of fewer reps nobody can say what their labels mean.
REPS_MIN = 20


def shifts_of(scores: Sequence[FileScore]) -> dict[str, tuple[float, float]]:
    """Return what is taken out of each data set's starts and ends, s; counted minus labelled.

    It is the median error. Data sets with fewer than :data:`REPS_MIN` labelled reps are left out.
    """
    errors: dict[str, list[tuple[float, float]]] = {}
    for score in scores:
        errors.setdefault(score.dataset, []).extend(_pairs(score))
    return {
        dataset: (
            float(np.median([one[0] for one in some])),
            float(np.median([one[1] for one in some])),
        )
        for dataset, some in errors.items()
        if len(some) >= REPS_MIN
    }


def moved(scores: Sequence[FileScore], *, tolerance_s: float = TOLERANCE_S) -> list[FileScore]:
    """Return the scores with the reps that are placed once their data set's shift is taken out."""
    shifts = shifts_of(scores)
    return [
        _moved(score, *shifts[score.dataset], tolerance_s) if score.dataset in shifts else score
        for score in scores
    ]


def _moved(score: FileScore, start_s: float, end_s: float, tolerance_s: float) -> FileScore:
    placed = sum(
        abs(start - start_s) <= tolerance_s and abs(end - end_s) <= tolerance_s
        for start, end in _pairs(score)
    )
    return replace(score, matches=replace(score.matches, reps_placed_moved=placed))


def _pairs(score: FileScore) -> list[tuple[float, float]]:
    return list(zip(score.matches.start_errors_s, score.matches.end_errors_s, strict=True))
