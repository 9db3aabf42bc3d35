"""PineTime: any number of 6-byte samples; vectors from InfiniTime's published layout."""

import struct

import numpy as np
import pytest

from repsense.errors import CharacteristicMissingError, DecodeError
from repsense.sources.ble.drivers.base import (
    Advert,
    Feedback,
    Notification,
    Step,
    Subscribe,
    Timing,
    Unsubscribe,
    Write,
)
from repsense.sources.ble.drivers.pinetime import ALERT_LEVEL, DRIVER, MOTION, NEW_ALERT

STEPS = "00030001-78fc-48fe-8e23-433b3a1942d0"


def motion(data: bytes, characteristic: str = MOTION) -> Notification:
    return Notification(characteristic=characteristic, data=data, arrived_s=0.0)


def test_1024_counts_are_one_g() -> None:
    (batch,) = DRIVER.decoder().feed(motion(struct.pack("<hhh", 0, 512, -1024)))
    assert batch.accel_g.tolist() == [[0.0, 0.5, -1.0]]
    assert batch.gyro_dps is None
    assert batch.device_s is None
    assert DRIVER.timing is Timing.ARRIVAL


@pytest.mark.parametrize("samples", [2, 20, 32])
def test_a_whole_fifo_in_one_notification_is_read(samples: int) -> None:
    counts = np.arange(3 * samples, dtype="<i2").reshape(-1, 3)
    (batch,) = DRIVER.decoder().feed(motion(counts.tobytes()))
    np.testing.assert_array_equal(batch.accel_g, counts / 1024)


@pytest.mark.parametrize("size", [1, 5, 7, 19])
def test_a_length_that_is_no_multiple_of_six_is_refused(size: int) -> None:
    decoder = DRIVER.decoder()
    with pytest.raises(DecodeError, match=f"sent {size} bytes"):
        decoder.feed(motion(bytes(size)))
    assert len(decoder.feed(motion(bytes(6)))) == 1


def test_the_step_counter_is_passed_over() -> None:
    assert DRIVER.decoder().feed(motion(bytes(4), characteristic=STEPS)) == []


def test_it_is_known_by_the_name_that_infinitime_gives_itself() -> None:
    assert DRIVER.claims(Advert(address="a", name="InfiniTime"))
    assert not DRIVER.claims(Advert(address="a", name="Pinecil"))


def test_subscribing_is_all_it_needs() -> None:
    assert list(DRIVER.start()) == [Subscribe(MOTION)]
    assert list(DRIVER.stop()) == [Unsubscribe(MOTION)]


def test_feedback_is_a_notification_with_a_text() -> None:
    (said,) = list(DRIVER.feedback(Feedback.TARGET_REACHED))
    assert said == Write(NEW_ALERT, b"\x00\x01\x00RepSense\x00Target reached")
    assert len(said.data) <= 100  # what InfiniTime keeps of a message


def test_without_the_alert_service_a_mild_alert_stands_in() -> None:
    script = DRIVER.feedback(Feedback.SWING)
    said: list[Step] = [next(script), script.throw(CharacteristicMissingError("none"))]
    assert said[1] == Write(ALERT_LEVEL, b"\x01", response=False)
