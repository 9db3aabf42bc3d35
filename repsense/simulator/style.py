"""How a set is done: tempo, faults, fatigue and all that differs between two people."""

from dataclasses import dataclass

from repsense.events import FormFlag
from repsense.exercises import Tempo


@dataclass(frozen=True, slots=True, kw_only=True)
class SetStyle:
    """How the reps of a set are done.

    Parameters
    ----------
    tempo
        Seconds of effort, pause and yielding; None for the exercise's own.
    rest_s
        Rest in the start position between two reps.
    faults
        Faults of form; each is done in ``fault_share`` of the reps, at least one.
    fault_share
        0 to 1.
    variability
        Standard deviation of durations from rep to rep, relative; the range of
        the movement varies half as much.
    fatigue
        How much longer the last rep takes than the first, relative.
    range
        Range of the movement against the full one.
    pauses
        Pauses of 3 to 6 s inside the set.
    other_side
        For exercises done per side: do the other side too, after this one.
    """

    tempo: Tempo | None = None
    rest_s: float = 0.3
    faults: tuple[FormFlag, ...] = ()
    fault_share: float = 1.0
    variability: float = 0.07
    fatigue: float = 0.2
    range: float = 1.0
    pauses: int = 0
    other_side: bool = True


#: A set as the catalogue wants it.
CLEAN = SetStyle()
