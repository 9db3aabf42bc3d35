"""One exercise of the catalogue, as plain facts."""

from dataclasses import dataclass
from enum import StrEnum

from repsense.events import FormFlag


class Posture(StrEnum):
    """How the body is held while the arms work."""

    STANDING = "standing"
    SLIGHT_SQUAT = "slight_squat"
    SPLIT_STANCE = "split_stance"
    SEATED = "seated"
    LYING = "lying"
    PLANK = "plank"
    BENCH = "bench"


class Arms(StrEnum):
    """Which arms work, and when."""

    BOTH = "both"
    ALTERNATING = "alternating"
    PER_SIDE = "per_side"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tempo:
    """How long the phases of one controlled rep take.

    Parameters
    ----------
    lift_s, hold_s, lower_s
        Concentric phase, pause at the turn, eccentric phase.
    """

    lift_s: float
    hold_s: float
    lower_s: float

    @property
    def rep_s(self) -> float:
        """One rep from start to end, s."""
        return self.lift_s + self.hold_s + self.lower_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Cue:
    """One sentence of coaching, said when the wrist saw ``flag`` in a rep."""

    flag: FormFlag
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Exercise:
    """What the product knows about one exercise.

    Parameters
    ----------
    id, name, other_names
        Stable identifier, name for people, names it also goes by.
    how
        The movement in a sentence or two.
    posture, arms
        How the body is held; which arms work.
    reps_min, reps_max
        Reps asked of one arm in one set. Where the arms alternate, the set as a
        whole has twice as many.
    concentric_first
        True where a rep begins with the effort (a press, a row, pulling a cable
        down), False where it begins with the yielding (the pullover).
    tempo
        The controlled tempo to aim for.
    hold_asked_s
        Pause that the exercise asks for by name; 0 where none is asked.
    rep_s
        Shortest and longest time that one rep of one arm may be expected to take, s.
    range_g
        Smallest and largest change of the smoothed acceleration to be expected
        between start and turn of a full rep, g.
    cues
        What is said about faults that a wrist can see: it can check these.
    reminders
        Advice that no wrist can check, for before the set.
    muscles
        What should feel it, most worked first.
    """

    id: str
    name: str
    other_names: tuple[str, ...]
    how: str
    posture: Posture
    arms: Arms
    reps_min: int
    reps_max: int
    concentric_first: bool
    tempo: Tempo
    hold_asked_s: float
    rep_s: tuple[float, float]
    range_g: tuple[float, float]
    cues: tuple[Cue, ...]
    reminders: tuple[str, ...]
    muscles: tuple[str, ...]

    def cue_for(self, flag: FormFlag) -> str | None:
        """Return what to say about ``flag``, or None where this exercise has no word for it."""
        return next((cue.text for cue in self.cues if cue.flag == flag), None)

    @property
    def period_s(self) -> tuple[float, float]:
        """Shortest and longest time from rep to rep on one arm, s: twice where arms alternate."""
        times = 2.0 if self.arms is Arms.ALTERNATING else 1.0
        return times * self.rep_s[0], times * self.rep_s[1]
