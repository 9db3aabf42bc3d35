"""What a chain looks like: drawn curves whose size, shape and tempo are known."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from repsense.pipeline.chain_traits import FEATURES, Traits, traits_of
from repsense.pipeline.chains import Chain, Cycle
from repsense.pipeline.gait import HOP
from repsense.pipeline.history import COUNT, GRID_HZ, OFFSET, History, new_history
from repsense.samples import FloatArray

few_runs = settings(max_examples=30, deadline=None, derandomize=True)


def history_of(smooth_g: FloatArray, *, walking: FloatArray | float = 0.0) -> History:
    """Return a history of these cells; ``walking`` is the share of windows that look like it."""
    history = new_history()
    rows = len(smooth_g)
    history.counter[COUNT] = rows
    history.smooth_g[:rows] = smooth_g
    history.time_s[:rows] = np.arange(rows) / GRID_HZ
    history.gait[:rows] = np.floor(np.cumsum(np.broadcast_to(walking, rows) / HOP))
    return history


def swings(ranges_g: list[float], cells: int, *, drift_g: float = 0.0) -> FloatArray:
    """Return cycles of a wrist that goes out by each range along x and comes back.

    Along y it ends every cycle ``drift_g`` away from where it began.
    """
    phase = np.arange(len(ranges_g) * cells + 1) / cells
    range_g = np.array([*ranges_g, ranges_g[-1]])[phase.astype(int)]
    out_g = range_g / 2.0 * (1.0 - np.cos(2.0 * np.pi * phase))
    return np.stack([out_g, drift_g * phase, np.ones(phase.size)], axis=1)


def chain_of(lengths: list[int], *, score: float = 2.0, start: int = 0) -> Chain:
    """Return a chain of cycles of these lengths in cells, one right after the other."""
    edges = start + np.cumsum([0, *lengths])
    cycles = tuple(Cycle(int(a), int(b)) for a, b in pairwise(edges))
    return Chain(reps=len(cycles), start=start, cycles=cycles, score=score)


def seen(smooth_g: FloatArray, chain: Chain, *, walking: FloatArray | float = 0.0) -> Traits:
    """Return the traits of a chain as they look when the cells have come to their end."""
    return traits_of(history_of(smooth_g, walking=walking), chain, len(smooth_g) - 1)


@few_runs
@given(range_g=st.floats(0.02, 2.0), cells=st.integers(20, 150), reps=st.integers(2, 8))
def test_equal_swings_are_described_as_they_were_drawn(
    range_g: float, cells: int, reps: int
) -> None:
    traits = seen(swings([range_g] * reps, cells), chain_of([cells] * reps))

    assert traits.reps == reps
    assert traits.rep_s == pytest.approx(cells / GRID_HZ)
    assert traits.range_g == pytest.approx(range_g, rel=0.01)  # no cell need lie on the turn
    assert traits.closure == pytest.approx(0.0, abs=1e-6)
    assert traits.range_spread == pytest.approx(0.0, abs=1e-6)
    assert traits.gait_share == 0.0


@pytest.mark.parametrize(("lengths", "median_s"), [([25, 50, 100], 2.0), ([25, 50], 1.5)])
def test_rep_length_is_the_median(lengths: list[int], median_s: float) -> None:
    traits = seen(np.ones((sum(lengths) + 1, 3)), chain_of(lengths))

    assert traits.rep_s == pytest.approx(median_s)


def test_a_perfect_chain_is_as_alike_however_many_reps_it_has() -> None:
    still = np.ones((501, 3))
    few, many = (seen(still, chain_of([50] * reps, score=0.7 * reps)).likeness for reps in (3, 10))

    assert few == pytest.approx(0.7)
    assert many == pytest.approx(0.7)


def test_closure_is_the_distance_of_the_ends_against_the_range() -> None:
    traits = seen(swings([0.4] * 6, 50, drift_g=0.06), chain_of([50] * 6))

    # From the turn, halfway, either end is 0.4 g away along x and 0.03 g along y.
    assert traits.range_g == pytest.approx(math.hypot(0.4, 0.03), rel=0.001)
    assert traits.closure == pytest.approx(0.06 / math.hypot(0.4, 0.03), rel=0.001)


def test_spread_is_that_of_the_ranges_on_a_logarithmic_scale() -> None:
    traits = seen(swings([0.2, 0.4] * 3, 50), chain_of([50] * 6))

    assert traits.range_spread == pytest.approx(math.log(2.0) / 2.0, rel=0.001)


@pytest.mark.parametrize("share", [0.0, 0.25, 0.5, 1.0])
def test_gait_share_is_that_of_the_windows_during_the_chain(share: float) -> None:
    cells = 80 * HOP
    walking = np.full(cells, 1.0 - share)  # something else before the chain
    walking[cells // 2 :] = share
    chain = chain_of([HOP * 5] * 8, start=cells // 2 - 1)

    assert seen(np.ones((cells, 3)), chain, walking=walking).gait_share == pytest.approx(share)


def test_a_long_chain_is_described_by_its_end() -> None:
    # A minute: first large swings while walking, then small ones and no walking.
    smooth_g = swings([1.0] * 14 + [0.3] * 16, 50)
    walking = (np.arange(len(smooth_g)) < 14 * 50) * 1.0

    traits = seen(smooth_g, chain_of([50] * 30), walking=walking)

    assert traits.gait_share == 0.0
    assert traits.range_g == pytest.approx(0.3, rel=0.01)
    assert traits.range_spread == pytest.approx(0.0, abs=1e-6)
    assert traits.reps == 30


def test_cells_that_lie_lower_in_the_arrays_are_the_same_cells() -> None:
    smooth_g = swings([0.3, 0.5, 0.4], 60, drift_g=0.02)
    history = history_of(smooth_g)
    here = traits_of(history, chain_of([60] * 3), len(smooth_g) - 1)
    history.counter[OFFSET] = 5000

    moved = traits_of(history, chain_of([60] * 3, start=5000), 5000 + len(smooth_g) - 1)

    assert moved == here


def rotation(seed: int) -> FloatArray:
    """Return a random rotation matrix."""
    turned, _ = np.linalg.qr(np.random.default_rng(seed).normal(size=(3, 3)))
    return np.asarray(turned * np.sign(np.linalg.det(turned)))


@few_runs
@given(seed=st.integers(0, 10_000))
def test_how_the_band_is_worn_changes_nothing(seed: int) -> None:
    smooth_g = swings([0.3, 0.5, 0.4, 0.1], 60, drift_g=0.03)
    chain = chain_of([60] * 4)

    turned = seen(smooth_g @ rotation(seed).T, chain)

    assert turned == pytest.approx(seen(smooth_g, chain))


@few_runs
@given(
    seed=st.integers(0, 10_000),
    size_g=st.sampled_from([0.0, 1e-9, 0.01, 1.0, 16.0]),
    lengths=st.lists(st.integers(1, 210), min_size=1, max_size=9),
    score=st.floats(-2.0, 10.0),
    walking=st.floats(0.0, 1.0),
)
def test_every_chain_has_numbers(
    seed: int, size_g: float, lengths: list[int], score: float, walking: float
) -> None:
    rng = np.random.default_rng(seed)
    smooth_g = size_g * rng.normal(size=(sum(lengths) + 1, 3))

    traits = seen(smooth_g, chain_of(lengths, score=score), walking=walking)

    assert np.isfinite(traits).all()
    assert np.isfinite(traits.features()).all()
    assert len(traits.features()) == len(FEATURES)


def test_what_only_quick_or_small_cycles_are_asked_is_nothing_to_others() -> None:
    slow = Traits(0.6, 2.0, 0.0, 0.3, 0.5, 0.3, 5)
    named = dict(zip(FEATURES, slow.features(), strict=True))

    assert [value for name, value in named.items() if name.startswith("hasty")] == [0.0] * 2
    assert [value for name, value in named.items() if name.startswith("small")] == [0.0] * 3
    assert slow.features() == slow._replace(closure=0.1, range_g=0.9, range_spread=0.1).features()


def test_more_than_some_reps_make_nothing_surer() -> None:
    few, some, many = (Traits(0.6, 2.0, 0.0, 0.1, 0.5, 0.1, reps).features() for reps in (4, 8, 30))

    assert few != some
    assert some == many
