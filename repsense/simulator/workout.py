"""The workout that ``repsense simulate --workout`` makes and ``repsense demo`` plays."""

from repsense.events import FormFlag
from repsense.simulator.session import WorkoutSet
from repsense.simulator.style import SetStyle

#: About a quarter of an hour; the first set starts at once, so that counts are soon seen.
WORKOUT = (
    WorkoutSet(exercise_id="front_raise", reps=10, rest_s=45.0),
    WorkoutSet(exercise_id="overhead_press", reps=10, rest_s=50.0),
    WorkoutSet(
        exercise_id="front_raise",
        reps=8,
        style=SetStyle(faults=(FormFlag.SWING,), fault_share=0.4),
        rest_s=55.0,
    ),
    WorkoutSet(exercise_id="reverse_grip_row", reps=10, rest_s=50.0),
    WorkoutSet(exercise_id="one_arm_row", reps=8, rest_s=45.0),
    WorkoutSet(
        exercise_id="press_back",
        reps=10,
        style=SetStyle(faults=(FormFlag.NO_HOLD,), fault_share=0.3),
        rest_s=50.0,
    ),
    WorkoutSet(exercise_id="lat_pulldown", reps=9, rest_s=50.0),
    WorkoutSet(
        exercise_id="overhead_press",
        reps=8,
        style=SetStyle(faults=(FormFlag.FAST_LOWER,), fault_share=0.3, fatigue=0.4),
        rest_s=45.0,
    ),
    WorkoutSet(exercise_id="shrug", reps=10, rest_s=20.0),
)
