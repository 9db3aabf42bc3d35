"""The posture of the body at one moment, as the wrist depends on it."""

from dataclasses import dataclass, fields, replace

import numpy as np

from repsense.samples import FloatArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Pose:
    """Angles in degrees and lengths in metres; zero is standing with hanging arms.

    Upper arm and forearm are given by the way they point, each seen from the
    direction the person faces, so that a hand-held weight hangs plumb whatever
    the trunk does.

    Parameters
    ----------
    heading
        Where the person faces, turning left positive.
    hips_x, hips_y, hips_z
        Hips forward, towards the worn side, and up from where they stand, in m.
    lean, turn
        Trunk leaning forward (-90 is lying on the back); worn shoulder drawn back.
    shoulder_lift
        Worn shoulder drawn up along the world's up, in m.
    upper_raise, fore_raise
        Link swung forward and up: 0 hangs, 90 is level ahead, 180 points up.
    upper_spread, fore_spread
        Link spread out to the worn side, before it is swung.
    pronation
        Forearm turned: 0 palm to the thigh when hanging, 90 palm backwards,
        -90 palm forward.
    effort
        0 at ease to 1 straining: scales the tremor.
    """

    heading: float = 0.0
    hips_x: float = 0.0
    hips_y: float = 0.0
    hips_z: float = 0.0
    lean: float = 2.0
    turn: float = 0.0
    shoulder_lift: float = 0.0
    upper_raise: float = 0.0
    upper_spread: float = 6.0
    fore_raise: float = 12.0
    fore_spread: float = 2.0
    pronation: float = 25.0
    effort: float = 0.05

    def but(self, **changes: float) -> "Pose":
        """Return the same pose with some values changed."""
        return replace(self, **changes)

    def towards(self, other: "Pose", share: float) -> "Pose":
        """Return the pose that lies this share of the way from here to another."""
        values = (1.0 - share) * self.vector() + share * other.vector()
        return Pose(**dict(zip(CHANNELS, map(float, values), strict=True)))

    def vector(self) -> FloatArray:
        """Return the values in the order of :data:`CHANNELS`."""
        return np.array([getattr(self, name) for name in CHANNELS], dtype=np.float64)


CHANNELS = tuple(field.name for field in fields(Pose))
CHANNEL = {name: index for index, name in enumerate(CHANNELS)}


def change(**values: float) -> FloatArray:
    """Return a change of pose that is zero in every channel but the named ones."""
    vector = np.zeros(len(CHANNELS))
    for name, value in values.items():
        vector[CHANNEL[name]] = value
    return vector
