"""What the tracker of sets says: events, and what only the coach is told."""

from dataclasses import dataclass

from repsense.events import Event, Rep


@dataclass(frozen=True, slots=True, kw_only=True)
class RepSeen:
    """All of a rep has been seen, perhaps some time after it was said. It stays in the pipeline.

    A rep is said as soon as it is certain, often before its end; what is wrong with it is mostly
    certain only then.

    Parameters
    ----------
    set, rep, measured, announced_s
        As for :class:`repsense.events.RepFinished`.
    """

    set: int
    rep: int
    measured: Rep
    announced_s: float


#: What the tracker says.
Said = Event | RepSeen
