"""Floats as sensors send them, where bytes that are no measurement are noticed."""

import numpy as np
import numpy.typing as npt

from repsense.errors import DecodeError
from repsense.samples import FloatArray

#: Standard gravity (CGPM 1901), m/s2.
STANDARD_GRAVITY_MPS2 = 9.80665

# More than twice the widest range of any chip in these sensors: 16 g, and 2000 degrees/s.
_MOST_MPS2 = 40.0 * STANDARD_GRAVITY_MPS2
_MOST_DPS = 4000.0

Floats = npt.NDArray[np.float32]


def g_from_mps2(accel_mps2: Floats, *, title: str) -> FloatArray:
    """Return accelerations in g.

    Raises
    ------
    DecodeError
        When a number is not finite, or larger than any chip can measure.
    """
    return _checked(accel_mps2, _MOST_MPS2, f"{title} sent accelerations") / STANDARD_GRAVITY_MPS2


def dps_as_sent(gyro_dps: Floats, *, title: str) -> FloatArray:
    """Return rates of turn in degrees/s, which they were sent in.

    Raises
    ------
    DecodeError
        When a number is not finite, or larger than any chip can measure.
    """
    return _checked(gyro_dps, _MOST_DPS, f"{title} sent rates of turn")


def _checked(numbers: Floats, most: float, what: str) -> FloatArray:
    # Finite first: comparing or widening a signalling NaN raises a warning of its own.
    if not np.isfinite(numbers).all() or (np.abs(numbers) > most).any():
        raise DecodeError(
            f"{what} that no chip measures ({numbers.tobytes().hex(' ', 4)}): it may be in another "
            f"mode, or its firmware newer. Disconnect other programs, and connect again."
        )
    return numbers.astype(np.float64)
