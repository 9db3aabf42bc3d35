"""Legs for a stick figure: where they go follows from the posture."""

from dataclasses import dataclass

import numpy as np

from repsense.exercises import Posture
from repsense.samples import FloatArray

# Shares of the height: hip to knee, knee to sole, half the distance of the hips, and a foot.
_THIGH, _SHANK, _HALF_HIPS, _FOOT = 0.245, 0.285, 0.05, 0.1


@dataclass(frozen=True, slots=True, eq=False)
class Leg:
    """One leg: its joints (x, y, z), m.

    Parameters
    ----------
    toe
        Where the foot points; None where it is not drawn.
    far
        It is the one away from who looks from the right.
    grounded
        The foot stands on the floor, wherever that is drawn.
    """

    hip: FloatArray
    knee: FloatArray
    ankle: FloatArray
    toe: FloatArray | None
    far: bool
    grounded: bool = True

    def points(self, floor_m: float) -> FloatArray:
        """Return the joints in order, shape (n, 3), the foot on the floor."""
        joints = [self.hip, self.knee, self.ankle]
        if self.toe is not None:
            joints.append(self.toe)
        points = np.array(joints)
        if self.grounded:
            points[2:, 2] = floor_m
        return points


def bent(
    root: FloatArray, end: FloatArray, first_m: float, second_m: float, *, towards: float
) -> FloatArray:
    """Return the joint between two links that reach from root to end.

    Parameters
    ----------
    first_m, second_m
        Lengths of the links, m.
    towards
        +1 bends it ahead, -1 backwards.
    """
    way = end - root
    length = min(float(np.linalg.norm(way)), 0.999 * (first_m + second_m))
    along = way / (np.linalg.norm(way) + 1e-9)
    reach = (first_m**2 - second_m**2 + length**2) / (2.0 * length)
    out = np.sqrt(max(first_m**2 - reach**2, 0.0))
    aside = np.array([along[2], 0.0, -along[0]])
    if aside[0] * towards < 0 or (abs(aside[0]) < 1e-9 and aside[2] * towards < 0):
        aside = -aside
    return np.asarray(root + reach * along + out * aside)


def legs_of(posture: Posture, hips: FloatArray, height_m: float) -> list[Leg]:
    """Return the far leg and the near one, for hips at (x, y, z) from where they stand."""
    thigh_m, shank_m = _THIGH * height_m, _SHANK * height_m
    floor_m = -(thigh_m + shank_m)
    aside = np.array([0.0, _HALF_HIPS * height_m, 0.0])
    foot = np.array([_FOOT * height_m, 0.0, 0.0])

    def standing(side: float, ahead_m: float) -> Leg:
        hip = hips + side * aside
        ankle = np.array([ahead_m, float(hip[1]), floor_m])
        knee = bent(hip, ankle, thigh_m, shank_m, towards=1.0)
        return Leg(hip, knee, ankle, ankle + foot, far=side > 0)

    match posture:
        case Posture.SPLIT_STANCE:
            return [standing(1.0, 0.28), standing(-1.0, -0.42)]
        case Posture.SEATED:
            return [_seated(hips + side * aside, thigh_m, floor_m, foot) for side in (1.0, -1.0)]
        case Posture.LYING:
            return [_lying(hips + side * aside, thigh_m, shank_m, floor_m) for side in (1.0, -1.0)]
        case Posture.PLANK:
            return [_plank(hips + side * aside, thigh_m + shank_m) for side in (1.0, -1.0)]
        case Posture.BENCH:
            return [_kneeling(hips + aside, thigh_m, shank_m), standing(-1.0, float(hips[0]))]
        case _:
            return [standing(side, 0.0) for side in (1.0, -1.0)]


def _seated(hip: FloatArray, thigh_m: float, floor_m: float, foot: FloatArray) -> Leg:
    knee = hip + np.array([thigh_m, 2.0 * float(hip[1]), 0.0])
    ankle = np.array([float(knee[0]), float(knee[1]), floor_m])
    return Leg(hip, knee, ankle, ankle + foot, far=float(hip[1]) > 0)


def _lying(hip: FloatArray, thigh_m: float, shank_m: float, floor_m: float) -> Leg:
    ankle = np.array([float(hip[0]) + 0.95 * thigh_m, float(hip[1]), floor_m])
    knee = bent(hip, ankle, thigh_m, shank_m, towards=1.0)
    return Leg(hip, knee, ankle, ankle + np.array([0.16, 0.0, 0.0]), far=float(hip[1]) > 0)


def _plank(hip: FloatArray, leg_m: float) -> Leg:
    back = np.array([-np.cos(np.radians(22.0)), 0.0, -np.sin(np.radians(22.0))])
    return Leg(hip, hip + 0.46 * leg_m * back, hip + leg_m * back, None, far=float(hip[1]) > 0)


def _kneeling(hip: FloatArray, thigh_m: float, shank_m: float) -> Leg:
    knee = hip + np.array([0.0, 0.0, -thigh_m])
    ankle = knee + np.array([-shank_m, 0.0, 0.0])
    return Leg(hip, knee, ankle, None, far=True, grounded=False)
