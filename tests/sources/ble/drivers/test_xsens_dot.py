"""Xsens DOT: rate quantities after the BLE Services Specification (rev. E), own encoder."""

import struct

import numpy as np
import pytest
from conversation import converse
from hypothesis import given
from hypothesis import strategies as st

from repsense.errors import DecodeError
from repsense.sources.ble.drivers.base import (
    Advert,
    Batch,
    Feedback,
    Notification,
    Read,
    Write,
)
from repsense.sources.ble.drivers.xsens_dot import CONTROL, DEVICE_CONTROL, DRIVER, MEDIUM

Three = tuple[float, float, float]


def encode(us: int, mps2: Three, dps: Three) -> bytes:
    return struct.pack("<I6f", us % 2**32, *mps2, *dps).ljust(40, b"\x00")


def fed(*payloads: bytes) -> list[Batch]:
    decoder = DRIVER.decoder()
    return [
        batch
        for payload in payloads
        for batch in decoder.feed(Notification(characteristic=MEDIUM, data=payload, arrived_s=0.0))
    ]


small = st.floats(-150, 150, width=32)


@given(
    us=st.integers(0, 2**32 - 1),
    mps2=st.tuples(small, small, small),
    dps=st.tuples(small, small, small),
)
def test_a_sample_is_read_back(us: int, mps2: Three, dps: Three) -> None:
    (batch,) = fed(encode(us, mps2, dps))
    np.testing.assert_allclose(batch.accel_g[0] * 9.80665, mps2, rtol=1e-12, atol=1e-12)
    np.testing.assert_array_equal(batch.gyro_dps, [dps])
    np.testing.assert_allclose(batch.device_s, [us / 1e6])


def test_microseconds_wrap_losses_are_counted_and_doubles_dropped() -> None:
    stamps = [2**32 - 16667, 0, 0, 3 * 16667, 4 * 16667, 3 * 16667]
    batches = fed(*(encode(us, (0, 0, 9.80665), (0, 0, 0)) for us in stamps))
    times = np.concatenate([batch.device_s for batch in batches])
    np.testing.assert_allclose(np.diff(times) * 60, [1, 3, 1], rtol=1e-3)
    assert [batch.lost for batch in batches] == [0, 0, 2, 0]


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), 3e38])
def test_numbers_that_cannot_be_are_refused(bad: float) -> None:
    with pytest.raises(DecodeError, match="no chip measures"):
        fed(encode(0, (bad, 0, 0), (0, 0, 0)))
    with pytest.raises(DecodeError, match="no chip measures"):
        fed(encode(0, (0, 0, 0), (0, bad, 0)))


def test_a_signalling_nan_is_refused_without_a_warning() -> None:
    signalling = bytes.fromhex("010080 7f")
    with pytest.raises(DecodeError, match="accelerations that no chip measures"):
        fed(bytes(4) + signalling + bytes(20))
    with pytest.raises(DecodeError, match="rates of turn that no chip measures"):
        fed(bytes(16) + signalling + bytes(8))


@given(st.lists(st.binary(max_size=44), max_size=6))
def test_any_bytes_give_samples_or_a_decode_error(payloads: list[bytes]) -> None:
    decoder = DRIVER.decoder()
    for payload in payloads:
        try:
            batches = decoder.feed(Notification(characteristic=MEDIUM, data=payload, arrived_s=0))
        except DecodeError:
            continue
        assert all(np.isfinite(batch.accel_g).all() for batch in batches)


def device_control(rate_hz: int) -> bytes:
    return (
        bytes(7) + b"\x09" + b"Xsens DOT".ljust(16, b"\x00") + struct.pack("<H", rate_hz) + bytes(6)
    )


def test_the_rate_is_set_only_where_it_differs() -> None:
    def at(rate_hz: int) -> list[Write]:
        control = device_control(rate_hz)
        steps = converse(DRIVER.start(), lambda s: control if isinstance(s, Read) else b"")
        return [step for step in steps if isinstance(step, Write)]

    assert at(60) == [Write(CONTROL, b"\x01\x01\x15")]
    rate, start = at(20)
    assert rate == Write(DEVICE_CONTROL, b"\x10" + device_control(60)[1:])
    assert start == Write(CONTROL, b"\x01\x01\x15")


def test_it_stops_before_leaving_and_is_known_by_name_or_maker() -> None:
    assert Write(CONTROL, b"\x01\x00\x15") in list(DRIVER.stop())
    assert DRIVER.claims(Advert(address="a", name="Xsens DOT"))
    assert DRIVER.claims(Advert(address="a", name="left wrist", manufacturer={0x0886: b""}))
    assert DRIVER.feedback(Feedback.SWING) is None
