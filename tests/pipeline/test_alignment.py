"""Of a known exercise a rep is found wherever the engine has cut it."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from repsense.events import FormFlag, SetFinished
from repsense.exercises import load_catalogue
from repsense.pipeline.alignment import AS_CUT, Place, aligned, profile
from repsense.pipeline.chains import Cycle
from repsense.pipeline.conditioning import Conditioner, ConditioningParameters
from repsense.pipeline.form import Form
from repsense.pipeline.form_parameters import FormParameters
from repsense.pipeline.history import new_history, next_cell
from repsense.pipeline.pipeline import Pipeline
from repsense.simulator import SetStyle, Simulated, simulate_set

# Seeds of nobody that anything was trained on.
SEED = 70_000_000


def simulated(exercise: str, style: SetStyle | None = None) -> Simulated:
    return simulate_set(
        exercise, reps=7, seed=SEED, style=style or SetStyle(other_side=False), surroundings=False
    )


@given(share=st.floats(0.0, 0.999), part=st.floats(0.3, 1.0), length=st.integers(20, 300))
def test_a_cycle_is_moved_on_a_little_or_back_to_where_its_rep_begins(
    share: float, part: float, length: int
) -> None:
    angle = 2.0 * math.pi * share
    moved = aligned(Cycle(1000, 1000 + length), Place(math.cos(angle), math.sin(angle)), part)
    # The rep began that share of a cycle before, or the next one is near.
    early = 1000 - moved.start - share * length
    assert min(abs(early), abs(early + length)) <= 0.5 + 1e-6
    assert -0.7 * length - 1 <= moved.start - 1000 <= 0.3 * length + 1
    assert moved.end - moved.start == max(round(part * length), 1)


def test_where_nothing_is_known_the_cycle_is_the_rep() -> None:
    assert aligned(Cycle(10, 90), AS_CUT, 0.5) == Cycle(10, 90)


def form_of(made: Simulated) -> Form:
    form = Form(new_history(), FormParameters())
    form.expect(load_catalogue()[str(made.labels.sets[0].exercise)])
    conditioner = Conditioner(form.history, ConditioningParameters())
    conditioner.push(made.block)
    conditioner.flush()
    return form


@pytest.mark.parametrize("exercise", ["one_arm_row", "renegade_row", "lat_pulldown", "shrug"])
def test_a_rep_cut_anywhere_is_found(exercise: str) -> None:
    made = simulated(exercise)
    form = form_of(made)
    now = next_cell(form.history) - 1
    starts = np.searchsorted(
        form.history.time_s[: now + 1], [rep.start_s for rep in made.labels.sets[0].reps]
    )
    period = float(np.median(np.diff(starts)))
    for share in (0.0, 0.2, 0.4, 0.6, 0.8):
        cut = [int(start + share * period) for start in starts[1:-1]]
        places = [form.place(Cycle(one, one + round(period)), now) for one in cut]
        place = Place(sum(p.along for p in places), sum(p.across for p in places))
        found = [form.found(Cycle(one, one + round(period)), now, place).start for one in cut]
        off = (np.array(found) - starts[1:-1]) / period
        assert abs(np.median(off - np.round(off))) < 0.15


def test_turning_the_band_changes_no_profile() -> None:
    form = form_of(simulated("one_arm_row"))
    cycle, now = Cycle(500, 600), next_cell(form.history) - 1
    before = profile(form.history, cycle, now)
    turn = np.linalg.qr(np.random.default_rng(1).normal(size=(3, 3)))[0]
    form.history.raw_g[:] = form.history.raw_g @ turn.T
    assert profile(form.history, cycle, now) == pytest.approx(before, abs=1e-3)


def test_a_wrist_that_lies_still_has_a_profile_too() -> None:
    history = new_history()
    conditioner = Conditioner(history, ConditioningParameters())
    made = simulated("shrug")
    conditioner.push(made.block.part(0, 50))
    history.raw_g[:] = (0.0, 0.0, 1.0)
    assert np.isfinite(profile(history, Cycle(0, 3), 5)).all()


@pytest.mark.parametrize("exercise", ["one_arm_row", "renegade_row", "single_arm_row"])
def test_throws_are_told_of_the_reps_that_were_thrown(exercise: str) -> None:
    made = simulated(
        exercise, SetStyle(faults=(FormFlag.SWING,), fault_share=0.4, other_side=False)
    )
    pipeline = Pipeline(armed=True, exercise=exercise)
    events = [*pipeline.push(made.block), *pipeline.flush()]
    found = [rep for one in events if isinstance(one, SetFinished) for rep in one.rep_details]
    for true in made.labels.sets[0].reps:
        said = max(
            found, key=lambda rep: min(rep.end_s, true.end_s) - max(rep.start_s, true.start_s)
        )
        assert (FormFlag.SWING in said.flags) == (FormFlag.SWING in true.flags), true
        if FormFlag.SWING not in true.flags:
            assert said.lower_s == pytest.approx(true.lower_s, abs=0.6)
