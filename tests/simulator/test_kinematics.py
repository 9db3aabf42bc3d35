import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from repsense.samples import FloatArray
from repsense.simulator.kinematics import (
    Body,
    angular_rate_dps,
    band_position_m,
    forearm_axes,
    specific_force_g,
)
from repsense.simulator.pose import Pose
from repsense.simulator.wearer import mirrored

BODY = Body.of_height(1.75)
STEP_S = 0.002
ANGLE = st.floats(-360.0, 360.0)


def held(pose: Pose) -> FloatArray:
    joints = np.tile(pose.vector(), (5, 1))
    force = specific_force_g(band_position_m(joints, BODY), forearm_axes(joints), STEP_S)
    return np.asarray(force[2])


@pytest.mark.parametrize(
    ("pose", "felt"),
    [
        (Pose(fore_raise=0, fore_spread=0, pronation=0), (-1, 0, 0)),
        (Pose(fore_raise=180, fore_spread=0, pronation=0), (1, 0, 0)),
        (Pose(fore_raise=90, fore_spread=0, pronation=90), (0, 0, 1)),
        (Pose(fore_raise=90, fore_spread=0, pronation=-90), (0, 0, -1)),
        (Pose(fore_raise=90, fore_spread=0, pronation=0), (0, 1, 0)),
        (Pose(fore_raise=-90, fore_spread=0, pronation=90), (0, 0, -1)),
        (Pose(fore_raise=0, fore_spread=90, pronation=0), (0, 0, 1)),
    ],
    ids=["hanging", "up", "palm down", "palm up", "thumb up", "behind", "out to the side"],
)
def test_a_still_forearm_reads_one_g_along_up(pose: Pose, felt: tuple[float, ...]) -> None:
    assert held(pose) == pytest.approx(felt, abs=1e-6)


@given(raised=ANGLE, spread=ANGLE, pronation=ANGLE, heading=ANGLE, lean=ANGLE, turn=ANGLE)
def test_any_still_pose_reads_one_g(
    *, raised: float, spread: float, pronation: float, heading: float, lean: float, turn: float
) -> None:
    pose = Pose(
        fore_raise=raised,
        fore_spread=spread,
        pronation=pronation,
        heading=heading,
        lean=lean,
        turn=turn,
    )
    axes = forearm_axes(pose.vector()[None, :])[0]

    assert np.linalg.norm(held(pose)) == pytest.approx(1.0, abs=1e-6)
    assert axes.T @ axes == pytest.approx(np.eye(3), abs=1e-9)
    assert np.linalg.det(axes) == pytest.approx(1.0)


@given(heading=ANGLE)
def test_where_a_person_faces_is_not_felt(heading: float) -> None:
    pose = Pose(fore_raise=40.0, fore_spread=20.0, pronation=30.0)

    assert held(pose.but(heading=heading)) == pytest.approx(held(pose), abs=1e-6)


def test_a_lifted_wrist_feels_its_acceleration() -> None:
    times_s = np.arange(0.0, 1.0, STEP_S)
    joints = np.tile(Pose(fore_raise=0.0, fore_spread=0.0).vector(), (times_s.size, 1))
    position = band_position_m(joints, BODY)
    position[:, 2] += 0.5 * 2.0 * times_s**2

    force = specific_force_g(position, forearm_axes(joints), STEP_S)

    assert force[5:-5, 0] == pytest.approx(-(1.0 + 2.0 / 9.80665), abs=1e-6)


def test_the_gyroscope_feels_what_the_forearm_turns() -> None:
    times_s = np.arange(0.0, 1.0, STEP_S)
    joints = np.tile(Pose(fore_spread=0.0, pronation=0.0).vector(), (times_s.size, 1))
    turning = joints.copy()
    turning[:, list(Pose.__dataclass_fields__).index("fore_raise")] = 80.0 * times_s
    rate = angular_rate_dps(forearm_axes(turning), STEP_S)

    # z points out of the wrist to the side: raising the forearm turns it about the side.
    assert rate[5:-5] == pytest.approx(np.tile([0.0, 0.0, 80.0], (times_s.size - 10, 1)), abs=0.01)

    turning = joints.copy()
    turning[:, list(Pose.__dataclass_fields__).index("pronation")] = 50.0 * times_s
    rate = angular_rate_dps(forearm_axes(turning), STEP_S)
    assert rate[5:-5, 0] == pytest.approx(-50.0, abs=0.01)


def test_the_gyroscope_explains_how_gravity_moves() -> None:
    """For a still point, d(up)/dt in the sensor's frame is -omega x up."""
    times_s = np.arange(0.0, 2.0, STEP_S)
    joints = np.tile(Pose().vector(), (times_s.size, 1))
    fields = list(Pose.__dataclass_fields__)
    for name, size in (("fore_raise", 50.0), ("fore_spread", 20.0), ("pronation", 40.0)):
        joints[:, fields.index(name)] += size * np.sin(times_s * (1.0 + fields.index(name) / 10.0))
    axes = forearm_axes(joints)
    up, rate = axes[:, 2, :], np.radians(angular_rate_dps(axes, STEP_S))

    change = np.gradient(up, STEP_S, axis=0)

    for seen, rates in ((up, rate), mirrored(up, rate)):
        change = np.gradient(seen, STEP_S, axis=0)
        assert change[5:-5] == pytest.approx(-np.cross(rates, seen)[5:-5], abs=1e-3)
