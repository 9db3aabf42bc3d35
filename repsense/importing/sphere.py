"""Scale and zero of each axis from rest alone: at rest the acceleration ends on a sphere of 1 g.

The method of van Hees et al. 2014 ("Autocalibration of accelerometer data", J. Appl.
Physiol. 117), here without a first guess: an ellipsoid along the axes is fitted to the means
of the quietest seconds. Wanted where a data set has squeezed its axes into 0 to 1.
"""

from dataclasses import dataclass

import numpy as np

from repsense.samples import FloatArray

# Of all seconds those that move least are taken for rest.
_QUIET_SHARE = 0.2
_FEWEST_RESTS = 30
# Rest must have looked in many directions, or the ellipsoid is any.
_LEAST_SPREAD_G = 0.8
_LARGEST_MISFIT_G = 0.1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sphere:
    """How numbers become g: less ``zero``, times ``gain``, each of shape (3,).

    Parameters
    ----------
    misfit_g
        How far the lengths of the rests are from 1 g, as a standard deviation.
    """

    zero: FloatArray
    gain: FloatArray
    misfit_g: float

    def in_g(self, values: FloatArray) -> FloatArray:
        """Return vectors of shape (n, 3) in g."""
        return (values - self.zero) * self.gain


def fit_sphere(values: FloatArray, rate_hz: float) -> Sphere | None:
    """Return what brings the rests in ``values``, shape (n, 3), to 1 g; None where they cannot.

    1. The means of seconds that move least in every axis.
    2. Least squares for a x^2 + b x summed over the axes = 1, which is an ellipsoid.
    3. Refused where it is none, or the rests look in too few directions, or do not fit.
    """
    rests = _rests(values, max(2, round(rate_hz)))
    if len(rests) < _FEWEST_RESTS:
        return None
    middle, width = rests.mean(axis=0), np.ptp(rests, axis=0)
    if (width <= 0).any():
        return None
    unit = (rests - middle) / width
    solved, *_ = np.linalg.lstsq(np.hstack([unit**2, unit]), np.ones(len(unit)), rcond=None)
    squares, lines = solved[:3], solved[3:]
    if (squares <= 0).any():
        return None
    zero = -lines / (2.0 * squares)
    gain = np.sqrt(squares / (1.0 + float(np.sum(squares * zero**2))))
    forces = (unit - zero) * gain
    misfit_g = float(np.std(np.linalg.norm(forces, axis=1)))
    if misfit_g > _LARGEST_MISFIT_G or (np.ptp(forces, axis=0) < _LEAST_SPREAD_G).any():
        return None
    return Sphere(zero=middle + zero * width, gain=gain / width, misfit_g=misfit_g)


def _rests(values: FloatArray, window: int) -> FloatArray:
    """Return the means of the quietest windows, shape (m, 3)."""
    count = len(values) // window
    if not count:
        return np.empty((0, 3))
    windows = values[: count * window].reshape(count, window, 3)
    moving = windows.std(axis=1).max(axis=1)
    quiet = moving <= np.quantile(moving, _QUIET_SHARE)
    means: FloatArray = windows[quiet].mean(axis=1)
    return means
