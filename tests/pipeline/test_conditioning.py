"""Samples of any rate become the same cells; holes are said and shrunk."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from repsense.pipeline.conditioning import Conditioner, ConditioningParameters, Hole
from repsense.pipeline.history import COUNT, GRID_HZ, HISTORY_S, OFFSET, History, new_history
from repsense.samples import FloatArray, SampleBlock

BRIDGE_S = ConditioningParameters().bridge_s
SMOOTH_S = ConditioningParameters().smooth_s


def arm(t_s: FloatArray) -> FloatArray:
    """Return a movement without anything above 0.5 Hz, shape (n, 3), g."""
    return np.stack(
        [np.sin(2.0 * t_s), 0.4 * np.cos(1.3 * t_s), 0.9 + 0.1 * np.sin(3.0 * t_s)], axis=1
    )


def sampled(t_s: FloatArray) -> SampleBlock:
    return SampleBlock(t_s=t_s, accel_g=arm(t_s))


def conditioned(block: SampleBlock, *, flush: bool = True) -> tuple[History, list[Hole]]:
    conditioner = Conditioner(new_history(), ConditioningParameters())
    holes = conditioner.push(block)
    if flush:
        conditioner.flush()
    return conditioner.history, holes


def cells(history: History) -> tuple[FloatArray, FloatArray]:
    """Return times and values of all cells."""
    used = int(history.counter[COUNT])
    assert history.counter[OFFSET] == 0
    return history.time_s[:used], history.smooth_g[:used]


def smooth(t_s: FloatArray) -> FloatArray:
    """Return what the low-pass should make of ``arm``: a Gaussian times a cell's mean, in theory.

    A sine of w rad/s keeps exp(-(w s)^2 / 2) of its size behind a Gaussian of s seconds,
    and sinc(w c / 2 pi) behind a mean over c seconds.
    """
    kept = [
        np.exp(-0.5 * (w * ConditioningParameters().smooth_s) ** 2)
        * np.sinc(w / GRID_HZ / 2 / np.pi)
        for w in (2.0, 1.3, 3.0)
    ]
    return np.stack(
        [
            kept[0] * np.sin(2.0 * t_s),
            kept[1] * 0.4 * np.cos(1.3 * t_s),
            0.9 + kept[2] * 0.1 * np.sin(3.0 * t_s),
        ],
        axis=1,
    )


@pytest.mark.parametrize("rate_hz", [10.0, 12.5, 25.0, 31.25, 50.0, 104.0, 200.0, 400.0])
def test_every_rate_gives_the_same_cells(rate_hz: float) -> None:
    times_s, values_g = cells(conditioned(sampled(np.arange(0.0, 20.0, 1.0 / rate_hz)))[0])

    # Straight lines between samples cut corners by at most (w / rate)^2 / 8 of a sine's size.
    corner_g = (3.0 / rate_hz) ** 2 / 8.0
    inner = (times_s > 0.5) & (times_s < 19.0)
    assert np.diff(times_s) == pytest.approx(1.0 / GRID_HZ, abs=1e-9)
    assert values_g[inner] == pytest.approx(smooth(times_s[inner]), abs=corner_g + 0.002)


@settings(deadline=None, max_examples=30)
@given(
    intervals_s=st.lists(st.floats(0.0025, 0.1), min_size=150, max_size=400),
    start_s=st.sampled_from([0.0, -37.0, 86_400.0, 1_700_000_000.0]),
)
def test_uneven_samples_give_the_cells_of_the_same_curve(
    intervals_s: list[float], start_s: float
) -> None:
    times_s = np.cumsum(intervals_s)
    block = SampleBlock(t_s=start_s + times_s, accel_g=arm(times_s))
    seen_s, values_g = cells(conditioned(block)[0])
    seen_s = seen_s - start_s
    inner = (seen_s > times_s[0] + 0.5) & (seen_s < times_s[-1] - 0.5)

    assert values_g[inner] == pytest.approx(smooth(seen_s[inner]), abs=0.015)


@settings(deadline=None, max_examples=20)
@given(rate_hz=st.floats(10.0, 400.0), shares=st.lists(st.floats(0, 1), max_size=10))
def test_cells_do_not_depend_on_the_cuts(rate_hz: float, shares: list[float]) -> None:
    block = sampled(np.arange(0.0, 12.0, 1.0 / rate_hz))
    conditioner = Conditioner(new_history(), ConditioningParameters())
    edges = [0, *sorted(round(share * len(block)) for share in shares), len(block)]
    for start, stop in pairwise(edges):
        conditioner.push(block.part(start, stop))
    conditioner.flush()

    whole, _ = conditioned(block)
    for pieced, at_once in zip(conditioner.history, whole, strict=True):
        assert np.array_equal(pieced, at_once)


def test_a_cell_is_ready_when_the_low_pass_has_seen_far_enough() -> None:
    history, _ = conditioned(sampled(np.arange(0.0, 5.0, 0.01)), flush=False)
    used = int(history.counter[COUNT])
    delay_s = history.ready_s[:used] - history.time_s[:used]

    # Three standard deviations and half a cell, and at most one sample more.
    assert delay_s.min() > 3.0 * SMOOTH_S
    assert delay_s.max() < 3.0 * SMOOTH_S + 1.0 / GRID_HZ + 0.03


def test_noise_of_a_fast_sensor_averages_out() -> None:
    rng = np.random.default_rng(1)
    spreads_g = []
    for rate_hz in (50.0, 200.0):
        t_s = np.arange(0.0, 40.0, 1.0 / rate_hz)
        noise = SampleBlock(t_s=t_s, accel_g=rng.normal(0.0, 0.1, (t_s.size, 3)))
        spreads_g.append(cells(conditioned(noise)[0])[1].std())

    assert spreads_g[1] == pytest.approx(spreads_g[0] / 2.0, rel=0.2)
    assert spreads_g[0] < 0.03


@settings(deadline=None, max_examples=20)
@given(hole_s=st.floats(0.2, BRIDGE_S - 0.03))
def test_a_short_hole_is_bridged_in_silence(hole_s: float) -> None:
    t_s = np.arange(0.0, 20.0, 0.02)
    left = (t_s < 8.0) | (t_s > 8.0 + hole_s)
    history, holes = conditioned(sampled(t_s[left]))
    times_s, values_g = cells(history)

    assert holes == []
    assert np.diff(times_s) == pytest.approx(1.0 / GRID_HZ, abs=1e-9)
    before, after = arm(np.array([8.0])), arm(np.array([8.0 + hole_s]))
    inside = (times_s > 8.0) & (times_s < 8.0 + hole_s)
    low, high = np.minimum(before, after), np.maximum(before, after)
    assert (values_g[inside] > low - 0.3).all()
    assert (values_g[inside] < high + 0.3).all()


@settings(deadline=None, max_examples=20)
@given(hole_s=st.floats(BRIDGE_S + 0.05, 4000.0))
def test_a_long_hole_is_said_and_shrunk(hole_s: float) -> None:
    early_s = np.arange(0.0, 8.0, 0.02)
    late_s = early_s[-1] + hole_s + early_s
    block = SampleBlock(
        t_s=np.concatenate([early_s, late_s]), accel_g=np.concatenate([arm(early_s), arm(early_s)])
    )
    history, holes = conditioned(block)
    times_s, values_g = cells(history)

    assert holes == [Hole(start_s=pytest.approx(early_s[-1]), end_s=float(late_s[0]))]
    assert times_s.size == pytest.approx(2 * 8.0 * GRID_HZ + 12, abs=3)
    assert (np.diff(times_s) > 0).all()
    assert times_s[-1] == pytest.approx(late_s[-1], abs=0.05)
    # Behind the hole the cells are those of the same movement, at their true times.
    behind = times_s > late_s[0] + 0.5
    inner = behind & (times_s < late_s[-1] - 0.5)
    assert values_g[inner] == pytest.approx(smooth(times_s[inner] - late_s[0]), abs=0.01)


def test_holes_between_blocks_are_holes_too() -> None:
    conditioner = Conditioner(new_history(), ConditioningParameters())
    conditioner.push(sampled(np.arange(0.0, 2.0, 0.02)))

    assert conditioner.push(sampled(np.arange(30.0, 32.0, 0.02))) == [
        Hole(start_s=pytest.approx(1.98), end_s=30.0)
    ]


def test_old_samples_are_dropped() -> None:
    conditioner = Conditioner(new_history(), ConditioningParameters())
    block = sampled(np.arange(0.0, 4.0, 0.02))
    conditioner.push(block)
    before = [part.copy() for part in conditioner.history]
    conditioner.push(block.part(50, 150))
    conditioner.push(block)

    for was, part in zip(before, conditioner.history, strict=True):
        assert np.array_equal(was, part)


def test_nearly_the_newest_minute_is_always_kept() -> None:
    conditioner = Conditioner(new_history(), ConditioningParameters())
    for start in range(0, 400, 10):
        conditioner.push(sampled(np.arange(start, start + 10.0, 0.02)))
        history = conditioner.history
        used = int(history.counter[COUNT])
        oldest_s = max(0.0, start + 10.0 - HISTORY_S + 1.0)
        assert history.time_s[0] <= oldest_s + 0.1
        newest_s = start + 10.0 - 3.0 * SMOOTH_S
        assert history.time_s[used - 1] == pytest.approx(newest_s, abs=0.1)
        kept = history.time_s[:used]
        inner = (kept > 0.5) & (kept < start + 9.0)
        assert history.smooth_g[:used][inner] == pytest.approx(smooth(kept[inner]), abs=0.003)


def test_a_short_burst_stays_as_tall_as_it_was_in_the_unsmoothed_cells() -> None:
    t_s = np.arange(0.0, 150.0, 0.01)
    block = SampleBlock(t_s=t_s, accel_g=np.stack([0.0 * t_s, 0.0 * t_s, burst(t_s)], axis=1))

    history, _ = conditioned(block)  # long enough for the oldest cells to be let go
    rows = slice(0, int(history.counter[COUNT]))

    assert history.counter[OFFSET] > 0
    assert history.raw_g[rows, 2] == pytest.approx(burst(history.time_s[rows]), abs=0.05)
    assert history.smooth_g[rows, 2].max() < 1.7


def burst(t_s: FloatArray) -> FloatArray:
    """Return 1 g with a bump of 1 g and 0.3 s in every minute."""
    return np.asarray(1.0 + np.exp(-0.5 * ((t_s - 45.0) % 60.0 - 15.0) ** 2 / 0.1**2))
