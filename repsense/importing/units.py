"""From whatever unit to g, and said so: by what the file states, checked by the length of gravity.

Whoever moves, the middle length of specific force stays near 1 g. So its median says
the unit where a file does not, and contradicts a file that states the wrong one.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from repsense.errors import ForeignFileError
from repsense.samples import FloatArray


class Unit(StrEnum):
    """A unit of acceleration."""

    G = "g"
    MPS2 = "m/s2"
    MILLI_G = "mg"
    COUNTS = "counts"


class Gravity(StrEnum):
    """What a file holds of gravity."""

    PRESENT = "present"
    ADDED = "added back"
    MISSING = "missing"


class TurnUnit(StrEnum):
    """A unit of angular rate."""

    RADPS = "rad/s"
    DPS = "deg/s"


#: Standard gravity (CGPM 1901), m/s2.
STANDARD_GRAVITY_MPS2 = 9.80665

_PER_G = {Unit.G: 1.0, Unit.MPS2: STANDARD_GRAVITY_MPS2, Unit.MILLI_G: 1000.0}
_SHOWN = {Unit.G: "g", Unit.MPS2: "m/s²", Unit.MILLI_G: "milli-g", Unit.COUNTS: "raw counts"}
# A middle length between these, in g, is gravity: brisk sets, and chips that are 20 % off.
_LEAST_G, _MOST_G = 0.6, 1.6
# Below this, in g, no wrist is: gravity was taken out.
_TAKEN_OUT_G = 0.4
_PER_TURN = {TurnUnit.DPS: 1.0, TurnUnit.RADPS: float(np.rad2deg(1.0))}


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """How the numbers of a file became g.

    Parameters
    ----------
    unit
        What they were in.
    median_size
        Their middle length in that unit, gravity included where it is there.
    gravity
        Whether gravity was in them.
    """

    unit: Unit
    median_size: float
    gravity: Gravity

    def __str__(self) -> str:
        """Say it to a person."""
        told = f"unit {_SHOWN[self.unit]} (median size {self.median_size:.4g})"
        if self.unit is Unit.COUNTS:
            told = f"{told} taken as 1 g"
        return f"{told}, gravity {self.gravity}"


def per_g(unit: Unit) -> float:
    """Return how much 1 g is in ``unit``."""
    return _PER_G[unit]


def in_dps(rates: FloatArray, unit: TurnUnit) -> FloatArray:
    """Return angular rates in degrees per second."""
    return rates * _PER_TURN[unit]


def middle_length(vectors: FloatArray) -> float:
    """Return the median length of vectors of shape (n, 3)."""
    return float(np.median(np.linalg.norm(vectors, axis=1)))


def scale_of(
    vectors: FloatArray,
    *,
    where: str,
    stated: Unit | None,
    asked: Unit | None,
    gravity: Gravity,
) -> Scale:
    """Return how vectors of shape (n, 3) become g.

    Parameters
    ----------
    where
        What messages call the file.
    stated
        The unit that the file or its documentation names.
    asked
        The unit that the person names, who knows better.
    gravity
        What the file says of it; where it says present but the length is far too
        short, it was taken out all the same.

    Raises
    ------
    ForeignFileError
        When the unit cannot be told, or is plainly not the stated one.
    """
    size = middle_length(vectors)
    if asked is not None:
        return Scale(unit=asked, median_size=size, gravity=_seen(size / per_g(asked), gravity))
    if stated is Unit.COUNTS:
        _check_counts(size, where)
        return Scale(unit=stated, median_size=size, gravity=gravity)
    if gravity is Gravity.MISSING:
        return Scale(unit=_without(stated, where), median_size=size, gravity=gravity)
    fitting = next((unit for unit in _PER_G if _is_gravity(size / per_g(unit))), None)
    if stated is None:
        if fitting is None:
            raise ForeignFileError(_unknown(where, size))
        return Scale(unit=fitting, median_size=size, gravity=gravity)
    if fitting not in {None, stated}:
        raise ForeignFileError(
            f"{where}: the acceleration is said to be in {_SHOWN[stated]}, but its middle size is "
            f"{size:.4g}, as if in {_SHOWN[fitting or stated]} (or without gravity): say "
            f"which unit it is with --unit."
        )
    in_g = size / per_g(stated)
    if in_g > _MOST_G * 2:
        raise ForeignFileError(_unknown(where, size))
    return Scale(unit=stated, median_size=size, gravity=_seen(in_g, gravity))


def _check_counts(size: float, where: str) -> None:
    if size <= 0:
        raise ForeignFileError(f"{where}: the acceleration is zero throughout: export it again.")


def _without(stated: Unit | None, where: str) -> Unit:
    if stated is None:
        raise ForeignFileError(
            f"{where}: gravity was taken out and no unit is stated, so the unit cannot be told: "
            f"say it with --unit g or --unit m/s2."
        )
    return stated


def _is_gravity(size_g: float) -> bool:
    return _LEAST_G <= size_g <= _MOST_G


def _seen(size_g: float, gravity: Gravity) -> Gravity:
    return Gravity.MISSING if size_g < _TAKEN_OUT_G else gravity


def _unknown(where: str, size: float) -> str:
    return (
        f"{where}: the middle size of the acceleration is {size:.4g}, which is 1 g in no unit "
        f"known here (1 in g, 9.81 in m/s², 1000 in milli-g): was gravity removed, or are these "
        f"raw counts? Say the unit with --unit."
    )
