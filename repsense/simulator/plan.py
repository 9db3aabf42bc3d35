"""Decide each rep of a set before it is played: durations, range, faults."""

from dataclasses import dataclass, replace

import numpy as np

from repsense.events import FormFlag
from repsense.exercises import Exercise, Tempo
from repsense.samples import FloatArray
from repsense.simulator.kinematics import STANDARD_GRAVITY_MPS2
from repsense.simulator.style import SetStyle

# What a fault of form is here, against the exercise's controlled tempo.
FAST_LIFT_SHARE = 0.6
FAST_LOWER_SHARE = 0.5
NO_HOLD_SHARE = 0.4
PARTIAL_RANGE = 0.75

_SHORTEST_STROKE_S = 0.3
# A weight let go comes down with most of gravity missing: this much of it is felt as lost.
_DROP_G = 0.55
# Peak acceleration of a minimum-jerk stroke in units of length / time^2 (Flash & Hogan 1985).
_PEAK = 5.77


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedRep:
    """One rep as it will be done."""

    lift_s: float
    hold_s: float
    lower_s: float
    rest_s: float
    range: float
    swing: bool = False
    bounce: bool = False
    drop: bool = False

    def flags(self, exercise: Exercise) -> tuple[FormFlag, ...]:
        """Return the faults of form that this rep really has."""
        asked = exercise.tempo
        # A short way takes less time without being fast.
        way = min(1.0, self.range)
        holds = exercise.cue_for(FormFlag.NO_HOLD) is not None
        seen = {
            FormFlag.SWING: self.swing,
            FormFlag.FAST_LIFT: self.lift_s < FAST_LIFT_SHARE * asked.lift_s * way,
            FormFlag.FAST_LOWER: self.lower_s < FAST_LOWER_SHARE * asked.lower_s * way,
            FormFlag.NO_HOLD: holds and self.hold_s < NO_HOLD_SHARE * asked.hold_s,
            FormFlag.PARTIAL: self.range < PARTIAL_RANGE,
            FormFlag.BOUNCE: self.bounce,
        }
        return tuple(flag for flag, present in seen.items() if present)


def plan_reps(
    exercise: Exercise,
    reps: int,
    style: SetStyle,
    travel_m: float,
    rng: np.random.Generator,
) -> list[PlannedRep]:
    """Return the reps of a set.

    Parameters
    ----------
    exercise, reps, style
        What is done, how often, how.
    travel_m
        Way of the wrist in a full rep, which sets how long a drop takes.
    rng
        Source of the differences from rep to rep.
    """
    tempo = style.tempo or exercise.tempo
    tired = np.linspace(0.0, 1.0, reps) ** 2 if reps > 1 else np.zeros(1)
    planned = [_plain_rep(tempo, style, float(weary), rng) for weary in tired]
    for fault in style.faults:
        share = max(1, round(style.fault_share * reps))
        for index in rng.choice(reps, size=share, replace=False):
            planned[index] = _faulty(planned[index], fault, travel_m, rng)
    return planned


def _plain_rep(tempo: Tempo, style: SetStyle, weary: float, rng: np.random.Generator) -> PlannedRep:
    vary = _around_one(rng, style.variability, 5)
    return PlannedRep(
        lift_s=max(_SHORTEST_STROKE_S, tempo.lift_s * vary[0] * (1.0 + style.fatigue * weary)),
        hold_s=tempo.hold_s * vary[1],
        lower_s=max(_SHORTEST_STROKE_S, tempo.lower_s * vary[2]),
        rest_s=max(0.0, style.rest_s * (4.0 * vary[3] - 3.0 + 2.0 * style.fatigue * weary)),
        range=style.range * (1.0 + 0.5 * (vary[4] - 1.0)),
    )


def _around_one(rng: np.random.Generator, spread: float, size: int) -> FloatArray:
    return np.asarray(1.0 + spread * np.clip(rng.normal(0.0, 1.0, size), -2.5, 2.5))


def _faulty(
    rep: PlannedRep, fault: FormFlag, travel_m: float, rng: np.random.Generator
) -> PlannedRep:
    drop_s = float(np.sqrt(_PEAK * travel_m / (_DROP_G * STANDARD_GRAVITY_MPS2)))
    match fault:
        case FormFlag.SWING:
            lift_s = max(_SHORTEST_STROKE_S, rep.lift_s * rng.uniform(0.45, 0.55))
            return replace(rep, swing=True, lift_s=lift_s, range=rep.range * 1.05)
        case FormFlag.FAST_LIFT:
            return replace(rep, lift_s=max(_SHORTEST_STROKE_S, rep.lift_s * rng.uniform(0.4, 0.5)))
        case FormFlag.FAST_LOWER:
            lower_s = max(_SHORTEST_STROKE_S, min(0.4 * rep.lower_s, drop_s))
            return replace(rep, drop=True, lower_s=lower_s)
        case FormFlag.NO_HOLD:
            return replace(rep, hold_s=0.0)
        case FormFlag.PARTIAL:
            part = rng.uniform(0.4, 0.6)
            return replace(
                rep,
                range=rep.range * part,
                lift_s=rep.lift_s * (0.4 + part * 0.6),
                lower_s=rep.lower_s * (0.4 + part * 0.6),
            )
        case FormFlag.BOUNCE:
            return replace(rep, bounce=True, rest_s=0.0, lower_s=0.6 * rep.lower_s)
