"""Which chains count: what a wrist can tell about exercise, and what a person has said."""

from dataclasses import replace

import pytest

from repsense.pipeline.chains import Chain, Cycle
from repsense.pipeline.gait import HOP
from repsense.pipeline.history import COUNT, GRID_HZ, History, new_history
from repsense.pipeline.judge import Judge
from repsense.pipeline.parameters import SetParameters

# Round numbers, not the tuned ones: the rules are what is tested here.
PARAMETERS = SetParameters(
    live_score_min=0.3,
    score_min=0.8,
    slow_rep_s=2.6,
    slow_live_score_min=0.1,
    slow_score_min=0.4,
    live_rep_score_min=0.0,
    rep_score_min=0.0,
    armed_score_min=0.5,
)
CELLS = 1500
NOW = CELLS - 1
RANGE_G = 0.8


def history_with_walking(share: float) -> History:
    """Return a minute in which this share of the windows looked like walking."""
    history = new_history()
    history.counter[COUNT] = CELLS
    for row in range(CELLS):
        history.gait[row] = int(row / HOP * share)
    return history


def chain_of(rep_s: float, *, reps: int = 6, score: float = 2.0) -> Chain:
    """Return the chain of ``reps`` cycles that ended just now."""
    cells = round(rep_s * GRID_HZ)
    cycles = [
        Cycle(NOW - 40 - (i + 1) * cells, NOW - 40 - i * cells) for i in reversed(range(reps))
    ]
    return Chain(reps=reps, start=cycles[0].start, cycles=tuple(cycles), score=score, slot=0)


def counts(judge: Judge, chain: Chain, range_g: float = RANGE_G) -> tuple[bool, bool]:
    """Return whether a chain counts live, and in the end."""
    return judge.may_be_set(chain, NOW), judge.is_set(chain, range_g, NOW)


@pytest.mark.parametrize("rep_s", [1.0, 2.0, 4.0, 7.0])
def test_matching_cycles_count(rep_s: float) -> None:
    judge = Judge(history_with_walking(0.0), PARAMETERS)

    assert counts(judge, chain_of(rep_s)) == (True, True)


def test_little_earned_does_not_count() -> None:
    judge = Judge(history_with_walking(0.0), PARAMETERS)
    most = max(PARAMETERS.live_score_min, PARAMETERS.score_min)

    assert not judge.is_set(chain_of(2.0, score=PARAMETERS.score_min - 0.01), RANGE_G, NOW)
    assert not judge.may_be_set(chain_of(2.0, score=PARAMETERS.live_score_min - 0.01), NOW)
    assert counts(judge, chain_of(2.0, score=most + 0.01)) == (True, True)


def test_slow_cycles_need_earn_less() -> None:
    judge = Judge(history_with_walking(0.0), PARAMETERS)
    between = (PARAMETERS.slow_score_min + PARAMETERS.score_min) / 2

    assert not judge.is_set(chain_of(PARAMETERS.slow_rep_s - 0.5, score=between), RANGE_G, NOW)
    assert judge.is_set(chain_of(PARAMETERS.slow_rep_s + 0.5, score=between), RANGE_G, NOW)


def test_reps_that_are_hardly_alike_do_not_count_however_many() -> None:
    strict = replace(PARAMETERS, rep_score_min=0.2, chance_score=0.5)
    judge = Judge(history_with_walking(0.0), strict)

    assert not judge.is_set(chain_of(2.0, reps=20, score=3.0), RANGE_G, NOW)
    assert judge.is_set(chain_of(2.0, reps=10, score=3.0), RANGE_G, NOW)


@pytest.mark.parametrize("armed", [True, False])
def test_quick_cycles_while_walking_are_steps(*, armed: bool) -> None:
    # Of twelve reps that match poorly, each earns little and together they earn enough.
    quick = chain_of(1.1, reps=12, score=PARAMETERS.score_min + 0.01)
    walking, standing = (Judge(history_with_walking(share), PARAMETERS) for share in (1.0, 0.1))
    walking.armed = standing.armed = armed

    assert counts(walking, quick) == (False, False)
    assert counts(standing, quick) == (True, True)


def test_slow_cycles_are_not_taken_for_steps() -> None:
    judge = Judge(history_with_walking(1.0), PARAMETERS)

    assert counts(judge, chain_of(PARAMETERS.stride_rep_s + 0.2)) == (True, True)


def test_a_resting_wrist_on_a_swaying_body_does_not_count() -> None:
    judge = Judge(history_with_walking(0.0), PARAMETERS)
    slow = chain_of(PARAMETERS.tiny_rep_s + 0.5)

    assert not judge.is_set(slow, PARAMETERS.tiny_range_g / 2, NOW)
    assert judge.is_set(slow, 2 * PARAMETERS.tiny_range_g, NOW)


@pytest.mark.parametrize("rep_s", [1.1, 2.0, 7.0])
def test_of_a_person_who_said_that_a_set_is_due_less_is_asked(rep_s: float) -> None:
    judge = Judge(history_with_walking(0.0), PARAMETERS)
    judge.armed = True
    between = (PARAMETERS.armed_score_min + PARAMETERS.score_min) / 2

    assert counts(judge, chain_of(rep_s, score=between), range_g=0.02) == (True, True)


def test_only_the_end_of_a_long_chain_is_asked_about_walking() -> None:
    history = history_with_walking(0.0)
    history.gait[: CELLS // 4] += range(CELLS // 4)  # a walk before, long ago
    history.gait[CELLS // 4 :] += CELLS // 4
    long = chain_of(1.2, reps=40, score=0.6 * 3)
    judge = Judge(history, replace(PARAMETERS, score_min=0.1))

    assert judge.may_be_set(long, NOW)
