"""Who wears the band, and how it sits on the wrist."""

from dataclasses import dataclass

import numpy as np

from repsense.samples import Axis, FloatArray, Worn, Wrist
from repsense.simulator.kinematics import Body


@dataclass(frozen=True, slots=True, kw_only=True)
class Wearer:
    """One person with a band.

    Parameters
    ----------
    height_m
        Standing height; the links of the arm follow from it.
    wrist
        The wrist that carries the band.
    roll_deg
        The band turned around the forearm: 180 has its face inside the wrist.
    tilt_deg
        The band askew on the wrist.
    reversed
        True where the band is strapped on the other way round (x to the elbow).
    sway, tremor
        Postural sway and tremor against the average person's.
    """

    height_m: float = 1.75
    wrist: Wrist = Wrist.LEFT
    roll_deg: float = 0.0
    tilt_deg: float = 0.0
    reversed: bool = False
    sway: float = 1.0
    tremor: float = 1.0

    @classmethod
    def someone(cls, rng: np.random.Generator, wrist: Wrist | None = None) -> "Wearer":
        """Return a person drawn at random, wearing the band any way round."""
        drawn = Wrist.LEFT if rng.random() < 0.6 else Wrist.RIGHT
        return cls(
            height_m=float(rng.uniform(1.58, 1.92)),
            wrist=drawn if wrist is None else wrist,
            roll_deg=float(rng.normal(0.0, 20.0) + (180.0 if rng.random() < 0.2 else 0.0)),
            tilt_deg=float(rng.normal(0.0, 5.0)),
            reversed=bool(rng.random() < 0.3),
            sway=float(rng.uniform(0.6, 1.5)),
            tremor=float(rng.uniform(0.5, 1.6)),
        )

    def body(self) -> Body:
        """Return the links that carry the band."""
        return Body.of_height(self.height_m)

    def told(self) -> Worn:
        """Return how the band sits as its wearer would say: which way round, not how far askew."""
        inside = np.cos(np.radians(self.roll_deg)) < 0.0
        return Worn(
            along=Axis.MINUS_X if self.reversed else Axis.PLUS_X,
            out=Axis.MINUS_Z if inside else Axis.PLUS_Z,
            wrist=self.wrist,
        )

    def worn(self, vectors: FloatArray) -> FloatArray:
        """Turn vectors of shape (n, 3) from the forearm's frame into the band's."""
        return vectors @ self._mount()

    def _mount(self) -> FloatArray:
        """Return the band's axes in the forearm's frame, in columns."""
        roll, tilt = np.radians(self.roll_deg), np.radians(self.tilt_deg)
        around = np.array(
            [
                [1.0, 0.0, 0.0],
                [0.0, np.cos(roll), -np.sin(roll)],
                [0.0, np.sin(roll), np.cos(roll)],
            ]
        )
        askew = np.array(
            [
                [np.cos(tilt), -np.sin(tilt), 0.0],
                [np.sin(tilt), np.cos(tilt), 0.0],
                [0.0, 0.0, 1.0],
            ]
        )
        way = np.diag([-1.0, -1.0, 1.0]) if self.reversed else np.eye(3)
        return np.asarray(around @ askew @ way)


def mirrored(force_g: FloatArray, rate_dps: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return what the other arm feels when both do the same.

    The forearm frames of the two arms are mirror images but both right-handed:
    a force changes sign across the arm, a rotation along and out of it.
    """
    return force_g * (1.0, -1.0, 1.0), rate_dps * (-1.0, 1.0, -1.0)
