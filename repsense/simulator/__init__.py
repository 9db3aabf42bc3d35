"""Arm kinematics turned into what a wrist sensor feels, with exact truth."""

from repsense.samples import Wrist
from repsense.simulator.sensor import IDEAL_SENSOR, SensorModel
from repsense.simulator.session import (
    Simulated,
    WorkoutSet,
    simulate_scene,
    simulate_set,
    simulate_workout,
)
from repsense.simulator.style import SetStyle
from repsense.simulator.wearer import Wearer

__all__ = [
    "IDEAL_SENSOR",
    "SensorModel",
    "SetStyle",
    "Simulated",
    "Wearer",
    "WorkoutSet",
    "Wrist",
    "simulate_scene",
    "simulate_set",
    "simulate_workout",
]
