"""Stick figures of an exercise: the same joints that the simulator moves, drawn at start and turn.

Lengths are those of an average person; legs, supports and floor follow from the
posture. Lines are in metres on paper, u to the right and v up.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from repsense.exercises import Arms, Exercise, Posture
from repsense.samples import FloatArray
from repsense.simulator.kinematics import Body
from repsense.simulator.legs import Leg, bent, legs_of
from repsense.simulator.paths import JOINT_PATHS, JointPath
from repsense.simulator.pose import CHANNELS, Pose

_HEIGHT_M = 1.72
_BODY = Body.of_height(_HEIGHT_M)
# Elbow to grip, neck to the middle of the head, radius of head and weight (shares of the height).
_GRIP_M = 0.19 * _HEIGHT_M
_NECK_M = 0.115 * _HEIGHT_M
_HEAD_M = 0.062 * _HEIGHT_M
_WEIGHT_M = 0.035 * _HEIGHT_M
_HIP_M = 0.53 * _HEIGHT_M
_STEPS = 12

# Some ways are hard to see on paper; these are drawn so many times as long as they are done.
_DRAWN_FURTHER = {"shrug": 1.8, "lat_pulldown": 1.25}
# A way straight up or down would hide behind the arm, so it is drawn this far beside it, m.
_BESIDE_M = 0.15


class Role(StrEnum):
    """What a line is, so that it can be drawn accordingly."""

    BODY = "body"
    FAR = "far"
    FLOOR = "floor"
    PROP = "prop"
    WAY = "way"


@dataclass(frozen=True, slots=True)
class Line:
    """A line through some points (u, v), m."""

    points: tuple[tuple[float, float], ...]
    role: Role


@dataclass(frozen=True, slots=True)
class Circle:
    """A head or a weight: middle (u, v) and radius, m."""

    middle: tuple[float, float]
    radius_m: float
    filled: bool


@dataclass(frozen=True, slots=True)
class Figure:
    """A person at one moment."""

    lines: tuple[Line, ...]
    circles: tuple[Circle, ...]

    def bounds(self) -> tuple[float, float, float, float]:
        """Return least and most u, least and most v, of all but the floor, m."""
        points = [p for line in self.lines if line.role is not Role.FLOOR for p in line.points]
        for circle in self.circles:
            (u, v), r = circle.middle, circle.radius_m
            points += [(u - r, v - r), (u + r, v + r)]
        us, vs = zip(*points, strict=True)
        return min(us), max(us), min(vs), max(vs)


def figures_of(exercise: Exercise) -> tuple[Figure, Figure] | None:
    """Return the figures at start and turn; None where the simulator does not know the exercise.

    Seen from the side or from ahead, whichever shows more of the weight's way. The
    second figure carries that way.
    """
    path = JOINT_PATHS.get(exercise.id)
    if path is None:
        return None
    poses = _poses(path, _DRAWN_FURTHER.get(exercise.id, 1.0))
    way = np.array([_arm(pose, left=False)[-1] for pose in poses])
    across = 1 if np.ptp(way[:, 1]) >= np.ptp(way[:, 0]) - 0.02 else 0
    start, turn = (_figure(exercise, path, pose, across) for pose in (poses[0], poses[-1]))
    if np.ptp(way[:, across]) < 0.05:
        way[:, across] -= _BESIDE_M
    else:
        way = way[:-2]  # so that the weight does not hide where it leads
    drawn = Line(_flat(way, across), Role.WAY)
    return start, Figure((*turn.lines, drawn), turn.circles)


def _poses(path: JointPath, further: float) -> list[Pose]:
    """Return the poses from start to turn, or ``further`` times as far."""
    share = np.linspace(0.0, further, _STEPS)[:, None]
    values = path.start.vector() * (1.0 - share) + path.turn.vector() * share
    return [Pose(**dict(zip(CHANNELS, map(float, one), strict=True))) for one in values]


def _figure(exercise: Exercise, path: JointPath, pose: Pose, across: int) -> Figure:
    hips = np.array([pose.hips_x, 0.0, pose.hips_z])
    neck = hips + _BODY.trunk_m * _trunk(pose)
    head = neck + _NECK_M * _trunk(pose)
    legs = legs_of(exercise.posture, hips, _HEIGHT_M)
    worn = _arm(pose, left=False)
    other = _other_arm(exercise, path, pose, legs)
    floor_v = _floor(exercise.posture, path)
    lines = [
        *(Line(_flat(leg.points(floor_v), across), _role(leg.far, across)) for leg in legs),
        Line(_flat(np.array([leg.hip for leg in legs]), across), Role.BODY),
        Line(_flat(np.array([hips, neck, head - _HEAD_M * _trunk(pose)]), across), Role.BODY),
        Line(_flat(np.array([worn[0], other[0]]), across), Role.BODY),
        Line(_flat(other, across), _role(True, across)),
        Line(_flat(worn, across), Role.BODY),
        *_props(exercise, hips, worn, other, across),
        Line(_flat(np.array([[-1.3, -0.9, floor_v], [1.3, 0.9, floor_v]]), across), Role.FLOOR),
    ]
    hands = [worn[-1]] if exercise.arms is Arms.PER_SIDE else [worn[-1], other[-1]]
    weights = [] if exercise.posture is Posture.SEATED else hands
    circles = [
        Circle(_flat(head[None], across)[0], _HEAD_M, filled=False),
        *(Circle(_flat(one[None], across)[0], _WEIGHT_M, filled=True) for one in weights),
    ]
    return Figure(tuple(lines), tuple(circles))


def _role(far: bool, across: int) -> Role:
    """Return how a limb of the far side is drawn: from ahead there is no far side."""
    return Role.FAR if far and across == 0 else Role.BODY


def _floor(posture: Posture, path: JointPath) -> float:
    if posture is Posture.PLANK:
        return float(_arm(path.start, left=False)[-1][2]) - _WEIGHT_M
    if posture is Posture.LYING:
        return path.start.hips_z - _HEAD_M
    return -_HIP_M


def _trunk(pose: Pose) -> FloatArray:
    lean = np.radians(pose.lean)
    return np.array([np.sin(lean), 0.0, np.cos(lean)])


def _arm(pose: Pose, *, left: bool) -> FloatArray:
    """Return shoulder, elbow and grip, shape (3, 3), m."""
    lean, turn = np.radians(pose.lean), np.radians(pose.turn)
    side = 1.0 if left else -1.0
    aside = _BODY.half_shoulders_m * np.cos(turn)
    back = -side * _BODY.half_shoulders_m * np.sin(turn)
    shoulder = np.array(
        [
            pose.hips_x + _BODY.trunk_m * np.sin(lean) - back * np.cos(lean),
            side * aside,
            pose.hips_z + _BODY.trunk_m * np.cos(lean) + back * np.sin(lean) + pose.shoulder_lift,
        ]
    )
    elbow = shoulder + _BODY.upper_arm_m * _pointing(pose.upper_raise, pose.upper_spread, side)
    grip = elbow + _GRIP_M * _pointing(pose.fore_raise, pose.fore_spread, side)
    return np.array([shoulder, elbow, grip])


def _pointing(raise_deg: float, spread_deg: float, side: float) -> FloatArray:
    raised, spread = np.radians(raise_deg), np.radians(spread_deg)
    return np.array(
        [
            np.sin(raised) * np.cos(spread),
            side * np.sin(spread),
            -np.cos(raised) * np.cos(spread),
        ]
    )


def _other_arm(exercise: Exercise, path: JointPath, pose: Pose, legs: list[Leg]) -> FloatArray:
    """Return the arm without the band: as the worn one, waiting, or holding on to the bench."""
    if exercise.arms is Arms.BOTH:
        return _arm(pose, left=True)
    if exercise.posture is Posture.BENCH:
        shoulder = _arm(path.start, left=True)[0]
        rest_m = legs[0].knee[2]
        hand = np.array([shoulder[0] + 0.05, shoulder[1], rest_m])
        elbow = bent(shoulder, hand, _BODY.upper_arm_m, _GRIP_M, towards=-1.0)
        return np.array([shoulder, elbow, hand])
    return _arm(path.idle or path.start, left=True)


def _props(
    exercise: Exercise, hips: FloatArray, worn: FloatArray, other: FloatArray, across: int
) -> Iterator[Line]:
    """Yield the bench, the seat, the bar and its cable."""
    if exercise.posture is Posture.BENCH:
        top_m = float(other[-1][2]) - 0.02
        hips_x = float(hips[0])
        bench = np.array([[hips_x - 0.55, 0.2, top_m], [hips_x + 0.65, 0.2, top_m]])
        yield Line(_flat(bench, across), Role.PROP)
    if exercise.posture is Posture.SEATED:
        seat = np.array([[-0.2, -0.25, -0.06], [0.25, 0.25, -0.06]]) + hips
        yield Line(_flat(seat, across), Role.PROP)
        reach = 0.12 * (worn[-1] - other[-1])
        yield Line(_flat(np.array([worn[-1] + reach, other[-1] - reach]), across), Role.PROP)
        middle = 0.5 * (worn[-1] + other[-1])
        above = np.array([middle[0], middle[1], hips[2] + 1.45])
        yield Line(_flat(np.array([middle, above]), across), Role.FAR)


def _flat(points: FloatArray, across: int) -> tuple[tuple[float, float], ...]:
    """Return points of shape (n, 3) as seen from the right side, or from ahead."""
    return tuple((float(one[across]), float(one[2])) for one in points)
