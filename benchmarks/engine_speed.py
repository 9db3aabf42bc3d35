"""How fast the engine is, and whether a long set slows it down."""

import time
from collections.abc import Sequence

import numpy as np
from engine_rows import Row

from repsense.pipeline.pipeline import Pipeline
from repsense.recording.format import Recording
from repsense.samples import SampleBlock
from repsense.service import warm_up
from repsense.tuning.run import run_recording

_RATE_HZ = 50.0
_MINUTE = round(60 * _RATE_HZ)
_MINUTES = 20
_ROUNDS = 7


def speed_rows(recordings: Sequence[Recording]) -> list[Row]:
    """Return the rows about speed, measured in this process alone, in CPU time.

    The best of some rounds counts, since the machine may have other things to do.
    """
    warm_up()
    spent_s = min(_spent_s(recordings) for _ in range(_ROUNDS))
    played_s = sum(recording.duration_s for recording in recordings)
    return [
        Row(
            group="speed on one core",
            what="times real time",
            measured=played_s / spent_s,
            promised=2000.0,
            n=len(recordings),
        ),
        Row(
            group="one set of 20 minutes",
            what="its last 5 minutes' cost against minutes 2 to 6",
            measured=_growth(),
            comparison="<=",
            promised=1.25,
            n=1,
        ),
    ]


def _spent_s(recordings: Sequence[Recording]) -> float:
    began_s = time.process_time()
    for recording in recordings:
        run_recording(recording)
    return time.process_time() - began_s


def endless_set(duration_s: float, rep_s: float = 3.0) -> SampleBlock:
    """Return a forearm that swings up and down by 69 degrees, again and again."""
    t_s = np.arange(0.0, duration_s, 1.0 / _RATE_HZ)
    angle = 0.6 * (1.0 - np.cos(2.0 * np.pi * t_s / rep_s))
    accel_g = np.stack([np.sin(angle), 0.0 * t_s, np.cos(angle)], axis=1)
    return SampleBlock(t_s=t_s, accel_g=accel_g)


def _growth() -> float:
    spent_s = np.min([_spent_by_minute_s() for _ in range(_ROUNDS)], axis=0)
    return float(np.median(spent_s[-5:]) / np.median(spent_s[1:6]))


def _spent_by_minute_s() -> list[float]:
    pipeline = Pipeline()
    spent_s = []
    for minute in endless_set(60.0 * _MINUTES).cut(_MINUTE):
        began_s = time.process_time()
        pipeline.push(minute)
        spent_s.append(time.process_time() - began_s)
    return spent_s
