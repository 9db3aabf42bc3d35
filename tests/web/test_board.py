"""What the live page is told: views, positions, and nobody waits for a slow page."""

import asyncio
import json
import math
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_reps import made_rep

from repsense.events import (
    Event,
    FormFlag,
    RepFinished,
    SensorState,
    SetDue,
    SetFinished,
    SetStarted,
    Side,
    WorkoutFinished,
)
from repsense.exercises.catalogue import load_catalogue
from repsense.samples import LinkState, SampleBlock
from repsense.sinks.base import Notice
from repsense.sinks.live import LiveState, reduce
from repsense.web.board import Board
from repsense.web.hub import Hub
from repsense.web.live_view import WearerView, view_of
from repsense.web.stroke import Stroke

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def counted(number: int, *flags: FormFlag, momentum: float = 0.1) -> RepFinished:
    measured = made_rep(3.0 * number, *flags, momentum=momentum)
    return RepFinished(set=1, rep=number, measured=measured, announced_s=measured.end_s)


def finished(reps: int) -> SetFinished:
    return SetFinished(set=1, reps=reps, start_s=3.0, end_s=9.0, announced_s=12.0)


def due(number: int, **changes: object) -> SetDue:
    facts: dict[str, Any] = {
        "exercise": "front_raise",
        "name": "Front raise",
        "sets": 3,
        "side": Side.BOTH,
        "reps_min": 8,
        "reps_max": 12,
        "to_failure": False,
        "rest_s": 60.0,
        "reminders": (),
        "announced_s": 12.0,
    }
    return SetDue(number=number, **(facts | changes))


def notice(event: Event, wearer: str = "anna") -> Notice:
    at = NOON + timedelta(seconds=event.announced_s)
    return Notice(wearer=wearer, event=event, at_utc=at, event_id=f"{event}")


def seen(*events: Event, after_s: float = 0.0) -> WearerView:
    state = LiveState(wearer="anna")
    for event in events:
        state = reduce(state, notice(event))
    return view_of(state, (state.updated_at or NOON) + timedelta(seconds=after_s), load_catalogue())


START = SetStarted(set=1, t_s=3.0, announced_s=6.0)


def test_before_anything_the_card_says_what_to_do() -> None:
    view = seen()
    assert (view.count, view.exercise, view.plan, view.light) == (0, "Ready", "", "off")
    assert view.caption == "pick up the weights and begin"
    assert not view.sensor_good


@pytest.mark.parametrize(
    ("event", "light", "words"),
    [
        (counted(2), "green", ""),
        (counted(2, momentum=0.4), "amber", ""),
        (counted(2, FormFlag.PARTIAL), "amber", "Short of the full range"),
        (counted(2, FormFlag.SWING), "red", "Swinging"),
    ],
)
def test_the_light_has_a_colour_and_words(event: RepFinished, light: str, words: str) -> None:
    view = seen(START, event)
    assert (view.light, view.words, view.count) == (light, words, 2)


def test_a_plan_says_set_and_target_and_counts_the_rest_down() -> None:
    view = seen(START, counted(1), finished(9), due(2), after_s=10.0)
    assert view.exercise == "Next: Front raise"
    assert view.plan == "Set 2 of 3 · target 8\N{EN DASH}12"
    assert view.rest_s == pytest.approx(13.0)  # 10 s, and 3 s until the set was known to be over
    assert view.rest_aim_s == 60.0
    assert view.count == 9


def test_to_failure_and_one_armed_sets_are_said_in_words() -> None:
    view = seen(due(1, side=Side.OTHER, to_failure=True))
    assert view.plan == "Set 1 of 3 · other arm · target as many as go well"
    assert view.aim == (1.5, 0.0, 2.0) or len(view.aim) == 3


def test_the_sensor_and_its_battery() -> None:
    streaming = SensorState(
        sensor="band", state=LinkState.STREAMING, detail="", announced_s=1.0, battery_percent=12
    )
    view = seen(streaming)
    assert (view.sensor, view.sensor_good) == ("Sensor on", True)
    assert (view.battery, view.battery_low) == ("12 %", True)


def test_an_empty_battery_is_low() -> None:
    empty = SensorState(
        sensor="band", state=LinkState.STREAMING, detail="", announced_s=1.0, battery_percent=0
    )
    assert seen(empty).battery_low


def test_a_workout_that_is_over_keeps_its_totals() -> None:
    over = WorkoutFinished(sets=1, reps=9, start_s=3.0, end_s=9.0, announced_s=40.0)
    view = seen(START, counted(1), finished(9), over)
    assert (view.caption, view.totals, view.rest_s) == ("workout finished", "1 set, 9 reps", None)


def swing_of_the_arm(t_s: np.ndarray) -> SampleBlock:
    """Return an arm that is lifted in 1 s and lowered in 2 s, again and again."""
    into = t_s % 3.0
    way = np.where(into < 1.0, into, 1.5 - into / 2.0)
    angle = way * 1.2
    return SampleBlock(t_s=t_s, accel_g=np.stack([np.sin(angle), 0 * angle, np.cos(angle)], axis=1))


@settings(deadline=None, max_examples=25)
@given(rate_hz=st.sampled_from([10.0, 25.0, 52.0, 100.0, 400.0]), cut=st.integers(1, 60))
def test_the_bar_is_full_at_the_turn_and_empty_at_the_start(rate_hz: float, cut: int) -> None:
    stroke = Stroke()
    for block in swing_of_the_arm(np.arange(0.0, 6.0, 1.0 / rate_hz)).cut(cut):
        stroke.push(block)
    assert stroke.position is None
    stroke.learn(made_rep(3.0))
    stroke.push(swing_of_the_arm(np.arange(6.0, 7.15, 1.0 / rate_hz)))
    assert stroke.position is not None
    assert stroke.position > 0.75
    stroke.push(swing_of_the_arm(np.arange(7.15, 9.1, 1.0 / rate_hz)))
    assert stroke.position < 0.3


def test_a_clock_that_is_set_back_forgets_the_movement() -> None:
    stroke = Stroke()
    stroke.push(swing_of_the_arm(np.arange(0.0, 6.0, 0.02)))
    stroke.learn(made_rep(3.0))
    assert stroke.position is not None
    stroke.push(swing_of_the_arm(np.arange(0.0, 1.0, 0.02)))
    assert stroke.position is None


def test_a_rep_that_is_not_kept_any_more_teaches_nothing() -> None:
    stroke = Stroke()
    stroke.push(swing_of_the_arm(np.arange(100.0, 103.0, 0.02)))
    stroke.learn(made_rep(3.0))
    assert stroke.position is None


def test_lowering_first_turns_the_bar_around(monkeypatch: pytest.MonkeyPatch) -> None:
    frames: list[dict[str, float | None]] = []
    board = Board(["anna"], load_catalogue(), clock=count(1).__next__)
    monkeypatch.setattr(board.hub, "tell_positions", frames.append)
    board.take_block("anna", swing_of_the_arm(np.arange(0.0, 6.0, 0.02)))
    for event in (due(1, exercise="overhead_pull"), START, counted(1)):
        board.take(notice(event))
    board.take_block("anna", swing_of_the_arm(np.arange(6.0, 7.1, 0.02)))
    pullover = load_catalogue()["overhead_pull"]
    turned = frames[-1]["anna"]
    assert turned is not None
    assert (turned < 0.3) is not pullover.concentric_first


def test_outside_a_set_the_bar_is_still(monkeypatch: pytest.MonkeyPatch) -> None:
    frames: list[dict[str, float | None]] = []
    board = Board(["anna"], load_catalogue(), clock=count(1).__next__)
    monkeypatch.setattr(board.hub, "tell_positions", frames.append)
    board.take_block("anna", swing_of_the_arm(np.arange(0.0, 6.0, 0.02)))
    assert frames == [{"anna": None}]


def test_a_slow_page_is_given_the_newest_state_and_holds_up_nobody() -> None:
    async def scene() -> tuple[list[Any], list[Any]]:
        hub = Hub(clock=lambda: 1.0)
        slow, quick = hub.join(), hub.join()
        let_go = asyncio.Event()
        got: dict[str, list[Any]] = {"slow": [], "quick": []}

        async def send_slowly(text: str) -> None:
            got["slow"].append(json.loads(text))
            await let_go.wait()

        async def send(text: str) -> None:
            got["quick"].append(json.loads(text))

        feeding = [asyncio.create_task(slow.feed(send_slowly))]
        feeding.append(asyncio.create_task(quick.feed(send)))
        for number in range(5):
            hub.tell("anna", lambda number=number: {"count": number})
            for _ in range(3):
                await asyncio.sleep(0)
        let_go.set()
        for _ in range(5):
            await asyncio.sleep(0)
        for task in feeding:
            task.cancel()
        return got["slow"], got["quick"]

    slow, quick = asyncio.run(scene())
    assert [message["view"]["count"] for message in quick] == [0, 1, 2, 3, 4]
    assert [message["view"]["count"] for message in slow] == [0, 4]


def test_a_page_that_comes_late_is_told_everyone() -> None:
    hub = Hub()
    for wearer in ("anna", "ben"):
        hub.tell(wearer, lambda wearer=wearer: {"wearer": wearer})
    page = hub.join()
    told: list[str] = []

    async def scene() -> None:
        async def send(text: str) -> None:
            told.append(json.loads(text)["view"]["wearer"])
            if len(told) == 2:
                raise ConnectionError

        with pytest.raises(ConnectionError):
            await page.feed(send)

    asyncio.run(scene())
    assert told == ["anna", "ben"]
    hub.leave(page)
    hub.leave(page)
    assert len(hub) == 0


def test_views_are_json() -> None:
    text = json.dumps(seen(START, counted(2), finished(2)).fields())
    assert not math.isnan(json.loads(text)["rest_s"])
