"""What a format is, what it is asked for, and what it hands out."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from repsense.importing.source import Source
from repsense.importing.units import Scale, Unit
from repsense.samples import SampleBlock, Wrist


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A stretch of a recording that its makers have named.

    Parameters
    ----------
    name
        Their word for what was done.
    start_s, end_s
        On the recording's clock.
    reps
        How many were counted; None where nobody has.
    countable
        False for walking, resting and the like, in which nothing must be counted.
    """

    name: str
    start_s: float
    end_s: float
    reps: int | None = None
    countable: bool = True


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Imported:
    """One recording out of another program's file.

    Parameters
    ----------
    name
        Of the recording, without folder and ending.
    block
        All samples, the first one at 0 s.
    scale
        How its numbers became g.
    dataset
        The id of the format.
    segments
        What was done when, in order of time.
    complete
        The segments name every set of the recording.
    subject, exercise, position
        Who, what and where it was worn; empty where nobody says. The exercise is an
        identifier of the catalogue where it is one of them, else the makers' word.
    wrist
        The wrist that carried the sensor, where it is known to be one.
    reps_true
        True number of reps where it is known without the segments.
    remarks
        What was worked out or left out, for people: one clause each.
    warnings
        What makes the recording hard to count: one sentence each.
    """

    name: str
    block: SampleBlock
    scale: Scale
    dataset: str
    segments: tuple[Segment, ...] = ()
    complete: bool = False
    subject: str = ""
    exercise: str = ""
    position: str = ""
    wrist: Wrist | None = None
    reps_true: int | None = None
    remarks: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def nowhere(_: float) -> None:
    """Take the progress of an import that nobody watches."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What the person asks of an import.

    Parameters
    ----------
    unit
        The unit of the acceleration, against what is written or seen; None to find out.
    sensor
        Which sensor, where a file holds several; None for the format's own choice.
    progress
        Is told which share of the source is done, 0 to 1.
    """

    unit: Unit | None = None
    sensor: str | None = None
    progress: Callable[[float], None] = nowhere


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """A kind of file that can be imported.

    Parameters
    ----------
    id
        Its name on the command line and in an index.
    title
        Its name for people, with what the file may be.
    claims
        Says whether a source is of this kind, from names and first lines alone.
    read
        Yields the recordings in a source. Raises
        :class:`~repsense.errors.ForeignFileError` where it is not as it should be.
    sensors
        The sensors that :attr:`Wish.sensor` may name.
    last_resort
        Recognised by little, so only where no other format claims the source.
    """

    id: str
    title: str
    claims: Callable[[Source], bool]
    read: Callable[[Source, Wish], Iterator[Imported]]
    sensors: tuple[str, ...] = ()
    last_resort: bool = False
