"""Where a scene is played: the motion so far, chance, and what has been noted as truth."""

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from repsense.recording.labels import Activity, LabelledSet
from repsense.simulator.motion import Knock, Motion
from repsense.simulator.pose import CHANNEL, Pose
from repsense.simulator.wearer import Wearer

_SCATTERED = [
    CHANNEL[name]
    for name in ("lean", "upper_raise", "upper_spread", "fore_raise", "fore_spread", "pronation")
]


@dataclass(slots=True, kw_only=True)
class Stage:
    """A motion being played, with what really happened written down."""

    motion: Motion
    wearer: Wearer
    rng: np.random.Generator
    sets: list[LabelledSet] = field(default_factory=list)
    activities: list[Activity] = field(default_factory=list)

    def about(self, value: float, spread: float = 0.15) -> float:
        """Return ``value`` as a person does it: give or take ``spread``, relative."""
        return value * float(np.clip(self.rng.normal(1.0, spread), 0.5, 1.6))

    def go(self, pose: Pose, seconds: float, *, scatter_deg: float = 2.0) -> None:
        """Move to about this pose in about these seconds."""
        aim = pose.vector()
        aim[_SCATTERED] += self.rng.normal(0.0, scatter_deg, len(_SCATTERED))
        # Where a person faces and stands was decided by walking there.
        aim[CHANNEL["heading"]] = self.motion.aim[CHANNEL["heading"]]
        self.motion.move_to(aim, self.about(seconds))

    def knock(self, peak_g: float, *, up: bool = True) -> None:
        """Let the wrist be knocked now, from below or from any side."""
        sideways = self.rng.normal(0.0, 0.3 if up else 0.8, 2)
        self.motion.add_knock(
            Knock(
                at_s=self.motion.now_s,
                peak_g=self.about(peak_g, 0.3),
                direction=(float(sideways[0]), float(sideways[1]), 1.0),
                ring_hz=float(self.rng.uniform(12.0, 24.0)),
                decay_s=float(self.rng.uniform(0.02, 0.05)),
            )
        )

    def note(self, name: str, since_s: float) -> None:
        """Write down that an activity went on from ``since_s`` until now."""
        self.activities.append(Activity(start_s=since_s, end_s=self.motion.now_s, name=name))


class Segment(Protocol):
    """One thing a person does; segments strung together are a scene."""

    def play(self, stage: Stage) -> None:
        """Add what this segment does to the stage, from the pose the last one left."""
        ...
