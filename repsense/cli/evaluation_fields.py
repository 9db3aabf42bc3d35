"""The JSON of ``repsense evaluate``: tallies by group, and every file."""

from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from repsense.cli.evaluation_work import Work
from repsense.tuning.evaluation import Conditions, Unreadable
from repsense.tuning.figures import CORRECTED, OTHERS, STATED
from repsense.tuning.saved import score_dict
from repsense.tuning.scoring import FileScore, tally, tally_dict
from repsense.tuning.shift import shifts_of
from repsense.tuning.summary import GROUPINGS, intervals_dict, of_one_person, summary


def evaluation_fields(
    work: Work,
    conditions: Conditions,
    scores: Sequence[FileScore],
    unreadable: Sequence[Unreadable],
) -> dict[str, Any]:
    """Return the JSON form of an evaluation."""
    corrected = work.corrections is not None
    with_reps = [score for score in scores if score.reps_true]
    without = [score for score in scores if not score.reps_true]
    return {
        "version": _version(),
        "index": str(work.index),
        "armed": conditions.armed,
        "known_exercise": conditions.known_exercise,
        "tolerance_s": conditions.tolerance_s,
        "label_shifts_s": shifts_of(scores),
        "overall": _group(scores, corrected=corrected),
        "with_reps": _group(with_reps, corrected=corrected),
        "without_reps": _group(without, corrected=corrected),
        **{
            f"by_{name}": {
                group: _group(some, corrected=corrected)
                for group, some in _grouped(name, scores).items()
            }
            for name in GROUPINGS
        },
        "files": [score_dict(score) for score in scores],
        "errors": [{"file": failed.file, "problem": failed.problem} for failed in unreadable],
        "without_truth": work.without_truth,
    }


def _grouped(grouping: str, scores: Sequence[FileScore]) -> dict[str, list[FileScore]]:
    groups: dict[str, list[FileScore]] = {}
    for score in scores:
        groups.setdefault(GROUPINGS[grouping](score), []).append(score)
    return {name: groups[name] for name in sorted(groups) if name}


def _group(scores: Sequence[FileScore], *, corrected: bool) -> dict[str, Any]:
    values = tally_dict(tally("", scores))
    summed = summary("", scores)
    kinds = (*STATED, *OTHERS, *(CORRECTED if corrected else ()))
    known = {kind.name for kind in kinds}
    if not corrected:
        del values["corrected"]
    values["people"] = summed.people
    values |= {kind.name: summed[kind].value for kind in OTHERS}
    intervals = intervals_dict(summed)
    values["intervals"] = {name: ends for name, ends in intervals.items() if name in known}
    values["intervals_of_one_person"] = [name for name in of_one_person(summed) if name in known]
    return values


def _version() -> str | None:
    """Return which version counted; None where it runs without being installed."""
    try:
        return version("repsense")
    except PackageNotFoundError:
        return None
