"""Polar OH1: 50 Hz; frames and conversation are tested with the Verity Sense."""

import numpy as np
from conversation import converse
from hypothesis import given
from hypothesis import strategies as st

from repsense.errors import DecodeError
from repsense.sources.ble.drivers.base import Await, Notification, Read, Step, Write
from repsense.sources.ble.drivers.polar_oh1 import DRIVER
from repsense.sources.ble.pmd.control import CONTROL, DATA


def test_a_sensor_that_keeps_its_settings_to_itself_is_started_with_its_usual_ones() -> None:
    written: list[bytes] = []

    def peer(step: Step) -> bytes:
        if isinstance(step, Write):
            written.append(step.data)
        if isinstance(step, Await):
            started = written[-1][0] == 2
            return bytes([0xF0, *written[-1][:2], 0 if started else 1, 0])
        return b"\x0f\x0e" if isinstance(step, Read) else b""

    converse(DRIVER.start(), peer)
    assert written[-1].hex() == "0202000132000101100002010800"


@given(st.lists(st.tuples(st.sampled_from([CONTROL, DATA]), st.binary(max_size=80)), max_size=8))
def test_any_bytes_give_samples_or_a_decode_error(sent: list[tuple[str, bytes]]) -> None:
    decoder = DRIVER.decoder()
    newest = -np.inf
    for characteristic, data in sent:
        # Half of the bytes would otherwise be passed over as another kind of measurement.
        shaped = b"\x02" + data[1:] if characteristic == DATA else data
        try:
            batches = decoder.feed(
                Notification(characteristic=characteristic, data=shaped, arrived_s=0.0)
            )
        except DecodeError:
            continue
        for batch in batches:
            assert batch.device_s is not None
            assert np.isfinite(batch.accel_g).all()
            assert (np.diff(np.concatenate([[newest], batch.device_s])) > 0).all()
            newest = batch.device_s[-1]
