"""What the person says by button or message, worked into what the engine says.

Orders change nothing behind the events' back: a rep taken back is a
``count_corrected`` now and one rep less in ``set_finished`` later; a choice is an
event of its own. What an order brings about is said at once, or else with the next
samples; either way a stream with the same orders at the same places gives the same
events.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from repsense.calibration import Calibration
from repsense.errors import CommandError
from repsense.events import (
    Chosen,
    CountCorrected,
    Event,
    FormCue,
    Rep,
    RepFinished,
    SetFinished,
    SetStarted,
    WorkoutFinished,
)
from repsense.exercises.catalogue import load_catalogue
from repsense.samples import SampleBlock

UNKNOWN = "unknown"
MOST_REPS = 100


class Engine(Protocol):
    """What orders need of :class:`repsense.pipeline.pipeline.Pipeline`."""

    def push(self, block: SampleBlock) -> list[Event]:
        """Take the next samples and return the events they complete."""
        ...

    def arm(self, exercise: str | None = None) -> None:
        """Take that a set is due."""
        ...

    def disarm(self) -> None:
        """Take that no set is due any more."""
        ...

    def end_set(self) -> list[Event]:
        """Finish the running set, if there is one, and return what that completes."""
        ...

    def calibrate(self) -> None:
        """Take the next set as the measure of this person's reps."""
        ...

    def know(self, calibrations: Iterable[Calibration]) -> None:
        """Take what was measured of this person before."""
        ...

    def flush(self) -> list[Event]:
        """Return the last events of a stream that has ended."""
        ...


@dataclass(slots=True)
class _Running:
    """The set under way: its number, its count as said, and which reps were taken back."""

    number: int
    engine_reps: int = 0
    reps: list[Rep] = field(default_factory=list)
    undone: list[Rep] = field(default_factory=list)
    reached: bool = False

    @property
    def shown(self) -> int:
        return max(self.engine_reps - len(self.undone), 0)


class Orders:
    """An engine that also takes orders.

    Parameters
    ----------
    engine
        Counts.
    exercises
        Identifiers of the exercises that can be chosen, in the order in which
        ``next_exercise`` goes through them; None means those of the catalogue.
    """

    def __init__(self, engine: Engine, exercises: Sequence[str] | None = None) -> None:
        self.engine = engine
        self.exercises = tuple(load_catalogue() if exercises is None else exercises)
        self.exercise: str | None = None
        self.target_reps: int | None = None
        self._armed = False
        self._running: _Running | None = None
        self._newest_s = 0.0
        self._waiting: list[Event] = []
        self._reps_taken_back = 0

    def push(self, block: SampleBlock) -> list[Event]:
        """Take the next samples; return what the orders since then and the samples complete."""
        if len(block) == 0:
            return []
        said = self.said()
        self._newest_s = float(block.t_s[-1])
        return said + list(self._corrected(self.engine.push(block)))

    def flush(self) -> list[Event]:
        """Return the last events of a stream that has ended."""
        return self.said() + list(self._corrected(self.engine.flush()))

    def said(self) -> list[Event]:
        """Return what the orders since the last samples have brought about, without more samples.

        It is not returned a second time.
        """
        said, self._waiting = self._waiting, []
        return said

    def resume(self, exercise: str | None, target_reps: int | None) -> None:
        """Take up what was chosen before a restart; what is possible no more is left out."""
        if target_reps in range(1, MOST_REPS + 1):
            self.target_reps = target_reps
            self._say_choice()
        if exercise in self.exercises:
            self.choose(exercise)

    def start_set(self, exercise: str | None = None) -> None:
        """Be ready for a set, of this exercise or of the one that was chosen before.

        Raises
        ------
        CommandError
            When there is no such exercise.
        """
        if exercise is not None:
            self._choose(self._known(exercise))
        self._armed = True
        self.engine.arm(self.exercise)

    def end_set(self) -> None:
        """Finish the running set now; no set is due any more."""
        self._waiting += self._corrected(self.engine.end_set())
        self._armed = False
        self.engine.disarm()

    def undo_rep(self) -> None:
        """Take back the last rep of the running set.

        Raises
        ------
        CommandError
            When no set is running, or it has no rep left.
        """
        running = self._running
        if running is None:
            raise CommandError("No set is running, so there is no rep to take back.")
        if not running.reps:
            raise CommandError(f"Set {running.number} has no rep that could be taken back.")
        running.undone.append(running.reps.pop())
        self._waiting.append(
            CountCorrected(set=running.number, reps=running.shown, announced_s=self._newest_s)
        )

    def choose(self, exercise: str | None) -> None:
        """Take that the sets to come are of this exercise; None leaves it to be recognised.

        Raises
        ------
        CommandError
            When there is no such exercise.
        """
        self._choose(None if exercise is None else self._known(exercise))
        if self.exercise is not None or self._armed:
            self._armed = True
            self.engine.arm(self.exercise)

    def next_exercise(self) -> None:
        """Choose the exercise after the one that is chosen, the first one after the last.

        Raises
        ------
        CommandError
            When there are no exercises to choose from.
        """
        if not self.exercises:
            raise CommandError("There is no list of exercises to go through.")
        before = -1 if self.exercise is None else self.exercises.index(self.exercise)
        self.choose(self.exercises[(before + 1) % len(self.exercises)])

    def calibrate(self, exercise: str | None = None) -> None:
        """Take the next set, of this or the exercise chosen before, as the measure of this person.

        Raises
        ------
        CommandError
            When a set is running, or it is not known which exercise comes.
        """
        if self._running is not None:
            raise CommandError(
                f"Set {self._running.number} is running: calibrate between sets, so that the "
                f"measure is a whole one."
            )
        if exercise is not None:
            self.start_set(exercise)
        self.engine.calibrate()

    def aim(self, reps: int) -> None:
        """Take that so many reps are wanted in a set; 0 means that no number is.

        Raises
        ------
        CommandError
            When the number is not possible.
        """
        if not 0 <= reps <= MOST_REPS:
            raise CommandError(f"{reps} reps cannot be a target: use 0 (none) to {MOST_REPS}.")
        self.target_reps = reps or None
        self._say_choice()

    def _known(self, exercise: str) -> str:
        if exercise not in self.exercises:
            known = ", ".join(self.exercises) or "none"
            raise CommandError(f"There is no exercise {exercise!r}. Known are: {known}.")
        return exercise

    def _choose(self, exercise: str | None) -> None:
        self.exercise = exercise
        self._say_choice()

    def _say_choice(self) -> None:
        self._waiting.append(
            Chosen(exercise=self.exercise, target_reps=self.target_reps, announced_s=self._newest_s)
        )

    def _corrected(self, said: Sequence[Event]) -> Iterator[Event]:
        for event in said:
            match event:
                case SetStarted(set=number):
                    self._running = _Running(number)
                    yield event
                case RepFinished() if self._running is not None:
                    yield from self._rep(self._running, event)
                case CountCorrected() if self._running is not None:
                    self._running.engine_reps = event.reps
                    del self._running.reps[self._running.shown :]
                    yield replace(event, reps=self._running.shown)
                case SetFinished():
                    yield self._finished(event)
                case WorkoutFinished():
                    yield replace(event, reps=max(event.reps - self._reps_taken_back, 0))
                case _:
                    yield event

    def _rep(self, running: _Running, event: RepFinished) -> Iterator[Event]:
        if event.rep > running.engine_reps:  # else it is said once more, now for sure
            running.engine_reps = event.rep
            running.reps.append(event.measured)
        number = event.rep - len(running.undone)
        if number < 1:
            return
        yield replace(event, rep=number)
        if number == self.target_reps and not (event.provisional or running.reached):
            running.reached = True
            yield FormCue(
                set=event.set,
                rep=number,
                cue="reached",
                text=f"Target reached: {number} reps." if number > 1 else "Target reached: 1 rep.",
                announced_s=event.announced_s,
            )

    def _finished(self, event: SetFinished) -> SetFinished:
        undone = self._running.undone if self._running is not None else []
        self._running = None
        kept = list(event.rep_details)
        for rep in undone:
            same = max(kept, key=lambda other: _overlap_s(rep, other), default=None)
            if same is not None and _overlap_s(rep, same) > 0.0:
                kept.remove(same)
        self._reps_taken_back += len(event.rep_details) - len(kept)
        if len(kept) < len(event.rep_details):
            event = _of_these(event, kept)
        if self.exercise is not None and event.exercise == UNKNOWN and event.reps:
            return replace(event, exercise=self.exercise, exercise_confidence=1.0)
        return event


def _with_count(event: SetFinished, reps: int) -> SetFinished:
    """Return the set with another count, for an arm and in total where that is known."""
    if event.reps_total is None or not event.reps:
        return replace(event, reps=reps)
    total = reps * event.reps_total // event.reps
    return replace(event, reps=reps, reps_per_arm=reps, reps_total=total)


def _overlap_s(one: Rep, other: Rep) -> float:
    return min(one.end_s, other.end_s) - max(one.start_s, other.start_s)


def _of_these(event: SetFinished, kept: Sequence[Rep]) -> SetFinished:
    """Return the finished set with only these reps."""
    share = len(kept) / len(event.rep_details)

    def fewer(count: int | None) -> int | None:
        return None if count is None else round(count * share)

    return replace(
        event,
        reps=len(kept),
        rep_details=tuple(kept),
        flags=tuple(dict.fromkeys(flag for rep in kept for flag in rep.flags)),
        reps_per_arm=fewer(event.reps_per_arm),
        reps_total=fewer(event.reps_total),
    )
