"""Whatever bytes come, however they are cut: a decoder gives sound batches or a DecodeError."""

from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from repsense.errors import DecodeError
from repsense.sources.ble.captures import read_capture
from repsense.sources.ble.drivers.base import Batch, Decoder, Driver, Notification, Timing
from repsense.sources.ble.registry import drivers

FOLDER = Path(__file__).resolve().parent / "captures"
STRANGE = "00002a37-0000-1000-8000-00805f9b34fb"  # heart rate, which no driver reads

every_driver = pytest.mark.parametrize("driver", drivers(), ids=lambda driver: driver.id)


def captured(driver: Driver) -> list[Notification]:
    paths = sorted(FOLDER.glob(f"{driver.id}.*txt"))
    return [one for path in paths for one in read_capture(path).notifications]


def check(driver: Driver, batch: Batch) -> None:
    n = len(batch.accel_g)
    assert n > 0
    assert batch.accel_g.shape == (n, 3)
    assert batch.accel_g.dtype == np.float64
    assert np.isfinite(batch.accel_g).all()
    assert batch.lost >= 0
    if batch.gyro_dps is not None:
        assert batch.gyro_dps.shape == (n, 3)
        assert np.isfinite(batch.gyro_dps).all()
    assert (batch.device_s is not None) == (driver.timing is Timing.DEVICE)
    if batch.device_s is not None:
        assert batch.device_s.shape == (n,)
        assert np.isfinite(batch.device_s).all()
        assert (np.diff(batch.device_s) > 0).all()


def feed_all(driver: Driver, decoder: Decoder, notifications: list[Notification]) -> None:
    for notification in notifications:
        with suppress(DecodeError):
            for batch in decoder.feed(notification):
                check(driver, batch)


@st.composite
def mutated(draw: st.DrawFn, real: list[Notification]) -> list[Notification]:
    """Draw real notifications out of order, with bytes changed, cut off, put in and moved."""
    chosen = draw(st.lists(st.sampled_from(real), max_size=12))
    made = []
    carried = b""
    for one in chosen:
        data = carried + one.data
        at = draw(st.integers(0, len(data)))
        cut = draw(st.integers(0, len(data)))
        what = draw(st.sampled_from(["keep", "flip", "cut", "insert", "carry"]))
        carried = b""
        if what == "flip" and at < len(data):
            data = data[:at] + bytes([draw(st.integers(0, 255))]) + data[at + 1 :]
        elif what == "cut":
            data = data[min(at, cut) : max(at, cut)]
        elif what == "insert":
            data = data[:at] + draw(st.binary(max_size=24)) + data[at:]
        elif what == "carry":
            data, carried = data[:at], data[at:]
        made.append(
            Notification(characteristic=one.characteristic, data=data, arrived_s=one.arrived_s)
        )
    return made


@every_driver
@given(data=st.data())
@settings(max_examples=50, deadline=None)
def test_any_bytes_give_sound_batches_or_a_decode_error(
    driver: Driver, data: st.DataObject
) -> None:
    known = sorted({one.characteristic for one in captured(driver)} | {STRANGE})
    notifications = st.builds(
        Notification,
        characteristic=st.sampled_from(known),
        data=st.binary(max_size=64) | st.binary(max_size=512),
        arrived_s=st.floats(0, 1e6),
    )
    feed_all(driver, driver.decoder(), data.draw(st.lists(notifications, max_size=10)))


@every_driver
@given(data=st.data())
@settings(max_examples=80, deadline=None)
def test_mutated_packets_give_sound_batches_or_a_decode_error(
    driver: Driver, data: st.DataObject
) -> None:
    feed_all(driver, driver.decoder(), data.draw(mutated(captured(driver))))


@every_driver
def test_a_decoder_goes_on_after_bytes_that_it_refused(driver: Driver) -> None:
    """Garbage may cost what is near it, but not the connection."""
    real = captured(driver)
    rng = np.random.default_rng(3)
    decoder = driver.decoder()
    for _ in range(50):
        one = real[rng.integers(len(real))]
        feed_all(driver, decoder, [replace(one, data=rng.bytes(31))])
    found = 0
    for one in real * 3:
        with suppress(DecodeError):
            found += sum(len(batch.accel_g) for batch in decoder.feed(one))
    assert found > 0


def test_the_check_sees_what_is_unsound() -> None:
    device = next(driver for driver in drivers() if driver.timing is Timing.DEVICE)
    good, nan = np.zeros((2, 3)), np.full((2, 3), np.nan)
    times_s = np.array([0.0, 0.02])
    check(device, Batch(accel_g=good, device_s=times_s))
    for bad in (
        Batch(accel_g=nan, device_s=times_s),
        Batch(accel_g=good, gyro_dps=nan, device_s=times_s),
        Batch(accel_g=good, device_s=times_s[::-1].copy()),
        Batch(accel_g=good),
        Batch(accel_g=good[:0], device_s=times_s[:0]),
        Batch(accel_g=good, device_s=times_s, lost=-1),
    ):
        with pytest.raises(AssertionError):
            check(device, bad)
