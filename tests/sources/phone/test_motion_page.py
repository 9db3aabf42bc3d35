"""The messages of RepSense's own page in a phone's browser."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from repsense.errors import DecodeError
from repsense.sources.ble.drivers.base import Batch
from repsense.sources.phone.motion_page import MotionPageDecoder
from repsense.sources.pushed import NewStream

G = 9.80665


def message(seq: int, *events: object, page: str = "p", **more: object) -> str:
    return json.dumps({"v": 1, "page": page, "seq": seq, "s": events, **more})


def test_events_become_specific_force_in_g_on_the_page_s_clock() -> None:
    anew, batch = MotionPageDecoder().feed(message(0, [1000.5, 0, G, 0], [1017.0, 0, 0, -G]), 0.0)
    assert isinstance(anew, NewStream)
    assert isinstance(batch, Batch)
    assert batch.device_s is not None
    assert batch.device_s.tolist() == [1.0005, 1.017]
    assert batch.accel_g == pytest.approx(np.array([[0, 1, 0], [0, 0, -1]]))


def test_the_sign_of_ios_is_turned_round() -> None:
    _, batch = MotionPageDecoder().feed(message(0, [0, 0, 0, -G], inverted=True), 0.0)
    assert isinstance(batch, Batch)
    assert batch.accel_g == pytest.approx(np.array([[0, 0, 1]]))


def test_what_is_sent_twice_counts_once_and_another_page_begins_anew() -> None:
    decoder = MotionPageDecoder()
    kinds = [
        [type(item) for item in decoder.feed(text, 0.0)]
        for text in (
            message(0, [0, 0, 0, G]),
            message(1, [10, 0, 0, G]),
            message(1, [10, 0, 0, G]),
            message(0, [0, 0, 0, G], page="q"),
        )
    ]
    assert kinds == [[NewStream, Batch], [Batch], [], [NewStream, Batch]]


CELL = st.floats() | st.sampled_from([None, True, "", 0, 2**70, 1e300, [], {}])
EVENT = st.lists(CELL, max_size=5) | CELL


@given(
    st.fixed_dictionaries(
        {"v": st.sampled_from([1, 2, None]), "page": CELL, "seq": CELL},
        optional={"s": st.lists(EVENT, max_size=4) | CELL, "inverted": CELL},
    )
    | EVENT
)
def test_any_json_gives_samples_or_a_decode_error(value: object) -> None:
    try:
        items = list(MotionPageDecoder().feed(json.dumps(value), 0.0))
    except DecodeError:
        return
    assert all(np.isfinite(item.accel_g).all() for item in items if isinstance(item, Batch))


def test_a_page_of_another_version_is_to_be_loaded_again() -> None:
    with pytest.raises(DecodeError, match="load it again"):
        MotionPageDecoder().feed('{"v": 7}', 0.0)
