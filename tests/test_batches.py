"""Samples as messages: nothing changes on the way, and whatever else comes is refused."""

import json
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from repsense import batches
from repsense.batches import Batch, Packer, decode, encode, partition
from repsense.errors import DecodeError
from repsense.samples import LinkReport, LinkState, SampleBlock

MEASURED = st.floats(-40.0, 40.0)


@st.composite
def blocks(draw: st.DrawFn) -> SampleBlock:
    steps = draw(arrays(np.float64, st.integers(1, 30), elements=st.floats(1e-4, 10.0)))
    with_gyro = draw(st.booleans())
    shape = (len(steps), 3)
    return SampleBlock(
        t_s=np.cumsum(steps),
        accel_g=draw(arrays(np.float64, shape, elements=MEASURED)),
        gyro_dps=draw(arrays(np.float64, shape, elements=MEASURED)) if with_gyro else None,
        lost=draw(st.integers(0, 1000)),
    )


def same(one: SampleBlock, other: SampleBlock) -> bool:
    gyros = [block.gyro_dps for block in (one, other)]
    return (
        np.array_equal(one.t_s, other.t_s)
        and np.array_equal(one.accel_g, other.accel_g)
        and (gyros[0] is None) == (gyros[1] is None)
        and (gyros[0] is None or gyros[1] is None or np.array_equal(gyros[0], gyros[1]))
        and one.lost == other.lost
    )


@given(blocks())
def test_a_block_comes_back_bit_for_bit(block: SampleBlock) -> None:
    batch = decode(encode(Batch(stream="s", seq=3, first=7, content=block)))
    assert (batch.stream, batch.seq, batch.first) == ("s", 3, 7)
    assert isinstance(batch.content, SampleBlock)
    assert same(batch.content, block)


@given(
    st.builds(
        LinkReport,
        state=st.sampled_from(LinkState),
        sensor=st.text(st.characters(codec="utf-8"), max_size=20),
        detail=st.text(st.characters(codec="utf-8"), max_size=20),
        battery_percent=st.none() | st.integers(0, 100),
        rssi_dbm=st.none() | st.integers(-120, 20),
        lost_samples=st.integers(0, 10**9),
    )
)
def test_a_report_comes_back_as_it_was(report: LinkReport) -> None:
    assert decode(encode(Batch(stream="s", seq=0, first=0, content=report))).content == report


@given(st.lists(st.integers(1, 60), min_size=1, max_size=12), st.floats(0.0, 1.0))
def test_however_blocks_are_packed_the_samples_are_the_same_and_numbered(
    sizes: list[int], span_s: float
) -> None:
    packer = Packer("s", span_s=span_s, most_samples=25)
    n = sum(sizes)
    whole = SampleBlock(t_s=np.arange(n) / 50.0, accel_g=np.arange(3.0 * n).reshape(n, 3))
    edges = np.cumsum([0, *sizes])
    parts = [whole.part(a, b) for a, b in pairwise(edges.tolist())]
    made = [batch for part in parts for batch in packer.add(part)] + packer.flush()
    contents = [batch.content for batch in made if isinstance(batch.content, SampleBlock)]
    assert max(len(content) for content in contents) <= 25
    assert np.array_equal(np.concatenate([content.t_s for content in contents]), whole.t_s)
    assert [batch.seq for batch in made] == list(range(len(made)))
    assert [batch.first for batch in made] == np.cumsum([0, *map(len, contents)]).tolist()[:-1]


def test_a_loss_stays_where_it_was() -> None:
    packer = Packer("s", span_s=10.0)
    for first, lost in ((0, 0), (10, 0), (25, 5), (35, 0)):
        t_s = np.arange(first, first + 10) / 50.0
        made = packer.add(SampleBlock(t_s=t_s, accel_g=np.ones((10, 3)), lost=lost))
        if lost:
            (before,) = made
            assert isinstance(before.content, SampleBlock)
            assert (len(before.content), before.content.lost) == (20, 0)
    (after,) = packer.flush()
    assert isinstance(after.content, SampleBlock)
    assert (len(after.content), after.content.lost, after.first) == (20, 5, 20)


LEAF = st.sampled_from(
    [None, True, 0, 1, -1, 2**70, 0.5, 1e300, float("nan"), float("inf"), "", "a", "\ud800"]
)
ROWS = st.lists(LEAF | st.lists(LEAF, max_size=4), max_size=3)
NEARLY = st.fixed_dictionaries(
    {"v": st.sampled_from([1, 1.0, True, 2, None]), "stream": LEAF, "seq": LEAF, "first": LEAF},
    optional={
        **dict.fromkeys(("t_s", "accel_g", "gyro_dps"), ROWS | LEAF),
        **dict.fromkeys(("lost", "sensor", "detail", "battery_percent", "lost_samples"), LEAF),
        "state": LEAF | st.sampled_from(["silent", "lost"]),
    },
)


@given(NEARLY | ROWS | LEAF)
def test_any_json_gives_a_batch_or_a_decode_error(value: object) -> None:
    try:
        batch = decode(json.dumps(value))
    except DecodeError:
        return
    encode(batch).encode()


@given(st.binary(max_size=50))
def test_any_bytes_give_a_decode_error(data: bytes) -> None:
    with pytest.raises(DecodeError):
        decode(data)


@pytest.mark.parametrize("text", ["[" * 100_000, '{"v":' + "9" * 5000 + "}", '{"v":' + "9" * 400])
def test_hostile_json_is_refused(text: str) -> None:
    with pytest.raises(DecodeError):
        decode(text)


def test_a_message_without_end_is_refused() -> None:
    n = batches.MOST_SAMPLES + 1
    block = SampleBlock(t_s=np.arange(float(n)), accel_g=np.ones((n, 3)))
    with pytest.raises(DecodeError, match="at most 2000"):
        decode(encode(Batch(stream="s", seq=0, first=0, content=block)))


def test_a_newer_layout_is_named() -> None:
    with pytest.raises(DecodeError, match="layout 2, and 1 is known"):
        decode('{"v":2}')


def test_partitions_are_the_same_on_every_machine_for_ever() -> None:
    # CRC-32 of "123456789" is the check value of ISO 3309: cbf43926.
    assert partition("123456789", 2**32) == 0xCBF43926
    assert [partition(name, 64) for name in ("anna", "ben", "jürgen")] == [55, 33, 21]
    assert all(partition("anna", n) < n for n in range(1, 100))
