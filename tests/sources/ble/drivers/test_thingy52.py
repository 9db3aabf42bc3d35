"""Thingy:52: a real notification from bluepy#377, and a stand-in."""

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
    Feedback,
    Notification,
    Read,
    Step,
    Write,
)
from repsense.sources.ble.drivers.thingy52 import CONFIG, DRIVER, LED, RAW
from repsense.sources.ble.peripherals.thingy52 import peripheral

AT_REST = "f3ff bdff 02fc eaff 0500 f6ff 0000 0000 0000"


def raw(data: bytes) -> Notification:
    return Notification(characteristic=RAW, data=data, arrived_s=0.0)


def test_a_thingy_at_rest_feels_one_g_and_hardly_turns() -> None:
    (batch,) = DRIVER.decoder().feed(raw(bytes.fromhex(AT_REST)))
    assert np.linalg.norm(batch.accel_g) == pytest.approx(1.0, abs=0.005)
    np.testing.assert_allclose(batch.gyro_dps, [[-22 / 32, 5 / 32, -10 / 32]])


motion = arrays(np.float64, (5, 6), elements=st.floats(-15, 15))


@given(motion)
def test_what_the_stand_in_is_given_is_read_back(both: np.ndarray) -> None:
    block = SampleBlock(t_s=np.arange(5.0), accel_g=both[:, :3], gyro_dps=both[:, 3:] * 60)
    decoder = DRIVER.decoder()
    batches = [decoder.feed(raw(packet.data))[0] for packet in peripheral(50.0).push(block)]
    read_g = np.concatenate([batch.accel_g for batch in batches])
    np.testing.assert_allclose(read_g, block.accel_g, atol=0.5001 / 1024)
    gyro = [batch.gyro_dps for batch in batches if batch.gyro_dps is not None]
    np.testing.assert_allclose(np.concatenate(gyro), block.gyro_dps, atol=0.5001 / 32)


@given(st.binary(max_size=24))
def test_any_bytes_give_a_sample_or_a_decode_error(data: bytes) -> None:
    if len(data) == 18:
        assert len(DRIVER.decoder().feed(raw(data))) == 1
        return
    with pytest.raises(DecodeError, match=f"sent {len(data)} bytes"):
        DRIVER.decoder().feed(raw(data))


def test_the_rate_is_written_once_and_the_rest_left_as_it_is() -> None:
    thingy = peripheral(50.0)

    def peer(step: Step) -> bytes:
        if isinstance(step, Write):
            thingy.write(step.characteristic, step.data)
        return thingy.read(step.characteristic) if isinstance(step, Read) else b""

    first, second = converse(DRIVER.start(), peer), converse(DRIVER.start(), peer)
    assert [s.data.hex() for s in first if isinstance(s, Write)] == ["f401f401f401" + "3200" + "01"]
    assert not any(isinstance(step, Write) for step in second)
    assert Write(CONFIG, thingy.config) in first


def test_its_light_breathes_green_for_the_target_and_red_for_swing() -> None:
    assert list(DRIVER.feedback(Feedback.TARGET_REACHED)) == [Write(LED, bytes([3, 2, 100]))]
    assert list(DRIVER.feedback(Feedback.SWING)) == [Write(LED, bytes([3, 1, 100]))]


def test_it_is_known_by_its_service_even_when_renamed() -> None:
    services = frozenset({"ef680100-9b35-4933-9b10-52ffa9740042"})
    assert DRIVER.claims(Advert(address="a", name="Left", services=services))
