"""Measure how well exercises are recognised, and how far the confidence can be trusted.

    python benchmarks/recognition.py [--sets 20] [--recordings FOLDER] [--json] [--save FILE]

Simulated sets are done by people that nothing was trained on, the band worn any way round, at any
tempo, with noise, and the handling around them. Curls and squats are done in ways that were never
trained on. The real recordings are not part of the project (see docs/recordings.md); nothing was
tuned on them. It is said to the engine that a set is due, not which.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from options import add_json, add_recordings, described
from recognition_rows import Reliability, Row, all_rows, confusion, reliability
from recognition_tables import print_all
from recognition_trials import Trial, real_rows, real_trials, simulated_names, simulated_trials
from rich.console import Console
from rich.progress import Progress


def main() -> int:
    """Run the benchmark; 1 where a promise is not kept."""
    options = _options()
    began_s = time.monotonic()
    simulated, real = trials(options)
    rows = all_rows(simulated, real)
    trust = [*reliability(simulated), *reliability(real, real=True)]
    text = json.dumps(as_json(rows, trust, simulated), indent=1)
    if options.save is not None:
        options.save.write_text(text + "\n", encoding="utf-8")
    if options.json:
        print(text)
    else:
        print_all(rows, trust, simulated, time.monotonic() - began_s)
    return 0 if all(row.kept is not False for row in rows) else 1


def trials(options: argparse.Namespace) -> tuple[list[Trial], list[Trial]]:
    """Return what was said of simulated and of real sets."""
    sets = [(name, seed) for seed in range(options.sets) for name in simulated_names()]
    found = [] if options.quick else real_rows(options.recordings)
    if not found:
        print("No real recordings: their rows are left out.", file=sys.stderr)
    with _progress(len(sets) + len(found), wanted=not options.json) as step:
        simulated = [one for name, seed in sets for one in step(simulated_trials(name, seed))]
        real = [one for row in found for one in step(real_trials(row))]
    return simulated, real


def as_json(
    rows: Sequence[Row], trust: Sequence[Reliability], simulated: Sequence[Trial]
) -> dict[str, object]:
    """Return everything measured, as plain values."""
    return {
        "rows": [asdict(row) | {"kept": row.kept} for row in rows],
        "reliability": [asdict(one) for one in trust],
        "confusion": {way: confusion(simulated, way) for way in {one.way for one in simulated}},
    }


@contextmanager
def _progress(
    total: int, *, wanted: bool
) -> Iterator[Callable[[Iterator[Trial]], Iterator[Trial]]]:
    """Show a bar on a terminal; each job that is gone through moves it."""
    with Progress(
        console=Console(stderr=True), transient=True, disable=not (wanted and sys.stderr.isatty())
    ) as progress:
        task = progress.add_task("recognising", total=total)

        def step(job: Iterator[Trial]) -> Iterator[Trial]:
            yield from job
            progress.advance(task)

        yield step


def _options() -> argparse.Namespace:
    parser = described(__doc__)
    parser.add_argument("--sets", type=int, default=20, help="simulated sets of each movement")
    add_recordings(parser)
    add_json(parser)
    parser.add_argument("--save", type=Path, help="file for the JSON, beside what is printed")
    parser.add_argument("--quick", action="store_true", help="leave out the real recordings")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
