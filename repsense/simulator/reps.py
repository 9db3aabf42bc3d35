"""Play the reps of one set, and write down what was really done."""

from dataclasses import dataclass

import numpy as np

from repsense.exercises import Arms, Exercise
from repsense.recording.labels import LabelledRep, LabelledSet
from repsense.samples import FloatArray
from repsense.simulator.kinematics import band_position_m
from repsense.simulator.paths import JointPath, joint_path
from repsense.simulator.plan import PlannedRep, plan_reps
from repsense.simulator.pose import CHANNEL, CHANNELS, change
from repsense.simulator.stage import Stage
from repsense.simulator.style import CLEAN, SetStyle
from repsense.simulator.wearer import Wearer

# Whoever waits for the first rep waits much as between the others: of what sets a person's start
# apart from the book's, this share is still to come. In 162 real sets that the engine counts right
# (applewatch_gym, metamotion_barbell, muvr_pebble, pt_dumbbell) the first rep starts 1.1 times as
# far from where the others do as the last one ends; here 1.2 times. It would be 1.8 times with
# all of the way to come and 0.8 times with none.
_FIRST_OFF = 0.5
# Without a pause the next stroke begins before the last has ended: this share of the shorter.
_TURN_OVERLAP = 0.2
_SHORTEST_HOLD_S = 0.08
# A bounced weight goes past the start, is thrown back, and meets the next lift.
_BOUNCE_PAST = 0.08
_BOUNCE_RECOIL_S = 0.24
_BOUNCE_OVERLAP_S = 0.12
# In a throw the trunk first dips the other way.
_WIND_UP_S = 0.28
_WIND_UP_SHARE = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class RepSet:
    """The reps of one set, from start pose to start pose.

    Parameters
    ----------
    exercise
        What is done.
    reps
        Reps of the worn arm.
    style
        How they are done.
    path
        How the joints go; None for the exercise's own path.
    """

    exercise: Exercise
    reps: int
    style: SetStyle = CLEAN
    path: JointPath | None = None

    def play(self, stage: Stage) -> None:
        """Do the reps and write them down."""
        path = self.path or joint_path(self.exercise.id)
        planned = plan_reps(
            self.exercise, self.reps, self.style, travel_m(path, stage.wearer), stage.rng
        )
        manner = _Manner.drawn(path, stage.rng)
        stage.motion.arrive_off((1.0 - _FIRST_OFF) * (manner.start - path.start.vector()))
        pauses = _pauses_after(self.reps, self.style.pauses, stage.rng)
        done: list[LabelledRep] = []
        for number, rep in enumerate(planned):
            done.append(_play_rep(stage, self.exercise, path, manner, rep))
            stage.motion.wait(rep.rest_s)
            if self.exercise.arms is Arms.ALTERNATING:
                play_other_arm(stage, rep, tap_g=0.3)
            if number in pauses:
                stage.motion.wait(float(stage.rng.uniform(3.0, 6.0)))
        stage.sets.append(
            LabelledSet(
                start_s=done[0].start_s,
                end_s=done[-1].end_s,
                exercise=self.exercise.id,
                reps=tuple(done),
            )
        )


def travel_m(path: JointPath, wearer: Wearer) -> float:
    """Return how far the wrist travels along its path from start to turn, in m."""
    share = np.linspace(0.0, 1.0, 50)[:, None]
    joints = path.start.vector() * (1.0 - share) + path.turn.vector() * share
    steps = np.diff(band_position_m(joints, wearer.body()), axis=0)
    return float(np.linalg.norm(steps, axis=1).sum())


def play_other_arm(stage: Stage, rep: PlannedRep, *, tap_g: float) -> None:
    """Let the other arm do a rep: the worn one only feels the trunk give and the tap."""
    sway = change(
        turn=-stage.about(6.0, 0.2), hips_y=stage.about(0.03, 0.3), hips_z=stage.about(0.008, 0.5)
    )
    stage.motion.move(sway, rep.lift_s)
    stage.motion.wait(rep.hold_s)
    stage.motion.move(-sway, rep.lower_s)
    if tap_g:
        stage.knock(tap_g)
    stage.motion.wait(max(rep.rest_s, 0.1))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Manner:
    """How one person does all reps of one set: poses a little off, strokes a little uneven."""

    start: FloatArray
    way: FloatArray
    throw: FloatArray
    skew: float
    plateau: float

    @classmethod
    def drawn(cls, path: JointPath, rng: np.random.Generator) -> "_Manner":
        start, turn = path.start.vector(), path.turn.vector()
        return cls(
            start=start + _scatter_deg(rng, 3.0),
            way=(turn - start) * rng.normal(1.0, 0.04, start.size).clip(0.9, 1.1),
            throw=change(**path.throw),
            skew=float(rng.uniform(-0.15, 0.2)),
            plateau=float(rng.uniform(0.0, 0.6)),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Timing:
    """When the strokes of one rep begin and end, and what counts as the truth about it."""

    first_s: float
    back_from_s: float
    second_s: float
    turn_s: float
    away_s: float
    end_s: float

    @classmethod
    def of(cls, rep: PlannedRep, start_s: float, *, lift_first: bool) -> "_Timing":
        first_s, second_s = (rep.lift_s, rep.lower_s) if lift_first else (rep.lower_s, rep.lift_s)
        there_s = start_s + first_s
        if rep.hold_s >= _SHORTEST_HOLD_S and (lift_first or not rep.bounce):
            back_from_s, turn_s, away_s = there_s + rep.hold_s, there_s, there_s + rep.hold_s
        else:
            share = _TURN_OVERLAP if lift_first or not rep.bounce else 2.0 * _TURN_OVERLAP
            lap_s = share * min(first_s, second_s)
            back_from_s, turn_s, away_s = there_s - lap_s, there_s - lap_s / 2, there_s - lap_s / 2
        thrown_back_s = _BOUNCE_OVERLAP_S if rep.bounce and lift_first else 0.0
        return cls(
            first_s=first_s,
            back_from_s=back_from_s,
            second_s=second_s,
            turn_s=turn_s,
            away_s=away_s,
            end_s=back_from_s + second_s - thrown_back_s,
        )


def _play_rep(
    stage: Stage, exercise: Exercise, path: JointPath, manner: _Manner, rep: PlannedRep
) -> LabelledRep:
    motion, lift_first = stage.motion, exercise.concentric_first
    start_s = motion.now_s
    timing = _Timing.of(rep, start_s, lift_first=lift_first)
    way = manner.way * rep.range * stage.rng.normal(1.0, 0.02, manner.way.size)
    _stroke(stage, manner, rep, way, start_s=start_s, duration_s=timing.first_s, lift=lift_first)
    home = manner.start + _scatter_deg(stage.rng, 1.0) - motion.aim
    home[CHANNEL["heading"]] = 0.0  # a rep turns nobody round
    if rep.bounce and lift_first:
        _recoil(stage, way, timing.back_from_s + timing.second_s)
        home = home - _BOUNCE_PAST * way
    _stroke(
        stage,
        manner,
        rep,
        home,
        start_s=timing.back_from_s,
        duration_s=timing.second_s,
        lift=not lift_first,
    )
    motion.now_s = timing.end_s
    _end_knock(stage, path, rep)
    phases = (timing.turn_s - start_s, timing.end_s - timing.away_s)
    return LabelledRep(
        start_s=start_s,
        turn_s=timing.turn_s,
        end_s=timing.end_s,
        lift_s=phases[0] if lift_first else phases[1],
        hold_s=timing.away_s - timing.turn_s,
        lower_s=phases[1] if lift_first else phases[0],
        flags=rep.flags(exercise),
    )


def _stroke(
    stage: Stage,
    manner: _Manner,
    rep: PlannedRep,
    way: FloatArray,
    *,
    start_s: float,
    duration_s: float,
    lift: bool,
) -> None:
    skew, plateau = manner.skew, manner.plateau
    if lift and rep.swing:
        skew, plateau = 0.35, 0.0
        _throw(stage, manner.throw * stage.about(1.0, 0.2), start_s, duration_s)
    elif not lift and (rep.drop or rep.bounce):
        skew, plateau = -0.4, 0.0
    stage.motion.move(way, duration_s, start_s=start_s, skew=skew, plateau=plateau)


def _throw(stage: Stage, throw: FloatArray, lift_start_s: float, lift_s: float) -> None:
    """Dip, burst and recover with the trunk: the burst peaks before the arm's own speed does."""
    dip = -_WIND_UP_SHARE * throw
    move = stage.motion.move
    move(dip, _WIND_UP_S, start_s=lift_start_s - 0.8 * _WIND_UP_S)
    burst_end_s = move(throw - dip, 0.7 * lift_s, start_s=lift_start_s - 0.1 * lift_s, skew=0.3)
    move(-throw, max(0.8, lift_s), start_s=burst_end_s)


def _recoil(stage: Stage, way: FloatArray, bottom_s: float) -> None:
    stage.motion.move(
        _BOUNCE_PAST * way, _BOUNCE_RECOIL_S, start_s=bottom_s - _BOUNCE_RECOIL_S / 2.0
    )


def _end_knock(stage: Stage, path: JointPath, rep: PlannedRep) -> None:
    lowest, highest = path.end_knock_g
    peak_g = float(stage.rng.uniform(lowest, highest)) + (0.25 if rep.drop else 0.0)
    if peak_g > 0.0:
        stage.knock(peak_g)


def _pauses_after(reps: int, pauses: int, rng: np.random.Generator) -> set[int]:
    inside = min(pauses, max(reps - 1, 0))
    return {int(number) for number in rng.choice(max(reps - 1, 1), size=inside, replace=False)}


def _scatter_deg(rng: np.random.Generator, spread_deg: float) -> FloatArray:
    scatter = np.zeros(len(CHANNELS))
    for name in ("upper_raise", "upper_spread", "fore_raise", "fore_spread", "pronation"):
        scatter[CHANNEL[name]] = rng.normal(0.0, spread_deg)
    return scatter
