"""Let everything go wrong that can, again and again, and see whether the promises hold.

    python benchmarks/faults.py                     every fault once
    python benchmarks/faults.py --hours 8           for hours, each time with other numbers
    python benchmarks/faults.py --only disk --seed 7 --rounds 20

Sensors play on a radio made of nothing and in virtual time; brokers, disks, processes and kills
are real. Every round has its own exercises, people, moments and amounts, drawn from the seed, so
that what was seen can be seen again. The exit code is 1 when a promise was broken.
"""

import json
import random
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import asdict, dataclass, field
from pathlib import Path

# Where PYTHONSAFEPATH is set, as scripts/test sets it, Python does not look beside a program.
sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "support"))

import faults_broker
import faults_machine
import faults_sensor
from faults_table import Fault, Place, Seen
from options import add_json, described
from rich.console import Console
from rich.table import Table

FAULTS = (*faults_sensor.FAULTS, *faults_broker.FAULTS, *faults_machine.FAULTS)
_MOST_SHOWN = 5
_BESIDE = 4


@dataclass
class Row:
    """What one fault came to."""

    fault: str
    promise: str
    rounds: int = 0
    broken: int = 0
    seconds: float = 0.0
    newest: dict[str, float | str] = field(default_factory=dict)
    findings: list[str] = field(default_factory=list)


def main() -> int:
    parser = described(__doc__)
    parser.add_argument("--hours", type=float, help="go on for so long")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", action="append", help="faults whose name has this in it")
    parser.add_argument("--short", action="store_true", help="as little as shows anything")
    add_json(parser)
    given = parser.parse_args()
    chosen = [
        one
        for one in FAULTS
        if (one.brief or not given.short)
        and (not given.only or any(word in one.name for word in given.only))
    ]
    if not chosen:
        parser.error(f"no fault has {' or '.join(given.only)} in its name")
    rows = {one.name: Row(one.name, one.promise) for one in chosen}
    until_s = None if given.hours is None else time.monotonic() + given.hours * 3600.0
    number = 0
    while number < given.rounds if until_s is None else time.monotonic() < until_s:
        _round(chosen, rows, given.seed + number, short=given.short)
        number += 1
    shown = [asdict(row) for row in rows.values()]
    print(json.dumps(shown)) if given.json else _print(list(rows.values()))
    return int(any(row.broken for row in rows.values()))


def _round(faults: list[Fault], rows: dict[str, Row], seed: int, *, short: bool) -> None:
    """Play every fault once; those that wait more than they count, beside the others."""
    with ThreadPoolExecutor(_BESIDE if short else 1) as pool:
        beside = [
            pool.submit(_play, one, rows[one.name], f"{seed} {one.name}", short=short)
            for one in faults
            if not one.alone
        ]
        if not short:
            wait(beside)
        for one in faults:
            if one.alone:
                _play(one, rows[one.name], f"{seed} {one.name}", short=short)


def _play(fault: Fault, row: Row, seed: str, *, short: bool) -> None:
    began_s = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="repsense-faults-") as folder:
        try:
            seen = fault.play(random.Random(seed), Place(Path(folder), short))
        except Exception as error:  # noqa: BLE001 - a crash is a finding like any other
            seen = Seen([f"{type(error).__name__}: {error}"])
    row.rounds += 1
    row.seconds = round(row.seconds + time.monotonic() - began_s, 2)
    row.newest = seen.facts
    if seen.wrong:
        row.broken += 1
        row.findings.append(f"seed {seed.split(maxsplit=1)[0]}: {'; '.join(seen.wrong)}")


def _print(rows: list[Row]) -> None:
    table = Table("fault", "promised", box=None, pad_edge=False)
    for name in ("rounds", "kept"):
        table.add_column(name, justify="right")
    table.add_column("seen last")
    for row in rows:
        seen = ", ".join(f"{key} {value}" for key, value in row.newest.items())
        table.add_row(row.fault, row.promise, str(row.rounds), str(row.rounds - row.broken), seen)
    console = Console(width=None if sys.stdout.isatty() else 160)
    console.print(table)
    for row in rows:
        for finding in row.findings[:_MOST_SHOWN]:
            console.print(f"{row.fault}: {finding}", markup=False, highlight=False)


if __name__ == "__main__":
    sys.exit(main())
