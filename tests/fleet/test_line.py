"""A wearer's line may be put away and taken up anywhere, as often as one likes."""

from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from listening import RECORDING, recorded_set, replayed_reps

from repsense.batches import Packer, encode
from repsense.errors import DecodeError
from repsense.events import SetFinished, WorkoutFinished
from repsense.fleet.line import Line, run_id
from repsense.fleet.snapshot import pack, unpack
from repsense.pipeline.pipeline import Pipeline
from repsense.samples import LinkReport, LinkState
from repsense.sinks.base import Notice
from repsense.sinks.live import LiveState, Phase
from repsense.sinks.mqtt.outbox import OutgoingEvent

STEP_S = 0.5
NOON_S = 1_800_000_000.0
ENDED = LinkReport(state=LinkState.ENDED, sensor=RECORDING.name, detail="All of it.")


@cache
def messages() -> tuple[str, ...]:
    """A recorded set as a gateway sends it."""
    packer = Packer("a", span_s=STEP_S)
    batches = [batch for block in recorded_set().cut(10) for batch in packer.add(block)]
    return tuple(map(encode, [*batches, *packer.report(ENDED)]))


def new_line(first: str = "", wearer: str = "anna") -> Line:
    return Line(wearer, first or messages()[0], Pipeline(), now_s=NOON_S)


def taken(line: Line, start: int, stop: int | None = None, *, late_s: float = 0.0) -> list[Notice]:
    numbered = list(enumerate(messages()))[start:stop]
    return [
        notice
        for number, message in numbered
        for notice in line.take(message, NOON_S + number * STEP_S + late_s)
    ]


@cache
def uncut() -> tuple[list[Notice], LiveState]:
    line = new_line()
    return taken(line, 0), line.live


def test_what_a_line_counts_is_what_a_replay_counts() -> None:
    finished = [one.event.reps for one in uncut()[0] if isinstance(one.event, SetFinished)]
    assert tuple(finished) == replayed_reps()
    assert isinstance(uncut()[0][-2].event, WorkoutFinished)
    assert uncut()[1].phase is Phase.IDLE


@settings(max_examples=5, deadline=None)
@given(cuts=st.lists(st.integers(0, len(messages())), min_size=1, max_size=3).map(sorted))
def test_a_line_that_is_put_away_goes_on_as_if_it_had_not_been(cuts: list[int]) -> None:
    line, said, before = new_line(), list[Notice](), 0
    for cut in cuts:
        said += taken(line, before, cut)
        line, before = unpack(pack(line)), cut
    said += taken(line, before)
    assert (said, line.live) == uncut()


@settings(max_examples=5, deadline=None)
@given(stored=st.integers(1, len(messages())), further=st.integers(0, 60), late_s=st.floats(0, 30))
def test_after_a_death_the_same_is_said_again_and_nothing_else(
    stored: int, further: int, late_s: float
) -> None:
    line = new_line()
    said = taken(line, 0, stored)
    data = pack(line)
    said += taken(line, stored, stored + further)
    heir = unpack(data)
    # The broker sends what was not acknowledged again, and may send what was once more.
    again = taken(heir, max(stored - 3, 0), stored + further, late_s=late_s)
    said += again + taken(heir, stored + further, late_s=late_s)
    once = {one.event_id: one for one in said}
    expected = {one.event_id: one for one in uncut()[0]}
    assert [(key, one.event) for key, one in once.items()] == [
        (key, one.event) for key, one in expected.items()
    ]
    drift_s = [abs((once[key].at_utc - expected[key].at_utc).total_seconds()) for key in once]
    assert max(drift_s) <= late_s + 1e-5


def test_identifiers_depend_on_wearer_and_stream_alone() -> None:
    other_stream = messages()[0].replace('"stream":"a"', '"stream":"b"')
    ids = {
        run_id("anna", messages()[0]),
        run_id("ben", messages()[0]),
        run_id("anna", other_stream),
    }
    assert len(ids) == 3
    assert run_id("anna", messages()[0]) in ids


def test_what_is_no_message_begins_no_line() -> None:
    with pytest.raises(DecodeError, match="not JSON"):
        new_line("?")


def test_time_alone_makes_a_sensor_silent_and_ends_a_workout() -> None:
    line = new_line()
    taken(line, 0, 60)
    heard_s = line.heard_s
    assert line.tick(heard_s + 4.0, away_s=1800.0) == []
    assert line.tick(heard_s + 6.0, away_s=1800.0)[0].event.kind == "sensor"
    assert line.live.sensor_state is LinkState.SILENT
    assert line.tick(heard_s + 7.0, away_s=1800.0) == []
    last = line.tick(heard_s + 1801.0, away_s=1800.0)
    assert [one.event.kind for one in last][-1] == "workout_finished"
    assert line.over
    assert line.tick(heard_s + 3600.0, away_s=1800.0) == []


def test_a_command_that_comes_again_is_known() -> None:
    line = new_line()
    assert line.is_new(7, "undo_rep")
    assert not unpack(pack(line)).is_new(7, "undo_rep")
    assert line.is_new(8, "undo_rep")


def test_events_that_wait_are_put_away_too() -> None:
    line = new_line()
    event = OutgoingEvent(key="1", topic="repsense/anna/rep", payload="{}")
    line.wait(event)
    assert list(unpack(pack(line)).unsent.values()) == [event]
