"""JSON lines for programs: opened, written and closed so that every trouble is told in one line."""

import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import typer

if TYPE_CHECKING:
    from repsense.events import Event
    from repsense.pipeline.judge import Verdict

#: The target that is no file but stdout.
TO_STDOUT = "-"

_DECIMALS = 3


def event_line(event: "Event", file: Path) -> str:
    """Return one line of the contract: the event's JSON with the file it comes from."""
    from repsense.events import to_dict

    fields = to_dict(event)
    kind = fields.pop("event")
    return json.dumps({"event": kind, "file": str(file), **fields}, ensure_ascii=False) + "\n"


def verdict_line(verdict: "Verdict", file: Path) -> str:
    """Return a verdict of the judge as a line of JSON, with the file it comes from."""
    fields = asdict(verdict) | {
        "start_s": round(verdict.start_s, _DECIMALS),
        "end_s": round(verdict.end_s, _DECIMALS),
        "judged_s": round(verdict.judged_s, _DECIMALS),
        "evidence": round(verdict.evidence, _DECIMALS),
        "traits": _rounded(verdict.traits._asdict()),
        "shares": _rounded(dict(verdict.shares)),
    }
    return json.dumps({"file": str(file), **fields}, ensure_ascii=False) + "\n"


def _rounded(numbers: Mapping[str, float]) -> dict[str, float]:
    return {name: round(number, _DECIMALS) or 0 for name, number in numbers.items()}


@contextmanager
def json_lines(what: str, target: str | None) -> Iterator[TextIO | None]:
    """Open where lines go to, and close it with what it holds however the command ends."""
    from repsense.errors import RecordingError

    if target is None:
        yield None
        return
    if target == TO_STDOUT:
        try:
            yield sys.stdout
        except BrokenPipeError:
            raise
        except OSError as error:
            _forget_stdout()
            raise RecordingError(f"The {what} cannot be written ({error.strerror}).") from error
        return
    try:
        with Path(target).open("w", encoding="utf-8", newline="\n") as lines:
            yield lines
    except BrokenPipeError:
        raise
    except OSError as error:
        raise RecordingError(
            f"The {what} cannot be written to {target} ({error.strerror}): check the folder, the "
            f"space on the disk and who may write there."
        ) from error


@contextmanager
def quiet_when_the_reader_leaves() -> Iterator[None]:
    """End without a word when ``| head`` has read enough."""
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        _forget_stdout()
        raise typer.Exit from None


def _forget_stdout() -> None:
    """Keep Python from writing to a stdout that is gone once more when it ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
