"""What a coach says during a set: one thing at a time, the most useful one, and not too often."""

from dataclasses import dataclass, field

from repsense.errors import CatalogueError
from repsense.events import FormCue, FormFlag, RepFinished, SetFinished, SetStarted
from repsense.exercises.exercise import Exercise
from repsense.exercises.phrases import ENGLISH, Phrases, languages
from repsense.pipeline.seen import RepSeen, Said

# What to mend first: what may hurt, then what takes the work from the muscle, then the finish.
_FIRST_TO_LAST = (
    FormFlag.SWING,
    FormFlag.BOUNCE,
    FormFlag.FAST_LOWER,
    FormFlag.FAST_LIFT,
    FormFlag.NO_HOLD,
    FormFlag.PARTIAL,
)

# One slow lift may be a look at the clock.
_SLOW_REPS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class CoachParameters:
    """How the coach speaks.

    Parameters
    ----------
    cues
        False keeps the coach silent about form; the plan still says what is next.
    language
        Name of a file in ``exercises/cues``, as in ``en``.
    gap_s
        Shortest time between two cues, s.
    repeat_reps
        The same cue, or one less important, comes again only after this many reps.
    tiring
        When two lifts in a row took longer than the best of the first three by this
        share, it is said that the last good reps seem near, once in a set.

    Raises
    ------
    CatalogueError
        When the language is none of those there are, or a number is not possible.
    """

    cues: bool = True
    language: str = ENGLISH
    gap_s: float = 6.0
    repeat_reps: int = 4
    tiring: float = 0.6

    def __post_init__(self) -> None:
        if self.language not in languages():
            raise CatalogueError(
                f"There are no cues in the language '{self.language}': use one of "
                f"{', '.join(languages())}."
            )
        if not 0.0 <= self.gap_s <= 600.0:
            raise CatalogueError(f"A gap of {self.gap_s:g} s cannot be kept: use 0 to 600.")
        if not 1 <= self.repeat_reps <= 100:
            raise CatalogueError(f"{self.repeat_reps} reps cannot be waited for: use 1 to 100.")
        if not 0.1 <= self.tiring <= 10.0:
            raise CatalogueError(
                f"Slowing by a share of {self.tiring:g} says nothing: use 0.1 to 10."
            )


@dataclass(slots=True)
class _Said:
    """What has been said in the running set.

    Parameters
    ----------
    rep, seen
        Newest rep that was judged when it was said, and newest of which all was seen.
    last_rep, last_s, last_rank
        When the last cue about a fault was given, and how important it was.
    unmended
        Faults that were spoken of and have not been mended, the newest last.
    slow
        Lifts in a row that took much longer; None once that has been said.
    """

    rep: int = 0
    seen: int = 0
    last_rep: int | None = None
    last_rank: int = 0
    last_s: float | None = None
    unmended: list[FormFlag] = field(default_factory=list)
    slow: int | None = 0


class Coach:
    """Turn the faults of finished reps into cues.

    Parameters
    ----------
    parameters
        How often, and in which language.
    phrases
        Says things; None makes what says them in the parameters' language.

    Attributes
    ----------
    exercise
        What is being done, where it is known or recognised: cues are then its own.
    """

    exercise: Exercise | None

    def __init__(
        self, parameters: CoachParameters | None = None, phrases: Phrases | None = None
    ) -> None:
        self.parameters = parameters or CoachParameters()
        self.phrases = phrases or Phrases(self.parameters.language)
        self.exercise = None
        self._said = _Said()

    def take(self, event: Said) -> list[FormCue]:
        """Return the cue that follows from an event, if any: never more than one.

        With the rep that is counted goes out what is already sure to be wrong with it; all else,
        praise among it, as soon as the whole rep has been seen.
        """
        if isinstance(event, SetStarted | SetFinished):
            self._said = _Said()
        if not self.parameters.cues:
            return []
        match event:
            case RepFinished(provisional=False) if event.rep > self._said.rep:
                self._said.rep = event.rep
                return self._judge(event)
            case RepSeen() if event.rep > self._said.seen:
                self._said.seen = event.rep
                self._watch_tempo(event)
                return self._judge(event)
        return []  # nothing, or said again: it was judged the first time

    def _judge(self, rep: RepFinished | RepSeen) -> list[FormCue]:
        said = self._said
        if self._too_quick(rep) or _long_ago(rep):
            return []
        if said.last_s is not None and rep.announced_s - said.last_s < self.parameters.gap_s:
            return []
        faults = [flag for flag in _FIRST_TO_LAST if flag in rep.measured.flags]
        if faults:
            return self._fault(rep, faults)
        # What was said of it a moment ago is not mended by the rep itself.
        praised = isinstance(rep, RepSeen) and rep.rep != said.last_rep
        return self._praise(rep) if praised else []

    def _watch_tempo(self, rep: RepSeen) -> None:
        said = self._said
        if said.slow is not None:
            slow = rep.measured.slowing >= self.parameters.tiring
            said.slow = said.slow + 1 if slow else 0

    def _too_quick(self, rep: RepFinished | RepSeen) -> bool:
        """Say whether this was hardly the exercise: handling the weights needs no coaching."""
        took_s = rep.measured.end_s - rep.measured.start_s
        return self.exercise is not None and took_s < self.exercise.rep_s[0]

    def _fault(self, rep: RepFinished | RepSeen, faults: list[FormFlag]) -> list[FormCue]:
        """Speak of the most important fault that there are words for, unless it is too soon."""
        said = self._said
        for flag in faults:
            text = self.phrases.fault(flag, self.exercise)
            if text is None:
                continue
            rank = _FIRST_TO_LAST.index(flag)
            waiting = said.last_rep is not None and (
                rep.rep - said.last_rep < self.parameters.repeat_reps
            )
            if waiting and rank >= said.last_rank:
                return []
            said.last_rep, said.last_rank = rep.rep, rank
            said.unmended = [one for one in said.unmended if one is not flag] + [flag]
            return [self._cue(rep, flag.value, text)]
        return []

    def _praise(self, rep: RepFinished | RepSeen) -> list[FormCue]:
        """Say of a clean rep that the fault last spoken of is mended, or that it was hard work."""
        if not self._said.unmended:
            return self._hint(rep)
        flag = self._said.unmended[-1]
        self._said.unmended = []
        return [self._cue(rep, f"better_{flag.value}", self.phrases.better(flag, rep.measured))]

    def _hint(self, rep: RepFinished | RepSeen) -> list[FormCue]:
        """Say once in a set that the lifts slow down: a hint of failure being near, no promise."""
        if self._said.slow is None or self._said.slow < _SLOW_REPS:
            return []
        self._said.slow = None
        return [self._cue(rep, "tiring", self.phrases.workout("tiring"))]

    def _cue(self, rep: RepFinished | RepSeen, cue: str, text: str) -> FormCue:
        self._said.last_s = rep.announced_s
        return FormCue(set=rep.set, rep=rep.rep, cue=cue, text=text, announced_s=rep.announced_s)


def _long_ago(rep: RepFinished | RepSeen) -> bool:
    """Say whether more than a rep has passed since: a set's first reps are told together."""
    took_s = rep.measured.end_s - rep.measured.start_s
    return rep.announced_s - rep.measured.end_s > took_s
