"""The whole way from samples to events, as one object with one verb."""

from dataclasses import dataclass

from repsense.events import Event
from repsense.samples import SampleBlock


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineParameters:
    """All published parameters, one group a stage."""


class Pipeline:
    """Count reps in a stream of sample blocks.

    Parameters
    ----------
    parameters
        Settings of the stages; the defaults are the tuned ones.
    armed
        A set is due: the start costs less and even a single rep counts.
    exercise
        Identifier of the exercise if it is known (plan, or chosen by the person).
    """

    def __init__(
        self,
        parameters: PipelineParameters | None = None,
        *,
        armed: bool = False,
        exercise: str | None = None,
    ) -> None:
        self.parameters = parameters or PipelineParameters()
        self.armed = armed
        self.exercise = exercise

    def push(self, block: SampleBlock) -> list[Event]:
        """Take the next samples and return the events they complete, in order."""
        return []

    def arm(self, exercise: str | None = None) -> None:
        """Say that a set is due, and which exercise if that is known."""
        self.armed, self.exercise = True, exercise

    def disarm(self) -> None:
        """Say that no set is due any more."""
        self.armed, self.exercise = False, None

    def flush(self) -> list[Event]:
        """The stream has ended: finish a running set and return the last events."""
        return []
