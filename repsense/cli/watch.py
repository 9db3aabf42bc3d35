"""``repsense watch``: follow a live workout over MQTT."""

import asyncio
import contextlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from repsense.sinks.mqtt.settings import BrokerSettings
    from repsense.sinks.mqtt.topics import Topics
    from repsense.sinks.mqtt.wire import Message

_ANSWER_TIMEOUT_S = 10.0


def watch(
    host: Annotated[
        str | None,
        typer.Option(help="The broker; without it the configured one, else this machine."),
    ] = None,
    port: Annotated[int | None, typer.Option(help="Its port.")] = None,
    wearer: Annotated[str | None, typer.Option(help="Only this wearer.")] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object a message: topic, retained, payload.")
    ] = False,
    config: Annotated[Path | None, typer.Option(help="The configuration file.")] = None,
) -> None:
    """Follow a live workout over MQTT, until Ctrl-C.

    Shows what RepSense publishes: sets, reps with their tempo, cues, and whether
    the sensor is there. Needs a running broker and shows every wearer on it.
    """
    from rich.console import Console

    from repsense.sinks.mqtt.topics import Topics

    settings = broker_settings(host, port, config)
    topics = Topics(settings.base_topic)
    pattern = topics.everything_filter() if wearer is None else topics.wearer_filter(wearer)
    errors = Console(stderr=True, highlight=False, soft_wrap=True)
    show = _print_json if as_json else _Lines(topics, _stdout_console()).show

    def say(text: str) -> None:
        errors.print(text, style="dim", markup=False)

    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_follow(settings, pattern, show, say))


def broker_settings(host: str | None, port: int | None, config: Path | None) -> "BrokerSettings":
    """Return how to reach the broker that the person named, the configured one, or a local one."""
    from dataclasses import replace

    from repsense.config import load_settings

    configured = load_settings(config).broker
    if host is not None:
        # What is configured for logging in belongs to the configured broker only.
        if host != configured.host:
            from repsense.sinks.mqtt.settings import BrokerSettings

            return BrokerSettings(host=host, port=port, base_topic=configured.base_topic)
        return replace(configured, port=port or configured.port)
    return replace(configured, host=configured.host or "127.0.0.1", port=port or configured.port)


async def _follow(
    settings: "BrokerSettings",
    pattern: str,
    show: "Callable[[Message], None]",
    say: Callable[[str], None],
) -> None:
    from repsense.errors import BrokerError
    from repsense.sinks.mqtt.client import MqttLink

    status: list[str] = []
    nobody_reads = asyncio.Event()

    def show_or_end(message: "Message") -> None:
        try:
            show(message)
        except BrokenPipeError:  # as in `repsense watch | head`
            nobody_reads.set()

    link = MqttLink(
        settings, subscriptions=(pattern,), on_message=show_or_end, on_status=status.append
    )
    link.start()
    try:
        async with asyncio.timeout(_ANSWER_TIMEOUT_S):
            await link.first_connection()
        for text in status:
            say(text)
        link.on_status = say
        await nobody_reads.wait()
        _forget_stdout()
    except TimeoutError as error:
        raise BrokerError(
            f"The MQTT broker at {settings.address} does not answer: check host and port."
        ) from error
    finally:
        await link.stop()


def _forget_stdout() -> None:
    """Let what is still buffered go nowhere, where the pipe is closed."""
    import os
    import sys

    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def _print_json(message: "Message") -> None:
    try:
        payload = json.loads(message.payload)
    except ValueError:
        payload = message.payload
    line = {"topic": message.topic, "retained": message.retained, "payload": payload}
    print(json.dumps(line, ensure_ascii=False), flush=True)


def _stdout_console() -> "Console":
    from rich.console import Console

    return Console(highlight=False, soft_wrap=True)


_NOT_FOR_PEOPLE = {"rest", "response"}


class _Lines:
    """Prints what is news to a person: one line an event, and changes of the sensor."""

    def __init__(self, topics: "Topics", console: "Console") -> None:
        self._topics = topics
        self._console = console
        self._seen: dict[str, str] = {}

    def show(self, message: "Message") -> None:
        """Print the message, if it is one for people."""
        found = self._topics.parse_wearer(message.topic)
        if found is None:
            return
        wearer, kind = found
        if kind in _NOT_FOR_PEOPLE or kind.startswith("command/"):
            return
        if kind == "availability":
            line = self._availability(wearer, message.payload)
        else:
            line = _sentence(kind, message)
        if line is not None:
            self._print(wearer, line)

    def _availability(self, wearer: str, payload: str) -> str | None:
        if self._seen.get(wearer) == payload:
            return None
        self._seen[wearer] = payload
        return f"sensor {payload}"

    def _print(self, wearer: str, line: str) -> None:
        from rich.text import Text

        name = Text(f"{wearer}  ", style="bold")
        self._console.print(name + Text(line))


def _sentence(kind: str, message: "Message") -> str | None:
    try:
        fields = json.loads(message.payload)
        if kind == "state" and message.retained:
            return _state(fields)
        sentence = _SENTENCES.get(fields.get("event"))
        return sentence(fields) if sentence is not None else None
    except (ValueError, KeyError, TypeError, AttributeError):
        # Somebody else's message below our topics, or one from another version.
        return f"{message.topic} {message.payload!r}"


def _state(fields: dict[str, Any]) -> str:
    match fields["phase"]:
        case "set":
            return f"set {fields['set']} is under way: {_reps(fields['reps'])} so far"
        case "rest":
            return f"resting after set {fields['set']}: {_reps(fields['reps'])}"
        case _:
            return "no workout under way"


def _rep(fields: dict[str, Any]) -> str:
    tempo = f"{fields['lift_s']:.1f} - {fields['hold_s']:.1f} - {fields['lower_s']:.1f} s"
    flags = "".join(f"  {flag.replace('_', ' ')}" for flag in fields["flags"])
    doubt = "  (to be confirmed)" if fields["provisional"] else ""
    return f"{fields['rep']:>3}   {tempo}   momentum {fields['momentum']:.2f}{flags}{doubt}"


def _finished(fields: dict[str, Any]) -> str:
    exercise = fields["exercise"].replace("_", " ")
    return f"set {fields['set']} finished: {_reps(fields['reps'])}, {exercise}"


def _reps(count: int) -> str:
    return "1 rep" if count == 1 else f"{count} reps"


_SENTENCES: dict[object, Callable[[dict[str, Any]], str]] = {
    "set_started": lambda fields: f"set {fields['set']} started",
    "rep": _rep,
    "cue": lambda fields: f"cue: {fields['text']}",
    "count_corrected": lambda fields: f"corrected to {_reps(fields['reps'])}",
    "exercise": lambda fields: f"looks like {fields['exercise'].replace('_', ' ')}",
    "set_finished": _finished,
    "set_due": lambda fields: f"next: {fields['name']}, set {fields['number']} of {fields['sets']}",
    "plan_finished": lambda fields: f"the plan is done: {fields['sets']} sets",
    "workout_finished": lambda fields: (
        f"workout finished: {fields['sets']} sets, {_reps(fields['reps'])}"
    ),
}
