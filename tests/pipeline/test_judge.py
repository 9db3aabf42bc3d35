"""Which chains count: what a wrist can tell about exercise, and what a person has said."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from repsense.pipeline import judge as judging
from repsense.pipeline.chain_traits import FEATURES, Traits
from repsense.pipeline.chains import Chain, Cycle
from repsense.pipeline.gait import HOP
from repsense.pipeline.history import COUNT, GRID_HZ, History, new_history
from repsense.pipeline.judge import Judge, Verdict, evidence_of
from repsense.pipeline.judge_weights import FINAL, LIVE
from repsense.pipeline.parameters import SetParameters

# Round numbers, not the tuned ones: the rules are what is tested here.
PARAMETERS = SetParameters(
    live_evidence_min=0.0,
    evidence_min=1.0,
    few_evidence_min=2.5,
    armed_likeness_min=0.2,
    armed_score_min=1.05,
    armed_walking_rep_s=3.0,
    armed_walking_share=0.8,
    known_walking_share=0.5,
)
# Ten for each unit of likeness, five away: the evidence of a likeness of 0.6 is 1.
ROUND = (-5.0, 10.0, *[0.0] * (len(FEATURES) - 1))
CELLS = 1500
NOW = CELLS - 1

few_runs = settings(max_examples=50, deadline=None, derandomize=True)
any_traits = st.builds(
    Traits,
    likeness=st.floats(-0.2, 0.8),
    rep_s=st.floats(0.7, 8.5),
    gait_share=st.floats(0.0, 1.0),
    closure=st.floats(0.0, 0.6),
    range_g=st.floats(0.0, 3.0),
    range_spread=st.floats(0.0, 1.0),
    reps=st.integers(1, 60),
)


def history_with_walking(share: float = 0.0) -> History:
    """Return a minute of swings of 2 s in which this share of the windows looked like walking."""
    history = new_history()
    history.counter[COUNT] = CELLS
    cells = np.arange(CELLS)
    history.time_s[:CELLS] = cells / GRID_HZ
    history.smooth_g[:CELLS, 0] = 0.4 * (1.0 - np.cos(2.0 * np.pi * (NOW - cells) / 50.0))
    history.gait[:CELLS] = np.floor(cells / HOP * share)
    return history


def chain_of(rep_s: float = 2.0, *, reps: int = 6, likeness: float = 0.7) -> Chain:
    """Return the chain of ``reps`` cycles that ended just now, each as alike as said."""
    cells = round(rep_s * GRID_HZ)
    cycles = tuple(Cycle(NOW - (i + 1) * cells, NOW - i * cells) for i in reversed(range(reps)))
    start = cycles[0].start
    return Chain(reps=reps, start=start, cycles=cycles, score=likeness * reps)


def counts(judge: Judge, chain: Chain) -> tuple[bool, bool]:
    """Return whether a chain counts live, and in the end."""
    return judge.may_be_set(chain, NOW), judge.is_set(chain, NOW)


@pytest.fixture
def _round_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judging, "FINAL", ROUND)
    monkeypatch.setattr(judging, "LIVE", ROUND)


@pytest.fixture
def _no_set_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    never = (-100.0, *[0.0] * len(FEATURES))
    monkeypatch.setattr(judging, "FINAL", never)
    monkeypatch.setattr(judging, "LIVE", never)


# --- evidence ---------------------------------------------------------------------------------


def test_evidence_is_the_constant_and_what_each_number_adds() -> None:
    assert evidence_of([], [-2.0]) == -2.0
    assert evidence_of([1.0, 3.0], [-2.0, 4.0, 0.5]) == -2.0 + 4.0 + 1.5


def test_a_weight_too_few_is_not_passed_over() -> None:
    with pytest.raises(ValueError, match="longer"):
        evidence_of([1.0, 2.0], [0.0, 1.0])


@pytest.mark.parametrize("weights", [FINAL, LIVE], ids=["final", "live"])
def test_there_is_a_weight_for_everything_that_is_weighed(weights: tuple[float, ...]) -> None:
    assert len(weights) == 1 + len(FEATURES)
    assert np.isfinite(weights).all()


@pytest.mark.parametrize("weights", [FINAL, LIVE], ids=["final", "live"])
@few_runs
@given(traits=any_traits, more=st.floats(0.01, 0.5))
def test_reps_that_are_more_alike_are_never_less_of_a_set(
    weights: tuple[float, ...], traits: Traits, more: float
) -> None:
    alike = traits._replace(likeness=traits.likeness + more)

    assert evidence_of(alike.features(), weights) > evidence_of(traits.features(), weights)


@pytest.mark.parametrize("weights", [FINAL, LIVE], ids=["final", "live"])
@few_runs
@given(traits=any_traits, more=st.floats(0.01, 0.5))
def test_what_looks_more_like_walking_is_less_of_a_set(
    weights: tuple[float, ...], traits: Traits, more: float
) -> None:
    walking = traits._replace(gait_share=traits.gait_share + more)

    assert evidence_of(walking.features(), weights) < evidence_of(traits.features(), weights)


@pytest.mark.parametrize("weights", [FINAL, LIVE], ids=["final", "live"])
@few_runs
@given(traits=any_traits, share=st.floats(0.5, 0.99))
def test_what_is_more_hasty_and_not_that_much_alike_is_less_of_a_set(
    weights: tuple[float, ...], traits: Traits, share: float
) -> None:
    quick = traits._replace(rep_s=1.5 * share, likeness=min(traits.likeness, 0.55))
    quicker = quick._replace(rep_s=share * quick.rep_s)

    assert evidence_of(quicker.features(), weights) <= evidence_of(quick.features(), weights)


@pytest.mark.parametrize("weights", [FINAL, LIVE], ids=["final", "live"])
def test_haste_is_held_against_reps_that_are_little_alike(weights: tuple[float, ...]) -> None:
    alike = Traits(0.68, 0.75, 0.0, 0.05, 0.6, 0.05, 8)
    slow, unlike = alike._replace(rep_s=1.5), alike._replace(likeness=0.4)

    assert evidence_of(alike.features(), weights) == evidence_of(slow.features(), weights)
    slow_unlike = slow._replace(likeness=0.4)
    assert evidence_of(unlike.features(), weights) < evidence_of(slow_unlike.features(), weights)


@pytest.mark.parametrize("weights", [FINAL, LIVE], ids=["final", "live"])
@few_runs
@given(traits=any_traits, rep_s=st.floats(0.7, 1.4))
def test_haste_is_forgiven_where_reps_are_alike_and_nobody_walks(
    weights: tuple[float, ...], traits: Traits, rep_s: float
) -> None:
    quick = traits._replace(rep_s=rep_s, likeness=0.7, gait_share=0.0)

    slow = quick._replace(rep_s=2.0)

    assert evidence_of(quick.features(), weights) == evidence_of(slow.features(), weights)


# --- thresholds -------------------------------------------------------------------------------


@pytest.mark.usefixtures("_round_weights")
def test_a_chain_is_shown_live_on_less_evidence_than_it_counts_on() -> None:
    judge = Judge(history_with_walking(), PARAMETERS)

    assert counts(judge, chain_of(likeness=0.49)) == (False, False)
    assert counts(judge, chain_of(likeness=0.51)) == (True, False)
    assert counts(judge, chain_of(likeness=0.59)) == (True, False)
    assert counts(judge, chain_of(likeness=0.61)) == (True, True)


@pytest.mark.usefixtures("_round_weights")
def test_of_two_or_three_reps_more_is_asked_in_the_end() -> None:
    judge = Judge(history_with_walking(), PARAMETERS)

    for reps, least in ((2, 0.75), (3, 0.75), (4, 0.6)):
        assert counts(judge, chain_of(reps=reps, likeness=least - 0.01)) == (True, False)
        assert counts(judge, chain_of(reps=reps, likeness=least + 0.01)) == (True, True)


@pytest.mark.usefixtures("_round_weights")
def test_whoever_asks_more_of_all_asks_it_of_few_too() -> None:
    judge = Judge(history_with_walking(), replace(PARAMETERS, evidence_min=2.6))

    assert counts(judge, chain_of(reps=2, likeness=0.755)) == (True, False)
    assert counts(judge, chain_of(reps=2, likeness=0.765)) == (True, True)


@pytest.mark.usefixtures("_round_weights")
def test_what_hardly_moves_is_no_set_unless_one_is_due() -> None:
    hardly = history_with_walking()
    hardly.smooth_g[:CELLS] *= 0.02 / 0.8
    due = Judge(hardly, PARAMETERS)
    due.armed = True

    assert counts(Judge(hardly, PARAMETERS), chain_of()) == (False, False)
    assert counts(due, chain_of()) == (True, True)
    hardly.smooth_g[:CELLS] *= 1.3
    assert counts(Judge(hardly, PARAMETERS), chain_of()) == (True, True)


def test_live_and_final_have_weights_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judging, "LIVE", (5.0, *[0.0] * len(FEATURES)))
    monkeypatch.setattr(judging, "FINAL", (-5.0, *[0.0] * len(FEATURES)))

    assert counts(Judge(history_with_walking(), PARAMETERS), chain_of()) == (True, False)


@pytest.mark.parametrize("rep_s", [1.0, 2.0, 4.0, 7.0])
def test_reps_that_are_alike_count_at_every_tempo(rep_s: float) -> None:
    judge = Judge(history_with_walking(), SetParameters())

    assert counts(judge, chain_of(rep_s, likeness=0.75)) == (True, True)


@pytest.mark.parametrize("rep_s", [1.0, 2.0, 4.0])
def test_reps_that_are_hardly_alike_do_not_count_however_many(rep_s: float) -> None:
    judge = Judge(history_with_walking(), SetParameters())

    assert not judge.is_set(chain_of(rep_s, reps=14, likeness=0.1), NOW)


def test_quick_cycles_while_walking_are_steps() -> None:
    quick = chain_of(1.0, likeness=0.6)
    walking, standing = (
        Judge(history_with_walking(share), SetParameters()) for share in (1.0, 0.0)
    )

    assert counts(walking, quick) == (False, False)
    assert counts(standing, quick) == (True, True)


# --- armed ------------------------------------------------------------------------------------


def armed_judge(share: float = 0.0) -> Judge:
    judge = Judge(history_with_walking(share), PARAMETERS)
    judge.armed = True
    return judge


@pytest.mark.usefixtures("_round_weights")
@pytest.mark.parametrize("rep_s", [1.0, 2.0, 7.0])
def test_of_a_person_who_said_that_a_set_is_due_less_is_asked(rep_s: float) -> None:
    vague = chain_of(rep_s, likeness=0.3)

    assert counts(Judge(history_with_walking(), PARAMETERS), vague) == (False, False)
    assert counts(armed_judge(), vague) == (True, True)


@pytest.mark.usefixtures("_no_set_by_itself")
def test_even_then_reps_must_be_somewhat_alike_and_earn_something() -> None:
    assert counts(armed_judge(), chain_of(likeness=0.21)) == (True, True)
    assert counts(armed_judge(), chain_of(likeness=0.19)) == (False, False)
    assert counts(armed_judge(), chain_of(reps=2, likeness=0.54)) == (True, True)
    assert counts(armed_judge(), chain_of(reps=2, likeness=0.51)) == (False, False)


@pytest.mark.usefixtures("_no_set_by_itself")
def test_even_then_walking_to_the_rack_is_not_a_set() -> None:
    assert counts(armed_judge(1.0), chain_of(2.8)) == (False, False)
    assert counts(armed_judge(1.0), chain_of(3.2)) == (True, True)
    assert counts(armed_judge(0.7), chain_of(2.8)) == (True, True)


@pytest.mark.usefixtures("_round_weights")
def test_what_is_a_set_by_itself_is_no_walking_to_the_rack() -> None:
    judge = armed_judge(1.0)
    judge.known = True

    assert counts(judge, chain_of(2.8, likeness=0.62)) == (True, True)
    assert counts(judge, chain_of(2.8, likeness=0.58)) == (True, False)
    assert counts(judge, chain_of(2.8, likeness=0.48)) == (False, False)


@pytest.mark.usefixtures("_no_set_by_itself")
def test_whose_exercise_is_known_is_believed_less_of_what_looks_like_steps() -> None:
    judge = armed_judge(0.7)
    judge.known = True

    assert counts(judge, chain_of(2.8)) == (False, False)
    assert counts(judge, chain_of(3.2)) == (True, True)


@pytest.mark.usefixtures("_no_set_by_itself")
def test_what_was_judged_before_the_exercise_was_known_is_judged_anew() -> None:
    judge = armed_judge(0.7)
    steps = chain_of(2.8)
    assert judge.may_be_set(steps, NOW)

    judge.known = True

    assert not judge.may_be_set(steps, NOW)


# --- what a listener is told ------------------------------------------------------------------


def told_by(judge: Judge, *chains: Chain) -> list[Verdict]:
    """Return what a listener hears when chains are judged, live and in the end."""
    verdicts: list[Verdict] = []
    judge.listener = verdicts.append
    for chain in chains:
        counts(judge, chain)
    return verdicts


@pytest.mark.parametrize("armed", [False, True])
def test_a_listener_is_told_every_verdict_as_it_was_given(*, armed: bool) -> None:
    judge = Judge(history_with_walking(), SetParameters())
    judge.armed = armed
    chains = [chain_of(likeness=likeness) for likeness in (0.1, 0.3, 0.5, 0.7)]
    given_ones = [taken for chain in chains for taken in counts(judge, chain)]

    verdicts = told_by(judge, *chains)

    assert [one.taken for one in verdicts] == given_ones
    assert [one.final for one in verdicts] == [False, True] * len(chains)
    assert set(given_ones) == {False, True}


@pytest.mark.parametrize("walking", [0.0, 1.0])
@pytest.mark.parametrize("rep_s", [0.8, 2.0, 6.0])
def test_shares_add_up_to_the_evidence_without_its_constant(walking: float, rep_s: float) -> None:
    judge = Judge(history_with_walking(walking), PARAMETERS)

    for verdict in told_by(judge, chain_of(rep_s)):
        constant = (FINAL if verdict.final else LIVE)[0]
        shares = [share for _, share in verdict.shares]
        assert sum(shares) == pytest.approx(verdict.evidence - constant)
        assert shares == sorted(shares)
        assert {name for name, _ in verdict.shares} == set(FEATURES)


def test_a_verdict_says_when_and_of_what() -> None:
    chain = chain_of(2.0, reps=5)

    live, final = told_by(Judge(history_with_walking(), PARAMETERS), chain)

    assert live.judged_s == pytest.approx(NOW / GRID_HZ)
    assert live.end_s == pytest.approx(NOW / GRID_HZ)
    assert live.start_s == pytest.approx(NOW / GRID_HZ - 10.0)
    assert live.traits == final.traits
    assert final.reason.startswith("5 cycles of 2.0 s and 0.80 g: ")


@pytest.mark.usefixtures("_round_weights")
def test_a_refusal_names_what_spoke_most_against_it(monkeypatch: pytest.MonkeyPatch) -> None:
    weights = [-9.0, *[0.0] * len(FEATURES)]
    weights[1 + FEATURES.index("how many they are")] = -1.0
    weights[1 + FEATURES.index("how much it looks like walking")] = -3.0
    monkeypatch.setattr(judging, "FINAL", tuple(weights))

    _, final = told_by(Judge(history_with_walking(1.0), PARAMETERS), chain_of(2.0))

    assert not final.taken
    assert final.reason.endswith(", above all for how much it looks like walking")


def test_being_listened_to_changes_no_verdict() -> None:
    chains = [chain_of(rep_s, likeness=0.5) for rep_s in (0.8, 1.4, 3.0)]
    plain, heard = (Judge(history_with_walking(0.5), SetParameters()) for _ in range(2))

    verdicts = told_by(heard, *chains)

    assert [one.taken for one in verdicts] == [t for chain in chains for t in counts(plain, chain)]


def test_thresholds_far_below_everything_take_everything() -> None:
    taking = replace(
        PARAMETERS,
        live_evidence_min=-99.0,
        evidence_min=-99.0,
        few_evidence_min=-99.0,
        score_min=-99.0,
    )
    judge = Judge(history_with_walking(1.0), taking)

    assert counts(judge, chain_of(0.8, likeness=0.0)) == (True, True)
