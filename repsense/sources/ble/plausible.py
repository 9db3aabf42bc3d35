"""Metres a second squared to g, where bytes that are no acceleration are noticed."""

import numpy as np
import numpy.typing as npt

from repsense.errors import DecodeError
from repsense.samples import FloatArray

#: Standard gravity (CGPM 1901), m/s2.
STANDARD_GRAVITY_MPS2 = 9.80665

# The widest range of any chip in these sensors is 16 g; more than twice that was never measured.
_MOST_G = 40.0


def g_from_mps2(accel_mps2: npt.NDArray[np.float32], *, title: str) -> FloatArray:
    """Return accelerations in g.

    Raises
    ------
    DecodeError
        When a number is not finite, or larger than any chip can measure.
    """
    accel_g = accel_mps2.astype(np.float64) / STANDARD_GRAVITY_MPS2
    # Written so that NaN fails it too.
    if not (np.abs(accel_g) <= _MOST_G).all():
        raise DecodeError(
            f"{title} sent accelerations that no chip measures ({np.abs(accel_g).max():.3g} g): "
            f"its firmware may send another layout. Please report its version."
        )
    return accel_g
