"""What people do around their sets: stand, walk, drink, wipe, fidget. Nothing here is a rep."""

import math
from dataclasses import dataclass

import numpy as np

from repsense.simulator.motion import Knock, Wave
from repsense.simulator.pose import Pose, change
from repsense.simulator.stage import Segment, Stage

AT_EASE = Pose()

# Walking in a gym: about two steps a second, the arm swings once in two steps.
_STEP_HZ = 1.9
_ARM_SWING_DEG = 17.0
_BOB_M = 0.018
_HEEL_G = 0.22
# Each swing is another one: the arm strays besides. With waves of this size, and of rates in this
# range of strides, neighbouring strides are as unlike as those of people: in 34 recordings of
# walking (weda_fall, smartfallmm_wrist) a chain of the engine earns 0.28 a stride (80 % lie between
# 0.17 and 0.40), here 0.30 (0.19 to 0.42), and without straying 0.60.
_STRAY_DEG = 6.0
_STRAY_RATES = (0.1, 1.6)
_STRAY_WAVES = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Stand:
    """Stand about quietly, as the last segment left the arms."""

    seconds: float

    def play(self, stage: Stage) -> None:
        """Let sway be all that moves."""
        since_s = stage.motion.now_s
        stage.motion.wait(self.seconds)
        stage.note("standing", since_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """Walk somewhere: swinging arm, bobbing trunk, heel strikes.

    Parameters
    ----------
    seconds
        How long.
    loaded
        With weights in the hands: the arms hardly swing.
    """

    seconds: float
    loaded: bool = False

    def play(self, stage: Stage) -> None:
        """Turn towards the place, then walk."""
        motion, rng = stage.motion, stage.rng
        since_s = motion.now_s
        end_s = since_s + self.seconds
        step_hz = stage.about(_STEP_HZ, 0.06)
        swing_deg = stage.about(_ARM_SWING_DEG, 0.25) * (0.25 if self.loaded else 1.0)
        elbow = change(fore_raise=0.7 * swing_deg)
        arm = change(upper_raise=swing_deg, fore_raise=swing_deg, turn=0.15 * swing_deg)
        phase_deg = float(rng.uniform(0.0, 360.0))
        for wave, rate, lag in ((arm, 0.5, 0.0), (elbow, 0.5, -25.0)):
            motion.add_wave(
                Wave(
                    start_s=since_s,
                    end_s=end_s,
                    change=wave,
                    rate_hz=rate * step_hz,
                    phase_deg=phase_deg + lag,
                )
            )
        bob = change(hips_z=stage.about(_BOB_M), hips_x=0.4 * _BOB_M)
        motion.add_wave(Wave(start_s=since_s, end_s=end_s, change=bob, rate_hz=step_hz))
        motion.move(change(heading=float(rng.uniform(-110.0, 110.0))), min(1.2, self.seconds))
        self._stray(stage, since_s, end_s, step_hz)
        self._heels(stage, since_s, end_s, step_hz)
        motion.now_s = end_s
        stage.note("walking", since_s)

    def _stray(self, stage: Stage, since_s: float, end_s: float, step_hz: float) -> None:
        rng = stage.rng.spawn(1)[0]  # so that all else happens as it would without
        size_deg = _STRAY_DEG * (0.35 if self.loaded else 1.0) / math.sqrt(_STRAY_WAVES)
        for _ in range(_STRAY_WAVES):
            raised, spread, turned, rolled = rng.normal(0.0, size_deg, 4)
            stage.motion.add_wave(
                Wave(
                    start_s=since_s,
                    end_s=end_s,
                    change=change(
                        upper_raise=0.5 * raised,
                        fore_raise=raised,
                        fore_spread=0.6 * spread,
                        turn=0.2 * turned,
                        pronation=rolled,
                    ),
                    rate_hz=0.5 * step_hz * float(rng.uniform(*_STRAY_RATES)),
                    phase_deg=float(rng.uniform(0.0, 360.0)),
                )
            )

    def _heels(self, stage: Stage, since_s: float, end_s: float, step_hz: float) -> None:
        for at_s in np.arange(since_s + 0.5, end_s - 0.3, 1.0 / step_hz):
            stage.motion.add_knock(
                Knock(
                    at_s=float(at_s + stage.rng.normal(0.0, 0.01)),
                    peak_g=stage.about(_HEEL_G, 0.3),
                    direction=(float(stage.rng.normal(0.0, 0.4)), 0.2, 1.0),
                    ring_hz=float(stage.rng.uniform(9.0, 15.0)),
                )
            )


# One sip is long, the next short; the bottle sinks a little or half way to the table, and is tipped
# as far as is left in it. In 60 recordings of drinking (smartfallmm_wrist) the engine finds no
# three movements alike.
_LONGER_S = 0.9
_SUNK, _TIPPED = (0.0, 0.6), (0.4, 1.4)


@dataclass(frozen=True, slots=True, kw_only=True)
class Drink:
    """Fetch a bottle with the worn arm, drink some sips, put it back."""

    sips: int = 3

    def play(self, stage: Stage) -> None:
        """Reach, raise, tip for each sip, put down."""
        since_s = stage.motion.now_s
        table = Pose(lean=18.0, upper_raise=35.0, fore_raise=70.0, pronation=30.0, effort=0.1)
        mouth = Pose(upper_raise=48.0, upper_spread=22.0, fore_raise=142.0, pronation=40.0)
        stage.go(table, 1.0)
        stage.motion.wait(0.4)
        stage.go(mouth, 1.1)
        tip = mouth.but(upper_raise=62.0, upper_spread=30.0, pronation=75.0)
        chance = stage.rng.spawn(1)[0]  # so that all else happens as if the sips were alike
        longer_s = chance.uniform(-_LONGER_S, _LONGER_S, self.sips)
        for more_s in longer_s - longer_s.mean():
            stage.go(mouth.towards(tip, chance.uniform(*_TIPPED)), 0.7)
            stage.motion.wait(max(0.1, stage.about(1.2) + float(more_s)))
            stage.go(mouth.towards(table, chance.uniform(*_SUNK)), 0.6)
        stage.go(table, 1.0)
        stage.motion.wait(0.3)
        stage.go(AT_EASE, 1.0)
        stage.note("drinking", since_s)


# Forehead, mouth or neck: no two wipes are alike, either.
_LOWER = (-0.1, 0.35)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wipe:
    """Wipe the forehead with a towel or the back of the hand."""

    strokes: int = 3

    def play(self, stage: Stage) -> None:
        """Raise the hand, rub to and fro, let it down."""
        since_s = stage.motion.now_s
        brow = Pose(upper_raise=58.0, upper_spread=18.0, fore_raise=152.0, pronation=55.0)
        chance = stage.rng.spawn(1)[0]
        stage.go(brow.towards(AT_EASE, chance.uniform(*_LOWER)), 1.0)
        rub_s = self.strokes / 1.6
        stage.motion.add_wave(
            Wave(
                start_s=stage.motion.now_s,
                end_s=stage.motion.now_s + rub_s,
                change=change(fore_spread=18.0, upper_spread=5.0, pronation=12.0),
                rate_hz=stage.about(1.6, 0.1),
                fade_s=0.4,
            )
        )
        stage.motion.wait(rub_s)
        stage.go(AT_EASE, 1.0)
        stage.note("wiping", since_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fidget:
    """Move the arm about for no reason: scratch, tug at clothes, look at the watch."""

    seconds: float

    def play(self, stage: Stage) -> None:
        """Do aimless strokes, then let the arm hang."""
        since_s = stage.motion.now_s
        end_s = since_s + self.seconds
        while stage.motion.now_s < end_s - 2.5:
            rng = stage.rng
            aimless = Pose(
                upper_raise=float(rng.uniform(-15.0, 50.0)),
                upper_spread=float(rng.uniform(0.0, 35.0)),
                fore_raise=float(rng.uniform(10.0, 125.0)),
                fore_spread=float(rng.uniform(-25.0, 25.0)),
                pronation=float(rng.uniform(-20.0, 100.0)),
                lean=float(rng.uniform(0.0, 12.0)),
            )
            stage.go(aimless, float(rng.uniform(0.6, 1.3)))
            stage.motion.wait(float(rng.uniform(0.2, 2.0)))
        stage.go(AT_EASE, 1.0)
        stage.motion.wait(max(0.0, end_s - stage.motion.now_s))
        stage.note("fidgeting", since_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShakeOut:
    """Shake loose the arms after a hard set."""

    seconds: float = 2.5

    def play(self, stage: Stage) -> None:
        """Let the hanging arm tremble widely and quickly."""
        since_s = stage.motion.now_s
        loose = change(pronation=22.0, fore_raise=6.0, fore_spread=7.0, shoulder_lift=0.008)
        stage.motion.add_wave(
            Wave(
                start_s=since_s,
                end_s=since_s + self.seconds,
                change=loose,
                rate_hz=stage.about(3.5, 0.1),
                fade_s=0.5,
            )
        )
        stage.motion.wait(self.seconds)
        stage.note("shaking out", since_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rest:
    """Rest for about so long, with a mixture of everything that is not training."""

    seconds: float

    def play(self, stage: Stage) -> None:
        """Do what a person does between sets until the time is up."""
        end_s = stage.motion.now_s + self.seconds
        while (left_s := end_s - stage.motion.now_s) > 3.0:
            self._pick(stage, left_s).play(stage)

    def _pick(self, stage: Stage, left_s: float) -> Segment:
        rng = stage.rng
        choices: list[Segment] = [
            Stand(seconds=min(left_s, float(rng.uniform(6.0, 20.0)))),
            Walk(seconds=min(left_s, float(rng.uniform(4.0, 12.0)))),
            Fidget(seconds=min(left_s, float(rng.uniform(4.0, 12.0)))),
        ]
        if left_s > 14.0:
            choices += [Drink(sips=int(rng.integers(1, 5))), Wipe(), ShakeOut()]
        return choices[int(rng.integers(len(choices)))]
