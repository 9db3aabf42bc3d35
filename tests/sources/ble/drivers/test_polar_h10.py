"""Polar H10: no SDK mode, four rates; the frames themselves are tested with the Verity Sense."""

import struct

import numpy as np
import pytest
from conversation import converse
from hypothesis import given
from hypothesis import strategies as st

from repsense.errors import DecodeError
from repsense.sources.ble.drivers.base import Await, Notification, Read, Step, Write
from repsense.sources.ble.drivers.polar_h10 import DRIVER
from repsense.sources.ble.pmd.control import CONTROL, DATA

# After Polar's specification; the order of settings is free (polar-ble-sdk#360).
SETTINGS = bytes.fromhex("F0 01 02 00 00 00041900 32006400 C800 01011000 020302000400 0800")


def strap(step: Step) -> bytes:
    if isinstance(step, Read):
        return bytes.fromhex("0F05").ljust(17, b"\x00")  # ECG and acceleration, as in #360
    return b""


def test_it_asks_for_100_hz_8_g_and_touches_no_sdk_mode() -> None:
    written: list[bytes] = []

    def peer(step: Step) -> bytes:
        if isinstance(step, Write):
            written.append(step.data)
        if isinstance(step, Await):
            return SETTINGS if written[-1][0] == 1 else bytes([0xF0, *written[-1][:2], 0, 0])
        return strap(step)

    converse(DRIVER.start(), peer)
    converse(DRIVER.stop(), peer)
    assert [command.hex() for command in written] == [
        "0302",
        "0102",
        "0202000164000101100002010800",
        "0302",
    ]


@given(
    samples=st.lists(st.tuples(*[st.integers(-8000, 8000)] * 3), min_size=1, max_size=36),
    cut=st.integers(0, 5),
)
def test_whole_samples_are_read_back_and_a_cut_one_is_refused(
    samples: list[tuple[int, int, int]], cut: int
) -> None:
    body = b"".join(struct.pack("<3h", *sample) for sample in samples)
    frame = struct.pack("<BQB", 2, 10**18, 1) + body[: len(body) - cut]
    notification = Notification(characteristic=DATA, data=frame, arrived_s=0.0)
    if cut:
        with pytest.raises(DecodeError, match=r"cut"):
            DRIVER.decoder().feed(notification)
        return
    (batch,) = DRIVER.decoder().feed(notification)
    np.testing.assert_allclose(batch.accel_g, np.array(samples) / 1000)


def test_an_answer_cut_short_is_told() -> None:
    with pytest.raises(DecodeError, match="cut short"):
        DRIVER.decoder().feed(Notification(characteristic=CONTROL, data=b"\xf0\x02", arrived_s=0))
