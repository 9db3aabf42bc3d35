"""``repsense mqtt``: look after what RepSense leaves on the broker."""

import asyncio
import json
import sys
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True)


@app.callback()
def mqtt() -> None:
    """Look after what RepSense leaves on the broker."""


@app.command()
def remove(
    *,
    host: Annotated[
        str | None,
        typer.Option(help="The broker; without it the configured one, else this machine."),
    ] = None,
    port: Annotated[int | None, typer.Option(help="Its port.")] = None,
    wearer: Annotated[
        str | None, typer.Option(help="Only this wearer; the bridge and the others stay.")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the cleared topics as one JSON object.")
    ] = False,
    config: Annotated[Path | None, typer.Option(help="The configuration file.")] = None,
) -> None:
    """Remove RepSense from Home Assistant and clear what the broker keeps of it.

    Stop RepSense first: while it runs it says everything again.

    For example, after a wearer has left: repsense mqtt remove --wearer anna
    """
    from repsense.cli.watch import broker_settings
    from repsense.config import load_settings
    from repsense.sinks.mqtt.removal import remove as clear
    from repsense.sinks.mqtt.topics import checked_wearer

    if wearer is not None:
        checked_wearer(wearer)
    settings = broker_settings(host, port, config)
    removed = asyncio.run(clear(settings, load_settings(config).home_assistant, wearer=wearer))
    if as_json:
        print(json.dumps({"devices": removed.devices, "topics": removed.topics}))
    else:
        print(
            f"Removed {_count(len(removed.devices), 'device')} from Home Assistant and cleared "
            f"{_count(len(removed.topics), 'topic')}."
        )
    if removed.running:
        print(
            "repsense: A RepSense is running on this broker and may say everything again: stop "
            "it, or set home_assistant.discovery to false.",
            file=sys.stderr,
        )


def _count(number: int, thing: str) -> str:
    return f"1 {thing}" if number == 1 else f"{number} {thing}s"
