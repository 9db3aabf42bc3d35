from functools import cache

import numpy as np
import pytest

from repsense.exercises import load_catalogue
from repsense.exercises.recognition import UNKNOWN, model_text
from repsense.pipeline.exercise import probabilities
from repsense.pipeline.traits import free_traits
from repsense.samples import Axis, Wrist
from repsense.simulator import Wearer
from repsense.simulator.movements import MOVEMENTS
from repsense.tuning.recognition import train_model
from repsense.tuning.recognition_sets import (
    HELD_OUT,
    Example,
    draw_set,
    examples_of,
    training_names,
)


@cache
def examples() -> tuple[Example, ...]:
    sets = [("front_raise", 0), ("front_raise", 1), ("shrug", 1), ("lateral_raise", 2)]
    return tuple(one for name, seed in sets for one in examples_of(draw_set(name, seed), seed=seed))


def test_the_same_sets_and_seed_make_the_same_file() -> None:
    one, again, other = (
        model_text(train_model(examples(), seed=seed, made_by="a test", steps=20))
        for seed in (3, 3, 4)
    )

    assert one == again
    assert one != other


def test_the_same_seed_draws_the_same_set() -> None:
    one, again = (draw_set("front_raise", 1), draw_set("front_raise", 1))

    assert one.wearer == again.wearer
    np.testing.assert_array_equal(one.block.accel_g, again.block.accel_g)
    assert one.wearer != draw_set("front_raise", 2).wearer


def test_what_was_learned_is_known_again() -> None:
    model = train_model(examples(), seed=1, made_by="a test", steps=100)

    for one in examples():
        if one.seed % 5 and one.as_done:
            traits = free_traits(one.parts_g, one.cycles, one.hang_g)
            shares = probabilities(model.free, traits, early=one.early)
            assert model.names[int(shares.argmax())] == one.label


def test_other_movements_are_learned_as_unknown_early_and_late() -> None:
    labels = {(one.label, one.early) for one in examples() if one.seed == 2 and one.as_done}

    assert labels == {(UNKNOWN, True), (UNKNOWN, False)}


def test_what_is_tested_is_never_trained_on() -> None:
    trained = {name for seed in range(4) for name in training_names(seed)}

    assert trained & set(HELD_OUT) == set()
    assert set(load_catalogue()) <= trained
    assert set(MOVEMENTS) - trained == set(HELD_OUT)


@pytest.mark.parametrize("upside_down", [False, True])
@pytest.mark.parametrize("roll_deg", [0.0, 180.0])
@pytest.mark.parametrize("wrist", list(Wrist))
def test_a_wearer_says_which_way_round_the_band_sits(
    upside_down: bool, roll_deg: float, wrist: Wrist
) -> None:
    wearer = Wearer(wrist=wrist, roll_deg=roll_deg, reversed=upside_down)
    felt_g = wearer.worn(np.eye(3) * (1.0, -1.0 if wrist is Wrist.LEFT else 1.0, 1.0))

    np.testing.assert_allclose(felt_g @ wearer.told().to_forearm(), np.eye(3), atol=1e-9)
    assert wearer.told().along is (Axis.MINUS_X if upside_down else Axis.PLUS_X)
