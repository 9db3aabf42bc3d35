"""Conversations, the queue and the back-off: the small parts of the link."""

import asyncio

import numpy as np
import pytest
from fake_radio import CONTROL, DATA, NO, OK, FakeBand, FakeConnection
from hypothesis import given
from hypothesis import strategies as st
from virtual_time import run_virtually

from repsense.errors import CharacteristicMissingError, LinkError
from repsense.samples import SampleBlock
from repsense.sources.ble.backoff import Trouble, wait_s
from repsense.sources.ble.drivers.base import (
    Await,
    Notification,
    Read,
    Script,
    Subscribe,
    Unsubscribe,
    Write,
)
from repsense.sources.ble.inbox import Inbox
from repsense.sources.ble.talk import Talk

AT_REST = SampleBlock(t_s=np.arange(2.0), accel_g=np.tile([0.0, 0.0, 1.0], (2, 1)))


def talk_to(band: FakeBand) -> tuple[Talk, FakeConnection, list[tuple[str, bytes]]]:
    heard: list[tuple[str, bytes]] = []
    band.connection = FakeConnection(band, lambda: None)
    return Talk(band.connection, lambda *one: heard.append(one)), band.connection, heard


def test_an_answer_that_comes_before_its_await_counts_once_and_older_ones_do_not() -> None:
    answers: list[bytes] = []

    def script() -> Script:
        yield Subscribe(CONTROL)
        yield Read("00002a19-0000-1000-8000-00805f9b34fb")
        yield Write(CONTROL, b"\x01")
        answers.append((yield Await(CONTROL, timeout_s=1.0)))
        answers.append((yield Await(CONTROL, timeout_s=1.0)))

    async def main() -> None:
        talk, connection, heard = talk_to(FakeBand(AT_REST))
        running = asyncio.create_task(talk.run(script()))
        await asyncio.sleep(0.001)  # subscribed, not yet written
        connection.notify(CONTROL, NO)
        await running
        assert heard == [(CONTROL, NO), (CONTROL, OK)]

    run_virtually(main())
    # What came while it wrote was an answer to nothing, but it came after that step began.
    assert answers == [NO, OK]


def test_silence_answers_an_await_with_nothing() -> None:
    answers: list[bytes] = []

    def script() -> Script:
        yield Subscribe(CONTROL)
        answers.append((yield Await(CONTROL, timeout_s=2.0)))
        yield Unsubscribe(CONTROL)

    async def main() -> None:
        talk, _, _ = talk_to(FakeBand(AT_REST))
        await talk.run(script())

    run_virtually(main())
    assert answers == [b""]


def test_a_script_may_try_another_characteristic() -> None:
    tried: list[str] = []

    def script() -> Script:
        try:
            yield Subscribe(DATA)
        except CharacteristicMissingError:
            tried.append(DATA)
            yield Subscribe(CONTROL)
            tried.append(CONTROL)

    async def main() -> None:
        talk, _, _ = talk_to(FakeBand(AT_REST, lacks=frozenset({DATA})))
        await talk.run(script())

    run_virtually(main())
    assert tried == [DATA, CONTROL]


def test_a_sensor_that_does_not_answer_is_a_broken_link() -> None:
    class Stuck(FakeConnection):
        async def read(self, characteristic: str) -> bytes:
            return await asyncio.Event().wait() and b""

    async def main() -> None:
        talk = Talk(Stuck(FakeBand(AT_REST), lambda: None), lambda *_: None)
        with pytest.raises(LinkError, match="did not answer for 10 s"):
            await talk.read(DATA)

    run_virtually(main())


def heard(number: int) -> Notification:
    return Notification(characteristic=DATA, data=bytes([number]), arrived_s=float(number))


def test_a_full_inbox_lets_the_oldest_go_and_counts_it() -> None:
    async def main() -> None:
        inbox = Inbox(capacity=3)
        for number in range(5):
            inbox.put(heard(number))
        assert [one.data[0] for one in await inbox.take(1.0)] == [2, 3, 4]
        assert inbox.overrun == 2
        assert await inbox.take(1.0) == []

    run_virtually(main())


def test_an_inbox_wakes_its_reader_at_once() -> None:
    async def main() -> None:
        loop, inbox = asyncio.get_running_loop(), Inbox()
        reading = asyncio.create_task(inbox.take(60.0))
        await asyncio.sleep(1.0)
        before_s = loop.time()
        inbox.put(heard(1))
        assert await reading == [heard(1)]
        assert loop.time() == before_s
        inbox.wake()
        assert await inbox.take(60.0) == []
        assert loop.time() == before_s

    run_virtually(main())


@given(trouble=st.sampled_from(Trouble), times=st.integers(1, 10_000))
def test_waits_grow_to_half_a_minute_and_no_further(trouble: Trouble, times: int) -> None:
    assert 0.0 <= wait_s(trouble, times) <= wait_s(trouble, times + 1) <= 30.0
    assert wait_s(trouble, 10_000) == 30.0


def test_a_drop_is_answered_at_once_and_a_missing_adapter_is_not_pestered() -> None:
    assert [wait_s(Trouble.DROPPED, n) for n in (1, 2, 3, 4)] == [0.0, 0.5, 1.0, 2.0]
    assert [wait_s(Trouble.NO_ADAPTER, n) for n in (1, 2, 3, 4)] == [5.0, 10.0, 20.0, 30.0]
