"""Measure how good the engine is, with intervals, and how long it takes to know.

    python benchmarks/evaluation.py [--recordings FOLDER] [--json] [--write]

Real recordings (they are not part of the project, see docs/recordings.md) and simulated sets by
people that nothing was taught with. ``--write`` puts the figures into docs/evaluation.md.
"""

import argparse
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from io import StringIO
from itertools import takewhile
from pathlib import Path

from documents import EVALUATION, measured_on, write_between
from engine_jobs import Job, run_jobs
from engine_speed import endless_set
from evaluation_jobs import SIMULATED, part_of, real_jobs, simulated_jobs
from options import add_jobs, add_json, add_limit, add_recordings, described
from rich.console import Console

from repsense.cli.progress import progress_bar
from repsense.cli.score_tables import (
    count_table,
    figures_table,
    print_legends,
    print_shifts,
    times_table,
)
from repsense.recording.format import Recording, read_recording
from repsense.recording.index import IndexRow, read_index
from repsense.tuning.evaluation import Conditions, Unreadable, evaluate_rows
from repsense.tuning.figures import CORRECTED, OTHERS
from repsense.tuning.matching import TOLERANCE_S
from repsense.tuning.run import run_recording
from repsense.tuning.scoring import FileScore
from repsense.tuning.shift import moved
from repsense.tuning.summary import GROUPINGS, intervals_dict, overall, summaries_by, summary

_HOUR_S = 3600.0
_WIDTH = 118


def main() -> int:
    """Measure and print; 1 where a recording could not be read."""
    options = _options()
    jobs: list[Job[FileScore | Unreadable]] = [*simulated_jobs(options.seeds)]
    if (options.recordings / "index.csv").is_file():
        jobs = [*real_jobs(options.recordings, options.limit), *jobs]
    else:
        print(f"{options.recordings} has no index.csv: only simulated sets.", file=sys.stderr)
    with progress_bar("counting", len(jobs), wanted=not options.json) as advance:
        found = list(run_jobs(jobs, processes=options.jobs, done=lambda: advance(1.0)))
    scores = moved([one for one in found if isinstance(one, FileScore)])
    failed = [one for one in found if isinstance(one, Unreadable)]
    for one in failed:
        print(one.problem, file=sys.stderr)
    speed = speed_of(options.recordings)
    said = str(speed or "The speed is measured on recordings, and there are none here.")
    if options.json:
        print(json.dumps(_as_json(scores, speed), indent=1))
    else:
        print("\n\n".join([report(scores), said]))
    if options.write:
        text = f"{measured_on()}\n\n```\n{report(scores)}\n```\n\n{said}"
        write_between(EVALUATION, "evaluation", text)
    return 1 if failed else 0


def _options() -> argparse.Namespace:
    parser = described(__doc__)
    add_recordings(parser)
    add_json(parser)
    parser.add_argument("--write", action="store_true", help=f"write into docs/{EVALUATION.name}")
    parser.add_argument("--seeds", type=int, default=20, help="simulated people, 10 sets each")
    add_limit(parser)
    add_jobs(parser, default=1)
    return parser.parse_args()


def report(scores: Sequence[FileScore]) -> str:
    """Return the figures as tables for people."""
    printed = StringIO()
    console = Console(file=printed, width=_WIDTH, highlight=False, markup=False)
    by_dataset = summaries_by(part_of, scores)
    moving = [one for one in scores if one.reps_true and one.dataset != SIMULATED]
    tables = [count_table("data set", by_dataset, CORRECTED)]
    if moving:
        tables.append(count_table("person", summaries_by(GROUPINGS["person"], moving), CORRECTED))
        tables.append(count_table("all real recordings", overall(_real(scores)), CORRECTED))
    tables.append(times_table("sets and reps", by_dataset))
    for name, some in (("all real recordings", _real(scores)), ("simulated", _made(scores))):
        if some:
            group = summary(f"{name}, {len(some)} files", some)
            tables.append(figures_table(group, (*CORRECTED, *OTHERS)))
    for table in tables:
        console.print(table)
        console.print()
    print_legends(console, corrected=True, tolerance_s=TOLERANCE_S)
    print_shifts(console, scores)
    return "\n".join(line.rstrip() for line in printed.getvalue().splitlines()).strip()


def _real(scores: Sequence[FileScore]) -> list[FileScore]:
    return [one for one in scores if one.dataset != SIMULATED]


def _made(scores: Sequence[FileScore]) -> list[FileScore]:
    return [one for one in scores if one.dataset == SIMULATED]


@dataclass(frozen=True, slots=True, kw_only=True)
class Speed:
    """How long an hour of recordings at 50 Hz takes to evaluate, reading and intervals included.

    Parameters
    ----------
    files
        So many were evaluated.
    cpu_s, waited_s
        CPU time of this process, and time on the clock, each for an hour.
    """

    files: int
    cpu_s: float
    waited_s: float

    def __str__(self) -> str:
        return (
            f"Evaluating an hour of recordings at 50 Hz ({self.files} files of applewatch_gym, "
            f"reading and intervals included)\ntakes {self.cpu_s:.1f} s of CPU time on one core "
            f"({self.waited_s:.1f} s on the clock, on a shared machine)."
        )


def speed_of(folder: Path) -> Speed | None:
    """Return how long an hour of recordings takes; None where there are none."""
    rows = _an_hour(folder)
    if not rows:
        return None
    run_recording(Recording(path=Path("warm_up.csv"), block=endless_set(60.0)))
    played_s = sum(_seconds(row) for row in rows)
    began_s, began_cpu_s = time.monotonic(), time.process_time()
    scores = [
        one for one in evaluate_rows(rows, conditions=Conditions()) if isinstance(one, FileScore)
    ]
    for key in GROUPINGS.values():
        summaries_by(key, scores)
    summary("overall", scores)
    return Speed(
        files=len(rows),
        cpu_s=(time.process_time() - began_cpu_s) * _HOUR_S / played_s,
        waited_s=(time.monotonic() - began_s) * _HOUR_S / played_s,
    )


def _an_hour(folder: Path) -> list[IndexRow]:
    """Return recordings at 50 Hz that last an hour together, or all there are."""
    if not (folder / "index.csv").is_file():
        return []
    rows = [row for row in read_index(folder / "index.csv") if row.dataset == "applewatch_gym"]
    lasted_s = 0.0

    def still(row: IndexRow) -> bool:
        nonlocal lasted_s
        lasted_s += _seconds(row)
        return lasted_s <= _HOUR_S

    return list(takewhile(still, rows))


def _seconds(row: IndexRow) -> float:
    return read_recording(row.path).duration_s


def _as_json(scores: Sequence[FileScore], speed: Speed | None) -> dict[str, object]:
    groups = {f"by_{name}": summaries_by(key, scores) for name, key in GROUPINGS.items()} | {
        "all": overall(_real(scores))
    }
    return {
        "measured": measured_on(),
        "an_hour": speed and asdict(speed),
        **{
            name: {
                group.name: {
                    "files": group.files,
                    "people": group.people,
                    **{kind: figure.value for kind, figure in group.figures.items()},
                    "intervals": intervals_dict(group),
                }
                for group in some
            }
            for name, some in groups.items()
        },
    }


if __name__ == "__main__":
    sys.exit(main())
