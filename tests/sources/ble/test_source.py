"""The link against a radio made of nothing, in virtual time: every way a gym is unkind."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing

import numpy as np
import pytest
from fake_radio import BUZZ, DATA, START, STOP, FakeBand, FakeConnection, FakeDriver, FakeRadio
from listening import Seen, follow
from virtual_time import run_virtually

from repsense.errors import AdapterError
from repsense.samples import LinkState, SampleBlock
from repsense.sources.ble import registry
from repsense.sources.ble.drivers.base import Driver, Feedback, Notification
from repsense.sources.ble.radio import Sighting
from repsense.sources.ble.source import BleSource, InUse
from repsense.sources.ble.wanted import Wanted

HZ = 50.0
SEARCHING, CONNECTING, STREAMING, SILENT, LOST = (
    LinkState.SEARCHING,
    LinkState.CONNECTING,
    LinkState.STREAMING,
    LinkState.SILENT,
    LinkState.LOST,
)


@pytest.fixture(autouse=True)
def only_the_fake_driver(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "drivers", lambda: (FakeDriver(),))


def wrist(duration_s: float) -> SampleBlock:
    """Return samples whose x says their number."""
    n = int(duration_s * HZ)
    accel_g = np.tile([0.0, 0.0, 1.0], (n, 1))
    accel_g[:, 0] = np.arange(n) / 1e4
    return SampleBlock(t_s=np.arange(n) / HZ, accel_g=accel_g)


def numbers(seen: Seen) -> list[int]:
    """Return which of the samples of :func:`wrist` came."""
    return [round(x * 1e4) for block in seen.blocks for x in block.accel_g[:, 0]]


def watch(
    band: FakeBand,
    *,
    plot: Callable[[FakeBand, FakeRadio], AsyncGenerator[None, None]] | None = None,
    radio: FakeRadio | None = None,
    wanted: Wanted | None = None,
    until: Callable[[Seen], bool] | None = None,
) -> Seen:
    """Follow a band to the end of what it measures, while a plot unfolds."""
    seen, air = Seen(), radio or FakeRadio([band])

    async def unfold() -> None:
        if plot is not None:
            async for _ in plot(band, air):
                pass

    async def main() -> None:
        band.over = asyncio.Event()
        playing = asyncio.create_task(band.play())
        unfolding = asyncio.create_task(unfold())
        source = BleSource(air, wanted)
        following = asyncio.create_task(follow(source, seen, until or (lambda _: False)))
        await asyncio.wait(
            {following, asyncio.create_task(band.over.wait())}, return_when="FIRST_COMPLETED"
        )
        for task in (following, playing, unfolding):
            task.cancel()
        results = await asyncio.gather(following, playing, unfolding, return_exceptions=True)
        failures = [r for r in results if isinstance(r, Exception)]
        if failures:
            raise failures[0]

    run_virtually(main())
    return seen


def test_a_band_is_found_connected_streamed_and_stopped() -> None:
    band = FakeBand(wrist(10.0))
    seen = watch(band)
    assert seen.phases == [SEARCHING, CONNECTING, STREAMING]
    assert numbers(seen) == band.delivered
    assert seen.lost == 0
    assert band.written == [START, STOP]
    assert band.connection is None
    last = seen.reports[-1]
    assert (last.battery_percent, last.rssi_dbm, last.lost_samples) == (87, -60, 0)
    assert last.sensor == "FakeBand (F0:F1:F2:F3:F4:F5)"


def test_a_band_without_a_battery_service_is_a_fine_band() -> None:
    seen = watch(FakeBand(wrist(5.0), battery=None))
    assert seen.reports[-1].state is STREAMING
    assert seen.reports[-1].battery_percent is None


def test_after_a_drop_it_is_found_again_started_again_and_the_loss_is_exact() -> None:
    async def plot(band: FakeBand, radio: FakeRadio) -> AsyncGenerator[None, None]:
        await asyncio.sleep(5.0)
        radio.out_of_reach.add(band.address)
        band.drop()
        await asyncio.sleep(7.0)
        radio.out_of_reach.clear()
        yield

    band = FakeBand(wrist(20.0))
    seen = watch(band, plot=plot)
    assert seen.phases == [SEARCHING, CONNECTING, STREAMING, LOST, SEARCHING, CONNECTING, STREAMING]
    assert numbers(seen) == band.delivered
    assert band.written == [START, START, STOP]
    between = np.diff(numbers(seen))
    assert seen.lost == between.max() - 1 >= 7 * HZ
    assert seen.reports[-1].lost_samples == seen.lost
    # Found within a second of being back.
    assert seen.lost < 8 * HZ


def test_silence_is_told_and_a_connection_that_hangs_is_made_anew() -> None:
    async def plot(band: FakeBand, radio: FakeRadio) -> AsyncGenerator[None, None]:
        await asyncio.sleep(5.0)
        band.mute = True
        await asyncio.sleep(9.0)
        assert band.connections == 2
        band.mute = False
        yield

    band = FakeBand(wrist(30.0))
    seen = watch(band, plot=plot)
    assert seen.phases == [
        *(SEARCHING, CONNECTING, STREAMING, SILENT, LOST),
        *(SEARCHING, CONNECTING, STREAMING),
    ]
    silent = next(report for report in seen.reports if report.state is SILENT)
    assert silent.detail == "Connected, but nothing has come for 4 s."
    assert seen.lost == max(np.diff(numbers(seen))) - 1


def test_silence_that_ends_by_itself_needs_no_new_connection() -> None:
    async def plot(band: FakeBand, radio: FakeRadio) -> AsyncGenerator[None, None]:
        await asyncio.sleep(5.0)
        band.mute = True
        await asyncio.sleep(6.0)
        band.mute = False
        yield

    band = FakeBand(wrist(20.0))
    seen = watch(band, plot=plot)
    assert seen.phases == [SEARCHING, CONNECTING, STREAMING, SILENT, STREAMING]
    assert band.connections == 1


def test_what_cannot_be_read_is_said_with_the_silence_it_makes() -> None:
    async def plot(band: FakeBand, radio: FakeRadio) -> AsyncGenerator[None, None]:
        band.mute = True
        while True:
            await asyncio.sleep(0.1)
            if band.connection is not None:
                band.connection.notify(DATA, b"nonsense")
            yield

    seen = watch(FakeBand(wrist(8.0)), plot=plot)
    assert seen.phases[:3] == [SEARCHING, CONNECTING, SILENT]
    silent = next(report for report in seen.reports if report.state is SILENT)
    assert "nothing that can be read: FakeBand sent 8 bytes." in silent.detail


def test_connections_that_fail_are_tried_again_more_and_more_slowly() -> None:
    band = FakeBand(wrist(60.0))
    radio = FakeRadio([band], failing=5)
    seen = watch(band, radio=radio)
    assert seen.phases[-1] is STREAMING
    waits = [report.detail for report in seen.reports if report.state is LOST]
    assert [wait.rpartition("Searching again ")[2] for wait in waits] == [
        *("now.", "in 1 s.", "in 2 s.", "in 4 s.", "in 8 s."),
    ]


@pytest.mark.parametrize(
    ("lacks", "refuses", "message"),
    [(frozenset({DATA}), False, f"There is no {DATA}."), (frozenset[str](), True, "answered ff")],
)
def test_a_wrong_or_unwilling_sensor_is_told_and_another_gets_its_turn(
    lacks: frozenset[str], refuses: bool, message: str
) -> None:
    address = "00:00:00:00:00:01"
    bad = FakeBand(wrist(1.0), address=address, lacks=lacks, refuses=refuses)
    good = FakeBand(wrist(12.0))
    seen = watch(good, radio=FakeRadio([bad, good]))
    lost = next(report for report in seen.reports if report.state is LOST)
    assert message in lost.detail
    assert seen.phases[-1] is STREAMING
    assert seen.reports[-1].sensor.endswith(f"({good.address})")


def test_only_the_configured_address_is_taken_in_any_case() -> None:
    other = FakeBand(wrist(1.0), address="00:00:00:00:00:01")
    mine = FakeBand(wrist(5.0))
    radio = FakeRadio([other, mine])
    seen = watch(mine, radio=radio, wanted=Wanted(address=mine.address.lower()))
    assert seen.phases[-1] is STREAMING
    assert other.connections == 0


def test_two_sources_take_two_bands_on_one_clock() -> None:
    bands = [FakeBand(wrist(6.0), address=f"00:00:00:00:00:0{i}") for i in (1, 2)]

    async def main() -> list[Seen]:
        radio, in_use = FakeRadio(bands), InUse()
        seen = [Seen(), Seen()]
        now_s = asyncio.get_running_loop().time()
        for band in bands:
            band.over = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            for band in bands:
                group.create_task(band.play())
            for one in seen:
                source = BleSource(radio, in_use=in_use, origin_s=now_s)
                group.create_task(follow(source, one, lambda s: len(numbers(s)) >= 200))
        return seen

    seen = run_virtually(main())
    assert {one.reports[-1].sensor for one in seen} == {
        "FakeBand (00:00:00:00:00:01)",
        "FakeBand (00:00:00:00:00:02)",
    }
    ends = [float(one.blocks[-1].t_s[-1]) for one in seen]
    assert abs(ends[0] - ends[1]) < 0.2


def test_a_search_without_a_result_says_what_it_heard() -> None:
    seen = watch(FakeBand(wrist(30.0), name="Fridge"))
    assert seen.phases == [SEARCHING]
    assert "1 Bluetooth device heard, not any supported sensor." in seen.reports[-1].detail


def test_bluetooth_that_is_off_from_the_start_is_an_error() -> None:
    with pytest.raises(AdapterError, match="switch it on"):
        watch(FakeBand(wrist(5.0)), radio=FakeRadio([], off=True))


def test_bluetooth_that_goes_away_later_is_waited_for() -> None:
    async def plot(band: FakeBand, radio: FakeRadio) -> AsyncGenerator[None, None]:
        await asyncio.sleep(3.0)
        radio.off = True
        band.drop()
        await asyncio.sleep(8.0)
        radio.off = False
        yield

    seen = watch(FakeBand(wrist(40.0)), plot=plot)
    assert any("switch it on" in report.detail for report in seen.reports)
    assert seen.phases[-1] is STREAMING


def test_the_wearer_can_be_made_to_feel_what_the_sensor_can() -> None:
    band = FakeBand(wrist(10.0))
    heard: list[Notification] = []

    def tap(notification: Notification, driver: Driver) -> None:
        assert driver.id == "fake_band"
        heard.append(notification)

    async def main() -> None:
        band.over = asyncio.Event()
        source = BleSource(FakeRadio([band]), tap=tap)
        source.feel(Feedback.SWING)  # nobody is there yet: nothing happens
        async with asyncio.TaskGroup() as group:
            group.create_task(band.play())

            def buzz(seen: Seen) -> bool:
                if len(numbers(seen)) in range(100, 105):
                    source.feel(Feedback.SWING)
                    source.feel(Feedback.TARGET_REACHED)  # this band cannot
                return len(numbers(seen)) > 200

            group.create_task(follow(source, Seen(), buzz))

    run_virtually(main())
    assert band.written == [START, BUZZ, STOP]
    assert sum(one.characteristic == DATA for one in heard) >= 40


@pytest.mark.parametrize("deaf", [False, True])
def test_closing_stops_the_band_within_2_s_even_one_that_does_not_answer(deaf: bool) -> None:
    class Deaf(FakeConnection):
        async def write(self, characteristic: str, data: bytes, *, response: bool) -> None:
            if data == STOP and deaf:
                await asyncio.Event().wait()
            await super().write(characteristic, data, response=response)

        async def close(self) -> None:
            if deaf:
                await asyncio.Event().wait()
            await super().close()

    class Radio(FakeRadio):
        async def connect(self, sighting: Sighting, on_drop: Callable[[], None]) -> FakeConnection:
            connection = Deaf(band, on_drop)
            band.connection = connection
            return connection

    band = FakeBand(wrist(30.0))

    async def main() -> float:
        loop = asyncio.get_running_loop()
        band.over = asyncio.Event()
        playing = asyncio.create_task(band.play())
        streaming = asyncio.Event()

        async def read() -> None:
            async with aclosing(BleSource(Radio([band])).stream()) as stream:
                async for item in stream:
                    if isinstance(item, SampleBlock):
                        streaming.set()

        reading = asyncio.create_task(read())
        await streaming.wait()
        begun_s = loop.time()
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
        playing.cancel()
        return loop.time() - begun_s

    assert run_virtually(main()) < 1.6
    assert (STOP in band.written) is not deaf
