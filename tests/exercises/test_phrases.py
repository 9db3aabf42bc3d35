"""What is said to people: complete in English, and what another language lacks is said in it."""

import string
from dataclasses import fields, replace

import pytest
from made_reps import made_rep

from repsense.errors import CatalogueError
from repsense.events import FormFlag
from repsense.exercises import ExerciseEntry, Tempo, load_catalogue
from repsense.exercises.entry import CueTexts
from repsense.exercises.phrases import (
    LanguageFile,
    Phrases,
    WorkoutWords,
    languages,
    read_language,
    texts_of,
)

REP = made_rep(0.0, lift_s=1.6, hold_s=0.9, lower_s=2.1)
TEN = list(load_catalogue().values())
OTHERS = [one for one in languages() if one != "en"]


def groups(language: LanguageFile) -> dict[str, CueTexts | WorkoutWords]:
    return {
        "faults": language.faults,
        "better": language.better,
        "workout": language.workout,
    }


def braces(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_english_says_everything() -> None:
    for group in groups(read_language("en")).values():
        assert set(texts_of(group)) == {one.name for one in fields(group)}


@pytest.mark.parametrize("language", OTHERS)
def test_another_language_fills_in_the_same_things(language: str) -> None:
    for name, english in groups(read_language("en")).items():
        for key, text in texts_of(groups(read_language(language))[name]).items():
            assert braces(text) == braces(texts_of(english)[key]), f"{language}: {name}.{key}"


@pytest.mark.parametrize("language", OTHERS)
def test_another_language_speaks_of_exercises_and_faults_there_are(language: str) -> None:
    catalogue = load_catalogue()
    for key, words in read_language(language).exercises.items():
        for flag in texts_of(words.cues):
            assert catalogue[key].cue_for(FormFlag(flag)), f"{language}: {key} has no {flag}"
        assert len(words.reminders) in {0, len(catalogue[key].reminders)}


def test_german_is_complete() -> None:
    german = read_language("de")
    assert list(german.exercises) == list(load_catalogue())
    for key, exercise in load_catalogue().items():
        said = german.exercises[key]
        assert set(texts_of(said.cues)) == {cue.flag.value for cue in exercise.cues}
        assert said.name
        assert said.reminders


def test_an_exercise_s_own_words_come_before_those_for_any() -> None:
    phrases = Phrases()
    raise_, squat = load_catalogue()["front_raise"], squat_with(CueTexts(swing="Keep still."))
    assert phrases.fault(FormFlag.SWING, None) == "Slow and controlled."
    assert phrases.fault(FormFlag.SWING, raise_) == raise_.cue_for(FormFlag.SWING)
    assert phrases.fault(FormFlag.SWING, squat) == "Keep still."
    assert phrases.fault(FormFlag.FAST_LOWER, squat) == "Lower more slowly."


def squat_with(cues: CueTexts, hold_s: float = 0.0):  # noqa: ANN201 - an exercise
    tempo = Tempo(lift_s=1.5, hold_s=hold_s, lower_s=2.0)
    return ExerciseEntry(name="Squat", tempo=tempo, cues=cues).exercise("squat")


def test_a_hold_is_only_asked_for_where_there_is_one() -> None:
    phrases = Phrases()
    assert phrases.fault(FormFlag.NO_HOLD, squat_with(CueTexts())) is None
    assert phrases.fault(FormFlag.NO_HOLD, squat_with(CueTexts(), hold_s=1.0)) is not None
    assert phrases.fault(FormFlag.NO_HOLD, load_catalogue()["front_raise"]) is None
    assert phrases.fault(FormFlag.NO_HOLD, load_catalogue()["shrug"]) is not None


def test_another_language_is_spoken_and_numbers_have_its_comma() -> None:
    german, shrug = Phrases("de"), load_catalogue()["shrug"]
    assert german.name(shrug) == "Schulterheben"
    assert german.fault(FormFlag.NO_HOLD, shrug) == "Oben eine Sekunde halten."
    assert german.better(FormFlag.FAST_LIFT, REP) == "Besser: 1,5 s hoch."
    assert german.reminders(shrug)[0].startswith("Arme lang")


def test_what_is_mended_is_said_with_its_measure() -> None:
    assert Phrases().better(FormFlag.FAST_LOWER, REP) == "Better: 2 s down."
    assert Phrases().better(FormFlag.NO_HOLD, REP) == "Better: held for 1 s."


def test_what_a_language_lacks_is_said_in_english(monkeypatch: pytest.MonkeyPatch) -> None:
    poor = LanguageFile(language="Poor", faults=CueTexts(swing="Ruhig."))
    monkeypatch.setattr(
        "repsense.exercises.phrases.read_language",
        lambda name: poor if name == "de" else read_language(name),
    )
    phrases, shrug = Phrases("de"), load_catalogue()["shrug"]
    assert phrases.fault(FormFlag.SWING, None) == "Ruhig."
    assert phrases.fault(FormFlag.BOUNCE, None) == "Come to rest before the next rep."
    assert phrases.fault(FormFlag.NO_HOLD, shrug) == shrug.cue_for(FormFlag.NO_HOLD)
    assert phrases.workout("exactly", most=10) == "10 reps"
    assert phrases.name(shrug) == shrug.name


def test_a_user_s_own_words_are_not_translated() -> None:
    mine = replace(load_catalogue()["shrug"], name="My shrug", reminders=("Breathe.",))
    assert Phrases("de").name(mine) == "My shrug"
    assert Phrases("de").reminders(mine) == ("Breathe.",)


def test_a_language_that_is_not_there_is_explained() -> None:
    with pytest.raises(CatalogueError, match="'tlh': use one of en, de, or translate"):
        Phrases("tlh")
