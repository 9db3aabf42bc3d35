"""Count the same recordings with the engine and with what others have published.

    python benchmarks/peers.py [--recordings FOLDER] [--json] [--write]

The peers see a set at once, first cut to what is labelled and then with all that is around it; the
engine hears the recording as a stream. The recordings are not part of the project (see
docs/recordings.md). ``--write`` puts the tables into docs/evaluation.md.
"""

import argparse
import json
import sys
import time
from dataclasses import asdict

from documents import EVALUATION, measured_on, write_between
from engine_jobs import run_jobs
from options import add_jobs, add_json, add_limit, add_recordings, described, has_recordings
from peer_tables import Comparison, comparisons, markdown, plain, verdict
from peer_trials import Trial, trial_jobs

from repsense.cli.progress import progress_bar


def main() -> int:
    """Count, compare, print; 2 where there are no recordings."""
    options = _options()
    if not has_recordings(options.recordings):
        return 2
    began_s = time.monotonic()
    found = comparisons(_trials(options))
    if options.json:
        print(json.dumps(_as_json(found), indent=1))
    else:
        print("\n\n".join([*map(plain, found), verdict(found)]))
        print(f"\nCounted in {time.monotonic() - began_s:.0f} s.")
    if options.write:
        write_between(EVALUATION, "peers", f"{measured_on()}\n\n{markdown(found)}")
    return 0


def _options() -> argparse.Namespace:
    parser = described(__doc__)
    add_recordings(parser)
    add_json(parser)
    parser.add_argument("--write", action="store_true", help=f"write into docs/{EVALUATION.name}")
    add_limit(parser)
    add_jobs(parser, default=1)
    return parser.parse_args()


def _trials(options: argparse.Namespace) -> list[Trial]:
    jobs = list(trial_jobs(options.recordings, options.limit))
    with progress_bar("counting", len(jobs), wanted=not options.json) as advance:
        return list(run_jobs(jobs, processes=options.jobs, done=lambda: advance(1.0)))


def _as_json(found: list[Comparison]) -> dict[str, object]:
    return {
        "measured": measured_on(),
        "data": [asdict(one) | {"ahead": one.ahead} for one in found],
        "verdict": verdict(found).splitlines(),
    }


if __name__ == "__main__":
    sys.exit(main())
