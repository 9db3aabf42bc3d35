"""``repsense phones``: what each wearer's phone has to open or push to."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from repsense.config import Settings
    from repsense.web.phones.address import Way


def phones(
    *,
    new: Annotated[
        bool, typer.Option("--new", help="Make new keys: phones that know the old ones are out.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object a phone: band, via, address.")
    ] = False,
    data_dir: Annotated[
        Path | None, typer.Option(help="Folder of the history; without it the configured one.")
    ] = None,
    config: Annotated[Path | None, typer.Option(help="The configuration file.")] = None,
) -> None:
    """Show the addresses that make phones your bands, as codes to scan.

    For each band of the configuration that comes `via: page` or `via:
    sensor_logger`. The address holds a key and stays the same from day to day; `repsense
    run` must be running when the phone opens it.

    Example: repsense phones --config my_config.yaml
    """
    from repsense.cli.run import history_folder
    from repsense.config import load_settings
    from repsense.web.phones.address import phone_address
    from repsense.web.phones.pairing import KEYS_FILE, kept_keys

    settings = load_settings(config)
    ways = _ways(settings)
    folder = data_dir or history_folder(settings)
    keys = kept_keys(folder / KEYS_FILE, ways, renew=ways if new else ())
    for band, way in ways.items():
        address = phone_address(settings.phones, way, keys[band])
        if as_json:
            print(json.dumps({"band": band, "via": way.value, "address": address}))
        else:
            _show(settings, band, way, address)
    if not as_json:
        _warn_of_loopback(settings)


def _ways(settings: "Settings") -> "dict[str, Way]":
    from repsense.errors import ConfigError
    from repsense.web.phones.address import Way

    ways = {
        wearer.band_name(number): Way(band.via.value)
        for wearer in settings.wearers
        for number, band in enumerate(wearer.bands)
        if band.via.value in set(Way)
    }
    if not ways:
        raise ConfigError(
            "No wearer has a phone: give one a band with 'via: page' or 'via: sensor_logger' in "
            "config.yaml, like: wearers: [{name: anna, bands: [{via: page}]}]"
        )
    return ways


def _show(settings: "Settings", band: str, way: "Way", address: str) -> None:
    from repsense.sinks.mqtt.topics import Topics
    from repsense.web.phones.address import Way

    if way is Way.PAGE:
        print(f"{band}: open this in the phone's browser\n  {address}")
        _print_code(address)
        return
    topic = Topics(settings.broker.base_topic).phone(band)
    print(f"{band}: in Sensor Logger, push to this URL\n  {address}")
    print(f"  or publish over MQTT on the topic {topic}")


def _print_code(address: str) -> None:
    if not sys.stdout.isatty():
        return
    try:
        import segno
    except ModuleNotFoundError:
        return  # the address can be typed too
    segno.make(address).terminal(compact=True)


def _warn_of_loopback(settings: "Settings") -> None:
    from repsense.web.settings import is_loopback

    if is_loopback(settings.phones.host):
        print(
            f"repsense: only this machine reaches {settings.phones.host}. For a phone set "
            f"phones.host to 0.0.0.0 in config.yaml.",
            file=sys.stderr,
        )
