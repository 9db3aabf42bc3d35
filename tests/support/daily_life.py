"""What people do besides exercising, as a wrist feels it: eating, teeth, driving, stairs, plates.

No recordings of eating, of brushing teeth, of driving or of loading a bar were at hand, so these
are drawn from how the movements go: each scene is played with the chance of its person.
"""

from dataclasses import dataclass

from repsense.samples import FloatArray
from repsense.simulator.motion import Knock, Wave
from repsense.simulator.pose import Pose, change
from repsense.simulator.stage import Stage
from repsense.simulator.surroundings import AT_EASE, Walk

_PLATE = Pose(lean=12.0, upper_raise=25.0, upper_spread=15.0, fore_raise=70.0, pronation=70.0)
_MOUTH = Pose(lean=18.0, upper_raise=45.0, upper_spread=25.0, fore_raise=135.0, pronation=40.0)
_TEETH = Pose(upper_raise=45.0, upper_spread=40.0, fore_raise=130.0, fore_spread=25.0)
_WHEEL = Pose(lean=-10.0, upper_raise=50.0, fore_raise=85.0, pronation=60.0)
_TREE = Pose(lean=35.0, upper_raise=45.0, fore_raise=55.0, pronation=60.0, effort=0.4)
_CARRIED = Pose(upper_raise=15.0, fore_raise=75.0, pronation=20.0, effort=0.5)
_BAR = Pose(lean=10.0, upper_raise=55.0, upper_spread=15.0, fore_raise=80.0, effort=0.4)


def shaken(
    stage: Stage, for_s: float, by: FloatArray, rate_hz: float, *, fade_s: float = 0.8
) -> None:
    """Shake the pose to and fro from now on, whatever else is done meanwhile."""
    since_s = stage.motion.now_s
    stage.motion.add_wave(
        Wave(start_s=since_s, end_s=since_s + for_s, change=by, rate_hz=rate_hz, fade_s=fade_s)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Eat:
    """Cut or stab, bring it to the mouth, chew: a bite every 10 to 25 s, no two quite alike."""

    bites: int = 8

    def play(self, stage: Stage) -> None:
        """Sit at a plate, and eat from it."""
        draw = stage.rng.uniform
        stage.go(_PLATE, 1.2)
        for _ in range(self.bites):
            for _ in range(int(stage.rng.integers(1, 6))):
                stage.go(_PLATE, float(draw(0.3, 0.9)), scatter_deg=8.0)
            stage.motion.wait(float(draw(0.0, 3.0)))
            met = _MOUTH.towards(_PLATE, float(draw(0.0, 0.3)))  # the head comes down to the fork
            stage.go(met, float(draw(0.5, 1.6)), scatter_deg=10.0)
            stage.motion.wait(float(draw(0.2, 1.5)))
            stage.go(_PLATE, float(draw(0.5, 1.6)), scatter_deg=10.0)
            stage.motion.wait(float(draw(3.0, 15.0)))
        stage.go(AT_EASE, 1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class BrushTeeth:
    """Short strokes, some four a second, here and there for some seconds each."""

    places: int = 8

    def play(self, stage: Stage) -> None:
        """Raise the brush, go through the mouth, rinse."""
        stage.go(_TEETH, 1.2)
        for _ in range(self.places):
            for_s = float(stage.rng.uniform(3.0, 9.0))
            stroke = change(fore_spread=stage.about(6.0, 0.3), upper_spread=2.0)
            shaken(stage, for_s, stroke, stage.about(4.0, 0.15), fade_s=0.3)
            stage.motion.wait(for_s)
            stage.go(_TEETH, float(stage.rng.uniform(0.4, 1.2)), scatter_deg=12.0)
        stage.go(AT_EASE, 1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Drive:
    """A hand on the wheel: the road shakes it, bends turn it, gears take it away."""

    seconds: float = 60.0

    def play(self, stage: Stage) -> None:
        """Drive through town."""
        draw = stage.rng.uniform
        stage.go(_WHEEL, 1.2)
        end_s = stage.motion.now_s + self.seconds
        for rate_hz, size_m in ((1.4, 0.004), (2.3, 0.0025), (9.0, 0.0002)):
            shaken(stage, self.seconds, change(hips_z=size_m), stage.about(rate_hz, 0.1))
        while stage.motion.now_s < end_s - 6.0:
            turned = float(stage.rng.normal(0.0, 12.0))
            stage.go(
                _WHEEL.but(upper_raise=50.0 + turned, pronation=60.0 + turned),
                float(draw(0.5, 1.5)),
            )
            stage.motion.wait(float(draw(0.0, 2.0)))
            stage.go(_WHEEL, float(draw(0.5, 1.5)))
            stage.motion.wait(float(draw(0.2, 6.0)))
        stage.go(AT_EASE, 1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stairs:
    """Go up or down: slower than on the flat, the body rises and drops with each step."""

    seconds: float = 20.0

    def play(self, stage: Stage) -> None:
        """Walk as on the flat, and rise and drop besides."""
        step_hz = stage.about(1.6, 0.1)
        shaken(stage, self.seconds, change(hips_z=stage.about(0.035), lean=2.0), step_hz)
        Walk(seconds=self.seconds).play(stage)


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadPlates:
    """Fetch plates from the tree, one after the other, and push each onto the bar."""

    plates: int = 4

    def play(self, stage: Stage) -> None:
        """Go to and fro between the tree and the bar."""
        draw = stage.rng.uniform
        for _ in range(self.plates):
            lower = float(draw(-15.0, 15.0))
            stage.go(_TREE.but(lean=35.0 + lower, upper_raise=45.0 + lower), float(draw(0.8, 1.5)))
            stage.motion.wait(float(draw(0.2, 1.0)))
            stage.go(_CARRIED, float(draw(0.6, 1.2)), scatter_deg=5.0)
            Walk(seconds=float(draw(2.0, 4.5)), loaded=True).play(stage)
            stage.go(_BAR, float(draw(0.7, 1.4)), scatter_deg=5.0)
            stage.motion.add_knock(Knock(at_s=stage.motion.now_s, peak_g=stage.about(0.8, 0.3)))
            stage.go(_BAR, float(draw(0.3, 0.8)), scatter_deg=6.0)
            stage.go(AT_EASE, float(draw(0.6, 1.2)), scatter_deg=5.0)
            Walk(seconds=float(draw(2.0, 4.5))).play(stage)
