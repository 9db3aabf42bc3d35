"""A set in every program's and data set's shape comes back as what it was, and counts the same."""

from functools import cache
from pathlib import Path

import numpy as np
import pytest
from foreign_files import SHAPES

from repsense.importing.base import Imported, Wish
from repsense.importing.registry import find_format, format_of, formats
from repsense.importing.source import Source
from repsense.importing.units import Gravity
from repsense.recording.format import Recording
from repsense.samples import SampleBlock
from repsense.simulator.recipe import Recipe
from repsense.tuning.run import run_recording

REPS = 4


@cache
def simulated(rate_hz: float) -> SampleBlock:
    recipe = Recipe(
        exercise="front_raise",
        reps=REPS,
        seed=5,
        gyro=True,
        rate_hz=rate_hz,
        surroundings=False,
    )
    return recipe.simulate().block


@cache
def count_of(rate_hz: float) -> int:
    return counted(simulated(rate_hz))


def counted(block: SampleBlock) -> int:
    return run_recording(Recording(path=Path("set.csv"), block=block)).reps


def import_shape(shape: str, folder: Path) -> tuple[SampleBlock, list[Imported]]:
    write, format_id, rate_hz, _ = SHAPES[shape]
    block = simulated(rate_hz)
    source = Source(write(block, folder))
    found = format_of(source)
    assert found.id == format_id
    return block, list(found.read(source, Wish()))


@pytest.mark.parametrize("shape", SHAPES)
def test_a_set_in_every_shape_comes_back_and_counts_the_same(shape: str, tmp_path: Path) -> None:
    block, imported = import_shape(shape, tmp_path)
    one = imported[0]
    same_size = SHAPES[shape][3]

    assert len(one.block) == len(block)
    assert np.abs(one.block.t_s - (block.t_s - block.t_s[0])).max() < 0.0011
    tolerance = 0.03 if shape == "recgym" else 0.004
    if same_size:
        assert np.abs(one.block.accel_g - block.accel_g).max() < tolerance
    if one.block.gyro_dps is not None and block.gyro_dps is not None:
        assert np.abs(one.block.gyro_dps - block.gyro_dps).max() < 0.01
    assert one.warnings == ()
    assert count_of(SHAPES[shape][2]) == REPS
    assert counted(one.block) == REPS


@pytest.mark.parametrize("shape", SHAPES)
def test_exactly_one_format_claims_each_shape(shape: str, tmp_path: Path) -> None:
    write, format_id, rate_hz, _ = SHAPES[shape]
    source = Source(write(simulated(rate_hz).part(0, 50), tmp_path))
    claiming = [each.id for each in formats() if not each.last_resort and each.claims(source)]

    assert claiming == ([] if format_id == "android" else [format_id])


def test_every_format_has_a_shape_that_tests_it() -> None:
    assert {format_id for _, format_id, _, _ in SHAPES.values()} == {each.id for each in formats()}


@pytest.mark.parametrize(
    ("shape", "unit", "size", "gravity"),
    [
        ("sensor_logger_android", "m/s²", 9.81, "present"),
        ("sensor_logger_ios", "m/s²", 9.81, "added back"),
        ("sensor_logger_watch", "g", 1.0, "added back"),
        ("phyphox_all_sensors", "m/s²", 9.81, "added back"),
        ("polar", "milli-g", 1000.0, "present"),
        ("android_events", "m/s²", 9.81, "present"),
        ("weight_lifting", "raw counts", 261.0, "present"),
    ],
)
def test_unit_and_gravity_are_said(
    shape: str, unit: str, size: float, gravity: str, tmp_path: Path
) -> None:
    _, imported = import_shape(shape, tmp_path)
    scale = imported[0].scale

    assert str(scale).startswith(f"unit {unit} (median size {scale.median_size:.4g})")
    assert str(scale).endswith(f"gravity {gravity}")
    assert scale.median_size == pytest.approx(size, rel=0.05)


@pytest.mark.parametrize(
    "shape", ["sensor_logger_android", "mmfit", "recofit", "polar", "metawear"]
)
def test_angular_rate_comes_along(shape: str, tmp_path: Path) -> None:
    _, imported = import_shape(shape, tmp_path)

    assert imported[0].block.gyro_dps is not None


def test_what_is_both_on_watch_and_phone_is_the_watchs_unless_asked(tmp_path: Path) -> None:
    from foreign_files import sensor_logger_table, wrist_motion, zipped

    block = simulated(50.0)
    other = SampleBlock(t_s=block.t_s, accel_g=block.accel_g[:, [1, 2, 0]])
    path = zipped(
        tmp_path,
        "both.zip",
        {
            "WristMotion.csv": wrist_motion(block),
            "TotalAcceleration.csv": sensor_logger_table(block, other.accel_g * 9.80665),
        },
    )
    read = find_format("sensor_logger").read
    (watch,) = read(Source(path), Wish())
    (phone,) = read(Source(path), Wish(sensor="phone"))

    assert np.allclose(watch.block.accel_g, block.accel_g, atol=1e-4)
    assert np.allclose(phone.block.accel_g, other.accel_g, atol=1e-4)
    assert "--sensor phone" in " ".join(watch.remarks)


def test_a_standardised_watch_is_not_turned_round(tmp_path: Path) -> None:
    from foreign_files import G_MPS2, csv_text, gravity_of, written, xyz

    block = simulated(50.0)
    gravity = gravity_of(block) * G_MPS2
    names = [f"gravity{a}" for a in "XYZ"] + [f"acceleration{a}" for a in "XYZ"]
    columns = [*xyz(gravity), *xyz(block.accel_g * G_MPS2 - gravity)]
    header = ",".join(("time", "seconds_elapsed", *names))
    path = written(tmp_path, "WristMotion.csv", csv_text(header, [block.t_s, block.t_s, *columns]))
    (one,) = find_format("sensor_logger").read(Source(path), Wish())

    assert np.allclose(one.block.accel_g, block.accel_g, atol=1e-4)
    assert one.scale.gravity is Gravity.ADDED
