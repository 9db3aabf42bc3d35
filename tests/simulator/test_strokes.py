import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from repsense.simulator.strokes import minimum_jerk, stroke

PHASE = np.linspace(0.0, 1.0, 20_001)


def test_a_minimum_jerk_stroke_peaks_at_5_77_d_over_t_squared() -> None:
    step = PHASE[1] - PHASE[0]
    acceleration = np.diff(minimum_jerk(PHASE), 2) / step**2

    assert acceleration.max() == pytest.approx(5.7735, abs=0.001)
    assert acceleration.min() == pytest.approx(-5.7735, abs=0.001)


@given(skew=st.floats(-0.9, 0.9), plateau=st.floats(0.0, 0.9))
def test_every_stroke_goes_from_rest_to_rest_and_never_back(skew: float, plateau: float) -> None:
    shape = stroke(PHASE, skew=skew, plateau=plateau)
    speed = np.diff(shape)

    assert shape[0] == pytest.approx(0.0, abs=1e-9)
    assert shape[-1] == pytest.approx(1.0, abs=1e-9)
    assert (speed >= -1e-9).all()
    assert max(speed[0], speed[-1]) < 1e-3 * speed.max()


def test_a_skewed_stroke_is_fast_early() -> None:
    fastest = [PHASE[np.argmax(np.diff(stroke(PHASE, skew=skew)))] for skew in (-0.5, 0.0, 0.5)]

    assert fastest[0] > 0.55 > fastest[1] > 0.45 > fastest[2]


def test_a_plateau_has_constant_speed() -> None:
    speed = np.diff(stroke(PHASE, plateau=0.75))
    middle = speed[5_001:14_998]

    assert middle.max() == pytest.approx(middle.min())


def test_outside_its_time_a_stroke_stands_still() -> None:
    outside = stroke(np.array([-1.0, 2.0]), skew=0.3, plateau=0.3)

    assert outside == pytest.approx([0.0, 1.0])
