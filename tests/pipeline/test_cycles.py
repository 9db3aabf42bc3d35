"""What a stretch of curve looks like to the search, on curves whose numbers are obvious."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from repsense.pipeline.cycles import (
    CLOSURE,
    EXCURSION,
    MEAN,
    POINTS,
    RANGE,
    VARIANCE,
    Candidate,
    measure_shape,
    new_candidate,
    trace_candidate,
    trace_shape,
)
from repsense.pipeline.history import COUNT, PATH_G, History, new_history
from repsense.samples import FloatArray

CELLS = 100


def history_of(curve_g: FloatArray) -> History:
    """Return a history that holds a curve of shape (n, 3)."""
    history = new_history()
    n = len(curve_g)
    history.smooth_g[:n] = curve_g
    steps_g = np.linalg.norm(np.diff(curve_g, axis=0), axis=1)
    history.path[:n] = np.concatenate([[0.0], np.cumsum(steps_g)]) / PATH_G
    history.counter[COUNT] = n
    return history


def described(curve_g: FloatArray, *, path_share: float = 0.4) -> Candidate:
    candidate = new_candidate(len(curve_g))
    history = history_of(curve_g)
    last = len(curve_g) - 1
    trace_candidate(history.smooth_g, history.path, 0, last, path_share, candidate)
    measure_shape(candidate)
    return candidate


def points_of(candidate: Candidate) -> FloatArray:
    """Return where the candidate's points lie, shape (POINTS, 3)."""
    return np.array(candidate.points_g[:, :POINTS].T, dtype=float)


def along_x(x_g: FloatArray) -> FloatArray:
    return np.stack([x_g, 0.0 * x_g, 1.0 + 0.0 * x_g], axis=1)


SHARE = np.linspace(0.0, 1.0, CELLS)
#: Away by 0.8 g and back, starting and ending in rest.
REP = along_x(0.4 * (1.0 - np.cos(2.0 * np.pi * SHARE)))


def test_a_full_cycle_closes_and_leaves_by_its_whole_range() -> None:
    trait = described(REP).trait

    assert trait[RANGE] == pytest.approx(0.8, rel=0.03)  # no point lies just at the turn
    assert trait[CLOSURE] == pytest.approx(0.0, abs=0.001)
    assert trait[EXCURSION] == pytest.approx(1.0, abs=0.001)
    assert trait[MEAN + 2] == pytest.approx(1.0)


def test_half_a_cycle_does_not_close() -> None:
    trait = described(REP[: CELLS // 2]).trait

    assert trait[CLOSURE] == pytest.approx(1.0, abs=0.01)
    assert trait[EXCURSION] == pytest.approx(0.5, abs=0.02)


def test_a_cycle_cut_at_half_height_closes_but_hardly_leaves() -> None:
    middle = CELLS // 4
    twice = np.concatenate([REP, REP])[middle : middle + CELLS]
    trait = described(twice).trait

    assert trait[CLOSURE] == pytest.approx(0.0, abs=0.05)
    assert trait[EXCURSION] == pytest.approx(0.5, abs=0.05)


def test_the_variance_is_the_mean_squared_distance_from_the_mean() -> None:
    candidate = described(REP)
    points = points_of(candidate)

    assert candidate.trait[VARIANCE] == pytest.approx(
        ((points - points.mean(axis=0)) ** 2).sum() / POINTS, rel=1e-4
    )
    assert candidate.trait[MEAN : MEAN + 3] == pytest.approx(points.mean(axis=0), rel=1e-5)
    centred_g = candidate.shape_g.reshape(3, POINTS).T
    assert np.allclose(centred_g, points - points.mean(axis=0), atol=1e-6)


@pytest.mark.parametrize("path_share", [0.0, 0.15, 0.4, 0.9])
def test_shapes_begin_and_end_where_the_curve_does(path_share: float) -> None:
    points = points_of(described(REP[:70], path_share=path_share))

    assert points[0] == pytest.approx(REP[0], abs=1e-6)
    assert points[-1] == pytest.approx(REP[69], abs=1e-6)


def test_by_time_alone_points_are_even_in_time() -> None:
    ramp = along_x(SHARE**2)
    points = points_of(described(ramp, path_share=0.0))

    assert points[:, 0] == pytest.approx(np.linspace(0, 1, POINTS) ** 2, abs=0.001)


def test_a_path_that_has_wrapped_round_is_the_same_path() -> None:
    history, last, seen = history_of(REP), len(REP) - 1, list[FloatArray]()
    for already in (0, 2**31 - 2**20):
        history.path[:] += np.int32(already)
        candidate = new_candidate(len(REP))
        trace_candidate(history.smooth_g, history.path, 0, last, 0.4, candidate)
        seen.append(points_of(candidate))

    assert history.path[0] > 0 > history.path[last]
    assert np.array_equal(*seen)


def test_a_hold_moves_the_points_less_where_the_path_counts() -> None:
    held = np.concatenate([REP[: CELLS // 2], np.repeat(REP[[CELLS // 2]], 60, axis=0), REP[50:]])

    def moved(path_share: float) -> float:
        plain, stretched = (
            described(REP, path_share=path_share),
            described(held, path_share=path_share),
        )
        return float(np.abs(points_of(plain) - points_of(stretched)).max())

    assert moved(0.4) < 0.75 * moved(0.0)


@settings(deadline=None, max_examples=40)
@given(seed=st.integers(0, 2**31), cells=st.integers(17, 200))
def test_numbers_do_not_depend_on_how_the_band_is_worn(seed: int, cells: int) -> None:
    rng = np.random.default_rng(seed)
    curve = np.cumsum(rng.normal(0.0, 0.05, (cells, 3)), axis=0)
    turn, _ = np.linalg.qr(rng.normal(size=(3, 3)))
    plain, turned = described(curve), described(curve @ turn.T)

    assert turned.trait[:MEAN] == pytest.approx(plain.trait[:MEAN], rel=1e-3, abs=1e-5)
    assert np.linalg.norm(turned.trait[MEAN:]) == pytest.approx(
        np.linalg.norm(plain.trait[MEAN:]), rel=1e-3, abs=1e-5
    )
    assert plain.trait[RANGE] >= plain.trait[CLOSURE] * plain.trait[RANGE] - 1e-6
    assert 0.0 <= plain.trait[EXCURSION] <= 1.001


@pytest.mark.parametrize("points", [4, 9, POINTS])
def test_parts_of_a_template_are_traced_like_whole_cycles(points: int) -> None:
    history, last = history_of(REP), len(REP) - 1
    shape_g = np.zeros(3 * points, dtype=np.float32)
    trace_shape(history.smooth_g, history.path, 0, last, points, 0.0, shape_g)
    rows = np.linspace(0, last, points)

    assert shape_g[::3] == pytest.approx(np.interp(rows, np.arange(CELLS), REP[:, 0]), abs=1e-6)
    assert shape_g[2::3] == pytest.approx(1.0)


@settings(deadline=None, max_examples=20)
@given(size=st.floats(0.05, 3.0))
def test_a_larger_movement_has_a_larger_range_and_nothing_else(size: float) -> None:
    plain, grown = described(REP), described(np.asarray(size * REP))

    assert grown.trait[RANGE] == pytest.approx(size * plain.trait[RANGE], rel=1e-3)
    assert grown.trait[VARIANCE] == pytest.approx(size**2 * plain.trait[VARIANCE], rel=1e-3)
    assert grown.trait[EXCURSION] == pytest.approx(plain.trait[EXCURSION], rel=1e-3)
