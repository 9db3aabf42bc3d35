"""Show which stage of the pipeline the time of a replay goes to.

    python benchmarks/where_time_goes.py [--recording FILE] [--json]

A replay is watched by Python's own profiler, after one that is not, so that nothing is compiled or
read meanwhile. The time of a compiled kernel is that of the function that calls it; being watched
costs small functions more than kernels, so the kernels' share is a little larger than it says. For
single lines: ``kernprof -l`` (line_profiler); for a service that runs: ``py-spy top --pid``.
"""

import cProfile
import json
import sys
from collections import defaultdict
from pathlib import Path

from options import add_json, described

from repsense.pipeline import pipeline
from repsense.pipeline.pipeline import Pipeline
from repsense.recording.format import read_recording
from repsense.samples import SampleBlock

_ROOT = Path(__file__).resolve().parents[1]
_PIPELINE = Path(pipeline.__file__).parent  # wherever it is installed
_WORKOUT = _ROOT / "recordings" / "workout.csv.gz"
_BLOCK_SAMPLES = 4096
_ELSE = "numpy, and the rest of Python"


def replay(block: SampleBlock) -> None:
    """Count a recording."""
    engine = Pipeline()
    for part in block.cut(_BLOCK_SAMPLES):
        engine.push(part)
    engine.flush()


def shares(block: SampleBlock) -> dict[str, float]:
    """Return module of the pipeline -> share of the time, in %, largest first."""
    replay(block)
    watch = cProfile.Profile()
    watch.runcall(replay, block)
    spent: dict[str, float] = defaultdict(float)
    for entry in watch.getstats():
        path = Path("" if isinstance(entry.code, str) else entry.code.co_filename)
        spent[path.stem if path.parent == _PIPELINE else _ELSE] += entry.inlinetime
    whole_s = sum(spent.values())
    ordered = sorted(spent.items(), key=lambda item: -item[1])
    return {name: 100.0 * own_s / whole_s for name, own_s in ordered}


def main() -> int:
    """Profile a replay."""
    parser = described(__doc__)
    parser.add_argument("--recording", type=Path, default=_WORKOUT, metavar="FILE")
    add_json(parser)
    options = parser.parse_args()
    found = shares(read_recording(options.recording).block)
    if options.json:
        print(json.dumps(found))
        return 0
    for name, share_pct in found.items():
        if share_pct >= 1.0:
            print(f"{share_pct:5.1f} %  {name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
