"""All that is said beside the counting: cues, the plan, and what a count means for both arms."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from repsense.events import Event, ExerciseRecognised, FormCue, SetFinished, SetStarted
from repsense.exercises.catalogue import load_catalogue
from repsense.exercises.exercise import Arms, Exercise
from repsense.exercises.phrases import Phrases
from repsense.pipeline.coach import Coach, CoachParameters
from repsense.pipeline.plan import Plan
from repsense.pipeline.seen import RepSeen, Said
from repsense.pipeline.workout import WorkoutFollower, could_be

# What the count of one wrist is worth for the whole body.
_ARMS_SEEN = {Arms.BOTH: 1, Arms.ALTERNATING: 2, Arms.PER_SIDE: 1}


class Coaching:
    """Listen to the pipeline, add what a coach would say, and know which set is due.

    Parameters
    ----------
    parameters
        How the coach speaks.
    catalogue
        All exercises by identifier, a user's own included; None is those that
        come with RepSense.
    plan
        The workout to follow; None, or a plan without exercises, follows none.

    Raises
    ------
    CatalogueError
        When the plan has an exercise that is not in the catalogue.

    Attributes
    ----------
    chosen
        Exercise that the person has said and the plan has not; it wins over the plan's.
    """

    def __init__(
        self,
        parameters: CoachParameters | None = None,
        *,
        catalogue: Mapping[str, Exercise] | None = None,
        plan: Plan | None = None,
    ) -> None:
        parameters = parameters or CoachParameters()
        self.catalogue = load_catalogue() if catalogue is None else catalogue
        self.phrases = Phrases(parameters.language)
        self.coach = Coach(parameters, self.phrases)
        self.chosen: str | None = None
        self._to_remind: Exercise | None = None
        self._last_set = 0
        self.follower = (
            WorkoutFollower(plan, self.catalogue, self.phrases)
            if plan is not None and plan.exercises
            else None
        )

    @property
    def known(self) -> str | None:
        """Identifier of the exercise that is known to come or to be done, if any."""
        if self.chosen is not None or self.follower is None or self.follower.due is None:
            return self.chosen
        return self.follower.due.exercise.id

    def due(self, now_s: float) -> str | None:
        """Return the exercise of which a set may begin any moment, as far as a plan tells."""
        if self.chosen is not None or self.follower is None:
            return self.chosen
        return self.known if self.follower.ready(now_s) else None

    @property
    def single(self) -> bool:
        """Whether the set that the plan says is due may be a single rep."""
        step = None if self.follower is None or self.chosen is not None else self.follower.due
        return step is not None and step.reps_min == 1

    def choose(self, exercise: str | None) -> None:
        """Take that a set is due, and of which exercise if the person says that."""
        if self.follower is not None:
            self.follower.choose(exercise or self.known or "")
        planned = self.follower is not None and self.known == exercise
        self.chosen = None if planned else exercise
        self._to_remind = None if planned else self.catalogue.get(exercise or "")

    def forget(self) -> None:
        """Take that nothing is chosen any more."""
        self.chosen = self._to_remind = None

    def skip(self, now_s: float) -> None:
        """Take that the set the plan asks for is done unseen, or will not be done."""
        if self.chosen is None and self.follower is not None:
            self.follower.skip(now_s)

    def take(self, events: Iterable[Said], now_s: float, *, last: bool = False) -> list[Event]:
        """Return the events with what is to be said about them, at time ``now_s``.

        A known exercise stands in the finished set, whatever was recognised; the plan's
        only where the reps were not far too quick for it.

        Parameters
        ----------
        last
            The stream has ended: what would be next is not said any more.
        """
        said: list[Event] = []
        for event in events:
            if isinstance(event, RepSeen):
                said += self.coach.take(event)
                continue
            told = self._told(event) if isinstance(event, SetFinished) else event
            said += [told, *self._comments(told)]
        said += self._reminder(now_s)
        if self.follower is not None and not (last and self.follower.due):
            said += self.follower.tick(now_s)
        return said

    def _comments(self, event: Event) -> list[FormCue]:
        """Return at most one cue: the plan's, else the coach's."""
        known = self.catalogue.get(self.known or "")
        if known is not None:
            self.coach.exercise = known
        elif isinstance(event, ExerciseRecognised):
            self.coach.exercise = self.catalogue.get(event.exercise)
        planned = [] if self.follower is None else self.follower.take(event)
        cues = [*planned, *self.coach.take(event)]
        match event:
            case SetStarted(set=number):
                self._last_set, self._to_remind = number, None
            case SetFinished(reps=reps):
                self.coach.exercise = None
                if reps and self.follower is not None:
                    self.chosen = None
        return cues[:1]

    def _reminder(self, now_s: float) -> list[FormCue]:
        """Return, once after an exercise was chosen, what no wrist can check about it."""
        exercise, self._to_remind = self._to_remind, None
        reminders = () if exercise is None else self.phrases.reminders(exercise)
        return [
            FormCue(set=self._last_set + 1, rep=0, cue="reminder", text=text, announced_s=now_s)
            for text in reminders[:1]
        ]

    def _told(self, event: SetFinished) -> SetFinished:
        """Return the finished set with the known exercise, and what it means for both arms."""
        if not event.reps:
            return event
        known = self.catalogue.get(self.known or "")
        if known is not None and (self.chosen is not None or could_be(known, event)):
            event = replace(event, exercise=known.id, exercise_confidence=1.0)
        exercise = self.catalogue.get(event.exercise)
        if exercise is None:
            return event
        total = event.reps * _ARMS_SEEN[exercise.arms]
        return replace(event, reps_per_arm=event.reps, reps_total=total)
