"""``repsense doctor``: what is fine, and what to do about the rest."""

import asyncio
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from repsense.cli.checks import Finding
    from repsense.config import Settings
    from repsense.sources.ble.radio import Radio

_MARKS = {"fine": "[green]fine   [/]", "care": "[yellow]care   [/]", "wrong": "[red]wrong  [/]"}


def doctor(
    *,
    config: Annotated[Path | None, typer.Option(help="The configuration file.")] = None,
    band: Annotated[
        bool, typer.Option(help="Connect to the first band and measure its data rate.")
    ] = True,
    data_dir: Annotated[
        Path | None, typer.Option(help="Folder of the history; without it the configured one.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON list, for scripts.")] = False,
) -> None:
    """Check adapter, BlueZ, configuration, clock, systemd, log, disk, broker, phones, data rate.

    Of the data folder: whether it can be written, has room, and holds a sound database.

    Each line says fine, or what to do. Exits with 1 when something is wrong.

    Example: repsense doctor --no-band
    """
    from repsense.sources.ble.link import BleakRadio

    findings = asyncio.run(examine(BleakRadio(), config, band=band, data_dir=data_dir))
    if as_json:
        print(json.dumps([finding.as_dict() for finding in findings], indent=2))
    else:
        _print(findings)
    if any(finding.verdict == "wrong" for finding in findings):
        raise typer.Exit(1)


async def examine(
    radio: "Radio", config: Path | None, *, band: bool = True, data_dir: Path | None = None
) -> "list[Finding]":
    """Return all findings, in the order in which things depend on each other."""
    from repsense.cli.checks import (
        Finding,
        Verdict,
        check_bluez,
        check_broker,
        check_clock,
        check_config,
        check_radio,
        check_rate,
    )
    from repsense.cli.checks_home import check_log, check_watchdog
    from repsense.cli.checks_phones import check_others, only_others
    from repsense.cli.run import history_folder

    configured, settings = check_config(config)
    if settings is not None and only_others(settings):
        without = Finding("adapter", Verdict.SKIPPED, "No Bluetooth band is named.")
        broker = await check_broker(settings)
        others = await check_others(settings, data_dir or history_folder(settings))
        home = look_at_home(settings, data_dir)
        machine = (check_clock(), check_watchdog(), check_log())
        return [configured, without, *machine, *home, broker, *others]
    about_radio, supported = await check_radio(radio)
    findings = [configured, check_bluez(), *about_radio]
    findings += [check_clock(), check_watchdog(), check_log()]
    if settings is None:
        return findings
    findings += [*look_at_home(settings, data_dir), await check_broker(settings)]
    findings += await check_others(settings, data_dir or history_folder(settings))
    if not band or not supported:
        why = "Not asked for." if not band else "No supported band was heard."
        return [*findings, Finding("data rate", Verdict.SKIPPED, why)]
    return [*findings, await check_rate(radio, settings)]


def look_at_home(settings: "Settings", data_dir: Path | None) -> "list[Finding]":
    """Return what there is to say about data folder, disk, database and files with secrets."""
    from repsense.cli.checks_home import (
        check_database,
        check_folder,
        check_secrets,
        check_space,
    )
    from repsense.sinks.history import history_path

    path = history_path(data_dir or settings.history.data_dir)
    return [
        check_folder(path.parent),
        check_space(path.parent),
        check_database(path),
        check_secrets(settings, path.parent),
    ]


def _print(findings: "list[Finding]") -> None:
    from rich.console import Console
    from rich.markup import escape

    console = Console(highlight=False)
    for finding in findings:
        mark = _MARKS.get(finding.verdict.value, "[dim]skipped[/]")
        console.print(f"{mark} {finding.name:<12} {escape(finding.text)}", soft_wrap=True)
