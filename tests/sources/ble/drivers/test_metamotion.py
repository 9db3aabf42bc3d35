"""MetaMotion: the vectors of MbientLab's SDK (test_accelerometer_bmi160.py, _bmi270.py)."""

import struct

import numpy as np
import pytest
from conversation import converse
from hypothesis import given
from hypothesis import strategies as st

from repsense.errors import DecodeError
from repsense.sources.ble.drivers.base import (
    Advert,
    Await,
    Feedback,
    Notification,
    Step,
    Write,
)
from repsense.sources.ble.drivers.metamotion import DRIVER, NOTIFY, SERVICE

PACKED = "62b7 530d e9fd 16d0 4d0e 5702 8aff a105 0a01"
MILLI_G = [[-4539, 833, -131], [-2995, 894, 146], [-29, 352, 65]]


def notified(data: bytes) -> Notification:
    return Notification(characteristic=NOTIFY, data=data, arrived_s=0.0)


@pytest.mark.parametrize("register", ["1c", "05"])
def test_the_sdks_packed_vector(register: str) -> None:
    (batch,) = DRIVER.decoder().feed(notified(bytes.fromhex(f"03{register}{PACKED}")))
    np.testing.assert_allclose(batch.accel_g * 1000, MILLI_G, atol=0.5)


def test_the_sdks_single_vector_which_is_at_4_g_is_twice_that_at_8_g() -> None:
    (batch,) = DRIVER.decoder().feed(notified(bytes.fromhex("030416c494a22ad0")))
    np.testing.assert_allclose(batch.accel_g[0], [-1.872 * 2, -2.919 * 2, -1.495 * 2], atol=0.001)


@given(st.lists(st.tuples(*[st.integers(-32768, 32767)] * 3), min_size=3, max_size=3))
def test_three_samples_are_read_back(samples: list[tuple[int, int, int]]) -> None:
    data = b"\x03\x1c" + b"".join(struct.pack("<3h", *sample) for sample in samples)
    (batch,) = DRIVER.decoder().feed(notified(data))
    np.testing.assert_array_equal(batch.accel_g * 4096, samples)


@given(st.binary(max_size=24))
def test_any_bytes_give_samples_or_a_decode_error(data: bytes) -> None:
    for shaped in (data, b"\x03\x1c" + data, b"\x03\x04" + data):
        try:
            batches = DRIVER.decoder().feed(notified(shaped))
        except DecodeError:
            continue
        assert all(np.abs(batch.accel_g).max() <= 8 for batch in batches)


def test_a_cut_message_is_told_and_other_modules_are_passed_over() -> None:
    with pytest.raises(DecodeError, match="sent 10 bytes"):
        DRIVER.decoder().feed(notified(b"\x03\x1c" + bytes(8)))
    assert DRIVER.decoder().feed(notified(b"\x01\x01\x01")) == []


@pytest.mark.parametrize(
    ("kind", "commands"),
    [
        (1, ["0380", "03032808", "031c01", "03020100", "030101"]),
        (4, ["0380", "0303a802", "030501", "03020100", "030101"]),
    ],
)
def test_it_asks_for_the_chip_and_configures_that(kind: int, commands: list[str]) -> None:
    answers = [b"\x03\x1c" + bytes(18), bytes([3, 0x80, kind, 1])]  # a sample comes in between

    def peer(step: Step) -> bytes:
        return answers.pop(0) if isinstance(step, Await) else b""

    steps = converse(DRIVER.start(), peer)
    assert [step.data.hex() for step in steps if isinstance(step, Write)] == commands


def test_an_older_chip_and_a_silent_board_are_told() -> None:
    with pytest.raises(DecodeError, match="type 0; known are"):
        converse(DRIVER.start(), lambda step: bytes([3, 0x80, 0, 0]))
    with pytest.raises(DecodeError, match="did not say"):
        converse(DRIVER.start(), lambda step: b"")


def test_the_target_buzzes_and_flashes_green_three_times() -> None:
    buzz, clear, pattern, play = [
        step.data.hex()
        for step in DRIVER.feedback(Feedback.TARGET_REACHED)
        if isinstance(step, Write)
    ]
    assert buzz == "0801f8" + "9001" + "00"  # test_haptic.py: 0801f8 881300 is 5000 ms
    assert clear == "020201"
    assert pattern == "0203" + "0002" + "1f000000" + "32000000" + "f4010000" + "03"  # test_led.py
    assert play == "020101"


def test_it_is_known_by_its_service_or_its_first_name() -> None:
    assert DRIVER.claims(Advert(address="a", name="Left", services=frozenset({SERVICE})))
    assert DRIVER.claims(Advert(address="a", name="MetaWear"))
