"""Search for input that takes paths through the code which no input has taken before.

    python benchmarks/fuzz_guided.py [--seconds 60] [--target NAME] [--keep FOLDER] [--json]

atheris (pip install 'repsense[fuzz]') watches which branches an input takes, and changes those
further that took new ones. What is fed are the files and requests of benchmarks/fuzz_input.py and
the packets of every decoder, and what counts as a finding is what counts there: whatever is
neither read nor refused in one of our own sentences. Each target has a process of its own, which
ends with its first finding. With --keep, what it has learnt stays for the next time.
"""

import argparse
import importlib.util
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from options import add_json, described

FILES = ("recording", "packed recording", "labels", "index", "config", "command", "pages", "phones")
DECODER = "decoder "
_FOUND = re.compile(r"^ *(?:\w+\.)*(\w*Finding\w*: .*)$", re.MULTILINE)
_RUNS = re.compile(r"Done (\d+) runs")
_BRANCHES = re.compile(r"cov: (\d+)")
_HANGS_S = 20
_PATIENCE_S = 120


class Finding(Exception):  # noqa: N818 - it is what is looked for, not an error of this program
    """What must not happen."""


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a target.

    Parameters
    ----------
    inputs
        How many were fed.
    branches
        How many places of the code they reached.
    finding
        The first one, with its bytes; nothing where there is none.
    """

    target: str
    inputs: int
    branches: int
    finding: str = field(default="")


def main() -> int:
    """Search each target; 1 where something was found, 3 where atheris is missing."""
    options = _options()
    if importlib.util.find_spec("atheris") is None:
        print("atheris is not installed here: pip install 'repsense[fuzz]'", file=sys.stderr)
        return 3
    if options.child:
        _search(options.child, options.work, options.seconds)
    from repsense.sources.ble.registry import drivers  # noqa: PLC0415 - a child instruments first

    known = [*FILES, *(f"{DECODER}{driver.id}" for driver in drivers())]
    chosen = [name for name in known if options.target in {None, name}]
    results = []
    for name in chosen:
        result = searched(name, options.seconds / len(chosen), options.keep)
        results.append(result)
        if not options.json:
            said = result.finding or "nothing found"
            print(f"{name:<24} {result.inputs:>9,} inputs {result.branches:>6,} places  {said}")
    if options.json:
        print(json.dumps([asdict(one) for one in results]))
    return int(any(one.finding for one in results) or not results)


def _options() -> argparse.Namespace:
    parser = described(__doc__)
    parser.add_argument("--seconds", type=float, default=60.0, help="in all")
    parser.add_argument("--target", help="only this one")
    parser.add_argument("--keep", type=Path, help="go on from, and add to, what is learnt here")
    add_json(parser)
    parser.add_argument("--child", help=argparse.SUPPRESS)
    parser.add_argument("--work", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args()


def searched(
    name: str, seconds: float, keep: Path | None = None, program: str = __file__
) -> Result:
    """Search a target in a process of its own: that of ``program``."""
    with tempfile.TemporaryDirectory(prefix="repsense-guided-") as folder:
        work = Path(folder) if keep is None else keep / name.replace(" ", "_")
        work.mkdir(parents=True, exist_ok=True)
        words = [sys.executable, program, "--child", name, "--work", str(work)]
        words += ["--seconds", str(max(round(seconds), 1))]
        try:
            done = subprocess.run(
                words,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                timeout=seconds + _PATIENCE_S,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return Result(name, 0, 0, "it did not end")
        said = done.stdout.decode("utf-8", "replace")
        runs, branches = _RUNS.findall(said), _BRANCHES.findall(said)
        finding = "" if done.returncode == 0 else _finding(said, work)
        return Result(
            name, int(runs[-1]) if runs else 0, int(branches[-1]) if branches else 0, finding
        )


def _finding(said: str, work: Path) -> str:
    named = _FOUND.findall(said)
    what = named[-1] if named else " / ".join(said.strip().splitlines()[-3:])
    data = [path.read_bytes()[:300] for path in sorted(work.glob("finding-*"))[-1:]]
    return f"{what} {data[0]!r}" if data else what


def _search(name: str, work: Path, seconds: float) -> None:
    """Search in this process until the time is over, then end it."""
    import atheris  # noqa: PLC0415 - an extra, loaded on first use

    with atheris.instrument_imports(include=["repsense"]):
        feed, seeds = _decoder(name) if name.startswith(DECODER) else _file(name)
    learnt = work / "learnt"
    learnt.mkdir(exist_ok=True)
    for number, seed in enumerate(seeds):
        (learnt / f"seed-{number}").write_bytes(seed)
    words = [
        *(sys.argv[0], str(learnt), f"-artifact_prefix={work}/finding-"),
        *(f"-max_total_time={round(seconds)}", f"-timeout={_HANGS_S}", "-max_len=4096"),
    ]
    atheris.Setup(words, feed)
    atheris.Fuzz()


Feed = Callable[[bytes], None]


def _file(name: str) -> tuple[Feed, list[bytes]]:
    from fuzz_input import Tally, corpus_of, fed, targets  # noqa: PLC0415 - being instrumented

    target = next(one for one in targets() if one.name == name)
    # Kept until the process ends, which atheris does by itself.
    folder = Path(tempfile.mkdtemp(prefix="repsense-guided-"))

    def feed(data: bytes) -> None:
        if problem := fed(target, data, folder, Tally(name)):
            raise Finding(problem)

    return feed, [*target.seeds, *(path.read_bytes() for path in corpus_of(target))]


def _decoder(name: str) -> tuple[Feed, list[bytes]]:
    """Return what feeds a decoder: packets, each behind two bytes that say how long it is."""
    from fuzz import captured, fed_packet  # noqa: PLC0415 - being instrumented

    from repsense.sources.ble.registry import find_driver  # noqa: PLC0415 - as above

    driver = find_driver(name.removeprefix(DECODER))
    real = captured(driver)

    def feed(data: bytes) -> None:
        decoder, at = driver.decoder(), 0
        while at + 2 <= len(data):
            size = int.from_bytes(data[at : at + 2], "little") & 0x1FF
            one = real[data[at + 1] % len(real)]
            if problem := fed_packet(decoder, one, data[at + 2 : at + 2 + size]):
                raise Finding(problem)
            at += 2 + size

    return feed, [
        b"".join(len(one.data).to_bytes(2, "little") + one.data for one in real[at : at + 8])
        for at in range(0, min(len(real), 40), 8)
    ]


if __name__ == "__main__":
    sys.exit(main())
