"""Polar Verity Sense: vectors of Polar's SDK, a real frame, and a stand-in that talks back."""

import struct

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
    Await,
    Batch,
    Feedback,
    Notification,
    Read,
    Step,
    Write,
)
from repsense.sources.ble.drivers.polar_verity import DRIVER
from repsense.sources.ble.peripherals.polar_verity import VeritySense, encode_frame, peripheral
from repsense.sources.ble.pmd.control import CONTROL, DATA, Stream, choose, parse_settings
from repsense.sources.ble.pmd.frames import decode_frame
from repsense.sources.ble.registry import driver_for

# sources/Android/.../pmd/model/AccDataTest.kt of polarofficial/polar-ble-sdk: bytes, milli-g.
SDK_COMPRESSED_1 = ("81 F1FF 1400 F003 06 01 7B0F08", [(-15, 20, 1008), (-20, 17, 1008)])
SDK_WHOLE_1 = ("01 F7FFFFFFE703 F8FFFEFFE503", [(-9, -1, 999), (-8, -2, 997)])
SDK_COMPRESSED_0 = "80 7107F06A9E8D 0A01 BE5CBEBA"  # with the factor 2.44e-4
SETTINGS_52 = "F0 01 02 00 00 00013400 01011000 02010800 040103"
SETTINGS_SDK = "F0 01 02 00 00 00051A00340068 00D000A001 01011000 0204020004000800 1000 040103"


def head(last_ns: int = 2_000_000_000) -> bytes:
    return struct.pack("<BQ", 2, last_ns)


def data(payload: bytes | str) -> Notification:
    raw = bytes.fromhex(payload) if isinstance(payload, str) else payload
    return Notification(characteristic=DATA, data=raw, arrived_s=0.0)


def said(payload: bytes | str) -> Notification:
    raw = bytes.fromhex(payload) if isinstance(payload, str) else payload
    return Notification(characteristic=CONTROL, data=raw, arrived_s=0.0)


def only(batches: list[Batch]) -> Batch:
    (batch,) = batches
    assert batch.device_s is not None
    return batch


@pytest.mark.parametrize(("frame", "milli_g"), [SDK_COMPRESSED_1, SDK_WHOLE_1])
def test_the_sdks_vectors_in_milli_g(frame: str, milli_g: list[tuple[int, int, int]]) -> None:
    batch = only(DRIVER.decoder().feed(data(head() + bytes.fromhex(frame))))
    np.testing.assert_allclose(batch.accel_g * 1000, milli_g)


def test_the_sdks_vector_in_counts_uses_the_factor_of_the_start_answer() -> None:
    decoder = DRIVER.decoder()
    factor = struct.pack("<f", 2.44e-4)
    assert decoder.feed(said(bytes.fromhex("F0 02 02 00 00 05 01") + factor)) == []
    batch = only(decoder.feed(data(head() + bytes.fromhex(SDK_COMPRESSED_0))))
    counts = [(1905, 27376, -29282), (2095, 27271, -29367)]
    np.testing.assert_allclose(batch.accel_g, np.array(counts) * 2.44e-4, rtol=1e-6)


def test_without_a_factor_counts_fill_the_range() -> None:
    batch = only(DRIVER.decoder().feed(data(head() + bytes.fromhex(SDK_COMPRESSED_0))))
    np.testing.assert_allclose(batch.accel_g[0], np.array([1905, 27376, -29282]) * 8 / 32768)


@pytest.mark.parametrize(
    ("kind", "samples"), [(0, "01FF7F"), (1, "0100FFFF7F00"), (2, "010000FFFFFF7F0000")]
)
def test_whole_samples_may_have_8_16_or_24_bits(kind: int, samples: str) -> None:
    batch = only(DRIVER.decoder().feed(data(head() + bytes([kind]) + bytes.fromhex(samples))))
    np.testing.assert_allclose(batch.accel_g * 1000, [[1, -1, 127]])


milli_g = arrays(
    np.int16, st.tuples(st.integers(1, 120), st.just(3)), elements=st.integers(-16000, 16000)
)


@given(counts=milli_g, last_ns=st.integers(10**9, 2**62))
def test_what_is_compressed_is_read_back(counts: np.ndarray, last_ns: int) -> None:
    frame = decode_frame(encode_frame(counts / 1000.0, last_ns=last_ns))
    assert frame is not None
    assert frame.last_ns == last_ns
    np.testing.assert_array_equal(frame.counts, counts)


@given(counts=milli_g, cut=st.integers(0, 300), flips=st.lists(st.integers(0, 2400), max_size=3))
def test_damaged_frames_are_refused_or_read(counts: np.ndarray, cut: int, flips: list[int]) -> None:
    frame = bytearray(encode_frame(counts / 1000.0, last_ns=10**18)[: cut or None])
    for flip in flips:
        frame[flip // 8 % len(frame)] ^= 1 << flip % 8
    decoder = DRIVER.decoder()
    try:
        batches = decoder.feed(data(bytes(frame)))
    except DecodeError:
        batches = []
    for batch in batches:
        assert np.isfinite(batch.accel_g).all()
        assert np.abs(batch.accel_g).max() <= 33


def test_times_are_the_bands_and_a_lost_packet_is_counted() -> None:
    decoder = DRIVER.decoder()
    decoder.feed(said(SETTINGS_52))
    frames = [
        encode_frame(np.zeros((36, 3)), last_ns=10**18 + round(k * 36e9 / 52)) for k in (0, 1)
    ]
    late = encode_frame(np.zeros((36, 3)), last_ns=10**18 + round(3 * 36e9 / 52))
    first, second, third = (only(decoder.feed(data(f))) for f in (*frames, late))
    times = np.concatenate([first.device_s, second.device_s])
    np.testing.assert_allclose(np.diff(times), 1 / 52, atol=1e-6)
    assert times[35] == pytest.approx(1e9)
    assert (first.lost, second.lost, third.lost) == (0, 0, 36)
    np.testing.assert_allclose(np.diff(third.device_s), 1 / 52, atol=1e-6)
    assert decoder.feed(data(late)) == []


def test_it_takes_the_rate_that_the_band_offers() -> None:
    sdk = parse_settings(bytes.fromhex(SETTINGS_SDK)[5:])
    normal = parse_settings(bytes.fromhex(SETTINGS_52)[5:])
    assert choose(DRIVER.wanted, sdk) == Stream(rate_hz=208, channels=3)
    assert choose(DRIVER.wanted, normal) == Stream(rate_hz=52, channels=3)
    # Polar's specification and polar-ble-sdk#443: 52 Hz, 16 bits, 8 g, 3 channels.
    wanted = bytes.fromhex("0202 00013400 01011000 02010800 040103")
    assert choose(DRIVER.wanted, normal).command() == wanted


class Peer:
    """The stand-in, as the other end of a script."""

    def __init__(self, band: VeritySense) -> None:
        self.band = band
        self.heard: list[Notification] = []
        self.answers: list[bytes] = []

    def __call__(self, step: Step) -> bytes:
        if isinstance(step, Write):
            packets = self.band.write(step.characteristic, step.data)
            self.answers = [packet.data for packet in packets]
            self.heard += [said(answer) for answer in self.answers]
        if isinstance(step, Await):
            return self.answers.pop(0) if self.answers else b""
        return self.band.read(step.characteristic)


def test_it_talks_a_band_into_streaming_and_out_of_it_again() -> None:
    peer = Peer(peripheral(208))
    converse(DRIVER.start(), peer)
    assert peer.band.streaming
    assert peer.band.sdk_mode
    decoder = DRIVER.decoder()
    for notification in peer.heard:
        assert decoder.feed(notification) == []
    t_s = 1000.0 + np.arange(200) / 208
    accel_g = np.stack([np.sin(t_s), np.cos(t_s), np.ones(200)], axis=1)
    packets = peer.band.push(SampleBlock(t_s=t_s, accel_g=accel_g))
    batches = [only(decoder.feed(data(packet.data))) for packet in packets]
    read_g = np.concatenate([batch.accel_g for batch in batches])
    np.testing.assert_allclose(read_g, accel_g, atol=0.00051)
    np.testing.assert_allclose(np.concatenate([b.device_s for b in batches]), t_s, atol=1e-6)
    converse(DRIVER.stop(), peer)
    assert not peer.band.streaming
    assert not peer.band.sdk_mode


def test_a_stream_that_a_dead_program_left_running_is_ended_first() -> None:
    peer = Peer(peripheral(52))
    peer.band.streaming = True
    converse(DRIVER.start(), peer)
    assert peer.band.streaming
    assert peer.band.sdk_mode


def test_a_band_without_sdk_mode_streams_in_its_normal_mode() -> None:
    peer = Peer(peripheral(52))

    def old_firmware(step: Step) -> bytes:
        answer = peer(step)
        return answer[:2] if isinstance(step, Read) else answer

    converse(DRIVER.start(), old_firmware)
    assert peer.band.streaming
    assert not peer.band.sdk_mode


@pytest.mark.parametrize(
    ("status", "told"),
    [(13, "Take it out of the charger"), (10, "adapter"), (12, "training"), (6, "off and on")],
)
def test_a_refusal_is_told_with_what_helps(status: int, told: str) -> None:
    band = Peer(peripheral(52))

    def refusing(step: Step) -> bytes:
        answer = band(step)
        started = answer[:3] == bytes([0xF0, 2, 2])
        return bytes([0xF0, 2, 2, status]) if started else answer

    with pytest.raises(DecodeError, match=told) as caught:
        converse(DRIVER.start(), refusing)
    assert f"(status {status})" in str(caught.value)
    assert str(caught.value).startswith("Polar Verity Sense does not stream: ")


def test_a_band_without_acceleration_or_without_an_answer_is_told() -> None:
    with pytest.raises(DecodeError, match="no acceleration"):
        converse(DRIVER.start(), lambda step: b"\x0f\x01\x00")
    with pytest.raises(DecodeError, match="did not answer"):
        converse(DRIVER.start(), lambda step: b"\x0f\x04" if isinstance(step, Read) else b"")


def test_a_stream_that_ends_by_itself_is_told() -> None:
    with pytest.raises(DecodeError, match="stopped its stream by itself"):
        DRIVER.decoder().feed(said("01 02"))


def test_it_neither_buzzes_nor_takes_other_polars_for_itself() -> None:
    assert DRIVER.feedback(Feedback.TARGET_REACHED) is None
    names = {"Polar Sense 9A2B3C4D": "polar_verity", "Polar OH1 55667788": "polar_oh1"}
    names |= {"Polar H10 184CB835": "polar_h10", "Polar H9 184CB835": None}
    for name, driver_id in names.items():
        found = driver_for(Advert(address="a", name=name))
        assert (found.id if found else None) == driver_id
