"""The RepSense band: golden vectors shared by C and Python, and its samples' place in time."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from repsense.errors import DecodeError
from repsense.sources.ble.band_packets import (
    CONTROL,
    FEEDBACK,
    INFO,
    SAMPLES,
    SERVICE,
    BandEncoder,
    Info,
    Packet,
    counts_per_g,
    feedback_command,
    rate_command,
    read_info,
    read_packet,
    start_command,
    stop_command,
    write_info,
    write_packet,
)
from repsense.sources.ble.drivers.base import (
    Advert,
    Batch,
    Decoder,
    Feedback,
    Notification,
    Read,
    Step,
    Subscribe,
    Unsubscribe,
    Write,
)
from repsense.sources.ble.drivers.repsense_band import DRIVER

NOTES = Path(__file__).resolve().parents[4] / "firmware_notes" / "repsense_band"
CC = shutil.which("cc")


def vectors() -> Iterator[tuple[str, str, str]]:
    for line in (NOTES / "vectors.txt").read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            asked, _, answer = line.partition(" -> ")
            kind, _, words = asked.partition(" ")
            yield kind, words, answer


def packet_of(words: str) -> Packet:
    _, scale, gyro, sequence, last_us, *counts = map(int, words.split())
    rows = np.array(counts, dtype=np.int16).reshape(-1, 6 if gyro else 3)
    return Packet(
        sequence=sequence,
        last_us=last_us,
        scale=scale,
        accel=rows[:, :3],
        gyro=rows[:, 3:] if gyro else None,
    )


def equal(one: Packet, other: Packet) -> bool:
    heads = [(p.sequence, p.last_us, p.scale, p.gyro is None) for p in (one, other)]
    bodies = [p.accel if p.gyro is None else np.hstack([p.accel, p.gyro]) for p in (one, other)]
    return heads[0] == heads[1] and np.array_equal(*bodies)


# --- golden vectors, both ways ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "words", "answer"), [one for one in vectors() if one[0] in {"packet", "info"}]
)
def test_python_reproduces_the_golden_vectors(kind: str, words: str, answer: str) -> None:
    if kind == "packet":
        assert write_packet(packet_of(words)).hex() == answer
        assert equal(read_packet(bytes.fromhex(answer)), packet_of(words))
    else:
        features, rate, highest = map(int, words.split())
        info = Info(
            gyro=bool(features & 1),
            light=bool(features & 2),
            motor=bool(features & 4),
            rate_hz=rate / 100,
            highest_rate_hz=highest / 100,
        )
        assert write_info(info).hex() == answer
        assert read_info(bytes.fromhex(answer)) == info


def commands() -> set[tuple[str, str]]:
    """What a host may write to a band, as vectors."""
    controls = [start_command(50), start_command(0, gyro=True), stop_command(), rate_command(50)]
    feedbacks = [feedback_command(on_s=0.4), feedback_command(on_s=0.1, off_s=0.15, times=2)]
    return {("control", one.hex()) for one in controls} | {
        ("feedback", one.hex()) for one in feedbacks
    }


def test_what_python_writes_to_a_band_is_among_the_golden_vectors() -> None:
    known = {(kind, words) for kind, words, answer in vectors() if answer != "unknown"}
    assert commands() <= known


@pytest.fixture(scope="module")
def checker(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Compile the reference encoder, strictly."""
    if CC is None:
        pytest.skip("there is no C compiler (cc) on this machine")
    program = tmp_path_factory.mktemp("band") / "check"
    strict = ["-std=c99", "-pedantic", "-Wall", "-Wextra", "-Wconversion", "-Wshadow", "-Werror"]
    sources = [str(NOTES / "check.c"), str(NOTES / "repsense_band.c")]
    subprocess.run([CC, *strict, *sources, "-o", str(program)], check=True)
    return program


def answers(checker: Path, lines: list[str]) -> list[str]:
    text = "".join(f"{line}\n" for line in lines)
    done = subprocess.run([checker], input=text, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def test_c_reproduces_the_golden_vectors(checker: Path) -> None:
    asked = [f"{kind} {words}" for kind, words, _ in vectors()]
    assert answers(checker, asked) == [answer for *_, answer in vectors()]


def test_c_and_python_agree_on_random_packets(checker: Path) -> None:
    rng = np.random.default_rng(7)
    asked = []
    for _ in range(500):
        gyro, payload = int(rng.integers(2)), int(rng.integers(20, 245))
        axes = 6 if gyro else 3
        room = (payload - 8) // (2 * axes)
        counts = rng.integers(-32768, 32768, axes * int(rng.integers(1, room + 1)))
        head = [payload, rng.integers(8), gyro, rng.integers(1 << 16), rng.integers(1 << 32)]
        asked.append(" ".join(map(str, [*head, *counts])))
    made = answers(checker, [f"packet {words}" for words in asked])
    for words, line in zip(asked, made, strict=True):
        assert line == write_packet(packet_of(words)).hex()
        assert equal(read_packet(bytes.fromhex(line)), packet_of(words))


def test_c_puts_no_more_into_a_packet_than_fits(checker: Path) -> None:
    four = "1 1 1 2 2 2 3 3 3 4 4 4"
    (made,) = answers(checker, [f"packet 31 0 0 0 0 {four}"])
    assert len(read_packet(bytes.fromhex(made)).accel) == 3
    assert answers(checker, [f"packet 19 0 0 0 0 {four}"]) == ["refused"]


def test_c_turns_units_into_counts_and_holds_at_the_ends(checker: Path) -> None:
    asked = ["1000 2 1000", "-1000 0 -250125", "9000 2 3000000", "-9000 2 -3000000", "1 2 31"]
    assert answers(checker, [f"counts {words}" for words in asked]) == [
        "4096 16",
        "-16384 -4002",
        "32767 32767",
        "-32768 -32768",
        "4 0",
    ]


# --- laws of the layout ----------------------------------------------------------------------


def arrays(n: int) -> st.SearchStrategy[np.ndarray[tuple[int, ...], np.dtype[np.int16]]]:
    return hnp.arrays(np.int16, (n, 3), elements=st.integers(-32768, 32767))


@st.composite
def packets(draw: st.DrawFn) -> Packet:
    n = draw(st.integers(1, 40))
    return Packet(
        sequence=draw(st.integers(0, 0xFFFF)),
        last_us=draw(st.integers(0, 0xFFFFFFFF)),
        scale=draw(st.integers(0, 7)),
        accel=draw(arrays(n)),
        gyro=draw(st.none() | arrays(n)),
    )


@given(packets())
def test_a_packet_is_read_as_it_was_written(packet: Packet) -> None:
    data = write_packet(packet)
    assert equal(read_packet(data), packet)
    for size in range(len(data)):
        with pytest.raises(DecodeError):
            read_packet(data[:size])


def test_another_layout_or_major_version_is_refused_with_advice() -> None:
    with pytest.raises(DecodeError, match="layout 2 where 1 is known"):
        read_packet(bytes([0x22, 1]) + bytes(12))
    with pytest.raises(DecodeError, match=r"version 2\.5"):
        read_info(bytes([2, 5, 0, 0, 0, 0, 0, 0]))
    with pytest.raises(DecodeError, match="info has 0 bytes"):
        read_info(b"")


def test_a_later_minor_version_may_say_more() -> None:
    assert read_info(write_info(Info(minor=3)) + b"more").minor == 3


# --- samples in time -------------------------------------------------------------------------


def notification(data: bytes) -> Notification:
    return Notification(characteristic=SAMPLES, data=data, arrived_s=0.0)


def encoded(times_s: list[float], **how: int) -> list[bytes]:
    encoder = BandEncoder(**how)
    made = [encoder.push(t_s, (0.0, 0.5, -1.0), (1.0, -2.0, 250.0)) for t_s in times_s]
    return [data for data in made if data is not None]


def decoded(packets: list[bytes], decoder: Decoder | None = None) -> list[Batch]:
    reader = DRIVER.decoder() if decoder is None else decoder
    return [batch for data in packets for batch in reader.feed(notification(data))]


def times_of(batches: list[Batch]) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    return np.concatenate([b.device_s for b in batches if b.device_s is not None])


@pytest.mark.parametrize("payload_bytes", [20, 50, 182, 244])
@pytest.mark.parametrize("gyro", [False, True])
@pytest.mark.parametrize("rate_hz", [12.5, 52.0, 400.0])
def test_samples_come_back_with_their_times(payload_bytes: int, gyro: bool, rate_hz: float) -> None:
    times_s = [5.0 + i / rate_hz for i in range(200)]
    batches = decoded(encoded(times_s, payload_bytes=payload_bytes, gyro=gyro))
    got_s = times_of(batches)
    first = len(batches[0].accel_g)
    assert len(got_s) > 200 - 45
    assert (np.diff(got_s) > 0).all()
    # Only in the first packet is the rate not known yet.
    np.testing.assert_allclose(got_s[first:], times_s[first : len(got_s)], atol=3e-6)
    for batch in batches:
        assert batch.lost == 0
        np.testing.assert_allclose(batch.accel_g[0], [0.0, 0.5, -1.0], atol=1e-4)
        assert (batch.gyro_dps is not None) == gyro
        if batch.gyro_dps is not None:
            np.testing.assert_allclose(batch.gyro_dps[0], [1.0, -2.0, 250.0])


@pytest.mark.parametrize("scale", range(4))
def test_what_does_not_fit_the_scale_stays_at_its_end(scale: int) -> None:
    encoder = BandEncoder(scale=scale)
    encoder.push(0.0, (100.0, -100.0, 0.0))
    data = encoder.push(0.02, (0.0, 0.0, 1.0))
    assert data is not None
    (batch,) = decoded([data])
    reach_g = 32768 / counts_per_g(scale)
    np.testing.assert_allclose(batch.accel_g[0], [reach_g, -reach_g, 0.0], rtol=1e-4)


@given(st.sets(st.integers(2, 98), max_size=60), st.integers(0, 0xFFFF), st.integers(0, 2**32 - 1))
def test_every_lost_sample_is_known_and_the_others_keep_their_times(
    gone: set[int], sequence: int, start_us: int
) -> None:
    accel = np.zeros((2, 3), dtype=np.int16)
    all_packets = [
        write_packet(
            Packet(
                sequence=(sequence + 2 * i) & 0xFFFF,
                last_us=(start_us + 40_000 * i) & 0xFFFFFFFF,
                scale=2,
                accel=accel,
            )
        )
        for i in range(100)
    ]
    batches = decoded([data for i, data in enumerate(all_packets) if i not in gone])
    assert sum(batch.lost for batch in batches) == 2 * len(gone)
    got_s = times_of(batches) - start_us / 1e6
    kept = [i for i in range(100) if i not in gone]
    want_s = [0.04 * i - back for i in kept for back in (0.02, 0.0)]
    np.testing.assert_allclose(got_s, want_s, atol=1e-6)


def test_doubles_and_late_packets_are_dropped() -> None:
    sent = encoded([i * 0.02 for i in range(12)])
    in_order = decoded(sent)
    disordered = decoded([sent[0], sent[1], sent[1], sent[2], sent[0], *sent[3:], sent[-1]])
    np.testing.assert_array_equal(times_of(disordered), times_of(in_order))
    assert all(batch.lost == 0 for batch in disordered)


def test_a_pause_is_no_loss_and_its_end_is_not_spread_over_it() -> None:
    before = encoded([i * 0.02 for i in range(20)])
    encoder = BandEncoder()
    all_times_s = [i * 0.02 for i in range(20)] + [7.0 + i * 0.02 for i in range(20)]
    made = [encoder.push(t_s, (0.0, 0.0, 1.0)) for t_s in all_times_s]
    batches = decoded([data for data in made if data is not None])
    assert len(batches) == 2 * len(before)
    np.testing.assert_allclose(times_of(batches), all_times_s, atol=3e-6)
    assert sum(batch.lost for batch in batches) == 0


def test_a_stream_that_begins_anew_loses_nothing() -> None:
    decoder = DRIVER.decoder()
    decoded(encoded([i * 0.02 for i in range(20)]), decoder)
    again = decoded(encoded([3.0 + i * 0.02 for i in range(20)]), decoder)
    assert [batch.lost for batch in again] == [0] * len(again)
    np.testing.assert_allclose(times_of(again)[2:], [3.0 + i * 0.02 for i in range(2, 20)])


def test_a_clock_that_stands_still_is_refused_and_the_next_packet_is_read() -> None:
    sent = [
        write_packet(
            Packet(sequence=i, last_us=us, scale=2, accel=np.zeros((1, 3), dtype=np.int16))
        )
        for i, us in enumerate([1000, 21000, 21000, 41000])
    ]
    decoder = DRIVER.decoder()
    decoded(sent[:2], decoder)
    with pytest.raises(DecodeError, match="clock went from 21000 to 21000"):
        decoded(sent[2:3], decoder)
    assert len(decoded(sent[3:], decoder)) == 1


# --- conversations ---------------------------------------------------------------------------


def test_the_script_checks_the_version_subscribes_and_starts() -> None:
    script = DRIVER.start()
    said: list[Step] = [next(script), script.send(write_info(Info())), script.send(b"")]
    with pytest.raises(StopIteration):
        script.send(b"")
    assert said == [Read(INFO), Subscribe(SAMPLES), Write(CONTROL, start_command(50.0))]
    assert list(DRIVER.stop()) == [Write(CONTROL, stop_command()), Unsubscribe(SAMPLES)]


def test_a_band_of_another_version_is_not_started() -> None:
    script = DRIVER.start()
    next(script)
    with pytest.raises(DecodeError, match="bring the older of the two up to date"):
        script.send(bytes([9]) + bytes(7))


def test_feedback_differs_by_kind() -> None:
    said = [list(DRIVER.feedback(kind)) for kind in Feedback]
    assert all(isinstance(one, Write) and one.characteristic == FEEDBACK for (one,) in said)
    assert said[0] != said[1]


def test_it_is_known_by_its_service_whatever_its_name() -> None:
    assert DRIVER.claims(Advert(address="a", name="Anna's phone", services=frozenset({SERVICE})))
    assert not DRIVER.claims(Advert(address="a", name="RepSense"))
