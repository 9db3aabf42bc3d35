"""What the terminal shows, as data: the live state and what a screen wants besides. No drawing."""

from dataclasses import dataclass, field, replace
from enum import Enum

from repsense.events import (
    CountCorrected,
    FormFlag,
    Rep,
    RepFinished,
    SetFinished,
    SetStarted,
)
from repsense.exercises.catalogue import load_catalogue
from repsense.exercises.exercise import Tempo
from repsense.sinks.base import Notice
from repsense.sinks.live import UNKNOWN_EXERCISE, LiveState, Phase, SetSummary, reduce

# From here the light is amber: most of the way to a swing, which the engine flags itself.
AMBER_MOMENTUM = 0.3

FLAG_WORDS = {
    FormFlag.SWING: "swinging",
    FormFlag.FAST_LIFT: "lifted too fast",
    FormFlag.FAST_LOWER: "lowered too fast",
    FormFlag.NO_HOLD: "no pause at the turn",
    FormFlag.PARTIAL: "short of the full range",
    FormFlag.BOUNCE: "bounced",
}


class Light(Enum):
    """The momentum light: the colour says it to the corner of the eye, the word to everyone."""

    GREEN = "controlled"
    AMBER = "careful"
    RED = "swinging"


def light_of(momentum: float, flags: tuple[FormFlag, ...]) -> Light:
    """Return red for a swing, amber for a doubtful rep or any other fault, else green."""
    if FormFlag.SWING in flags:
        return Light.RED
    if flags or momentum >= AMBER_MOMENTUM:
        return Light.AMBER
    return Light.GREEN


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreenState:
    """One wearer's screen.

    Parameters
    ----------
    live
        The newest state.
    reps
        The reps of the running set, or of the last one.
    sets
        The finished sets, without those that turned out to be something else
        (no rep was left in the end). They are numbered as the wearer counts them.
    swings
        How many reps of each finished set carry the flag ``swing``.
    first_s, now_s
        Device time of the first and the newest sample; None before any.
    rest_since_s
        Device time at which the last set ended; None before that.
    """

    live: LiveState
    reps: tuple[Rep, ...] = ()
    sets: tuple[SetSummary, ...] = ()
    swings: tuple[int, ...] = ()
    first_s: float | None = None
    now_s: float | None = None
    rest_since_s: float | None = None
    notes: tuple[tuple[str, str], ...] = field(default=())
    status: str = ""

    @property
    def elapsed_s(self) -> float:
        """Device time since the first sample, in s."""
        return 0.0 if self.now_s is None or self.first_s is None else self.now_s - self.first_s

    @property
    def rest_s(self) -> float | None:
        """How long the wearer has rested, in s; None in a set and before the first."""
        if self.live.phase is Phase.SET or self.rest_since_s is None or self.now_s is None:
            return None
        return max(self.now_s - self.rest_since_s, 0.0)

    @property
    def shown_set(self) -> int:
        """Number of the running set, or else of the last one; 0 before the first."""
        return len(self.sets) + (self.live.phase is Phase.SET)

    @property
    def shown_reps(self) -> int:
        """Live count of the running set, or else the final count of the last one."""
        if self.live.phase is Phase.SET or not self.sets:
            return self.live.reps
        return self.sets[-1].reps

    @property
    def shown_exercise(self) -> str:
        """Exercise of the running set, or else of the last one."""
        if self.live.phase is Phase.SET or not self.sets:
            return self.live.exercise
        return self.sets[-1].exercise

    @property
    def total_reps(self) -> int:
        """Reps of the finished sets."""
        return sum(summary.reps for summary in self.sets)


def follow(state: ScreenState, notice: Notice) -> ScreenState:
    """Return the screen after one more event."""
    changed = _in_workout(replace(state, live=reduce(state.live, notice)), state.live)
    match notice.event:
        case SetStarted():
            return replace(changed, reps=())
        case RepFinished(rep=number, measured=measured):
            # A provisional rep is said again when it is confirmed: the same number replaces it.
            return replace(changed, reps=(*state.reps[: number - 1], measured))
        case CountCorrected(reps=reps):
            return replace(changed, reps=state.reps[:reps])
        case SetFinished() as finished:
            return _with_set(changed, finished)
    return changed


def _in_workout(state: ScreenState, before: LiveState) -> ScreenState:
    """Begin anew with a new workout: a service that runs for months shows the one of today."""
    begun = before.workout_started_at
    if begun is None or begun == state.live.workout_started_at:
        return state
    return replace(state, sets=(), swings=(), reps=(), first_s=state.now_s, rest_since_s=None)


def _with_set(state: ScreenState, finished: SetFinished) -> ScreenState:
    summary = state.live.last_set
    if summary is None or summary in state.sets:
        return state
    if not finished.reps:
        return replace(state, reps=())
    swings = sum(FormFlag.SWING in rep.flags for rep in finished.rep_details)
    return replace(
        state,
        reps=finished.rep_details,
        sets=(*state.sets, summary),
        swings=(*state.swings, swings),
        rest_since_s=finished.end_s,
    )


def at_time(state: ScreenState, now_s: float) -> ScreenState:
    """Return the screen at a newer device time, in s."""
    first_s = now_s if state.first_s is None else state.first_s
    return replace(state, first_s=first_s, now_s=now_s)


def exercise_name(exercise: str) -> str:
    """Return the exercise's name for people; its identifier where the catalogue has none."""
    known = load_catalogue().get(exercise)
    return exercise if known is None else known.name


def set_title(number: int, exercise: str) -> str:
    """Return ``Set 2 · Front raise``, or less where the exercise is not known."""
    if exercise == UNKNOWN_EXERCISE:
        return f"Set {number}"
    return f"Set {number} · {exercise_name(exercise)}"


def target_of(exercise: str) -> Tempo | None:
    """Return the tempo to aim for, or None where the exercise is not known."""
    known = load_catalogue().get(exercise)
    return None if known is None else known.tempo


def clock(seconds: float) -> str:
    """Return a duration in s as ``m:ss``."""
    minutes, rest = divmod(int(max(seconds, 0.0)), 60)
    return f"{minutes}:{rest:02d}"


def flag_words(flags: tuple[FormFlag, ...]) -> str:
    """Return the faults in words, or nothing."""
    return ", ".join(FLAG_WORDS[flag] for flag in flags)
