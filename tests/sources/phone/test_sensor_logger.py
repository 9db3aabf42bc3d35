"""Sensor Logger's messages: every unit and frame, in any order, whatever a stranger sends."""

import asyncio
import json
import random
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from listening import Seen, reading

from repsense.errors import DecodeError
from repsense.samples import LinkState, SampleBlock
from repsense.sources.ble.drivers.base import Batch
from repsense.sources.phone.in_order import InOrder
from repsense.sources.phone.sensor_logger import SensorLoggerDecoder
from repsense.sources.pushed import PushedSource

G = 9.80665

BEGIN_NS = 1_698_501_144_401_773_000
Rows = list[tuple[int, dict[str, float]]]


def message(number: int, session: str = "a", **sensors: Rows) -> str:
    """Return a message as in the app's PUSHING.md."""
    payload = [
        {"name": name, "time": at, "values": values}
        for name, rows in sensors.items()
        for at, values in rows
    ]
    head = {"messageId": number, "sessionId": session, "deviceId": "phone"}
    return json.dumps({**head, "payload": payload})


def rows(block: SampleBlock, vectors: np.ndarray, names: str = "xyz") -> Rows:
    keys = [names[i] for i in range(3)] if len(names) == 3 else [names + c for c in "XYZ"]
    return [
        (BEGIN_NS + round(t * 1e9), dict(zip(keys, vector.tolist(), strict=True)))
        for t, vector in zip(block.t_s, vectors, strict=True)
    ]


def cut(block: SampleBlock, samples: int = 100) -> list[SampleBlock]:
    return list(block.cut(samples))


def decoded(messages: list[str]) -> tuple[np.ndarray, np.ndarray]:
    decoder, batches = SensorLoggerDecoder(), list[Batch]()
    for number, text in enumerate(messages):
        batches += decoder.feed(text, float(number))
    times = [batch.device_s for batch in batches if batch.device_s is not None]
    return np.concatenate(times), np.concatenate([batch.accel_g for batch in batches])


def ios(number: int, block: SampleBlock) -> str:
    """Return what an iPhone sends: gravity apart, and forces pointing the other way."""
    gravity = np.stack([np.full(len(block), x) for x in (0.6, 0.0, -0.8)], axis=1)
    return message(
        number,
        accelerometer=rows(block, (-block.accel_g - gravity) * G),
        gravity=rows(block, gravity * G),
    )


def android(number: int, block: SampleBlock) -> str:
    """Return what an Android phone sends: with gravity, and without."""
    return message(
        number,
        accelerometer=rows(block, block.accel_g * 0.1),
        totalacceleration=rows(block, block.accel_g * G),
    )


def watch(number: int, block: SampleBlock, unit: float) -> str:
    """Return what a watch adds: in g and Apple's frame, or in m/s2 when standardised."""
    sign = -1.0 if unit == 1.0 else 1.0
    gravity = np.tile([0.0, 0.0, 1.0], (len(block), 1))
    wrist = [
        (at, {**own, **pull, "rotationRateX": 1.0, "rotationRateY": 0.0, "rotationRateZ": 0.0})
        for (at, own), (_, pull) in zip(
            rows(block, (block.accel_g - gravity) * unit * sign, "acceleration"),
            rows(block, gravity * unit * sign, "gravity"),
            strict=True,
        )
    ]
    phone = np.tile([9.0, 9.0, 9.0], (len(block), 1))
    return message(number, wristmotion=wrist, totalacceleration=rows(block, phone))


def uncalibrated(number: int, block: SampleBlock, unit: float) -> str:
    sign = -1.0 if unit == 1.0 else 1.0
    return message(number, accelerometeruncalibrated=rows(block, block.accel_g * unit * sign))


PHONES: dict[str, Callable[[int, SampleBlock], str]] = {
    "an iPhone": ios,
    "an Android phone": android,
    "an Apple Watch": lambda n, block: watch(n, block, 1.0),
    "a standardised watch": lambda n, block: watch(n, block, G),
    "an iPhone, uncalibrated": lambda n, block: uncalibrated(n, block, 1.0),
    "an Android phone, uncalibrated": lambda n, block: uncalibrated(n, block, G),
}


@pytest.mark.parametrize("phone", PHONES.values(), ids=PHONES)
def test_every_phone_and_setting_gives_the_same_specific_force(
    phone: Callable[[int, SampleBlock], str], recorded: SampleBlock
) -> None:
    block = recorded.part(0, 500)
    t_s, accel_g = decoded([phone(number, piece) for number, piece in enumerate(cut(block))])
    assert len(t_s) == 500
    assert t_s == pytest.approx(block.t_s - block.t_s[0], abs=1e-9)
    assert accel_g == pytest.approx(block.accel_g, abs=1e-9)


def test_a_turn_of_the_watch_is_in_degrees() -> None:
    (batch,) = SensorLoggerDecoder().feed(watch(0, still(10), 1.0), 0.0)
    assert batch.gyro_dps is not None
    assert batch.gyro_dps[3] == pytest.approx([57.29578, 0.0, 0.0])


def still(n: int) -> SampleBlock:
    return SampleBlock(t_s=np.arange(n) / 100.0, accel_g=np.tile([0.0, 0.6, 0.8], (n, 1)))


def test_gravity_that_comes_in_the_next_message_is_waited_for() -> None:
    block = still(20)
    acceleration = rows(block, block.accel_g * 0.0)
    gravity = rows(block, -block.accel_g * G)
    t_s, accel_g = decoded(
        [
            message(0, accelerometer=acceleration[:10], gravity=gravity[:5]),
            message(1, accelerometer=acceleration[10:], gravity=gravity[5:]),
        ]
    )
    assert len(t_s) == 20
    assert accel_g == pytest.approx(block.accel_g)


def test_without_gravity_the_person_is_told_what_to_switch_on() -> None:
    decoder = SensorLoggerDecoder()
    texts = [message(n, accelerometer=rows(still(5), still(5).accel_g)) for n in range(3)]
    assert [list(decoder.feed(text, 0.0)) for text in texts[:2]] == [[], []]
    with pytest.raises(DecodeError, match="Gravity too"):
        decoder.feed(texts[2], 0.0)


def test_messages_that_overtake_each_other_are_put_in_order(recorded: SampleBlock) -> None:
    pieces = cut(recorded, 50)
    texts = [android(number, piece) for number, piece in enumerate(pieces)]
    shuffle = random.Random(5)
    order = sorted(range(len(texts)), key=lambda n: n + shuffle.uniform(0.0, 2.5))
    assert order != sorted(order)
    t_s, accel_g = decoded([texts[n] for n in order])
    assert t_s == pytest.approx(recorded.t_s - recorded.t_s[0], abs=1e-9)
    assert accel_g == pytest.approx(recorded.accel_g, abs=1e-9)


def test_a_message_that_never_comes_is_given_up_after_a_while() -> None:
    queue = InOrder[str](most_held=4, patience_s=2.0)
    assert queue.take("s", 0, "a", 0.0) == ["a"]
    assert queue.take("s", 2, "c", 1.0) == []
    assert queue.tick(2.5) == []
    assert queue.tick(3.5) == ["c"]
    assert queue.take("s", 1, "b", 3.6) == []
    assert queue.take("s", 3, "d", 3.7) == ["d"]


@given(st.lists(st.integers(0, 20)))
def test_whatever_the_numbers_are_they_come_out_rising_and_once(numbers: list[int]) -> None:
    queue = InOrder[int](most_held=3)
    out = [n for i, number in enumerate(numbers) for n in queue.take("s", number, number, i * 0.3)]
    out += queue.tick(1e9)
    assert out == sorted(set(out))
    assert set(out) <= set(numbers)


def test_a_session_begun_anew_is_not_held_up_by_the_numbers_of_the_old_one() -> None:
    queue = InOrder[str]()
    assert queue.take("old", 7, "x", 0.0) == ["x"]
    assert queue.take("old", 9, "y", 0.1) == []
    assert queue.take("new", 1, "b", 0.2) == ["y"]
    assert queue.take("new", 0, "a", 0.3) == ["a", "b"]


LEAF = st.sampled_from([None, True, 0, -1, 2**70, 0.5, float("nan"), float("inf"), "", "x"])
JSON = LEAF | st.lists(LEAF, max_size=3) | st.dictionaries(st.just("x"), LEAF)
NUMBERS = st.floats() | st.sampled_from([None, 0, -1, BEGIN_NS, 2**64, 1e300, -1e308])
READING = st.fixed_dictionaries(
    {
        "name": st.sampled_from(
            ["accelerometer", "gravity", "wristmotion", "totalacceleration", "light"]
        )
        | JSON,
        "time": NUMBERS,
        "values": st.dictionaries(
            st.sampled_from(["x", "y", "z", "accelerationX", "gravityX"]), NUMBERS
        )
        | JSON,
    }
)
NEARLY = st.fixed_dictionaries(
    {"messageId": NUMBERS, "sessionId": JSON, "payload": st.lists(READING, max_size=5) | JSON}
)


@given(st.lists(JSON | NEARLY, max_size=4))
def test_any_json_gives_samples_or_a_decode_error(values: list[object]) -> None:
    decoder = SensorLoggerDecoder()
    for value in values:
        try:
            batches = list(decoder.feed(json.dumps(value), 0.0))
        except DecodeError:
            continue
        assert all(np.isfinite(batch.accel_g).all() for batch in batches)


@given(st.binary(max_size=60))
def test_any_bytes_give_samples_or_a_decode_error(data: bytes) -> None:
    with pytest.raises(DecodeError):
        SensorLoggerDecoder().feed(data, 0.0)


@pytest.mark.parametrize("text", ["[" * 100_000, '{"messageId":' + "9" * 5000 + "}", "NaN", "1"])
def test_hostile_json_is_refused_in_words(text: str) -> None:
    with pytest.raises(DecodeError) as caught:
        SensorLoggerDecoder().feed(text, 0.0)
    assert len(str(caught.value)) < 200


def test_a_set_pushed_message_by_message_counts_as_its_replay(
    recorded: SampleBlock, replayed: tuple[int, ...]
) -> None:
    async def main() -> Seen:
        source = PushedSource(SensorLoggerDecoder(), advice="Press start.")

        async def push(seen: Seen) -> None:
            for number, piece in enumerate(cut(recorded, 50)):
                source.put(ios(number, piece))
            await seen.until(lambda now: now.samples == len(recorded))

        return await reading(source, push)

    seen = asyncio.run(main())
    assert seen.reps == replayed
    assert seen.states == [LinkState.SEARCHING, LinkState.STREAMING]
    assert seen.reports[0].detail == "Press start."
