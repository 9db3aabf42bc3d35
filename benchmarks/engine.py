"""Measure everything that is promised of the rep engine, and say which promises are kept.

    python benchmarks/engine.py [--recordings FOLDER] [--json] [--quick] [--misses]

The recordings are not part of the project (see docs/recordings.md); without them only the rows on
simulated sets and on speed are measured. One set of parameters counts everything: the lists by
exercise and by person say how far a single exercise or person falls behind.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from engine_jobs import Job, Outcome, RealJob, SimulatedJob, run_jobs
from engine_rows import BENDS, DAILY_DATASETS, JACKS, Row, all_rows
from engine_speed import speed_rows
from engine_tables import print_misses, print_rows, print_verdict
from options import add_jobs, add_json, add_recordings, described
from rich.console import Console
from rich.progress import Progress

from repsense.exercises import load_catalogue
from repsense.recording.format import Recording, read_recording
from repsense.recording.index import IndexRow, read_corrections, read_index
from repsense.tuning.scoring import FileScore, Tally, tally_by

_HERE = Path(__file__).parent
_EXERCISED = ("applewatch_gym", "pt_dumbbell", "metamotion_barbell", "muvr_pebble")
_DISTURBED = ("applewatch_gym", "pt_dumbbell")
_TIMED_FILES = 40


def main() -> int:
    """Run the benchmark; 1 where a promise is not kept."""
    options = _options()
    began_s = time.monotonic()
    index = _index(options.recordings)
    jobs = [*_real_jobs(index, options), *_simulated_jobs(options)]
    with _progress(len(jobs), wanted=not options.json) as step:
        outcomes = list(run_jobs(jobs, processes=options.jobs, done=step))
    rows = [*all_rows(outcomes), *speed_rows(_timed(index, outcomes))]
    groups = _groups(outcomes)
    if options.json:
        print(json.dumps(_as_json(rows, groups), indent=1))
    else:
        print_rows(rows, groups)
        if options.misses:
            print_misses(outcomes)
        print_verdict(rows, time.monotonic() - began_s)
    return 0 if all(row.kept is not False for row in rows) else 1


def _options() -> argparse.Namespace:
    parser = described(__doc__)
    add_recordings(parser)
    add_json(parser)
    parser.add_argument("--quick", action="store_true", help="leave out disturbances and simulator")
    parser.add_argument("--misses", action="store_true", help="list every recording counted wrong")
    parser.add_argument("--seeds", type=int, default=20, help="simulated sets an exercise")
    add_jobs(parser, default=2)
    return parser.parse_args()


def _index(folder: Path) -> dict[str, tuple[IndexRow, int | None]]:
    """Return the rows of the index that are used, with their corrected counts."""
    if not (folder / "index.csv").is_file():
        print(
            f"{folder} has no index.csv: rows on real recordings are left unmeasured. Name the "
            f"folder with --recordings.",
            file=sys.stderr,
        )
        return {}
    seen = read_corrections(folder / "corrections.csv")
    return {
        row.file: (row, seen[row.file].reps_seen if row.file in seen else None)
        for row in read_index(folder / "index.csv")
        if row.reps_true is not None and row.label_check != "suspect"
    }


def _real_jobs(
    index: dict[str, tuple[IndexRow, int | None]], options: argparse.Namespace
) -> Iterator[Job[Outcome]]:
    for row, seen in index.values():
        armed_only = row.dataset == "berkeley_mhad" and row.exercise in {BENDS, JACKS}
        unarmed = row.dataset in {*_EXERCISED, *DAILY_DATASETS, "spsw_watch_walk"}
        if unarmed or armed_only:
            yield RealJob(
                row=row,
                reps_seen=seen,
                unarmed=unarmed,
                armed=armed_only or row.dataset == "applewatch_gym",
                disturbed=not options.quick and row.dataset in _DISTURBED and bool(row.reps_true),
            )


def _simulated_jobs(options: argparse.Namespace) -> Iterator[Job[Outcome]]:
    if not options.quick:
        for exercise in load_catalogue():
            for seed in range(options.seeds):
                yield SimulatedJob(exercise=exercise, seed=seed)


@contextmanager
def _progress(total: int, *, wanted: bool) -> Iterator[Callable[[], None]]:
    """Show a bar on a terminal."""
    if not (wanted and sys.stderr.isatty()):
        yield lambda: None
        return
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("counting", total=total)
        yield lambda: progress.advance(task)


def _timed(
    index: dict[str, tuple[IndexRow, int | None]], outcomes: Sequence[Outcome]
) -> list[Recording]:
    """Return the recordings that speed is measured on."""
    paths = [row.path for row, _ in index.values() if row.dataset == "applewatch_gym"]
    paths = paths or sorted((_HERE.parent / "recordings").glob("*.csv.gz"))
    return [read_recording(path) for path in paths[:_TIMED_FILES]]


def _groups(outcomes: Sequence[Outcome]) -> dict[str, list[Tally]]:
    """Return the real sets' tallies by data set and exercise, and by data set and person."""
    sets = {
        one.row.file: one
        for one in outcomes
        if one.unarmed is not None and one.row.reps_true and not one.simulated
    }
    scores = [one.unarmed for one in sets.values() if one.unarmed is not None]

    def exercise(score: FileScore) -> str:
        return f"{score.dataset}: {score.exercise}"

    def person(score: FileScore) -> str:
        return f"{score.dataset}: {sets[score.file].row.subject}"

    return {"exercise": tally_by(exercise, scores), "person": tally_by(person, scores)}


def _as_json(rows: Sequence[Row], groups: dict[str, list[Tally]]) -> dict[str, object]:
    return {
        "rows": [asdict(row) | {"kept": row.kept} for row in rows],
        "groups": {name: [asdict(one) for one in tallies] for name, tallies in groups.items()},
    }


if __name__ == "__main__":
    sys.exit(main())
