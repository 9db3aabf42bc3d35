"""What a person's clean reps of an exercise are like, measured once and expected from then on.

After the order to calibrate, the next set of a known exercise with enough clean reps is the
measure: how far they go and how long their phases take. It stands where else an earlier set of
the same movement would, so that a set is told that is short or hurried from its first rep on.

The search does not look for reps of the measured length alone: people do the same exercise at
half and at twice their pace, and counts got worse by it (``benchmarks/calibration.py``).
"""

from collections.abc import Sequence

import numpy as np

from repsense.calibration import Calibrated, Calibration
from repsense.events import Event, FormCue, Rep, SetFinished
from repsense.pipeline.faults import Seen, Usual, usual

#: Reps without a fault that a calibration needs.
CLEAN_REPS = 5


def usual_of(calibration: Calibration) -> Usual:
    """Return what is usual for this person, as it is of an earlier set."""
    return Usual(
        lift_s=calibration.lift_s,
        lower_s=calibration.lower_s,
        away_s=calibration.away_s,
        range_rad=calibration.range_rad,
        reach=None,
        weight=calibration.weight,
        jolt_g=calibration.jolt_g,
        rebound_g=calibration.rebound_g,
    )


def calibrated(exercise: str, seen: Sequence[Seen], reps: Sequence[Rep]) -> Calibration | None:
    """Return the measure of a set's clean reps; None where there are too few.

    Parameters
    ----------
    seen, reps
        Of the whole set, in order: as measured, and as judged.
    """
    clean = [pair for pair in zip(seen, reps, strict=True) if not pair[1].flags]
    if len(clean) < CLEAN_REPS:
        return None
    medians = usual([one for one, _ in clean])
    return Calibration(
        exercise=exercise,
        reps=len(clean),
        rep_s=float(np.median([rep.end_s - rep.start_s for _, rep in clean])),
        lift_s=medians.lift_s,
        lower_s=medians.lower_s,
        away_s=medians.away_s,
        range_rad=medians.range_rad,
        weight=medians.weight,
        jolt_g=medians.jolt_g,
        rebound_g=medians.rebound_g,
    )


def said_of(found: Calibration | None, finished: SetFinished, name: str) -> list[Event]:
    """Return what is said of a set that was to be the measure.

    Parameters
    ----------
    name
        Of the exercise, for people.
    """
    if found is None:
        clean = sum(not rep.flags for rep in finished.rep_details)
        text = f"Not calibrated: {CLEAN_REPS} clean reps are needed, this set had {clean}."
        return [_cue(finished, "not_calibrated", text)]
    text = f"Calibrated {name}: {found.reps} clean reps of {found.rep_s:.1f} s."
    return [
        Calibrated(calibration=found, announced_s=finished.announced_s),
        _cue(finished, "calibrated", text),
    ]


def _cue(finished: SetFinished, cue: str, text: str) -> FormCue:
    return FormCue(
        set=finished.set + 1, rep=0, cue=cue, text=text, announced_s=finished.announced_s
    )
