"""What the pages work on: where things are kept, and what counts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from repsense.exercises.exercise import Exercise
from repsense.pipeline.pipeline import PipelineParameters
from repsense.sinks.mqtt.commands import OnCommand


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Everything that a page may read or write.

    Parameters
    ----------
    history
        The history database; it need not exist yet.
    recordings
        Folders with recordings, the recorder's own first.
    catalogue
        Exercises by identifier.
    days_a_week
        On how many days a week the wearer wants to train: fewest, most.
    parameters
        Settings that the engine counts with.
    pairing
        Address that pairs a phone, with the code in it; None where no code is asked.
    obey
        Carries out what is said by button; None where nobody trains.
    """

    history: Path
    recordings: tuple[Path, ...]
    catalogue: Mapping[str, Exercise]
    days_a_week: tuple[int, int] = (2, 3)
    parameters: PipelineParameters = field(default_factory=PipelineParameters)
    pairing: str | None = None
    obey: OnCommand | None = None
