"""Puck.js: its own program and lights; the lines are those of Bangle.js."""

from collections.abc import Callable

import numpy as np
import pytest

from repsense.errors import DecodeError
from repsense.sources.ble.drivers.base import Advert, Feedback, Notification, Timing
from repsense.sources.ble.drivers.espruino import NOTIFY
from repsense.sources.ble.drivers.puck import DRIVER

Run = Callable[..., dict[str, list[str]]]


def notification(data: bytes) -> Notification:
    return Notification(characteristic=NOTIFY, data=data, arrived_s=0.0)


def test_the_program_prints_what_the_decoder_reads(espruino: Run) -> None:
    events: list[object] = [
        {"acc": {"x": 100 * i, "y": -8192, "z": 4096}, "gyro": {"x": 1, "y": 2, "z": 3}}
        for i in range(5)
    ]
    answer = espruino(DRIVER.start(), DRIVER.stop(), events=events)
    batches = DRIVER.decoder().feed(notification("".join(answer["printed"]).encode()))
    accel_g = np.concatenate([batch.accel_g for batch in batches])
    assert accel_g.tolist() == [[100 * i / 8192, -1.0, 0.5] for i in range(5)]
    assert DRIVER.timing is Timing.DEVICE
    assert answer["called"] == ["Puck.accelOn(52)", "Puck.removed true", "Puck.accelOff()"]


def test_feedback_lights_up(espruino: Run) -> None:
    scripts = [DRIVER.feedback(kind) for kind in (Feedback.TARGET_REACHED, Feedback.SWING)]
    answer = espruino(*scripts, events=[])
    assert answer["called"] == ["digitalPulse(2,1,500)", "digitalPulse(1,1,[150,150,150])"]


def test_a_puck_without_accelerometer_is_told_apart() -> None:
    said = b"Uncaught Error: Accelerometer not available on Puck.js 1\r\n"
    with pytest.raises(DecodeError, match=r"Accelerometer not available on Puck\.js 1"):
        DRIVER.decoder().feed(notification(said))


def test_it_is_known_by_its_name() -> None:
    assert DRIVER.claims(Advert(address="a", name="Puck.js 1a2b"))
    assert not DRIVER.claims(Advert(address="a", name="Bangle.js 1a2b"))
