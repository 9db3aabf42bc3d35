"""What the pipeline says: frozen facts, each with the time it was spoken.

Times ending in ``_s`` are seconds on the device's clock. ``announced_s`` is the
newest sample time the pipeline had been given when it spoke, so the delay of an
announcement can be measured. :func:`to_dict` gives the JSON form of the
contract (``repsense replay --events -`` and the MQTT payloads).
"""

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, ClassVar

from repsense.calibration import Calibrated
from repsense.samples import LinkState


class FormFlag(StrEnum):
    """A fault of form that a wrist can see in one rep."""

    SWING = "swing"
    FAST_LIFT = "fast_lift"
    FAST_LOWER = "fast_lower"
    NO_HOLD = "no_hold"
    PARTIAL = "partial"
    BOUNCE = "bounce"


class Side(StrEnum):
    """Which arm works, as seen from the band."""

    BOTH = "both"
    ALTERNATING = "alternating"
    WORN = "worn"
    OTHER = "other"


class Measure(StrEnum):
    """What was measured, of all that a flag can rest on."""

    LIFT = "lift"
    HOLD = "hold"
    LOWER = "lower"
    REP = "rep"
    WEIGHT = "weight"
    REBOUND = "rebound"
    RANGE = "range"


class Against(StrEnum):
    """What a measurement is compared with."""

    SET = "set"
    EARLIER_SET = "earlier_set"
    ASKED = "asked"
    LIMIT = "limit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Why a rep carries a flag.

    Parameters
    ----------
    flag
        The flag.
    measure, value
        What was measured: a phase, or the rep from leaving to being back at half
        its way, s; how much the arm weighed at most in the lift or at the turn
        between two reps, in its own weights; the range against a full one.
    against, reference
        What it is compared with: the median of the set, that of an earlier set
        of the same movement, what the exercise asks for, or a fixed limit.
    """

    flag: FormFlag
    measure: Measure
    value: float
    against: Against
    reference: float

    def sentence(self) -> str:
        """Return it in English, like ``lowered in 0.5 s, your set's median is 1.9 s``."""
        seen, known = _SEEN[self.measure], _KNOWN[self.against]
        unit = _UNITS.get(self.measure, " s")
        scale = 100.0 if self.measure is Measure.RANGE else 1.0
        decimals = 0 if self.measure is Measure.RANGE else 1
        value, reference = scale * self.value, scale * self.reference
        return f"{seen} {value:.{decimals}f}{unit}, {known} {reference:.{decimals}f}{unit}"


_SEEN = {
    Measure.LIFT: "lifted in",
    Measure.HOLD: "held for",
    Measure.LOWER: "lowered in",
    Measure.REP: "there and back in",
    Measure.WEIGHT: "the arm felt up to",
    Measure.REBOUND: "between two reps the arm felt up to",
    Measure.RANGE: "reached",
}
_KNOWN = {
    Against.SET: "your set's median is",
    Against.EARLIER_SET: "in your earlier set it was",
    Against.ASKED: "the exercise asks for",
    Against.LIMIT: "the limit is",
}
_UNITS = {
    Measure.WEIGHT: " times its weight",
    Measure.REBOUND: " times its weight",
    Measure.RANGE: " %",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rep:
    """One repetition as measured.

    Parameters
    ----------
    start_s, turn_s, end_s
        Leaving the start posture, the far turning point, being back. For
        exercises that start with the lowering the turn is the lower end.
    lift_s, hold_s, lower_s
        Durations of the concentric phase, the pause at the turn, the eccentric phase.
    momentum
        0 (controlled) to 1 (thrown).
    range
        Range of the movement against the set's own full range; about 1 for a full rep.
    flags
        Faults of form seen in this rep.
    evidence
        What each flag rests on.
    slowing
        How much longer the lift took than the best of the set's first three, relative:
        0.3 is a third longer, a hint that not many reps are left. A hint, no promise.
    """

    start_s: float
    turn_s: float
    end_s: float
    lift_s: float
    hold_s: float
    lower_s: float
    momentum: float
    range: float
    flags: tuple[FormFlag, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    slowing: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SetStarted:
    """A set is under way; ``t_s`` is where its first rep began."""

    kind: ClassVar[str] = "set_started"
    set: int
    t_s: float
    announced_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RepFinished:
    """Rep number ``rep`` of set number ``set`` is done.

    A ``provisional`` first rep may still turn out to be handling of the
    weights; it is said again, not provisional, when the second rep confirms it.
    """

    kind: ClassVar[str] = "rep"
    set: int
    rep: int
    measured: Rep
    announced_s: float
    provisional: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CountCorrected:
    """The live count of a running set was wrong and is now ``reps``."""

    kind: ClassVar[str] = "count_corrected"
    set: int
    reps: int
    announced_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class FormCue:
    """One sentence of coaching, at most one at a time.

    Parameters
    ----------
    set, rep
        The rep it is about; rep 0 is before the set.
    cue
        A flag (``swing``), a flag that is mended (``better_swing``), or what the
        plan has to say: ``next_set``, ``reached``, ``other_side``, ``finished``;
        or what became of a calibration: ``calibrated``, ``not_calibrated``.
    text
        What to show or speak, in the configured language.
    """

    kind: ClassVar[str] = "cue"
    set: int
    rep: int
    cue: str
    text: str
    announced_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SetFinished:
    """The set is over: ``reps`` is the reconciled count, the one that is judged.

    No reps means that the set is taken back: what had been counted live was not exercise.

    Parameters
    ----------
    rep_details
        Every rep of the reconciled set, in order: ``reps`` of them, and the partial ones
        where those are not to count.
    exercise, exercise_confidence
        Identifier from the catalogue or ``"unknown"``, and how sure (0 to 1).
    flags
        Flags that at least one rep carries, in order of appearance.
    reps_per_arm, reps_total
        What the count means for the whole body, where the exercise is known or
        recognised: where arms alternate, one wrist sees every second rep.
    """

    kind: ClassVar[str] = "set_finished"
    set: int
    reps: int
    start_s: float
    end_s: float
    announced_s: float
    exercise: str = "unknown"
    exercise_confidence: float = 0.0
    flags: tuple[FormFlag, ...] = ()
    rep_details: tuple[Rep, ...] = ()
    reps_per_arm: int | None = None
    reps_total: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SetDue:
    """What the plan asks for next.

    Parameters
    ----------
    exercise, name
        Identifier, and name for people.
    number, sets
        Which set of this exercise, of how many.
    side
        Which arm works, as seen from the band.
    reps_min, reps_max
        Reps asked of one arm.
    to_failure
        As many as can be done well; the reps above are then a hint.
    rest_s
        Rest before it, from the end of the last set, s.
    reminders
        Advice that no wrist can check.
    """

    kind: ClassVar[str] = "set_due"
    exercise: str
    name: str
    number: int
    sets: int
    side: Side
    reps_min: int
    reps_max: int
    to_failure: bool
    rest_s: float
    reminders: tuple[str, ...]
    announced_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanFinished:
    """All that the plan asks for is done: so many sets, sides counted as sets of their own."""

    kind: ClassVar[str] = "plan_finished"
    sets: int
    announced_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ExerciseRecognised:
    """An early guess which exercise the running set is."""

    kind: ClassVar[str] = "exercise"
    set: int
    exercise: str
    confidence: float
    announced_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """The person has chosen what comes.

    Parameters
    ----------
    exercise
        Identifier from the catalogue; None leaves it to be recognised.
    target_reps
        Reps wanted in a set; None where no number is.
    """

    kind: ClassVar[str] = "chosen"
    exercise: str | None
    target_reps: int | None
    announced_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkoutFinished:
    """The stream has ended: totals over its sets."""

    kind: ClassVar[str] = "workout_finished"
    sets: int
    reps: int
    start_s: float
    end_s: float
    announced_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SamplesLost:
    """The stream has a hole too long to bridge: ``start_s`` to ``end_s`` was not seen."""

    kind: ClassVar[str] = "samples_lost"
    start_s: float
    end_s: float
    announced_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SensorState:
    """The connection to a wearer's sensor changed, or what it says of itself.

    The last three are those of :class:`repsense.samples.LinkReport`.
    """

    kind: ClassVar[str] = "sensor"
    sensor: str
    state: LinkState
    detail: str
    announced_s: float
    battery_percent: int | None = None
    rssi_dbm: int | None = None
    lost_samples: int = 0


Event = (
    SetStarted
    | RepFinished
    | CountCorrected
    | FormCue
    | SetFinished
    | SetDue
    | PlanFinished
    | ExerciseRecognised
    | Chosen
    | Calibrated
    | WorkoutFinished
    | SamplesLost
    | SensorState
)

_DECIMALS = 3


def to_dict(event: Event) -> dict[str, Any]:
    """Return the event's JSON form: ``{"event": kind, ...}``, numbers rounded to 3 decimals.

    A rep's measurements are lifted to the top level of its event.
    """
    fields = asdict(event)
    measured = fields.pop("measured", None)
    if measured is not None:
        fields = {"set": fields.pop("set"), "rep": fields.pop("rep")} | measured | fields
    rounded: dict[str, Any] = _rounded(fields)
    return {"event": event.kind} | rounded


def _rounded(value: Any) -> Any:  # noqa: ANN401 - walks plain JSON values of any type
    if isinstance(value, float):
        return round(value, _DECIMALS)
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(item) for item in value]
    return value
