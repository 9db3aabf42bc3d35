"""SensorTag CC2650: gyroscope, accelerometer and compass in 18 bytes; own encoder."""

import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from repsense.errors import DecodeError
from repsense.sources.ble.drivers.base import (
    Advert,
    Feedback,
    Notification,
    Subscribe,
    Unsubscribe,
    Write,
)
from repsense.sources.ble.drivers.sensortag import CONFIG, DATA, DRIVER, PERIOD


def notified(data: bytes) -> Notification:
    return Notification(characteristic=DATA, data=data, arrived_s=0.0)


@given(st.lists(st.integers(-32768, 32767), min_size=9, max_size=9))
def test_a_sample_is_read_back_in_g_and_degrees_a_second(counts: list[int]) -> None:
    (batch,) = DRIVER.decoder().feed(notified(struct.pack("<9h", *counts)))
    np.testing.assert_allclose(batch.accel_g[0] * 4096, counts[3:6])
    np.testing.assert_allclose(batch.gyro_dps, [np.array(counts[:3]) * 500 / 65536])


@given(st.binary(max_size=40).filter(lambda data: len(data) != 18))
def test_any_other_length_is_refused(data: bytes) -> None:
    with pytest.raises(DecodeError, match=f"sent {len(data)} bytes"):
        DRIVER.decoder().feed(notified(data))


def test_it_is_turned_on_at_8_g_and_10_hz_and_off_again() -> None:
    assert list(DRIVER.start()) == [
        Subscribe(DATA),
        Write(PERIOD, b"\x0a"),
        Write(CONFIG, b"\x3f\x02"),
    ]
    assert list(DRIVER.stop()) == [Write(CONFIG, b"\x00\x00"), Unsubscribe(DATA)]


@pytest.mark.parametrize("name", ["CC2650 SensorTag", "SensorTag 2.0"])
def test_it_is_known_by_its_names(name: str) -> None:
    assert DRIVER.claims(Advert(address="a", name=name))
    assert not DRIVER.claims(Advert(address="a", name="SensorTag"))  # the CC2541, another layout
    assert DRIVER.feedback(Feedback.SWING) is None
