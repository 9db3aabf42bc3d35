"""A recorded set, and what its replay counts."""

import pytest
from listening import recorded_set, replayed_reps

from repsense.samples import SampleBlock


@pytest.fixture
def recorded() -> SampleBlock:
    return recorded_set()


@pytest.fixture
def replayed() -> tuple[int, ...]:
    return replayed_reps()
