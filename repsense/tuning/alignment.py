"""Train how each exercise feels from any point of its reps on, on simulated sets."""

from collections.abc import Iterator, Sequence

import numpy as np

from repsense.pipeline.alignment import PROFILE, profile
from repsense.pipeline.chains import Cycle
from repsense.pipeline.history import History, next_cell
from repsense.recording.labels import LabelledRep
from repsense.samples import FloatArray

# Each rep is looked at from so many points of it on, by an engine that is off by some percent in
# how long it takes.
_VIEWS = 4
_STRETCH = 0.08

_RIDGE = 1e-3


def views(
    history: History, reps: Sequence[LabelledRep], rng: np.random.Generator
) -> Iterator[tuple[FloatArray, float]]:
    """Yield profiles of cycles that begin anywhere in a rep, shape (PROFILE,), and where: 0 to 1.

    Parameters
    ----------
    history
        The cells of a whole set.
    reps
        Its reps, at least two.
    rng
        Draws where the cycles begin, and how far off their length is.
    """
    time_s, now = history.time_s[: next_cell(history)], next_cell(history) - 1
    starts_s = np.array([rep.start_s for rep in reps])
    periods_s = np.diff(starts_s, append=2.0 * starts_s[-1] - starts_s[-2])
    for start_s, period_s in zip(starts_s, periods_s, strict=True):
        for share in rng.uniform(0.0, 1.0, _VIEWS):
            begin_s = start_s + share * period_s
            end_s = begin_s + period_s * np.exp(rng.normal(0.0, _STRETCH))
            if end_s < time_s[-1]:
                first, last = np.searchsorted(time_s, (begin_s, end_s))
                yield profile(history, Cycle(int(first), int(last)), now), float(share)


def place_weights(seen: Sequence[tuple[FloatArray, float]]) -> FloatArray:
    """Return what turns a profile into cosine and sine of the angle at which its cycle begins.

    Parameters
    ----------
    seen
        What :func:`views` yields.

    Returns
    -------
    FloatArray
        By least squares with a ridge, shape (2, PROFILE).
    """
    profiles = np.array([one for one, _ in seen])
    angles = 2.0 * np.pi * np.array([share for _, share in seen])
    circle = np.c_[np.cos(angles), np.sin(angles)]
    ridge = _RIDGE * len(seen) * np.eye(PROFILE)
    return np.asarray(np.linalg.solve(profiles.T @ profiles + ridge, profiles.T @ circle).T)
