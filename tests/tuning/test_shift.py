"""What labels mean by a start and an end is taken out, and nothing else."""

from dataclasses import replace

import pytest
from made_scores import scored

from repsense.tuning.figures import BOUNDARY_F1, BOUNDARY_F1_MOVED
from repsense.tuning.scoring import FileScore
from repsense.tuning.shift import REPS_MIN, moved, shifts_of
from repsense.tuning.summary import summary


def placed(starts_s: list[float], ends_s: list[float], dataset: str = "clinic") -> FileScore:
    """Return a recording whose reps begin and end so much later than its labels say."""
    score, many = scored(len(starts_s), dataset=dataset), len(starts_s)
    matches = replace(
        score.matches,
        reps_labelled=many,
        reps_counted=many,
        reps_found=many,
        start_errors_s=tuple(starts_s),
        end_errors_s=tuple(ends_s),
    )
    return replace(score, matches=matches)


def test_labels_that_are_off_by_the_same_everywhere_are_put_right() -> None:
    spread_s = [0.02 * (number % 5 - 2) for number in range(REPS_MIN)]
    score = placed([-1.0 + one for one in spread_s], [0.9 - one for one in spread_s])
    assert shifts_of([score])["clinic"] == (pytest.approx(-1.0), pytest.approx(0.9))
    both = summary("clinic", moved([score]))
    assert both[BOUNDARY_F1].value == 0.0
    assert both[BOUNDARY_F1_MOVED].value == 100.0


def test_what_differs_from_rep_to_rep_stays_wrong() -> None:
    half = REPS_MIN // 2
    score = placed([-1.0] * half + [1.0] * half, [0.0] * REPS_MIN)
    assert moved([score])[0].matches.reps_placed_moved == 0
    assert moved([score], tolerance_s=1.1)[0].matches.reps_placed_moved == REPS_MIN


def test_each_data_set_has_its_own_and_a_few_reps_have_none() -> None:
    scores = [
        placed([1.0] * REPS_MIN, [0.0] * REPS_MIN, "late"),
        placed([-1.0] * REPS_MIN, [0.0] * REPS_MIN, "soon"),
        placed([0.0] * (REPS_MIN - 1), [0.0] * (REPS_MIN - 1), "few"),
    ]
    assert [one.matches.reps_placed_moved for one in moved(scores)] == [REPS_MIN, REPS_MIN, None]
    assert summary("few", moved(scores)[2:])[BOUNDARY_F1_MOVED].value is None
