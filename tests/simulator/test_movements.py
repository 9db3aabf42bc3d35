import numpy as np
import pytest

from repsense.errors import CatalogueError
from repsense.exercises import load_catalogue
from repsense.simulator import IDEAL_SENSOR, Wearer
from repsense.simulator.movements import (
    MOVEMENTS,
    find_movement,
    invented_movement,
    simulate_movement,
)

STEADY = Wearer(sway=0.0, tremor=0.0)


def test_no_movement_bears_the_name_of_an_exercise() -> None:
    assert set(MOVEMENTS) & set(load_catalogue()) == set()


@pytest.mark.parametrize("name", MOVEMENTS)
def test_every_movement_can_be_done(name: str) -> None:
    made = simulate_movement(find_movement(name), reps=3, seed=1)

    assert len(made.labels.sets[0].reps) == 3
    assert made.labels.sets[0].exercise == name
    assert np.abs(made.block.accel_g).max() < 4.0


def test_a_curl_turns_the_forearm_from_hanging_to_pointing_up() -> None:
    made = simulate_movement(
        find_movement("biceps_curl"), reps=1, seed=1, wearer=STEADY, sensor=IDEAL_SENSOR
    )
    rep = made.labels.sets[0].reps[0]
    along_g = np.interp(
        [rep.start_s - 0.3, rep.turn_s + 0.05], made.block.t_s, made.block.accel_g[:, 0]
    )

    assert along_g[0] == pytest.approx(-1.0, abs=0.1)
    assert along_g[1] > 0.4


def test_an_unknown_movement_is_refused_with_the_known_ones() -> None:
    with pytest.raises(CatalogueError, match=r"no movement 'yoga'.*biceps_curl"):
        find_movement("yoga")


def test_inventing_is_repeatable_and_keeps_off_the_ten() -> None:
    one, again, other = (invented_movement(np.random.default_rng(seed)) for seed in (4, 4, 5))

    assert one == again
    assert one != other
    assert one.exercise.id not in load_catalogue()
