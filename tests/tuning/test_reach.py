"""What tells the range: weights that forget who somebody is, and what has nothing to do with it."""

import numpy as np
import pytest

from repsense.tuning.reach import Person, reach_weights


def people(noise: float, rng: np.random.Generator) -> list[Person]:
    """Return people whose reps feel like twice the logarithm of their range, but for a zero."""
    made: list[Person] = []
    for _ in range(60):
        zero = rng.normal(0.0, 5.0)
        ranges = rng.uniform(0.4, 1.0, 12)
        felt = 2.0 * np.log(ranges) + zero + rng.normal(0.0, noise, 12)
        made.append(
            [
                (np.array([one, rng.normal()]), float(reach))
                for one, reach in zip(felt, ranges, strict=True)
            ]
        )
    return made


@pytest.mark.parametrize("noise", [0.0, 0.2, 0.5])
def test_a_range_is_told_among_people_who_feel_it_differently(noise: float) -> None:
    made = people(noise, np.random.default_rng(5))
    weights = reach_weights(made)
    for reps in people(noise, np.random.default_rng(6))[:10]:
        told = np.array([felt @ weights for felt, _ in reps])
        true = np.log([reach for _, reach in reps])
        off = (told - told.mean()) - (true - true.mean())
        assert np.sqrt((off**2).mean()) < 0.05 + 0.6 * noise
    assert weights[0] > 0.2
    assert abs(weights[1]) < 0.05
