"""Read ``catalogue.yaml``, which travels inside the package."""

from collections.abc import Mapping
from difflib import get_close_matches
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any, TypeVar

from repsense.errors import CatalogueError
from repsense.events import FormFlag
from repsense.exercises.exercise import Arms, Cue, Exercise, Posture, Tempo

CATALOGUE_FILE = "catalogue.yaml"

_Choice = TypeVar("_Choice", bound=StrEnum)


@cache
def load_catalogue() -> dict[str, Exercise]:
    """Return the exercises by identifier, in the order of the file.

    Raises
    ------
    CatalogueError
        When an entry of the file lacks a key or has an impossible value.
    """
    return parse_catalogue((files("repsense.exercises") / CATALOGUE_FILE).read_text("utf-8"))


def find_exercise(exercise_id: str) -> Exercise:
    """Return the exercise with this identifier.

    Raises
    ------
    CatalogueError
        When there is none, with the nearest identifier as a suggestion.
    """
    catalogue = load_catalogue()
    if exercise_id in catalogue:
        return catalogue[exercise_id]
    near = get_close_matches(exercise_id, catalogue, n=1)
    hint = f"Did you mean '{near[0]}'?" if near else f"Known are: {', '.join(catalogue)}."
    raise CatalogueError(f"Unknown exercise '{exercise_id}'. {hint}")


def parse_catalogue(text: str) -> dict[str, Exercise]:
    """Return the exercises that the text of a catalogue file describes.

    Raises
    ------
    CatalogueError
        When the text is no YAML mapping, or an entry is not complete.
    """
    # Loaded here because most commands know their exercises without asking the file.
    from ruamel.yaml import YAML  # noqa: PLC0415 - see above
    from ruamel.yaml.error import YAMLError  # noqa: PLC0415 - see above

    try:
        entries = YAML(typ="safe").load(text)
    except YAMLError as error:
        raise CatalogueError(f"{CATALOGUE_FILE} is not valid YAML: {error}") from error
    if not isinstance(entries, Mapping):
        raise CatalogueError(f"{CATALOGUE_FILE} must map exercise identifiers to their facts.")
    return {str(key): _exercise(str(key), entry) for key, entry in entries.items()}


def _exercise(key: str, entry: Mapping[str, Any]) -> Exercise:
    try:
        return Exercise(
            id=key,
            name=str(entry["name"]),
            other_names=tuple(entry["other_names"]),
            posture=_choice(Posture, entry["posture"], key),
            arms=_choice(Arms, entry["arms"], key),
            reps_min=int(entry["reps"][0]),
            reps_max=int(entry["reps"][1]),
            concentric_first=bool(entry["concentric_first"]),
            tempo=Tempo(**{name: float(value) for name, value in entry["tempo"].items()}),
            hold_asked_s=float(entry["hold_asked_s"]),
            cues=tuple(
                Cue(flag=_choice(FormFlag, flag, key), text=str(text))
                for flag, text in entry["cues"].items()
            ),
            reminders=tuple(entry["reminders"]),
            muscles=tuple(entry["muscles"]),
        )
    except KeyError as error:
        raise CatalogueError(
            f"{CATALOGUE_FILE}, {key}: the key {error} is missing. Every exercise has the same "
            f"keys: copy them from its neighbour."
        ) from error
    except (AttributeError, IndexError, TypeError, ValueError) as error:
        raise CatalogueError(
            f"{CATALOGUE_FILE}, {key}: a value has the wrong shape ({error}). Compare it with "
            f"its neighbour."
        ) from error


def _choice(choices: type[_Choice], value: object, key: str) -> _Choice:
    try:
        return choices(str(value))
    except ValueError as error:
        raise CatalogueError(
            f"{CATALOGUE_FILE}, {key}: '{value}' is none of {', '.join(choices)}."
        ) from error
