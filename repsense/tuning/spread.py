"""Trials shared among workers, recording by recording.

A whole trial takes long, so who is handed nothing smaller ends a generation by waiting
for the last of them. A recording takes some hundredths of a second.
"""

from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from typing import Protocol, TypeVar

from repsense.tuning.attempt import Attempt
from repsense.tuning.trial import Counted, Material, Outcome, Trial

Ticket = TypeVar("Ticket", bound=Hashable)

# Recordings handed out for each worker: the one it counts, and one so that it need not ask.
_AHEAD = 2


class Crew(Protocol[Ticket]):
    """Workers that count recordings of one material."""

    def size(self) -> int:
        """Return how many there are, now."""

    def begin(self, values: Mapping[str, float], place: int) -> Ticket:
        """Have the recording at a place counted with a trial's values, some time soon."""

    def finished(self, tickets: Collection[Ticket]) -> Iterable[tuple[Ticket, Counted]]:
        """Wait until one is counted, or some; return what came of them."""


def spread(material: Material, crew: Crew[Ticket], trials: Sequence[Trial]) -> Iterator[Outcome]:
    """Yield what becomes of trials, in the order that they are done in.

    Recordings of an earlier trial go first. So a trial that is begun is soon done, and a
    search that is killed loses few of them.
    """
    attempts = [Attempt(material, trial) for trial in trials]
    under_way: dict[Ticket, tuple[Attempt, int]] = {}
    most = _AHEAD * crew.size()
    ready: list[Outcome] = []
    while attempts:
        for attempt, place in _due(attempts, most - len(under_way)):
            under_way[crew.begin(attempt.values, place)] = attempt, place
        yield from ready  # not before the workers have something to do
        ready = []
        for ticket, counted in crew.finished(list(under_way)):
            attempt, place = under_way.pop(ticket)
            attempt.take(place, counted)
            if attempt.over:
                attempts.remove(attempt)
                ready.append(attempt.outcome())
    yield from ready


def _due(attempts: Iterable[Attempt], most: int) -> Iterator[tuple[Attempt, int]]:
    """Yield so many recordings that may be counted now."""
    for attempt in attempts:
        while most > 0 and (place := attempt.next_place()) is not None:
            most -= 1
            yield attempt, place
