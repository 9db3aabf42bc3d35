"""``repsense virtual-band``: a recording played as a Bluetooth band."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Callable

    from repsense.cli.serving import Outputs
    from repsense.config import Settings
    from repsense.samples import SampleBlock
    from repsense.sources.ble.peripherals.base import Peripheral


# What the band sent last is still on its way when it is over.
_LAST_PACKETS_S = 1.0


def virtual_band(
    recording: Annotated[Path, typer.Argument(help="The recording to play.")],
    *,
    driver: Annotated[
        str, typer.Option(help="Which band to be: the id of a driver that can be played.")
    ] = "repsense_band",
    transport: Annotated[
        str | None,
        typer.Option(
            help="Play through this adapter, by Bumble's name for it, like usb:0 or hci-socket:1. "
            "Without it the radio is virtual, and the band is counted right here."
        ),
    ] = None,
    no_mqtt: Annotated[bool, typer.Option("--no-mqtt", help="Publish nothing.")] = False,
    config: Annotated[Path | None, typer.Option(help="The configuration file.")] = None,
) -> None:
    """Play a recording as a Bluetooth band, so that the whole chain runs without one.

    Without --transport band, radio and counting run in this process: what
    `repsense run` does, from the advert to MQTT, with no hardware at all. With it a
    spare adapter becomes the band, for another machine to find.

    Example: repsense virtual-band recordings/front_raise.csv.gz --driver polar_verity
    """
    from repsense.cli.serving import Outputs, get_ready
    from repsense.config import load_settings
    from repsense.recording.format import read_recording
    from repsense.sources.ble.registry import find_driver

    settings = load_settings(config)
    rate_hz = find_driver(driver).rate_hz
    make = peripheral_maker(driver, rate_hz)
    block = resampled(read_recording(recording).block, rate_hz)
    if transport is not None:
        asyncio.run(_play_through(transport, make, block))
        return
    get_ready()
    asyncio.run(count_virtual(settings, make, block, Outputs(mqtt=not no_mqtt)))


def peripheral_maker(driver: str, rate_hz: float) -> "Callable[[], Peripheral]":
    """Return what makes a stand-in for this driver's band.

    Raises
    ------
    SourceError
        When there is none: names those that can be played.
    """
    from importlib import import_module
    from importlib.util import find_spec
    from pkgutil import iter_modules

    from repsense.errors import SourceError
    from repsense.sources.ble import peripherals
    from repsense.sources.ble.registry import drivers

    there = {found.name for found in iter_modules(peripherals.__path__)}
    playable = sorted(there & {known.id for known in drivers()})
    if driver not in playable:
        raise SourceError(
            f"The band '{driver}' cannot be played. Those that can: {', '.join(playable)}."
        )
    if find_spec("bumble") is None:
        raise SourceError(
            "Playing a band needs Bumble: install it with pip install 'repsense[virtual]'."
        )
    make = import_module(f"{peripherals.__name__}.{driver}").peripheral
    return lambda: make(rate_hz)


def resampled(block: "SampleBlock", rate_hz: float) -> "SampleBlock":
    """Return the recording at the band's own rate, its holes left as they are."""
    import numpy as np

    from repsense.samples import SampleBlock

    t_s = np.arange(block.t_s[0], block.t_s[-1], 1.0 / rate_hz)
    # A sample is taken where the recording has one within two of its intervals on either side.
    reach_s = 2.0 / min(rate_hz, block.median_rate_hz())
    after = np.searchsorted(block.t_s, t_s).clip(1, len(block) - 1)
    t_s = t_s[block.t_s[after] - block.t_s[after - 1] <= 2.0 * reach_s]
    columns = [np.interp(t_s, block.t_s, block.accel_g[:, axis]) for axis in range(3)]
    return SampleBlock(t_s=t_s, accel_g=np.stack(columns, axis=1))


async def count_virtual(
    settings: "Settings", make: "Callable[[], Peripheral]", block: "SampleBlock", outputs: "Outputs"
) -> None:
    """Play the band on a radio of this process, and count it as `repsense run` would."""
    from repsense.cli.serving import band_jobs, serve_jobs, wearers_of
    from repsense.config import WearerSettings
    from repsense.sources.ble.virtual.radio import virtual_gym

    async with virtual_gym(make, block) as (band, radio):
        name = wearers_of(settings)[0].name
        jobs, _ = band_jobs(
            settings,
            (WearerSettings(name=name),),
            radio,
            origin_s=asyncio.get_running_loop().time(),
        )
        stop = asyncio.Event()
        ending = asyncio.create_task(_stop_after(band.over, stop))
        await serve_jobs(
            settings, jobs, outputs, meanwhile="Counting goes on without MQTT.", stop=stop
        )
        ending.cancel()


async def _stop_after(over: asyncio.Event, stop: asyncio.Event) -> None:
    await over.wait()
    await asyncio.sleep(_LAST_PACKETS_S)
    stop.set()


async def _play_through(
    transport: str, make: "Callable[[], Peripheral]", block: "SampleBlock"
) -> None:
    from repsense.sources.ble.virtual.band import VirtualBand, device_through

    name = make().name
    async with device_through(transport, name=name) as device:
        band = VirtualBand(device, make, block)
        await band.start()
        print(f"{name} advertises through {transport}. 'repsense scan' elsewhere finds it.")
        try:
            await band.over.wait()
            await asyncio.sleep(_LAST_PACKETS_S)
        finally:
            await band.stop()
    print("The recording is at its end.")
