"""What is said to people, in their language: the files in ``cues/``, one for each language."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from importlib.resources import files

from repsense.errors import CatalogueError
from repsense.events import FormFlag, Rep
from repsense.exercises.catalogue import load_catalogue
from repsense.exercises.entry import CueTexts
from repsense.exercises.exercise import Exercise

ENGLISH = "en"

# A hold is asked for where the tempo has one of at least this long.
_A_HOLD_S = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkoutWords:
    """Sentences that belong to the plan; None where the language has none."""

    next_set: str | None = None
    range: str | None = None
    exactly: str | None = None
    per_arm: str | None = None
    to_failure: str | None = None
    other_side: str | None = None
    reached: str | None = None
    tiring: str | None = None
    finished: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExerciseWords:
    """One of the ten exercises in another language."""

    name: str | None = None
    how: str | None = None
    cues: CueTexts = field(default_factory=CueTexts)
    reminders: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguageFile:
    """A file of ``cues/`` as it is written."""

    language: str
    decimal_mark: str = "."
    faults: CueTexts = field(default_factory=CueTexts)
    better: CueTexts = field(default_factory=CueTexts)
    workout: WorkoutWords = field(default_factory=WorkoutWords)
    exercises: dict[str, ExerciseWords] = field(default_factory=dict)


class Phrases:
    """Says things in one language, and in English what that has no words for.

    Parameters
    ----------
    language
        Name of a file in ``cues/``, as in ``de``.

    Raises
    ------
    CatalogueError
        When there is no such file.
    """

    def __init__(self, language: str = ENGLISH) -> None:
        if language not in languages():
            raise CatalogueError(
                f"There are no cues in the language '{language}': use one of "
                f"{', '.join(languages())}, or translate repsense/exercises/cues/{ENGLISH}.yaml."
            )
        self._own = read_language(language)
        self._english = read_language(ENGLISH)

    def fault(self, flag: FormFlag, exercise: Exercise | None) -> str | None:
        """Return what to say about a fault; None where the exercise knows no such fault.

        The exercise's own words come first, then those for any exercise.
        """
        if exercise is None:
            return self._common(flag)
        words = _text(self._words_for(exercise).cues, flag.value) or exercise.cue_for(flag)
        if words is None and flag is FormFlag.NO_HOLD and exercise.tempo.hold_s < _A_HOLD_S:
            return None
        return words or self._common(flag)

    def better(self, flag: FormFlag, rep: Rep) -> str:
        """Return what to say when ``rep`` shows that a fault is mended, with its measure."""
        words = _text(self._own.better, flag.value) or _text(self._english.better, flag.value)
        return (words or "").format(
            lift_s=self._seconds(rep.lift_s),
            hold_s=self._seconds(rep.hold_s),
            lower_s=self._seconds(rep.lower_s),
        )

    def workout(self, key: str, **values: object) -> str:
        """Return a sentence of the plan: ``key`` is a field of :class:`WorkoutWords`."""
        words = _text(self._own.workout, key) or _text(self._english.workout, key) or ""
        return words.format(**values)

    def name(self, exercise: Exercise) -> str:
        """Return what people call the exercise."""
        return self._words_for(exercise).name or exercise.name

    def reminders(self, exercise: Exercise) -> tuple[str, ...]:
        """Return what no wrist can check."""
        return self._words_for(exercise).reminders or exercise.reminders

    def _words_for(self, exercise: Exercise) -> ExerciseWords:
        # A user's own words are in the user's own language, whatever exercise they are for.
        if load_catalogue().get(exercise.id) != exercise:
            return ExerciseWords()
        return self._own.exercises.get(exercise.id, ExerciseWords())

    def _common(self, flag: FormFlag) -> str:
        own, english = self._own.faults, self._english.faults
        return _text(own, flag.value) or _text(english, flag.value) or ""

    def _seconds(self, seconds: float) -> str:
        """Return a duration to the nearest half second: no wrist knows it better."""
        return f"{round(2.0 * seconds) / 2.0:g}".replace(".", self._own.decimal_mark)


@cache
def languages() -> tuple[str, ...]:
    """Return the languages there are, English first."""
    names = [one.name for one in (files("repsense.exercises") / "cues").iterdir()]
    found = sorted(name.removesuffix(".yaml") for name in names if name.endswith(".yaml"))
    return (ENGLISH, *(name for name in found if name != ENGLISH))


@cache
def read_language(language: str) -> LanguageFile:
    """Return what ``cues/<language>.yaml`` says.

    Raises
    ------
    CatalogueError
        When it is no YAML, or has keys or values that it cannot have: one on each line.
    """
    # Loaded here because it takes longer than most commands that never say a word.
    from ruamel.yaml import YAML  # noqa: PLC0415 - see above

    from repsense.binding import Binder, line_in_yaml  # noqa: PLC0415 - see above

    name = f"{language}.yaml"
    text = (files("repsense.exercises") / "cues" / name).read_text("utf-8")
    binder = Binder(name, line_in_yaml)
    made = binder.bind(LanguageFile, YAML(typ="rt").load(text))
    if made is None:
        raise CatalogueError("\n".join(problem for _, problem in sorted(binder.problems)))
    return made


def texts_of(words: CueTexts | WorkoutWords) -> Mapping[str, str]:
    """Return the texts there are by key."""
    pairs = ((one.name, getattr(words, one.name)) for one in fields(words))
    return {key: text for key, text in pairs if text is not None}


def _text(words: CueTexts | WorkoutWords, key: str) -> str | None:
    return texts_of(words).get(key)
