"""Measure what is promised of the form measures, and say which promises are kept.

    python benchmarks/coach.py [--recordings FOLDER] [--json] [--sets N] [--write]

The recordings are not part of the project (see docs/recordings.md); without them only the rows on
simulated sets are measured. docs/form.md says what each row means. With --write all of it goes into
docs/form.md, and one row for each exercise, with how it is counted and named, into docs/coach.md.
"""

import argparse
import contextlib
import io
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from coach_cues import cue_rows
from coach_real import real_rows
from coach_simulated import simulated_rows, simulated_sets
from coach_table import recognition_trials, table
from documents import measured_on, write_between
from engine_rows import Row
from engine_tables import print_rows, print_verdict
from options import add_json, add_recordings, described

_DOCS = Path(__file__).parent.parent / "docs"
_SETS_EACH = 10


def main() -> int:
    """Run the benchmark; 1 where a promise is not kept."""
    options = _options()
    began_s = time.monotonic()
    sets = list(simulated_sets(options.sets))
    simulated = [*simulated_rows(sets), *cue_rows(2 * options.sets)]
    rows = [*real_rows(options.recordings), *simulated]
    if options.write:
        _write(rows, table(sets, recognition_trials(2 * options.sets)))
    if options.json:
        print(json.dumps([asdict(row) | {"kept": row.kept} for row in rows], indent=1))
    else:
        print_rows(rows, {})
        print_verdict(rows, time.monotonic() - began_s)
    return 0 if all(row.kept is not False for row in rows) else 1


def _write(rows: Sequence[Row], by_exercise: str) -> None:
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        print_rows(rows, {})
    lines = "\n".join(line.rstrip() for line in printed.getvalue().splitlines())
    write_between(_DOCS / "form.md", "form", f"{measured_on()}\n\n```\n{lines}\n```")
    write_between(_DOCS / "coach.md", "coach", f"{measured_on()}\n\n{by_exercise}")


def _options() -> argparse.Namespace:
    parser = described(__doc__)
    add_recordings(parser)
    parser.add_argument("--sets", type=int, default=_SETS_EACH, help="simulated sets an exercise")
    parser.add_argument("--write", action="store_true", help="write it into the documents")
    add_json(parser)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
