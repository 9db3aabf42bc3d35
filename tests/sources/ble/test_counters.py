"""Counters that wrap and batches with one stamp: time goes on, and what is lost is counted."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from repsense.sources.ble.counters import BatchClock, Unwrapper


@given(
    bits=st.sampled_from([8, 16, 32]),
    start=st.integers(0, 2**32),
    steps=st.lists(st.integers(1, 127), max_size=50),
)
def test_a_counter_that_wraps_goes_on(bits: int, start: int, steps: list[int]) -> None:
    counts = start % (1 << bits) + np.cumsum([0, *steps])
    counter = Unwrapper(bits=bits)
    assert [counter.unwrap(int(c) % (1 << bits)) for c in counts] == counts.tolist()


def test_a_late_packet_from_before_the_wrap_is_placed_before_it() -> None:
    counter = Unwrapper(bits=8)
    assert [counter.unwrap(value) for value in (250, 3, 251, 4)] == [250, 259, 251, 260]


@pytest.mark.parametrize("wrong", [0.97, 1.0, 1.04])
def test_a_rate_that_is_a_little_off_leaves_no_seam_and_loses_nothing(wrong: float) -> None:
    clock = BatchClock(rate_hz=52.0)
    placed = [clock.place_by_last(100 + k * 71 / (52.0 * wrong), 71) for k in range(5)]
    times = np.concatenate([p.t_s for p in placed if p is not None])
    assert [p.lost for p in placed if p is not None] == [0] * 5
    assert np.allclose(np.diff(times)[71:], 1 / (52.0 * wrong))
    assert times[-1] == pytest.approx(100 + 4 * 71 / (52.0 * wrong))


@pytest.mark.parametrize("n", [1, 4, 36])
def test_a_lost_batch_is_counted_and_not_stretched_over(n: int) -> None:
    for by_last in (False, True):
        clock = BatchClock(rate_hz=100.0)
        place = clock.place_by_last if by_last else clock.place_by_first
        first, second = place(5.0, n), place(5.0 + 2 * n / 100.0, n)
        assert first is not None
        assert second is not None
        assert (first.lost, second.lost) == (0, n)
        assert np.allclose(np.diff(second.t_s), 0.01)
        assert second.t_s[-1] - first.t_s[-1] == pytest.approx(2 * n / 100.0)


def test_a_double_and_a_late_batch_are_dropped() -> None:
    for by_last in (False, True):
        clock = BatchClock(rate_hz=100.0)
        place = clock.place_by_last if by_last else clock.place_by_first
        assert [place(t, 10) is not None for t in (3.0, 3.1, 3.1, 3.0, 3.2)] == [
            True,
            True,
            False,
            False,
            True,
        ]


@pytest.mark.parametrize("leap_s", [-3600.0, 2e8])
def test_time_goes_on_when_the_sensors_clock_is_set(leap_s: float) -> None:
    for by_last in (False, True):
        clock = BatchClock(rate_hz=50.0)
        place = clock.place_by_last if by_last else clock.place_by_first
        stamps = [10.0, 10.2, 10.4 + leap_s, 10.6 + leap_s]
        placed = [place(stamp, 10) for stamp in stamps]
        assert [p.lost for p in placed if p is not None] == [0, 0, 0, 0]
        times = np.concatenate([p.t_s for p in placed if p is not None])
        assert np.allclose(np.diff(times), 0.02, atol=1e-6)


@given(
    st.lists(
        st.tuples(
            st.booleans(),
            st.one_of(st.floats(0, 2e10), st.floats(100, 130)),
            st.integers(1, 80),
        ),
        max_size=30,
    )
)
def test_times_increase_whatever_is_stamped(batches: list[tuple[bool, float, int]]) -> None:
    clock = BatchClock(rate_hz=208.0)
    newest = -np.inf
    for by_last, stamp, n in batches:
        placed = (clock.place_by_last if by_last else clock.place_by_first)(stamp, n)
        if placed is None:
            continue
        assert placed.t_s.shape == (n,)
        assert (np.diff(np.concatenate([[newest], placed.t_s])) > 0).all()
        assert placed.lost >= 0
        newest = placed.t_s[-1]
