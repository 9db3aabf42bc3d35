"""What ``repsense doctor`` looks at where a band is a phone, or far away."""

import asyncio
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING

from repsense.cli.checks import Finding, Verdict
from repsense.errors import RepSenseError

if TYPE_CHECKING:
    from repsense.config import Settings
    from repsense.sources.settings import Via

# phyphox is asked for its experiment, and then for what it measures.
_ANSWER_S = 8.0


def vias_of(settings: "Settings") -> "dict[str, Via]":
    """Return how each band's samples come, by the name they go by."""
    return {
        wearer.band_name(number): band.via
        for wearer in settings.wearers
        for number, band in enumerate(wearer.bands)
    }


def only_others(settings: "Settings") -> bool:
    """Return whether bands are named and none of them is a Bluetooth sensor of this machine."""
    from repsense.sources.settings import Via

    vias = vias_of(settings)
    return bool(vias) and Via.BLUETOOTH not in vias.values()


async def check_others(settings: "Settings", folder: Path) -> list[Finding]:
    """Look at what is no Bluetooth sensor of this machine; nothing where there is none.

    Parameters
    ----------
    folder
        Where phones' keys and the certificate are kept.
    """
    from repsense.sources.settings import Via

    vias = vias_of(settings)
    pushing = [name for name, via in vias.items() if via in {Via.PAGE, Via.SENSOR_LOGGER}]
    findings = [await _check_doors(settings, folder)] if pushing else []
    for wearer in settings.wearers:
        for number, band in enumerate(wearer.bands):
            if band.via is Via.PHYPHOX:
                name = wearer.band_name(number)
                findings.append(await _check_phyphox(name, band.address or ""))
    far = [name for name, via in vias.items() if via is Via.GATEWAY]
    return [*findings, _check_gateway(settings, far)] if far else findings


async def _check_doors(settings: "Settings", folder: Path) -> Finding:
    """Open the doors for phones as a run would, and close them again."""
    from repsense.cli.doors import Doors
    from repsense.sources.settings import Via
    from repsense.web.settings import is_loopback

    doors = Doors(settings, folder)
    try:
        for wearer in settings.wearers:
            for number, band in enumerate(wearer.bands):
                if band.via in {Via.PAGE, Via.SENSOR_LOGGER}:
                    doors.source(wearer.band_name(number), band, origin_s=0.0)
        (way_in,) = doors.phone_sinks(lambda _: None)
        await way_in.start()
        await way_in.stop()
    except (RepSenseError, ModuleNotFoundError) as error:
        return Finding("phones", Verdict.WRONG, str(error))
    host = settings.phones.host
    if is_loopback(host):
        return Finding(
            "phones", Verdict.CARE, f"Only this machine reaches {host}: set phones.host to 0.0.0.0."
        )
    return Finding(
        "phones", Verdict.FINE, f"They can be let in on {host}; 'repsense phones' says where."
    )


async def _check_phyphox(name: str, address: str) -> Finding:
    from repsense.samples import LinkState, SampleBlock
    from repsense.sources.phone.phyphox_source import PhyphoxSource

    source, said = PhyphoxSource(address), f"{address} does not answer."
    try:
        async with asyncio.timeout(_ANSWER_S), aclosing(source.stream()) as stream:
            async for item in stream:
                if isinstance(item, SampleBlock):
                    return Finding(name, Verdict.FINE, f"{source.name} measures.")
                if item.state is not LinkState.STREAMING and "Asking" not in item.detail:
                    said = item.detail
                    break
    except TimeoutError:
        pass
    return Finding(name, Verdict.WRONG, said)


def _check_gateway(settings: "Settings", bands: list[str]) -> Finding:
    if settings.broker.host is None:
        text = "Samples come over MQTT, but no broker is named: set broker.host to the gateway's."
        return Finding("gateway", Verdict.WRONG, text)
    text = f"{', '.join(bands)} will be heard over {settings.broker.address}."
    return Finding("gateway", Verdict.FINE, text)
