"""Measure what the search parameters are worth on people and exercises they were not chosen on.

    python benchmarks/leave_out.py --store FOLDER [--settings N] [--recordings FOLDER] [--json]

Counts every recording whose count is known with the settings as they are and with draws around
them. One set of counts then serves every fold: for each person, exercise and data set the setting
is chosen that is best on all others, by what ``repsense tune`` calls worth (recordings with
nothing to count among them), and judged by those left out. What was counted is kept in FOLDER, and
the same command goes on there. The recordings are not part of the project (docs/recordings.md).
"""

import argparse
import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

from leave_out_folds import KINDS, Columns, Figures, Shared, Table, mean_of
from leave_out_trials import Counted, Store, count, drawn, load, task_of
from options import add_jobs, add_json, add_limit, add_recordings, described, has_recordings

from repsense.errors import RepSenseError
from repsense.pipeline.pipeline import PipelineParameters
from repsense.tuning.people import Example
from repsense.tuning.space import ALL, ranges

_NAME = 45
_SIDES = ("as they are", "left out", "seen")


def main() -> int:
    """Count, choose and judge; 2 where there is nothing to count."""
    options = _options()
    if not has_recordings(options.recordings):
        return 2
    try:
        table = _counted(options)
    except RepSenseError as error:
        print(f"leave_out: {error}", file=sys.stderr)
        return 2
    if options.json:
        print(json.dumps(_as_json(table), indent=1))
    else:
        print(report(table))
    return 0


def _options() -> argparse.Namespace:
    parser = described(__doc__)
    add_recordings(parser)
    parser.add_argument(
        "--store", type=Path, required=True, metavar="FOLDER", help="where counts are kept"
    )
    parser.add_argument("--settings", type=int, default=40, help="how many are drawn")
    parser.add_argument("--seed", type=int, default=1, help="the same seed, the same draws")
    parser.add_argument(
        "--setting",
        action="append",
        default=[],
        metavar="NAME",
        help=f"draw this one, this group or {ALL!r}; without it those that decide most",
    )
    add_limit(parser)
    add_jobs(parser, default=2, counted="settings counted")
    add_json(parser)
    return parser.parse_args()


def _counted(options: argparse.Namespace) -> Table:
    unarmed, armed = load(options.recordings, options.limit)
    examples = [*unarmed, *armed]
    searched = ranges(PipelineParameters(), options.setting)
    store = Store(options.store, task_of(examples, searched, seed=options.seed))
    wanted = 1 + options.settings
    done = count(
        unarmed,
        armed,
        drawn(PipelineParameters(), searched, seed=options.seed),
        store=store,
        settings_wanted=wanted,
        jobs=options.jobs,
        tell=_progress(examples, wanted),
    )
    return Table(examples, done)


def _progress(examples: Sequence[Example], wanted: int) -> Callable[[Sequence[Counted]], None]:
    began_s = time.monotonic()

    def tell(done: Sequence[Counted]) -> None:
        worth = Table(examples, done).worth()
        best = int(worth.argmax())
        found = f"{worth[best] - worth[0]:+.4f}, setting {best}" if best else "as they are"
        spent_min = (time.monotonic() - began_s) / 60.0
        print(
            f"{len(done)} of {wanted} settings on {len(examples)} recordings, {spent_min:.1f} min; "
            f"best {found}",
            file=sys.stderr,
            flush=True,
        )

    return tell


def report(table: Table) -> str:
    """Return the figures as tables for people."""
    lines = [
        f"{len(table.counted)} settings: the first as they are, the others drawn around them. "
        f"{len(table.examples)} recordings.",
        "as they are: with the defaults, which were chosen with all of these recordings in sight",
        "left out: with the setting that is best on all others, as numbered",
        f"seen: with setting {table.best()}, the best of all on everything",
    ]
    for kind in KINDS:
        lines += ["", *_counts_lines(table, kind), "", *_false_lines(table, kind)]
    return "\n".join([*lines, "", *_shared_lines(table.shared())])


def _counts_lines(table: Table, kind: str) -> list[str]:
    """Return how recordings with reps are counted when they are left out."""
    folds = [one for one in table.folds(kind) if one.files[0]]
    if not folds:
        return []
    sides = "".join(f"  {side:-^17}" for side in _SIDES)
    names = "".join(f"  {'exact':>5} {'±1':>5} {'MAE':>5}" for _ in _SIDES)
    rows = [
        *((one.name, str(one.files[0]), str(one.chosen), one.figures) for one in folds),
        ("all of them", "", "", table.together(folds, kind)),
        (f"mean {kind}", "", "", mean_of(folds)),
    ]
    return [
        f"{f'each {kind} left out, reps':{_NAME}}                {sides}",
        f"{'':{_NAME}}  files  setting{names}",
        *(
            f"{name:{_NAME}}  {files:>5}  {chosen:>7}"
            + "".join(f"  {_three(one)}" for one in _sides(figures))
            for name, files, chosen, figures in rows
        ),
    ]


def _three(figures: Figures) -> str:
    counts = figures.counts
    if counts is None:
        return f"{'-':>5} {'-':>5} {'-':>5}"
    shares = f"{counts.exact_pct:5.1f} {counts.within_one_pct:5.1f}"
    return f"{shares} {counts.mean_absolute_error:5.2f}"


def _false_lines(table: Table, kind: str) -> list[str]:
    """Return what is counted in recordings without reps when they are left out."""
    folds = [one for one in table.folds(kind) if one.files[1]]
    if not folds:
        return []
    some = [one for one in folds if any(side.false_per_h for side in _sides(one.figures))]
    rows = [
        *((one.name, str(one.files[1]), str(one.chosen), one.figures) for one in some),
        ("all of them", "", "", table.together(folds, kind)),
    ]
    lines = [
        f"{f'each {kind} left out, false reps an hour':{_NAME}}  files  setting"
        + "".join(f"  {side:>11}" for side in _SIDES),
        *(
            f"{name:{_NAME}}  {files:>5}  {chosen:>7}"
            + "".join(f"  {one.false_per_h or 0.0:11.1f}" for one in _sides(figures))
            for name, files, chosen, figures in rows
        ),
    ]
    quiet = len(folds) - len(some)
    return [*lines, f"Nothing is counted in {quiet} more."] if quiet else lines


def _sides(columns: Columns) -> tuple[Figures, Figures, Figures]:
    return columns.default, columns.left_out, columns.seen


def _shared_lines(shared: Sequence[Shared]) -> list[str]:
    names = ("as it is", "in best", "10 %", "median", "90 %", "pull")
    return [
        "what the best tenth of the settings share, most telling first",
        f"{'value':{_NAME}}" + "".join(f"  {name:>8}" for name in names),
        *(
            f"{one.key:{_NAME}}"
            + "".join(
                f"  {value:8.4g}"
                for value in (one.default, one.best, one.low, one.median, one.high)
            )
            + f"  {one.pull:+8.1f}"
            for one in shared
        ),
        "pull: how far their mean is from that of all draws, in standard errors; from 3 on it is "
        "hardly chance",
    ]


def _as_json(table: Table) -> dict[str, object]:
    worth = table.worth()
    best = table.best()
    return {
        "settings": len(table.counted),
        "recordings": len(table.examples),
        "worth": {"default": float(worth[0]), "best": float(worth[best])},
        "best": {"setting": best, "values": dict(table.counted[best].values)},
        **{kind.replace(" ", "_"): _kind_json(table, kind) for kind in KINDS},
        "shared_by_the_best": [asdict(one) for one in table.shared()],
    }


def _kind_json(table: Table, kind: str) -> dict[str, object]:
    folds = table.folds(kind)
    return {
        "folds": [asdict(one) for one in folds],
        "all_recordings": asdict(table.together(folds, kind)) if folds else None,
        "mean": asdict(mean_of(folds)) if folds else None,
    }


if __name__ == "__main__":
    sys.exit(main())
