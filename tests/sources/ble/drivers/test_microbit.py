"""micro:bit: three 16-bit numbers in milli-g, after MicroBitAccelerometerService.cpp."""

import struct

import numpy as np
import pytest
from conversation import converse
from hypothesis import given
from hypothesis import strategies as st

from repsense.errors import CharacteristicMissingError, DecodeError
from repsense.sources.ble.drivers.base import (
    Advert,
    Feedback,
    Notification,
    Step,
    Subscribe,
    Write,
)
from repsense.sources.ble.drivers.microbit import DATA, DRIVER, PERIOD


def notified(data: bytes) -> Notification:
    return Notification(characteristic=DATA, data=data, arrived_s=0.0)


@given(st.tuples(*[st.integers(-32768, 32767)] * 3))
def test_a_sample_is_read_back(milli_g: tuple[int, int, int]) -> None:
    (batch,) = DRIVER.decoder().feed(notified(struct.pack("<3h", *milli_g)))
    np.testing.assert_allclose(batch.accel_g * 1000, [milli_g])


@given(st.binary(max_size=20).filter(lambda data: len(data) != 6))
def test_any_other_length_is_refused(data: bytes) -> None:
    with pytest.raises(DecodeError, match=f"sent {len(data)} bytes"):
        DRIVER.decoder().feed(notified(data))


def test_it_asks_for_50_hz() -> None:
    assert list(DRIVER.start()) == [Write(PERIOD, b"\x14\x00"), Subscribe(DATA)]
    assert DRIVER.rate_hz == 50.0


def test_a_program_without_the_service_is_told_what_to_add() -> None:
    def without(step: Step) -> bytes:
        raise CharacteristicMissingError(f"There is no {step.characteristic}.")

    with pytest.raises(DecodeError, match="add the block 'bluetooth accelerometer service'"):
        converse(DRIVER.start(), without)


def test_it_is_known_with_and_without_its_given_name() -> None:
    assert DRIVER.claims(Advert(address="a", name="BBC micro:bit [zuvov]"))
    assert DRIVER.claims(Advert(address="a", name="BBC micro:bit"))
    assert DRIVER.feedback(Feedback.SWING) is None
