"""However long a stream or a set lasts: no more memory, no more work, the same count."""

import gc
import runpy
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from types import FrameType, FunctionType, ModuleType
from typing import Any

import numpy as np
import pytest

from repsense.events import RepFinished, SetFinished
from repsense.pipeline.nodes import MOST_ROOM, ROOM, Chains
from repsense.pipeline.pipeline import Pipeline
from repsense.recording.format import read_recording
from repsense.recording.labels import labels_path, read_labels
from repsense.samples import SampleBlock

ROOT = Path(__file__).parents[2]
WORKOUT = ROOT / "recordings" / "workout.csv.gz"
RATE_HZ = 50.0


def endless_set(duration_s: float, rep_s: float) -> SampleBlock:
    """Return a forearm that swings up and down by 69 degrees, again and again."""
    t_s = np.arange(0.0, duration_s, 1.0 / RATE_HZ)
    angle = 0.6 * (1.0 - np.cos(2.0 * np.pi * t_s / rep_s))
    return SampleBlock(t_s=t_s, accel_g=np.stack([np.sin(angle), 0.0 * t_s, np.cos(angle)], axis=1))


def workout(turn: int) -> Iterator[SampleBlock]:
    """Yield the same workout of a quarter of an hour, by the second, a minute after the last."""
    block = read_recording(WORKOUT).block
    later_s = turn * (float(block.t_s[-1]) + 60.0)
    yield from replace(block, t_s=block.t_s + later_s).cut(int(RATE_HZ))


def steps_of(action: Callable[[], object]) -> int:
    """Return how many bytecodes an action executes: its work, whatever else the machine does."""
    steps = 0

    def watch(frame: FrameType, event: str, _: Any) -> Any:  # noqa: ANN401 - settrace's signature
        nonlocal steps
        frame.f_trace_opcodes = True
        steps += event == "opcode"
        return watch

    before = sys.gettrace()
    sys.settrace(watch)
    try:
        action()
    finally:
        sys.settrace(before)
    return steps


def cycle_lists(pipeline: Pipeline) -> list[Chains]:
    """Return the lists of cycles of all searches that an engine holds."""
    seen: set[int] = set()
    todo: list[object] = [pipeline]
    found = []
    while todo:
        one = todo.pop()
        if id(one) in seen or isinstance(one, type | ModuleType | FunctionType):
            continue
        seen.add(id(one))
        found += [one] if isinstance(one, Chains) else []
        todo += gc.get_referents(one)
    return found


def bytes_of_cycles(chains: Chains) -> int:
    """Return how much of a search there is more of, the more cycles it has room for."""
    return chains.shape.nbytes + chains.trait.nbytes + chains.cycle.nbytes


@dataclass(frozen=True, slots=True)
class Hour:
    """Four workouts in a row: what was held after each, and each one's counts, set by set.

    The lists of cycles are as long as the latest sets need: ``rooms`` are their rooms and
    the most that these may be, ``besides`` is what was held besides them.
    """

    sizes: list[int]
    besides: list[int]
    rooms: list[tuple[int, int]]
    counts: list[list[int]]


@pytest.fixture(scope="module")
def hour() -> Hour:
    labelled = read_labels(labels_path(WORKOUT)).sets
    held_bytes = runpy.run_path(str(ROOT / "benchmarks" / "held_bytes.py"))["held_bytes"]
    pipeline, done = Pipeline(), Hour([], [], [], [])
    for turn in range(4):
        first, *rest = workout(turn)
        events = [event for block in (first, *rest) for event in pipeline.push(block)]
        lists = cycle_lists(pipeline)
        done.sizes.append(held_bytes(pipeline))
        done.besides.append(done.sizes[-1] - sum(map(bytes_of_cycles, lists)))
        done.rooms.extend((one.shape.shape[0], int(one.counter[ROOM])) for one in lists)
        from_s = float(first.t_s[0])
        done.counts.append(
            [
                event.reps
                for event in events
                if isinstance(event, SetFinished) and event.reps
                for middle_s in [(event.start_s + event.end_s) / 2 - from_s]
                if any(true.start_s < middle_s < true.end_s for true in labelled)
            ]
        )
    return done


def test_an_hour_of_workouts_takes_no_more_memory_than_a_quarter(hour: Hour) -> None:
    assert max(hour.sizes) < 650_000  # of which other wearers share 200,000
    assert max(hour.besides) - hour.besides[0] < 1000
    assert len(hour.rooms) == 4 * 2  # both views' searches, after each workout
    assert all(room <= most <= MOST_ROOM for room, most in hour.rooms)


def test_the_same_sets_an_hour_later_are_counted_the_same(hour: Hour) -> None:
    assert len(hour.counts[0]) > 5
    assert hour.counts == [hour.counts[0]] * 4


@pytest.mark.parametrize("rep_s", [1.7, 3.0, 4.1, 8.0])
def test_a_set_of_ten_minutes_is_counted_to_its_end(rep_s: float) -> None:
    pipeline = Pipeline()
    block = endless_set(600.0, rep_s)
    events = [event for part in block.cut(500) for event in pipeline.push(part)]
    events += pipeline.flush()
    finished = [event for event in events if isinstance(event, SetFinished)]

    assert len(finished) == 1
    assert finished[0].reps == pytest.approx(600.0 / rep_s, abs=1.5)
    live = [event.rep for event in events if isinstance(event, RepFinished)]
    assert live == sorted(live)


def test_a_minute_late_in_a_set_is_not_much_more_work_than_one_early_on() -> None:
    pipeline = Pipeline()
    minutes = list(endless_set(12 * 60.0, 3.0).cut(int(60 * RATE_HZ)))
    for block in minutes[:2]:
        pipeline.push(block)
    early = steps_of(lambda: pipeline.push(minutes[2]))
    for block in minutes[3:11]:
        pipeline.push(block)
    late = steps_of(lambda: pipeline.push(minutes[11]))

    assert late < 2.0 * early


def test_a_hole_of_thirty_years_inside_a_block_costs_nothing() -> None:
    # A clock that is set, or a message of somebody hostile: the samples before and after count.
    rest = endless_set(10.0, 1e9)
    later = replace(rest, t_s=rest.t_s + 1e9)
    both = SampleBlock(
        t_s=np.concatenate((rest.t_s, later.t_s)),
        accel_g=np.concatenate((rest.accel_g, later.accel_g)),
    )

    def steps(blocks: list[SampleBlock]) -> int:
        pipeline = Pipeline()
        return steps_of(lambda: [pipeline.push(block) for block in blocks])

    assert steps([both]) < 2 * steps([rest]) + 2 * steps([replace(rest, t_s=rest.t_s + 20.0)])
