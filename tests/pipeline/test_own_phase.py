"""Sets whose reps are cut anew at their end, on curves drawn by hand."""

from pathlib import Path

import numpy as np
import pytest

from repsense.events import SetFinished
from repsense.recording.format import Recording
from repsense.samples import FloatArray, SampleBlock
from repsense.tuning.run import run_recording

RATE_HZ = 50.0


def stroke(start: float, end: float, seconds: float, *, twist: float = 0.0) -> FloatArray:
    """Return a stroke's course and how far the arm turns sideways on its way, shape (cells, 2)."""
    share = np.arange(0.0, 1.0, 1.0 / (seconds * RATE_HZ))
    course = start + (end - start) * share**3 * (10.0 - 15.0 * share + 6.0 * share**2)
    return np.stack([course, twist * np.sin(np.pi * share)], axis=1)


def bends(reps: int, *, twist: float, stroke_s: float, still_s: float = 0.6) -> SampleBlock:
    """Return what an arm feels that is raised, goes all the way down some times, and is lowered.

    Parameters
    ----------
    twist
        How far aside it goes where it is raised and lowered.
    """
    still = np.zeros((round(still_s * RATE_HZ), 2))
    bend = [stroke(1, 0, stroke_s), stroke(0, 1, stroke_s)]
    raised = stroke(0, 1, 0.8 * stroke_s, twist=twist)
    lowered = stroke(1, 0, 0.8 * stroke_s, twist=twist)
    way = np.concatenate([still, raised, *bend * reps, lowered, still])
    angle, aside = np.radians(120.0) * way[:, 0], way[:, 1]
    accel_g = np.stack([np.cos(angle), np.sin(angle), aside], axis=1)
    noise_g = np.random.default_rng(0).normal(0.0, 0.004, accel_g.shape)
    return SampleBlock(t_s=np.arange(len(way)) / RATE_HZ, accel_g=accel_g + noise_g)


def finished(block: SampleBlock, *, armed: bool = True) -> SetFinished:
    """Return the one set that was counted."""
    run = run_recording(Recording(path=Path("drawn.csv"), block=block), armed=armed)
    (one,) = [done for done in run.sets if done.reps]
    return one


@pytest.mark.parametrize("reps", [4, 5, 8])
@pytest.mark.parametrize("stroke_s", [1.0, 1.4])
def test_the_way_in_and_out_is_no_rep(reps: int, stroke_s: float) -> None:
    counted = finished(bends(reps, twist=0.5, stroke_s=stroke_s))

    assert counted.reps == len(counted.rep_details) == reps
    first_s = 0.6 + 0.8 * stroke_s  # the arm is up, and the first bend begins
    begun_s = [rep.start_s for rep in counted.rep_details]
    assert begun_s == pytest.approx([first_s + 2.0 * stroke_s * n for n in range(reps)], abs=0.25)


@pytest.mark.parametrize(
    "block",
    [
        bends(5, twist=0.0, stroke_s=1.2),  # reps from below: nothing sets the first and last apart
        bends(5, twist=0.5, stroke_s=0.6),  # too quick to say
    ],
    ids=["alike", "quick"],
)
def test_other_first_and_last_strokes_are_halves_of_reps(block: SampleBlock) -> None:
    assert finished(block).reps == 6


def test_a_set_that_shows_itself_keeps_its_first_rep() -> None:
    assert finished(bends(5, twist=0.5, stroke_s=1.2), armed=False).reps == 6
