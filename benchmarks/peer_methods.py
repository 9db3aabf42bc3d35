"""Five ways of counting that others have published, written anew from their descriptions.

Each takes acceleration on an even grid, and all of it at once but for the last, which is causal.
None is told the exercise. Where a description leaves a number to each exercise, the one here is
wide enough for all of them (:data:`PERIOD_S`) and said in the docstring.
"""

from collections.abc import Callable, Iterable
from functools import partial

import numpy as np
import numpy.typing as npt
from scipy import signal

from repsense.samples import FloatArray

#: What every recording is brought to, by straight lines between its samples.
RATE_HZ = 50.0
#: Shortest and longest rep that is looked for: those of the engine, so that nobody is favoured.
PERIOD_S = (0.72, 8.0)
#: A shortest rep that suits RecoFit better: of 0.72, 1.2 and 2 s the one that counts most of the
#: recordings right that the table is made of, which favours it.
SLOW_S = 1.2

IntArray = npt.NDArray[np.int64]
#: From acceleration, g, shape (n, 3), at :data:`RATE_HZ`, to a number of reps.
Method = Callable[[FloatArray], int]

# Less than this cannot hold a rep, and is shorter than the filters need.
_LEAST_SAMPLES = 60


def on_even_grid(t_s: FloatArray, accel_g: FloatArray) -> FloatArray:
    """Return acceleration at :data:`RATE_HZ`, shape (n, 3)."""
    grid_s = np.arange(t_s[0], t_s[-1], 1.0 / RATE_HZ)
    return np.stack([np.interp(grid_s, t_s, accel_g[:, axis]) for axis in range(3)], axis=1)


def find_peaks_recipe(accel_g: FloatArray) -> int:
    """Count as tutorials do: low-pass, first principal component, ``scipy.signal.find_peaks``.

    A Butterworth low-pass of second order at 1.5 Hz, forth and back; peaks stand out by at least a
    standard deviation and are 0.8 s apart. The sign of the component is arbitrary: the way round
    that gives more peaks is taken.
    """
    if len(accel_g) < _LEAST_SAMPLES:
        return 0
    smooth = _filtered(signal.butter(2, 1.5, fs=RATE_HZ, output="sos"), accel_g)
    line = first_component(smooth)
    apart = {"prominence": float(line.std()), "distance": round(0.8 * RATE_HZ)}
    return max(signal.find_peaks(way, **apart)[0].size for way in (line, -line))


def autocorrelation_recipe(accel_g: FloatArray) -> int:
    """Count by one period for all: the set's length over the lag of the highest autocorrelation.

    The same low-pass and component as :func:`find_peaks_recipe`. The lag is that of the highest
    local maximum of the autocorrelation, beyond its first zero and within the periods.
    """
    if len(accel_g) < _LEAST_SAMPLES:
        return 0
    smooth = _filtered(signal.butter(2, 1.5, fs=RATE_HZ, output="sos"), accel_g)
    alike = autocorrelation(first_component(smooth))
    lag = _best_lag(alike, longest=min(round(PERIOD_S[1] * RATE_HZ), 2 * len(alike) // 3))
    return round(len(accel_g) / lag) if lag else 0


def recofit(accel_g: FloatArray, *, shortest_s: float = PERIOD_S[0]) -> int:
    """Count as RecoFit does, its section on counting [1]_.

    Steps
    -----
    1. Band-pass (elliptic, 0.15 to 11 Hz), first principal component.
    2. Local maxima, the highest first, each at least the shortest period from those taken before.
    3. The period about each: the best lag of the autocorrelation of a window centred on it. Again
       the highest first, at least 0.75 of that period from those taken before.
    4. Those below half the height of the one at the 40th percentile are dropped.

    The paper sets shortest and longest period for each recognised exercise; here they are the same
    for all.

    .. [1] D. Morris, T. S. Saponas, A. Guillory, I. Kelner, "RecoFit: using a wearable sensor to
       find, recognize, and count repetitive exercises", CHI 2014, 10.1145/2556288.2557116
    """
    if len(accel_g) < _LEAST_SAMPLES:
        return 0
    shortest, longest = round(shortest_s * RATE_HZ), round(PERIOD_S[1] * RATE_HZ)
    band = signal.ellip(3, 0.5, 50.0, (0.15, 11.0), "bandpass", fs=RATE_HZ, output="sos")
    line = first_component(_filtered(band, accel_g))
    candidates = signal.find_peaks(line)[0]
    candidates = candidates[np.argsort(-line[candidates], kind="stable")]
    first = _apart(candidates, np.full(candidates.size, float(shortest)))
    periods = [_period_about(line, int(peak), shortest, longest) for peak in first]
    taken = _apart(first, 0.75 * np.array(periods))
    if not taken.size:
        return 0
    least = 0.5 * np.percentile(line[taken], 40.0)
    return int(np.count_nonzero(line[taken] >= least))


def ulift(accel_g: FloatArray) -> int:
    """Count as uLift does, its repetition counting [1]_.

    Steps
    -----
    1. Exponential smoothing that keeps 0.4 of the past.
    2. In windows of a fifth of the set, at least 8 s, a second apart: autocorrelation of each axis,
       summed with weights exp(its norm); the first clear maximum beyond its first zero is the
       window's period. The middle of their 45th and 95th percentile is the rate of the workout.
    3. On the axis with the largest range (5th to 95th percentile): maxima above the 80th
       percentile; one lasts until the signal has fallen below the 65th, and the next is at least
       0.7 of the workout's rate away.

    .. [1] J. Lim, Y. Oh, Y. Choi, "uLift: adaptive workout tracker using a single wrist-worn
       accelerometer", IEEE Access 12, 2024, 10.1109/ACCESS.2024.3363437
    """
    if len(accel_g) < _LEAST_SAMPLES:
        return 0
    smooth = _smoothed(accel_g, past=0.4)
    periods = list(_window_periods(smooth))
    if not periods:
        return 0
    rate = 0.5 * float(np.percentile(periods, 45.0) + np.percentile(periods, 95.0))
    reach = np.percentile(smooth, 95.0, axis=0) - np.percentile(smooth, 5.0, axis=0)
    return _hysteresis_peaks(smooth[:, int(np.argmax(reach))], pause=round(0.7 * rate))


def watch_thresholds(accel_g: FloatArray) -> int:
    """Count as hobby watches do: a tilt that passes two thresholds, sample by sample.

    The adaptive rule told of Smart_Rep for Bangle.js (github.com/sw1tchblade/Smart_Rep), at that
    watch's 12.5 Hz: the tilt atan2(x, z), smoothed by 0.2 of each new sample; thresholds at the
    mean of the last 20 samples plus and minus 0.3 of their range, which must be 15 degrees; reps
    are 0.3 s apart. It sees no sample before its time.
    """
    every, window, apart = round(RATE_HZ / 12.5), 20, 4
    watched = accel_g[::every]
    if not len(watched):
        return 0
    tilts = np.degrees(np.unwrap(np.arctan2(watched[:, 0], watched[:, 2])))
    tilts = _smoothed(tilts[:, None], past=0.8)[:, 0]
    reps, is_up, last = 0, False, -apart
    for now in range(window, tilts.size):
        recent = tilts[now - window : now]
        middle, span = recent.mean(), np.ptp(recent)
        if span < 15.0:
            continue
        if not is_up and tilts[now] > middle + 0.3 * span:
            is_up = True
        elif is_up and tilts[now] < middle - 0.3 * span and now - last >= apart:
            is_up, last, reps = False, now, reps + 1
    return reps


#: By the name that the table shows.
METHODS: dict[str, Method] = {
    "find_peaks": find_peaks_recipe,
    "autocorrelation": autocorrelation_recipe,
    "RecoFit": recofit,
    f"RecoFit, reps from {SLOW_S:g} s": partial(recofit, shortest_s=SLOW_S),
    "uLift": ulift,
    "watch thresholds": watch_thresholds,
}


def first_component(accel_g: FloatArray) -> FloatArray:
    """Return the projection on the direction of most variance, its mean taken off, shape (n,)."""
    centred = accel_g - accel_g.mean(axis=0)
    _, vectors = np.linalg.eigh(centred.T @ centred)
    return np.asarray(centred @ vectors[:, -1])


def autocorrelation(line: FloatArray) -> FloatArray:
    """Return the biased autocorrelation of a signal, 1 at lag 0, shape (n,)."""
    centred = line - line.mean()
    found = signal.correlate(centred, centred, method="fft")[len(line) - 1 :]
    return np.asarray(found / found[0]) if found[0] > 0.0 else np.zeros(len(line))


def _filtered(sections: FloatArray, accel_g: FloatArray) -> FloatArray:
    """Filter forth and back, so that nothing is late."""
    return np.asarray(signal.sosfiltfilt(sections, accel_g, axis=0))


def _smoothed(values: FloatArray, *, past: float) -> FloatArray:
    """Return an exponential mean that starts at the first value, along the first axis."""
    start = past * values[:1]
    return np.asarray(signal.lfilter([1.0 - past], [1.0, -past], values, axis=0, zi=start)[0])


def _apart(peaks: IntArray, distances: FloatArray) -> IntArray:
    """Take peaks in the order they come, each at least its distance from those taken before."""
    taken: list[int] = []
    for peak, distance in zip(peaks, distances, strict=True):
        if all(abs(int(peak) - other) >= distance for other in taken):
            taken.append(int(peak))
    return np.array(taken, dtype=np.int64)


def _period_about(line: FloatArray, peak: int, shortest: int, longest: int) -> int:
    """Return the lag of the highest autocorrelation in a window centred on a peak, in samples."""
    alike = autocorrelation(line[max(peak - longest, 0) : peak + longest])
    lags = alike[shortest : longest + 1]
    return int(np.argmax(lags)) + shortest if lags.size else shortest


def _best_lag(alike: FloatArray, *, longest: int) -> int:
    """Return the lag of the highest local maximum beyond the first zero; 0 without one."""
    below = np.flatnonzero(alike < 0.0)
    least = max(round(PERIOD_S[0] * RATE_HZ), int(below[0]) if below.size else 0)
    peaks = signal.find_peaks(alike[: longest + 1])[0]
    peaks = peaks[peaks >= least]
    return int(peaks[np.argmax(alike[peaks])]) if peaks.size else 0


def _window_periods(smooth: FloatArray) -> Iterable[int]:
    """Yield the period of each window that has one, in samples."""
    length = min(max(len(smooth) // 5, round(8.0 * RATE_HZ)), len(smooth))
    for start in range(0, len(smooth) - length + 1, round(RATE_HZ)):
        axes = [autocorrelation(smooth[start : start + length, axis]) for axis in range(3)]
        weights = np.exp([np.linalg.norm(axis) for axis in axes])
        alike = weights @ np.array(axes) / weights.sum()
        below = np.flatnonzero(alike < 0.0)
        least = max(int(below[0]) if below.size else 0, round(0.4 * RATE_HZ))
        peaks = signal.find_peaks(alike, height=0.1, prominence=0.05)[0]
        yield from peaks[peaks > least][:1].tolist()


def _hysteresis_peaks(line: FloatArray, *, pause: int) -> int:
    high, low = np.percentile(line, (80.0, 65.0))
    peaks = signal.find_peaks(line)[0]
    reps, free = 0, 0
    for peak in peaks[line[peaks] >= high]:
        if peak < free:
            continue
        fallen = np.flatnonzero(line[peak:] < low)
        end = peak + int(fallen[0]) if fallen.size else len(line)
        top = peak + int(np.argmax(line[peak:end]))
        reps, free = reps + 1, max(end, top + pause)
    return reps
