"""Simulate one set or a whole workout: samples, and the exact truth about them."""

from dataclasses import dataclass, replace

import numpy as np

from repsense.errors import CatalogueError
from repsense.exercises import Exercise, find_exercise
from repsense.recording.labels import Activity, LabelledRep, LabelledSet, Labels
from repsense.samples import SampleBlock, Wrist
from repsense.simulator.kinematics import (
    angular_rate_dps,
    band_position_m,
    forearm_axes,
    specific_force_g,
)
from repsense.simulator.motion import FINE_HZ, Motion
from repsense.simulator.paths import joint_path
from repsense.simulator.pose import Pose
from repsense.simulator.reps import RepSet
from repsense.simulator.sensor import SensorModel, measure
from repsense.simulator.sets import ExerciseSet
from repsense.simulator.stage import Segment, Stage
from repsense.simulator.style import CLEAN, SetStyle
from repsense.simulator.surroundings import AT_EASE, Rest, Stand, Walk
from repsense.simulator.unrest import add_sway, tremor_m
from repsense.simulator.wearer import Wearer, mirrored


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Simulated:
    """What the sensor recorded and what really happened, both on the device's clock."""

    block: SampleBlock
    labels: Labels
    wearer: Wearer


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkoutSet:
    """One set of a workout, and the rest after it.

    Parameters
    ----------
    exercise_id, reps, style
        What is done, how often by the worn arm, how.
    rest_s
        About how long the rest afterwards lasts.
    """

    exercise_id: str
    reps: int
    style: SetStyle = CLEAN
    rest_s: float = 60.0


def simulate_set(
    exercise_id: str,
    *,
    reps: int | None = None,
    seed: int = 0,
    wearer: Wearer | None = None,
    style: SetStyle | None = None,
    surroundings: bool = True,
    sensor: SensorModel | None = None,
) -> Simulated:
    """Simulate one set.

    Parameters
    ----------
    exercise_id
        Identifier from the catalogue.
    reps
        Reps of the arm that wears the band; None for the most that are asked.
    seed
        The same seed and arguments give the same recording.
    wearer, style, sensor
        Who, how and with what; None draws a person from the seed, does a clean
        set, uses the default sensor.
    surroundings
        False leaves out everything around the reps but some quiet seconds.

    Raises
    ------
    CatalogueError
        When the exercise is unknown, or no reps are asked for.
    """
    exercise = find_exercise(exercise_id)
    wanted = exercise.reps_max if reps is None else reps
    _check_reps(exercise, wanted)
    how = style or CLEAN
    if surroundings:
        scene = with_surroundings(ExerciseSet(exercise=exercise, reps=wanted, style=how))
        return simulate_scene(scene, seed=seed, wearer=wearer, sensor=sensor)
    bare: tuple[Segment, ...] = (
        Stand(seconds=3.0),
        RepSet(exercise=exercise, reps=wanted, style=how),
        Stand(seconds=3.0),
    )
    start = joint_path(exercise_id).start
    return simulate_scene(bare, seed=seed, wearer=wearer, sensor=sensor, start=start)


def simulate_workout(
    plan: tuple[WorkoutSet, ...],
    *,
    seed: int = 0,
    wearer: Wearer | None = None,
    sensor: SensorModel | None = None,
) -> Simulated:
    """Simulate sets with rests between them, by one person in one recording.

    Raises
    ------
    CatalogueError
        When an exercise is unknown, or no reps are asked for.
    """
    scene: list[Segment] = [Stand(seconds=4.0)]
    for planned in plan:
        exercise = find_exercise(planned.exercise_id)
        _check_reps(exercise, planned.reps)
        scene += [
            ExerciseSet(exercise=exercise, reps=planned.reps, style=planned.style),
            Walk(seconds=5.0),
            Rest(seconds=planned.rest_s),
        ]
    return simulate_scene(tuple(scene), seed=seed, wearer=wearer, sensor=sensor)


def simulate_scene(
    scene: tuple[Segment, ...],
    *,
    seed: int = 0,
    wearer: Wearer | None = None,
    sensor: SensorModel | None = None,
    start: Pose = AT_EASE,
) -> Simulated:
    """Play segments one after the other and measure them.

    Steps
    -----
    1. Play the segments onto a line of time; truth is written down on the way.
    2. Draw the joints on a fine grid; add sway; place the band; add tremor.
    3. Differentiate to specific force and angular rate; add knocks.
    4. Mirror for the left arm, turn into the band's axes, measure.
    """
    drawn = np.random.SeedSequence(seed).spawn(4)
    who, play, unrest, noise = (np.random.default_rng(source) for source in drawn)
    person = wearer or Wearer.someone(who)
    stage = Stage(motion=Motion(start), wearer=person, rng=play)
    for segment in scene:
        segment.play(stage)
    device = sensor or SensorModel()
    block = _felt(stage, device, unrest, noise)
    return Simulated(
        block=block,
        labels=_on_clock(stage, 1.0 + device.clock_error),
        wearer=person,
    )


def _felt(
    stage: Stage, sensor: SensorModel, unrest: np.random.Generator, noise: np.random.Generator
) -> SampleBlock:
    step_s = 1.0 / FINE_HZ
    joints = stage.motion.joints()
    add_sway(joints, step_s, stage.wearer, unrest)
    axes = forearm_axes(joints)
    position_m = band_position_m(joints, stage.wearer.body())
    position_m += tremor_m(joints, step_s, stage.wearer, unrest)
    force_g = specific_force_g(position_m, axes, step_s)
    force_g += np.einsum("nji,nj->ni", axes, stage.motion.knocks_g())
    rate_dps = angular_rate_dps(axes, step_s)
    if stage.wearer.wrist is Wrist.LEFT:
        force_g, rate_dps = mirrored(force_g, rate_dps)
    worn = stage.wearer.worn
    return measure(worn(force_g), worn(rate_dps), FINE_HZ, sensor, noise)


def with_surroundings(middle: Segment) -> tuple[Segment, ...]:
    """Return a scene in which someone stands, walks up, does ``middle`` and walks off."""
    return (
        Stand(seconds=3.0),
        Walk(seconds=5.0),
        Stand(seconds=2.0),
        middle,
        Stand(seconds=2.0),
        Walk(seconds=5.0),
        Stand(seconds=3.0),
    )


def _check_reps(exercise: Exercise, reps: int) -> None:
    if reps < 1:
        raise CatalogueError(
            f"A set of {reps} reps cannot be simulated: ask for 1 or more, "
            f"{exercise.reps_min} to {exercise.reps_max} are usual for {exercise.id}."
        )


def _on_clock(stage: Stage, fast: float) -> Labels:
    return Labels(
        sets=tuple(_set_on_clock(done, fast) for done in stage.sets),
        activities=tuple(
            Activity(start_s=one.start_s * fast, end_s=one.end_s * fast, name=one.name)
            for one in stage.activities
        ),
    )


def _set_on_clock(done: LabelledSet, fast: float) -> LabelledSet:
    reps = tuple(_rep_on_clock(rep, fast) for rep in done.reps)
    return replace(done, start_s=done.start_s * fast, end_s=done.end_s * fast, reps=reps)


def _rep_on_clock(rep: LabelledRep, fast: float) -> LabelledRep:
    lift_s, hold_s, lower_s = (
        None if phase_s is None else phase_s * fast
        for phase_s in (rep.lift_s, rep.hold_s, rep.lower_s)
    )
    return replace(
        rep,
        start_s=rep.start_s * fast,
        turn_s=rep.turn_s * fast,
        end_s=rep.end_s * fast,
        lift_s=lift_s,
        hold_s=hold_s,
        lower_s=lower_s,
    )
