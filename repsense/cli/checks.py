"""What ``repsense doctor`` looks at: each check says fine, or what to do."""

import asyncio
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import aclosing
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from repsense.errors import RepSenseError

if TYPE_CHECKING:
    from repsense.config import Settings
    from repsense.samples import SampleBlock
    from repsense.sources.ble.drivers.base import Driver
    from repsense.sources.ble.nearby import Nearby
    from repsense.sources.ble.radio import Radio

# Oldest BlueZ with which bleak's maintainers still help (its docs/troubleshooting).
_BLUEZ_NEEDED = (5, 55)
_PROGRAM_S = 5.0
_BROKER_S = 4.0
_LISTEN_S = 4.0
# A band is found and started within some seconds; then a while at its rate is measured.
_BAND_S, _MEASURE_S = 20.0, 5.0
# Off by more than this share, the rate is worth a word: crystals are good to 2 %.
_RATE_SLACK = 0.1
_FIRST_YEAR = 2025


class Verdict(StrEnum):
    """How a check went."""

    FINE = "fine"
    CARE = "care"
    WRONG = "wrong"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the doctor's: what was looked at, how it is, and what to do."""

    name: str
    verdict: Verdict
    text: str

    def as_dict(self) -> dict[str, str]:
        """Return the finding for JSON."""
        return {key: str(value) for key, value in asdict(self).items()}


Run = Callable[[Sequence[str]], str | None]


def run_program(words: Sequence[str]) -> str | None:
    """Return what a program prints, or None where it is missing or fails."""
    if shutil.which(words[0]) is None:
        return None
    try:
        done = subprocess.run(  # noqa: S603 - fixed words of our own
            list(words), capture_output=True, text=True, timeout=_PROGRAM_S, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()


def check_config(path: Path | None) -> "tuple[Finding, Settings | None]":
    """Read the configuration as every command does."""
    from repsense.config import find_config, load_settings

    try:
        found = find_config(path)
        settings = load_settings(path)
    except RepSenseError as error:
        return Finding("config", Verdict.WRONG, str(error)), None
    where = "No file: the defaults count." if found is None else f"{found} is right."
    bands = sum(len(wearer.bands) for wearer in settings.wearers)
    return Finding("config", Verdict.FINE, f"{where} Bands named: {bands}."), settings


def check_bluez(run: Run = run_program, platform: str = sys.platform) -> Finding:
    """Look at the version of Linux' Bluetooth service."""
    if not platform.startswith("linux"):
        return Finding("bluez", Verdict.SKIPPED, "Only Linux has it.")
    said = run(["bluetoothctl", "--version"])
    digits = (said or "").rpartition(" ")[2].split(".")
    if not all(part.isdigit() for part in digits):
        return Finding(
            "bluez", Verdict.WRONG, "BlueZ is not installed: on Debian, 'apt install bluez'."
        )
    version = ".".join(digits)
    if tuple(int(part) for part in digits) < _BLUEZ_NEEDED:
        needed = ".".join(str(part) for part in _BLUEZ_NEEDED)
        return Finding("bluez", Verdict.CARE, f"BlueZ {version} is old: {needed} or later is wise.")
    return Finding("bluez", Verdict.FINE, f"BlueZ {version}.")


def check_clock(run: Run = run_program, now: datetime | None = None) -> Finding:
    """Ask whether the wall clock is set: the history and MQTT carry its time."""
    now = now or datetime.now(UTC)
    if now.year < _FIRST_YEAR:
        return Finding(
            "clock", Verdict.WRONG, f"The clock says {now:%Y-%m-%d}: set it, or switch NTP on."
        )
    said = run(["timedatectl", "show", "--property=NTPSynchronized", "--value"])
    if said == "no":
        return Finding(
            "clock", Verdict.CARE, "The clock is not synchronised: 'timedatectl set-ntp true'."
        )
    how = (
        "synchronised" if said == "yes" else "set; whether it is synchronised cannot be asked here"
    )
    return Finding("clock", Verdict.FINE, f"{now:%Y-%m-%d %H:%M} UTC, {how}.")


async def check_broker(settings: "Settings") -> Finding:
    """Connect to the configured broker, or say which one would be started."""
    from repsense.sinks.mqtt.client import MqttLink
    from repsense.sinks.mqtt.mosquitto import find_mosquitto

    broker = settings.broker
    if broker.host is None:
        if find_mosquitto() is not None:
            return Finding("broker", Verdict.FINE, "None named: Mosquitto is started for each run.")
        return Finding(
            "broker",
            Verdict.CARE,
            "None named and Mosquitto is not installed: install it, or set broker.host.",
        )
    said: list[str] = []
    link = MqttLink(broker, on_status=said.append)
    try:
        link.start()
        async with asyncio.timeout(_BROKER_S):
            await link.first_connection()
    except TimeoutError:
        why = said[-1] if said else f"{broker.address} does not answer: check host and port."
        return Finding("broker", Verdict.WRONG, why)
    except RepSenseError as error:
        return Finding("broker", Verdict.WRONG, str(error))
    finally:
        await link.stop()
    return Finding("broker", Verdict.FINE, f"{broker.address} answers.")


async def check_radio(radio: "Radio") -> "tuple[list[Finding], list[Nearby]]":
    """Listen for a moment: shows the adapter, the permission to use it, and who is there."""
    from repsense.sources.ble.nearby import look_around

    try:
        found = await look_around(radio, _LISTEN_S, ask_battery=False)
    except RepSenseError as error:
        denied = "may not be used" in str(error)
        text = str(error)
        return [
            Finding("adapter", Verdict.SKIPPED if denied else Verdict.WRONG, text),
            Finding("permissions", Verdict.WRONG if denied else Verdict.SKIPPED, text),
        ], []
    supported = [one for one in found if one.supported]
    heard = f"{len(found)} devices heard in {_LISTEN_S:.0f} s, {len(supported)} supported."
    fine = Verdict.FINE if found else Verdict.CARE
    advice = "" if found else " Nothing at all is unusual: move away from metal, check the antenna."
    return [
        Finding("adapter", fine, heard + advice),
        Finding("permissions", Verdict.FINE, "This user may use Bluetooth."),
    ], supported


async def check_rate(radio: "Radio", settings: "Settings") -> Finding:
    """Stream the first band for some seconds, and compare its rate with what it was asked for."""
    from repsense.samples import SampleBlock
    from repsense.sources.ble.drivers.base import Driver, Notification
    from repsense.sources.ble.source import BleSource
    from repsense.sources.settings import BandSettings, Via

    bands = [band for wearer in settings.wearers for band in wearer.bands]
    named = [band for band in bands if band.via is Via.BLUETOOTH]
    drivers: list[Driver] = []

    def tap(_: Notification, driver: Driver) -> None:
        drivers[:] = [driver]

    source = BleSource(radio, (named[0] if named else BandSettings()).wanted(), tap=tap)
    blocks: list[SampleBlock] = []
    try:
        async with asyncio.timeout(_BAND_S), aclosing(source.stream()) as stream:
            async for item in stream:
                if isinstance(item, SampleBlock) and len(item):
                    blocks.append(item)
                    if blocks[-1].t_s[-1] - blocks[0].t_s[0] > _MEASURE_S:
                        break
    except TimeoutError:
        if len(blocks) < 2:
            why = f"{source.name} sent nothing within {_BAND_S:.0f} s: wake it, bring it near."
            return Finding("data rate", Verdict.WRONG, why)
    except RepSenseError as error:
        return Finding("data rate", Verdict.SKIPPED, str(error))
    return _rate_of(blocks, source.name, drivers[0])


def _rate_of(blocks: "Sequence[SampleBlock]", name: str, driver: "Driver") -> Finding:
    samples = sum(len(block) for block in blocks) - len(blocks[0])
    lost = sum(block.lost for block in blocks[1:])
    span_s = float(blocks[-1].t_s[-1] - blocks[0].t_s[-1])
    rate_hz = samples / span_s
    text = f"{name}: {rate_hz:.1f} samples/s, asked for {driver.rate_hz:g}, {lost} lost."
    slow = abs(rate_hz + lost / span_s - driver.rate_hz) > _RATE_SLACK * driver.rate_hz
    if lost:
        return Finding(
            "data rate", Verdict.CARE, f"{text} Move closer, or end other radio traffic."
        )
    if slow:
        return Finding("data rate", Verdict.CARE, f"{text} Counting adapts to it.")
    return Finding("data rate", Verdict.FINE, text)
