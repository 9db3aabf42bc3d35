"""The promises, and what was measured for each."""

import operator
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from engine_disturbances import DISTURBANCES
from engine_jobs import Outcome

from repsense.tuning.scoring import Accuracy, FileScore, accuracy, tally

_AT_LEAST, _AT_MOST = ">=", "<="
_TELL = {_AT_LEAST: operator.ge, _AT_MOST: operator.le}
DAILY = {
    "none:walk": "walking",
    "none:jog": "jogging",
    "none:stairs_up_down": "stairs",
    "none:open_close_door": "doors",
    "none:drink_water": "drinking",
    "none:sweep_floor": "sweeping",
    "none:wash_hands": "washing",
    "none:clap_hands": "clapping",
}
DAILY_DATASETS = ("weda_fall", "smartfallmm_wrist")
BENDS, JACKS = "bend_hands_up_to_floor", "jumping_jacks"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One promise.

    Parameters
    ----------
    group, what
        What it is about, and which figure of it.
    measured
        None where there was nothing to measure it on.
    comparison, promised
        ``>=`` or ``<=``, and with what; None for figures that nobody promised.
    n
        Recordings (or sets, reps) it was measured on.
    """

    group: str
    what: str
    measured: float | None
    comparison: str = _AT_LEAST
    promised: float | None = None
    n: int = 0

    @property
    def kept(self) -> bool | None:
        """Whether the promise is kept; None where there is none, or nothing was measured."""
        if self.promised is None or self.measured is None:
            return None
        return bool(_TELL[self.comparison](round(self.measured, 3), self.promised))


def all_rows(outcomes: Sequence[Outcome]) -> list[Row]:
    """Return every row that is measured on recordings."""
    real = [one for one in outcomes if not one.simulated]
    return [
        *_gym_rows(real),
        *_clinic_rows(real),
        *_trimmed_rows(real),
        *_nothing_rows(real),
        *_daily_rows(real),
        *_armed_rows(real),
        *_speaking_rows(real),
        *_robustness_rows(real),
        *_simulator_rows([one for one in outcomes if one.simulated]),
    ]


def _gym_rows(real: Sequence[Outcome]) -> list[Row]:
    gym = _scores(real, lambda one: one.row.dataset == "applewatch_gym")
    armed = [
        one.armed for one in real if one.row.dataset == "applewatch_gym" and one.armed is not None
    ]
    return [
        *_accuracy_rows("applewatch_gym, corrected, live", _seen_live(gym), 92.0, 98.0, 0.12),
        *_accuracy_rows("applewatch_gym, as labelled, live", _true_live(gym), 75.0, 84.0),
        *_accuracy_rows(
            "applewatch_gym, corrected, final", [(one.reps, one.reps_seen) for one in gym]
        ),
        *_accuracy_rows("applewatch_gym, corrected, armed, live", _seen_live(armed), 95.0),
    ]


def _clinic_rows(real: Sequence[Outcome]) -> list[Row]:
    wrist, arm = (
        _scores(real, lambda one, part=part: _is_clinic_set(one) and (part in one.row.file))
        for part in ("_wrist_", "_arm_")
    )
    sessions = [one for one in wrist if "_session" in one.file]
    sets = [one for one in wrist if "_session" not in one.file]
    return [
        *_accuracy_rows("pt_dumbbell, wrist, sets", _true_final(sets), 100.0),
        *_accuracy_rows("pt_dumbbell, wrist, sessions", _true_final(sessions), 100.0),
        *_accuracy_rows("pt_dumbbell, upper arm", _true_final(arm)),
    ]


def _is_clinic_set(one: Outcome) -> bool:
    return one.row.dataset == "pt_dumbbell" and bool(one.row.reps_true)


def _trimmed_rows(real: Sequence[Outcome]) -> list[Row]:
    rows: list[Row] = []
    for dataset, within_one in (("metamotion_barbell", 97.0), ("muvr_pebble", 93.0)):
        agree = _scores(
            real,
            lambda one, dataset=dataset: (
                one.row.dataset == dataset and one.row.label_check == "agree"
            ),
        )
        rows += _accuracy_rows(f"{dataset}, agree", _true_final(agree), None, within_one)
    return rows


def _nothing_rows(real: Sequence[Outcome]) -> list[Row]:
    walk = _scores(real, lambda one: one.row.dataset == "spsw_watch_walk")
    handling = _scores(real, lambda one: one.row.dataset == "applewatch_gym")
    bends = _scores(real, lambda one: one.row.exercise == "trunk_bend_seated")
    return [
        _false_row("spsw_watch_walk", walk, 0.0),
        _false_row("applewatch_gym, outside the sets", handling, 0.0),
        _false_row("seated trunk bends", bends, 1.0),
    ]


def _daily_rows(real: Sequence[Outcome]) -> list[Row]:
    daily = _scores(
        real, lambda one: one.row.dataset in DAILY_DATASETS and one.row.exercise in DAILY
    )
    rows = [_false_row("daily movements", daily, 0.3)]
    for exercise, name in DAILY.items():
        promised = 0.5 if name == "walking" else None
        some = [one for one in daily if one.exercise == exercise]
        rows.append(_false_row(f"daily: {name}", some, promised))
    others = _scores(
        real, lambda one: one.row.dataset in DAILY_DATASETS and one.row.exercise not in DAILY
    )
    return [
        *rows,
        _false_row("daily: the rest, waving included", others, None),
        _taken_back_row("daily movements", daily),
    ]


def _taken_back_row(group: str, scores: Sequence[FileScore]) -> Row:
    minutes = sum(one.idle_s for one in scores) / 60.0
    return Row(
        group=group,
        what="sets shown and taken back a minute",
        measured=sum(one.sets_taken_back for one in scores) / minutes if minutes else None,
        comparison=_AT_MOST,
        n=len(scores),
    )


def _armed_rows(real: Sequence[Outcome]) -> list[Row]:
    def pairs(exercise: str) -> list[tuple[int, int]]:
        return [
            (one.armed.reps, one.armed.reps_true)
            for one in real
            if one.armed is not None
            and one.row.dataset == "berkeley_mhad"
            and one.row.exercise == exercise
        ]

    return [
        *_accuracy_rows("berkeley_mhad bends, armed", pairs(BENDS), 75.0, 100.0),
        *_accuracy_rows("berkeley_mhad jacks, armed", pairs(JACKS), None, 80.0),
    ]


def _speaking_rows(real: Sequence[Outcome]) -> list[Row]:
    group = "announcements, reps 2 onward"
    sets = tally(group, _scores(real, lambda one: bool(one.row.reps_true)))
    delays_s = [
        delay_s
        for one in real
        if one.unarmed and one.row.reps_true
        for delay_s in one.unarmed.delays_s
    ]
    delays = len(delays_s)
    lower = sum(one.ends_lower for one in real if one.row.reps_true)
    count = sum(one.unarmed.sets for one in real if one.unarmed and one.row.reps_true)
    return [
        Row(
            group=group,
            what="median delay, s",
            measured=sets.delay_median_s,
            comparison=_AT_MOST,
            promised=0.0,
            n=delays,
        ),
        Row(
            group=group,
            what="p95 delay, s",
            measured=sets.delay_p95_s,
            comparison=_AT_MOST,
            promised=0.6,
            n=delays,
        ),
        Row(
            group=group,
            what="p5 delay, s",
            measured=float(np.percentile(delays_s, 5)) if delays_s else None,
            n=delays,
        ),
        Row(
            group="live count",
            what="sets that went down, %",
            measured=sets.sets_went_down_pct,
            comparison=_AT_MOST,
            promised=1.0,
            n=count,
        ),
        Row(
            group="live count",
            what="sets that end lower than shown, %",
            measured=100.0 * lower / count if count else None,
            comparison=_AT_MOST,
            n=count,
        ),
    ]


def _robustness_rows(real: Sequence[Outcome]) -> list[Row]:
    rows = []
    for name in DISTURBANCES:
        kept = [one.unchanged[name] for one in real if name in one.unchanged]
        rows.append(
            Row(
                group=name,
                what="count unchanged, %",
                measured=_percent(kept),
                promised=97.0,
                n=len(kept),
            )
        )
    return rows


def _simulator_rows(simulated: Sequence[Outcome]) -> list[Row]:
    scores = _scores(simulated, lambda _: True)
    rows = [
        *_accuracy_rows("simulator, live", _true_live(scores), 98.0),
        *_accuracy_rows("simulator, final", _true_final(scores)),
    ]
    for exercise in sorted({one.exercise for one in scores}):
        some = [one for one in scores if one.exercise == exercise]
        rows += _accuracy_rows(f"simulator, live: {exercise}", _true_live(some))[:1]
        rows += _accuracy_rows(f"simulator, final: {exercise}", _true_final(some))[:1]
    return rows


def _scores(outcomes: Iterable[Outcome], wanted: Callable[[Outcome], bool]) -> list[FileScore]:
    return [one.unarmed for one in outcomes if one.unarmed is not None and wanted(one)]


def _seen_live(scores: Iterable[FileScore]) -> list[tuple[int, int]]:
    return [(one.reps_live, one.reps_seen) for one in scores if one.reps_live is not None]


def _true_live(scores: Iterable[FileScore]) -> list[tuple[int, int]]:
    return [(one.reps_live, one.reps_true) for one in scores if one.reps_live is not None]


def _true_final(scores: Iterable[FileScore]) -> list[tuple[int, int]]:
    return [(one.reps, one.reps_true) for one in scores]


def _accuracy_rows(
    group: str,
    pairs: Sequence[tuple[int, int]],
    exact: float | None = None,
    within_one: float | None = None,
    error: float | None = None,
) -> list[Row]:
    """Return a group's three figures, with what is promised of them."""
    found: Accuracy | None = accuracy(pairs)
    return [
        Row(
            group=group,
            what="exact, %",
            measured=found.exact_pct if found else None,
            promised=exact,
            n=len(pairs),
        ),
        Row(
            group=group,
            what="within one, %",
            measured=found.within_one_pct if found else None,
            promised=within_one,
            n=len(pairs),
        ),
        Row(
            group=group,
            what="mean error, reps",
            measured=found.mean_absolute_error if found else None,
            comparison=_AT_MOST,
            promised=error,
            n=len(pairs),
        ),
    ]


def _false_row(group: str, scores: Sequence[FileScore], promised: float | None) -> Row:
    return Row(
        group=group,
        what="false reps a minute",
        measured=tally(group, scores).false_reps_per_min if scores else None,
        comparison=_AT_MOST,
        promised=promised,
        n=len(scores),
    )


def _percent(kept: Sequence[bool]) -> float | None:
    return 100.0 * float(np.mean(kept)) if kept else None
