"""A hundred drops in a workout: every set found, none split, no rep twice, every loss told."""

import asyncio
from collections.abc import Sequence
from contextlib import aclosing
from pathlib import Path

import numpy as np
import pytest
from fake_radio import FakeBand, FakeDriver, FakeRadio
from virtual_time import run_virtually

from repsense.events import Event, RepFinished, SetFinished, SetStarted
from repsense.pipeline.pipeline import Pipeline
from repsense.recording.format import read_recording
from repsense.recording.labels import read_labels
from repsense.recording.truth import LabelledSet
from repsense.samples import LinkReport, SampleBlock
from repsense.sources.ble import registry
from repsense.sources.ble.source import BleSource

RECORDINGS = Path(__file__).resolve().parents[3] / "recordings"


@pytest.fixture(autouse=True)
def only_the_fake_driver(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "drivers", lambda: (FakeDriver(),))


def over_the_air(
    block: SampleBlock, drops: list[tuple[float, float]]
) -> tuple[FakeBand, list[SampleBlock | LinkReport]]:
    """Return what a source gives of a band that drops at these times, s, for so long, s."""
    band = FakeBand(block)
    items: list[SampleBlock | LinkReport] = []

    async def main() -> None:
        band.over = asyncio.Event()
        loop = asyncio.get_running_loop()
        radio = FakeRadio([band])

        async def disturb() -> None:
            begun_s = loop.time()
            for at_s, away_s in drops:
                await asyncio.sleep(begun_s + at_s - loop.time())
                radio.out_of_reach.add(band.address)
                band.drop()
                await asyncio.sleep(away_s)
                radio.out_of_reach.clear()

        async def follow() -> None:
            async with aclosing(BleSource(radio).stream()) as stream:
                async for item in stream:
                    items.append(item)  # noqa: PERF401 - what came before an interruption counts

        tasks = [asyncio.create_task(one) for one in (band.play(), disturb(), follow())]
        await band.over.wait()
        await asyncio.sleep(1.0)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    run_virtually(main())
    return band, items


def counted(items: list[SampleBlock | LinkReport]) -> list[Event]:
    pipeline, events = Pipeline(), list[Event]()
    for item in items:
        if isinstance(item, SampleBlock):
            events += pipeline.push(item)
    return events + pipeline.flush()


def sets_in(events: list[Event]) -> list[SetFinished]:
    return [event for event in events if isinstance(event, SetFinished) and event.reps]


def within(one: SetFinished, lifted: Sequence[LabelledSet], shift_s: float) -> bool:
    """Say whether a set overlaps one of those that were lifted."""
    return any(
        one.start_s - shift_s < true.end_s and true.start_s < one.end_s - shift_s for true in lifted
    )


def test_a_hundred_drops_in_a_workout_cost_samples_and_nothing_else() -> None:
    workout = read_recording(RECORDINGS / "workout.csv.gz").block
    length_s = float(workout.t_s[-1] - workout.t_s[0])
    rng = np.random.default_rng(20)
    # Out of reach for 0.2 to 3 s, wherever it happens: in sets, between them, at their edges.
    times_s = np.sort(rng.uniform(5.0, length_s - 10.0, 100))
    band, items = over_the_air(workout, [(float(t), float(rng.uniform(0.2, 3.0))) for t in times_s])
    assert band.connections > 80  # some fall into the absence before

    blocks = [item for item in items if isinstance(item, SampleBlock)]
    got = sum(len(block) for block in blocks)
    t_s = np.concatenate([block.t_s for block in blocks])
    assert got == len(band.delivered)
    assert (np.diff(t_s) > 0).all()
    first, last = band.delivered[0], band.delivered[-1]
    assert got + sum(block.lost for block in blocks) == last - first + 1
    told = max(item.lost_samples for item in items if isinstance(item, LinkReport))
    assert told == sum(block.lost for block in blocks)

    events = counted(items)
    # What is counted in a rest by mistake may go with the drops; what was lifted may not.
    lifted = read_labels(RECORDINGS / "workout.labels.yaml").sets
    shift_s = float(t_s[0] - workout.t_s[first])
    whole = [one for one in sets_in(counted([workout])) if within(one, lifted, 0.0)]
    disturbed = [one for one in sets_in(events) if within(one, lifted, shift_s)]
    assert len(disturbed) == len(whole) == len(lifted)
    for true, seen in zip(whole, disturbed, strict=True):
        assert abs(seen.start_s - true.start_s + t_s[0] - workout.t_s[first]) < 10.0
        assert seen.reps <= true.reps
        ends = [rep.end_s for rep in seen.rep_details]
        assert (np.diff(ends) > 0.5).all()
    numbers = [(e.set, e.rep) for e in events if isinstance(e, RepFinished) and not e.provisional]
    assert len(numbers) == len(set(numbers))


@pytest.mark.parametrize("away_s", [2.0, 5.0, 10.0, 15.0, 19.0])
def test_a_drop_of_up_to_20_s_does_not_end_a_set(away_s: float) -> None:
    block = read_recording(RECORDINGS / "front_raise.csv.gz").block
    (true,) = sets_in(counted([block]))
    middle_s = true.rep_details[4].end_s - float(block.t_s[0])
    longer = with_time_for(block, middle_s, away_s)
    _, items = over_the_air(longer, [(middle_s, away_s - 0.3)])
    events = counted(items)
    assert len(sets_in(events)) == 1
    assert sum(isinstance(event, SetStarted) for event in events) == 1


def with_time_for(block: SampleBlock, at_s: float, pause_s: float) -> SampleBlock:
    """Return the recording with the wearer holding still for a while at one place."""
    interval_s = 1.0 / block.median_rate_hz()
    n = int(pause_s / interval_s)
    at = int(np.searchsorted(block.t_s, block.t_s[0] + at_s))
    held = np.repeat(block.accel_g[at : at + 1], n, axis=0)
    accel_g = np.concatenate((block.accel_g[:at], held, block.accel_g[at:]))
    return SampleBlock(t_s=np.arange(len(accel_g)) * interval_s, accel_g=accel_g)
