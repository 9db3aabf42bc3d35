"""JSON from a phone, taken apart without trust: what is no number is a ``DecodeError``."""

import json
import math
from collections.abc import Sequence

import numpy as np

from repsense.errors import DecodeError
from repsense.samples import FloatArray

_SHOWN = 60
# No sensor of a phone says more, in any unit; beyond it arithmetic may overflow.
_MOST = 1e6


def parse(message: str | bytes, *, title: str) -> dict[str, object]:
    """Return the JSON object that a message is.

    Raises
    ------
    DecodeError
        When it is not JSON, or JSON but no object.
    """
    try:
        value: object = json.loads(message)
    except (ValueError, RecursionError) as error:
        raise DecodeError(
            f"{title} sent something that is not JSON: {shown(message)}. Is this its address?"
        ) from error
    return mapping(value, what=f"what {title} sent")


def mapping(value: object, *, what: str) -> dict[str, object]:
    """Return ``value`` if it is a JSON object, else raise :class:`DecodeError`."""
    if not isinstance(value, dict):
        raise DecodeError(f"A JSON object was expected as {what}, but got {shown(value)}.")
    return value


def entries(value: object, *, what: str) -> Sequence[object]:
    """Return ``value`` if it is a JSON array, else raise :class:`DecodeError`."""
    if not isinstance(value, list):
        raise DecodeError(f"A list was expected as {what}, but got {shown(value)}.")
    return value


def number(value: object, *, what: str) -> float:
    """Return ``value`` if it is a finite number, else raise :class:`DecodeError`."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            as_float = float(value)
        except OverflowError:
            as_float = math.inf
        if math.isfinite(as_float):
            return as_float
    raise DecodeError(f"A number was expected as {what}, but got {shown(value)}.")


def count(value: object, *, what: str, most: int = 2**53) -> int:
    """Return ``value`` if it is a whole number from 0 to ``most``, else raise ``DecodeError``."""
    whole = number(value, what=what)
    if whole != int(whole) or not 0 <= whole <= most:
        raise DecodeError(f"A count was expected as {what}, but got {shown(value)}.")
    # Not through the float: a time in nanoseconds has more digits than that.
    return int(value) if isinstance(value, int) else int(whole)


def vector(values: dict[str, object], names: Sequence[str], *, what: str) -> list[float]:
    """Return the measured numbers called ``names``."""
    return [measured(values.get(name), what=f"{name} of {what}") for name in names]


def measured(value: object, *, what: str) -> float:
    """Return ``value`` if a sensor may have said it, else raise :class:`DecodeError`."""
    said = number(value, what=what)
    if abs(said) > _MOST:
        raise DecodeError(f"No sensor measures {said:.4g}, which came as {what}.")
    return said


def table(rows: Sequence[Sequence[float]], columns: int) -> FloatArray:
    """Return rows as an array of shape (n, columns); also for none at all."""
    return np.array(rows, dtype=np.float64).reshape(len(rows), columns)


def shown(value: object) -> str:
    """Return a value for a message to people: never more than a few words of it."""
    text = repr(value) if isinstance(value, str | bytes | int | float) else type(value).__name__
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
