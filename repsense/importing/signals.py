"""The signals of one sensor put together: acceleration, gravity, angular rate."""

from dataclasses import dataclass

import numpy as np

from repsense.errors import ForeignFileError
from repsense.importing.base import Imported, Segment, Wish
from repsense.importing.clock import growing, read_at
from repsense.importing.units import (
    Gravity,
    Scale,
    TurnUnit,
    Unit,
    in_dps,
    per_g,
    scale_of,
)
from repsense.samples import FloatArray, SampleBlock, Wrist

# Fewer cannot be counted, and their unit cannot be told.
_FEWEST_SAMPLES = 10
# More than twice the widest range of any chip in a band.
_MOST_G = 40.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Signal:
    """Three axes over time.

    Parameters
    ----------
    t_s
        Shape (n,), on the clock of the source.
    xyz
        Shape (n, 3).
    """

    t_s: FloatArray
    xyz: FloatArray

    def without_holes(self) -> tuple["Signal", int]:
        """Return the samples in which every axis has a number, and how many had not."""
        whole = np.isfinite(self.xyz).all(axis=1)
        return Signal(t_s=self.t_s[whole], xyz=self.xyz[whole]), int((~whole).sum())


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Signals:
    """What a file holds of one sensor.

    Parameters
    ----------
    where
        What messages call the file.
    accel
        Acceleration.
    unit
        The unit that the file or its documentation states; None to tell it from the data.
    gravity
        Whether gravity is in ``accel``.
    gravity_apart
        Gravity as a signal of its own, in the unit of ``accel``, where it was taken out.
    gyro, gyro_unit
        Angular rate, where there is any.
    inertial
        Forces point the other way, as in Apple's frame: at rest the acceleration
        points down.
    """

    where: str
    accel: Signal
    unit: Unit | None = None
    gravity: Gravity = Gravity.PRESENT
    gravity_apart: Signal | None = None
    gyro: Signal | None = None
    gyro_unit: TurnUnit = TurnUnit.RADPS
    inertial: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Assembled:
    """A block in our units, and how it came about.

    Parameters
    ----------
    block
        The first sample is at 0 s.
    origin_s
        The time of that sample on the clock of the source.
    scale, remarks, warnings
        As in :class:`~repsense.importing.base.Imported`.
    """

    block: SampleBlock
    origin_s: float
    scale: Scale
    remarks: tuple[str, ...]
    warnings: tuple[str, ...]

    def imported(
        self,
        name: str,
        dataset: str,
        *,
        segments: tuple[Segment, ...] = (),
        complete: bool = False,
        subject: str = "",
        exercise: str = "",
        position: str = "",
        wrist: Wrist | None = None,
        reps_true: int | None = None,
        remarks: tuple[str, ...] = (),
    ) -> Imported:
        """Return the recording with what is known of it."""
        return Imported(
            name=name,
            block=self.block,
            scale=self.scale,
            dataset=dataset,
            segments=segments,
            complete=complete,
            subject=subject,
            exercise=exercise,
            position=position,
            wrist=wrist,
            reps_true=reps_true,
            remarks=(*self.remarks, *remarks),
            warnings=self.warnings,
        )


def assemble(signals: Signals, wish: Wish) -> Assembled:
    """Return the signals as one block in g and degrees/s.

    1. Samples without numbers and doubled ones are left out; time must not run backwards.
    2. Gravity that the app has taken out is added again, read at the times of the samples.
    3. The unit is told from what is stated and from the length of gravity.
    4. Forces are turned round where they point the other way; angular rate is
       read at the times of the acceleration.

    Raises
    ------
    ForeignFileError
        When there are too few samples, time runs backwards, or the unit cannot be told.
    """
    accel, empty = signals.accel.without_holes()
    _check_any(accel, signals.where)
    kept = growing(accel.t_s, signals.where)
    t_s, total = accel.t_s[kept], accel.xyz[kept]
    total, gravity = _with_gravity(t_s, total, signals)
    scale = scale_of(
        total, where=signals.where, stated=signals.unit, asked=wish.unit, gravity=gravity
    )
    accel_g = total / (scale.median_size if scale.unit is Unit.COUNTS else per_g(scale.unit))
    _check_size(accel_g, scale, signals.where)
    block = SampleBlock(
        t_s=t_s - t_s[0],
        accel_g=-accel_g if signals.inertial else accel_g,
        gyro_dps=_gyro_dps(t_s, signals),
    )
    remarks = _remarks(empty, int((~kept).sum()), signals)
    return Assembled(
        block=block,
        origin_s=float(t_s[0]),
        scale=scale,
        remarks=remarks,
        warnings=_warnings(scale),
    )


def _check_any(accel: Signal, where: str) -> None:
    if len(accel.t_s) < _FEWEST_SAMPLES:
        raise ForeignFileError(
            f"{where} holds {len(accel.t_s)} samples of acceleration, too few to be a recording: "
            f"was the sensor switched on, and the export complete?"
        )


def _check_size(accel_g: FloatArray, scale: Scale, where: str) -> None:
    largest_g = float(np.abs(accel_g).max())
    if largest_g > _MOST_G:
        raise ForeignFileError(
            f"{where}: an acceleration of {largest_g:.4g} g is more than any chip measures "
            f"({scale}): say the right unit with --unit, or delete the sample."
        )


def _with_gravity(
    t_s: FloatArray, accel: FloatArray, signals: Signals
) -> tuple[FloatArray, Gravity]:
    if signals.gravity_apart is None:
        return accel, signals.gravity
    apart, _ = signals.gravity_apart.without_holes()
    if not len(apart.t_s):
        return accel, Gravity.MISSING
    return accel + read_at(t_s, apart.t_s, apart.xyz), Gravity.ADDED


def _gyro_dps(t_s: FloatArray, signals: Signals) -> FloatArray | None:
    if signals.gyro is None:
        return None
    gyro, _ = signals.gyro.without_holes()
    if not len(gyro.t_s):
        return None
    return in_dps(read_at(t_s, gyro.t_s, gyro.xyz), signals.gyro_unit)


def _remarks(empty: int, doubled: int, signals: Signals) -> tuple[str, ...]:
    said = []
    if signals.inertial:
        said.append("forces turned round (Apple counts them the other way)")
    if empty:
        said.append(f"{empty} samples without numbers left out")
    if doubled:
        said.append(f"{doubled} doubled samples left out")
    return tuple(said)


def _warnings(scale: Scale) -> tuple[str, ...]:
    if scale.gravity is not Gravity.MISSING:
        return ()
    return (
        "Gravity was taken out of these numbers and is nowhere in the file, so it cannot be put "
        "back: counts will be poor. Record the acceleration with gravity (the app's raw or total "
        "acceleration), or its gravity sensor too.",
    )
