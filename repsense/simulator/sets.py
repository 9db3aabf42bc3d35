"""A whole set: getting into position, the reps, the other side, putting the weights away."""

from dataclasses import dataclass

from repsense.exercises import Arms, Exercise
from repsense.simulator.approaches import LeavePosition, TakePosition
from repsense.simulator.paths import JointPath, joint_path
from repsense.simulator.plan import plan_reps
from repsense.simulator.reps import RepSet, play_other_arm, travel_m
from repsense.simulator.stage import Stage
from repsense.simulator.style import CLEAN, SetStyle


@dataclass(frozen=True, slots=True, kw_only=True)
class ExerciseSet:
    """One set from standing to standing.

    Parameters
    ----------
    exercise, reps, style
        What is done, how often by the worn arm, how.
    path
        How the joints go; None for the exercise's own path.
    """

    exercise: Exercise
    reps: int
    style: SetStyle = CLEAN
    path: JointPath | None = None

    def play(self, stage: Stage) -> None:
        """Play the parts; which side of a one-sided exercise goes first is left to chance."""
        two_sided = self.exercise.arms is Arms.PER_SIDE and self.style.other_side
        other_first = two_sided and stage.rng.random() < 0.5
        other = OtherSide(exercise=self.exercise, reps=self.reps, style=self.style)
        TakePosition(exercise=self.exercise, path=self.path).play(stage)
        if other_first:
            other.play(stage)
            stage.go(joint_path(self.exercise.id).start, 2.0, scatter_deg=1.0)
            stage.motion.wait(stage.about(1.5, 0.3))
        RepSet(exercise=self.exercise, reps=self.reps, style=self.style, path=self.path).play(stage)
        if two_sided and not other_first:
            stage.motion.wait(stage.about(1.0, 0.3))
            other.play(stage)
        LeavePosition(exercise=self.exercise).play(stage)


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherSide:
    """The same reps with the other arm, while the worn one rests on thigh or bench."""

    exercise: Exercise
    reps: int
    style: SetStyle

    def play(self, stage: Stage) -> None:
        """Change sides, then feel the trunk give with each rep of the other arm."""
        since_s = stage.motion.now_s
        path = joint_path(self.exercise.id)
        stage.go(path.idle or path.start, 2.0)
        stage.motion.wait(stage.about(1.5, 0.3))
        way_m = travel_m(path, stage.wearer)
        for rep in plan_reps(self.exercise, self.reps, self.style, way_m, stage.rng):
            play_other_arm(stage, rep, tap_g=0.0)
        stage.motion.wait(stage.about(0.8, 0.3))
        stage.note("other side", since_s)
