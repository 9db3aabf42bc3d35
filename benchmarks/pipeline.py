"""Measure how many samples a second the pipeline takes, and what one wearer costs in memory.

    python benchmarks/pipeline.py [--json] [--seconds 600]

A simulated stream of sets and rests is pushed in blocks of 10 samples (a radio packet), of one
second, and as a whole. Compare the ratios within one run: machines differ, and so does the same
machine from hour to hour.
"""

import json
import sys
import time
import tracemalloc
from dataclasses import asdict, dataclass
from itertools import repeat

import numpy as np
from options import add_json, described
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from repsense.pipeline.pipeline import Pipeline
from repsense.samples import SampleBlock
from repsense.service import warm_up
from repsense.simulator import WorkoutSet, simulate_workout

_RATE_HZ = 50.0
_ROUNDS = 3
_PLAN = (
    WorkoutSet(exercise_id="front_raise", reps=10, rest_s=30.0),
    WorkoutSet(exercise_id="overhead_press", reps=10, rest_s=30.0),
    WorkoutSet(exercise_id="reverse_grip_row", reps=8, rest_s=30.0),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Speed:
    """What pushing blocks of one size takes.

    Parameters
    ----------
    block
        Samples in a block, in words.
    samples_per_s, times_real_time
        On one core, in CPU time, the best of some rounds.
    push_us
        One push, in microseconds, on average.
    against_whole
        Cost of a sample against that in whole files.
    """

    block: str
    samples_per_s: float
    times_real_time: float
    push_us: float
    against_whole: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """What one more wearer takes.

    Parameters
    ----------
    pipelines
        How many were measured.
    fresh_bytes, used_bytes
        Bytes of each when made, and after a minute of samples.
    """

    pipelines: int
    fresh_bytes: int
    used_bytes: int


def main() -> int:
    """Run the benchmark."""
    parser = described(__doc__)
    add_json(parser)
    parser.add_argument("--seconds", type=float, default=600.0, help="length of the stream")
    options = parser.parse_args()
    stream = _stream(options.seconds)
    warm_up()
    speeds = _speeds(stream, quiet=options.json)
    memory = memory_of(stream.part(0, int(60.0 * _RATE_HZ)))
    if options.json:
        print(json.dumps({"speeds": [asdict(one) for one in speeds], "memory": asdict(memory)}))
    else:
        _print(speeds, memory)
    return 0


def _stream(seconds: float) -> SampleBlock:
    """Return the same sets again and again, until there is enough."""
    block = simulate_workout(_PLAN, seed=1).block
    long_s = float(block.t_s[-1]) + 1.0 / _RATE_HZ
    turns = int(np.ceil(seconds / long_s))
    t_s = np.concatenate([block.t_s + turn * long_s for turn in range(turns)])
    accel_g = np.concatenate(list(repeat(block.accel_g, turns)))
    return SampleBlock(t_s=t_s, accel_g=accel_g).part(0, int(seconds * _RATE_HZ))


def _push_all(stream: SampleBlock, samples: int) -> float:
    """Return the CPU time that pushing a stream in blocks of some samples takes, s."""
    pipeline = Pipeline()
    blocks = list(stream.cut(samples))
    began_s = time.process_time()
    for block in blocks:
        pipeline.push(block)
    return time.process_time() - began_s


def _speeds(stream: SampleBlock, *, quiet: bool) -> list[Speed]:
    sizes = {"10 samples": 10, "1 s": int(_RATE_HZ), "whole file": len(stream)}
    spent_s = dict.fromkeys(sizes, np.inf)
    rounds = list(sizes) * _ROUNDS  # sizes take turns, so that a busy moment hits them all
    hidden = quiet or not sys.stderr.isatty()
    bar = Progress(console=Console(stderr=True), transient=True, disable=hidden)
    with bar:
        for name in bar.track(rounds, description="pushing"):
            spent_s[name] = min(spent_s[name], _push_all(stream, sizes[name]))
    return [
        Speed(
            block=name,
            samples_per_s=len(stream) / spent_s[name],
            times_real_time=len(stream) / _RATE_HZ / spent_s[name],
            push_us=1e6 * spent_s[name] / np.ceil(len(stream) / size),
            against_whole=spent_s[name] / spent_s["whole file"],
        )
        for name, size in sizes.items()
    ]


def memory_of(minute: SampleBlock, wearers: int = 200) -> Memory:
    """Count the bytes that Python and numpy ask for on behalf of many pipelines."""
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    pipelines = [Pipeline() for _ in range(wearers)]
    fresh = tracemalloc.get_traced_memory()[0] - before
    for pipeline in pipelines:
        pipeline.push(minute)
    used = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    return Memory(
        pipelines=wearers,
        fresh_bytes=round(fresh / wearers),
        used_bytes=round(used / wearers),
    )


def _print(speeds: list[Speed], memory: Memory) -> None:
    table = Table("blocks of", box=None, pad_edge=False)
    for name in ("samples/s", "x real time", "us a push", "against whole"):
        table.add_column(name, justify="right")
    for one in speeds:
        table.add_row(
            one.block,
            f"{one.samples_per_s:,.0f}",
            f"{one.times_real_time:,.0f}",
            f"{one.push_us:,.0f}",
            f"{one.against_whole:.2f}",
        )
    console = Console(width=None if sys.stdout.isatty() else 100)
    console.print(table)
    console.print(
        f"\nmemory for each of {memory.pipelines} wearers: {memory.fresh_bytes / 1e6:.2f} MB, "
        f"{memory.used_bytes / 1e6:.2f} MB after a minute of samples"
    )


if __name__ == "__main__":
    sys.exit(main())
