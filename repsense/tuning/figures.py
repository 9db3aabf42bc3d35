"""The figures of an evaluation: what each adds up, and which way is better.

A *share* is a sum over recordings by another sum, so that people can be drawn anew (see
:mod:`repsense.tuning.intervals`) without counting again; a *quantile* is one of all their values.
"""

from collections.abc import Callable
from dataclasses import dataclass

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


def _reps(score: FileScore) -> float:
    return float(score.matches.reps_labelled + score.matches.reps_counted)


def _mean_size(values: tuple[float, ...]) -> Parts:
    return sum(map(abs, values)), float(len(values))


EXACT = Share(
    name="exact_pct",
    heading="exact %",
    words="counted exactly, %",
    parts=lambda score: (float(_stated(score) == 0), 1.0),
)
WITHIN_ONE = Share(
    name="within_one_pct",
    heading="±1 %",
    words="counted within one rep, %",
    parts=lambda score: (float(_stated(score) <= 1), 1.0),
)
ERROR = Share(
    name="mean_absolute_error",
    heading="MAE",
    words="mean absolute error, reps",
    parts=lambda score: (float(_stated(score)), 1.0),
    scale=1.0,
    decimals=2,
    more_is_better=False,
)
EXACT_CORRECTED = Share(
    name="corrected_exact_pct",
    heading="exact* %",
    words="corrected: counted exactly, %",
    parts=lambda score: (float(_corrected(score) == 0), 1.0),
)
WITHIN_ONE_CORRECTED = Share(
    name="corrected_within_one_pct",
    heading="±1* %",
    words="corrected: counted within one rep, %",
    parts=lambda score: (float(_corrected(score) <= 1), 1.0),
)
ERROR_CORRECTED = Share(
    name="corrected_mean_absolute_error",
    heading="MAE*",
    words="corrected: mean absolute error, reps",
    parts=lambda score: (float(_corrected(score)), 1.0),
    scale=1.0,
    decimals=2,
    more_is_better=False,
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
LIFT_ERROR = Share(
    name="lift_error_s",
    heading="lift s",
    words="lift, mean absolute error, s",
    parts=lambda score: _mean_size(score.matches.lift_errors_s),
    scale=1.0,
    decimals=2,
    more_is_better=False,
)
LOWER_ERROR = Share(
    name="lower_error_s",
    heading="low s",
    words="lowering, mean absolute error, s",
    parts=lambda score: _mean_size(score.matches.lower_errors_s),
    scale=1.0,
    decimals=2,
    more_is_better=False,
)
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
DELAY_MEDIAN = Quantile(
    name="delay_median_s",
    heading="delay",
    words="from a rep's end to its announcement, median, s",
    values=lambda score: score.delays_s,
    at=0.5,
)
DELAY_P95 = Quantile(
    name="delay_p95_s",
    heading="p95",
    words="from a rep's end to its announcement, 95 %, s",
    values=lambda score: score.delays_s,
    at=0.95,
)
TRUE_DELAY_MEDIAN = Quantile(
    name="true_delay_median_s",
    heading="true",
    words="from a rep's true end to its announcement, median, s",
    values=lambda score: score.matches.true_delays_s,
    at=0.5,
)
TRUE_DELAY_P95 = Quantile(
    name="true_delay_p95_s",
    heading="p95",
    words="from a rep's true end to its announcement, 95 %, s",
    values=lambda score: score.matches.true_delays_s,
    at=0.95,
)
FIRST_DELAY_MEDIAN = Quantile(
    name="first_delay_median_s",
    heading="first",
    words="from the end of a set's first rep, median, s",
    values=lambda score: score.first_delays_s,
    at=0.5,
)
FIRST_DELAY_P95 = Quantile(
    name="first_delay_p95_s",
    heading="p95",
    words="from the end of a set's first rep, 95 %, s",
    values=lambda score: score.first_delays_s,
    at=0.95,
)

STATED: tuple[Kind, ...] = (EXACT, WITHIN_ONE, ERROR)
CORRECTED: tuple[Kind, ...] = (EXACT_CORRECTED, WITHIN_ONE_CORRECTED, ERROR_CORRECTED)
OTHERS: tuple[Kind, ...] = (
    LIVE_EXACT,
    SET_PRECISION,
    SET_RECALL,
    REP_F1,
    BOUNDARY_F1,
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
