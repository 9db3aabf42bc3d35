"""What somebody's clean front raises were measured to be like; not a test itself."""

from repsense.calibration import Calibration

CLEAN_REPS = Calibration(
    exercise="front_raise",
    reps=7,
    rep_s=4.0,
    lift_s=1.5,
    lower_s=2.0,
    away_s=2.0,
    range_rad=1.4,
    weight=1.1,
    jolt_g=0.2,
    rebound_g=0.1,
)
