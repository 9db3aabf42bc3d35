"""Units are told from what is stated and from the length of gravity, or not at all."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from repsense.errors import ForeignFileError
from repsense.importing.clock import growing, read_at, tick_of
from repsense.importing.sphere import fit_sphere
from repsense.importing.units import Gravity, Unit, middle_length, per_g, scale_of
from repsense.samples import FloatArray

KNOWN = [Unit.G, Unit.MPS2, Unit.MILLI_G]


def worn(seed: int, spread_g: float = 0.2) -> FloatArray:
    """Return forces around 1 g, as a wrist's are, in g."""
    rng = np.random.default_rng(seed)
    ways = rng.normal(size=(200, 3))
    ways /= np.linalg.norm(ways, axis=1)[:, None]
    lengths = 1.0 + rng.uniform(-spread_g, spread_g, size=(200, 1))
    return np.asarray(ways * lengths)


def scale(vectors: FloatArray, **known: Unit | Gravity | None) -> str:
    stated, asked = known.get("stated"), known.get("asked")
    gravity = known.get("gravity", Gravity.PRESENT)
    assert isinstance(gravity, Gravity)
    found = scale_of(
        vectors,
        where="file.csv",
        stated=stated if isinstance(stated, Unit) else None,
        asked=asked if isinstance(asked, Unit) else None,
        gravity=gravity,
    )
    return f"{found.unit.value} {found.gravity.value}"


@given(unit=st.sampled_from(KNOWN), seed=st.integers(0, 1000), spread=st.floats(0.0, 0.3))
def test_the_unit_is_told_from_the_length_of_gravity(unit: Unit, seed: int, spread: float) -> None:
    assert scale(worn(seed, spread) * per_g(unit)) == f"{unit.value} present"


@given(said=st.sampled_from(KNOWN), meant=st.sampled_from(KNOWN), seed=st.integers(0, 1000))
def test_a_stated_unit_is_believed_only_if_gravity_agrees(
    said: Unit, meant: Unit, seed: int
) -> None:
    vectors = worn(seed) * per_g(meant)
    if said is meant:
        assert scale(vectors, stated=said) == f"{said.value} present"
    else:
        with pytest.raises(
            ForeignFileError, match=r"as if in .*: say which unit it is with --unit"
        ):
            scale(vectors, stated=said)
    assert scale(vectors, stated=said, asked=meant) == f"{meant.value} present"


def test_numbers_without_gravity_are_noticed() -> None:
    taken_out = worn(1) * 0.25 * per_g(Unit.MPS2)

    assert scale(worn(1), stated=Unit.MPS2, asked=Unit.MPS2) == "m/s2 missing"
    assert scale(taken_out, stated=Unit.MPS2, gravity=Gravity.PRESENT) == "m/s2 missing"
    assert scale(taken_out, stated=Unit.MPS2, gravity=Gravity.MISSING) == "m/s2 missing"
    with pytest.raises(ForeignFileError, match="gravity was taken out and no unit is stated"):
        scale(taken_out, gravity=Gravity.MISSING)


def test_raw_counts_are_no_unit() -> None:
    with pytest.raises(ForeignFileError, match="is 1 g in no unit known here"):
        scale(worn(1) * 16384)


@given(tick=st.sampled_from([1.0, 1e-3, 1e-6, 1e-9]), rate_hz=st.floats(5.0, 500.0))
def test_the_unit_of_time_is_told_from_the_rate(tick: float, rate_hz: float) -> None:
    times = np.arange(50) / rate_hz / tick

    assert tick_of(times, "file.csv") == tick


def test_a_rate_that_is_none_is_refused() -> None:
    with pytest.raises(ForeignFileError, match="likely rate in none of s"):
        tick_of(np.zeros(9), "file.csv")
    with pytest.raises(ForeignFileError, match="samples are 60 s apart"):
        growing(np.arange(9) * 60.0, "file.csv")


def test_doubled_times_are_marked_and_backward_ones_refused() -> None:
    assert growing(np.array([0.0, 0.1, 0.1, 0.2]), "f").tolist() == [True, True, False, True]
    with pytest.raises(ForeignFileError, match=r"f, sample 3: time runs backwards by 0\.05 s"):
        growing(np.array([0.0, 0.1, 0.05]), "f")


@given(shift_s=st.floats(-0.3, 0.3))
def test_another_sensors_signal_is_read_at_the_times_of_the_acceleration(shift_s: float) -> None:
    times_s = np.arange(100) / 25.0 + shift_s
    values = np.stack([times_s, -times_s, 2.0 * times_s], axis=1)
    at_s = np.arange(50) / 50.0 + 1.0

    assert np.allclose(read_at(at_s, times_s, values)[:, 2], 2.0 * at_s)


@given(
    seed=st.integers(0, 1000),
    gain=st.tuples(*[st.floats(0.02, 50.0)] * 3),
    zero=st.tuples(*[st.floats(-3.0, 3.0)] * 3),
)
def test_scale_and_zero_of_each_axis_are_found_from_rests(
    seed: int, gain: tuple[float, float, float], zero: tuple[float, float, float]
) -> None:
    rng = np.random.default_rng(seed)
    still = np.repeat(worn(seed, 0.0), 25, axis=0)
    moving = np.cumsum(rng.normal(scale=0.05, size=still.shape), axis=0) % 2.0
    force_g = np.vstack([still + rng.normal(scale=0.001, size=still.shape), moving])
    squeezed = force_g * np.array(gain) + np.array(zero)
    sphere = fit_sphere(squeezed, 25.0)

    assert sphere is not None
    assert np.abs(sphere.in_g(squeezed) - force_g).max() < 0.02
    assert sphere.misfit_g < 0.01


def test_rests_in_one_direction_tell_no_scale() -> None:
    rng = np.random.default_rng(2)
    still = np.array([0.4, 0.5, 0.6]) + rng.normal(scale=0.001, size=(3000, 3))

    assert fit_sphere(still, 25.0) is None
    assert fit_sphere(still[:100], 25.0) is None


def test_the_middle_length_is_not_led_astray_by_a_throw() -> None:
    vectors = worn(3, 0.0)
    vectors[::5] *= 9.0

    assert middle_length(vectors) == pytest.approx(1.0)
