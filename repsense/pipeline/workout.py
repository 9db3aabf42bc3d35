"""Follow a plan: which set is due, when its target is reached, when the rest before it is over.

Everything is told by finished sets and by the sensor's clock. A wrist does not
see the other arm's set: it takes about as long as its own did, and is taken to
be done after that time, or when the wrist begins another set, or when the
person says so. A set that the wrist does see meanwhile is the other side's, for
then the band has changed sides too.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from repsense.events import (
    Event,
    FormCue,
    PlanFinished,
    RepFinished,
    SetDue,
    SetFinished,
    SetStarted,
    Side,
)
from repsense.exercises.catalogue import load_catalogue
from repsense.exercises.exercise import Exercise
from repsense.exercises.phrases import Phrases
from repsense.pipeline.plan import Plan, Step, steps_of

# A set has been done with this share of the fewest reps. With less it is still due: while a set is
# expected, handling the weights may look like a rep or two.
_DONE_SHARE = 0.6

# Reps quicker than this share of the controlled tempo were something else, like handling; and in a
# set of fewer reps than asked, reps quicker than the second share.
_QUICKEST_SHARE, _QUICKEST_SHARE_OF_FEW = 0.35, 0.55

# Changing sides takes this long, s; before half of the other side's time is over, a set that is
# seen is the other side's own.
_CHANGE_S = 10.0
_OTHER_SHARE = 0.5

# From this share of the rest on, a set may well begin: until then drinking must not look like one.
_READY_SHARE = 0.5


@dataclass(slots=True)
class _Now:
    """Where the workout is.

    Parameters
    ----------
    since_s
        End of the last set; None before the first.
    rest_s
        Rest from then on, s.
    called
        It has been said that the rest is over.
    running
        Number of the set that is under way.
    worn_s
        How long the worn arm took, s.
    reached
        It has been said that the target is reached.
    """

    since_s: float | None = None
    rest_s: float = 0.0
    called: bool = False
    running: int | None = None
    worn_s: float = 0.0
    reached: bool = False


class WorkoutFollower:
    """Follow one workout from its first set to its last.

    Parameters
    ----------
    plan
        What is to be done.
    catalogue
        The exercises the plan may name; None is those that come with RepSense.
    phrases
        Says things; None says them in English.

    Raises
    ------
    CatalogueError
        When the plan names an exercise that is not in the catalogue.
    """

    def __init__(
        self,
        plan: Plan,
        catalogue: Mapping[str, Exercise] | None = None,
        phrases: Phrases | None = None,
    ) -> None:
        self.plan = plan
        self.phrases = phrases or Phrases()
        self.left = list(steps_of(plan, load_catalogue() if catalogue is None else catalogue))
        self.done: list[Step] = []
        self._now = _Now()
        self._said: Step | None = None
        self._finished = False
        self._last_set = 0

    @property
    def due(self) -> Step | None:
        """The set that is due or under way; None when all are done."""
        return self.left[0] if self.left else None

    def rest_left_s(self, now_s: float) -> float:
        """Return how much of the rest is left, s."""
        if self._now.since_s is None:
            return 0.0
        return max(0.0, self._now.since_s + self._now.rest_s - now_s)

    def ready(self, now_s: float) -> bool:
        """Say whether the set that is due may begin any moment on the arm with the band."""
        if self.due is None or self._now.running is not None:
            return False
        waited = self.rest_left_s(now_s) <= (1.0 - _READY_SHARE) * self._now.rest_s
        return waited and self.due.side is not Side.OTHER

    def take(self, event: Event) -> list[FormCue]:
        """Take an event of the pipeline; return what is to be said about it at once."""
        match event:
            case SetStarted(set=number, t_s=t_s):
                self._last_set = number
                self._now.running = number
                if self._other_side_must_be_done(t_s):
                    self._advance(t_s)
            case RepFinished(provisional=False) as rep:
                return self._reached(rep)
            case SetFinished() as finished:
                self._finish(finished)
        return []

    def tick(self, now_s: float) -> list[Event]:
        """Return what is to be said at this time of the sensor's clock, s."""
        if self._other_side_should_be_done(now_s):
            self._advance(now_s)
        if self.due is None:
            return self._end(now_s)
        events: list[Event] = []
        if self._said is not self.due:
            self._said = self.due
            events.append(self._set_due(self.due, now_s))
        if self._now.running is None and not self._now.called and not self.rest_left_s(now_s):
            self._now.called = True
            events.append(self._call(self.due, now_s))
        return events

    def choose(self, exercise_id: str) -> None:
        """Take that this exercise comes next; one that is not planned leaves the plan as it is."""
        chosen = [step for step in self.left if step.exercise.id == exercise_id]
        if chosen and self.left[0] is not chosen[0]:
            self.left = chosen + [step for step in self.left if step.exercise.id != exercise_id]
        if chosen:
            self._now.rest_s, self._now.called = 0.0, False

    def skip(self, now_s: float) -> None:
        """Go on to the next set: this one is done unseen, or will not be done."""
        if self._now.running is None and self.left:
            self._advance(now_s)

    def _finish(self, event: SetFinished) -> None:
        self._last_set = event.set
        self._now.running = None
        self._now.reached = False
        step = self.due
        if step is None or not event.reps:
            return
        if event.exercise not in {step.exercise.id, "unknown"}:
            if all(event.exercise != later.exercise.id for later in self.left):
                return
            self.choose(event.exercise)
            step = self.left[0]
        if not could_be(step.exercise, event):
            return
        if event.reps >= _DONE_SHARE * step.reps_min:
            self._now.worn_s = event.end_s - event.start_s
            self._advance(event.end_s)

    def _advance(self, now_s: float) -> None:
        step = self.left.pop(0)
        self.done.append(step)
        kept = self._now.worn_s, self._now.running
        self._now = _Now(since_s=now_s, rest_s=step.rest_s, worn_s=kept[0], running=kept[1])

    def _other_side_s(self, share: float) -> float | None:
        """Return when the other side has had ``share`` of its time; None if it is not due."""
        if self.due is None or self.due.side is not Side.OTHER or self._now.since_s is None:
            return None
        return self._now.since_s + _CHANGE_S + share * self._now.worn_s

    def _other_side_must_be_done(self, now_s: float) -> bool:
        until_s = self._other_side_s(_OTHER_SHARE)
        return until_s is not None and now_s >= until_s

    def _other_side_should_be_done(self, now_s: float) -> bool:
        until_s = self._other_side_s(1.0)
        return until_s is not None and self._now.running is None and now_s >= until_s

    def _reached(self, event: RepFinished) -> list[FormCue]:
        step = self.due
        if step is None or step.to_failure or self._now.reached:
            return []
        if event.rep < step.reps_max:
            return []
        self._now.reached = True
        text = self.phrases.workout("reached", reps=event.rep)
        return [self._cue("reached", text, event.announced_s, set_number=event.set, rep=event.rep)]

    def _end(self, now_s: float) -> list[Event]:
        if self._finished or not self.done:
            return []
        self._finished = True
        return [
            PlanFinished(sets=len(self.done), announced_s=now_s),
            self._cue("finished", self.phrases.workout("finished"), now_s),
        ]

    def _set_due(self, step: Step, now_s: float) -> SetDue:
        return SetDue(
            exercise=step.exercise.id,
            name=self.phrases.name(step.exercise),
            number=step.number,
            sets=step.sets,
            side=step.side,
            reps_min=step.reps_min,
            reps_max=step.reps_max,
            to_failure=step.to_failure,
            rest_s=self._now.rest_s,
            reminders=self.phrases.reminders(step.exercise),
            announced_s=now_s,
        )

    def _call(self, step: Step, now_s: float) -> FormCue:
        """Say which set comes now, and one of the things that no wrist can check."""
        target = target_text(self.phrases, step)
        if step.side is Side.OTHER:
            text = self.phrases.workout("other_side", target=target)
            return self._cue("other_side", text, now_s)
        text = self.phrases.workout(
            "next_set",
            exercise=self.phrases.name(step.exercise),
            number=step.number,
            sets=step.sets,
            target=target,
        )
        reminders = self.phrases.reminders(step.exercise)
        if reminders:
            text = f"{text} {reminders[(step.number - 1) % len(reminders)]}"
        return self._cue("next_set", text, now_s)

    def _cue(
        self, cue: str, text: str, now_s: float, *, set_number: int | None = None, rep: int = 0
    ) -> FormCue:
        number = self._last_set + 1 if set_number is None else set_number
        return FormCue(set=number, rep=rep, cue=cue, text=text, announced_s=now_s)


def could_be(exercise: Exercise, finished: SetFinished) -> bool:
    """Say whether a finished set was slow enough to have been this exercise."""
    few = finished.reps < exercise.reps_min
    quickest_s = (_QUICKEST_SHARE_OF_FEW if few else _QUICKEST_SHARE) * exercise.tempo.rep_s
    return finished.end_s - finished.start_s >= finished.reps * quickest_s


def target_text(phrases: Phrases, step: Step) -> str:
    """Return what a set asks for, in words."""
    if step.to_failure:
        return phrases.workout("to_failure")
    if step.reps_min == step.reps_max:
        target = phrases.workout("exactly", most=step.reps_max)
    else:
        target = phrases.workout("range", fewest=step.reps_min, most=step.reps_max)
    if step.side is Side.ALTERNATING:
        return phrases.workout("per_arm", target=target)
    return target
