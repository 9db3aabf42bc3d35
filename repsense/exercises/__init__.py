"""The exercises RepSense is about: what they are, how they are done, what a wrist can check."""

from repsense.exercises.catalogue import find_exercise, load_catalogue, with_own
from repsense.exercises.entry import ExerciseEntry
from repsense.exercises.exercise import Arms, Cue, Exercise, Posture, Tempo

__all__ = [
    "Arms",
    "Cue",
    "Exercise",
    "ExerciseEntry",
    "Posture",
    "Tempo",
    "find_exercise",
    "load_catalogue",
    "with_own",
]
