"""What one person's clean reps of an exercise are like, and the event that says so."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """What one person's clean reps of an exercise are like: medians.

    Parameters
    ----------
    exercise
        Identifier from the catalogue.
    reps
        How many clean reps it was measured on.
    rep_s
        From a rep's start to its end.
    lift_s, lower_s, away_s
        The phases, and the time from half the way there to half the way back.
    range_rad
        How far the forearm turns away from its start posture.
    weight
        How much the arm weighs at most in the lift, in its own weights.
    jolt_g, rebound_g
        How rough the lift is, and how much heavier than at rest the arm feels at the turn.
    """

    exercise: str
    reps: int
    rep_s: float
    lift_s: float
    lower_s: float
    away_s: float
    range_rad: float
    weight: float
    jolt_g: float
    rebound_g: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibrated:
    """A set was taken as the measure of this person's reps of an exercise."""

    kind: ClassVar[str] = "calibrated"
    calibration: Calibration
    announced_s: float
