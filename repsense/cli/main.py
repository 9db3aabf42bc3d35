"""The ``repsense`` command: one file a command, each imported only when it runs.

A command called ``name`` lives in ``repsense/cli/name.py``, with ``_`` for ``-``, and
with ``_`` behind a word of Python's own (``import_.py``). The module has either a
function ``name`` with typer's annotations or, for a command with commands of its
own, a ``typer.Typer`` called ``app``.
"""

import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from keyword import iskeyword
from typing import Annotated, Any

import typer

from repsense.errors import RepSenseError

# What `repsense --help` says, so that it need not import a command to describe it.
COMMANDS = {
    "run": "Count live from the bands and phones you wear.",
    "scan": "List the sensors nearby, and which of them are supported.",
    "record": "Record a session from a band, byte for byte if you like.",
    "phones": "Show the addresses that make phones your bands, as codes to scan.",
    "gateway": "Send the bands near this machine to another one, which counts.",
    "fleet": "Count what gateways send, on all machines of a cluster.",
    "doctor": "Check adapter, broker, clock, disk, database and more; say what to do.",
    "virtual-band": "Play a recording as a Bluetooth band, with or without an adapter.",
    "demo": "Play the bundled workout live: terminal, MQTT, everything but the band.",
    "dashboard": "Look back, correct, label and tune in a browser.",
    "replay": "Count the reps of recordings, as events or as a table.",
    "plot": "Draw a recording: signal, phases of each rep, faults.",
    "report": "Write a workout or an evaluation as one HTML file.",
    "evaluate": "Score the engine on labelled recordings.",
    "import": "Turn recordings of other apps and public data sets into ours.",
    "tune": "Search for settings that count better, or try them in a browser.",
    "calibrate": "Measure your clean reps, so that short and hurried ones are told.",
    "simulate": "Make a recording with exactly known reps.",
    "watch": "Follow a live workout over MQTT.",
    "exercises": "List the exercises, or show what is known about one.",
    "plan": "Show the planned workout and the week's progress, or print the plan.",
    "mqtt": "Remove what RepSense has left on the broker.",
    "history": "List past sets, as a table or as JSON.",
    "config": "Check the configuration, show it, or write a commented one.",
}

EXIT_ERROR = 2


def main(arguments: Sequence[str] | None = None) -> None:
    """Run ``repsense`` with the arguments given, or those of the command line.

    Exits with 2 and one line on stderr when a :class:`RepSenseError` says why
    the command cannot do what it was asked.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        build_app(words)(words, prog_name="repsense")
    except RepSenseError as error:
        print(f"repsense: {error}", file=sys.stderr)
        sys.exit(EXIT_ERROR)


def build_app(words: Sequence[str]) -> typer.Typer:
    """Return the typer application: the command that ``words`` asks for is real, others are named.

    The options before a command take no value, so the first word without a
    leading dash is the command.
    """
    wanted = next((word for word in words if not word.startswith("-")), None)
    app = typer.Typer(
        add_completion=False,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,  # importing rich would triple the time that --help takes
    )
    app.callback()(_options)
    for name, summary in COMMANDS.items():
        command = _load(name) if name == wanted else _named_only
        if isinstance(command, typer.Typer):
            app.add_typer(command, name=name, help=summary)
        else:
            app.command(name, short_help=summary, help=None)(command)
    return app


def _load(name: str) -> typer.Typer | Callable[..., Any]:
    identifier = name.replace("-", "_") + "_" * iskeyword(name)
    module = import_module(f"repsense.cli.{identifier}")
    command: typer.Typer | Callable[..., Any] = getattr(module, "app", None) or getattr(
        module, identifier
    )
    return command


def _named_only() -> None:
    """Stand in the list of commands; :func:`build_app` loads the one that runs."""


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import PackageNotFoundError, version

        try:
            said = version("repsense")
        except PackageNotFoundError:
            said = "of the source tree: it is not installed, so no version is known"
        typer.echo(f"repsense {said}")
        raise typer.Exit


def _options(
    *,
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version."
        ),
    ] = False,
) -> None:
    """Live rep counter and tempo coach for dumbbell sets, from a wrist accelerometer to MQTT.

    Try it now, with no hardware: repsense demo
    """
