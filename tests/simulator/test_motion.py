import numpy as np
import pytest

from repsense.simulator.motion import FINE_HZ, Knock, Motion, Wave
from repsense.simulator.pose import CHANNEL, Pose, change

RAISE = CHANNEL["fore_raise"]


def test_strokes_lead_from_pose_to_pose() -> None:
    motion = Motion(Pose(fore_raise=0.0))
    motion.wait(1.0)
    motion.move_to(Pose(fore_raise=90.0).vector(), 2.0)
    motion.wait(1.0)
    raised = motion.joints()[:, RAISE]

    assert raised.size == 4 * FINE_HZ + 1
    assert raised[: int(FINE_HZ)] == pytest.approx(0.0)
    assert raised[int(2 * FINE_HZ)] == pytest.approx(45.0)
    assert raised[int(3 * FINE_HZ) :] == pytest.approx(90.0)


def test_overlapping_strokes_add_up() -> None:
    motion = Motion(Pose(fore_raise=0.0))
    motion.move(change(fore_raise=30.0), 1.0)
    motion.move(change(fore_raise=-30.0), 1.0, start_s=0.8)
    raised = motion.joints()[:, RAISE]

    assert motion.now_s == pytest.approx(1.8)
    assert 28.0 < raised.max() < 30.0
    assert raised[-1] == pytest.approx(0.0, abs=1e-9)


def test_a_wave_fades_in_and_out() -> None:
    motion = Motion(Pose(fore_raise=10.0))
    motion.wait(10.0)
    motion.add_wave(Wave(start_s=2.0, end_s=8.0, change=change(fore_raise=5.0), rate_hz=1.0))
    raised = motion.joints()[:, RAISE] - 10.0

    assert raised.max() == pytest.approx(5.0, abs=0.01)
    assert np.abs(raised[: int(2.05 * FINE_HZ)]).max() < 0.02
    assert np.abs(raised[int(7.95 * FINE_HZ) :]).max() < 0.02


def test_a_knock_reaches_its_peak_and_rings_off() -> None:
    motion = Motion(Pose())
    motion.wait(2.0)
    motion.add_knock(Knock(at_s=1.0, peak_g=0.8, ring_hz=15.0, decay_s=0.04))
    knock = motion.knocks_g()[:, 2]

    assert knock[: int(FINE_HZ)] == pytest.approx(0.0)
    assert knock.max() == pytest.approx(0.8, rel=0.12)
    assert np.abs(knock[int(1.4 * FINE_HZ) :]).max() == pytest.approx(0.0)
