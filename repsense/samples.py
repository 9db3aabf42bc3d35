"""What every source hands to the pipeline: blocks of specific force on the device's clock."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

import numpy as np
import numpy.typing as npt

from repsense.errors import SampleError

FloatArray = npt.NDArray[np.float64]


class Wrist(StrEnum):
    """The wrist that carries the sensor."""

    LEFT = "left"
    RIGHT = "right"


class Axis(StrEnum):
    """One of a sensor's axes, and which way along it."""

    PLUS_X = "+x"
    MINUS_X = "-x"
    PLUS_Y = "+y"
    MINUS_Y = "-y"
    PLUS_Z = "+z"
    MINUS_Z = "-z"

    def vector(self) -> FloatArray:
        """Return the unit vector that points this way, shape (3,)."""
        vector = np.zeros(3)
        vector["xyz".index(self[1])] = -1.0 if self[0] == "-" else 1.0
        return vector


@dataclass(frozen=True, slots=True, kw_only=True)
class Worn:
    """How a sensor sits on the arm: its make says one half, its wearer the other.

    Parameters
    ----------
    along
        The sensor's axis that points along the forearm to the hand.
    out
        The sensor's axis that points out of the back of the wrist.
    wrist
        The wrist that carries it.

    Raises
    ------
    SampleError
        When both are the same axis.
    """

    along: Axis
    out: Axis
    wrist: Wrist

    def __post_init__(self) -> None:
        if self.along[1] == self.out[1]:
            raise SampleError(
                f"A sensor cannot have {self.along} along the forearm and {self.out} out of the "
                f"wrist: these lie on one line. Look at the drawing of its axes in its manual."
            )

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return what a text like ``right,+x,-z`` says: wrist, along, out.

        Raises
        ------
        SampleError
            When it says nothing of the kind.
        """
        parts = [part.strip() for part in text.split(",")]
        try:
            wrist, along, out = parts
            return cls(along=Axis(along), out=Axis(out), wrist=Wrist(wrist))
        except ValueError:
            raise SampleError(
                f"{text!r} does not say how a sensor is worn: write the wrist, the axis that "
                f"points along the forearm to the hand, and the one out of the back of the wrist, "
                f"like left,+x,+z (docs/recognition.md tells how to find them)."
            ) from None

    def __str__(self) -> str:
        """Return the text that :meth:`parse` reads."""
        return f"{self.wrist},{self.along},{self.out}"

    def to_forearm(self) -> FloatArray:
        """Return the matrix that turns rows in the sensor's axes into a right forearm's.

        The forearm's x points to the hand, z out of the back of the wrist; what a
        left arm feels is mirrored, so that both arms doing the same read the same.
        """
        along, out = self.along.vector(), self.out.vector()
        across = np.cross(out, along) * (-1.0 if self.wrist is Wrist.LEFT else 1.0)
        return np.stack([along, across, out], axis=1)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SampleBlock:
    """Some consecutive samples of one sensor.

    Parameters
    ----------
    t_s
        Device time of each sample in s, shape (n,), strictly increasing.
    accel_g
        Specific force in g, shape (n, 3), gravity included: at rest its length
        is about 1 and it points up, in whatever frame the sensor has.
    gyro_dps
        Angular rate in degrees/s, shape (n, 3), or None where the sensor has none.
    lost
        Samples known to be lost between the previous block and this one.

    Raises
    ------
    SampleError
        When shapes disagree, a number is not finite, or time does not increase.
    """

    t_s: FloatArray
    accel_g: FloatArray
    gyro_dps: FloatArray | None = None
    lost: int = 0

    def __post_init__(self) -> None:
        n = self.t_s.shape[0]
        if self.t_s.ndim != 1 or self.accel_g.shape != (n, 3):
            raise SampleError(
                f"A block needs times of shape (n,) and acceleration of shape (n, 3), but got "
                f"{self.t_s.shape} and {self.accel_g.shape}: check the source that made it."
            )
        if self.gyro_dps is not None and self.gyro_dps.shape != (n, 3):
            raise SampleError(
                f"A block of {n} samples has angular rate of shape {self.gyro_dps.shape} where "
                f"({n}, 3) is needed: check the source that made it."
            )
        if not (np.isfinite(self.t_s).all() and np.isfinite(self.accel_g).all()):
            raise SampleError("A block holds numbers that are not finite: drop them in the source.")
        if n > 1 and not (np.diff(self.t_s) > 0).all():
            first = int(np.argmax(np.diff(self.t_s) <= 0))
            raise SampleError(
                f"Time does not increase after {self.t_s[first]:.3f} s: the source must sort "
                f"samples and drop doubled ones."
            )

    def __len__(self) -> int:
        return int(self.t_s.shape[0])

    def part(self, start: int, stop: int) -> Self:
        """Return samples ``[start, stop)``; samples lost before the block go with its first."""
        return type(self)(
            t_s=self.t_s[start:stop],
            accel_g=self.accel_g[start:stop],
            gyro_dps=None if self.gyro_dps is None else self.gyro_dps[start:stop],
            lost=self.lost if start == 0 else 0,
        )

    def cut(self, samples_per_block: int) -> Iterable[Self]:
        """Yield the block again in pieces of at most ``samples_per_block`` samples."""
        for start in range(0, len(self), samples_per_block):
            yield self.part(start, start + samples_per_block)

    def median_rate_hz(self) -> float:
        """Return the measured rate: 1 / median sample interval; NaN below two samples."""
        if len(self) < 2:
            return float("nan")
        return float(1.0 / np.median(np.diff(self.t_s)))


class LinkState(StrEnum):
    """Where a sensor's connection stands."""

    SEARCHING = "searching"
    CONNECTING = "connecting"
    STREAMING = "streaming"
    SILENT = "silent"
    LOST = "lost"
    ENDED = "ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkReport:
    """A change of a sensor's connection, as its source saw it.

    Parameters
    ----------
    state
        The new state.
    sensor
        Name or address of the sensor, or the file that stands in for one.
    detail
        One sentence for a person: why, and what happens next.
    battery_percent
        Charge of the sensor's battery, 0 to 100; None where it does not say.
    rssi_dbm
        Strength of its signal when it was found; None where the system does not say.
    lost_samples
        Samples known to be lost since the source was opened.
    """

    state: LinkState
    sensor: str
    detail: str = ""
    battery_percent: int | None = None
    rssi_dbm: int | None = None
    lost_samples: int = 0
