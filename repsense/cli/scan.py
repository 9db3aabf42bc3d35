"""``repsense scan``: which sensors are nearby, and which of them count reps."""

import asyncio
import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from rich.table import Table

    from repsense.sources.ble.nearby import Nearby
    from repsense.sources.ble.radio import Radio


def scan(
    *,
    seconds: Annotated[float, typer.Option(min=0.5, max=120.0, help="How long to listen.")] = 8.0,
    battery: Annotated[
        bool, typer.Option(help="Connect to supported sensors to read their battery.")
    ] = True,
    everything: Annotated[
        bool, typer.Option("--all", help="Also what has no name: phones, beacons, tags.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON list, for scripts.")] = False,
) -> None:
    """List the sensors nearby: name, driver, signal, battery, and how to configure them.

    Wake your band first: many advertise only when they are worn or a button was
    pressed, and none while a phone is connected to it.

    Example: repsense scan --seconds 15
    """
    from repsense.sources.ble.link import BleakRadio

    asyncio.run(
        show_nearby(BleakRadio(), seconds, battery=battery, everything=everything, as_json=as_json)
    )


async def show_nearby(
    radio: "Radio", seconds: float, *, battery: bool, everything: bool, as_json: bool
) -> None:
    """Print what the radio hears within so many seconds."""
    from rich.console import Console

    from repsense.sources.ble.nearby import look_around

    with Console(stderr=True).status(f"Listening for {seconds:g} s."):
        found = await look_around(radio, seconds, ask_battery=battery)
    if as_json:
        print(json.dumps([_fields(one) for one in found], ensure_ascii=False, indent=2))
        return
    shown = [one for one in found if everything or one.supported or one.advert.name]
    console = Console(highlight=False)
    if shown:
        console.print(_table(shown))
    console.print(_advice(found, hidden=len(found) - len(shown)), markup=False, soft_wrap=True)


def _fields(one: "Nearby") -> dict[str, Any]:
    return {
        "address": one.advert.address,
        "name": one.advert.name,
        "supported": one.supported,
        "driver": None if one.driver is None else one.driver.id,
        "title": None if one.driver is None else one.driver.title,
        "rssi_dbm": one.advert.rssi_dbm,
        "battery_percent": one.battery_percent,
        "services": sorted(one.advert.services),
    }


def _table(found: "list[Nearby]") -> "Table":
    from rich.table import Table

    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for column in ("name", "address", "driver", "signal", "battery", ""):
        table.add_column(column, no_wrap=True)
    for one in found:
        rssi = one.advert.rssi_dbm
        table.add_row(
            one.advert.name or "-",
            one.advert.address,
            "-" if one.driver is None else one.driver.id,
            "-" if rssi is None else f"{rssi} dBm",
            "-" if one.battery_percent is None else f"{one.battery_percent} %",
            "supported" if one.supported else "seen but unknown",
        )
    return table


def _advice(found: "list[Nearby]", *, hidden: int) -> str:
    """Return what to do next, with a piece of configuration that can be pasted."""
    first = next((one for one in found if one.driver is not None), None)
    unnamed = f"{hidden} more without a name: --all lists them. " if hidden else ""
    if first is None or first.driver is None:
        return (
            f"{unnamed}No supported sensor was heard. Is it charged, switched on, near, and not "
            f"connected to a phone? docs/sensors.md lists what is supported."
        )
    return (
        f"{unnamed}'repsense run' takes the first supported sensor. To name yours, put this into "
        f"config.yaml:\n\n"
        f"wearers:\n"
        f"  - name: me\n"
        f"    bands:\n"
        f'      - address: "{first.advert.address}"\n'
        f"        driver: {first.driver.id}"
    )
