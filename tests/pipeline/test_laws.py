"""The laws of the pipeline, on simulated sets of four kinds and on a stream with holes."""

from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from repsense.events import Event, RepFinished, SetFinished, SetStarted
from repsense.pipeline.pipeline import Pipeline
from repsense.samples import FloatArray, SampleBlock
from repsense.simulator import SensorModel, SetStyle, simulate_set

# A run takes some 20 ms once the kernels are compiled, and tens of seconds before.
few_runs = settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)
KINDS = ("raise", "press", "rows with pauses", "shrug", "holes and losses")
kinds = st.sampled_from(KINDS)


@cache
def stream(kind: str) -> SampleBlock:
    match kind:
        case "raise":
            return simulate_set("front_raise", reps=6, seed=1).block
        case "press":
            return simulate_set("overhead_press", reps=8, seed=4).block
        case "rows with pauses":
            style = SetStyle(pauses=2, other_side=False)
            return simulate_set("single_arm_row", reps=6, seed=5, style=style).block
        case "shrug":
            return simulate_set("shrug", reps=8, seed=2).block
        case _:
            sensor = SensorModel(rate_hz=31.0, jitter_s=0.004, lost_share=0.15)
            block = simulate_set("press_back", reps=8, seed=6, sensor=sensor).block
            middle_s = float(block.t_s[-1]) / 2
            outside = (block.t_s < middle_s) | (block.t_s > middle_s + 7.0)
            return SampleBlock(t_s=block.t_s[outside], accel_g=block.accel_g[outside])


def listen(block: SampleBlock, cuts: Iterable[int] = (), *, armed: bool = False) -> list[Event]:
    """Return all events about a block that is pushed in pieces, cut before these samples."""
    pipeline = Pipeline(armed=armed)
    pieces = pairwise([0, *cuts, len(block)])
    events = [event for start, stop in pieces for event in pipeline.push(block.part(start, stop))]
    return events + pipeline.flush()


@cache
def whole(kind: str, *, armed: bool = False) -> list[Event]:
    return listen(stream(kind), armed=armed)


@cache
def live(kind: str) -> list[Event]:
    """Return what is said before the stream ends."""
    return Pipeline().push(stream(kind))


def counts(events: Iterable[Event]) -> list[int]:
    return [event.reps for event in events if isinstance(event, SetFinished)]


def rotation(quaternion: FloatArray) -> FloatArray:
    w, x, y, z = quaternion / np.linalg.norm(quaternion)
    return np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
            [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
            [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
        ]
    )


def test_there_is_something_to_say_about_the_streams() -> None:
    assert [sum(counts(whole(kind))) > 0 for kind in ("raise", "press", "holes and losses")] == [
        True,
        True,
        True,
    ]
    assert "samples_lost" in {event.kind for event in whole("holes and losses")}


@few_runs
@given(kind=kinds, armed=st.booleans(), shares=st.lists(st.floats(0, 1), max_size=30))
def test_events_do_not_depend_on_how_the_stream_is_cut(
    kind: str, armed: bool, shares: list[float]
) -> None:
    cuts = sorted(round(share * len(stream(kind))) for share in shares)

    assert listen(stream(kind), cuts, armed=armed) == whole(kind, armed=armed)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("samples", [1, 10, 63])
def test_single_samples_and_packets_say_what_the_whole_says(kind: str, samples: int) -> None:
    block = stream(kind)

    assert listen(block, range(samples, len(block), samples)) == whole(kind)


@few_runs
@given(kind=kinds, seed=st.integers(0, 2**32 - 1))
def test_a_band_worn_any_way_round_counts_the_same(kind: str, seed: int) -> None:
    turn = rotation(np.random.default_rng(seed).normal(size=4))
    turned = replace(stream(kind), accel_g=stream(kind).accel_g @ turn.T)

    assert counts(listen(turned)) == counts(whole(kind))


@few_runs
@given(kind=kinds, share=st.floats(0.05, 0.98))
def test_what_is_said_by_a_moment_does_not_depend_on_what_comes_later(
    kind: str, share: float
) -> None:
    block = stream(kind)
    known = max(1, round(share * len(block)))
    by_now = [event for event in live(kind) if event.announced_s <= block.t_s[known - 1]]

    assert Pipeline().push(block.part(0, known)) == by_now


@few_runs
@given(kind=kinds, share=st.floats(0.3, 0.9), seed=st.integers(0, 1000))
def test_a_different_future_leaves_the_past_alone(kind: str, share: float, seed: int) -> None:
    block = stream(kind)
    known = round(share * len(block))
    other = block.accel_g.copy()
    other[known:] = np.random.default_rng(seed).normal(0.0, 1.0, other[known:].shape)
    now_s = block.t_s[known - 1]

    def before(events: list[Event]) -> list[Event]:
        return [event for event in events if event.announced_s <= now_s]

    assert before(listen(replace(block, accel_g=other))) == before(whole(kind))


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_announced_before_it_was_seen_and_time_never_runs_back(kind: str) -> None:
    events = whole(kind)
    announced_s = [event.announced_s for event in events]

    assert announced_s == sorted(announced_s)
    assert set(announced_s) <= set(stream(kind).t_s)
    for event in events:
        match event:
            case RepFinished():
                assert event.measured.start_s < event.measured.end_s <= event.announced_s
            case SetStarted():
                assert event.t_s < event.announced_s
            case SetFinished():
                assert event.start_s <= event.end_s <= event.announced_s
                assert len(event.rep_details) == event.reps


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("later_s", [-812.5, 4096.0, 1_700_000_000.0])
def test_it_does_not_matter_when_it_happens(kind: str, later_s: float) -> None:
    shifted = listen(replace(stream(kind), t_s=stream(kind).t_s + later_s))

    assert [event.kind for event in shifted] == [event.kind for event in whole(kind)]
    # Samples that fall on the edge of a cell may fall on its other side when times are rounded.
    sample_s = 1.01 / stream(kind).median_rate_hz()
    for event, unshifted in zip(shifted, whole(kind), strict=True):
        assert event.announced_s - later_s == pytest.approx(unshifted.announced_s, abs=sample_s)


@few_runs
@given(kind=kinds, seed=st.integers(0, 1000))
def test_samples_sent_twice_or_too_late_change_nothing(kind: str, seed: int) -> None:
    block = stream(kind)
    rng = np.random.default_rng(seed)
    pipeline = Pipeline()
    events: list[Event] = []
    at = 0
    while at < len(block):
        again = max(0, at - int(rng.integers(0, 40)))  # a packet that repeats some old samples
        new = min(len(block), at + int(rng.integers(1, 200)))
        events += pipeline.push(block.part(again, new))
        events += pipeline.push(block.part(again, min(new, again + 10)))  # and one wholly late
        at = new

    assert events + pipeline.flush() == whole(kind)


def test_an_empty_stream_and_a_single_sample_say_nothing() -> None:
    one = SampleBlock(t_s=np.array([5.0]), accel_g=np.array([[0.0, 0.0, 1.0]]))

    assert Pipeline().flush() == []
    assert Pipeline().push(one.part(0, 0)) == []
    assert listen(one) == []
