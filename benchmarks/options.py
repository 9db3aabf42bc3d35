"""The command line of the benchmarks: an option that several have is the same in all of them."""

import argparse
import sys
from pathlib import Path

# The recordings are not part of the project (docs/recordings.md).
_RECORDINGS = Path(__file__).resolve().parents[2] / "shared" / "real_recordings"


def described(docstring: str | None) -> argparse.ArgumentParser:
    """Return a parser whose ``--help`` begins with a program's docstring, as it is written."""
    return argparse.ArgumentParser(
        description=docstring, formatter_class=argparse.RawDescriptionHelpFormatter
    )


def add_recordings(parser: argparse.ArgumentParser) -> None:
    """Add ``--recordings``: the folder with the real ones."""
    parser.add_argument(
        "--recordings",
        type=Path,
        default=_RECORDINGS,
        metavar="FOLDER",
        help="folder with index.csv",
    )


def has_recordings(folder: Path) -> bool:
    """Return whether recordings are in a folder; where not, say on standard error what to do."""
    if (folder / "index.csv").is_file():
        return True
    print(f"{folder} has no index.csv: name the folder with --recordings.", file=sys.stderr)
    return False


def add_limit(parser: argparse.ArgumentParser) -> None:
    """Add ``--limit``: for a first look."""
    parser.add_argument(
        "--limit", type=int, metavar="N", help="at most so many recordings of each kind"
    )


def add_jobs(
    parser: argparse.ArgumentParser, default: int, counted: str = "recordings counted"
) -> None:
    """Add ``--jobs``; ``counted`` says what is done by so many processes at once."""
    parser.add_argument(
        "--jobs", type=int, default=default, metavar="N", help=f"{counted} at a time"
    )


def add_json(parser: argparse.ArgumentParser) -> None:
    """Add ``--json``: for scripts."""
    parser.add_argument("--json", action="store_true", help="print JSON and nothing else")
