"""The figures of an evaluation: what each adds up, and which way is better.

A *share* is a sum over recordings by another sum, so that people can be drawn anew (see
:mod:`repsense.tuning.intervals`) without counting again; a *quantile* is one of all their values.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from repsense.tuning.scoring import FileScore

Parts = tuple[float, float]
_SECONDS_AN_HOUR = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A figure that is a sum by a sum.

    Parameters
    ----------
    name, heading, words
        In JSON, above a column, and beside a value.
    parts
        What one recording adds above and below the line; nothing below where it does not count.
    scale
        What the share is multiplied with.
    decimals
        That people want to see.
    more_is_better
        Which way is better.
    """

    name: str
    heading: str
    words: str
    parts: Callable[[FileScore], Parts]
    scale: float = 100.0
    decimals: int = 1
    more_is_better: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantile:
    """A figure that is a quantile of values; less is better.

    Parameters
    ----------
    name, heading, words
        In JSON, above a column, and beside a value.
    values
        What one recording adds to them.
    at
        Which quantile, 0 to 1.
    decimals
        With how many it is shown.
    more_is_better
        Never, of a quantile; it stands beside that of a share.
    """

    name: str
    heading: str
    words: str
    values: Callable[[FileScore], tuple[float, ...]]
    at: float
    decimals: int = 2
    more_is_better: bool = False


Kind = Share | Quantile


def _stated(score: FileScore) -> int:
    return abs(score.reps - score.reps_true)


def _corrected(score: FileScore) -> int:
    return abs(score.reps - score.reps_seen)


def _live(score: FileScore) -> Parts:
    if score.reps_live is None:
        return 0.0, 0.0
    return float(score.reps_live == score.reps_seen), 1.0


def _found_f1(score: FileScore) -> Parts:
    return 2.0 * score.matches.reps_found, _reps(score)


def _placed_f1(score: FileScore) -> Parts:
    return 2.0 * score.matches.reps_placed, _reps(score)


def _moved_f1(score: FileScore) -> Parts:
    if score.matches.reps_placed_moved is None:
        return 0.0, 0.0
    return 2.0 * score.matches.reps_placed_moved, _reps(score)


def _reps(score: FileScore) -> float:
    return float(score.matches.reps_labelled + score.matches.reps_counted)


def _mean_size(values: tuple[float, ...]) -> Parts:
    return sum(map(abs, values)), float(len(values))


def _counts(
    error: Callable[[FileScore], int], *, prefix: str = "", star: str = "", said: str = ""
) -> tuple[Share, Share, Share]:
    """Return how many are counted exactly and within one rep, and the mean absolute error."""
    return (
        Share(
            name=f"{prefix}exact_pct",
            heading=f"exact{star} %",
            words=f"{said}counted exactly, %",
            parts=lambda score: (float(error(score) == 0), 1.0),
        ),
        Share(
            name=f"{prefix}within_one_pct",
            heading=f"±1{star} %",
            words=f"{said}counted within one rep, %",
            parts=lambda score: (float(error(score) <= 1), 1.0),
        ),
        Share(
            name=f"{prefix}mean_absolute_error",
            heading=f"MAE{star}",
            words=f"{said}mean absolute error, reps",
            parts=lambda score: (float(error(score)), 1.0),
            scale=1.0,
            decimals=2,
            more_is_better=False,
        ),
    )


def _phase(
    name: str, heading: str, words: str, errors_s: Callable[[FileScore], tuple[float, ...]]
) -> Share:
    return Share(
        name=f"{name}_error_s",
        heading=heading,
        words=f"{words}, mean absolute error, s",
        parts=lambda score: _mean_size(errors_s(score)),
        scale=1.0,
        decimals=2,
        more_is_better=False,
    )


def _delay(
    name: str, heading: str, words: str, values: Callable[[FileScore], tuple[float, ...]]
) -> tuple[Quantile, Quantile]:
    """Return a delay's median and 95th percentile."""
    median = Quantile(
        name=f"{name}_median_s",
        heading=heading,
        words=f"{words}, median, s",
        values=values,
        at=0.5,
    )
    return median, replace(
        median, name=f"{name}_p95_s", heading="p95", words=f"{words}, 95 %, s", at=0.95
    )


EXACT, WITHIN_ONE, ERROR = _counts(_stated)
EXACT_CORRECTED, WITHIN_ONE_CORRECTED, ERROR_CORRECTED = _counts(
    _corrected, prefix="corrected_", star="*", said="corrected: "
)
# Against the corrected count, where there is one: a display cannot do better than what was done.
LIVE_EXACT = Share(
    name="live_exact_pct",
    heading="live %",
    words="exact on the display 1 s after the set, %",
    parts=_live,
)
SET_PRECISION = Share(
    name="set_precision_pct",
    heading="set P",
    words="sets counted that were there, %",
    parts=lambda score: (float(score.matches.sets_found), float(score.matches.sets_counted)),
)
SET_RECALL = Share(
    name="set_recall_pct",
    heading="set R",
    words="sets there that were counted, %",
    parts=lambda score: (float(score.matches.sets_found), float(score.matches.sets_true)),
)
REP_F1 = Share(
    name="rep_f1_pct",
    heading="rep F1",
    words="reps that are where they are, F1, %",
    parts=_found_f1,
)
BOUNDARY_F1 = Share(
    name="rep_boundary_f1_pct",
    heading="ends F1",
    words="reps that begin and end where they do, F1, %",
    parts=_placed_f1,
)
BOUNDARY_F1_MOVED = Share(
    name="rep_boundary_f1_moved_pct",
    heading="moved",
    words="the same with the data set's own shift taken out, F1, %",
    parts=_moved_f1,
)
LIFT_ERROR = _phase("lift", "lift s", "lift", lambda score: score.matches.lift_errors_s)
LOWER_ERROR = _phase("lower", "low s", "lowering", lambda score: score.matches.lower_errors_s)
FALSE_REPS = Share(
    name="false_reps_per_hour",
    heading="false/h",
    words="false reps an hour of no exercise",
    parts=lambda score: (float(score.false_reps), score.idle_s),
    scale=_SECONDS_AN_HOUR,
    more_is_better=False,
)
WENT_DOWN = Share(
    name="sets_went_down_pct",
    heading="fell %",
    words="sets whose live count had to be lowered, %",
    parts=lambda score: (float(score.sets_went_down), float(score.sets)),
    more_is_better=False,
)
DELAY_MEDIAN, DELAY_P95 = _delay(
    "delay", "delay", "from a rep's end to its announcement", lambda score: score.delays_s
)
TRUE_DELAY_MEDIAN, TRUE_DELAY_P95 = _delay(
    "true_delay",
    "true",
    "from a rep's true end to its announcement",
    lambda score: score.matches.true_delays_s,
)
FIRST_DELAY_MEDIAN, FIRST_DELAY_P95 = _delay(
    "first_delay",
    "first",
    "from the end of a set's first rep",
    lambda score: score.first_delays_s,
)

STATED: tuple[Kind, ...] = (EXACT, WITHIN_ONE, ERROR)
CORRECTED: tuple[Kind, ...] = (EXACT_CORRECTED, WITHIN_ONE_CORRECTED, ERROR_CORRECTED)
OTHERS: tuple[Kind, ...] = (
    LIVE_EXACT,
    SET_PRECISION,
    SET_RECALL,
    REP_F1,
    BOUNDARY_F1,
    BOUNDARY_F1_MOVED,
    LIFT_ERROR,
    LOWER_ERROR,
    FALSE_REPS,
    DELAY_MEDIAN,
    DELAY_P95,
    TRUE_DELAY_MEDIAN,
    TRUE_DELAY_P95,
    FIRST_DELAY_MEDIAN,
    FIRST_DELAY_P95,
    WENT_DOWN,
)
EVERY: tuple[Kind, ...] = (*STATED, *CORRECTED, *OTHERS)
