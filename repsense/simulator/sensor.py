"""The sensor between the wrist and the recording: rate, noise, clock and losses."""

from dataclasses import dataclass

import numpy as np

from repsense.samples import FloatArray, SampleBlock


@dataclass(frozen=True, slots=True, kw_only=True)
class SensorModel:
    """An accelerometer (and gyroscope) with its usual shortcomings.

    Parameters
    ----------
    rate_hz
        Sample rate by the device's own clock.
    noise_g, noise_dps
        Standard deviation of the white noise of each sample.
    step_g
        Resolution of the output; 0 is exact.
    full_scale_g
        Readings saturate at plus and minus this.
    bias_g, gain_error
        Standard deviations from which each axis draws its offset and its
        relative error of gain.
    clock_error
        How much the device's clock runs fast, relative: 0.001 is 3.6 s an hour.
        Time stamps and labels are on the device's clock.
    jitter_s
        Standard deviation of the time stamps around the even grid.
    lost_share, packet_samples
        Share of packets that never arrive, and the samples in one.
    gyro
        True where the sensor has a gyroscope.
    change_g
        Above 0, samples that differ less than this from the last one sent are
        not sent, as phones and some toolkits do.
    """

    rate_hz: float = 50.0
    noise_g: float = 0.004
    noise_dps: float = 0.1
    step_g: float = 1.0 / 4096.0
    full_scale_g: float = 8.0
    bias_g: float = 0.01
    gain_error: float = 0.005
    clock_error: float = 0.0
    jitter_s: float = 0.0
    lost_share: float = 0.0
    packet_samples: int = 10
    gyro: bool = False
    change_g: float = 0.0


#: No noise, no errors: for tests of what the body does.
IDEAL_SENSOR = SensorModel(
    noise_g=0.0, noise_dps=0.0, step_g=0.0, full_scale_g=1e3, bias_g=0.0, gain_error=0.0
)


def measure(
    force_g: FloatArray,
    rate_dps: FloatArray,
    fine_hz: float,
    sensor: SensorModel,
    rng: np.random.Generator,
) -> SampleBlock:
    """Sample a motion that is known on a fine grid.

    Steps
    -----
    1. The device's clock sets the moments; jitter moves them, never out of order.
    2. Interpolate; apply gain, offset and noise; saturate; round to the resolution.
    3. Drop lost packets, and what changed too little to be sent.
    """
    device_s = _stamps(force_g.shape[0] / fine_hz, sensor, rng)
    true_s = device_s / (1.0 + sensor.clock_error)
    accel_g = _imperfect(_at(true_s, force_g, fine_hz), sensor, rng)
    gyro_dps = None
    if sensor.gyro:
        gyro_dps = _at(true_s, rate_dps, fine_hz)
        gyro_dps = gyro_dps + rng.normal(0.0, sensor.noise_dps, gyro_dps.shape)
    kept = _arrived(device_s.size, sensor, rng)
    if sensor.change_g > 0.0:
        kept &= _changed(accel_g, sensor.change_g)
    return SampleBlock(
        t_s=device_s[kept],
        accel_g=accel_g[kept],
        gyro_dps=None if gyro_dps is None else gyro_dps[kept],
    )


def _stamps(duration_s: float, sensor: SensorModel, rng: np.random.Generator) -> FloatArray:
    span_s = duration_s * (1.0 + sensor.clock_error)
    even_s = np.arange(int(span_s * sensor.rate_hz)) / sensor.rate_hz
    if sensor.jitter_s == 0.0:
        return even_s
    # Bounded to less than half an interval, so that order never changes.
    bound_s = 0.45 / sensor.rate_hz
    moved_s = np.clip(rng.normal(0.0, sensor.jitter_s, even_s.size), -bound_s, bound_s)
    return np.asarray(np.maximum(even_s + moved_s, np.arange(even_s.size) * 1e-6))


def _at(times_s: FloatArray, values: FloatArray, fine_hz: float) -> FloatArray:
    grid_s = np.arange(values.shape[0]) / fine_hz
    return np.stack([np.interp(times_s, grid_s, values[:, axis]) for axis in range(3)], axis=1)


def _imperfect(accel_g: FloatArray, sensor: SensorModel, rng: np.random.Generator) -> FloatArray:
    gain = 1.0 + rng.normal(0.0, 1.0, 3) * sensor.gain_error
    bias = rng.normal(0.0, 1.0, 3) * sensor.bias_g
    noisy = accel_g * gain + bias + rng.normal(0.0, 1.0, accel_g.shape) * sensor.noise_g
    noisy = np.clip(noisy, -sensor.full_scale_g, sensor.full_scale_g)
    if sensor.step_g > 0.0:
        noisy = np.round(noisy / sensor.step_g) * sensor.step_g
    return np.asarray(noisy)


def _arrived(samples: int, sensor: SensorModel, rng: np.random.Generator) -> np.ndarray:
    packets = -(-samples // sensor.packet_samples)
    arrived = rng.random(packets) >= sensor.lost_share
    arrived[0] = True
    return np.repeat(arrived, sensor.packet_samples)[:samples]


def _changed(accel_g: FloatArray, change_g: float) -> np.ndarray:
    kept = np.zeros(accel_g.shape[0], dtype=bool)
    last = np.full(3, np.inf)
    for index, sample in enumerate(accel_g):
        if np.max(np.abs(sample - last)) >= change_g:
            kept[index], last = True, sample
    return kept
