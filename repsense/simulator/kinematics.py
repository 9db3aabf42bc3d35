"""From the path of the joints to what a sensor on the wrist feels.

The world is x ahead, y to the left, z up. The arm is computed as a right arm;
a left arm is its mirror image. The forearm's frame is x along the forearm to
the hand, z out of the back of the wrist, y across (right-handed).
"""

from dataclasses import dataclass

import numpy as np

from repsense.samples import FloatArray
from repsense.simulator.pose import CHANNEL

STANDARD_GRAVITY_MPS2 = 9.80665


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """Lengths of the links that carry the sensor, in m.

    The shares of the standing height follow Winter, *Biomechanics and Motor
    Control of Human Movement*, table 4.1; the band sits a thumb's width above
    the wrist.
    """

    trunk_m: float
    half_shoulders_m: float
    upper_arm_m: float
    elbow_to_band_m: float

    @classmethod
    def of_height(cls, height_m: float) -> "Body":
        """Return the links of an average person of this height."""
        return cls(
            trunk_m=0.288 * height_m,
            half_shoulders_m=0.115 * height_m,
            upper_arm_m=0.186 * height_m,
            elbow_to_band_m=0.134 * height_m,
        )


def band_position_m(joints: FloatArray, body: Body) -> FloatArray:
    """Return where the band is, shape (n, 3), for joint values of shape (n, channels)."""
    lean, turn = _radians(joints, "lean"), _radians(joints, "turn")
    across, back = body.half_shoulders_m * np.cos(turn), body.half_shoulders_m * np.sin(turn)
    shoulder = np.stack(
        [
            joints[:, CHANNEL["hips_x"]] + body.trunk_m * np.sin(lean) - back * np.cos(lean),
            -joints[:, CHANNEL["hips_y"]] - across,
            joints[:, CHANNEL["hips_z"]]
            + body.trunk_m * np.cos(lean)
            + back * np.sin(lean)
            + joints[:, CHANNEL["shoulder_lift"]],
        ],
        axis=1,
    )
    elbow = shoulder + body.upper_arm_m * _pointing(joints, "upper")
    band = elbow + body.elbow_to_band_m * _pointing(joints, "fore")
    return np.asarray(np.einsum("nij,nj->ni", _heading(joints), band))


def forearm_axes(joints: FloatArray) -> FloatArray:
    """Return the forearm's frame in the world: rotations of shape (n, 3, 3), axes in columns."""
    raised, spread = _radians(joints, "fore_raise"), _radians(joints, "fore_spread")
    pronated = _radians(joints, "pronation")[:, None]
    along = _pointing(joints, "fore")
    across = np.stack([np.cos(raised), np.zeros_like(raised), np.sin(raised)], axis=1)
    outward = np.stack(
        [-np.sin(raised) * np.sin(spread), -np.cos(spread), np.cos(raised) * np.sin(spread)],
        axis=1,
    )
    y = np.cos(pronated) * across - np.sin(pronated) * outward
    z = np.sin(pronated) * across + np.cos(pronated) * outward
    return np.asarray(_heading(joints) @ np.stack([along, y, z], axis=2))


def specific_force_g(position_m: FloatArray, axes: FloatArray, step_s: float) -> FloatArray:
    """Return specific force in the forearm's frame in g, shape (n, 3): +1 along up at rest.

    Steps
    -----
    1. Acceleration of the band: second central difference of its position.
    2. Take gravity off, turn into the forearm's frame.
    """
    world = np.zeros_like(position_m)
    world[1:-1] = position_m[2:] - 2.0 * position_m[1:-1] + position_m[:-2]
    world /= step_s**2 * STANDARD_GRAVITY_MPS2
    world[:, 2] += 1.0
    return np.asarray(np.einsum("nji,nj->ni", axes, world))


def angular_rate_dps(axes: FloatArray, step_s: float) -> FloatArray:
    """Return the angular rate in the forearm's frame in degrees/s, shape (n, 3)."""
    spin = np.einsum("nji,njk->nik", axes, np.gradient(axes, step_s, axis=0))
    rate = np.stack([spin[:, 2, 1], spin[:, 0, 2], spin[:, 1, 0]], axis=1)
    return np.asarray(np.degrees(rate), dtype=np.float64)


def _pointing(joints: FloatArray, link: str) -> FloatArray:
    raised, spread = _radians(joints, f"{link}_raise"), _radians(joints, f"{link}_spread")
    return np.stack(
        [np.sin(raised) * np.cos(spread), -np.sin(spread), -np.cos(raised) * np.cos(spread)],
        axis=1,
    )


def _heading(joints: FloatArray) -> FloatArray:
    angle = _radians(joints, "heading")
    zero, one = np.zeros_like(angle), np.ones_like(angle)
    rows = [
        [np.cos(angle), -np.sin(angle), zero],
        [np.sin(angle), np.cos(angle), zero],
        [zero, zero, one],
    ]
    return np.moveaxis(np.array(rows), 2, 0)


def _radians(joints: FloatArray, name: str) -> FloatArray:
    return np.asarray(np.radians(joints[:, CHANNEL[name]]))
