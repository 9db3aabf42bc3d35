"""Show what tuning promises: gains on others, one winner whoever counts, nothing lost to a kill.

    python benchmarks/tune.py [--recordings FOLDER] [--trials N] [--all] [--json]

The recordings are not part of the project (docs/recordings.md). Three people of a physiotherapist
do 10 to 30 reps a recording; two are tuned on, the third judges.

Trials a minute are those of the search alone: the clock runs from the moment when whoever counts
has loaded the engine and has the recordings, for one process as for the cluster, until the last
trial is done. What that leaves out, mostly the start of Ray's workers, is in the figures from the
command's start. Two nodes of a Ray cluster run on this machine with a core each: where it is busy,
or has fewer than two cores, they gain little. So they take turns with one process, the best of
each counts, and two processes that have nothing to do with each other take turns with them, too:
that is what the machine has to give.
"""

import argparse
import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from options import add_json, add_recordings, described, has_recordings

_HERE = Path(__file__).parent
_FASTER = 1.7

# So strict that every second set is missed.
_SPOILED = "# spoiled on purpose\npipeline:\n  sets:\n    evidence_min: 6.0\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """Something promised, what was seen, and whether that keeps the promise."""

    promise: str
    seen: str
    kept: bool


class Tuning:
    """Runs ``repsense tune`` on the same recordings in different ways."""

    def __init__(self, index: Path, folder: Path, trials: int) -> None:
        self._index = index
        self._folder = folder
        self._trials = trials

    def words(self, *more: str | Path, config: Path | None = None) -> list[str]:
        """Return the command line."""
        own = config or self._folder / "defaults.yaml"
        own.touch()
        return [
            *(sys.executable, "-m", "repsense", "tune", str(self._index), "--json"),
            *("--people-out", "s3", "--trials", str(self._trials), "--write", str(own)),
            *map(str, more),
        ]

    def run(self, *more: str | Path, config: Path | None = None) -> dict[str, Any]:
        """Tune to the end, and return what the command says."""
        done = subprocess.run(
            self.words(*more, config=config), stdout=subprocess.PIPE, text=True, check=True
        )
        fields: dict[str, Any] = json.loads(done.stdout)
        return fields

    def run_side_by_side(self, count: int) -> list[dict[str, Any]]:
        """Tune several times at once, in one process each, and return what each says."""
        with ThreadPoolExecutor(count) as pool:
            return [*pool.map(lambda _: self.run("--jobs", "1"), range(count))]

    def run_and_meddle(self, study: Path, after: int, meddle: "Meddle", *more: str) -> str:
        """Tune, do something to it once so many trials are done, and return what it said."""
        with subprocess.Popen(
            self.words("--study", study, *more), stdout=subprocess.PIPE, text=True
        ) as process:
            while trials_in(study) < after and process.poll() is None:
                time.sleep(0.05)
            meddle(process)
            return process.communicate()[0]


class Meddle:
    """Something that happens to a search."""

    def __call__(self, process: "subprocess.Popen[str]") -> None:
        """Kill the search."""
        process.send_signal(signal.SIGKILL)


class LoseMachine(Meddle):
    """One of two machines is lost."""

    def __init__(self, nodes: "Nodes") -> None:
        self._nodes = nodes

    def __call__(self, process: "subprocess.Popen[str]") -> None:
        """Kill the second machine of the cluster."""
        del process
        self._nodes.lose_one()


class Nodes:
    """A cluster of two machines, each with one core, in a process of its own."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, str(_HERE / "ray_nodes.py")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self.address = self._hear()

    def lose_one(self) -> None:
        """Kill the second machine."""
        assert self._process.stdin is not None
        print("lose", file=self._process.stdin, flush=True)
        assert self._hear() == "lost"

    def close(self) -> None:
        """End the cluster."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(60)

    def _hear(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()


@contextlib.contextmanager
def two_nodes() -> Iterator[Nodes]:
    """Yield a cluster."""
    nodes = Nodes()
    try:
        yield nodes
    finally:
        nodes.close()


def main() -> int:
    """Run the benchmark; 1 where a promise is not kept, 2 where there are no recordings."""
    options = _options()
    os.environ["PYTHONPATH"] = os.pathsep.join(
        filter(None, [str(_HERE.parent), os.environ.get("PYTHONPATH", "")])
    )
    if not has_recordings(options.recordings):
        return 2
    with tempfile.TemporaryDirectory() as folder:
        index = _chosen(options.recordings, Path(folder), everything=options.all)
        rows = list(
            _rows(Tuning(index, Path(folder), options.trials), Path(folder), options.repeat)
        )
    if options.json:
        print(json.dumps([asdict(row) for row in rows], indent=1))
    return 0 if all(row.kept for row in rows) else 1


def _options() -> argparse.Namespace:
    parser = described(__doc__)
    add_recordings(parser)
    parser.add_argument("--trials", type=int, default=32, help="of each search")
    parser.add_argument("--repeat", type=int, default=3, help="turns of one process and two nodes")
    parser.add_argument("--all", action="store_true", help="sessions and the upper arm, too")
    add_json(parser)
    return parser.parse_args()


def _chosen(recordings: Path, folder: Path, *, everything: bool) -> Path:
    """Write an index of the recordings that are used."""
    header, *lines = (recordings / "index.csv").read_text("utf-8").splitlines()
    used = [
        line
        for line in lines
        if line.startswith("pt_dumbbell/")
        and (everything or ("right_wrist" in line and "_session" not in line))
    ]
    index = folder / "index.csv"
    index.write_text("\n".join([header, *(f"{recordings.resolve()}/{one}" for one in used), ""]))
    return index


def _rows(tuning: Tuning, folder: Path, repeat: int) -> Iterator[Row]:
    one = tuning.run("--jobs", "1")
    yield _said(_gain_row("from the defaults", one))
    spoiled = folder / "spoiled.yaml"
    spoiled.write_text(_SPOILED)
    yield _said(_gain_row("from settings spoiled on purpose", tuning.run(config=spoiled)))
    again = tuning.run("--jobs", "1")
    yield _said(_same("a second run finds the same winner", one, again))
    yield _said(_same("two processes find the same winner", one, tuning.run("--jobs", "2")))
    yield _said(_killed(tuning, folder, one))
    with two_nodes() as nodes:
        turns = [_turn(tuning, nodes) for _ in range(repeat)]
        many = turns[0].many
        yield _said(_same("a cluster of two nodes finds the same winner", one, many))
        yield _said(_faster(turns))
        yield _said(_lost(tuning, folder, nodes, one, many))


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """The same search by one process, by the cluster, and twice at once by a process each."""

    one: dict[str, Any]
    many: dict[str, Any]
    apart: Sequence[dict[str, Any]]


def _turn(tuning: Tuning, nodes: Nodes) -> Turn:
    return Turn(
        one=tuning.run("--jobs", "1"),
        many=tuning.run("--cluster", nodes.address),
        apart=tuning.run_side_by_side(2),
    )


def _gain_row(what: str, fields: dict[str, Any]) -> Row:
    judged = fields["judged_by"][-1]
    before, after = (judged[side]["counts"] for side in ("before", "after"))
    verdict = "it helps" if fields["helps"] else "it does not help, and says so"
    return Row(
        promise=f"tuned on people 1 and 2 {what}, judged by person 3",
        seen=f"{before['exact_pct']:.0f} % exact, then {after['exact_pct']:.0f} %; "
        f"{judged['better']} of {judged['files']} better, {judged['worse']} worse: {verdict}",
        kept=fields["helps"] == (fields["written"] is not None)
        and fields["helps"] == (judged["after"]["worth"] > judged["before"]["worth"]),
    )


def _same(promise: str, one: dict[str, Any], other: dict[str, Any]) -> Row:
    return Row(
        promise=promise,
        seen=f"trial {one['winner']} and trial {other['winner']}, in {one['took_s']:.0f} and "
        f"{other['took_s']:.0f} s",
        kept=(one["winner"], one["values"]) == (other["winner"], other["values"]),
    )


def _killed(tuning: Tuning, folder: Path, one: dict[str, Any]) -> Row:
    study = folder / "killed.study"
    after = one["trials"] // 3
    tuning.run_and_meddle(study, after, Meddle(), "--jobs", "2")
    kept = trials_in(study)
    other = tuning.run("--study", study, "--jobs", "2")
    return Row(
        promise="a killed run goes on where it was, and finds the same winner",
        seen=f"killed with {kept} of {one['trials']} trials done, then {trials_in(study)} in "
        f"the file; trial {one['winner']} and trial {other['winner']}",
        kept=one["values"] == other["values"] and trials_in(study) == one["trials"] > kept,
    )


def _faster(turns: Sequence[Turn]) -> Row:
    one, many = (max(_rate(run) for run in runs) for runs in _of_both(turns))
    apart = max(sum(map(_rate, turn.apart)) for turn in turns)
    whole = [max(_rate(run, "took_s") for run in runs) for runs in _of_both(turns)]
    return Row(
        promise=f"two nodes count {_FASTER} times the trials a minute of one process, both from "
        "when they are up",
        seen=f"{one:.0f} and {many:.0f} trials a minute, {many / one:.2f} times; two processes "
        f"apart {apart:.0f}, {apart / one:.2f} times; from the command's start {whole[0]:.0f} and "
        f"{whole[1]:.0f} (best of {len(turns)} turns each)",
        kept=many >= _FASTER * one,
    )


def _of_both(turns: Sequence[Turn]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    return [turn.one for turn in turns], [turn.many for turn in turns]


def _rate(run: dict[str, Any], since: str = "searched_s") -> float:
    return float(60.0 * run["trials"] / run[since])


def _lost(
    tuning: Tuning, folder: Path, nodes: Nodes, one: dict[str, Any], many: dict[str, Any]
) -> Row:
    study = folder / "lost.study"
    after = one["trials"] // 2
    said = tuning.run_and_meddle(study, after, LoseMachine(nodes), "--cluster", nodes.address)
    other = json.loads(said)
    return Row(
        promise="a node killed in the middle costs time, not results",
        seen=f"killed after {after} trials: trial {one['winner']} and trial {other['winner']}, "
        f"{other['took_s']:.0f} s instead of {many['took_s']:.0f}",
        kept=one["values"] == other["values"],
    )


def trials_in(study: Path) -> int:
    """Return how many whole lines of trials a study has."""
    return max(study.read_bytes().count(b"\n") - 1, 0) if study.exists() else 0


def _said(row: Row) -> Row:
    print(f"{'kept ' if row.kept else 'BROKEN'}  {row.promise}: {row.seen}", file=sys.stderr)
    return row


if __name__ == "__main__":
    sys.exit(main())
