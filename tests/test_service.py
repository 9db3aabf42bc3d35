"""The service: everything reaches every sink, and no fault of one stops another."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from repsense.calibration import Calibration
from repsense.errors import BrokerError, CommandError, SourceError
from repsense.events import (
    Event,
    SensorState,
    SetFinished,
    SetStarted,
    WorkoutFinished,
)
from repsense.pipeline.bands import BandPair
from repsense.pipeline.pipeline import Pipeline
from repsense.samples import LinkReport, LinkState, SampleBlock
from repsense.service import WearerJob, obey, run_service, warm_up
from repsense.sinks.base import Notice, Sink

HZ = 50.0


def block(start_s: float, samples: int = 50) -> SampleBlock:
    t_s = start_s + np.arange(samples) / HZ
    return SampleBlock(t_s=t_s, accel_g=np.tile([0.0, 0.0, 1.0], (samples, 1)))


@dataclass
class ListSource:
    """Gives what it was given; then fails, waits for ever, or ends."""

    items: Sequence[SampleBlock | LinkReport]
    failure: Exception | None = None
    endless: bool = False
    closed: bool = False
    exhausted: asyncio.Event = field(default_factory=asyncio.Event)
    name: str = "list"

    async def stream(self) -> AsyncIterator[SampleBlock | LinkReport]:
        try:
            for item in self.items:
                yield item
            self.exhausted.set()
            if self.failure is not None:
                raise self.failure
            if self.endless:
                await asyncio.Event().wait()
        finally:
            self.closed = True


@dataclass
class EchoCounter:
    """Says a set for every block, at the block's newest time; counts nothing."""

    blocks: list[SampleBlock] = field(default_factory=list)
    flushed: int = 0
    armed: list[str | None] = field(default_factory=list)

    def push(self, block: SampleBlock) -> list[Event]:
        self.blocks.append(block)
        newest_s = float(block.t_s[-1])
        return [SetStarted(set=len(self.blocks), t_s=newest_s - 1.0, announced_s=newest_s)]

    def arm(self, exercise: str | None = None) -> None:
        self.armed.append(exercise)

    def disarm(self) -> None:
        self.armed.append("disarmed")

    def calibrate(self) -> None:
        if not self.armed:
            raise CommandError("There is nothing to measure.")
        self.armed.append("calibrate")

    def know(self, calibrations: Iterable[Calibration]) -> None:
        pass

    def end_set(self) -> list[Event]:
        return []

    def flush(self) -> list[Event]:
        self.flushed += 1
        newest_s = float(self.blocks[-1].t_s[-1]) if self.blocks else 0.0
        return [WorkoutFinished(sets=1, reps=1, start_s=0.0, end_s=0.0, announced_s=newest_s)]


@dataclass
class ListSink:
    """Keeps what it gets; fails where it is told to."""

    faults: dict[str, Exception] = field(default_factory=dict)
    notices: list[Notice] = field(default_factory=list)
    blocks: list[tuple[str, SampleBlock]] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)

    def _call(self, name: str) -> None:
        self.calls.append(name)
        if name in self.faults:
            raise self.faults[name]

    async def start(self) -> None:
        self._call("start")

    def take(self, notice: Notice) -> None:
        self.notices.append(notice)
        self._call("take")

    def take_block(self, wearer: str, block: SampleBlock) -> None:
        self.blocks.append((wearer, block))
        self._call("take_block")

    async def stop(self) -> None:
        self._call("stop")

    def kinds(self, wearer: str = "anna") -> list[str]:
        return [notice.event.kind for notice in self.notices if notice.wearer == wearer]


def job(source: ListSource, counter: Any = None, name: str = "anna") -> WearerJob:  # noqa: ANN401 - any counter
    return WearerJob(name=name, source=source, pipeline=counter or EchoCounter())


def serve(jobs: Sequence[WearerJob], sinks: Sequence[Sink], said: list[str] | None = None) -> None:
    said = [] if said is None else said
    asyncio.run(run_service(jobs, sinks, say=said.append))


def test_blocks_and_events_reach_every_sink_in_order() -> None:
    sinks = [ListSink(), ListSink()]
    blocks = [block(0.0), block(1.0), block(2.0)]
    serve([job(ListSource(blocks))], sinks)
    for sink in sinks:
        assert [taken for _, taken in sink.blocks] == blocks
        assert sink.kinds() == ["set_started"] * 3 + ["workout_finished"]
        assert sink.calls[0] == "start"
        assert sink.calls[-1] == "stop"


def test_a_report_of_the_link_becomes_an_event_at_the_newest_sample() -> None:
    sink = ListSink()
    report = LinkReport(state=LinkState.SILENT, sensor="band", detail="Nothing for 5 s.")
    serve([job(ListSource([block(3.0), report]))], [sink])
    state = next(n.event for n in sink.notices if isinstance(n.event, SensorState))
    assert state == SensorState(
        sensor="band", state=LinkState.SILENT, detail="Nothing for 5 s.", announced_s=3.98
    )


def test_identifiers_are_unique_even_between_runs_and_times_keep_their_distance() -> None:
    sinks = [ListSink(), ListSink()]
    for sink in sinks:
        serve([job(ListSource([block(0.0)]), name=name) for name in ("anna", "ben")], [sink])
    notices = [notice for sink in sinks for notice in sink.notices]
    assert len({notice.event_id for notice in notices}) == len(notices) == 8
    started = sinks[0].notices[0]
    assert started.at_utc.utcoffset() == timedelta(0)
    assert started.at_utc - started.when(started.event.announced_s - 1.0) == timedelta(seconds=1)


def test_an_empty_block_is_harmless() -> None:
    sink = ListSink()
    empty = SampleBlock(t_s=np.empty(0), accel_g=np.empty((0, 3)))
    serve([job(ListSource([empty]), Pipeline())], [sink])
    assert sink.kinds() == []


@pytest.mark.parametrize("where", ["start", "take", "take_block", "stop"])
@pytest.mark.parametrize("fault", [BrokerError("The broker is away."), KeyError("bug")])
def test_a_failing_sink_is_told_once_and_the_others_get_everything(
    where: str, fault: Exception
) -> None:
    bad, good, said = ListSink(faults={where: fault}), ListSink(), list[str]()
    serve([job(ListSource([block(0.0), block(1.0)]))], [bad, good], said)
    assert good.kinds() == ["set_started"] * 2 + ["workout_finished"]
    assert len(good.blocks) == 2
    assert good.calls[-1] == "stop"
    expected = "The broker is away."
    if isinstance(fault, KeyError):
        expected = "ListSink failed (KeyError: 'bug'); please report it."
    assert said == [expected]


def test_a_sink_that_could_not_start_is_left_alone() -> None:
    bad = ListSink(faults={"start": BrokerError("No.")})
    serve([job(ListSource([block(0.0)]))], [bad])
    assert bad.calls == ["start"]


def test_a_source_that_fails_ends_its_wearer_and_nobody_else() -> None:
    sink = ListSink()
    ben = EchoCounter()
    jobs = [
        job(ListSource([block(0.0)], failure=SourceError("The band is gone."))),
        job(ListSource([block(t) for t in range(5)]), ben, name="ben"),
    ]
    serve(jobs, [sink])
    assert sink.kinds() == ["set_started", "sensor", "workout_finished"]
    lost = next(n.event for n in sink.notices if isinstance(n.event, SensorState))
    assert (lost.state, lost.detail) == (LinkState.LOST, "The band is gone.")
    assert len(ben.blocks) == 5
    assert ben.flushed == 1


def test_when_every_source_fails_the_first_error_is_the_service_s() -> None:
    sink = ListSink()
    failing = ListSource([], failure=SourceError("No such file."))
    with pytest.raises(SourceError, match="No such file"):
        serve([job(failing)], [sink])
    assert sink.calls[-1] == "stop"


def test_a_fault_of_the_program_is_not_hidden_and_sinks_are_closed() -> None:
    sink = ListSink()
    with pytest.raises(ZeroDivisionError):
        serve([job(ListSource([], failure=ZeroDivisionError()))], [sink])
    assert sink.calls[-1] == "stop"


def test_stop_finishes_the_set_closes_the_source_and_stops_the_sinks() -> None:
    async def scenario() -> None:
        source, counter, sink = ListSource([block(0.0)], endless=True), EchoCounter(), ListSink()
        stop = asyncio.Event()
        serving = asyncio.create_task(
            run_service([job(source, counter)], [sink], say=print, stop=stop)
        )
        await source.exhausted.wait()
        stop.set()
        await serving
        assert (source.closed, counter.flushed) == (True, 1)
        assert sink.kinds() == ["set_started", "workout_finished"]
        assert sink.calls[-1] == "stop"

    asyncio.run(scenario())


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_service_cleanly(number: signal.Signals) -> None:
    async def scenario() -> None:
        source, counter, sink = ListSource([block(0.0)], endless=True), EchoCounter(), ListSink()
        serving = asyncio.create_task(run_service([job(source, counter)], [sink], say=print))
        await source.exhausted.wait()
        os.kill(os.getpid(), number)
        await serving
        assert counter.flushed == 1
        assert sink.kinds()[-1] == "workout_finished"

    asyncio.run(scenario())
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_sink_that_hangs_at_the_end_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    class HangingSink(ListSink):
        async def stop(self) -> None:
            await asyncio.Event().wait()

    monkeypatch.setattr("repsense.service._SINK_STOP_S", 0.01)
    said: list[str] = []
    other = ListSink()
    serve([job(ListSource([block(0.0)]))], [other, HangingSink()], said)
    assert said == ["HangingSink did not close within 0 s."]
    assert other.calls[-1] == "stop"


def test_commands_reach_the_pipeline_of_their_wearer() -> None:
    anna, ben = EchoCounter(), EchoCounter()
    carry_out = obey([job(ListSource([]), anna), job(ListSource([]), ben, name="ben")])
    carry_out("anna", "start_set", {"exercise": "front_raise"})
    carry_out("anna", "end_set", {})
    carry_out("ben", "start_set", {})
    carry_out("ben", "exercise", {"exercise": "shrug"})
    carry_out("ben", "next_exercise", {})
    carry_out("ben", "target_reps", {"reps": 10})
    carry_out("ben", "calibrate", {"exercise": "front_raise"})
    assert anna.armed == ["front_raise", "disarmed"]
    assert ben.armed[:2] == [None, "shrug"]
    assert len(ben.armed) == 5
    assert ben.armed[3:] == ["front_raise", "calibrate"]


@pytest.mark.parametrize(
    ("wearer", "command", "reason"),
    [
        ("nobody", "start_set", "Nobody called 'nobody'"),
        ("anna", "undo_rep", "No set is running"),
        ("anna", "calibrate", "nothing to measure"),
    ],
)
def test_a_command_that_cannot_be_carried_out_says_why(
    wearer: str, command: str, reason: str
) -> None:
    with pytest.raises(CommandError, match=reason):
        obey([job(ListSource([]))])(wearer, command, {})


def test_what_was_taken_up_before_the_start_reaches_the_sinks_first() -> None:
    sink = ListSink()
    one = job(ListSource([block(0.0)]))
    one.orders.resume(None, 10)
    serve([one], [sink])
    assert sink.kinds()[:2] == ["chosen", "set_started"]


def test_what_is_ordered_reaches_the_sinks_at_once_though_no_samples_come() -> None:
    async def scenario() -> tuple[list[str], timedelta]:
        sink, stop, source = ListSink(), asyncio.Event(), ListSource([], endless=True)
        one = job(source)
        running = asyncio.create_task(run_service([one], [sink], say=print, stop=stop))
        await source.exhausted.wait()
        obey([one])("anna", "target_reps", {"reps": 10})
        said, age = sink.kinds(), datetime.now(UTC) - sink.notices[-1].at_utc
        stop.set()
        await running
        return said, age

    said, age = asyncio.run(scenario())
    assert said == ["chosen"]
    assert age < timedelta(seconds=1)


def test_warming_up_goes_through_a_whole_set() -> None:
    warm_up()


# --- a wearer with two bands -----------------------------------------------------------------


def front_raise() -> SampleBlock:
    from pathlib import Path

    from repsense.recording.format import read_recording

    return read_recording(Path(__file__).parents[1] / "recordings" / "front_raise.csv.gz").block


def both_arms(sink: ListSink, left: ListSource, right: ListSource) -> None:
    pair = BandPair(Pipeline(), Pipeline())
    serve([WearerJob(name="anna", source=left, pipeline=pair, second=right)], [sink])


def counts(sink: ListSink) -> list[int]:
    return [n.event.reps for n in sink.notices if isinstance(n.event, SetFinished)]


def test_two_bands_make_one_count_and_two_streams_of_blocks() -> None:
    alone, sink = ListSink(), ListSink()
    moves = front_raise()
    serve([job(ListSource([moves]), Pipeline())], [alone])
    both_arms(sink, ListSource([*moves.cut(50)]), ListSource([*moves.cut(60)]))
    assert counts(sink) == counts(alone)
    assert len(counts(sink)) == 1
    assert {wearer for wearer, _ in sink.blocks} == {"anna", "anna-right"}
    assert sink.kinds().count("workout_finished") == 1


def test_while_one_of_two_bands_streams_the_wearer_is_there_and_the_count_goes_on() -> None:
    streaming = LinkReport(state=LinkState.STREAMING, sensor="L", battery_percent=80)
    searching = LinkReport(state=LinkState.SEARCHING, sensor="R", detail="Looking.")
    sink = ListSink()
    failing = ListSource([searching], failure=SourceError("The right band is gone."))
    both_arms(sink, ListSource([streaming, front_raise()]), failing)
    states = [n.event for n in sink.notices if isinstance(n.event, SensorState)]
    assert states[-1].state is LinkState.STREAMING
    assert states[-1].sensor == "L and list"
    assert states[-1].detail == "right lost: The right band is gone."
    assert states[-1].battery_percent == 80
    assert len(counts(sink)) == 1


def test_when_both_bands_fail_so_does_the_wearer() -> None:
    with pytest.raises(SourceError, match="left is gone"):
        both_arms(
            ListSink(),
            ListSource([], failure=SourceError("left is gone")),
            ListSource([], failure=SourceError("right is gone")),
        )


@dataclass
class FirstOfAnna(ListSink):
    first: asyncio.Event = field(default_factory=asyncio.Event)

    def take(self, notice: Notice) -> None:
        super().take(notice)
        if notice.wearer == "anna":
            self.first.set()


def test_a_fault_in_the_program_is_said_at_once_while_the_others_go_on() -> None:
    sink, stop = FirstOfAnna(), asyncio.Event()
    broken = ListSource([], failure=ZeroDivisionError("division by zero"))
    waiting = ListSource([block(0.0)], endless=True)

    async def scenario() -> None:
        jobs = [job(broken, name="anna"), job(waiting, name="ben")]
        serving = asyncio.create_task(run_service(jobs, [sink], say=lambda _: None, stop=stop))
        await waiting.exhausted.wait()
        await sink.first.wait()
        stop.set()
        with pytest.raises(ZeroDivisionError):
            await serving

    asyncio.run(scenario())
    lost = next(n.event for n in sink.notices if n.wearer == "anna")
    assert isinstance(lost, SensorState)
    assert "division by zero" in lost.detail
    assert "please report it" in lost.detail
    assert "set_started" in sink.kinds("ben")
