"""An exercise as it is written down: in ``catalogue.yaml``, and in a user's own configuration."""

from dataclasses import dataclass, field, fields

from repsense.errors import CatalogueError
from repsense.events import FormFlag
from repsense.exercises.exercise import Arms, Cue, Exercise, Posture, Tempo

# Nobody does slower strokes, or longer sets, on purpose.
_LONGEST_PHASE_S = 20.0
_MOST_REPS = 100
_LONGEST_CUE = 70

# Where an entry does not say how long a rep may take: somebody in a hurry needs this share of the
# strokes and skips the hold; somebody who is tired needs this many times all of it.
_HURRY, _TIRED = 0.35, 2.2

# Where it does not say how far the acceleration changes: from the smallest shrug to half a turn.
_ANY_RANGE_G = (0.02, 2.2)


@dataclass(frozen=True, slots=True, kw_only=True)
class CueTexts:
    """What is said about each fault that a wrist can see; None where there is no word for it."""

    swing: str | None = None
    fast_lift: str | None = None
    fast_lower: str | None = None
    no_hold: str | None = None
    partial: str | None = None
    bounce: str | None = None

    def __post_init__(self) -> None:
        for one in fields(self):
            text = getattr(self, one.name)
            if text is not None and not 0 < len(text) <= _LONGEST_CUE:
                raise CatalogueError(
                    f"A cue is heard between two reps, so it has 1 to {_LONGEST_CUE} letters; "
                    f"this has {len(text)}."
                )

    def cues(self) -> tuple[Cue, ...]:
        """Return the cues there are."""
        texts = ((flag, getattr(self, flag.value)) for flag in FormFlag)
        return tuple(Cue(flag=flag, text=text) for flag, text in texts if text is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExerciseEntry:
    """One exercise in the form of the file; see :class:`Exercise` for what the fields mean.

    Parameters
    ----------
    reps
        Fewest and most reps asked of one arm in one set.
    rep_s, range_g
        None derives them: the first from the tempo, the second is anything.

    Raises
    ------
    CatalogueError
        When a number is not possible.
    """

    name: str
    tempo: Tempo
    other_names: tuple[str, ...] = ()
    how: str = ""
    posture: Posture = Posture.STANDING
    arms: Arms = Arms.BOTH
    reps: tuple[int, int] = (8, 12)
    concentric_first: bool = True
    hold_asked_s: float = 0.0
    rep_s: tuple[float, float] | None = None
    range_g: tuple[float, float] | None = None
    cues: CueTexts = field(default_factory=CueTexts)
    reminders: tuple[str, ...] = ()
    muscles: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.name.strip():
            raise CatalogueError("An exercise needs a name that people can read.")
        _check_tempo(self.tempo, self.hold_asked_s)
        fewest, most = self.reps
        if not 1 <= fewest <= most <= _MOST_REPS:
            raise CatalogueError(
                f"Reps from {fewest} to {most} cannot be asked: write [fewest, most], between 1 "
                f"and {_MOST_REPS}."
            )
        for what, pair in (("A rep", self.rep_s), ("The range", self.range_g)):
            if pair is not None and not 0 < pair[0] < pair[1]:
                raise CatalogueError(
                    f"{what} cannot go from {pair[0]:g} to {pair[1]:g}: write [least, most], both "
                    f"above 0."
                )

    def exercise(self, exercise_id: str) -> Exercise:
        """Return the exercise that this describes."""
        return Exercise(
            id=exercise_id,
            name=self.name,
            other_names=self.other_names,
            how=self.how,
            posture=self.posture,
            arms=self.arms,
            reps_min=self.reps[0],
            reps_max=self.reps[1],
            concentric_first=self.concentric_first,
            tempo=self.tempo,
            hold_asked_s=self.hold_asked_s,
            rep_s=self.rep_s or _rep_s(self.tempo),
            range_g=self.range_g or _ANY_RANGE_G,
            cues=self.cues.cues(),
            reminders=self.reminders,
            muscles=self.muscles,
        )


def _rep_s(tempo: Tempo) -> tuple[float, float]:
    return round(_HURRY * (tempo.lift_s + tempo.lower_s), 2), round(_TIRED * tempo.rep_s, 2)


def _check_tempo(tempo: Tempo, hold_asked_s: float) -> None:
    strokes = (tempo.lift_s, tempo.lower_s)
    holds = (tempo.hold_s, hold_asked_s)
    if not (
        all(0 < one <= _LONGEST_PHASE_S for one in strokes)
        and all(0 <= one <= _LONGEST_PHASE_S for one in holds)
    ):
        raise CatalogueError(
            f"A tempo of {tempo.lift_s:g}-{tempo.hold_s:g}-{tempo.lower_s:g} s with "
            f"{hold_asked_s:g} s of hold asked for cannot be done: lift_s and lower_s are above 0, "
            f"holds may be 0, all are up to {_LONGEST_PHASE_S:g}."
        )
