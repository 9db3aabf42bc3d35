import math
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from repsense.errors import CatalogueError
from repsense.events import FormFlag
from repsense.exercises import Tempo, load_catalogue
from repsense.recording.labels import LabelledRep
from repsense.samples import FloatArray
from repsense.simulator import (
    IDEAL_SENSOR,
    SensorModel,
    SetStyle,
    Simulated,
    Wearer,
    WorkoutSet,
    Wrist,
    simulate_scene,
    simulate_set,
    simulate_workout,
)
from repsense.simulator.desk import Desk
from repsense.simulator.motion import Knock, Motion
from repsense.simulator.paths import joint_path
from repsense.simulator.reps import travel_m
from repsense.simulator.surroundings import Drink, Fidget, Rest, ShakeOut, Stand, Walk, Wipe

EXERCISES = tuple(load_catalogue())
STILL = Wearer(wrist=Wrist.RIGHT, sway=0.0, tremor=0.0)


def ideal(exercise: str, style: SetStyle | None = None, **options: int) -> Simulated:
    return simulate_set(
        exercise, wearer=STILL, style=style, surroundings=False, sensor=IDEAL_SENSOR, **options
    )


def within(made: Simulated, start_s: float, end_s: float) -> FloatArray:
    t_s = made.block.t_s
    return np.asarray(made.block.accel_g[(t_s >= start_s) & (t_s < end_s)])


def at(made: Simulated, time_s: float) -> FloatArray:
    return within(made, time_s - 0.05, time_s + 0.05).mean(axis=0)


def lengths(made: Simulated) -> FloatArray:
    return np.asarray(np.linalg.norm(made.block.accel_g, axis=1))


def reps_of(made: Simulated) -> tuple[LabelledRep, ...]:
    return made.labels.sets[0].reps


# Truth ---------------------------------------------------------------------------------------


@settings(max_examples=20, deadline=None)
@given(
    exercise=st.sampled_from(EXERCISES),
    reps=st.integers(1, 15),
    seed=st.integers(0, 2**32),
    faults=st.lists(st.sampled_from(FormFlag), max_size=3, unique=True),
    share=st.floats(0.0, 1.0),
    pauses=st.integers(0, 3),
)
def test_the_truth_is_what_was_asked(
    *, exercise: str, reps: int, seed: int, faults: list[FormFlag], share: float, pauses: int
) -> None:
    style = SetStyle(faults=tuple(faults), fault_share=share, pauses=pauses)
    made = simulate_set(exercise, reps=reps, seed=seed, style=style)
    (done,) = made.labels.sets

    assert made.labels.reps == len(done.reps) == reps
    assert done.exercise == exercise
    assert (done.start_s, done.end_s) == (done.reps[0].start_s, done.reps[-1].end_s)
    assert 0.0 < done.start_s < done.end_s < made.block.t_s[-1]
    for rep in done.reps:
        assert rep.start_s < rep.turn_s < rep.end_s
        assert rep.lift_s is not None
        assert rep.hold_s is not None
        assert rep.lower_s is not None
        assert rep.lift_s + rep.hold_s + rep.lower_s == pytest.approx(rep.end_s - rep.start_s)
        assert min(rep.lift_s, rep.lower_s) > 0.1


@pytest.mark.parametrize("exercise", EXERCISES)
def test_a_clean_set_has_no_flags_and_its_own_tempo(exercise: str) -> None:
    tempo = load_catalogue()[exercise].tempo
    for seed in range(5):
        reps = reps_of(ideal(exercise, reps=10, seed=seed))
        assert {rep.flags for rep in reps} == {()}
        assert np.median([rep.lower_s or 0.0 for rep in reps]) == pytest.approx(
            tempo.lower_s, rel=0.2
        )


@pytest.mark.parametrize(
    ("exercise", "fault"),
    [
        (exercise, fault)
        for exercise, facts in load_catalogue().items()
        for fault in FormFlag
        if fault is not FormFlag.NO_HOLD or facts.cue_for(fault)
    ],
)
def test_a_fault_asked_for_is_done_and_flagged(exercise: str, fault: FormFlag) -> None:
    reps = reps_of(ideal(exercise, SetStyle(faults=(fault,), fault_share=0.5), reps=10))

    assert sum(fault in rep.flags for rep in reps) == 5


def test_fatigue_slows_the_last_reps() -> None:
    reps = reps_of(ideal("overhead_press", SetStyle(fatigue=0.5, variability=0.0), reps=10))
    lifts = [rep.lift_s or 0.0 for rep in reps]

    assert lifts == sorted(lifts)
    assert lifts[-1] / lifts[0] == pytest.approx(1.5, abs=0.1)


def test_a_tempo_asked_for_is_kept() -> None:
    tempo = Tempo(lift_s=3.0, hold_s=2.0, lower_s=4.0)
    reps = reps_of(ideal("front_raise", SetStyle(tempo=tempo, variability=0.0, fatigue=0.0)))

    for rep in reps:
        assert (rep.lift_s, rep.hold_s, rep.lower_s) == pytest.approx((3.0, 2.0, 4.0))


def test_pauses_lie_between_reps() -> None:
    reps = reps_of(ideal("shrug", SetStyle(pauses=2), reps=10))
    gaps = [after.start_s - rep.end_s for rep, after in pairwise(reps)]

    assert sum(gap > 2.9 for gap in gaps) == 2


def test_a_labelled_turn_is_where_the_signal_turns() -> None:
    made = ideal("front_raise", reps=10)
    for rep in reps_of(made):
        during = within(made, rep.start_s, rep.end_s)
        top_s = rep.start_s + float(np.argmax(during[:, 0])) / 50.0
        assert top_s == pytest.approx(rep.turn_s, abs=0.25)


@pytest.mark.parametrize("exercise", EXERCISES)
def test_nothing_moves_outside_the_labelled_reps(exercise: str) -> None:
    made = simulate_set(
        exercise, seed=4, wearer=STILL, surroundings=False, sensor=IDEAL_SENSOR, reps=6
    )
    reps = reps_of(made)
    before = within(made, 0.1, reps[0].start_s)

    assert np.ptp(before, axis=0).max() < 1e-3
    for rep in reps:
        assert np.ptp(within(made, rep.start_s, rep.end_s), axis=0).max() > 0.02


# Reproducible --------------------------------------------------------------------------------


def test_the_same_seed_gives_the_same_samples() -> None:
    first, again, other = (simulate_set("shrug", seed=seed) for seed in (5, 5, 6))

    assert first.labels == again.labels
    assert np.array_equal(first.block.accel_g, again.block.accel_g)
    assert np.array_equal(first.block.t_s, again.block.t_s)
    assert first.labels != other.labels


# Worn any way --------------------------------------------------------------------------------


@cache
def a_row(wearer: Wearer) -> Simulated:
    sensor = replace(IDEAL_SENSOR, gyro=True)
    return simulate_set("reverse_grip_row", reps=3, wearer=wearer, sensor=sensor)


@settings(max_examples=15, deadline=None)
@given(
    roll_deg=st.floats(-180.0, 180.0),
    tilt_deg=st.floats(-20.0, 20.0),
    turned=st.booleans(),
    wrist=st.sampled_from(Wrist),
)
def test_how_the_band_is_worn_only_rotates_the_signal(
    roll_deg: float, tilt_deg: float, turned: bool, wrist: Wrist
) -> None:
    plain = Wearer(wrist=wrist)
    straight = a_row(plain)
    worn = a_row(replace(plain, roll_deg=roll_deg, tilt_deg=tilt_deg, reversed=turned))
    rotation = np.linalg.lstsq(straight.block.accel_g, worn.block.accel_g)[0]

    assert straight.labels == worn.labels
    assert rotation.T @ rotation == pytest.approx(np.eye(3), abs=1e-9)
    assert np.linalg.det(rotation) == pytest.approx(1.0)
    assert worn.block.accel_g == pytest.approx(straight.block.accel_g @ rotation, abs=1e-9)
    assert straight.block.gyro_dps is not None
    assert worn.block.gyro_dps == pytest.approx(straight.block.gyro_dps @ rotation, abs=1e-6)


def test_the_other_wrist_is_the_mirror_image() -> None:
    sides = [
        simulate_set("front_raise", wearer=Wearer(wrist=wrist), sensor=IDEAL_SENSOR, reps=2)
        for wrist in Wrist
    ]
    left, right = (made.block.accel_g for made in sides)

    assert left == pytest.approx(right * (1.0, -1.0, 1.0))


def test_standing_still_reads_one_g_down_the_arm() -> None:
    made = simulate_scene((Stand(seconds=5.0),), wearer=STILL, sensor=IDEAL_SENSOR)

    assert lengths(made) == pytest.approx(1.0, abs=1e-6)
    assert (made.block.accel_g[:, 0] < -0.95).all()


def test_a_standing_person_sways_a_little() -> None:
    made = simulate_scene((Stand(seconds=60.0),), wearer=Wearer(), sensor=IDEAL_SENSOR)

    assert 0.001 < lengths(made).std() < 0.02
    assert 0.003 < made.block.accel_g.std(axis=0).max() < 0.04


# What the wrist sees, against the geometry of the ten exercises -------------------------------

# Exercise: least and most of ax at the start, then at the turn, from one person to another.
TILTS: dict[str, tuple[tuple[float, float], tuple[float, float]]] = {
    "overhead_press": ((0.88, 1.0), (0.96, 1.0)),
    "reverse_grip_row": ((-1.0, -0.93), (-0.97, -0.75)),
    "front_raise": ((-1.0, -0.95), (-0.3, 0.25)),
    "press_back": ((-1.0, -0.93), (-0.75, -0.45)),
    "overhead_pull": ((0.95, 1.0), (-0.25, 0.35)),
    "renegade_row": ((-1.0, -0.97), (-1.0, -0.85)),
    "single_arm_row": ((-1.0, -0.95), (-0.99, -0.8)),
    "lat_pulldown": ((0.8, 0.97), (0.85, 1.0)),
    "one_arm_row": ((-1.0, -0.97), (-1.0, -0.95)),
    "shrug": ((-1.0, -0.97), (-1.0, -0.97)),
}
TRAVEL_M = {
    "overhead_press": (0.30, 0.50),
    "reverse_grip_row": (0.30, 0.45),
    "front_raise": (0.70, 1.05),
    "press_back": (0.5, 0.8),
    "overhead_pull": (0.7, 1.0),
    "renegade_row": (0.25, 0.42),
    "single_arm_row": (0.30, 0.45),
    "lat_pulldown": (0.40, 0.66),
    "one_arm_row": (0.35, 0.52),
    "shrug": (0.05, 0.10),
}
# Peak of the specific force's length against 1 g at the controlled tempo.
STRENGTH_G = {
    "overhead_press": (0.05, 0.25),
    "reverse_grip_row": (0.03, 0.2),
    "front_raise": (0.05, 0.4),
    "press_back": (0.02, 0.25),
    "overhead_pull": (0.03, 0.3),
    "single_arm_row": (0.04, 0.25),
    "lat_pulldown": (0.05, 0.4),
    "one_arm_row": (0.05, 0.25),
    "shrug": (0.02, 0.08),
}


@pytest.mark.parametrize("exercise", EXERCISES)
def test_the_forearm_points_where_the_exercise_wants_it(exercise: str) -> None:
    slow = SetStyle(tempo=Tempo(lift_s=3.0, hold_s=1.0, lower_s=3.0))
    for seed in range(4):
        made = ideal(exercise, slow, reps=4, seed=seed)
        for rep in reps_of(made):
            start, turn = at(made, rep.start_s), at(made, rep.turn_s + 0.4)
            for seen, (least, most) in zip((start, turn), TILTS[exercise], strict=True):
                assert least - 0.03 <= seen[0] <= most + 0.03


def test_gravity_moves_to_the_axis_that_the_grip_says() -> None:
    top = {name: at(made := ideal(name, reps=1), reps_of(made)[0].turn_s) for name in EXERCISES}

    assert top["front_raise"][2] > 0.8  # palm down
    assert -0.6 < top["reverse_grip_row"][2] < -0.2  # palm up
    assert -0.95 < top["press_back"][2] < -0.6  # behind
    assert abs(top["overhead_pull"][1:]).max() > 0.6


@pytest.mark.parametrize("exercise", EXERCISES)
def test_the_wrist_travels_as_far_as_the_exercise_wants(exercise: str) -> None:
    least, most = TRAVEL_M[exercise]
    for height_m in (1.65, 1.75, 1.85):
        assert least <= travel_m(joint_path(exercise), Wearer(height_m=height_m)) <= most


@pytest.mark.parametrize("exercise", STRENGTH_G)
def test_a_controlled_rep_is_felt_as_strongly_as_geometry_says(exercise: str) -> None:
    least, most = STRENGTH_G[exercise]
    for seed in range(3):
        made = ideal(exercise, reps=5, seed=seed)
        for rep in reps_of(made)[:-1]:
            felt = np.linalg.norm(within(made, rep.start_s, rep.end_s - 0.1), axis=1)
            assert least <= np.abs(felt - 1.0).max() <= most


def test_a_pulldown_first_goes_down_and_a_press_up() -> None:
    signs = []
    for exercise in ("overhead_press", "lat_pulldown"):
        made = ideal(exercise, reps=1)
        rep = reps_of(made)[0]
        early = within(made, rep.start_s + 0.1, rep.start_s + 0.5)
        signs.append(np.sign(np.linalg.norm(early, axis=1).mean() - 1.0))

    assert signs == [1.0, -1.0]


def test_floor_taps_are_felt_and_half_the_time_is_the_other_arm() -> None:
    made = ideal("renegade_row", reps=6)
    reps = reps_of(made)
    gaps = [after.start_s - rep.end_s for rep, after in pairwise(reps)]
    taps = [np.abs(within(made, rep.end_s, rep.end_s + 0.2)[:, 0] + 1.0).max() for rep in reps]

    assert min(gaps) > 1.5
    assert min(taps) > 0.2
    assert max(taps) < 2.5


def test_the_idle_wrist_sees_next_to_nothing() -> None:
    made = simulate_set("one_arm_row", wearer=STILL, sensor=IDEAL_SENSOR)
    other = next(one for one in made.labels.activities if one.name == "other side")
    idle = within(made, other.start_s + 5.0, other.end_s - 2.0)

    assert len(idle) > 500
    assert idle.std(axis=0).max() < 0.02
    assert made.labels.reps == load_catalogue()["one_arm_row"].reps_max


# Faults as physics ---------------------------------------------------------------------------


@pytest.mark.parametrize("exercise", EXERCISES)
def test_a_swing_is_felt_early_and_strongly(exercise: str) -> None:
    def peak_g(style: SetStyle) -> float:
        made = ideal(exercise, style, reps=1, seed=2)
        rep = reps_of(made)[0]
        felt = np.linalg.norm(within(made, rep.start_s - 0.2, rep.end_s - 0.05), axis=1)
        return float(np.abs(felt - 1.0).max())

    assert peak_g(SetStyle(faults=(FormFlag.SWING,))) > 1.8 * peak_g(SetStyle())


@pytest.mark.parametrize("exercise", ["front_raise", "overhead_press", "one_arm_row"])
def test_a_dropped_weight_falls_and_is_caught(exercise: str) -> None:
    made = ideal(exercise, SetStyle(faults=(FormFlag.FAST_LOWER,)), reps=1)
    rep = reps_of(made)[0]
    felt = np.linalg.norm(within(made, rep.turn_s, rep.end_s + 0.1), axis=1)

    assert (felt < 0.7).sum() >= 4  # 80 ms at 50 Hz
    assert felt.max() > 1.3


def test_a_bounce_leaves_no_rest() -> None:
    made = ideal("overhead_press", SetStyle(faults=(FormFlag.BOUNCE,)), reps=6)
    reps = reps_of(made)
    gaps = [after.start_s - rep.end_s for rep, after in pairwise(reps)]

    assert max(gaps) == pytest.approx(0.0, abs=1e-9)
    bottoms = [lengths(made)[round(rep.end_s * 50.0) - 6 :][:12].max() for rep in reps]
    assert min(bottoms) > 1.25


def test_a_partial_rep_goes_part_of_the_way() -> None:
    made = ideal("front_raise", SetStyle(faults=(FormFlag.PARTIAL,)), reps=8)

    assert all(-0.97 < at(made, rep.turn_s)[0] < -0.5 for rep in reps_of(made))


# Surroundings --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "segment",
    [
        Walk(seconds=10.0),
        Walk(seconds=10.0, loaded=True),
        Drink(),
        Wipe(),
        Fidget(seconds=10.0),
        ShakeOut(),
        Rest(seconds=60.0),
        Desk(seconds=60.0),
    ],
    ids=lambda one: type(one).__name__,
)
def test_what_goes_on_around_sets_is_noted_and_ends_at_ease(segment: Rest) -> None:
    made = simulate_scene((segment, Stand(seconds=2.0)), seed=3, sensor=IDEAL_SENSOR, wearer=STILL)

    assert made.labels.sets == ()
    assert made.labels.activities[-1].name == "standing"
    assert made.labels.activities[0].end_s > 2.0
    assert lengths(made)[-50:] == pytest.approx(1.0, abs=0.02)


def test_walking_has_the_beat_of_steps() -> None:
    made = simulate_scene((Walk(seconds=20.0),), sensor=IDEAL_SENSOR, wearer=STILL)
    felt = lengths(made)[100:-100] - 1.0
    spectrum = np.abs(np.fft.rfft(felt - felt.mean()))
    beat_hz = np.fft.rfftfreq(felt.size, 0.02)[np.argmax(spectrum)]

    assert 1.6 < beat_hz < 2.3
    assert 0.08 < felt.std() < 0.4


@pytest.mark.parametrize("exercise", EXERCISES)
def test_no_motion_jumps(exercise: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between 400 Hz samples little changes but by knocks, and they by no more than one rings."""
    sensor = replace(IDEAL_SENSOR, rate_hz=400.0, gyro=True)
    made = simulate_set(exercise, seed=8, sensor=sensor)
    knocks: list[Knock] = []
    monkeypatch.setattr(Motion, "add_knock", lambda _, knock: knocks.append(knock))
    calm = simulate_set(exercise, seed=8, sensor=sensor)

    assert most_change(calm.block.accel_g) < 0.1
    assert most_change(made.block.accel_g - calm.block.accel_g) < max(map(hardest_g, knocks))
    assert made.block.gyro_dps is not None
    assert np.abs(np.diff(made.block.gyro_dps, axis=0)).max() < 10.0
    assert np.abs(made.block.gyro_dps).max() < 700.0


def most_change(values: FloatArray) -> float:
    """Return the farthest that a vector moves from one sample to the next."""
    return float(np.linalg.norm(np.diff(values, axis=0), axis=1).max())


def hardest_g(knock: Knock) -> float:
    """Return by how much a knock changes the force in 1/400 s at most: in its first, from rest."""
    # What rings to the peak is larger by what it loses in the quarter of a period until then.
    undamped_g = knock.peak_g * math.exp(0.25 / knock.ring_hz / knock.decay_s)
    swung = math.sin(2.0 * math.pi * knock.ring_hz / 400.0) * math.exp(-1.0 / 400.0 / knock.decay_s)
    return undamped_g * swung * math.hypot(*knock.direction)


# Workouts, clocks, mistakes ------------------------------------------------------------------


def test_a_workout_has_its_sets_in_order() -> None:
    plan = (
        WorkoutSet(exercise_id="shrug", reps=3, rest_s=20.0),
        WorkoutSet(exercise_id="overhead_pull", reps=2, rest_s=15.0),
    )
    made = simulate_workout(plan, seed=9)

    assert [(done.exercise, done.count) for done in made.labels.sets] == [
        ("shrug", 3),
        ("overhead_pull", 2),
    ]
    assert made.labels.sets[1].start_s - made.labels.sets[0].end_s > 25.0


def test_labels_are_on_the_clock_of_the_device() -> None:
    slow, fast = (
        simulate_set("shrug", sensor=SensorModel(clock_error=error)) for error in (0.0, 0.05)
    )
    for true, seen in zip(reps_of(slow), reps_of(fast), strict=True):
        assert seen.turn_s == pytest.approx(1.05 * true.turn_s)
        assert seen.hold_s == pytest.approx(1.05 * (true.hold_s or 0.0))
    assert fast.block.t_s[-1] == pytest.approx(1.05 * slow.block.t_s[-1], abs=0.1)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: simulate_set("front_rise"), "Did you mean 'front_raise'"),
        (lambda: simulate_set("shrug", reps=0), "A set of 0 reps cannot be simulated"),
        (lambda: joint_path("squat"), "has no joint path for 'squat'"),
    ],
)
def test_what_cannot_be_simulated_is_explained(make: Callable[[], object], message: str) -> None:
    with pytest.raises(CatalogueError, match=message):
        make()
