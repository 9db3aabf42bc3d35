"""The trained numbers that tell the exercises apart, and their reader.

They are data that this project made: ``scripts/make_recognition_model`` trains them on simulated
sets and writes ``recognition.json``, which travels inside the package. What goes in and how it is
reckoned is in :mod:`repsense.pipeline.exercise`, which may not open files; this room may.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np

from repsense.errors import CatalogueError
from repsense.samples import FloatArray

MODEL_FILE = "recognition.json"

#: What is said of a movement that is none of the exercises.
UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Network:
    """One hidden layer: ``tanh(x @ hidden + hidden_bias) @ out + out_bias``.

    Parameters
    ----------
    hidden, hidden_bias
        Shapes (traits, units) and (units,).
    out, out_bias
        Shapes (units, names) and (names,).
    """

    hidden: FloatArray
    hidden_bias: FloatArray
    out: FloatArray
    out_bias: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ranges:
    """Where the exercises lie among all movements; networks know nothing far from there.

    Parameters
    ----------
    centres
        Mean of the scaled traits of each exercise, shape (exercises, traits looked at).
    precision
        Inverse of their common covariance, shape (traits looked at, traits looked at).
    early_farthest, final_farthest
        A set farther than this from an exercise's centre, as a mean over the traits, is
        none that was trained on: after the first reps, and at its end.
    """

    centres: FloatArray
    precision: FloatArray
    early_farthest: float
    final_farthest: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Classifier:
    """Several networks that vote, and how far to trust them.

    Parameters
    ----------
    mean, scale
        Of each trait in training, shape (traits,).
    networks
        Their outputs are averaged before they become probabilities.
    early_temperature, final_temperature
        Outputs are divided by this: above 1 makes a guess more modest. The one
        holds after the first reps, the other at the end of a set.
    ranges
        None trusts the networks everywhere.
    """

    mean: FloatArray
    scale: FloatArray
    networks: tuple[Network, ...]
    early_temperature: float
    final_temperature: float
    ranges: Ranges | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RecognitionModel:
    """Everything that has been learned.

    Parameters
    ----------
    names
        Identifiers of the exercises, and :data:`UNKNOWN` last.
    worn
        For a sensor of which is known how it sits on the arm.
    free
        For any other: nothing it uses changes when the sensor is turned.
    made_by
        The command that makes the same numbers again.
    """

    names: tuple[str, ...]
    worn: Classifier
    free: Classifier
    made_by: str


@cache
def load_model() -> RecognitionModel:
    """Return the model that comes with RepSense.

    Raises
    ------
    CatalogueError
        When its file is damaged.
    """
    return parse_model((files("repsense.exercises") / MODEL_FILE).read_text("utf-8"))


def parse_model(text: str) -> RecognitionModel:
    """Return the model that :func:`model_text` has written.

    Raises
    ------
    CatalogueError
        When the text is not JSON, or something is missing or has the wrong shape.
    """
    try:
        facts = json.loads(text)
        model = RecognitionModel(
            names=tuple(str(name) for name in facts["names"]),
            worn=_classifier(facts["worn"]),
            free=_classifier(facts["free"]),
            made_by=str(facts["made_by"]),
        )
        _check(model)
    except (KeyError, TypeError, ValueError) as error:
        raise CatalogueError(
            f"{MODEL_FILE} cannot be used ({error}): it is cut short or was edited. Make it again "
            f"with scripts/make_recognition_model, or install RepSense again."
        ) from error
    return model


def model_text(model: RecognitionModel) -> str:
    """Return the JSON text of a model: numbers to four digits, each row of an array a string."""
    return json.dumps(_plain(asdict(model)), indent=1) + "\n"


def _plain(value: object) -> object:
    """Return what JSON can hold."""
    if isinstance(value, np.ndarray):
        return [_plain(row) for row in value] if value.ndim > 1 else _row(value)
    if isinstance(value, float):
        return float(f"{value:.4g}")
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value


def _row(values: FloatArray) -> str:
    return " ".join(f"{value:.4g}" for value in values)


def _classifier(facts: Mapping[str, Any]) -> Classifier:
    networks = tuple(
        Network(**{name: _array(values) for name, values in network.items()})
        for network in facts["networks"]
    )
    return Classifier(
        mean=_array(facts["mean"]),
        scale=_array(facts["scale"]),
        networks=networks,
        early_temperature=float(facts["early_temperature"]),
        final_temperature=float(facts["final_temperature"]),
        ranges=_ranges(facts["ranges"]),
    )


def _ranges(facts: Mapping[str, Any] | None) -> Ranges | None:
    if facts is None:
        return None
    return Ranges(
        centres=_array(facts["centres"]),
        precision=_array(facts["precision"]),
        early_farthest=float(facts["early_farthest"]),
        final_farthest=float(facts["final_farthest"]),
    )


def _array(rows: str | list[str]) -> FloatArray:
    if isinstance(rows, str):
        return np.array([float(number) for number in rows.split()])
    return np.stack([_array(row) for row in rows])


def _check(model: RecognitionModel) -> None:
    if model.names[-1:] != (UNKNOWN,):
        raise ValueError(f"the last name is not '{UNKNOWN}'")
    for one in (model.worn, model.free):
        if one.ranges is not None and not _fits(one.ranges, len(model.names), one.mean.size):
            raise ValueError("its ranges do not fit its names or traits")
        for network in one.networks:
            traits, units = network.hidden.shape
            fits = network.out.shape == (units, len(model.names)) and one.mean.shape == (traits,)
            if not fits:
                raise ValueError("its arrays do not fit together")


def _fits(ranges: Ranges, names: int, traits: int) -> bool:
    exercises, looked_at = ranges.centres.shape
    square = ranges.precision.shape == (looked_at, looked_at)
    return exercises == names - 1 and looked_at <= traits and square
