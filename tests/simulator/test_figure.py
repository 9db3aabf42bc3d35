"""Stick figures: limbs keep their length, feet stand on the floor, the way is the weight's."""

import numpy as np
import pytest

from repsense.exercises import ExerciseEntry, Tempo, load_catalogue
from repsense.simulator.figure import Figure, Line, Role, figures_of
from repsense.simulator.legs import bent, legs_of

EXERCISES = load_catalogue()


def drawn(exercise: str) -> tuple[Figure, Figure]:
    figures = figures_of(EXERCISES[exercise])
    assert figures is not None
    return figures


def lines(figure: Figure, role: Role) -> list[Line]:
    return [line for line in figure.lines if line.role is role]


def weight(figure: Figure) -> tuple[float, float]:
    return next(circle.middle for circle in figure.circles if circle.filled)


@pytest.mark.parametrize("exercise", EXERCISES)
def test_every_exercise_is_drawn_upon_a_floor_and_with_its_way(exercise: str) -> None:
    start, turn = drawn(exercise)
    for figure in (start, turn):
        ((_, floor_v), _) = lines(figure, Role.FLOOR)[0].points
        assert figure.bounds()[2] >= floor_v - 0.03
        assert sum(not circle.filled for circle in figure.circles) == 1  # the head
    assert lines(start, Role.WAY) == []
    assert len(lines(turn, Role.WAY)) == 1


@pytest.mark.parametrize(
    ("exercise", "du", "dv"),
    [
        ("front_raise", 0.5, 0.3),
        ("press_back", -0.4, 0.0),
        ("reverse_grip_row", -0.1, 0.1),
        ("overhead_press", 0.1, 0.0),
        ("overhead_pull", -0.4, -0.4),
        ("shrug", 0.0, 0.1),
        ("one_arm_row", -0.1, 0.1),
    ],
)
def test_the_weight_goes_the_way_the_exercise_goes(exercise: str, du: float, dv: float) -> None:
    start, turn = (np.array(weight(figure)) for figure in drawn(exercise))
    moved = turn - start
    for got, least in zip(moved, (du, dv), strict=True):
        assert got * np.sign(least) >= abs(least)


def test_a_bar_is_pulled_down() -> None:
    start, turn = drawn("lat_pulldown")
    heights = [
        max(v for line in lines(figure, Role.PROP)[1:] for _, v in line.points)
        for figure in (start, turn)
    ]
    assert heights[0] - heights[1] > 0.3


def test_one_weight_where_one_arm_works_and_two_where_both_do() -> None:
    counts = {
        key: sum(circle.filled for circle in drawn(key)[0].circles)
        for key in ("single_arm_row", "front_raise", "renegade_row")
    }
    assert counts == {"single_arm_row": 1, "front_raise": 2, "renegade_row": 2}


def test_an_exercise_the_simulator_does_not_know_has_no_drawing() -> None:
    tempo = Tempo(lift_s=1.0, hold_s=0.0, lower_s=1.0)
    assert figures_of(ExerciseEntry(name="Curl", tempo=tempo).exercise("curl")) is None


@pytest.mark.parametrize("exercise", EXERCISES)
def test_thigh_and_shank_keep_their_length(exercise: str) -> None:
    height_m = 1.72
    hips = np.array([-0.1, 0.0, -0.1])
    for leg in legs_of(EXERCISES[exercise].posture, hips, height_m):
        thigh_m = float(np.linalg.norm(leg.knee - leg.hip))
        assert thigh_m == pytest.approx(0.245 * height_m, rel=0.2)


def test_a_bent_joint_lies_between_its_links() -> None:
    knee = bent(np.zeros(3), np.array([0.0, 0.0, -0.8]), 0.5, 0.5, towards=1.0)
    assert knee == pytest.approx([0.3, 0.0, -0.4])
    assert bent(np.zeros(3), np.array([0.0, 0.0, -0.8]), 0.5, 0.5, towards=-1.0)[0] < 0
    far = bent(np.zeros(3), np.array([0.0, 0.0, -2.0]), 0.5, 0.5, towards=1.0)
    assert np.linalg.norm(far) == pytest.approx(0.5, abs=0.01)
