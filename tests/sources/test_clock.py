"""The clock: every sample once and in order, at its true time, and what is missing counted."""

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from repsense.samples import SampleBlock
from repsense.sources.ble.drivers.base import Batch, Timing
from repsense.sources.clock import HOLD_S, SensorClock, clock_for

ORIGIN_S = 5000.0


def batch(first: int, n: int, *, device_s: np.ndarray | None = None, lost: int = 0) -> Batch:
    """Return samples whose x says their number."""
    accel_g = np.zeros((n, 3))
    accel_g[:, 0] = first + np.arange(n)
    return Batch(accel_g=accel_g, device_s=device_s, lost=lost)


@dataclass
class Placed:
    """Everything a clock gave out."""

    blocks: list[SampleBlock]

    @property
    def t_s(self) -> np.ndarray:
        return np.concatenate([block.t_s for block in self.blocks])

    @property
    def numbers(self) -> np.ndarray:
        return np.concatenate([block.accel_g[:, 0] for block in self.blocks])

    @property
    def lost(self) -> int:
        return sum(block.lost for block in self.blocks)


def place(clock: SensorClock, arrivals: list[tuple[float, Batch]]) -> Placed:
    blocks = (clock.place(one, ORIGIN_S + arrived_s) for arrived_s, one in arrivals)
    return Placed([block for block in blocks if block is not None])


def device(rate_hz: float = 50.0) -> SensorClock:
    return clock_for(Timing.DEVICE, rate_hz, origin_s=ORIGIN_S)


def even(rate_hz: float = 50.0) -> SensorClock:
    return clock_for(Timing.EVEN, rate_hz, origin_s=ORIGIN_S)


def held(rate_hz: float = 10.0) -> SensorClock:
    return clock_for(Timing.ARRIVAL, rate_hz, origin_s=ORIGIN_S)


# --- the sensor knows its time ---------------------------------------------------------------


def sent(n: int, per_packet: int, *, rate_hz: float, since_s: float = 1e6) -> list[Batch]:
    """Return a sensor's packets, its clock running since some time."""
    starts = range(0, n, per_packet)
    return [
        batch(k, per_packet, device_s=since_s + (k + np.arange(per_packet)) / rate_hz)
        for k in starts
    ]


@settings(deadline=None, max_examples=50)
@given(
    fate=st.lists(
        st.sampled_from(["once", "once", "once", "twice", "late", "lost"]), min_size=5, max_size=50
    ),
    per_packet=st.sampled_from([1, 5, 71]),
    rate_hz=st.sampled_from([26.0, 52.0, 104.0]),
    drift=st.floats(-0.02, 0.02),
)
def test_whatever_the_radio_does_each_sample_comes_once_and_each_missing_one_is_counted(
    fate: list[str], per_packet: int, rate_hz: float, drift: float
) -> None:
    fate = ["once"] * 4 + fate + ["once"] * 2
    packets = sent(len(fate) * per_packet, per_packet, rate_hz=rate_hz * (1.0 + drift))
    arrivals = []
    for number, (one, what) in enumerate(zip(packets, fate, strict=True)):
        at_s = (number + 1) * per_packet / rate_hz
        if what != "lost":
            arrivals.append((at_s, one))
        if what == "twice":
            arrivals.append((at_s, one))
        if what == "late":
            arrivals.append((at_s, packets[number - 1]))
    placed = place(device(rate_hz), arrivals)
    assert (np.diff(placed.t_s) > 0).all()
    # A packet that was lost and came late all the same is lost: the pipeline does not go back.
    there = np.unique(
        np.concatenate([p.accel_g[:, 0] for p, f in zip(packets, fate, strict=True) if f != "lost"])
    )
    assert placed.numbers.tolist() == there.tolist()
    assert placed.lost == fate.count("lost") * per_packet
    true_s = placed.numbers / (rate_hz * (1.0 + drift))
    np.testing.assert_allclose(np.diff(placed.t_s), np.diff(true_s), atol=1e-6)


def test_a_decoder_that_knows_what_was_lost_is_believed() -> None:
    first, second = sent(20, 10, rate_hz=50.0)
    told = Batch(accel_g=second.accel_g, device_s=second.device_s, lost=3)
    assert place(device(), [(0.2, first), (0.4, told)]).lost == 3


@pytest.mark.parametrize("drop_s", [0.3, 5.0, 20.0, 600.0])
def test_a_clock_that_runs_on_during_a_drop_tells_exactly_what_was_lost(drop_s: float) -> None:
    clock = device()
    before, after = sent(100, 10, rate_hz=50.0), sent(100, 10, rate_hz=50.0, since_s=1e6 + drop_s)
    arrivals = [(0.2 * (i + 1), one) for i, one in enumerate(before)]
    placed = place(clock, arrivals)
    clock.connected()
    later = [(drop_s + 0.2 * (i + 1) + 0.4, one) for i, one in enumerate(after)]
    lost = place(clock, later)
    first_new = lost.t_s[0] - placed.t_s[-1]
    if drop_s > 2.0:
        assert lost.lost == round((drop_s - 2.0 + 0.02) * 50.0) - 1
        assert first_new == pytest.approx(drop_s - 2.0 + 0.02)
    assert first_new > 0


@given(drop_s=st.floats(0.0, 100.0), restarted_at_s=st.floats(0.0, 10.0))
def test_a_clock_that_restarts_is_tied_anew_and_never_runs_backwards(
    drop_s: float, restarted_at_s: float
) -> None:
    clock = device()
    placed = place(clock, [(0.2 * (i + 1), b) for i, b in enumerate(sent(100, 10, rate_hz=50.0))])
    clock.connected()
    again = sent(100, 10, rate_hz=50.0, since_s=restarted_at_s)
    after = place(clock, [(2.0 + drop_s + 0.2 * (i + 1), one) for i, one in enumerate(again)])
    assert len(after.numbers) == 100
    assert after.t_s[0] > placed.t_s[-1]
    assert after.t_s[-1] == pytest.approx(4.0 + drop_s, abs=0.03)
    assert after.lost == pytest.approx(drop_s * 50.0, abs=2)


@pytest.mark.parametrize("step_s", [3600.0, -3600.0])
def test_a_sensor_that_sets_its_clock_while_it_streams_makes_no_hole(step_s: float) -> None:
    packets = sent(200, 10, rate_hz=50.0)
    moved = [
        Batch(accel_g=b.accel_g, device_s=(b.device_s if b.device_s is not None else 0.0) + step_s)
        for b in packets[10:]
    ]
    arrivals = [(0.2 * (i + 1), one) for i, one in enumerate([*packets[:10], *moved])]
    placed = place(device(), arrivals)
    assert placed.numbers.tolist() == list(range(200))
    assert np.diff(placed.t_s).max() < 0.1


def test_a_radio_that_stalls_and_then_delivers_loses_nothing_and_moves_nothing() -> None:
    packets = sent(500, 10, rate_hz=50.0)
    arrivals = [(max(0.2 * (i + 1), 9.0 if i > 10 else 0.0), one) for i, one in enumerate(packets)]
    placed = place(device(), arrivals)
    assert placed.lost == 0
    np.testing.assert_allclose(np.diff(placed.t_s), 0.02, atol=1e-6)


@pytest.mark.parametrize("real_hz", [12.5, 25.0, 100.0, 208.0])
def test_a_rate_other_than_the_one_asked_for_is_no_loss(real_hz: float) -> None:
    arrivals = [(k / real_hz, one) for k, one in enumerate(sent(400, 1, rate_hz=real_hz))]
    assert place(device(50.0), arrivals[:]).lost <= 12  # until the rate is known


# --- the sensor sends no time ----------------------------------------------------------------


def arrivals_of(
    n: int, per_packet: int, rate_hz: float, *, jitter_s: float, seed: int, lag_s: float = 0.02
) -> list[tuple[float, Batch]]:
    """Return packets as a radio delivers them: never early, in order, late by chance."""
    rng = np.random.default_rng(seed)
    ready_s = (np.arange(per_packet, n + 1, per_packet) - 1) / rate_hz
    arrived_s = np.maximum.accumulate(ready_s + lag_s + rng.uniform(0, jitter_s, ready_s.size))
    return [(float(at), batch(i * per_packet, per_packet)) for i, at in enumerate(arrived_s)]


@settings(deadline=None, max_examples=25)
@given(
    drift=st.floats(-0.02, 0.02),
    jitter_s=st.floats(0.0, 0.06),
    sent_as=st.sampled_from([(1, 10.0), (10, 10.0), (1, 52.0), (71, 52.0), (2, 100.0)]),
    seed=st.integers(0, 1000),
)
def test_the_fitted_clock_finds_the_true_times(
    drift: float, jitter_s: float, sent_as: tuple[int, float], seed: int
) -> None:
    per_packet, rate_hz = sent_as
    real_hz = rate_hz * (1.0 + drift)
    n = int(max(60.0 * rate_hz, 40 * per_packet)) // per_packet * per_packet
    placed = place(even(rate_hz), arrivals_of(n, per_packet, real_hz, jitter_s=jitter_s, seed=seed))
    assert placed.numbers.tolist() == list(range(n))
    assert placed.lost == 0
    assert (np.diff(placed.t_s) > 0).all()
    settled = placed.t_s[n // 2 :]
    error_s = settled - np.arange(n // 2, n) / real_hz
    # A constant delay cannot be seen by anybody; what counts is that it stays constant.
    assert error_s.min() > -0.03
    assert np.ptp(error_s) < 0.03 + 0.5 * jitter_s
    measured_hz = (settled.size - 1) / (settled[-1] - settled[0])
    assert measured_hz == pytest.approx(real_hz, rel=0.004)


@pytest.mark.parametrize("real_hz", [20.0, 35.0, 75.0, 100.0])
def test_a_sensor_at_quite_another_rate_is_measured(real_hz: float) -> None:
    placed = place(even(50.0), arrivals_of(4000, 2, real_hz, jitter_s=0.03, seed=1))
    settled = placed.t_s[1000:]
    assert (settled.size - 1) / (settled[-1] - settled[0]) == pytest.approx(real_hz, rel=0.01)
    assert (np.diff(placed.t_s) > 0).all()


@settings(deadline=None, max_examples=15)
@given(
    hole_s=st.floats(1.6, 60.0),
    at=st.integers(300, 1000),
    per_packet=st.sampled_from([1, 2, 10]),
    seed=st.integers(0, 100),
)
def test_a_hole_in_a_stream_without_times_is_seen_and_measured(
    hole_s: float, at: int, per_packet: int, seed: int
) -> None:
    arrivals = arrivals_of(3000, per_packet, 50.0, jitter_s=0.04, seed=seed)
    cut = at // per_packet
    kept = arrivals[:cut] + [(a + hole_s, b) for a, b in arrivals[cut:]]
    placed = place(even(), kept)
    assert abs(placed.lost - hole_s * 50.0) < 6 + 0.01 * hole_s * 50.0
    assert np.diff(placed.t_s).max() == pytest.approx(hole_s, abs=0.15)
    assert placed.t_s[-1] == pytest.approx(kept[-1][0], abs=0.1)


def test_a_short_loss_is_noticed_by_what_does_not_come_after_it() -> None:
    arrivals = arrivals_of(3000, 2, 50.0, jitter_s=0.02, seed=3)
    kept = arrivals[:700] + [(a + 0.6, b) for a, b in arrivals[700:]]
    placed = place(even(), kept)
    assert placed.lost == pytest.approx(30, abs=8)
    assert placed.t_s[-1] == pytest.approx(kept[-1][0], abs=0.05)


def test_a_stall_that_is_made_up_for_is_no_loss() -> None:
    arrivals = arrivals_of(3000, 2, 50.0, jitter_s=0.02, seed=3)
    stalled_s = arrivals[700][0] + 0.8
    kept = arrivals[:700] + [(max(a, stalled_s), b) for a, b in arrivals[700:]]
    placed = place(even(), kept)
    assert placed.lost == 0
    assert np.diff(placed.t_s).max() < 0.031


def test_a_drop_is_measured_by_arrival_and_never_steps_back() -> None:
    clock = even()
    first = place(clock, arrivals_of(500, 5, 50.0, jitter_s=0.02, seed=1))
    clock.connected()
    later = [(a + 10.0 + 12.0, b) for a, b in arrivals_of(500, 5, 50.0, jitter_s=0.02, seed=2)]
    second = place(clock, later)
    assert second.lost == pytest.approx(12.0 * 50.0, abs=5)
    assert second.t_s[0] > first.t_s[-1]
    clock.connected()
    early = clock.place(batch(0, 5), ORIGIN_S + later[-1][0])
    assert early is not None
    assert early.t_s[0] > second.t_s[-1]


# --- the sensor sends changes only -----------------------------------------------------------


def test_what_does_not_change_is_held_at_the_sensors_rate() -> None:
    placed = place(held(), [(1.0, batch(1, 1)), (1.1, batch(2, 1)), (3.1, batch(3, 1))])
    np.testing.assert_allclose(np.diff(placed.t_s), 0.1, atol=0.051)
    assert placed.numbers.tolist() == [1, *[2] * 20, 3]
    assert placed.lost == 0


@given(
    steps_s=st.lists(st.floats(0.001, 3.0), min_size=1, max_size=40),
    ticks_s=st.lists(st.floats(0.0, 1.0), min_size=40, max_size=40),
    per_packet=st.integers(1, 20),
)
def test_ticks_make_time_go_on_and_no_arrival_comes_too_late_for_them(
    steps_s: list[float], ticks_s: list[float], per_packet: int
) -> None:
    clock, blocks, now_s = held(), [], ORIGIN_S
    for step_s, share in zip(steps_s, ticks_s, strict=False):
        ticked = clock.tick(now_s + share * step_s)
        now_s += step_s
        blocks += [ticked, clock.place(batch(1, per_packet), now_s)]
    placed = Placed([block for block in blocks if block is not None])
    assert (np.diff(placed.t_s) > 0).all()
    assert np.diff(placed.t_s).max(initial=0.0) < 0.26
    assert placed.t_s[-1] == pytest.approx(now_s - ORIGIN_S)
    assert placed.lost == 0


def test_nothing_is_held_for_ever_nor_across_a_drop() -> None:
    clock = held()
    place(clock, [(1.0, batch(1, 1))])
    ticked = clock.tick(ORIGIN_S + 100.0)
    assert ticked is not None
    assert ticked.t_s[-1] == pytest.approx(1.0 + HOLD_S)
    assert clock.tick(ORIGIN_S + 101.0) is None
    again = clock.place(batch(2, 1), ORIGIN_S + 102.0)
    assert again is not None
    assert again.lost == round((102.0 - 1.0 - HOLD_S) * 10.0) - 1
    clock.connected()
    assert clock.tick(ORIGIN_S + 103.0) is None


def test_an_empty_batch_says_nothing() -> None:
    for clock in (device(), even(), held()):
        assert clock.place(Batch(accel_g=np.zeros((0, 3)), device_s=np.zeros(0)), 1.0) is None
