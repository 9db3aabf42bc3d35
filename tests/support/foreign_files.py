"""Samples in the shapes of other programs and data sets, as their makers document them."""

import io
import zipfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np

from repsense.samples import FloatArray, SampleBlock

G_MPS2 = 9.80665
EPOCH_MS = 1_700_000_000_000

Writer = Callable[[SampleBlock, Path], Path]


def csv_text(
    header: str, columns: Iterable[FloatArray | Sequence[object]], separator: str = ","
) -> str:
    rows = zip(*(list(column) for column in columns), strict=True)
    lines = (separator.join(str(value) for value in row) for row in rows)
    return "\n".join((header, *lines)) + "\n"


def gravity_of(block: SampleBlock) -> FloatArray:
    """Return a slow part of the force that an app might take out: the mean around each sample."""
    window = 25
    padded = np.pad(block.accel_g, ((window, window), (0, 0)), mode="edge")
    kernel = np.ones(2 * window + 1) / (2 * window + 1)
    return np.stack([np.convolve(padded[:, a], kernel, "valid") for a in range(3)], axis=1)


def gyro_of(block: SampleBlock) -> FloatArray:
    assert block.gyro_dps is not None
    return block.gyro_dps


def xyz(values: FloatArray) -> list[FloatArray]:
    return [np.round(values[:, axis], 6) for axis in range(3)]


def zyx(values: FloatArray) -> list[FloatArray]:
    return xyz(values)[::-1]


def zipped(folder: Path, name: str, files: dict[str, str]) -> Path:
    path = folder / name
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for inner, text in files.items():
            archive.writestr(inner, text)
    return path


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def ns_of(block: SampleBlock) -> list[int]:
    return [EPOCH_MS * 1_000_000 + round(t * 1e9) for t in block.t_s]


# --- apps ---------------------------------------------------------------------------------


def sensor_logger_table(block: SampleBlock, values: FloatArray) -> str:
    times = [ns_of(block), np.round(block.t_s + 0.137, 6)]
    return csv_text("time,seconds_elapsed,z,y,x", [*times, *zyx(values)])


def metadata(platform: str, standardisation: str = "false") -> str:
    return (
        "version,device name,recording epoch time,recording time,platform,standardisation\n"
        f"3,My Phone,{EPOCH_MS},2026-01-02_03-04-05,{platform},{standardisation}\n"
    )


def sensor_logger_android(block: SampleBlock, folder: Path) -> Path:
    """Acceleration with gravity, and without, and a gyroscope in rad/s."""
    linear = (block.accel_g - gravity_of(block)) * G_MPS2
    files = {
        "Metadata.csv": metadata("android"),
        "Accelerometer.csv": sensor_logger_table(block, linear),
        "TotalAcceleration.csv": sensor_logger_table(block, block.accel_g * G_MPS2),
        "Gyroscope.csv": sensor_logger_table(block, np.deg2rad(gyro_of(block))),
    }
    return zipped(folder, "set-2026-01-02.zip", files)


def sensor_logger_ios(block: SampleBlock, folder: Path) -> Path:
    """Acceleration and gravity apart, both the other way round."""
    gravity = gravity_of(block)
    files = {
        "Metadata.csv": metadata("ios"),
        "Accelerometer.csv": sensor_logger_table(block, -(block.accel_g - gravity) * G_MPS2),
        "Gravity.csv": sensor_logger_table(block, -gravity * G_MPS2),
        "Gyroscope.csv": sensor_logger_table(block, np.deg2rad(gyro_of(block))),
    }
    return zipped(folder, "ios.zip", files)


def sensor_logger_raw(block: SampleBlock, folder: Path) -> Path:
    """One CSV, which only iOS writes in g."""
    text = sensor_logger_table(block, -block.accel_g)
    return written(folder, "AccelerometerUncalibrated.csv", text)


def wrist_motion(block: SampleBlock, prefix: str = "") -> str:
    names = [f"rotationRate{a}" for a in "XYZ"] + [f"gravity{a}" for a in "XYZ"]
    names += [f"acceleration{a}" for a in "XYZ"]
    gravity = -gravity_of(block)
    values = (np.deg2rad(gyro_of(block)), gravity, -block.accel_g - gravity)
    columns = [column for each in values for column in xyz(each)]
    if prefix:
        header = ",".join(("secondsElapsed", *(prefix + name for name in names), "activity"))
        return csv_text(header, [block.t_s, *columns, ["APULL"] * len(block)])
    header = ",".join(("time", "seconds_elapsed", *names))
    return csv_text(header, [ns_of(block), block.t_s, *columns])


def sensor_logger_watch(block: SampleBlock, folder: Path) -> Path:
    return zipped(folder, "watch.zip", {"WristMotion.csv": wrist_motion(block)})


def sensor_logger_merged(block: SampleBlock, folder: Path) -> Path:
    return written(folder, "gym.csv", wrist_motion(block, "wristMotion_"))


def phyphox_table(block: SampleBlock, names: Sequence[str], values: Sequence[FloatArray]) -> str:
    header = ",".join(f'"{name}"' for name in ("Time (s)", *names))
    columns = [column for each in values for column in xyz(each)]
    return csv_text(header, [[f"{t:.9E}" for t in block.t_s], *columns])


def axes(name: str, unit: str) -> list[str]:
    return [f"{name}{axis} ({unit})" for axis in "xyz"]


def phyphox(block: SampleBlock, folder: Path) -> Path:
    text = phyphox_table(block, axes("Acceleration ", "m/s^2"), [block.accel_g * G_MPS2])
    return zipped(folder, "with_g.zip", {"Raw Data.csv": text, "meta/time.csv": '"event"\n"START"'})


def phyphox_semicolons(block: SampleBlock, folder: Path) -> Path:
    """As people with decimal commas export it."""
    text = phyphox_table(block, axes("Acceleration ", "m/s^2"), [block.accel_g * G_MPS2])
    head, _, rest = text.partition("\n")
    european = rest.replace(",", ";").replace(".", ",")
    return written(folder, "komma.csv", f"{head.replace(',', ';')}\n{european}")


def phyphox_all_sensors(block: SampleBlock, folder: Path) -> Path:
    """One table a sensor, with gravity apart."""
    gravity = gravity_of(block) * G_MPS2
    bare = [f"{axis} (m/s^2)" for axis in "XYZ"]
    files = {
        "Linear Accelerometer.csv": phyphox_table(block, bare, [block.accel_g * G_MPS2 - gravity]),
        "Gravity.csv": phyphox_table(block, bare, [gravity]),
        "Gyroscope.csv": phyphox_table(
            block, [f"{axis} (rad/s)" for axis in "XYZ"], [np.deg2rad(gyro_of(block))]
        ),
    }
    return zipped(folder, "all.zip", files)


def metawear(block: SampleBlock, folder: Path) -> Path:
    """Two files, the gyroscope's twice as dense and begun a little later."""
    ms = np.round(EPOCH_MS + block.t_s * 1000.0).astype(np.int64)
    head = "epoch (ms),time (01:00),elapsed (s)"
    clock = ["2026-01-02T03:04:05.000"] * len(block)
    text = csv_text(
        f"{head},x-axis (g),y-axis (g),z-axis (g)",
        [ms, clock, np.round(block.t_s, 3), *xyz(block.accel_g)],
    )
    name = "A-row_MetaWear_2026-01-02T03.04.05.000_C427"
    path = written(folder, f"{name}_Accelerometer_50.000Hz_1.4.4.csv", text)
    turns = csv_text(
        f"{head},x-axis (deg/s),y-axis (deg/s),z-axis (deg/s)",
        [ms, clock, np.round(block.t_s, 3), *xyz(gyro_of(block))],
    )
    written(folder, f"{name}_Gyroscope_100.000Hz_1.4.4.csv", turns)
    return path


def polar(block: SampleBlock, folder: Path) -> Path:
    base_ns = 834_363_823_499_951_360
    ns = [base_ns + round(t * 1e9) for t in block.t_s]
    clock = ["2026-01-02T03:04:05.000"] * len(block)
    head = "Phone timestamp;sensor timestamp [ns]"
    text = csv_text(
        f"{head};X [mg];Y [mg];Z [mg] ",
        [clock, ns, *(np.round(column * 1000).astype(int) for column in xyz(block.accel_g))],
        ";",
    )
    turns = csv_text(f"{head};X [dps];Y [dps];Z [dps]", [clock, ns, *xyz(gyro_of(block))], ";")
    written(folder, "Polar_Sense_0C30_20260102_GYRO.txt", turns)
    return written(folder, "Polar_Sense_0C30_20260102_ACC.txt", text)


def apple_watch(block: SampleBlock, folder: Path) -> Path:
    """SensorLog with device motion only: gravity apart, and nothing where a sensor is off."""
    gravity = -gravity_of(block)
    names = ["loggingTime(txt)", "accelerometerTimestamp_sinceReboot(s)"]
    names += [f"accelerometerAcceleration{a}(G)" for a in "XYZ"]
    names += ["motionTimestamp_sinceReboot(s)"]
    names += [f"motionRotationRate{a}(rad/s)" for a in "XYZ"]
    names += [f"motionUserAcceleration{a}(G)" for a in "XYZ"]
    names += [f"motionGravity{a}(G)" for a in "XYZ"]
    off = [["null"] * len(block)] * 4
    values = (np.deg2rad(gyro_of(block)), -block.accel_g - gravity, gravity)
    motion = [column for each in values for column in xyz(each)]
    columns = [["2026-01-02"] * len(block), *off, block.t_s + 5000.0, *motion]
    return written(folder, "watch_log.csv", csv_text(",".join(names), columns))


def apple_watch_raw(block: SampleBlock, folder: Path) -> Path:
    names = ["accelerometerTimestamp_sinceReboot(s)"]
    names += [f"accelerometerAcceleration{a}(G)" for a in "XYZ"]
    columns = [block.t_s + 5000.0, *xyz(-block.accel_g)]
    return written(folder, "watch_raw.csv", csv_text("|".join(names), columns, "|"))


def androsensor(block: SampleBlock, folder: Path) -> Path:
    names = [f"ACCELEROMETER {a} (m/s²)" for a in "XYZ"]
    names += [f"GYROSCOPE {a} (rad/s)" for a in "XYZ"] + ["Time since start in ms "]
    values = (block.accel_g * G_MPS2, np.deg2rad(gyro_of(block)))
    columns = [column for each in values for column in xyz(each)]
    ms = np.round(block.t_s * 1000.0).astype(int)
    return written(
        folder, "Sensor_record.csv", "sep=;\n" + csv_text(";".join(names), [*columns, ms], ";")
    )


def physics_toolbox(block: SampleBlock, folder: Path) -> Path:
    return written(
        folder, "ptb.csv", csv_text("time,gFx,gFy,gFz", [block.t_s, *xyz(block.accel_g)])
    )


def android_events(block: SampleBlock, folder: Path) -> Path:
    """As ``SensorEvent`` has them: ns since the phone was started, m/s2."""
    ns = [73_123_456_789_000 + round(t * 1e9) for t in block.t_s]
    text = csv_text("timestamp,x,y,z", [ns, *xyz(block.accel_g * G_MPS2)])
    return written(folder, "accelerometer_log.csv", text)


# --- data sets ----------------------------------------------------------------------------


def mmfit(block: SampleBlock, folder: Path, sets: Sequence[tuple[float, float, int]] = ()) -> Path:
    """A workout of one watch; ``sets`` are start, end in s and reps."""
    place = folder / "w00"
    place.mkdir()
    frames = np.floor(block.t_s * 30.0) + 1000
    ms = EPOCH_MS + np.round(block.t_s * 1000.0)
    accel = np.column_stack([frames, ms, block.accel_g * G_MPS2])
    accel = np.insert(accel, 20, accel[20], axis=0)  # times are doubled here and there
    np.save(place / "w00_sw_l_acc.npy", accel)
    np.save(place / "w00_sw_l_gyr.npy", np.column_stack([frames, ms, np.deg2rad(gyro_of(block))]))
    rows = [
        f"{int(start * 30) + 1000},{int(end * 30) + 1000},{reps},dumbbell_shoulder_press"
        for start, end, reps in sets
    ]
    written(place, "w00_labels.csv", "\n".join(rows) + "\n")
    return place


def wear(block: SampleBlock, folder: Path) -> Path:
    limbs = ("right_arm", "right_leg", "left_leg", "left_arm")
    names = [f"{limb}_acc_{axis}" for limb in limbs for axis in "xyz"]
    labels = ["null" if t < 5 else "jogging" if t < 9 else "burpees" for t in block.t_s]
    columns = [*xyz(block.accel_g)] * 4
    header = ",".join(("sbj_id", *names, "label"))
    return written(folder, "sbj_3.csv", csv_text(header, [[3] * len(block), *columns, labels]))


def recgym(block: SampleBlock, folder: Path) -> Path:
    """Everything squeezed into 0 to 1; another visit has the rests that tell the scale again."""
    rng = np.random.default_rng(4)
    ways = rng.normal(size=(60, 3))
    ways /= np.linalg.norm(ways, axis=1)[:, None]
    rests = np.repeat(ways, 80, axis=0) + rng.normal(scale=0.004, size=(4800, 3))
    lows = np.minimum(block.accel_g.min(axis=0), rests.min(axis=0))
    widths = np.maximum(block.accel_g.max(axis=0), rests.max(axis=0)) - lows
    rows = []
    for session, values, work in ((1, block.accel_g, "ArmCurl"), (2, rests, "Null")):
        for row in (values - lows) / widths:
            signal = ",".join(f"{value:.6f}" for value in row)
            rows += [f"1,wrist,{session},{signal},0.5,0.5,0.5,0.1,{work}"]
            rows += [f"1,leg,{session},0.1,0.2,0.3,0.5,0.5,0.5,0.1,{work}"]
    head = "Subject,Position,Session,A_x,A_y,A_z,G_x,G_y,G_z,C_1,Workout"
    return written(folder, "RecGym.csv", "\n".join((head, *rows)) + "\n")


def physical_therapy(block: SampleBlock, folder: Path) -> Path:
    names = ["time index", *(f"{kind}_{axis}" for kind in ("acc", "gyr", "mag") for axis in "xyz")]
    values = (block.accel_g * G_MPS2, np.deg2rad(gyro_of(block)), block.accel_g * 0.1)
    columns = [column for each in values for column in xyz(each)]
    text = csv_text(";".join(names), [range(1, len(block) + 1), *columns], ";")
    for unit in ("u1", "u2"):
        written(folder / "pt" / "s1" / "e6" / unit, "test.txt", text)
    written(folder / "pt" / "s1" / "e6", "template_times.txt", "execution type;start;end\n1;3;9\n")
    return folder / "pt"


def weight_lifting(block: SampleBlock, folder: Path) -> Path:
    """Two ways of one person, in counts of a chip, with the many columns that are empty."""
    lines = []
    for number, way in enumerate("AC"):
        for t, row in zip(block.t_s + number * 1000.0, block.accel_g, strict=True):
            part_1, part_2 = divmod(round((1_323_084_231.2 + t) * 1e6), 1_000_000)
            counts = ",".join(str(round(value * 261)) for value in row)
            lines.append(f"carlitos,{part_1},{part_2},no,#DIV/0!,{counts},{way}")
    head = (
        "user_name,raw_timestamp_part_1,raw_timestamp_part_2,new_window,kurtosis_roll_belt,"
        "accel_forearm_x,accel_forearm_y,accel_forearm_z,classe"
    )
    return written(folder, "WearableComputing.csv", "\n".join((head, *lines)) + "\n")


def recofit_cells(
    block: SampleBlock, activities: Sequence[tuple[str, float, float, float]]
) -> bytes:
    from scipy.io import savemat

    cells = np.empty((2, 1), dtype=object)
    rows = np.empty((len(activities), 7), dtype=object)
    for number, (name, start_s, end_s, reps) in enumerate(activities):
        rows[number] = [name, start_s, end_s, "", reps, start_s, number]
    begun_s = 12.5
    data = {
        "accelDataMatrix": np.column_stack([block.t_s + begun_s, block.accel_g]),
        "gyroDataMatrix": np.column_stack([block.t_s + begun_s, gyro_of(block)]),
    }
    recording = {"data": data, "activityStartMatrix": rows, "subjectID": 512}
    cells[0, 0] = np.array([], dtype=object)
    cells[1, 0] = recording
    stream = io.BytesIO()
    savemat(stream, {"subject_data": cells}, do_compression=True)
    return stream.getvalue()


def recofit(block: SampleBlock, folder: Path) -> Path:
    path = folder / "exercise_data.50.0000_multionly.mat"
    end_s = 12.5 + float(block.t_s[-1])
    activities = [
        ("<Initial Activity>", 12.5, 14.0, -1.0),
        ("Shoulder Press (dumbbell)", 16.0, end_s - 4.0, 6.0),
        ("Non-Exercise", end_s - 4.0, end_s, -1.0),
    ]
    path.write_bytes(recofit_cells(block, activities))
    return path


#: Each shape with the format that reads it, the rate it has, and whether numbers keep their size.
SHAPES: dict[str, tuple[Writer, str, float, bool]] = {
    "sensor_logger_android": (sensor_logger_android, "sensor_logger", 50.0, True),
    "sensor_logger_ios": (sensor_logger_ios, "sensor_logger", 50.0, True),
    "sensor_logger_raw": (sensor_logger_raw, "sensor_logger", 50.0, True),
    "sensor_logger_watch": (sensor_logger_watch, "sensor_logger", 50.0, True),
    "sensor_logger_merged": (sensor_logger_merged, "sensor_logger", 50.0, True),
    "phyphox": (phyphox, "phyphox", 50.0, True),
    "phyphox_semicolons": (phyphox_semicolons, "phyphox", 50.0, True),
    "phyphox_all_sensors": (phyphox_all_sensors, "phyphox", 50.0, True),
    "metawear": (metawear, "metawear", 50.0, True),
    "polar": (polar, "polar", 50.0, True),
    "apple_watch": (apple_watch, "apple_watch", 50.0, True),
    "apple_watch_raw": (apple_watch_raw, "apple_watch", 50.0, True),
    "androsensor": (androsensor, "android", 50.0, True),
    "physics_toolbox": (physics_toolbox, "android", 50.0, True),
    "android_events": (android_events, "android", 50.0, True),
    "mmfit": (mmfit, "mmfit", 100.0, True),
    "wear": (wear, "wear", 50.0, True),
    "recgym": (recgym, "recgym", 20.0, True),
    "physical_therapy": (physical_therapy, "uci_physical_therapy", 25.0, True),
    "weight_lifting": (weight_lifting, "uci_weight_lifting", 45.0, False),
    "recofit": (recofit, "recofit", 50.0, True),
}
