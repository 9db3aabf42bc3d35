"""Run the short forms of all benchmarks: one table of what is promised and what was measured.

    python benchmarks/all.py [--only process pipeline ...] [--json FILE] [--write] [--long]

Each benchmark runs in a process of its own, one after the other, so that figures which are compared
come from one run on one machine. ``--long`` runs them as they are meant to be run, for hours;
``--write`` puts the table into docs/performance.md. ``--json`` keeps everything that was measured
in a file; what that holds of benchmarks that are not run this time stays, and is in the table.
What needs recordings or programs that are not here says so and is left out.
"""

import argparse
import json
import os
import platform
import shlex
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from all_rows import PARTS, Part, Row
from documents import measured_on, write_between

HERE = Path(__file__).resolve().parent
PERFORMANCE = HERE.parent / "docs" / "performance.md"
PATIENCE_S = 3600.0
_LONG_PATIENCE_S = 12 * 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """What came of one benchmark."""

    name: str
    seconds: float
    exit_code: int
    found: object
    rows: list[Row]


def main() -> int:
    """Run the benchmarks; 1 where a promise is not kept or one did not run."""
    options = _options()
    before = _before(options.json)
    chosen = [part.name for part in PARTS if part.name in options.only]
    ran = []
    for part in PARTS:
        if part.name in chosen:
            place = f"{chosen.index(part.name) + 1} of {len(chosen)}"
            ran.append(_run(part, place, long=options.long))
        elif part.name in before:
            ran.append(before[part.name])
    rows = [row for one in ran for row in one.rows]
    print(_table(rows))
    if options.json is not None:
        found = {"machine": _machine(), "benchmarks": [asdict(one) for one in ran]}
        options.json.write_text(json.dumps(found, indent=1), "utf-8")
    if options.write:
        write_between(PERFORMANCE, "benchmarks", f"{measured_on()} {_machine()}\n\n{_table(rows)}")
    return 1 if any(row.kept is False for row in rows) else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    names = [part.name for part in PARTS]
    parser.add_argument("--only", nargs="+", choices=names, default=names, metavar="NAME")
    parser.add_argument("--json", type=Path, metavar="FILE", help="keep all figures there")
    parser.add_argument("--write", action="store_true", help="write into docs/performance.md")
    parser.add_argument("--long", action="store_true", help="not the short forms: hours")
    return parser.parse_args()


def _before(path: Path | None) -> dict[str, Ran]:
    """Return what was measured another time, by name; its rows are made anew."""
    if path is None or not path.exists():
        return {}
    kept: list[dict[str, Any]] = json.loads(path.read_text("utf-8"))["benchmarks"]
    parts = {part.name: part for part in PARTS}
    return {
        one["name"]: Ran(**one | {"rows": parts[one["name"]].rows(one["found"])})
        for one in kept
        if one["name"] in parts and one["found"] is not None
    }


def _run(part: Part, place: str, *, long: bool) -> Ran:
    words = [*part.words, *(() if long else part.short), "--json"]
    print(f"{place}: {shlex.join(words)} ...", file=sys.stderr, flush=True)
    began_s = time.monotonic()
    with tempfile.TemporaryFile("w+") as said:
        try:
            done = subprocess.run(
                [sys.executable, *words],
                cwd=HERE.parent,
                env={**os.environ, "PYTHONPATH": str(HERE.parent)},
                stdout=subprocess.PIPE,
                stderr=said,
                text=True,
                timeout=_LONG_PATIENCE_S if long else PATIENCE_S,
                check=False,
            )
            exit_code, text = done.returncode, done.stdout
        except subprocess.TimeoutExpired:
            exit_code, text = -1, ""
        said.seek(0)
        complaint = said.read().strip().splitlines()
    found, rows = _read(part, text)
    if not rows:
        why = complaint[-1] if complaint else "it said nothing"
        print(f"{part.name}: no figures (exit code {exit_code}): {why}", file=sys.stderr)
    seconds = time.monotonic() - began_s
    missed = sum(row.kept is False for row in rows)
    said = f"{seconds:.0f} s, {len(rows)} rows, {missed} not reached"
    print(f"{place}: {part.name}: {said}", file=sys.stderr, flush=True)
    return Ran(name=part.name, seconds=seconds, exit_code=exit_code, found=found, rows=rows)


def _read(part: Part, text: str) -> tuple[object, list[Row]]:
    try:
        found: object = json.loads(text)
    except ValueError:
        return None, []
    return found, part.rows(found)


def _table(rows: list[Row]) -> str:
    lines = ["| what | promised | measured | kept | command |", "|---|---|---|---|---|"]
    kept = {True: "yes", False: "**no**", None: ""}
    lines += [
        f"| {row.what} | {row.promised} | {row.measured} | {kept[row.kept]} | `{row.command}` |"
        for row in rows
    ]
    return "\n".join(lines)


def _machine() -> str:
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    return (
        f"{os.cpu_count()} cores ({platform.machine()}), Python {platform.python_version()}; load "
        f"of the machine at the end (1, 5 and 15 minutes): {load}."
    )


if __name__ == "__main__":
    sys.exit(main())
