"""Walking pulses evenly and quickly; nearly nothing else does."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from repsense.pipeline.gait import HOP, WINDOW, gait_windows, new_gait_watch
from repsense.pipeline.history import GRID_HZ
from repsense.samples import FloatArray
from repsense.simulator import simulate_scene, simulate_set
from repsense.simulator.surroundings import Stand, Walk

T_S = np.arange(0.0, 20.0, 1.0 / GRID_HZ)


def walking_share(size_g: FloatArray) -> float:
    """Return the share of windows that look like walking."""
    watch = new_gait_watch()
    windows = 0.0
    for size in size_g:
        windows = gait_windows(watch, float(size))
    return windows / ((len(size_g) - WINDOW) // HOP + 1)


@settings(deadline=None, max_examples=25)
@given(step_hz=st.floats(1.4, 2.8), strength_g=st.floats(0.15, 1.0), rest_g=st.floats(0.9, 1.1))
def test_an_even_quick_pulse_is_walking(step_hz: float, strength_g: float, rest_g: float) -> None:
    size_g = rest_g + strength_g * np.sin(2.0 * np.pi * step_hz * T_S)

    assert walking_share(size_g) == 1.0


@settings(deadline=None, max_examples=25)
@given(level_g=st.floats(0.0, 2.0))
def test_rest_at_any_level_is_not_walking_not_even_at_first(level_g: float) -> None:
    assert walking_share(np.full(T_S.size, level_g)) == 0.0


@settings(deadline=None, max_examples=25)
@given(rep_s=st.floats(2.0, 9.0), strength_g=st.floats(0.02, 0.3))
def test_slow_reps_are_not_walking(rep_s: float, strength_g: float) -> None:
    size_g = 1.0 + strength_g * np.sin(2.0 * np.pi / rep_s * T_S)

    assert walking_share(size_g) == 0.0


@pytest.mark.parametrize("seed", range(5))
def test_strong_noise_is_hardly_ever_walking(seed: int) -> None:
    size_g = 1.0 + np.random.default_rng(seed).normal(0.0, 0.3, T_S.size)

    assert walking_share(size_g) < 0.35


@pytest.mark.parametrize("seed", range(4))
def test_a_simulated_walk_is_told_from_a_simulated_set(seed: int) -> None:
    scene = (Stand(seconds=1.0), Walk(seconds=40.0))
    walk = simulate_scene(scene, seed=seed).block.accel_g
    press = simulate_set("overhead_press", reps=8, seed=seed, surroundings=False).block.accel_g

    # Two samples make a cell of the pipeline.
    walked, pressed = (
        walking_share(np.linalg.norm(accel_g[: len(accel_g) // 2 * 2 : 2], axis=1))
        for accel_g in (walk, press)
    )
    assert walked > 0.6
    assert pressed < 0.15
