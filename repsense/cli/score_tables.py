"""What ``repsense evaluate`` shows to people: a line a dataset, a line an exercise, the worst."""

from collections.abc import Sequence

from rich.table import Table

from repsense.cli.tables import output, shown, table
from repsense.tuning.scoring import Accuracy, FileScore, Tally, tally, tally_by

_NUMBERS = ("files", "exact %", "within 1 %", "MAE", "false/min")
_CORRECTED = ("exact* %", "within 1* %")
_LIVE = ("live %", "delay s", "p95 s", "fell %")

_LEGEND = (
    "MAE: mean absolute error in reps. false/min: reps counted where there are none, a minute.",
    "live: exact on the display 1 s after the set. fell: sets whose live count had to be lowered.",
    "delay, p95: from a rep's end to its announcement, median and 95th percentile.",
)


def print_scores(scores: Sequence[FileScore], *, worst: int, corrected: bool) -> None:
    """Print the tables.

    Parameters
    ----------
    worst
        How many files to list, the worst first.
    corrected
        There are corrections: show the accuracy against them too.
    """
    console = output()
    groups = {
        "dataset": tally_by(lambda score: score.dataset, scores),
        "exercise": tally_by(lambda score: score.exercise, scores),
    }
    for heading, tallies in groups.items():
        if tallies:
            console.print(_tally_table(heading, tallies, corrected=corrected))
            console.print()
    console.print(_tally_table("all", _overall(scores), corrected=corrected))
    console.print()
    for line in (*_LEGEND, *(("*: against corrected counts.",) if corrected else ())):
        console.print(line, soft_wrap=True)
    if worst and scores:
        console.print()
        console.print(_worst_table(scores, worst))


def _overall(scores: Sequence[FileScore]) -> list[Tally]:
    with_reps = [score for score in scores if score.reps_true]
    without = [score for score in scores if not score.reps_true]
    parts = [tally("with reps", with_reps), tally("nothing to count", without)]
    return [*(part for part in parts if part.files), tally("overall", scores)]


def _tally_table(heading: str, tallies: Sequence[Tally], *, corrected: bool) -> Table:
    lines = table((heading,), (*_NUMBERS, *(_CORRECTED if corrected else ()), *_LIVE))
    for group in tallies:
        lines.add_row(*_cells(group, corrected=corrected))
    return lines


def _cells(group: Tally, *, corrected: bool) -> list[str]:
    exact, within_one, error = _accuracy(group.stated)
    cells = [group.name, str(group.files), exact, within_one, error]
    cells.append(shown(group.false_reps_per_min, 3))
    if corrected:
        cells += _accuracy(group.corrected)[:2]
    cells.append(_accuracy(group.live)[0])
    cells += [shown(group.delay_median_s, 2), shown(group.delay_p95_s, 2)]
    return [*cells, shown(group.sets_went_down_pct, 1)]


def _accuracy(accuracy: Accuracy | None) -> tuple[str, str, str]:
    if accuracy is None:
        return "-", "-", "-"
    return (
        f"{accuracy.exact_pct:.1f}",
        f"{accuracy.within_one_pct:.1f}",
        f"{accuracy.mean_absolute_error:.2f}",
    )


def _worst_table(scores: Sequence[FileScore], count: int) -> Table:
    lines = table(("file",), ("true", "counted", "live", "sets", "false"), ("exercise",))
    for score in sorted(scores, key=lambda each: (-abs(each.error), each.file))[:count]:
        lines.add_row(
            score.file,
            str(score.reps_true),
            str(score.reps),
            "-" if score.reps_live is None else str(score.reps_live),
            str(score.sets),
            str(score.false_reps),
            score.exercise,
        )
    return lines
