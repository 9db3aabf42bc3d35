"""Sources that are sent to: silence, farewell, a slow reader, and messages of a gateway."""

import asyncio
from collections.abc import Iterator
from contextlib import aclosing

import numpy as np
import pytest
from listening import Seen, reading
from virtual_time import run_virtually

from repsense import batches
from repsense.errors import DecodeError
from repsense.samples import LinkReport, LinkState, SampleBlock
from repsense.sources import pushed
from repsense.sources.ble.drivers.base import Batch
from repsense.sources.pushed import Heard, NewStream, PushedSource
from repsense.sources.remote import RemoteDecoder

SEARCHING, STREAMING, SILENT, LOST = (
    LinkState.SEARCHING,
    LinkState.STREAMING,
    LinkState.SILENT,
    LinkState.LOST,
)


class Numbers:
    """A decoder whose messages are the numbers of ten samples a second: ``3 5`` is 3 and 4."""

    title = "Numbers"
    rate_hz = 10.0
    knows_losses = False

    def feed(self, message: str | bytes, now_s: float) -> Iterator[Heard]:
        del now_s
        if message == "anew":
            return iter([NewStream()])
        if message == "broken":
            raise DecodeError("That is no number.")
        first, stop = (int(word) for word in str(message).split())
        n = np.arange(first, stop, dtype=float)
        accel_g = np.stack([n / 1000.0, 0 * n, 0 * n + 1.0], axis=1)
        return iter([Batch(accel_g=accel_g, device_s=n / 10.0)])

    def tick(self, now_s: float) -> Iterator[Heard]:
        del now_s
        return iter(())


def numbers(seen: Seen) -> list[int]:
    return [round(x * 1000) for x in seen.accel_g[:, 0]]


def test_silence_is_told_with_what_to_do_and_ends_with_the_next_samples() -> None:
    source = PushedSource(Numbers(), advice="Press start.")

    async def play(seen: Seen) -> None:
        source.put("0 10")
        await asyncio.sleep(20.0)
        source.put("200 210")
        await seen.until(lambda now: now.samples == 20)

    seen = run_virtually(reading(source, play))
    assert seen.states == [SEARCHING, STREAMING, SILENT, STREAMING]
    assert "Press start." in seen.reports[2].detail
    assert seen.lost == 190
    assert seen.reports[-1].lost_samples == 190


def test_a_sender_that_begins_anew_has_lost_nothing() -> None:
    source = PushedSource(Numbers(), advice="Press start.")

    async def play(seen: Seen) -> None:
        source.put("0 10")
        await asyncio.sleep(60.0)
        source.put("anew")
        source.put("0 10")
        await seen.until(lambda now: now.samples == 20)

    seen = run_virtually(reading(source, play))
    assert seen.lost == 0
    assert seen.t_s[10] - seen.t_s[9] == pytest.approx(60.0, abs=1.0)


def test_a_sender_that_leaves_is_lost_and_may_come_back() -> None:
    source = PushedSource(Numbers(), advice="Press start.")

    async def play(seen: Seen) -> None:
        source.put("0 10")
        source.gone("The page was closed.")
        source.gone("The page was closed.")
        source.put("10 20")
        await seen.until(lambda now: now.samples == 20)

    seen = run_virtually(reading(source, play))
    assert seen.states == [SEARCHING, STREAMING, LOST, STREAMING]
    assert seen.lost == 0


def test_losses_are_told_while_it_streams() -> None:
    source = PushedSource(Numbers(), advice="Press start.")

    async def play(seen: Seen) -> None:
        for first in range(0, 200, 10):
            if first != 50:
                source.put(f"{first} {first + 10}")
            await asyncio.sleep(1.0)
        await seen.until(lambda now: now.samples == 190)

    seen = run_virtually(reading(source, play))
    assert [report.detail for report in seen.reports[2:]] == ["10 samples were lost on the way."]
    assert seen.reports[-1].lost_samples == seen.lost == 10


def test_a_reader_that_sleeps_loses_the_oldest_and_is_told_how_many(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pushed, "CAPACITY", 5)
    source = PushedSource(Numbers(), advice="Press start.")

    async def main() -> Seen:
        seen = Seen()
        async with aclosing(source.stream()) as stream:
            seen.items.append(await anext(stream))
            for first in range(0, 100, 10):
                source.put(f"{first} {first + 10}")
            while seen.samples < 50:
                seen.items.append(await anext(stream))
        return seen

    seen = run_virtually(main())
    assert numbers(seen) == list(range(50, 100))
    assert seen.blocks[0].lost == 50


def test_what_cannot_be_read_is_refused_and_the_next_message_is_read() -> None:
    source = PushedSource(Numbers(), advice="Press start.")

    async def play(seen: Seen) -> None:
        with pytest.raises(DecodeError, match="no number"):
            source.put("broken")
        source.put("0 10")
        await seen.until(lambda now: now.samples == 10)

    run_virtually(reading(source, play))


def test_what_comes_while_nobody_reads_is_nobody_s() -> None:
    source = PushedSource(Numbers(), advice="Press start.")

    async def main() -> None:
        source.put("0 10")
        source.gone("It left.")
        async with aclosing(source.stream()) as stream:
            first = await anext(stream)
            assert isinstance(first, LinkReport)
            assert first.state is SEARCHING

    run_virtually(main())


# --- messages of a gateway ------------------------------------------------------------------


def block(first: int, stop: int, lost: int = 0) -> SampleBlock:
    n = np.arange(first, stop, dtype=float)
    accel_g = np.stack([n / 1000.0, 0 * n, 0 * n + 1.0], axis=1)
    return SampleBlock(t_s=n / 10.0, accel_g=accel_g, lost=lost)


def sent(*blocks: SampleBlock, stream: str = "a") -> list[str]:
    packer = batches.Packer(stream, span_s=0.0)
    return [batches.encode(batch) for one in blocks for batch in packer.add(one)]


def followed(messages: list[str], samples: int) -> Seen:
    source = PushedSource(RemoteDecoder(), advice="Start the gateway.")

    async def play(seen: Seen) -> None:
        for message in messages:
            source.put(message)
        await seen.until(lambda now: now.samples == samples)

    return run_virtually(reading(source, play))


def test_what_a_gateway_sends_arrives_as_it_was() -> None:
    seen = followed(sent(block(0, 10), block(10, 20), block(25, 30, lost=5)), 25)
    assert numbers(seen) == [*range(20), *range(25, 30)]
    assert seen.lost == 5


def test_messages_lost_between_gateway_and_here_are_counted_to_the_sample() -> None:
    messages = sent(block(0, 10), block(10, 17), block(17, 19), block(19, 30))
    seen = followed([messages[0], messages[3]], 21)
    assert seen.lost == 9


def test_a_message_that_comes_twice_counts_once() -> None:
    first, second = sent(block(0, 10), block(10, 20))
    assert numbers(followed([first, first, second, first, second], 20)) == list(range(20))


def test_a_gateway_that_starts_anew_is_followed() -> None:
    source = PushedSource(RemoteDecoder(), advice="Start the gateway.")

    async def play(seen: Seen) -> None:
        source.put(sent(block(0, 10))[0])
        await asyncio.sleep(60.0)
        source.put(sent(block(0, 10), stream="b")[0])
        await seen.until(lambda now: now.samples == 20)

    seen = run_virtually(reading(source, play))
    assert seen.t_s[10] - seen.t_s[9] == pytest.approx(60.0, abs=1.0)
    assert seen.lost == 0


def test_the_far_sensor_s_state_is_passed_on() -> None:
    packer = batches.Packer("a")
    report = LinkReport(state=SILENT, sensor="Verity", detail="Quiet.", battery_percent=80)
    first, second = [*packer.add(block(0, 10)), *packer.report(report)]
    seen = followed([batches.encode(first), batches.encode(second)], 10)
    assert seen.reports[-1] == report


def test_two_gateways_that_use_one_stream_are_noticed() -> None:
    decoder = RemoteDecoder()
    one, two = sent(block(0, 10), block(10, 20))
    list(decoder.feed(one, 0.0))
    with pytest.raises(DecodeError, match="two of them"):
        decoder.feed(two.replace('"first":10', '"first":5'), 0.0)
