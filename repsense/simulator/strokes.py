"""The shape of one voluntary stroke of a limb, from 0 to 1.

References
----------
.. [1] T. Flash, N. Hogan, "The coordination of arm movements: an experimentally
   confirmed mathematical model", J. Neurosci. 5(7), 1985,
   doi 10.1523/JNEUROSCI.05-07-01688.1985.
"""

import numpy as np

from repsense.samples import FloatArray

#: Below this the levelled stroke is the minimum-jerk stroke, and its formula divides by nothing.
_NO_PLATEAU = 1e-3


def minimum_jerk(phase: FloatArray) -> FloatArray:
    """Return how far a minimum-jerk stroke [1]_ has come at ``phase`` (0 to 1).

    Speed and acceleration vanish at both ends, so strokes can be strung
    together, or overlapped, without a jump in force. A stroke of length D in
    time T peaks at an acceleration of 5.77 D / T^2.
    """
    x = np.clip(phase, 0.0, 1.0)
    return np.asarray(x**3 * (10.0 - 15.0 * x + 6.0 * x**2))


def stroke(phase: FloatArray, *, skew: float = 0.0, plateau: float = 0.0) -> FloatArray:
    """Return how far a stroke has come at ``phase`` (0 to 1), each in [0, 1].

    Parameters
    ----------
    phase
        Time since the start over the duration of the stroke.
    skew
        -1 to 1 (open): above 0 the stroke is front-loaded, as a throw is; below
        0 its speed peaks late, as a drop's does.
    plateau
        0 to 1 (open): how much the speed is levelled, as in a slow and heavy
        lift. 0 is the minimum-jerk stroke; above a half, the middle
        ``2 plateau - 1`` of the time runs at constant speed.
    """
    x = np.clip(phase, 0.0, 1.0)
    x = x + skew * x * (1.0 - x)
    if plateau < _NO_PLATEAU:
        return minimum_jerk(x)
    # Minimum-jerk strokes of length 1 - plateau, started evenly over the plateau.
    short = 1.0 - plateau
    summed = _integral(x / short) - _integral((x - plateau) / short)
    return np.asarray(short / plateau * summed)


def _integral(x: FloatArray) -> FloatArray:
    """Return the integral of the minimum-jerk stroke from 0 to x, which is x - 1/2 beyond 1."""
    inside = np.clip(x, 0.0, 1.0)
    return np.asarray(inside**4 * (2.5 - 3.0 * inside + inside**2) + np.maximum(x - 1.0, 0.0))
