"""Trials shared recording by recording end as those that one process counts one by one."""

import itertools
import random
from collections.abc import Collection, Iterator, Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_scores import scored
from some_people import example

from repsense.pipeline.pipeline import PipelineParameters
from repsense.tuning.attempt import Attempt
from repsense.tuning.evaluation import Conditions
from repsense.tuning.spread import spread
from repsense.tuning.trial import Counted, Material, Trial, engine_version, steps_of

# Of two people with different numbers of recordings, so that steps are not alike.
MATERIAL = Material(
    examples=tuple(
        example(name, number) for name, each in (("a", 7), ("b", 2)) for number in range(each)
    ),
    parameters=PipelineParameters(),
    conditions=Conditions(),
)
EVERYWHERE = range(len(MATERIAL.examples))


def counted(values: Mapping[str, float], place: int, engine: str = "") -> Counted:
    """Return a made-up count, another one for each recording and value."""
    row = MATERIAL.examples[place].row
    reps = 5 + int(values["x"]) * (1 + place) % 7
    score = scored(reps, 5, file=row.file, dataset=row.dataset, exercise="")
    return Counted(score=score, engine=engine or engine_version())


class Unruly:
    """A crew that is done in whatever order, sometimes with several at a time."""

    def __init__(self, seed: int, size: int) -> None:
        self._random = random.Random(seed)
        self._size = size
        self._numbers = itertools.count()
        self._work: dict[int, tuple[Mapping[str, float], int]] = {}
        self.begun: list[tuple[float, int]] = []

    def size(self) -> int:
        return self._size

    def begin(self, values: Mapping[str, float], place: int) -> int:
        ticket = next(self._numbers)
        self._work[ticket] = values, place
        self.begun.append((values["x"], place))
        assert len(self._work) <= 2 * self._size
        return ticket

    def finished(self, tickets: Collection[int]) -> Iterator[tuple[int, Counted]]:
        assert set(tickets) == set(self._work)
        for ticket in self._random.sample(sorted(tickets), self._random.randint(1, len(tickets))):
            yield ticket, counted(*self._work.pop(ticket))


def attempted(trial: Trial, *, without: int | None = None, strange: int | None = None) -> Attempt:
    """Count a trial one recording after the other, in the order that it asks for."""
    attempt = Attempt(MATERIAL, trial)
    while (place := attempt.next_place()) is not None:
        if place != without:
            attempt.take(place, counted(trial.values, place, "x" if place == strange else ""))
    return attempt


@given(st.integers(0, 99), st.integers(1, 5), st.lists(st.floats(0.0, 1.0), max_size=4))
def test_who_counts_and_in_what_order_changes_nothing(
    seed: int, size: int, limits: list[float]
) -> None:
    trials = [Trial(number=n, values={"x": float(n)}, hopeless_below=limits) for n in range(6)]
    expected = [attempted(trial).outcome() for trial in trials]
    crew = Unruly(seed, size)
    outcomes = sorted(spread(MATERIAL, crew, trials), key=lambda one: one.number)
    assert outcomes == expected
    # Nothing is counted twice, and nothing of a step after the one that was hopeless.
    assert sorted(crew.begun) == sorted(
        (trial.values["x"], place)
        for trial, outcome in zip(trials, expected, strict=True)
        for step in steps_of(MATERIAL.examples)[: len(outcome.worth)]
        for place in step
    )
    assert expected[0].worth[-1] == 1.0  # its counts are right


def test_a_trial_that_is_begun_is_done_before_many_others_are() -> None:
    trials = [Trial(number=number, values={"x": float(number)}) for number in range(6)]
    first = next(spread(MATERIAL, Unruly(1, size=1), trials))
    crew = Unruly(1, size=1)
    next(spread(MATERIAL, crew, trials))
    assert first.number == 0
    assert {x for x, _ in crew.begun} <= {0.0, 1.0}


RIGHT = Trial(number=0, values={"x": 0.0})


@pytest.mark.parametrize("place", EVERYWHERE)
def test_one_recording_counted_by_another_engine_shows(place: int) -> None:
    assert attempted(RIGHT).outcome().engine == engine_version()
    assert attempted(RIGHT, strange=place).outcome().engine == "x"


@pytest.mark.parametrize("place", EVERYWHERE)
def test_nothing_is_over_while_one_recording_is_missing(place: int) -> None:
    assert attempted(RIGHT).over
    assert not attempted(RIGHT, without=place).over
