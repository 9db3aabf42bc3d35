"""What ``repsense tune`` says in the end: what was gained, and on whom."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from repsense.cli.tables import output, table
from repsense.tuning.gain import Fold, Gain, Side
from repsense.tuning.people import Division, people_of
from repsense.tuning.search import Progress

Changes = Mapping[str, tuple[float, float]]

_COLUMNS = ("files", "", "exact %", "within 1 %", "MAE", "false reps", "worth")


def print_result(
    division: Division, ended: Progress, gains: Sequence[Gain], changes: Changes, *, took_s: float
) -> None:
    """Print the gain by person, the verdict, and the settings that changed."""
    console = output()
    searched = ", ".join(map(str, people_of(division.searched)))
    console.print(
        f"{ended.done} trials ({ended.stopped} stopped early) on {len(division.searched)} "
        f"recordings of {searched}, in {took_s:.0f} s. {_judges(division)}:",
        soft_wrap=True,
    )
    console.print()
    lines = table(("person",), _COLUMNS)
    for gain in gains:
        lines.add_row(gain.name, str(gain.files), "before", *_cells(gain.before))
        lines.add_row("", "", "after", *_cells(gain.after))
    console.print(lines)
    console.print()
    console.print(verdict(ended, gains[-1]), soft_wrap=True)
    for key, (old, new) in changes.items():
        console.print(f"  {key}: {old:g} -> {new:g}", soft_wrap=True)


def _judges(division: Division) -> str:
    kept_out = ", ".join(map(str, people_of(division.kept_out)))
    if kept_out:
        return f"Judged by {kept_out}, never searched on"
    return (
        "What a search gains, everybody judged by the one that never saw them (the winner below "
        "saw everybody, and has no score)"
    )


def print_folds(folds: Sequence[Fold]) -> None:
    """Print what the searches of a nested one found."""
    console = output()
    for number, fold in enumerate(folds, start=1):
        people = ", ".join(map(str, people_of(fold.division.kept_out)))
        console.print(
            f"Fold {number}, without {people}: trial {fold.winner} was best.", soft_wrap=True
        )


def folds_as_fields(folds: Sequence[Fold]) -> dict[str, Any]:
    """Return the JSON form of the searches of a nested one; nothing where there are none."""
    if not folds:
        return {}
    return {
        "nested": [
            {
                "without": [str(person) for person in people_of(fold.division.kept_out)],
                "winner": fold.winner,
                "values": dict(fold.values),
            }
            for fold in folds
        ]
    }


def verdict(ended: Progress, gain: Gain) -> str:
    """Return in a sentence whether the search was worth it."""
    if ended.best.trial == 0:
        return "Nothing better was found than the settings as they are."
    counts = f"{gain.better} of {gain.files} recordings are counted better, {gain.worse} worse"
    if gain.helps:
        return f"It helps people it was not tuned on: {counts}. The winner is trial " + (
            f"{ended.best.trial}:"
        )
    return (
        f"It does not help people it was not tuned on ({counts}), so the settings had better stay. "
        f"The winner among those tuned on, trial {ended.best.trial}, has:"
    )


def as_fields(
    division: Division, ended: Progress, gains: Sequence[Gain], changes: Changes
) -> dict[str, Any]:
    """Return the JSON form; there is no score of recordings that were searched on."""
    return {
        "searched_on": {
            "people": [str(person) for person in people_of(division.searched)],
            "files": len(division.searched),
        },
        "trials": ended.done,
        "stopped_early": ended.stopped,
        "winner": ended.best.trial,
        "values": dict(ended.best.values),
        "changed": {key: {"from": old, "to": new} for key, (old, new) in changes.items()},
        "helps": gains[-1].helps,
        "judged_by": [asdict(gain) for gain in gains],
    }


def _cells(side: Side) -> tuple[str, ...]:
    counts = side.counts
    return (
        "" if counts is None else f"{counts.exact_pct:.1f}",
        "" if counts is None else f"{counts.within_one_pct:.1f}",
        "" if counts is None else f"{counts.mean_absolute_error:.2f}",
        str(side.false_reps),
        f"{side.worth:.3f}",
    )
