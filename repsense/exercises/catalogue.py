"""Read ``catalogue.yaml``, which travels inside the package, and add a user's own exercises."""

from collections.abc import Collection, Mapping
from difflib import get_close_matches
from functools import cache
from importlib.resources import files

from repsense.errors import CatalogueError
from repsense.exercises.entry import ExerciseEntry
from repsense.exercises.exercise import Exercise

CATALOGUE_FILE = "catalogue.yaml"


@cache
def load_catalogue() -> dict[str, Exercise]:
    """Return the exercises that come with RepSense by identifier, in the order of the file.

    Raises
    ------
    CatalogueError
        When an entry of the file lacks a key or has an impossible value.
    """
    return parse_catalogue((files("repsense.exercises") / CATALOGUE_FILE).read_text("utf-8"))


def with_own(own: Mapping[str, ExerciseEntry]) -> dict[str, Exercise]:
    """Return the catalogue and a user's own exercises; of two with one identifier, the user's."""
    return load_catalogue() | {key: entry.exercise(key) for key, entry in own.items()}


def find_exercise(exercise_id: str, catalogue: Mapping[str, Exercise] | None = None) -> Exercise:
    """Return the exercise with this identifier.

    Parameters
    ----------
    catalogue
        Where to look; None is what comes with RepSense.

    Raises
    ------
    CatalogueError
        When there is none, with the nearest identifier as a suggestion.
    """
    catalogue = load_catalogue() if catalogue is None else catalogue
    if exercise_id in catalogue:
        return catalogue[exercise_id]
    raise CatalogueError(unknown_exercise(exercise_id, catalogue))


def unknown_exercise(exercise_id: str, catalogue: Collection[str]) -> str:
    """Return the sentence about an identifier that stands for nothing."""
    near = get_close_matches(exercise_id, catalogue, n=1)
    hint = f"Did you mean '{near[0]}'?" if near else f"Known are: {', '.join(catalogue)}."
    return f"Unknown exercise '{exercise_id}'. {hint}"


def parse_catalogue(text: str) -> dict[str, Exercise]:
    """Return the exercises that the text of a catalogue file describes.

    Raises
    ------
    CatalogueError
        When the text is no YAML mapping, or entries have problems: one on each line.
    """
    # Loaded here because most commands know their exercises without asking the file.
    from ruamel.yaml import YAML  # noqa: PLC0415 - see above
    from ruamel.yaml.error import YAMLError  # noqa: PLC0415 - see above

    from repsense.binding import Binder, line_in_yaml  # noqa: PLC0415 - see above

    try:
        entries = YAML(typ="rt").load(text)
    except YAMLError as error:
        raise CatalogueError(f"{CATALOGUE_FILE} is not valid YAML: {error}") from error
    if not isinstance(entries, Mapping):
        raise CatalogueError(f"{CATALOGUE_FILE} must map exercise identifiers to their facts.")
    binder = Binder(CATALOGUE_FILE, line_in_yaml)
    made = binder.bind_each(ExerciseEntry, entries)
    if binder.problems:
        raise CatalogueError("\n".join(problem for _, problem in sorted(binder.problems)))
    return {key: entry.exercise(key) for key, entry in made.items()}
