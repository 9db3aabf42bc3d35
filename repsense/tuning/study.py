"""The study file: what is searched and what came of it so far, one line of JSON a trial.

A trial's line is on the disk before the search goes on, so a search that is killed
loses the trials under way and nothing else. The last line may be cut short.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from repsense.errors import StudyError
from repsense.recording.files import read_text

_FORMAT = "repsense study 1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """Everything that a search's outcome depends on, the number of trials apart.

    Parameters
    ----------
    engine
        Version of the engine.
    recordings
        Digest of the recordings searched on, with their truth.
    settings
        Digest of the settings started from, of the ranges searched and of how it is counted.
    """

    seed: int
    engine: str
    recordings: str
    settings: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A finished trial as the file keeps it.

    Parameters
    ----------
    worth
        After each step that it reached.
    stopped
        It was given up on the way.
    """

    trial: int
    values: Mapping[str, float]
    worth: tuple[float, ...]
    stopped: bool


class Study:
    """The finished trials of a search, kept in a file where there is one.

    Parameters
    ----------
    task
        What is searched.
    path
        The file; one that exists is gone on with. None keeps nothing.

    Raises
    ------
    StudyError
        When the file is of another search, is none of ours, or cannot be read or written.
    """

    def __init__(self, task: Task, path: Path | None) -> None:
        self.path = path
        self._task = task
        self._lines: dict[int, Line] = {}
        if path is None:
            return
        text = read_text(path, StudyError) if path.exists() else ""
        whole = text[: text.rfind("\n") + 1]
        if whole:
            self._read(whole.splitlines(), path)
        if whole != text or not whole:
            self._rewrite(path, whole)

    @property
    def found(self) -> int:
        """How many trials are finished."""
        return len(self._lines)

    def get(self, trial: int) -> Line | None:
        """Return a finished trial, or None."""
        return self._lines.get(trial)

    def add(self, line: Line) -> None:
        """Keep a finished trial.

        Raises
        ------
        StudyError
            When it cannot be written.
        """
        self._lines[line.trial] = line
        if self.path is not None:
            self._append(self.path, json.dumps(asdict(line)))

    def _rewrite(self, path: Path, whole: str) -> None:
        """Begin a new file, or cut off a line that was not finished."""
        try:
            path.write_text(whole, encoding="utf-8")
        except OSError as error:
            raise _unwritable(path, error) from error
        if not whole:
            self._append(path, json.dumps({"format": _FORMAT, **asdict(self._task)}))

    def _append(self, path: Path, line: str) -> None:
        try:
            with path.open("a", encoding="utf-8") as file:
                file.write(line + "\n")
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise _unwritable(path, error) from error

    def _read(self, lines: list[str], path: Path) -> None:
        self._check(_object(lines[0], path, 1), path)
        for number, text in enumerate(lines[1:], start=2):
            fields = _object(text, path, number)
            try:
                line = Line(
                    trial=int(fields["trial"]),
                    values={str(key): float(value) for key, value in fields["values"].items()},
                    worth=tuple(float(one) for one in fields["worth"]),
                    stopped=bool(fields["stopped"]),
                )
            except (KeyError, TypeError, ValueError, AttributeError) as error:
                raise _damaged(path, number) from error
            self._lines[line.trial] = line

    def _check(self, fields: Mapping[str, Any], path: Path) -> None:
        if fields.get("format") != _FORMAT:
            raise _damaged(path, 1)
        other = [key for key, value in asdict(self._task).items() if fields.get(key) != value]
        if other:
            raise StudyError(
                f"{path} is of another search: it differs in its {' and '.join(other)}. Go on with "
                f"what it was begun with, or name a new file with --study."
            )


def _object(text: str, path: Path, number: int) -> Mapping[str, Any]:
    try:
        fields = json.loads(text)
    except ValueError as error:
        raise _damaged(path, number) from error
    if not isinstance(fields, dict):
        raise _damaged(path, number)
    return fields


def _damaged(path: Path, number: int) -> StudyError:
    return StudyError(
        f"{path}, line {number}: this is no line of a study by 'repsense tune': name another "
        f"file with --study, or move this one away."
    )


def _unwritable(path: Path, error: OSError) -> StudyError:
    return StudyError(
        f"{path} cannot be written ({error.strerror}): check that its folder exists and is "
        f"writable."
    )
