"""What ``repsense evaluate`` shows to people: a line a group, the whole, the worst recordings."""

from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.table import Table

from repsense.cli.tables import output, shown, table
from repsense.tuning.figures import (
    BOUNDARY_F1,
    BOUNDARY_F1_MOVED,
    CORRECTED,
    DELAY_MEDIAN,
    DELAY_P95,
    EVERY,
    FALSE_REPS,
    FIRST_DELAY_MEDIAN,
    LIFT_ERROR,
    LIVE_EXACT,
    LOWER_ERROR,
    REP_F1,
    SET_PRECISION,
    SET_RECALL,
    STATED,
    WENT_DOWN,
    Kind,
)
from repsense.tuning.intervals import Figure
from repsense.tuning.scoring import FileScore
from repsense.tuning.shift import shifts_of
from repsense.tuning.summary import GROUPINGS, Summary, overall, summaries_by, summary

_INTERVAL = "95 %"
_TIMES: tuple[Kind, ...] = (
    LIVE_EXACT,
    SET_PRECISION,
    SET_RECALL,
    REP_F1,
    BOUNDARY_F1,
    BOUNDARY_F1_MOVED,
    LIFT_ERROR,
    LOWER_ERROR,
    DELAY_MEDIAN,
    DELAY_P95,
    FIRST_DELAY_MEDIAN,
    WENT_DOWN,
)

_LEGEND = """\
MAE: mean absolute error, reps. false/h: reps counted where there are none, an hour.
95 %: interval by bootstrap over people; in brackets over the recordings of a single person,
which says nothing of other people."""
_TIMES_LEGEND = """\
live: exact on the display 1 s after the set. set P, set R: precision and recall of sets.
rep F1: reps that share half of the longer of the counted and the true one; ends F1: and whose
start and end are both right to within {tolerance_s:g} s; moved: the same, once the median that the
data set's labels are off by is taken out. lift, low: mean error of the phases, s.
delay, p95: from a rep's end, as measured, to its announcement, median and 95 %, s; first: the
same for first reps, which wait for the second. fell: sets whose live count had to be lowered."""


def print_scores(
    scores: Sequence[FileScore],
    *,
    worst: int,
    corrected: bool,
    tolerance_s: float,
    pictures: Mapping[str, str] | None = None,
) -> None:
    """Print the tables.

    Parameters
    ----------
    worst
        How many recordings to list, the worst first.
    corrected
        There are corrections: show the accuracy against them too.
    tolerance_s
        Within which a rep's start and end were right.
    pictures
        The picture of a recording, by its file.
    """
    console = output()
    print_counts(console, scores, corrected=corrected)
    print_times(console, scores)
    print_whole(console, scores, corrected=corrected)
    console.print()
    print_legends(console, corrected=corrected, tolerance_s=tolerance_s)
    print_shifts(console, scores)
    missed = worst_first(scores)[:worst]
    if missed:
        console.print()
        console.print(_worst_table(missed, pictures or {}))


def print_counts(console: Console, scores: Sequence[FileScore], *, corrected: bool) -> None:
    """Print how right the counts are, by data set, exercise and person, and overall."""
    for heading, key in GROUPINGS.items():
        groups = summaries_by(key, scores)
        if groups:
            console.print(count_table(heading, groups, STATED))
            console.print()
    whole = overall(scores)
    console.print(count_table("all", whole, STATED))
    console.print()
    if corrected:
        by_dataset = summaries_by(GROUPINGS["dataset"], scores)
        console.print(count_table("corrected", [*by_dataset, *whole], CORRECTED))
        console.print()


def print_times(console: Console, scores: Sequence[FileScore]) -> None:
    """Print how well sets and reps are found, and how late they are told, group by group."""
    for heading, key in GROUPINGS.items():
        groups = summaries_by(key, scores)
        if groups:
            console.print(times_table(f"by {heading}", groups))
            console.print()


def print_whole(console: Console, scores: Sequence[FileScore], *, corrected: bool) -> None:
    """Print every figure of all recordings together, with its interval."""
    kinds = [kind for kind in EVERY if corrected or kind not in CORRECTED]
    console.print(figures_table(summary(f"overall, {len(scores)} files", scores), kinds))


def print_legends(console: Console, *, corrected: bool, tolerance_s: float) -> None:
    """Print what the headings mean."""
    console.print(_LEGEND, soft_wrap=True)
    if corrected:
        console.print("*: against corrected counts.")
    console.print(_TIMES_LEGEND.format(tolerance_s=tolerance_s), soft_wrap=True)


def print_shifts(console: Console, scores: Sequence[FileScore]) -> None:
    """Print what was taken out of each data set's starts and ends."""
    for dataset, (start_s, end_s) in shifts_of(scores).items():
        console.print(
            f"Taken out of {dataset or 'these recordings'}: reps begin {_moved_by(start_s)} and "
            f"end {_moved_by(end_s)} than its labels say.",
            soft_wrap=True,
        )


def _moved_by(shift_s: float) -> str:
    return f"{abs(shift_s):.2f} s {'later' if shift_s > 0.0 else 'sooner'}"


def count_table(heading: str, groups: Sequence[Summary], kinds: Sequence[Kind]) -> Table:
    """Return how right the counts of each group are, a line each, with intervals."""
    with_intervals = [name for kind in kinds for name in (kind.heading, _INTERVAL)]
    lines = table((heading,), ("files", *with_intervals, FALSE_REPS.heading))
    for group in groups:
        cells = [
            cell
            for kind in kinds
            for cell in (shown(group[kind].value, kind.decimals), between(group[kind], kind, "-"))
        ]
        false = shown(group[FALSE_REPS].value, FALSE_REPS.decimals)
        lines.add_row(group.name, str(group.files), *cells, false)
    return lines


def times_table(heading: str, groups: Sequence[Summary]) -> Table:
    """Return how well each group's sets and reps are found, and how late they are told.

    What is known of no group has no column.
    """
    known = [kind for kind in _TIMES if any(group[kind].value is not None for group in groups)]
    lines = table((heading,), [kind.heading for kind in known])
    for group in groups:
        lines.add_row(group.name, *(shown(group[kind].value, kind.decimals) for kind in known))
    return lines


def figures_table(group: Summary, kinds: Sequence[Kind]) -> Table:
    """Return every figure of a group that there is, a line each, with its interval."""
    lines = table((group.name,), ("value", _INTERVAL))
    for kind in kinds:
        figure = group[kind]
        if figure.value is not None:
            lines.add_row(kind.words, shown(figure.value, kind.decimals), between(figure, kind))
    return lines


def between(figure: Figure, kind: Kind, link: str = " to ") -> str:
    """Return an interval as text; in brackets where it is one person's."""
    if figure.low is None or figure.high is None:
        return ""
    decimals = 0 if kind.decimals == 1 else kind.decimals
    text = f"{figure.low:.{decimals}f}{link}{figure.high:.{decimals}f}"
    return text if figure.over_people else f"({text})"


def worst_first(scores: Sequence[FileScore]) -> list[FileScore]:
    """Return the recordings, those first that were counted worst against what is known best."""
    return sorted(scores, key=lambda each: (-abs(error_of(each)), -each.false_reps, each.file))


def error_of(score: FileScore) -> int:
    """Return how many reps too many were counted, against what is known best."""
    return score.reps - score.reps_seen


def _worst_table(scores: Sequence[FileScore], pictures: Mapping[str, str]) -> Table:
    heads = ("true", "counted", "live", "sets", "false")
    lines = table(("file",), heads, ("picture",) if pictures else ())
    for score in scores:
        lines.add_row(
            score.file,
            str(score.reps_seen),
            str(score.reps),
            "-" if score.reps_live is None else str(score.reps_live),
            str(score.sets),
            str(score.false_reps),
            *((pictures.get(score.file, ""),) if pictures else ()),
        )
    return lines
