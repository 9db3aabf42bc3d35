"""What the pipeline said about one recording, and what a display showed at any moment."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from repsense.events import CountCorrected, Event, FormFlag, Rep, RepFinished, SetFinished


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A rep of the final count, and when it was told.

    Parameters
    ----------
    rep
        The rep.
    at_s
        When it was announced for good, s; None where only the end of its set brought it to light.
    first
        It is the first of its set, which waits for the second.
    """

    rep: Rep
    at_s: float | None
    first: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One recording's way through the pipeline.

    Parameters
    ----------
    events
        Everything that was said, in order.
    start_s, end_s
        First and last sample's time, in s on the recording's clock.
    """

    events: tuple[Event, ...]
    start_s: float
    end_s: float

    @property
    def sets(self) -> tuple[SetFinished, ...]:
        """The finished sets, in order."""
        return tuple(event for event in self.events if isinstance(event, SetFinished))

    @property
    def reps(self) -> int:
        """The final count: the sum over all sets."""
        return sum(finished.reps for finished in self.sets)

    @property
    def told(self) -> tuple[Told, ...]:
        """Every rep of the final count, with the moment at which the live count came to it.

        A live set may turn out to have begun half a rep earlier or later than it seemed,
        so an announcement belongs to the rep whose number it says, not to a movement.
        """
        return tuple(
            Told(rep=rep, at_s=said.get(number), first=place == 0)
            for finished in self.sets
            for said in [self._said_in(finished.set)]
            for place, (number, rep) in enumerate(_numbered(finished))
        )

    def _said_in(self, number: int) -> dict[int, float]:
        """Return when the live count of a set came to each number for good, s."""
        said: dict[int, float] = {}
        for event in self.events:
            if isinstance(event, RepFinished) and event.set == number and not event.provisional:
                said[event.rep] = event.announced_s
            elif isinstance(event, CountCorrected) and event.set == number:
                said = {rep: at_s for rep, at_s in said.items() if rep <= event.reps}
        return said

    def live_reps(self, at_s: float) -> int:
        """Return what all sets' live counts added up to when the clock showed ``at_s``."""
        counts: dict[int, int] = {}
        for event, reps in live_counts(self.events):
            if event.announced_s > at_s:
                break
            counts[event.set] = reps
        return sum(counts.values())

    def sets_that_went_down(self) -> int:
        """Return in how many sets a correction made the live count lower than it had been."""
        counts: dict[int, int] = {}
        fallen = set()
        for event, reps in live_counts(self.events):
            if isinstance(event, CountCorrected) and reps < counts.get(event.set, 0):
                fallen.add(event.set)
            counts[event.set] = reps
        return len(fallen)


def _numbered(finished: SetFinished) -> Iterator[tuple[int, Rep]]:
    """Yield the reps of a set with the count at each: partial ones may be left out of it."""
    partial_count = len(finished.rep_details) == finished.reps
    number = 0
    for rep in finished.rep_details:
        number += partial_count or FormFlag.PARTIAL not in rep.flags
        yield number, rep


Counting = RepFinished | CountCorrected | SetFinished


def live_counts(events: Iterable[Event]) -> Iterator[tuple[Counting, int]]:
    """Yield each event that can change a set's count, with the count after it.

    A rep that is said again does not count again; a correction and the end of
    the set say the count as it is.
    """
    counts: dict[int, int] = {}
    for event in events:
        if isinstance(event, RepFinished):
            if event.provisional:
                continue
            counts[event.set] = max(counts.get(event.set, 0), event.rep)
        elif isinstance(event, CountCorrected | SetFinished):
            counts[event.set] = event.reps
        else:
            continue
        yield event, counts[event.set]
