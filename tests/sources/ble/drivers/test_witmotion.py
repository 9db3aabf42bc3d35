"""WitMotion: packets found wherever the bytes are cut; vectors after the vendor's Python SDK."""

import struct
from contextlib import suppress
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from repsense.errors import CharacteristicMissingError, DecodeError
from repsense.sources.ble.drivers.base import (
    Advert,
    Await,
    Batch,
    Decoder,
    Feedback,
    Notification,
    Step,
    Subscribe,
    Timing,
    Unsubscribe,
    Write,
)
from repsense.sources.ble.drivers.witmotion import (
    DRIVER,
    DUAL_NOTIFY,
    DUAL_WRITE,
    NOTIFY,
    RATE_50_HZ,
    SERVICE,
    UNLOCK,
    WRITE,
)

REGISTER = b"\x55\x71\x03\x00\x08\x00" + bytes(14)
counts = st.integers(-32768, 32767)


def packet(*accel: int, gyro: tuple[int, int, int] = (0, 0, 0)) -> bytes:
    return b"\x55\x61" + struct.pack("<9h", *accel, *gyro, 0, 0, 0)


def fed(decoder: Decoder, data: bytes, characteristic: str = NOTIFY) -> list[Batch]:
    return decoder.feed(Notification(characteristic=characteristic, data=data, arrived_s=0.0))


def rows(batches: list[Batch]) -> list[list[float]]:
    return [row for batch in batches for row in (batch.accel_g * 2048).tolist()]


def test_units() -> None:
    (batch,) = fed(DRIVER.decoder(), packet(2048, 0, -2048, gyro=(16384, -32768, 0)))
    assert batch.accel_g.tolist() == [[1.0, 0.0, -1.0]]
    assert batch.gyro_dps is not None
    assert batch.gyro_dps.tolist() == [[1000.0, -2000.0, 0.0]]
    assert batch.device_s is None
    assert DRIVER.timing is Timing.EVEN


# A head inside of the numbers is legal, and must not lead a decoder in step astray.
@given(
    st.lists(st.tuples(counts, counts, counts) | st.just((0x6155, 0x7155, 0x6155)), min_size=1),
    st.lists(st.integers(0, 400), max_size=30),
    st.sampled_from([NOTIFY, DUAL_NOTIFY]),
)
def test_packets_are_found_wherever_they_are_cut(
    samples: list[tuple[int, int, int]], cuts: list[int], characteristic: str
) -> None:
    data = b"".join(packet(*sample) for sample in samples)
    edges = [0, *sorted(cut for cut in cuts if cut < len(data)), len(data)]
    decoder = DRIVER.decoder()
    batches = [
        batch
        for start, stop in pairwise(edges)
        for batch in fed(decoder, data[start:stop], characteristic)
    ]
    assert rows(batches) == [list(map(float, sample)) for sample in samples]


@pytest.mark.parametrize("gone", range(1, 20))
def test_after_lost_bytes_it_finds_its_step_again_within_two_packets(gone: int) -> None:
    stream = b"".join(packet(i, -i, 2048) for i in range(1, 8))
    decoder = DRIVER.decoder()
    assert len(rows(fed(decoder, stream[:40]))) == 2
    found: list[list[float]] = []
    for start in range(40 + gone, len(stream), 20):
        with suppress(DecodeError):
            found += rows(fed(decoder, stream[start : start + 20]))
    wanted = [[float(i), float(-i), 2048.0] for i in range(1, 8)]
    assert all(one in wanted for one in found)
    assert found[-2:] in (wanted[-3:-1], wanted[-2:])


def test_a_head_among_the_numbers_is_not_taken_for_one_while_out_of_step() -> None:
    decoder = DRIVER.decoder()
    tail = bytes(4) + struct.pack("<3h", 0x6155, 1, 2)
    assert rows(fed(decoder, tail + packet(1, 2, 3) + packet(4, 5, 6) + b"\x55\x61")) == [
        [1.0, 2.0, 3.0],
        [4.0, 5.0, 6.0],
    ]


def test_answers_about_registers_are_passed_over() -> None:
    batches = fed(DRIVER.decoder(), packet(1, 1, 1) + REGISTER + packet(2, 2, 2))
    assert rows(batches) == [[1.0, 1.0, 1.0], [2.0, 2.0, 2.0]]
    assert fed(DRIVER.decoder(), REGISTER) == []


def test_another_characteristic_is_passed_over() -> None:
    assert fed(DRIVER.decoder(), packet(1, 1, 1), WRITE) == []


def test_samples_of_one_notification_come_in_one_batch() -> None:
    (batch,) = fed(DRIVER.decoder(), packet(1, 1, 1) * 5)
    assert batch.accel_g.shape == (5, 3)
    assert np.isfinite(batch.accel_g).all()


@pytest.mark.parametrize(("notify", "write"), [(NOTIFY, WRITE), (DUAL_NOTIFY, DUAL_WRITE)])
def test_the_script_finds_the_variant_and_sets_the_rate(notify: str, write: str) -> None:
    script = DRIVER.start()
    step: Step = next(script)
    if step != Subscribe(notify):
        step = script.throw(CharacteristicMissingError("none"))
    assert [step, *script] == [
        Subscribe(notify),
        Write(write, UNLOCK, response=False),
        Await(notify, timeout_s=0.2),
        Write(write, RATE_50_HZ, response=False),
        Await(notify, timeout_s=0.2),
    ]
    assert RATE_50_HZ == b"\xff\xaa\x03\x08\x00"


def test_stopping_finds_the_variant_too() -> None:
    script = DRIVER.stop()
    assert next(script) == Unsubscribe(NOTIFY)
    assert script.throw(CharacteristicMissingError("none")) == Unsubscribe(DUAL_NOTIFY)


def test_a_sensor_that_is_none_is_told_apart() -> None:
    script = DRIVER.start()
    next(script)
    script.throw(CharacteristicMissingError("none"))
    with pytest.raises(DecodeError, match="speaks something else"):
        script.throw(CharacteristicMissingError("none"))


def test_it_is_known_by_name_or_service() -> None:
    for name in ("WT901BLE68", "WT9011DCL-BT50", "BWT901BLE5.0"):
        assert DRIVER.claims(Advert(address="a", name=name))
    assert DRIVER.claims(Advert(address="a", services=frozenset({SERVICE})))
    standard = "0000ffe5-0000-1000-8000-00805f9b34fb"
    assert not DRIVER.claims(Advert(address="a", services=frozenset({standard})))


def test_it_has_nothing_to_feel() -> None:
    for kind in Feedback:
        DRIVER.feedback(kind)
        assert DRIVER.feedback(kind) is None
