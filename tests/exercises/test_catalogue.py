import numpy as np
import pytest

from repsense.errors import CatalogueError
from repsense.events import FormFlag
from repsense.exercises import (
    Arms,
    Exercise,
    ExerciseEntry,
    Tempo,
    find_exercise,
    load_catalogue,
    with_own,
)
from repsense.exercises.catalogue import parse_catalogue
from repsense.samples import FloatArray
from repsense.simulator import simulate_set

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
    assert exercise.how
    assert exercise.reminders
    assert exercise.muscles
    assert "slow and controlled" in (exercise.cue_for(FormFlag.SWING) or "").lower()
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


def test_every_exercise_says_what_the_engine_may_expect() -> None:
    for exercise in load_catalogue().values():
        least_s, most_s = exercise.rep_s
        assert least_s < 0.5 * exercise.tempo.rep_s
        assert most_s > 1.5 * exercise.tempo.rep_s
        assert 0.0 < exercise.range_g[0] < exercise.range_g[1]
    catalogue = load_catalogue()
    assert catalogue["renegade_row"].period_s[1] == 2 * catalogue["renegade_row"].rep_s[1]
    assert catalogue["shrug"].period_s == catalogue["shrug"].rep_s


def smoothed(accel_g: FloatArray) -> FloatArray:
    """Return the acceleration as the engine smooths it, at 50 Hz."""
    kernel = np.exp(-0.5 * (np.arange(-30, 31) / (0.175 * 50.0)) ** 2)
    return np.apply_along_axis(np.convolve, 0, accel_g, kernel / kernel.sum(), mode="same")


def test_what_simulated_people_do_lies_within_what_is_expected() -> None:
    for key, exercise in load_catalogue().items():
        made = simulate_set(key, reps=3, seed=5)
        for rep in made.labels.sets[0].reps:
            inside = (made.block.t_s >= rep.start_s) & (made.block.t_s <= rep.end_s)
            at_turn = int(np.searchsorted(made.block.t_s, rep.turn_s))
            accel_g = smoothed(made.block.accel_g)
            change_g = np.linalg.norm(accel_g[inside] - accel_g[at_turn], axis=1).max()
            assert exercise.rep_s[0] < rep.end_s - rep.start_s < exercise.rep_s[1]
            assert exercise.range_g[0] < change_g < exercise.range_g[1], key


# --- how entries are read --------------------------------------------------------------------

SQUAT = "squat: {name: Squat, tempo: {lift_s: 1.5, hold_s: 0.5, lower_s: 2}"


def problems_of(text: str) -> list[str]:
    with pytest.raises(CatalogueError) as caught:
        parse_catalogue(text)
    return str(caught.value).splitlines()


def test_a_name_and_a_tempo_make_an_exercise() -> None:
    squat = parse_catalogue(SQUAT + "}")["squat"]
    assert (squat.id, squat.name, squat.arms) == ("squat", "Squat", Arms.BOTH)
    assert (squat.reps_min, squat.reps_max, squat.concentric_first) == (8, 12, True)
    assert squat.rep_s == pytest.approx((0.35 * 3.5, 2.2 * 4.0), abs=0.005001)  # in whole 0.01 s
    assert squat.cues == ()


def test_what_an_entry_states_wins_over_what_is_derived() -> None:
    squat = parse_catalogue(SQUAT + ", rep_s: [2, 3], cues: {swing: Slowly.}}")["squat"]
    assert squat.rep_s == (2.0, 3.0)
    assert squat.cue_for(FormFlag.SWING) == "Slowly."
    assert squat.cue_for(FormFlag.BOUNCE) is None


def test_every_problem_is_named_with_line_and_key() -> None:
    problems = problems_of(
        "squat:\n  nme: Squat\n  posture: floating\ncurl: 3\n"
        "dip:\n  name: Dip\n  tempo: {lift_s: 1, hold_s: 0, lower_s: 1}\n  cues: {swng: x}\n"
    )
    assert problems == [
        "catalogue.yaml, line 1, squat: the key 'name' is missing",
        "catalogue.yaml, line 1, squat: the key 'tempo' is missing",
        "catalogue.yaml, line 2, squat: unknown key 'nme'. Did you mean 'name'?",
        "catalogue.yaml, line 3, squat.posture: 'floating' is not possible here; allowed is one "
        "of standing, slight_squat, split_stance, seated, lying, plank, bench.",
        "catalogue.yaml, line 4, curl: 3 stands where settings are needed, one a line",
        "catalogue.yaml, line 8, dip.cues: unknown key 'swng'. Did you mean 'swing'?",
    ]


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ("reps: [12, 8]", "squat.reps: Reps from 12 to 8 cannot be asked"),
        ("reps: [8]", "squat.reps: a list is not possible here; allowed is a list of 2, each a"),
        ("rep_s: [3, 2]", "squat.rep_s: A rep cannot go from 3 to 2"),
        ("range_g: [0, 2]", "squat.range_g: The range cannot go from 0 to 2"),
        ("hold_asked_s: -1", "A tempo of 1.5-0.5-2 s with -1 s of hold asked for cannot be done"),
        (f"cues: {{swing: {'x' * 71}}}", "squat.cues.swing: A cue is heard between two reps"),
    ],
)
def test_numbers_that_cannot_be_are_explained(more: str, expected: str) -> None:
    (problem,) = problems_of(f"{SQUAT}, {more}}}")
    assert expected in problem


def test_a_file_that_is_no_catalogue_is_explained() -> None:
    assert "not valid YAML" in problems_of("a: [")[0]
    assert "must map" in problems_of("- a")[0]


def test_own_exercises_come_after_the_ten_and_win_over_them() -> None:
    tempo = Tempo(lift_s=3.0, hold_s=0.0, lower_s=3.0)
    own = {
        "shrug": ExerciseEntry(name="My shrug", tempo=tempo),
        "curl": ExerciseEntry(name="Curl", tempo=tempo),
    }
    catalogue = with_own(own)
    assert list(catalogue) == [*IDS, "curl"]
    assert catalogue["shrug"].name == "My shrug"
    assert find_exercise("curl", catalogue).tempo == tempo
    with pytest.raises(CatalogueError, match=r"'crl'\. Did you mean 'curl'"):
        find_exercise("crl", catalogue)
    with pytest.raises(CatalogueError):
        find_exercise("curl")
