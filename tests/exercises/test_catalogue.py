import pytest

from repsense.errors import CatalogueError
from repsense.events import FormFlag
from repsense.exercises import Arms, Exercise, find_exercise, load_catalogue
from repsense.exercises.catalogue import parse_catalogue

IDS = [
    "overhead_press",
    "reverse_grip_row",
    "front_raise",
    "press_back",
    "overhead_pull",
    "renegade_row",
    "single_arm_row",
    "lat_pulldown",
    "one_arm_row",
    "shrug",
]


def test_the_ten_exercises_are_there_in_order() -> None:
    assert list(load_catalogue()) == IDS
    assert all(exercise.id == key for key, exercise in load_catalogue().items())


@pytest.mark.parametrize("exercise", load_catalogue().values(), ids=IDS)
def test_every_exercise_can_be_coached(exercise: Exercise) -> None:
    assert 1 <= exercise.reps_min <= exercise.reps_max <= 12
    for flag in (FormFlag.SWING, FormFlag.FAST_LIFT, FormFlag.FAST_LOWER, FormFlag.PARTIAL):
        assert exercise.cue_for(flag), f"{exercise.id} has nothing to say about {flag}"
    assert all(len(cue.text) <= 70 for cue in exercise.cues), "a cue is heard between two reps"
    assert exercise.muscles
    assert 2.0 <= exercise.tempo.lift_s + exercise.tempo.lower_s <= 6.0


def test_what_makes_exercises_different_is_said() -> None:
    catalogue = load_catalogue()
    assert [e.id for e in catalogue.values() if not e.concentric_first] == ["overhead_pull"]
    assert [e.id for e in catalogue.values() if e.hold_asked_s] == ["shrug"]
    assert [e.id for e in catalogue.values() if e.arms is Arms.PER_SIDE] == [
        "single_arm_row",
        "one_arm_row",
    ]
    assert catalogue["renegade_row"].arms is Arms.ALTERNATING


def test_a_hold_is_only_missed_where_there_is_one() -> None:
    for exercise in load_catalogue().values():
        if exercise.tempo.hold_s < 0.5:
            assert exercise.cue_for(FormFlag.NO_HOLD) is None


def test_a_misspelt_exercise_is_suggested() -> None:
    with pytest.raises(CatalogueError, match=r"'front_rise'\. Did you mean 'front_raise'"):
        find_exercise("front_rise")
    with pytest.raises(CatalogueError, match="Known are: overhead_press"):
        find_exercise("xyz")


def test_a_broken_entry_is_named() -> None:
    with pytest.raises(CatalogueError, match=r"squat: the key 'name' is missing"):
        parse_catalogue("squat: {posture: standing}")
    with pytest.raises(CatalogueError, match="squat: a value has the wrong shape"):
        parse_catalogue("squat: 3")
    with pytest.raises(CatalogueError, match="not valid YAML"):
        parse_catalogue("a: [")
    with pytest.raises(CatalogueError, match="must map"):
        parse_catalogue("- a")


def test_an_impossible_posture_is_named() -> None:
    text = """
squat: {name: Squat, other_names: [], posture: floating, arms: both, reps: [8, 12],
  concentric_first: true, tempo: {lift_s: 1, hold_s: 0, lower_s: 1}, hold_asked_s: 0,
  cues: {}, reminders: [], muscles: []}
"""
    with pytest.raises(CatalogueError, match="'floating' is none of standing"):
        parse_catalogue(text)
