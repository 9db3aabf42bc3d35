"""Two bands on one wearer: two counts become one.

The rule: the busier band leads, and where the other's reps fall between its
own (arms that alternate) they are added. Both arms together, or one arm alone,
therefore count as the busier band counts. Pure, as everything in this room.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from repsense.calibration import Calibration
from repsense.events import (
    Chosen,
    CountCorrected,
    Event,
    ExerciseRecognised,
    FormCue,
    FormFlag,
    PlanFinished,
    Rep,
    RepFinished,
    SetDue,
    SetFinished,
    SetStarted,
    WorkoutFinished,
)
from repsense.pipeline.orders import Engine
from repsense.samples import SampleBlock

# A rep of the other arm is the same rep if it shares this much of the shorter one's time. Arms
# that lift together share nearly all, arms that alternate at most the overlap of their turns.
_SAME = 0.5
# A band unseen for this long does not keep a set open that the other has finished, s.
_ABSENT_S = 20.0


def merged_reps(one: tuple[Rep, ...], other: tuple[Rep, ...]) -> tuple[Rep, ...]:
    """Return the reps of both arms as one count, in order of their ends.

    1. The band with more reps leads; with equal counts the first.
    2. A rep of the other is the leader's own if they share half the shorter's time.
    3. If most of the other's reps are the leader's own, the arms move together,
       and the leader's reps are all; else they alternate, and both count.
    """
    leader, follower = (one, other) if len(one) >= len(other) else (other, one)
    shared = min(_shared(leader, follower), _shared(follower, leader))
    if 2 * shared >= len(follower):
        return leader
    return tuple(sorted((*leader, *follower), key=lambda rep: rep.end_s))


def _shared(some: tuple[Rep, ...], others: tuple[Rep, ...]) -> int:
    """Return how many of ``some`` are among the ``others``."""
    return sum(any(_is_same(rep, other) for other in others) for rep in some)


def _is_same(one: Rep, other: Rep) -> bool:
    shared_s = min(one.end_s, other.end_s) - max(one.start_s, other.start_s)
    shorter_s = min(one.end_s - one.start_s, other.end_s - other.start_s)
    return shared_s >= _SAME * shorter_s


class BandPair:
    """An engine for a wearer with two bands: each has its own count, and both make one.

    Parameters
    ----------
    first, second
        Count the two bands, whose blocks are on one clock.
    """

    def __init__(self, first: Engine, second: Engine) -> None:
        self._engines = (first, second)
        self._merger = BandMerger()
        self._band = 0
        self._newest_s = 0.0

    def turn_to(self, band: int) -> None:
        """Take that the next samples are of this band, 0 or 1."""
        self._band = band

    def push(self, block: SampleBlock) -> list[Event]:
        """Take the next samples of the band it was turned to."""
        if len(block):
            self._newest_s = max(self._newest_s, float(block.t_s[-1]))
        return self._merger.take(self._band, self._engines[self._band].push(block), self._newest_s)

    def arm(self, exercise: str | None = None) -> None:
        """Take that a set is due."""
        for engine in self._engines:
            engine.arm(exercise)

    def disarm(self) -> None:
        """Take that no set is due any more."""
        for engine in self._engines:
            engine.disarm()

    def calibrate(self) -> None:
        """Take the next set as the measure of this person's reps: each band its own."""
        for engine in self._engines:
            engine.calibrate()

    def know(self, calibrations: Iterable[Calibration]) -> None:
        """Take what was measured of this person before."""
        known = tuple(calibrations)
        for engine in self._engines:
            engine.know(known)

    def end_set(self) -> list[Event]:
        """Finish the running set of both bands."""
        return self._merged([engine.end_set() for engine in self._engines])

    def flush(self) -> list[Event]:
        """Return the last events of two streams that have ended."""
        said = self._merged([engine.flush() for engine in self._engines])
        return said + self._merger.flush()

    def _merged(self, by_band: list[list[Event]]) -> list[Event]:
        takes = (
            self._merger.take(band, events, self._newest_s) for band, events in enumerate(by_band)
        )
        return [event for said in takes for event in said]


@dataclass(slots=True)
class _Running:
    """What one band says of the set under way."""

    number: int
    reps: tuple[Rep, ...] = ()
    finished: SetFinished | None = None


class BandMerger:
    """Make one wearer's events out of those of two bands on one clock."""

    def __init__(self) -> None:
        self._running: dict[int, _Running] = {}
        self._seen_s: dict[int, float] = {}
        self._number = 0
        self._said = 0
        self._totals = WorkoutFinished(sets=0, reps=0, start_s=0.0, end_s=0.0, announced_s=0.0)

    def take(self, band: int, events: list[Event], now_s: float) -> list[Event]:
        """Take what a band's pipeline said at its newest sample, and return what is to be said.

        Parameters
        ----------
        band
            0 or 1.
        now_s
            Time of the band's newest sample.
        """
        self._seen_s[band] = now_s
        said: list[Event] = []
        for event in events:
            said += self._take(band, event)
        return said + self._finish_without_the_absent(now_s)

    def flush(self) -> list[Event]:
        """Finish a running set and return the totals: both streams have ended."""
        now_s = max(self._seen_s.values(), default=0.0)
        said = self._finish(now_s) if self._running else []
        if self._totals.sets:
            said.append(replace(self._totals, announced_s=now_s))
        return said

    def _take(self, band: int, event: Event) -> list[Event]:
        match event:
            case SetStarted():
                return self._start(band, event)
            case RepFinished() | CountCorrected() | SetFinished():
                running = self._running.get(band)
                if running is None or running.number != event.set:
                    return []  # of a set that was finished without it
                return self._count(band, running, event)
            case FormCue() | ExerciseRecognised():
                ours = self._running and band == self._leader()
                return [replace(event, set=self._number)] if ours else []
            case WorkoutFinished() | SetDue() | PlanFinished() | Chosen():
                # Both follow the same plan; the totals are our own.
                return [event] if band == 0 and not isinstance(event, WorkoutFinished) else []
            case _:
                return [event]

    def _start(self, band: int, event: SetStarted) -> list[Event]:
        said: list[Event] = []
        if band in self._running:  # it is at its next set, so the last one is over for both
            said = self._finish(event.announced_s)
        if not self._running:
            self._number += 1
            self._said = 0
            said.append(replace(event, set=self._number))
        self._running[band] = _Running(event.set)
        return said

    def _count(
        self, band: int, running: _Running, event: RepFinished | CountCorrected | SetFinished
    ) -> list[Event]:
        match event:
            case RepFinished(rep=number, measured=measured):
                running.reps = (*running.reps[: number - 1], measured)
            case CountCorrected(reps=reps):
                running.reps = running.reps[:reps]
            case SetFinished():
                running.finished, running.reps = event, event.rep_details
        provisional = isinstance(event, RepFinished) and event.provisional
        if isinstance(event, SetFinished):
            return self._finish_if_all_have(event.announced_s)
        return self._say_count(event.announced_s, provisional=provisional)

    def _say_count(self, announced_s: float, *, provisional: bool) -> list[Event]:
        reps = self._merged()
        if len(reps) < self._said:
            self._said = len(reps)
            return [CountCorrected(set=self._number, reps=len(reps), announced_s=announced_s)]
        said: list[Event] = [
            RepFinished(
                set=self._number,
                rep=number,
                measured=reps[number - 1],
                announced_s=announced_s,
                provisional=provisional,
            )
            for number in range(self._said + 1, len(reps) + 1)
        ]
        self._said = len(reps)
        return said

    def _merged(self) -> tuple[Rep, ...]:
        first, second = (self._running.get(band) for band in (0, 1))
        return merged_reps(first.reps if first else (), second.reps if second else ())

    def _leader(self) -> int:
        return max(sorted(self._running), key=lambda band: len(self._running[band].reps))

    def _finish_if_all_have(self, announced_s: float) -> list[Event]:
        if all(running.finished is not None for running in self._running.values()):
            return self._finish(announced_s)
        return []

    def _finish_without_the_absent(self, now_s: float) -> list[Event]:
        waited_for = [band for band, one in self._running.items() if one.finished is None]
        gone = all(now_s - self._seen_s.get(band, now_s) > _ABSENT_S for band in waited_for)
        if self._running and gone and len(waited_for) < len(self._running):
            return self._finish(now_s)
        return []

    def _finish(self, announced_s: float) -> list[Event]:
        """Close the set with what each band has said of it."""
        reps = self._merged()
        known = [one.finished for one in self._running.values() if one.finished is not None]
        best = max(known, key=lambda one: one.exercise_confidence, default=None)
        flags: dict[FormFlag, None] = dict.fromkeys(flag for rep in reps for flag in rep.flags)
        start_s = min([rep.start_s for rep in reps] + [one.start_s for one in known], default=0.0)
        end_s = max([rep.end_s for rep in reps] + [one.end_s for one in known], default=0.0)
        busiest = max((len(one.reps) for one in self._running.values()), default=0)
        self._running.clear()
        if reps:
            self._totals = WorkoutFinished(
                sets=self._totals.sets + 1,
                reps=self._totals.reps + len(reps),
                start_s=self._totals.start_s if self._totals.sets else start_s,
                end_s=end_s,
                announced_s=announced_s,
            )
        return [
            SetFinished(
                set=self._number,
                reps=len(reps),
                start_s=start_s,
                end_s=end_s,
                announced_s=announced_s,
                exercise="unknown" if best is None else best.exercise,
                exercise_confidence=0.0 if best is None else best.exercise_confidence,
                flags=tuple(flags),
                rep_details=reps,
                reps_per_arm=busiest or None,
                reps_total=len(reps) or None,
            )
        ]
