from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from repsense.samples import FloatArray, SampleBlock
from repsense.simulator.sensor import IDEAL_SENSOR, SensorModel, measure

FINE_HZ = 500.0


def wobble_g(duration_s: float = 60.0) -> FloatArray:
    times_s = np.arange(round(duration_s * FINE_HZ)) / FINE_HZ
    return np.stack([np.sin(times_s), np.cos(times_s), 3.0 * np.sin(0.3 * times_s)], axis=1)


def measured(sensor: SensorModel, seed: int = 1, duration_s: float = 60.0) -> SampleBlock:
    force = wobble_g(duration_s)
    return measure(force, 10.0 * force, FINE_HZ, sensor, np.random.default_rng(seed))


@given(rate_hz=st.floats(10.0, 400.0), jitter_s=st.floats(0.0, 0.05), seed=st.integers(0, 99))
def test_any_rate_and_jitter_keep_time_in_order(rate_hz: float, jitter_s: float, seed: int) -> None:
    block = measured(replace(IDEAL_SENSOR, rate_hz=rate_hz, jitter_s=jitter_s), seed, 12.0)

    assert len(block) == int(12.0 * rate_hz)
    inside = block.t_s < 12.0 - 1.0 / FINE_HZ  # later there is no motion to read off
    expected_g = np.sin(block.t_s[inside])
    assert block.accel_g[inside, 0] == pytest.approx(expected_g, abs=1e-4)


def test_without_a_gyroscope_there_is_no_rate() -> None:
    assert measured(IDEAL_SENSOR).gyro_dps is None
    rate = measured(replace(IDEAL_SENSOR, gyro=True)).gyro_dps
    assert rate is not None
    assert np.abs(rate).max() == pytest.approx(30.0, rel=0.01)


def test_readings_saturate_and_have_a_resolution() -> None:
    block = measured(replace(IDEAL_SENSOR, full_scale_g=2.0, step_g=0.0625))

    assert block.accel_g.max() == 2.0
    assert block.accel_g.min() == -2.0
    assert np.unique(block.accel_g * 16.0 % 1.0).tolist() == [0.0]


def test_noise_has_the_size_asked_for() -> None:
    noisy = measured(replace(IDEAL_SENSOR, noise_g=0.05)).accel_g - measured(IDEAL_SENSOR).accel_g

    assert noisy.std() == pytest.approx(0.05, rel=0.05)


def test_gain_and_offset_belong_to_an_axis() -> None:
    clean = measured(IDEAL_SENSOR).accel_g
    wrong = measured(replace(IDEAL_SENSOR, bias_g=0.05, gain_error=0.05)).accel_g
    for axis in range(3):
        gain, bias = np.polyfit(clean[:, axis], wrong[:, axis], 1)
        assert wrong[:, axis] == pytest.approx(gain * clean[:, axis] + bias, abs=1e-9)
        assert 0.0 < abs(gain - 1.0) < 0.2
        assert 0.0 < abs(bias) < 0.2


def test_a_fast_clock_says_more_time_has_passed() -> None:
    block = measured(replace(IDEAL_SENSOR, clock_error=0.05))

    assert block.t_s[-1] == pytest.approx(63.0, abs=0.1)
    assert block.accel_g[:, 0] == pytest.approx(np.sin(block.t_s / 1.05), abs=1e-4)


def test_packets_are_lost_as_a_whole() -> None:
    block = measured(replace(IDEAL_SENSOR, lost_share=0.1, packet_samples=8))
    gaps = np.round(np.diff(block.t_s) * 50.0).astype(int) - 1

    assert 0.8 < len(block) / 3000 < 0.97
    assert gaps.max() >= 8
    assert (gaps % 8 == 0).all()


def test_changes_only_sends_what_changed() -> None:
    block = measured(replace(IDEAL_SENSOR, rate_hz=10.0, change_g=0.2))

    assert 20 < len(block) < 600
    assert (np.abs(np.diff(block.accel_g, axis=0)).max(axis=1) >= 0.2).all()
