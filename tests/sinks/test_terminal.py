"""What a person sees: the reduced screen, its drawing at any size, and plain lines."""

import asyncio
import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import get_args

import numpy as np
import pytest
from clean_reps import CLEAN_REPS
from hypothesis import given
from hypothesis import strategies as st
from made_reps import made_rep
from rich.console import Console

from repsense.calibration import Calibrated
from repsense.events import (
    Chosen,
    CountCorrected,
    Event,
    ExerciseRecognised,
    FormCue,
    FormFlag,
    PlanFinished,
    Rep,
    RepFinished,
    SamplesLost,
    SensorState,
    SetDue,
    SetFinished,
    SetStarted,
    Side,
    WorkoutFinished,
)
from repsense.samples import LinkState, SampleBlock
from repsense.sinks.base import Notice
from repsense.sinks.digits import SMALL, large, largest_scale, size_of
from repsense.sinks.drawing import draw, summary_table
from repsense.sinks.live import LiveState
from repsense.sinks.screen import Light, ScreenState, at_time, clock, follow, light_of
from repsense.sinks.terminal import TerminalSink, line_of

ZERO = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)


def rep(start_s: float, *flags: FormFlag, momentum: float = 0.1) -> Rep:
    return made_rep(start_s, *flags, lift_s=1.5, hold_s=0.2, lower_s=1.8, momentum=momentum)


def a_set(number: int, reps: int, exercise: str = "unknown") -> list[Event]:
    """Return the events of one set whose last rep swings."""
    start_s = number * 60.0
    done = [rep(start_s + 4 * i) for i in range(reps)]
    if done:
        done[-1] = rep(start_s + 4 * (reps - 1), FormFlag.SWING, momentum=0.9)
    events: list[Event] = [SetStarted(set=number, t_s=start_s, announced_s=start_s)]
    events += [
        RepFinished(set=number, rep=i, measured=one, announced_s=one.end_s)
        for i, one in enumerate(done, start=1)
    ]
    end_s = done[-1].end_s if done else start_s
    return [
        *events,
        SetFinished(
            set=number,
            reps=reps,
            start_s=start_s,
            end_s=end_s,
            announced_s=end_s + 3.0,
            exercise=exercise,
            rep_details=tuple(done),
            flags=(FormFlag.SWING,) if done else (),
        ),
    ]


def notice(event: Event, number: int, wearer: str = "anna") -> Notice:
    at_utc = ZERO + timedelta(seconds=event.announced_s)
    return Notice(wearer=wearer, event=event, at_utc=at_utc, event_id=str(number))


def after(*events: Event) -> ScreenState:
    state = at_time(ScreenState(live=LiveState(wearer="anna"), notes=(("MQTT", "here"),)), 0.0)
    for number, event in enumerate(events):
        state = at_time(follow(state, notice(event, number)), event.announced_s)
    return state


def shown(state: ScreenState, *, columns: int = 80, rows: int = 24) -> list[str]:
    console = Console(file=io.StringIO(), width=columns, height=rows, color_system=None)
    with console.capture() as capture:
        console.print(draw(state, columns=columns, rows=rows), height=rows)
    return capture.get().splitlines()


ONE_OF_EACH: list[Event] = [
    SetStarted(set=1, t_s=60.0, announced_s=64.0),
    RepFinished(set=1, rep=1, measured=rep(60.0), announced_s=64.0),
    CountCorrected(set=1, reps=1, announced_s=65.0),
    FormCue(set=1, rep=1, cue="swing", text="Calmly.", announced_s=65.0),
    SetFinished(set=1, reps=1, start_s=60.0, end_s=64.0, announced_s=70.0),
    PlanFinished(sets=3, announced_s=71.0),
    ExerciseRecognised(set=1, exercise="shrug", confidence=0.9, announced_s=72.0),
    Chosen(exercise="shrug", target_reps=12, announced_s=73.0),
    Calibrated(calibration=CLEAN_REPS, announced_s=73.5),
    WorkoutFinished(sets=1, reps=1, start_s=60.0, end_s=64.0, announced_s=74.0),
    SamplesLost(start_s=75.0, end_s=76.0, announced_s=77.0),
    SensorState(sensor="band", state=LinkState.STREAMING, detail="", announced_s=78.0),
    SetDue(
        exercise="shrug",
        name="Shrug",
        number=1,
        sets=3,
        side=Side.BOTH,
        reps_min=10,
        reps_max=15,
        to_failure=False,
        rest_s=60.0,
        reminders=(),
        announced_s=79.0,
    ),
]


def test_there_is_a_line_for_every_event() -> None:
    assert {type(event) for event in ONE_OF_EACH} == set(get_args(Event))
    lines = [line_of(event) for event in ONE_OF_EACH]
    assert all(line.isprintable() for line in lines)
    assert len(set(lines)) == len(lines)


# --- the reduced screen ---------------------------------------------------------------------


def test_the_reps_of_the_running_set_are_followed_and_corrected() -> None:
    set_started, *reps, _ = a_set(1, 4)
    assert len(after(set_started, *reps).reps) == 4
    corrected = after(set_started, *reps, CountCorrected(set=1, reps=2, announced_s=80.0))
    assert len(corrected.reps) == 2
    assert corrected.shown_reps == 2


def test_a_confirmed_rep_replaces_its_provisional_self() -> None:
    first = RepFinished(set=1, rep=1, measured=rep(60), announced_s=64.0, provisional=True)
    again = RepFinished(set=1, rep=1, measured=rep(61), announced_s=68.0)
    state = after(SetStarted(set=1, t_s=60.0, announced_s=60.0), first, again)
    assert state.reps == (rep(61),)


def test_a_set_without_reps_is_neither_listed_nor_numbered_nor_a_rest() -> None:
    state = after(*a_set(1, 8), *a_set(2, 0))
    assert (state.shown_set, state.shown_reps, len(state.sets)) == (1, 8, 1)
    assert state.rest_s == pytest.approx(123.0 - (60 + 4 * 7 + 3.5))
    assert after(*a_set(1, 8), *a_set(2, 0), *a_set(3, 5)[:-1]).shown_set == 2


def test_rest_counts_in_device_time_and_not_in_a_set() -> None:
    state = after(*a_set(1, 2))
    end_s = 60 + 4 + 3.5
    assert at_time(state, end_s + 67.0).rest_s == pytest.approx(67.0)
    assert after(*a_set(1, 2), a_set(2, 1)[0]).rest_s is None


def test_swings_are_counted_for_the_summary() -> None:
    assert after(*a_set(1, 3), *a_set(2, 5)).swings == (1, 1)


@pytest.mark.parametrize(
    ("momentum", "flags", "light"),
    [
        (0.0, (), Light.GREEN),
        (0.4, (), Light.AMBER),
        (0.0, (FormFlag.PARTIAL,), Light.AMBER),
        (0.2, (FormFlag.SWING,), Light.RED),
    ],
)
def test_the_light_follows_momentum_and_flags(
    momentum: float, flags: tuple[FormFlag, ...], light: Light
) -> None:
    assert light_of(momentum, flags) is light


@pytest.mark.parametrize(("seconds", "text"), [(0, "0:00"), (67.9, "1:07"), (-3, "0:00")])
def test_a_clock_shows_minutes_and_seconds(seconds: float, text: str) -> None:
    assert clock(seconds) == text


# --- digits ---------------------------------------------------------------------------------


@given(st.integers(0, 999), st.integers(SMALL, 4))
def test_large_digits_have_the_size_they_say(number: int, scale: int) -> None:
    rows = large(str(number), scale)
    assert (max(map(len, rows)), len(rows)) == size_of(str(number), scale)
    assert len({len(row) for row in rows}) == 1


@given(st.integers(0, 999), st.integers(0, 200), st.integers(0, 60))
def test_the_largest_scale_fits(number: int, columns: int, rows: int) -> None:
    scale = largest_scale(str(number), columns=columns, rows=rows)
    needed_columns, needed_rows = size_of(str(number), scale or SMALL)
    assert (scale is not None) == (
        size_of(str(number), SMALL)[0] <= columns and size_of(str(number), SMALL)[1] <= rows
    )
    assert scale is None or (needed_columns <= columns and needed_rows <= rows)


def test_all_digits_look_different() -> None:
    assert len({tuple(large(str(digit))) for digit in range(10)}) == 10


# --- drawing --------------------------------------------------------------------------------

MOMENTS = {
    "before": after(),
    "in a set": after(*a_set(1, 12, "front_raise"), *a_set(2, 7)[:-1]),
    "resting": at_time(after(*a_set(1, 12, "front_raise")), 200.0),
    "at the end": after(
        *a_set(1, 12), WorkoutFinished(sets=1, reps=12, start_s=60, end_s=107, announced_s=120)
    ),
}


@pytest.mark.parametrize("moment", MOMENTS)
def test_at_80_by_24_the_screen_fills_exactly_and_keeps_the_notes(moment: str) -> None:
    lines = shown(MOMENTS[moment])
    assert len(lines) == 24
    assert max(map(len, lines)) == 80
    assert lines[-2].strip() == "MQTT here"
    assert "Ctrl-C ends" in lines[-1]


def test_the_count_stands_in_large_digits() -> None:
    text = "\n".join(shown(MOMENTS["in a set"]))
    for row in large("7"):
        assert row in text


def test_a_rest_shows_the_clock_and_the_set_that_was() -> None:
    text = "\n".join(shown(MOMENTS["resting"]))
    assert "Set 1 · Front raise" in text
    assert "Rest" in text
    assert "swinging" in text
    for row in large(clock(200.0 - (60 + 44 + 3.5)), SMALL):
        assert row.rstrip() in text


@given(st.integers(1, 200), st.integers(1, 70), st.sampled_from(sorted(MOMENTS)))
def test_no_size_breaks_the_screen(columns: int, rows: int, moment: str) -> None:
    lines = shown(MOMENTS[moment], columns=columns, rows=rows)
    assert len(lines) <= rows
    assert all(len(line) <= columns for line in lines)


def test_the_summary_adds_up() -> None:
    console = Console(file=io.StringIO(), width=100, color_system=None)
    with console.capture() as capture:
        console.print(
            summary_table(after(*a_set(1, 12, "front_raise"), *a_set(2, 0), *a_set(3, 5)))
        )
    rows = [line.split() for line in capture.get().splitlines() if line.strip()]
    assert rows[3][:6] == ["1", "Front", "raise", "12", "1.5-0.2-1.8", "1"]
    assert rows[4][:3] == ["2", "unknown", "5"]
    assert rows[-1] == ["2", "sets", "in", "3:22", "17"]


def test_a_summary_of_nothing_says_so() -> None:
    assert "No set" in str(summary_table(after()))


# --- the sink -------------------------------------------------------------------------------


def output_of(events: list[Event], *, terminal: bool) -> str:
    out = io.StringIO()
    console = Console(file=out, force_terminal=terminal, width=80, height=24, color_system=None)
    sink = TerminalSink("anna", notes=[("look on:", "repsense watch")], console=console)

    async def play() -> None:
        await sink.start()
        sink.take(notice(events[0], 1000, wearer="ben"))
        for number, event in enumerate(events):
            t_s = np.array([event.announced_s])
            sink.take_block("anna", SampleBlock(t_s=t_s, accel_g=np.ones((1, 3))))
            sink.take(notice(event, number))
        sink.say("The broker is away.")
        await sink.stop()

    asyncio.run(play())
    return out.getvalue()


EVERYTHING: list[Event] = [
    SensorState(sensor="band", state=LinkState.STREAMING, detail="", announced_s=0.0),
    *a_set(1, 3)[:-1],
    ExerciseRecognised(set=1, exercise="front_raise", confidence=0.8, announced_s=70.0),
    CountCorrected(set=1, reps=2, announced_s=71.0),
    FormCue(set=1, rep=2, cue="swing", text="[bold]Keep the back still.", announced_s=71.0),
    SamplesLost(start_s=72.0, end_s=75.5, announced_s=76.0),
    a_set(1, 3, "front_raise")[-1],
    *a_set(2, 0),
    WorkoutFinished(sets=1, reps=3, start_s=60.0, end_s=71.5, announced_s=80.0),
]


def test_without_a_terminal_there_is_a_line_an_event_and_no_control_character() -> None:
    text = output_of(EVERYTHING, terminal=False)
    assert "\x1b" not in text
    lines = text.splitlines()
    assert lines[: len(EVERYTHING) + 2] == [
        "look on: repsense watch",
        "anna: sensor band: streaming",
        "anna: set 1 started",
        "anna: set 1, rep 1: lift 1.5 s, hold 0.2 s, lower 1.8 s, momentum 0.10",
        "anna: set 1, rep 2: lift 1.5 s, hold 0.2 s, lower 1.8 s, momentum 0.10",
        "anna: set 1, rep 3: lift 1.5 s, hold 0.2 s, lower 1.8 s, momentum 0.90 (swinging)",
        "anna: this looks like: Front raise",
        "anna: set 1: count corrected to 2",
        "anna: » [bold]Keep the back still.",
        "anna: 3.5 s were not seen: the sensor's samples were lost",
        "anna: set 1 finished: 3 reps of Front raise (swinging)",
        "anna: set 2 started",
        "anna: set 2 was none after all",
        "anna: workout finished: 1 sets, 3 reps",
        "The broker is away.",
    ]
    assert "Workout of anna" in text


def test_on_a_terminal_the_screen_is_given_back_before_the_summary() -> None:
    text = output_of(EVERYTHING, terminal=True)
    enter, leave = text.index("\x1b[?1049h"), text.index("\x1b[?1049l")
    assert text.index("look on: repsense watch") < enter < leave
    after_it = text[leave:]
    assert after_it.index("The broker is away.") < after_it.index("Workout of anna")
    assert "\x1b[?25h" in text[enter:]


def test_a_new_workout_begins_an_empty_screen() -> None:
    state = ScreenState(live=LiveState(wearer="anna"))
    for day in range(3):
        for number in (1, 2):
            for event in a_set(number, 3):
                told = notice(event, number)
                state = follow(state, replace(told, at_utc=told.at_utc + timedelta(days=day)))
    assert len(state.sets) == len(state.swings) == 2
    assert state.shown_set == 2
