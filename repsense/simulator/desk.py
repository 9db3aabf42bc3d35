"""An hour at a desk, as a wrist feels it: typing, the mouse, thinking, a hand to the face."""

from dataclasses import dataclass

from repsense.simulator.motion import Knock
from repsense.simulator.pose import Pose
from repsense.simulator.stage import Stage
from repsense.simulator.surroundings import AT_EASE

_ON_DESK = Pose(lean=8.0, upper_raise=28.0, fore_raise=84.0, pronation=78.0)

# No recordings of desks were at hand to take these from. Keys are struck some four times a
# second, in bursts; every few keys the forearm goes along, and no two of its ways are alike.
_KEYS_HZ = 4.0
_KEY_G = 0.02
_REACHES = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Sit at a desk and work with the worn arm.

    Parameters
    ----------
    seconds
        For about how long.
    """

    seconds: float

    def play(self, stage: Stage) -> None:
        """Lay the arm down, work until the time is up, let it hang."""
        since_s = stage.motion.now_s
        end_s = since_s + self.seconds - 2.0
        stage.go(_ON_DESK, 1.2)
        while stage.motion.now_s < end_s:
            choice = float(stage.rng.uniform())
            if choice < 0.4:
                self._type(stage)
            elif choice < 0.75:
                self._point(stage)
            elif choice < 0.92:
                stage.motion.wait(float(stage.rng.uniform(2.0, 15.0)))
            else:
                self._touch_face(stage)
        stage.go(AT_EASE, 1.0)
        stage.note("at a desk", since_s)

    def _touch_face(self, stage: Stage) -> None:
        """Scratch the chin, shift the glasses, lean on the fist."""
        draw = stage.rng.uniform
        face = _ON_DESK.but(
            upper_raise=float(draw(35.0, 65.0)),
            upper_spread=float(draw(5.0, 35.0)),
            fore_raise=float(draw(115.0, 160.0)),
            pronation=float(draw(10.0, 90.0)),
        )
        stage.go(face, float(draw(0.6, 1.3)))
        stage.motion.wait(float(draw(0.5, 8.0)))
        stage.go(_ON_DESK, float(draw(0.6, 1.3)), scatter_deg=4.0)

    def _type(self, stage: Stage) -> None:
        motion, rng = stage.motion, stage.rng
        end_s = motion.now_s + float(rng.uniform(1.5, 12.0))
        while motion.now_s < end_s:
            motion.wait(float(rng.exponential(1.0 / _KEYS_HZ)))
            motion.add_knock(Knock(at_s=motion.now_s, peak_g=stage.about(_KEY_G, 0.5)))
            if rng.uniform() < _REACHES:
                stage.go(_ON_DESK, float(rng.uniform(0.1, 0.5)), scatter_deg=1.5)

    def _point(self, stage: Stage) -> None:
        """Move the mouse here and there, each time elsewhere."""
        for _ in range(int(stage.rng.integers(1, 7))):
            hand = _ON_DESK.but(
                upper_raise=_ON_DESK.upper_raise + float(stage.rng.uniform(-6.0, 6.0)),
                fore_spread=_ON_DESK.fore_spread + float(stage.rng.uniform(-14.0, 14.0)),
            )
            stage.go(hand, float(stage.rng.uniform(0.3, 1.0)), scatter_deg=1.0)
            stage.motion.wait(float(stage.rng.exponential(1.2)))
