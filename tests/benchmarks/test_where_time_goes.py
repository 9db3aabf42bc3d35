"""A profile of a replay has the stages of the pipeline in it, and no more than all of the time."""

from importlib import import_module

import pytest

from repsense.simulator import simulate_set


def test_stages_share_the_time_of_a_replay() -> None:
    block = simulate_set("front_raise", reps=4, seed=1, surroundings=False).block
    shares = import_module("where_time_goes").shares(block)

    assert sum(shares.values()) == pytest.approx(100.0)
    assert {"search", "chains", "conditioning", "sets", "form"} <= set(shares)
    assert all(share >= 0.0 for share in shares.values())
