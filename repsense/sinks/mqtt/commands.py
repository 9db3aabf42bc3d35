"""What may be asked of a wearer's counting over MQTT: each command checked against its form.

Payloads come from anybody who can reach the broker, so whatever is not exactly
right is refused with a reason, and nothing here can fail in any other way.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from repsense.errors import CommandError

Fields = Mapping[str, str | int | None]
OnCommand = Callable[[str, str, Fields], None]

#: What stands for "leave the exercise to be recognised".
AUTOMATIC = "automatic"
# What Home Assistant's button sends when nothing else is configured.
BUTTON_PRESS = "PRESS"
MOST_REPS = 100

LONGEST_PAYLOAD = 1024
_LONGEST_EXERCISE = 64
_LONGEST_TRANSACTION = 64
_LONGEST_SHOWN = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """What a command carries.

    Parameters
    ----------
    field
        The one field it may have, None for a command that is all said with its name.
    required
        It makes no sense without the field.
    """

    field: str | None = None
    required: bool = False


COMMANDS: Mapping[str, Form] = {
    "start_set": Form(field="exercise"),
    "end_set": Form(),
    "undo_rep": Form(),
    "next_exercise": Form(),
    "calibrate": Form(field="exercise"),
    "exercise": Form(field="exercise", required=True),
    "target_reps": Form(field="reps", required=True),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A command that is understood.

    Parameters
    ----------
    fields
        What it carries, checked.
    transaction
        Mark that the sender wants to see again in the response.
    """

    name: str
    fields: Fields
    transaction: str | int | None = None


def parse(name: str, payload: str) -> Command:
    """Return the command ``name`` with what its payload says.

    Empty, and what Home Assistant's button sends, carry nothing. Anything else is a
    JSON object, or the command's one field as it is: a word, or a number.

    Raises
    ------
    CommandError
        When there is no such command, or the payload does not fit it.
    """
    form = COMMANDS.get(name)
    if form is None:
        raise CommandError(f"There is no command {shown(name)}: use one of {', '.join(COMMANDS)}.")
    if len(payload) > LONGEST_PAYLOAD:
        raise CommandError(
            f"A command came with {len(payload)} characters: send at most {LONGEST_PAYLOAD}."
        )
    fields = _fields(form, payload)
    transaction = _whole(fields.pop("transaction", None))
    if not _is_transaction(transaction) or not set(fields) <= {form.field}:
        raise _not_understood(name, form, payload)
    if form.field is None or (form.field not in fields and not form.required):
        return Command(name=name, fields={}, transaction=transaction)
    check = _reps if form.field == "reps" else _exercise
    known, value = check(fields.get(form.field))
    if form.field not in fields or not known:
        raise _not_understood(name, form, payload)
    return Command(name=name, fields={form.field: value}, transaction=transaction)


def shown(text: str) -> str:
    """Return a foreign text safe to show: quoted, without control characters, cut where long."""
    cut = text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}..."
    return repr(cut)


def _fields(form: Form, payload: str) -> dict[str, Any]:
    text = payload.strip()
    if text in {"", BUTTON_PRESS}:
        return {}
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        value = text
    if isinstance(value, dict):
        return value
    # A command that carries nothing keeps what came, so that it is seen not to fit.
    return {form.field or "payload": value}


def _exercise(value: object) -> tuple[bool, str | None]:
    """Return whether this can be an exercise, and its identifier; None is automatic."""
    if value is None:
        return True, None
    if not isinstance(value, str) or len(value) > _LONGEST_EXERCISE:
        return False, None
    identifier = value.strip().lower().replace(" ", "_").replace("-", "_")
    if identifier == AUTOMATIC:
        return True, None
    return identifier.isascii() and identifier.isidentifier(), identifier


def _reps(value: object) -> tuple[bool, int | None]:
    value = _whole(value)
    possible = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST_REPS
    return possible, value if isinstance(value, int) else None


def _whole(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """Return a number like 3.0 as the integer that it is in JSON, anything else as it is."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _is_transaction(value: object) -> bool:
    if isinstance(value, str):
        return len(value) <= _LONGEST_TRANSACTION and value.isprintable()
    return value is None or (isinstance(value, int) and not isinstance(value, bool))


def _not_understood(name: str, form: Form, payload: str) -> CommandError:
    match form.field:
        case "exercise":
            use = 'the exercise as one word, or JSON like {"exercise": "front_raise"}'
        case "reps":
            use = f'a whole number from 0 to {MOST_REPS}, or JSON like {{"reps": 10}}'
        case _:
            use = "nothing"
    nothing = "" if form.required or form.field is None else "nothing, "
    return CommandError(
        f"The command {name} came with {shown(payload)}, which it does not understand: send "
        f"{nothing}{use}."
    )
