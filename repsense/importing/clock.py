"""Times of other programs: to seconds, growing, the same for every sensor of a recording."""

import numpy as np
import numpy.typing as npt

from repsense.errors import ForeignFileError
from repsense.samples import FloatArray

#: What one tick is, in s, by the unit's name.
TICK_S = {"s": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9}

# A recording keeps its times to 10 us: what is closer cannot be told apart.
_CLOSEST_S = 1e-5
# Reps need 10 samples a second; no band gives 1000. So the interval says what a tick is.
_RATE_HZ = (2.0, 1000.0)

BoolArray = npt.NDArray[np.bool_]


def tick_of(times: FloatArray, where: str) -> float:
    """Return what one tick of the times is, in s, by the interval between samples.

    Raises
    ------
    ForeignFileError
        When it would be an unlikely rate in any unit.
    """
    steps = np.diff(times)
    steps = steps[steps > 0]
    step = float(np.median(steps)) if len(steps) else 0.0
    for tick_s in TICK_S.values():
        if step and _RATE_HZ[0] <= 1.0 / (step * tick_s) <= _RATE_HZ[1]:
            return tick_s
    raise ForeignFileError(
        f"{where}: samples are {step:g} apart by their times, which is a likely rate in none of s, "
        f"ms, us and ns: check the column of the times."
    )


def growing(times_s: FloatArray, where: str) -> BoolArray:
    """Return which samples to keep: the first of those with one time.

    Raises
    ------
    ForeignFileError
        When a time is no number, or time runs backwards.
    """
    if not np.isfinite(times_s).all():
        row = int(np.argmin(np.isfinite(times_s)))
        raise ForeignFileError(
            f"{where}, sample {row + 1}: its time is {times_s[row]}, which is none: delete the "
            f"sample."
        )
    back = np.diff(times_s) < 0
    if back.any():
        row = int(np.argmax(back)) + 1
        raise ForeignFileError(
            f"{where}, sample {row + 1}: time runs backwards by "
            f"{times_s[row - 1] - times_s[row]:.6g} s: sort the samples by time; if the sensor's "
            f"clock restarted here, split the file."
        )
    if len(times_s) > 1 and float(np.median(np.diff(times_s))) > 1.0 / _RATE_HZ[0]:
        raise ForeignFileError(
            f"{where}: samples are {float(np.median(np.diff(times_s))):g} s apart by their times: "
            f"is their unit another one, or were only a few samples a minute recorded?"
        )
    ticks = np.round((times_s - times_s[0]) / _CLOSEST_S)
    kept: BoolArray = np.diff(ticks, prepend=-1.0) > 0
    return kept


def read_at(at_s: FloatArray, times_s: FloatArray, values: FloatArray) -> FloatArray:
    """Return a slower or shifted signal of shape (n, 3) at other times, held at its ends."""
    order = np.argsort(times_s, kind="stable")
    columns = [np.interp(at_s, times_s[order], values[order, axis]) for axis in range(3)]
    return np.stack(columns, axis=1)
