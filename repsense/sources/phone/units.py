"""From what phones call acceleration to specific force in g.

Phones differ in unit (m/s2, or g on iOS), in sign (iOS counts the force that
pulls, Android the one that holds) and in whether gravity is in it.
"""

from collections import deque

import numpy as np

from repsense.errors import DecodeError
from repsense.samples import FloatArray
from repsense.sources.ble.plausible import STANDARD_GRAVITY_MPS2

# Between 1 g and 9.81 m/s2, equally far from both in ratio: shorter means g.
_BETWEEN = float(np.sqrt(STANDARD_GRAVITY_MPS2))
# Lengths that the unit is told from: half a second and more of samples.
_ENOUGH = 50
# More than twice the widest range of any phone's chip.
_MOST_G = 40.0


class UnitFromGravity:
    """Tell g from m/s2 by the length of vectors that hold gravity.

    A wrist is at rest often enough for the median of the first samples to be near 1
    g. The unit is settled by the first 50 samples and then stays.
    """

    def __init__(self) -> None:
        self._lengths: deque[float] = deque(maxlen=_ENOUGH)

    def is_g(self, vectors: FloatArray) -> bool:
        """Say whether vectors of shape (n, 3) are in g, and learn from them."""
        room = _ENOUGH - len(self._lengths)
        self._lengths.extend(np.linalg.norm(vectors[:room], axis=1).tolist())
        return bool(self._lengths) and float(np.median(self._lengths)) < _BETWEEN


def force_g(vectors: FloatArray, *, is_g: bool, title: str) -> FloatArray:
    """Return vectors of shape (n, 3), in g or else in m/s2, as specific force in g.

    Raises
    ------
    DecodeError
        When one is larger than any chip can measure.
    """
    in_g = vectors if is_g else vectors / STANDARD_GRAVITY_MPS2
    if (np.abs(in_g) > _MOST_G).any():
        raise DecodeError(
            f"{title} sent an acceleration of {float(np.abs(in_g).max()):.4g} g, which no chip "
            f"measures: its unit may be another one than its documentation says."
        )
    return in_g
