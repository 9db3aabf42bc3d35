"""How the joints go in each of the ten exercises: the pose at the start and at the far turn.

Angles are geometry for an average person; a wearer's height scales the links,
and every set shifts the poses a little (:mod:`repsense.simulator.reps`).
"""

from dataclasses import dataclass

from repsense.errors import CatalogueError
from repsense.simulator.pose import Pose

#: Standing with weights in hanging arms, palms to the thighs.
HANG = Pose(upper_spread=8.0, fore_raise=5.0, fore_spread=4.0, pronation=10.0, effort=0.25)


@dataclass(frozen=True, slots=True, kw_only=True)
class JointPath:
    """One exercise as joints do it.

    Parameters
    ----------
    start, turn
        Pose between reps and at the far turn.
    throw
        How a cheat adds momentum: what the trunk does in a throw, relative to the start.
    idle
        Pose of the worn arm while the other side works; None where both arms work.
    end_knock_g
        Smallest and largest impact when the weight is back: floor taps, cable stacks.
    """

    start: Pose
    turn: Pose
    throw: dict[str, float]
    idle: Pose | None = None
    end_knock_g: tuple[float, float] = (0.0, 0.0)


_GOAL_POST = Pose(
    upper_raise=180.0,
    upper_spread=92.0,
    fore_raise=178.0,
    fore_spread=13.0,
    pronation=85.0,
    effort=0.6,
)
_SQUAT_ROW = HANG.but(
    lean=30.0,
    hips_x=-0.10,
    hips_z=-0.08,
    upper_raise=13.0,
    upper_spread=4.0,
    fore_raise=11.0,
    pronation=-75.0,
    effort=0.45,
)
_THIGHS = HANG.but(upper_raise=4.0, fore_raise=9.0, fore_spread=-4.0, pronation=82.0, effort=0.35)
_KNEES = HANG.but(
    lean=38.0, hips_x=-0.12, hips_z=-0.15, upper_raise=12.0, fore_raise=10.0, pronation=78.0
)
_CHEST_UP = Pose(
    hips_z=-0.85,
    lean=-90.0,
    upper_raise=180.0,
    upper_spread=3.0,
    fore_raise=184.0,
    fore_spread=-4.0,
    pronation=55.0,
    effort=0.4,
)
_PLANK = Pose(
    hips_z=-0.45,
    lean=78.0,
    upper_raise=2.0,
    upper_spread=4.0,
    fore_raise=0.0,
    fore_spread=0.0,
    pronation=5.0,
    effort=0.5,
)
_SPLIT = HANG.but(
    lean=48.0, hips_x=-0.12, hips_z=-0.10, upper_raise=4.0, fore_raise=6.0, effort=0.4
)
_SEAT = Pose(
    hips_z=-0.45,
    lean=-12.0,
    upper_raise=182.0,
    upper_spread=30.0,
    fore_raise=178.0,
    fore_spread=26.0,
    pronation=88.0,
    effort=0.45,
)
_BENCH = HANG.but(
    lean=84.0, hips_x=-0.10, hips_z=-0.12, upper_raise=0.0, fore_raise=1.0, effort=0.4
)

JOINT_PATHS: dict[str, JointPath] = {
    "overhead_press": JointPath(
        start=_GOAL_POST,
        turn=_GOAL_POST.but(upper_spread=18.0, upper_raise=177.0, fore_spread=5.0, effort=0.8),
        throw={"hips_z": 0.07, "lean": -9.0},
    ),
    "reverse_grip_row": JointPath(
        start=_SQUAT_ROW,
        turn=_SQUAT_ROW.but(upper_raise=-60.0, fore_raise=27.0, effort=0.7),
        throw={"lean": -16.0, "hips_z": 0.03},
    ),
    "front_raise": JointPath(
        start=_THIGHS,
        turn=_THIGHS.but(upper_raise=84.0, fore_raise=88.0, pronation=88.0, effort=0.8),
        throw={"lean": -14.0, "hips_x": 0.07},
    ),
    "press_back": JointPath(
        start=_KNEES,
        turn=_KNEES.but(upper_raise=-52.0, fore_raise=-52.0, effort=0.6),
        throw={"lean": 14.0, "hips_z": -0.04},
    ),
    "overhead_pull": JointPath(
        start=_CHEST_UP,
        turn=_CHEST_UP.but(upper_raise=258.0, fore_raise=266.0, upper_spread=8.0, effort=0.7),
        throw={"lean": 6.0},
    ),
    "renegade_row": JointPath(
        start=_PLANK,
        turn=_PLANK.but(upper_raise=-56.0, fore_raise=14.0, turn=10.0, hips_y=-0.03, effort=0.7),
        throw={"turn": 14.0, "hips_z": 0.04},
        end_knock_g=(0.5, 1.6),
    ),
    "single_arm_row": JointPath(
        start=_SPLIT,
        turn=_SPLIT.but(upper_raise=-64.0, fore_raise=21.0, turn=9.0, effort=0.7),
        throw={"lean": -14.0, "turn": 10.0},
        idle=_SPLIT.but(upper_raise=18.0, fore_raise=48.0, pronation=60.0, effort=0.1),
    ),
    "lat_pulldown": JointPath(
        start=_SEAT,
        turn=_SEAT.but(
            lean=-22.0, upper_spread=127.0, fore_raise=164.0, fore_spread=4.0, effort=0.75
        ),
        throw={"lean": -20.0},
        end_knock_g=(0.0, 0.25),
    ),
    "one_arm_row": JointPath(
        start=_BENCH,
        turn=_BENCH.but(upper_raise=-77.0, fore_raise=5.0, turn=8.0, effort=0.7),
        throw={"turn": 16.0, "lean": -8.0},
        idle=_BENCH.but(upper_raise=4.0, fore_raise=2.0, pronation=70.0, effort=0.2),
    ),
    "shrug": JointPath(
        start=HANG.but(effort=0.5),
        turn=HANG.but(effort=0.8, shoulder_lift=0.08, upper_spread=9.0),
        throw={"hips_z": 0.05, "lean": -4.0},
    ),
}


def joint_path(exercise_id: str) -> JointPath:
    """Return how the joints go in an exercise.

    Raises
    ------
    CatalogueError
        When the catalogue has the exercise and the simulator has not.
    """
    try:
        return JOINT_PATHS[exercise_id]
    except KeyError:
        raise CatalogueError(
            f"The simulator has no joint path for '{exercise_id}': describe its start and turn "
            f"in simulator/paths.py. It knows {', '.join(JOINT_PATHS)}."
        ) from None
