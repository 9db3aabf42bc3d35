"""Bangle.js 2: the program it is sent, run by node, and lines cut anywhere."""

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from repsense.errors import DecodeError
from repsense.sources.ble.drivers.bangle import DRIVER
from repsense.sources.ble.drivers.base import (
    Advert,
    Batch,
    Decoder,
    Feedback,
    Notification,
    Subscribe,
    Timing,
    Unsubscribe,
    Write,
)
from repsense.sources.ble.drivers.espruino import NOTIFY, WRITE

Run = Callable[..., dict[str, list[str]]]


def fed(decoder: Decoder, data: bytes) -> list[Batch]:
    return decoder.feed(Notification(characteristic=NOTIFY, data=data, arrived_s=0.0))


def line(number: int, time_ms: int, x: int, y: int, z: int) -> bytes:
    return f"@{number},{time_ms},{x},{y},{z},{(number + time_ms + x + y + z) & 255}\r\n".encode()


def times_of(batches: list[Batch]) -> list[float]:
    return [float(t_s) for batch in batches if batch.device_s is not None for t_s in batch.device_s]


# --- the program ------------------------------------------------------------------------------


def test_the_program_prints_what_the_decoder_reads(espruino: Run) -> None:
    events: list[object] = [{"x": 0.1 * i, "y": -0.5, "z": -1.0} for i in range(8)]
    answer = espruino(DRIVER.start(), DRIVER.stop(), events=events)
    batches = fed(DRIVER.decoder(), "".join(answer["printed"]).encode())
    accel_g = np.concatenate([batch.accel_g for batch in batches])
    np.testing.assert_allclose(accel_g, [[0.1 * i, -0.5, -1.0] for i in range(8)], atol=1e-4)
    np.testing.assert_allclose(times_of(batches), [0.04 * i for i in range(8)], atol=1e-3)
    assert all(batch.lost == 0 for batch in batches)
    assert DRIVER.timing is Timing.DEVICE


def test_the_program_leaves_the_watch_as_it_was(espruino: Run) -> None:
    answer = espruino(DRIVER.start(), DRIVER.stop(), DRIVER.stop(), events=[])
    assert answer["called"] == [
        "Bangle.accelWr(24,108)",
        "Bangle.accelWr(27,1)",
        "Bangle.accelWr(24,236)",
        "Bangle.setPollInterval(40)",
        "Bangle.removed true",
        "Bangle.accelWr(24,108)",
        "Bangle.accelWr(27,0)",
        "Bangle.accelWr(24,236)",
        "Bangle.setPollInterval(80)",
        'Bangle.setOptions({"powerSave":true})',
    ]
    assert answer["left"] == []


def test_a_watch_that_is_set_to_today_or_back_prints_on(espruino: Run) -> None:
    move: object = {"x": 0.0, "y": 0.0, "z": -1.0}
    events = [move, move, {"set_clock_s": 1.77e9}, move, move, {"set_clock_s": 5.0}, move, move]
    answer = espruino(DRIVER.start(), DRIVER.stop(), events=events)
    batches = fed(DRIVER.decoder(), "".join(answer["printed"]).encode())
    assert [batch.lost for batch in batches] == [0] * 6
    np.testing.assert_allclose(times_of(batches), [0.04 * i for i in range(6)], atol=1e-3)


def test_starting_again_does_not_print_twice(espruino: Run) -> None:
    answer = espruino(DRIVER.start(), DRIVER.start(), events=[{"x": 0, "y": 0, "z": 1}])
    assert [one.split(",")[0] for one in answer["printed"]] == ["@0", "@0"]


def test_feedback_buzzes(espruino: Run) -> None:
    scripts = [DRIVER.feedback(kind) for kind in (Feedback.TARGET_REACHED, Feedback.SWING)]
    answer = espruino(*scripts, events=[])
    assert answer["called"] == ["Bangle.buzz(400)", "Bangle.buzz(100)", "Bangle.buzz(100)"]


def test_the_program_is_typed_in_pieces_that_any_link_carries() -> None:
    first, *writes = list(DRIVER.start())
    assert first == Subscribe(NOTIFY)
    typed = [step for step in writes if isinstance(step, Write)]
    assert len(typed) == len(writes)
    assert all(step.characteristic == WRITE and len(step.data) <= 20 for step in typed)
    text = b"".join(step.data for step in typed)
    assert text.startswith(b"\x03\x10")
    assert text.endswith(b"\n")
    assert list(DRIVER.stop())[-1] == Unsubscribe(NOTIFY)


# --- its lines ---------------------------------------------------------------------------------

triples = st.tuples(*[st.integers(-32768, 32767)] * 3)


@given(st.lists(triples, min_size=1, max_size=20), st.lists(st.integers(0, 600), max_size=40))
def test_lines_are_read_wherever_they_are_cut(
    samples: list[tuple[int, int, int]], cuts: list[int]
) -> None:
    data = b">" + b"".join(
        line((65530 + i) & 0xFFFF, 40 * i, *one) for i, one in enumerate(samples)
    )
    edges = [0, *sorted(cut for cut in cuts if cut < len(data)), len(data)]
    decoder = DRIVER.decoder()
    batches = [batch for start, stop in pairwise(edges) for batch in fed(decoder, data[start:stop])]
    got = np.concatenate([batch.accel_g for batch in batches])
    assert (got * 8192).tolist() == [list(map(float, one)) for one in samples]
    assert sum(batch.lost for batch in batches) == 0


def test_a_line_put_together_of_two_is_refused_and_both_count_as_lost() -> None:
    decoder = DRIVER.decoder()
    lines = [line(i, 40 * i, 100 + i, 200, 8000) for i in range(5)]
    fed(decoder, lines[0])
    with pytest.raises(DecodeError, match="is damaged"):
        fed(decoder, lines[1][:8] + lines[2][8:])
    (batch,) = fed(decoder, lines[3])
    assert batch.lost == 2


def test_a_damaged_line_does_not_take_good_ones_with_it() -> None:
    batches = fed(DRIVER.decoder(), line(0, 0, 1, 2, 3) + b"@1,2\r\n" + line(2, 80, 1, 2, 3))
    assert [batch.lost for batch in batches] == [0, 1]


def test_an_error_of_the_program_is_told_in_its_words() -> None:
    said = b'Uncaught ReferenceError: "Bangle" is not defined\r\n at line 1 col 1\r\n'
    with pytest.raises(DecodeError, match='Uncaught ReferenceError: "Bangle" is not defined'):
        fed(DRIVER.decoder(), said)


def test_what_the_console_says_besides_is_passed_over() -> None:
    assert fed(DRIVER.decoder(), b">print('hello')\r\nhello\r\n=undefined\r\n>") == []


def test_a_line_without_end_is_let_go() -> None:
    decoder = DRIVER.decoder()
    with pytest.raises(DecodeError, match="is damaged"):
        fed(decoder, b"x" * 401)
    assert len(fed(decoder, line(0, 0, 1, 2, 3))) == 1


@pytest.mark.parametrize("jump_ms", [-3_600_000, 3_600_000, 0])
def test_time_goes_on_when_the_watch_is_set(jump_ms: int) -> None:
    start_ms = 5_000_000
    clock = [start_ms + 40 * i + (jump_ms if i >= 5 else 0) for i in range(10)]
    batches = fed(
        DRIVER.decoder(), b"".join(line(i, t_ms, 0, 0, 8192) for i, t_ms in enumerate(clock))
    )
    np.testing.assert_allclose(times_of(batches), [5000.0 + 0.04 * i for i in range(10)])


def test_it_is_known_by_its_name() -> None:
    assert DRIVER.claims(Advert(address="a", name="Bangle.js 1a2b"))
    assert not DRIVER.claims(Advert(address="a", name="Puck.js 1a2b"))
