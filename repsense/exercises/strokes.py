"""How the strokes of each exercise look from the wrist: numbers trained on simulated sets.

The file is made by ``python scripts/make_stroke_model``; what the numbers are applied to is said
in :mod:`repsense.pipeline.strokes`, how well they do in docs/form.md.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np

from repsense.errors import CatalogueError
from repsense.events import FormFlag
from repsense.samples import FloatArray

STROKES_FILE = "strokes.json"

_Entry = float | list[float] | list[list[float]] | None

#: The entry for exercises that are not known: all of the catalogue taken together.
ANY = "any"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StrokeModel:
    """What the strokes of one exercise mean.

    Parameters
    ----------
    place
        Weights that turn a cycle's profile into where in a rep it begins, as cosine
        and sine, shape (2, profile); None where the exercise is not known.
    part
        The share of the time from rep to rep that a rep takes.
    seconds
        Weights that turn a course, and of known exercises the marks after it, into the
        first stroke, the hold and the second stroke, s, shape (3, times). There is no
        constant term: a rep done twice as slowly takes twice the time.
    odds
        For each fault that is told so, weights of the traits of a rep, and a constant last,
        whose sum is the logarithm of the odds that it has the fault; none where the exercise
        is not known.
    reach
        Weights whose sum is the logarithm of a rep's range, but for a constant that
        differs from person to person; None where the exercise is not known.
    """

    place: FloatArray | None
    part: float
    seconds: FloatArray
    odds: Mapping[FormFlag, FloatArray]
    reach: FloatArray | None


@cache
def load_stroke_models() -> Mapping[str, StrokeModel]:
    """Return the models by exercise, and the one for any.

    Raises
    ------
    CatalogueError
        When the file is damaged.
    """
    text = (files("repsense.exercises") / STROKES_FILE).read_text("utf-8")
    try:
        return {name: _model(entry) for name, entry in json.loads(text).items()}
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise CatalogueError(
            f"{STROKES_FILE} is damaged ({error!r}). It comes with RepSense: install it anew."
        ) from error


def stroke_model(exercise: str | None) -> StrokeModel:
    """Return the model of an exercise, that for any where it has none of its own."""
    models = load_stroke_models()
    return models.get(exercise or ANY, models[ANY])


def _model(entry: Mapping[str, _Entry]) -> StrokeModel:
    return StrokeModel(
        place=_weights(entry["place"]),
        part=float(np.asarray(entry["part"] or 1.0)),
        seconds=np.array(entry["seconds"], dtype=np.float64),
        odds={flag: np.array(entry[flag]) for flag in FormFlag if entry.get(flag) is not None},
        reach=_weights(entry["reach"]),
    )


def _weights(values: _Entry) -> FloatArray | None:
    return None if values is None else np.array(values, dtype=np.float64)
