"""The real bleak API over a virtual radio: every supported band, and everything that goes wrong."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import numpy as np
import pytest
from bumble.link import LocalLink
from bumble_backend import backends_for
from listening import Seen, follow, reps_in
from virtual_time import run_virtually

from repsense.recording.format import read_recording
from repsense.samples import LinkState, SampleBlock
from repsense.sources.ble import peripherals
from repsense.sources.ble.drivers.base import Timing
from repsense.sources.ble.link import BleakRadio
from repsense.sources.ble.peripherals.base import Peripheral
from repsense.sources.ble.registry import drivers, find_driver
from repsense.sources.ble.source import BleSource
from repsense.sources.ble.virtual.band import ADDRESS, VirtualBand, device_on
from repsense.sources.ble.wanted import Wanted

RECORDING = Path(__file__).resolve().parents[3] / "recordings" / "front_raise.csv.gz"
VIRTUAL_PATIENCE_S = 120.0
# Those on which everything is shown: with and without times of their own, long batches and short.
FOUR = ("movesense", "polar_verity", "repsense_band", "thingy52")
BANDS = sorted(
    {found.name for found in iter_modules(peripherals.__path__)} & {one.id for one in drivers()}
)


def stand_in(driver_id: str) -> Callable[[], Peripheral]:
    make = import_module(f"{peripherals.__name__}.{driver_id}").peripheral
    return lambda: make(find_driver(driver_id).rate_hz)


def resampled(block: SampleBlock, rate_hz: float, until_s: float) -> SampleBlock:
    """Return the recording as a band with this rate would have measured it."""
    t_s = np.arange(block.t_s[0], min(block.t_s[-1], until_s), 1.0 / rate_hz)
    columns = [np.interp(t_s, block.t_s, block.accel_g[:, axis]) for axis in range(3)]
    return SampleBlock(t_s=t_s, accel_g=np.stack(columns, axis=1))


class Watched(Seen):
    async def until(
        self, test: Callable[["Watched"], bool], patience_s: float = VIRTUAL_PATIENCE_S
    ) -> None:
        await super().until(test, patience_s)

    def reached(self, state: LinkState, times: int) -> bool:
        return self.phases.count(state) >= times


@asynccontextmanager
async def virtual_gym(
    driver_id: str, block: SampleBlock, *, wanted: Wanted | None = None
) -> AsyncGenerator[tuple[VirtualBand, Watched], None]:
    """Give a band on a virtual radio, and what the link makes of it."""
    link = LocalLink()
    host = device_on(link, name="host", address="C0:00:00:00:00:01")
    await host.power_on()
    scanner, client = backends_for(host)
    band_host = device_on(link, name="band", address=ADDRESS)
    band = VirtualBand(band_host, stand_in(driver_id), block)
    await band.start()
    source = BleSource(BleakRadio(scanner_backend=scanner, client_backend=client), wanted)
    watched = Watched()
    following = asyncio.create_task(follow(source, watched))
    try:
        yield band, watched
    finally:
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)
        await band.stop()


def in_the_gym(
    driver_id: str,
    plot: Callable[[VirtualBand, Watched], Awaitable[None]],
    *,
    until_s: float = 15.0,
    wanted: Wanted | None = None,
) -> tuple[SampleBlock, Watched]:
    block = resampled(read_recording(RECORDING).block, find_driver(driver_id).rate_hz, until_s)

    async def main() -> Watched:
        async with virtual_gym(driver_id, block, wanted=wanted) as (band, watched):
            await plot(band, watched)
        return watched

    return block, run_virtually(main())


def test_the_four_can_be_played() -> None:
    assert set(FOUR) <= set(BANDS)


@pytest.mark.parametrize("driver_id", BANDS)
def test_it_is_found_connected_and_streams_every_sample(driver_id: str) -> None:
    async def plot(band: VirtualBand, watched: Watched) -> None:
        await watched.until(lambda w: w.reached(LinkState.STREAMING, 1))
        await band.over.wait()
        await watched.until(lambda w: w.samples >= band.sent_samples)

    block, watched = in_the_gym(driver_id, plot)
    assert watched.phases == ["searching", "connecting", "streaming"]
    assert watched.reports[-1].battery_percent in range(50, 101)
    assert watched.samples > 0.97 * len(block)
    assert watched.lost == 0
    got_g = watched.accel_g
    if find_driver(driver_id).timing is Timing.ARRIVAL:
        return  # what did not change was not sent, and is held instead
    sent_g = block.accel_g[len(block) - len(got_g) :]
    np.testing.assert_allclose(got_g, sent_g, atol=0.002)


@pytest.mark.parametrize("driver_id", FOUR)
def test_after_a_remote_disconnect_it_is_found_and_started_again(driver_id: str) -> None:
    async def plot(band: VirtualBand, watched: Watched) -> None:
        await watched.until(lambda w: w.samples > 200)
        await band.go_away()
        await asyncio.sleep(3.0)
        await band.come_back()
        await watched.until(lambda w: w.reached(LinkState.STREAMING, 2))
        await band.over.wait()
        await asyncio.sleep(1.0)

    block, watched = in_the_gym(driver_id, plot)
    again = ["searching", "connecting", "streaming"]
    assert watched.phases == [*again, "lost", *again]
    t_s = watched.t_s
    assert (np.diff(t_s) > 0).all()
    lost = watched.lost
    assert watched.reports[-1].lost_samples == lost
    rate_hz = find_driver(driver_id).rate_hz
    assert lost >= 2.8 * rate_hz
    assert watched.samples + lost == pytest.approx((t_s[-1] - t_s[0]) * rate_hz, abs=0.4 * rate_hz)
    assert watched.samples + lost <= len(block) * 1.02


@pytest.mark.parametrize("driver_id", FOUR)
def test_a_band_that_falls_silent_is_told_and_connected_anew(driver_id: str) -> None:
    async def plot(band: VirtualBand, watched: Watched) -> None:
        await watched.until(lambda w: w.samples > 100)
        band.mute = True
        await watched.until(lambda w: w.reached(LinkState.LOST, 1))
        band.mute = False
        await watched.until(lambda w: w.reached(LinkState.STREAMING, 2))

    _, watched = in_the_gym(driver_id, plot)
    again = ["searching", "connecting", "streaming"]
    assert watched.phases == [*again, "silent", "lost", *again]


@pytest.mark.parametrize("driver_id", FOUR)
def test_another_kind_of_device_at_the_configured_address_is_told(driver_id: str) -> None:
    other = next(one for one in ("polar_verity", "pinetime") if one != driver_id)

    async def plot(_: VirtualBand, watched: Watched) -> None:
        await watched.until(lambda w: w.reached(LinkState.LOST, 1))

    wanted = Wanted(address=ADDRESS.lower(), driver=other)
    _, watched = in_the_gym(driver_id, plot, wanted=wanted)
    assert watched.phases == ["searching", "connecting", "lost"]
    assert "it is another kind than its name says" in watched.reports[-1].detail


@pytest.mark.parametrize("driver_id", FOUR[:3])
def test_a_set_over_the_radio_is_the_set_of_its_replay(driver_id: str) -> None:
    async def plot(band: VirtualBand, watched: Watched) -> None:
        await band.over.wait()
        await watched.until(lambda w: w.samples >= band.sent_samples)

    block, watched = in_the_gym(driver_id, plot, until_s=45.0)
    assert list(watched.reps) == reps_in([block])
    assert sum(watched.reps) >= 5
