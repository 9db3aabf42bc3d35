"""Movesense: messages in one part and in two, ms that wrap, answers of both kinds of firmware."""

import struct

import numpy as np
import pytest
from conversation import converse
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from repsense.errors import DecodeError
from repsense.samples import SampleBlock
from repsense.sources.ble.drivers.base import (
    Advert,
    Await,
    Batch,
    Feedback,
    Notification,
    Step,
    Write,
)
from repsense.sources.ble.drivers.movesense import DRIVER, NOTIFY
from repsense.sources.ble.peripherals.movesense import encode_message, peripheral


def notified(data: bytes) -> Notification:
    return Notification(characteristic=NOTIFY, data=data, arrived_s=0.0)


def test_metres_a_second_squared_become_g() -> None:
    data = b"\x02\x63" + struct.pack("<I6f", 5000, 0, 0, 9.80665, 9.80665 / 2, 0, 0)
    (batch,) = DRIVER.decoder().feed(notified(data))
    np.testing.assert_allclose(batch.accel_g, [[0, 0, 1], [0.5, 0, 0]], atol=1e-7)
    np.testing.assert_allclose(batch.device_s, [5.0, 5.0 + 1 / 52])


accel = arrays(np.float64, st.tuples(st.integers(1, 30), st.just(3)), elements=st.floats(-16, 16))


@given(accel_g=accel, first_ms=st.integers(0, 2**33))
def test_what_is_encoded_is_read_back_in_one_part_or_in_two(
    accel_g: np.ndarray, first_ms: int
) -> None:
    decoder = DRIVER.decoder()
    parts = encode_message(accel_g, first_ms=first_ms)
    assert all(len(part) <= 158 for part in parts)
    batches = [batch for part in parts for batch in decoder.feed(notified(part))]
    read_g = np.concatenate([batch.accel_g for batch in batches])
    np.testing.assert_allclose(read_g, accel_g, atol=2e-6)
    times = np.concatenate([batch.device_s for batch in batches])
    np.testing.assert_allclose(times, first_ms % 2**32 / 1000 + np.arange(len(accel_g)) / 52)


def feed_all(first_ms: list[int]) -> list[Batch]:
    decoder = DRIVER.decoder()
    messages = [encode_message(np.ones((4, 3)), first_ms=ms) for ms in first_ms]
    return [batch for parts in messages for part in parts for batch in decoder.feed(notified(part))]


def test_a_lost_message_is_counted_a_double_dropped_and_the_wrap_of_ms_passed() -> None:
    wrap = 2**32 - 100
    batches = feed_all([wrap, wrap + 77, wrap + 77, wrap + 231, wrap + 308])
    assert [batch.lost for batch in batches] == [0, 0, 4, 0]
    times = np.concatenate([batch.device_s for batch in batches])
    assert (np.diff(times) > 0).all()
    assert times[-1] - times[0] == pytest.approx(0.308 + 3 / 52)


def test_a_second_part_alone_is_told_and_the_loss_shows_in_the_next_message() -> None:
    decoder = DRIVER.decoder()
    with pytest.raises(DecodeError, match="first was lost"):
        decoder.feed(notified(b"\x03\x63" + bytes(20)))
    assert len(decoder.feed(notified(encode_message(np.ones((4, 3)), first_ms=0)[0]))) == 1
    with pytest.raises(DecodeError, match="first was lost"):
        decoder.feed(notified(b"\x03\x63" + bytes(24)))
    first_part, _ = encode_message(np.ones((16, 3)), first_ms=77)
    assert decoder.feed(notified(first_part)) == []
    (batch,) = decoder.feed(notified(encode_message(np.ones((4, 3)), first_ms=385)[0]))
    assert batch.lost == 16


@given(st.lists(st.tuples(st.integers(0, 5), st.binary(max_size=60)), max_size=8))
def test_any_bytes_give_samples_or_a_decode_error(sent: list[tuple[int, bytes]]) -> None:
    decoder = DRIVER.decoder()
    for kind, data in sent:
        try:
            batches = decoder.feed(notified(bytes([kind, 99]) + data))
        except DecodeError:
            continue
        for batch in batches:
            assert np.abs(batch.accel_g).max() <= 40


def test_it_streams_what_the_stand_in_is_given() -> None:
    sensor = peripheral(52.0)
    answers: list[bytes] = []

    def peer(step: Step) -> bytes:
        if isinstance(step, Write):
            answers[:] = [p.data for p in sensor.write(step.characteristic, step.data)]
        return answers[0] if isinstance(step, Await) else b""

    converse(DRIVER.start(), peer)
    assert sensor.streaming
    block = SampleBlock(
        t_s=100 + np.arange(52) / 52, accel_g=np.random.default_rng(1).random((52, 3))
    )
    decoder = DRIVER.decoder()
    batches = [b for packet in sensor.push(block) for b in decoder.feed(notified(packet.data))]
    np.testing.assert_allclose(
        np.concatenate([b.accel_g for b in batches]), block.accel_g, atol=1e-6
    )
    np.testing.assert_allclose(np.concatenate([b.device_s for b in batches]), block.t_s, atol=6e-4)
    assert sum(b.lost for b in batches) == 0
    converse(DRIVER.stop(), peer)
    assert not sensor.streaming


@pytest.mark.parametrize(
    ("answer", "told"),
    [("01 63 94 01", "GATT SensorData"), ("01 63 01 FB", "other ones"), ("01 63 F4 01", "unknown")],
)
def test_an_error_is_told_whichever_way_round_its_bytes_come(answer: str, told: str) -> None:
    with pytest.raises(DecodeError, match=told):
        converse(DRIVER.start(), lambda step: bytes.fromhex(answer))


@pytest.mark.parametrize("answer", ["", "01 63 C8 00", "02 63 00 00 00 00"])
def test_silence_success_and_data_all_mean_that_it_streams(answer: str) -> None:
    assert converse(DRIVER.start(), lambda step: bytes.fromhex(answer))


def test_it_is_known_by_its_name() -> None:
    assert DRIVER.claims(Advert(address="a", name="Movesense 204730000081"))
    assert DRIVER.feedback(Feedback.SWING) is None
