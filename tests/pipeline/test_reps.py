"""Phases, momentum and range of reps whose strokes are known."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from repsense.events import FormFlag, Rep, SetFinished
from repsense.pipeline.pipeline import Pipeline
from repsense.samples import FloatArray, SampleBlock

RATE_HZ = 50.0
few_runs = settings(max_examples=12, deadline=None, derandomize=True)


def stroke(seconds: float) -> FloatArray:
    """Return the way of a minimum-jerk stroke, 0 to 1 (Flash & Hogan 1985)."""
    share = np.arange(0.0, 1.0, 1.0 / (seconds * RATE_HZ))
    return np.asarray(share**3 * (10.0 - 15.0 * share + 6.0 * share**2))


def held(value: float, seconds: float) -> FloatArray:
    return np.full(round(seconds * RATE_HZ), value)


def rep_course(lift_s: float, hold_s: float, lower_s: float, *, size: float = 1.0) -> FloatArray:
    """Return the way of one rep and a short rest after it."""
    return np.concatenate(
        [size * stroke(lift_s), held(size, hold_s), size * (1.0 - stroke(lower_s)), held(0.0, 0.3)]
    )


def forearm(*courses: FloatArray, angle_deg: float = 80.0) -> SampleBlock:
    """Return what a forearm feels that is raised by ``angle_deg`` where the course is 1."""
    course = np.concatenate([held(0.0, 3.0), *courses, held(0.0, 8.0)])
    angle = np.radians(angle_deg) * course
    accel_g = np.stack([np.cos(angle), np.sin(angle), 0.0 * angle], axis=1)
    return SampleBlock(t_s=np.arange(course.size) / RATE_HZ, accel_g=accel_g)


def reps_of(block: SampleBlock) -> tuple[Rep, ...]:
    pipeline = Pipeline()
    events = [*pipeline.push(block), *pipeline.flush()]
    return next(event for event in events if isinstance(event, SetFinished)).rep_details


@few_runs
@given(
    lift_s=st.floats(1.0, 2.5), hold_s=st.sampled_from([0.0, 0.5, 1.0]), lower_s=st.floats(1.0, 3.0)
)
def test_lift_hold_and_lower_are_those_that_were_done(
    lift_s: float, hold_s: float, lower_s: float
) -> None:
    reps = reps_of(forearm(*[rep_course(lift_s, hold_s, lower_s)] * 7))

    assert len(reps) == 7
    phases_s = np.median([(rep.lift_s, rep.hold_s, rep.lower_s) for rep in reps], axis=0)
    assert phases_s == pytest.approx([lift_s, hold_s, lower_s], abs=0.35)


def test_reps_lie_where_they_were_done() -> None:
    reps = reps_of(forearm(*[rep_course(1.5, 0.5, 2.0)] * 6))

    starts_s = 3.0 + 4.3 * np.arange(6)
    assert [rep.turn_s for rep in reps] == pytest.approx(list(starts_s + 1.75), abs=0.4)
    for rep, start_s in zip(reps, starts_s, strict=True):
        assert rep.start_s == pytest.approx(start_s, abs=0.6)
        assert rep.end_s == pytest.approx(start_s + 4.3, abs=0.6)
        assert rep.start_s < rep.turn_s < rep.end_s
        total_s = rep.lift_s + rep.hold_s + rep.lower_s
        assert total_s == pytest.approx(4.0, abs=0.35)  # the rest between two reps is no phase


@few_runs
@given(angle_deg=st.floats(20.0, 110.0))
def test_alike_reps_have_full_range_and_none_is_partial(angle_deg: float) -> None:
    reps = reps_of(forearm(*[rep_course(1.5, 0.0, 1.5)] * 8, angle_deg=angle_deg))

    assert [rep.range for rep in reps] == pytest.approx([1.0] * 8, abs=0.1)
    assert not [rep for rep in reps if FormFlag.PARTIAL in rep.flags]


def test_a_short_rep_is_partial_and_the_others_are_not() -> None:
    full, short = rep_course(1.5, 0.0, 1.5), rep_course(1.3, 0.0, 1.3, size=0.55)
    reps = reps_of(forearm(full, full, full, full, short, full, full))

    assert len(reps) == 7
    assert [FormFlag.PARTIAL in rep.flags for rep in reps] == [False] * 4 + [True] + [False] * 2
    assert reps[4].range == pytest.approx(0.55, abs=0.15)


def test_slow_reps_have_no_momentum_and_quick_lifts_are_the_shortest() -> None:
    slow, quick = rep_course(1.8, 0.3, 1.8), rep_course(0.45, 0.3, 1.8)
    reps = reps_of(forearm(slow, slow, slow, quick, slow, quick, slow))
    lift_s = [rep.lift_s for rep in reps]

    assert len(reps) == 7
    assert [reps[i].momentum for i in (0, 1, 2, 4, 6)] == pytest.approx([0.0] * 5, abs=0.05)
    assert all(0.0 <= rep.momentum <= 1.0 for rep in reps)
    assert max(lift_s[3], lift_s[5]) < 0.85 * min(lift_s[i] for i in (0, 1, 2, 4, 6))


def test_a_dropped_weight_lowers_fastest_of_all() -> None:
    slow, dropped = rep_course(1.5, 0.4, 1.5), rep_course(1.5, 0.4, 0.4)
    reps = reps_of(forearm(slow, slow, slow, dropped, slow, slow))
    lower_s = [rep.lower_s for rep in reps]

    assert len(reps) == 6
    assert lower_s[3] < 0.85 * min(lower_s[:3] + lower_s[4:])
    assert not [rep for rep in reps if FormFlag.FAST_LIFT in rep.flags]
