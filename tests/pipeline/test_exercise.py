import time
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from repsense.events import Event, ExerciseRecognised, RepFinished, SetFinished
from repsense.exercises import load_catalogue
from repsense.exercises.recognition import UNKNOWN, load_model
from repsense.pipeline.chains import Cycle
from repsense.pipeline.conditioning import Conditioner, ConditioningParameters
from repsense.pipeline.exercise import (
    EARLY_REPS,
    NO_IDEA,
    Recogniser,
    distance,
    named,
    probabilities,
)
from repsense.pipeline.history import GRID_HZ, LOOK_BACK, History, new_history, next_cell
from repsense.pipeline.nodes import STEP
from repsense.pipeline.pipeline import Pipeline
from repsense.pipeline.traits import (
    NEWEST,
    PARTS,
    free_traits,
    hang_before,
    parts_of,
    within_reach,
    worn_traits,
)
from repsense.samples import Axis, FloatArray, SampleBlock, Worn, Wrist
from repsense.simulator import Simulated, Wearer, simulate_scene, simulate_set
from repsense.simulator.surroundings import Stand, Walk

FEW = settings(max_examples=30, deadline=None)
CYCLES = [Cycle(100 * n, 100 * n + 90) for n in range(5)]
AS_USUAL = Worn(along=Axis.PLUS_X, out=Axis.PLUS_Z, wrist=Wrist.LEFT)

seeds = st.integers(0, 2**32 - 1)


@cache
def made(exercise: str, wrist: Wrist = Wrist.LEFT) -> Simulated:
    return simulate_set(exercise, reps=8, seed=5, wearer=Wearer(wrist=wrist))


def listen(block: SampleBlock, pipeline: Pipeline) -> list[Event]:
    return [*pipeline.push(block), *pipeline.flush()]


def turned(block: SampleBlock, seed: int) -> SampleBlock:
    return replace(block, accel_g=block.accel_g @ rotation(seed))


def rotation(seed: int) -> FloatArray:
    turn = np.linalg.qr(np.random.default_rng(seed).normal(size=(3, 3)))[0]
    return np.asarray(turn * np.linalg.det(turn))


def reps_like(seed: int) -> FloatArray:
    """Return parts of reps in which gravity tips by some tenths of a radian and back."""
    rng = np.random.default_rng(seed)
    bend = rng.uniform(0.2, 1.2) * np.sin(np.pi * np.linspace(0.0, 1.0, PARTS))
    shape = np.stack([np.cos(bend), 0.3 * bend, np.sin(bend)], axis=1)
    return np.asarray(shape + rng.normal(0.0, 0.02, (len(CYCLES), PARTS, 3)))


@FEW
@given(seed=seeds, turn=seeds)
def test_turning_the_sensor_changes_nothing_where_its_frame_is_unknown(
    seed: int, turn: int
) -> None:
    parts_g, hang_g = reps_like(seed), np.array([-1.0, 0.0, 0.0])
    there = rotation(turn)

    same = free_traits(parts_g @ there, CYCLES, hang_g @ there)

    np.testing.assert_allclose(same, free_traits(parts_g, CYCLES, hang_g), atol=1e-6)


def test_turning_the_sensor_does_change_what_is_seen_in_a_known_frame() -> None:
    parts_g = reps_like(1)
    plain = worn_traits(parts_g, CYCLES, AS_USUAL.to_forearm())

    assert np.abs(plain - worn_traits(parts_g @ rotation(2), CYCLES, np.eye(3))).max() > 0.3


@pytest.mark.parametrize("exercise", ["front_raise", "overhead_press"])
def test_the_same_is_said_of_a_band_worn_any_way_round(exercise: str) -> None:
    """What reps look like is kept in steps of 1/127 along the band's axes: turned, other steps.

    Of two cuts of a set into reps that are as good as each other, another one may win then.
    """
    plain = listen(made(exercise).block, Pipeline())
    others = [listen(turned(made(exercise).block, seed), Pipeline()) for seed in (1, 2, 3, 4)]

    expected = [said(event) for event in plain if said(event)]
    for other in others:
        close = 1e-3 if borders_s(other) == borders_s(plain) else 0.02
        assert [said(event) for event in other if said(event)] == [
            (kind, name, pytest.approx(confidence, abs=1e-3 if kind == "exercise" else close))
            for kind, name, confidence in expected
        ]
        assert borders_s(other) == pytest.approx(borders_s(plain), abs=2.5 * STEP / GRID_HZ)
    assert sum(borders_s(other) == borders_s(plain) for other in others) >= 2


def borders_s(events: list[Event]) -> list[float]:
    """Return when the reps of all finished sets begin and end, s."""
    sets = [event for event in events if isinstance(event, SetFinished)]
    return [at_s for each in sets for rep in each.rep_details for at_s in (rep.start_s, rep.end_s)]


def said(event: Event) -> tuple[str, str, float] | tuple[()]:
    match event:
        case ExerciseRecognised():
            return event.kind, event.exercise, event.confidence
        case SetFinished():
            return event.kind, event.exercise, event.exercise_confidence
    return ()


@pytest.mark.parametrize("exercise", ["overhead_press", "front_raise", "overhead_pull"])
@pytest.mark.parametrize("worn", [AS_USUAL, None], ids=["frame known", "frame unknown"])
def test_a_set_is_named_after_three_reps_and_at_its_end(exercise: str, worn: Worn | None) -> None:
    events = listen(made(exercise).block, Pipeline(recogniser=Recogniser(worn)))
    done = max((e for e in events if isinstance(e, SetFinished)), key=lambda e: e.reps)
    mine = [e for e in events if getattr(e, "set", None) == done.set]
    guesses = [e for e in mine if isinstance(e, ExerciseRecognised)]

    assert (done.exercise, len(guesses)) == (exercise, 1)
    assert 0.5 < done.exercise_confidence <= 1.0
    at = mine.index(guesses[0])
    reps_before = [e.rep for e in mine[:at] if isinstance(e, RepFinished)]
    reps_after = [e.rep for e in mine[at:] if isinstance(e, RepFinished)]
    assert max(reps_before) >= EARLY_REPS
    assert min(reps_after) == max(reps_before) + 1
    assert guesses[0].announced_s < done.announced_s


def test_a_known_exercise_wins_and_is_said_with_the_first_rep() -> None:
    events = listen(made("front_raise").block, Pipeline(exercise="shrug"))
    names = [said(event) for event in events if said(event) and getattr(event, "reps", 1)]

    assert {name for _, name, _ in names} == {"shrug"}
    assert {confidence for _, _, confidence in names} == {1.0}
    named = next(e for e in events if isinstance(e, ExerciseRecognised))
    assert next(e for e in events if isinstance(e, RepFinished)).announced_s == named.announced_s


def test_an_exercise_is_known_until_the_set_is_no_longer_due() -> None:
    pipeline = Pipeline(exercise="shrug")
    pipeline.disarm()

    ends = [e for e in listen(made("front_raise").block, pipeline) if isinstance(e, SetFinished)]

    assert "front_raise" in {one.exercise for one in ends}


def test_both_arms_doing_the_same_look_the_same() -> None:
    left, right = (
        worn_traits(*seen_in(made("press_back", wrist)), frame(wrist).to_forearm())
        for wrist in Wrist
    )

    np.testing.assert_allclose(left, right, atol=0.1)


def frame(wrist: Wrist) -> Worn:
    return replace(AS_USUAL, wrist=wrist)


def seen_in(one: Simulated) -> tuple[FloatArray, list[Cycle]]:
    history = conditioned(one.block)
    now = next_cell(history) - 1
    newest_s = history.time_s[int(history.counter[1]) - 1]
    cycles = [
        Cycle(*(now - round((newest_s - at_s) * 25.0) for at_s in (rep.start_s, rep.end_s)))
        for rep in one.labels.sets[0].reps
    ]
    near = within_reach(cycles, now)
    return parts_of(history, near, now), near


def conditioned(block: SampleBlock) -> History:
    history = new_history()
    conditioner = Conditioner(history, ConditioningParameters())
    for piece in block.cut(200):
        conditioner.push(piece)
    return history


@FEW
@given(seed=seeds, size=st.floats(0.0, 1e6), early=st.booleans())
def test_probabilities_add_up_however_strange_the_traits(
    seed: int, size: float, early: bool
) -> None:
    model = load_model()
    for classifier in (model.worn, model.free):
        traits = size * np.random.default_rng(seed).normal(size=classifier.mean.size)
        shares = probabilities(classifier, traits, early=early)

        assert (shares >= 0.0).all()
        assert shares.sum() == pytest.approx(1.0)


def test_two_reps_are_too_few_to_say_anything() -> None:
    history = conditioned(made("front_raise").block)
    now = next_cell(history) - 1
    cycles = [Cycle(now - 200, now - 100), Cycle(now - 100, now)]

    assert Recogniser().guess(history, cycles, now) == NO_IDEA == (UNKNOWN, 0.0)


def test_only_the_newest_reps_are_looked_at_however_long_the_set() -> None:
    now = 100_000
    cycles = [Cycle(start, start + 40) for start in range(0, now, 50)]
    near = within_reach(cycles, now)

    assert len(near) == NEWEST
    assert near == cycles[-NEWEST:]
    assert within_reach([Cycle(now - LOOK_BACK - 1, now)], now) == []


def test_a_guess_costs_little() -> None:
    history = conditioned(made("front_raise").block)
    now = next_cell(history) - 1
    cycles = [Cycle(now - 70 * n - 60, now - 70 * n) for n in reversed(range(NEWEST))]
    recogniser = Recogniser()
    spent_s = []
    for _ in range(30):
        began_s = time.process_time()
        recogniser.guess(history, cycles, now)
        spent_s.append(time.process_time() - began_s)

    # Two guesses a set; 0.5 ms a rep would be 2 ms each in a set of eight.
    assert np.median(spent_s) < 2e-3


def test_walking_shows_how_the_arm_hangs() -> None:
    wearer = Wearer(sway=0.5)
    scene = (Stand(seconds=3.0), Walk(seconds=12.0), Stand(seconds=3.0))
    history = conditioned(simulate_scene(scene, seed=2, wearer=wearer).block)
    now = next_cell(history) - 1
    hang_g = hang_before(history, now, now)

    assert hang_g is not None
    assert np.linalg.norm(hang_g) == pytest.approx(1.0)
    assert hang_g[0] < -0.9
    assert hang_before(history, 40, now) is None


def test_every_exercise_has_a_name_in_the_model() -> None:
    assert load_model().names == (*load_catalogue(), UNKNOWN)


def test_what_lies_far_from_all_that_was_ever_seen_is_unknown() -> None:
    model = load_model()
    for classifier in (model.worn, model.free):
        ranges = classifier.ranges
        assert ranges is not None
        for exercise, centre in enumerate(ranges.centres):
            scaled = np.zeros(classifier.mean.size)
            scaled[: centre.size] = centre
            near = classifier.mean + classifier.scale * scaled
            assert distance(classifier, ranges, near, exercise) == pytest.approx(0.0, abs=1e-6)
            assert named(model.names, classifier, near, early=False).exercise in {
                model.names[exercise],
                UNKNOWN,
            }
            # Farther along the same way networks are as sure, and know nothing.
            far = classifier.mean + 8.0 * classifier.scale * scaled
            assert named(model.names, classifier, far, early=False).exercise == UNKNOWN


def test_a_name_that_is_not_sure_is_not_said() -> None:
    model = load_model()
    rng = np.random.default_rng(5)
    for traits in model.worn.mean + model.worn.scale * rng.normal(0.0, 1.0, (300, 40)):
        guess = named(model.names, model.worn, traits, early=True)
        assert guess.exercise == UNKNOWN or guess.confidence >= 0.5
        assert 0.0 <= guess.confidence <= 1.0
