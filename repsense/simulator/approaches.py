"""How one gets into the start pose of each exercise, and out of it again."""

from dataclasses import dataclass

from repsense.exercises import Exercise, Posture
from repsense.simulator.paths import HANG, JointPath, joint_path
from repsense.simulator.pose import Pose
from repsense.simulator.stage import Stage
from repsense.simulator.surroundings import AT_EASE


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One stroke on the way: to ``pose`` in about ``seconds``, a knock on arrival, a wait."""

    pose: Pose
    seconds: float
    knock_g: float = 0.0
    wait_s: float = 0.0


_TO_RACK = Pose(
    lean=32.0, hips_x=-0.05, hips_z=-0.05, upper_raise=24.0, fore_raise=40.0, effort=0.2
)
_TO_FLOOR = Pose(
    lean=72.0, hips_x=-0.15, hips_z=-0.28, upper_raise=4.0, fore_raise=6.0, pronation=30.0
)
_CURLED = HANG.but(lean=-3.0, upper_raise=35.0, fore_raise=128.0, pronation=45.0, effort=0.6)
_SEATED = Pose(hips_z=-0.45, upper_raise=15.0, fore_raise=70.0, pronation=60.0)
_SEATED_LOADED = _SEATED.but(effort=0.3, lean=10.0)
_LYING_TUCKED = Pose(
    hips_z=-0.85,
    lean=-88.0,
    upper_raise=75.0,
    upper_spread=35.0,
    fore_raise=175.0,
    pronation=40.0,
    effort=0.35,
)
_KNEELING = Pose(hips_z=-0.45, lean=25.0, upper_raise=20.0, fore_raise=25.0)
_ON_ALL_FOURS = Pose(hips_z=-0.45, lean=75.0, pronation=10.0, effort=0.3)
_REACH_UP = Pose(lean=-2.0, upper_raise=176.0, upper_spread=32.0, fore_raise=174.0, pronation=85.0)

_PICK_UP = (
    Step(pose=_TO_RACK, seconds=1.0, knock_g=0.15, wait_s=0.5),
    Step(pose=HANG, seconds=1.1, wait_s=0.4),
)
_PUT_DOWN = (
    Step(pose=HANG, seconds=1.1, wait_s=0.3),
    Step(pose=_TO_RACK, seconds=1.1, knock_g=0.6, wait_s=0.3),
    Step(pose=AT_EASE, seconds=1.0),
)
_LIFT_OFF_FLOOR = (
    Step(pose=_TO_FLOOR, seconds=1.3, knock_g=0.15, wait_s=0.5),
    Step(pose=HANG, seconds=1.3, wait_s=0.4),
)
_SET_ON_FLOOR = (
    Step(pose=_TO_FLOOR, seconds=1.4, knock_g=0.7, wait_s=0.3),
    Step(pose=AT_EASE, seconds=1.2),
)

_IN: dict[Posture, tuple[Step, ...]] = {
    Posture.STANDING: _PICK_UP,
    Posture.SLIGHT_SQUAT: _PICK_UP,
    Posture.SPLIT_STANCE: _LIFT_OFF_FLOOR,
    Posture.BENCH: (
        Step(pose=_TO_FLOOR, seconds=1.3, wait_s=0.3),
        Step(pose=_TO_FLOOR.but(lean=80.0, hips_z=-0.2), seconds=0.8, knock_g=0.15, wait_s=0.4),
    ),
    Posture.LYING: (
        Step(pose=_TO_FLOOR, seconds=1.3, knock_g=0.15, wait_s=0.4),
        Step(pose=_SEATED_LOADED, seconds=1.5, wait_s=0.8),
        Step(pose=_LYING_TUCKED, seconds=1.8, wait_s=0.8),
    ),
    Posture.PLANK: (
        Step(pose=_KNEELING, seconds=1.5, wait_s=0.4),
        Step(pose=_ON_ALL_FOURS, seconds=1.0, knock_g=0.3, wait_s=0.8),
    ),
    Posture.SEATED: (
        Step(pose=_REACH_UP, seconds=1.2, knock_g=0.2, wait_s=0.4),
        Step(pose=_REACH_UP.but(hips_z=-0.45, effort=0.4), seconds=1.3, wait_s=0.6),
    ),
}
_OUT: dict[Posture, tuple[Step, ...]] = {
    Posture.STANDING: _PUT_DOWN,
    Posture.SLIGHT_SQUAT: _PUT_DOWN,
    Posture.SPLIT_STANCE: _SET_ON_FLOOR,
    Posture.BENCH: _SET_ON_FLOOR,
    Posture.LYING: (
        Step(pose=_LYING_TUCKED, seconds=1.2, wait_s=0.5),
        Step(pose=_SEATED_LOADED, seconds=1.6, wait_s=0.6),
        Step(pose=_SEATED.but(lean=35.0, fore_raise=20.0), seconds=1.0, knock_g=0.6, wait_s=0.5),
        Step(pose=AT_EASE, seconds=1.4),
    ),
    Posture.PLANK: (
        Step(pose=_ON_ALL_FOURS, seconds=0.8, wait_s=0.3),
        Step(pose=_KNEELING, seconds=1.0, wait_s=0.4),
        Step(pose=AT_EASE, seconds=1.5),
    ),
    Posture.SEATED: (
        Step(pose=_REACH_UP, seconds=1.4, wait_s=0.3),
        Step(pose=AT_EASE, seconds=1.3, knock_g=0.1),
    ),
}
# Weights come up to the shoulders with a curl and a little hop before a press.
_CLEAN = (Step(pose=_CURLED, seconds=0.9, wait_s=0.4),)
_UNRACK = (Step(pose=_CURLED, seconds=1.0, wait_s=0.2),)
_OVERHEAD = "overhead_press"


@dataclass(frozen=True, slots=True, kw_only=True)
class TakePosition:
    """Fetch the weights and get into the start pose."""

    exercise: Exercise
    path: JointPath | None = None

    def play(self, stage: Stage) -> None:
        """Go the steps, then to the start pose, and wait a moment there."""
        since_s = stage.motion.now_s
        _go(stage, _IN[self.exercise.posture])
        if self.exercise.id == _OVERHEAD:
            _go(stage, _CLEAN)
        stage.go((self.path or joint_path(self.exercise.id)).start, 1.2, scatter_deg=1.0)
        stage.motion.wait(stage.about(1.5, 0.3))
        stage.note("getting ready", since_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class LeavePosition:
    """Get out of the start pose and put the weights away."""

    exercise: Exercise

    def play(self, stage: Stage) -> None:
        """Wait a moment after the last rep, then go the steps."""
        since_s = stage.motion.now_s
        stage.motion.wait(stage.about(1.0, 0.3))
        if self.exercise.id == _OVERHEAD:
            _go(stage, _UNRACK)
        _go(stage, _OUT[self.exercise.posture])
        stage.note("putting away", since_s)


def _go(stage: Stage, steps: tuple[Step, ...]) -> None:
    for step in steps:
        stage.go(step.pose, step.seconds)
        if step.knock_g:
            stage.knock(step.knock_g, up=False)
        stage.motion.wait(stage.about(step.wait_s, 0.3))
