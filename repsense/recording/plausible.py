"""Can these numbers be what the columns say? Refuses what cannot be, names what is odd."""

from collections.abc import Callable

import numpy as np

from repsense.errors import RecordingError
from repsense.recording.header import GYRO_COLUMNS, REQUIRED
from repsense.samples import FloatArray, SampleBlock

_STANDARD_GRAVITY_MPS2 = 9.80665
# Whoever moves, the middle length of specific force stays near 1 g: resting is common, throwing
# rare. The windows leave room for brisk movement and for sensors that are 20 % off.
_LENGTH_IF_MPS2 = (6.5, 14.0)
_LENGTH_IF_MG = (650.0, 1400.0)
_LONGEST_LENGTH_G = 6.5
_SHORTEST_LENGTH_G = 0.4
# Units cannot be told from a handful of samples.
_FEWEST_SAMPLES = 10
_LONGEST_INTERVAL_S = 2.0
_LOWEST_RATE_HZ = 10.0

LineOf = Callable[[int], int]


def check_table(table: FloatArray, name: str, *, line_of: LineOf | None = None) -> None:
    """Refuse numbers that are not finite, time that does not increase, and wrong units.

    Parameters
    ----------
    table
        Shape (n, 4) or (n, 7), columns in the order of the format.
    name
        What messages call the file.
    line_of
        Gives the line of the file for a row; None where there is no file yet.

    Raises
    ------
    RecordingError
        With the first line that is wrong, and what to do.
    """
    check_finite(table, name, line_of=line_of)
    _check_time(table[:, 0], name, line_of)
    if len(table) >= _FEWEST_SAMPLES:
        _check_time_unit(table[:, 0], name)
        _check_accel_unit(table[:, 1:4], name)


def check_finite(table: FloatArray, name: str, *, line_of: LineOf | None = None) -> None:
    """Refuse numbers that are not finite; parameters and errors as :func:`check_table`."""
    bad = ~np.isfinite(table)
    if bad.any():
        row, column = (int(index) for index in np.argwhere(bad)[0])
        raise RecordingError(
            f"{_where(name, row, line_of)}: {(REQUIRED + GYRO_COLUMNS)[column]} is "
            f"{table[row, column]}, which is no measurement: delete the line."
        )


def oddities(block: SampleBlock) -> tuple[str, ...]:
    """Return what makes a recording hard to count, one sentence each."""
    found = []
    if len(block) >= _FEWEST_SAMPLES:
        rate_hz = block.median_rate_hz()
        if rate_hz < _LOWEST_RATE_HZ:
            found.append(
                f"Only {rate_hz:.1f} samples a second: below {_LOWEST_RATE_HZ:.0f} Hz quick reps "
                f"cannot be told apart."
            )
        length_g = _middle_length(block.accel_g)
        if length_g < _SHORTEST_LENGTH_G:
            found.append(
                f"The middle length of the acceleration is {length_g:.2f} g where about 1 is "
                f"normal: was gravity removed? Record the sensor's raw values."
            )
    return tuple(found)


def _where(name: str, row: int, line_of: LineOf | None) -> str:
    return f"{name}, sample {row + 1}" if line_of is None else f"{name}, line {line_of(row)}"


def _check_time(t_s: FloatArray, name: str, line_of: LineOf | None) -> None:
    steps = np.diff(t_s)
    if not (steps <= 0).any():
        return
    row = int(np.argmax(steps <= 0)) + 1
    where = _where(name, row, line_of)
    if steps[row - 1] == 0:
        raise RecordingError(
            f"{where}: t_s is {t_s[row]:g} as on the line before: delete doubled samples, or give "
            f"times with more decimals."
        )
    raise RecordingError(
        f"{where}: time runs backwards from {t_s[row - 1]:g} s to {t_s[row]:g} s: sort the lines "
        f"by time; if the sensor's clock restarted here, split the file before this line."
    )


def _check_time_unit(t_s: FloatArray, name: str) -> None:
    interval_s = float(np.median(np.diff(t_s)))
    if interval_s > _LONGEST_INTERVAL_S:
        raise RecordingError(
            f"{name}: the samples are {interval_s:g} s apart by the column t_s: it is probably in "
            f"ms; divide it by 1000. (Reps need at least {_LOWEST_RATE_HZ:.0f} samples a second.)"
        )


def _check_accel_unit(accel_g: FloatArray, name: str) -> None:
    length = _middle_length(accel_g)
    if length <= _LONGEST_LENGTH_G:
        return
    told = (
        f"{name}: the middle length of the acceleration is {length:.5g} where about 1 g is normal"
    )
    if _LENGTH_IF_MPS2[0] <= length <= _LENGTH_IF_MPS2[1]:
        raise RecordingError(
            f"{told}: this is probably in m/s²; divide ax_g, ay_g and az_g by "
            f"{_STANDARD_GRAVITY_MPS2}."
        )
    if _LENGTH_IF_MG[0] <= length <= _LENGTH_IF_MG[1]:
        raise RecordingError(
            f"{told}: this is probably in milli-g; divide ax_g, ay_g and az_g by 1000."
        )
    raise RecordingError(
        f"{told}: these are probably the sensor's raw counts; divide ax_g, ay_g and az_g by its "
        f"counts per g (at rest: by about {length:.0f})."
    )


def _middle_length(accel: FloatArray) -> float:
    return float(np.median(np.sqrt(np.einsum("ij,ij->i", accel, accel))))
