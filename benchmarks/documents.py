"""Write what was measured into a document, between the marks that are there for it."""

import datetime
import tomllib
from pathlib import Path

_ROOT = Path(__file__).parent.parent
EVALUATION = _ROOT / "docs" / "evaluation.md"


class NoMarksError(Exception):
    """A document has no place for what was measured."""


def measured_on() -> str:
    """Return which version was measured, and today's date, as a sentence for people."""
    project = tomllib.loads((_ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    today = datetime.datetime.now(tz=datetime.UTC).date()
    return f"Version {project['version']}, measured on {today.day} {today:%B %Y}."


def write_between(path: Path, name: str, text: str) -> None:
    """Replace what stands between ``<!-- name: begin -->`` and ``<!-- name: end -->``.

    Raises
    ------
    NoMarksError
        When the document has not both of them, once each and in this order.
    """
    whole = path.read_text(encoding="utf-8")
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    before, found, rest = whole.partition(begin)
    _, closed, after = rest.partition(end)
    if not (found and closed) or whole.count(begin) + whole.count(end) != 2:
        raise NoMarksError(
            f"{path} must have the lines {begin} and {end} once each, in this order: put them "
            f"where the figures are to stand."
        )
    path.write_text(f"{before}{begin}\n\n{text.strip()}\n\n{end}{after}", encoding="utf-8")
