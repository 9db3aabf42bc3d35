"""Evaluations as JSON: what ``repsense evaluate --json`` prints, and the way back."""

import json
from collections.abc import Mapping
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from repsense.errors import LabelsError
from repsense.recording.files import read_text
from repsense.tuning.matching import Matches
from repsense.tuning.scoring import FileScore

_DECIMALS = 3
_HOW = "make it with repsense evaluate INDEX.csv --json"


def score_dict(score: FileScore) -> dict[str, Any]:
    """Return a score for JSON, times rounded to 1 ms."""
    rounded: dict[str, Any] = _rounded(asdict(score))
    return rounded


def read_evaluation(path: Path) -> list[FileScore]:
    """Return the scores in a file that ``repsense evaluate --json`` has printed.

    What an older version did not measure is taken for not there.

    Raises
    ------
    LabelsError
        When it cannot be read or holds no evaluation.
    """
    try:
        content = json.loads(read_text(path, LabelsError))
    except ValueError as error:
        raise LabelsError(f"{path} is not JSON ({error}): {_HOW}.") from error
    if not isinstance(content, dict) or not isinstance(content.get("files"), list):
        raise LabelsError(f"{path} holds no evaluation: {_HOW}.")
    try:
        return [_score(each) for each in content["files"]]
    except (TypeError, AttributeError) as error:
        raise LabelsError(
            f"{path} holds an evaluation that cannot be understood ({error}): {_HOW}."
        ) from error


def _score(values: Mapping[str, Any]) -> FileScore:
    return FileScore(**_known(FileScore, values) | {"matches": _matches(values.get("matches"))})


def _matches(values: Mapping[str, Any] | None) -> Matches:
    nothing = Matches(sets_true=0, sets_counted=0, sets_found=0)
    return nothing if values is None else Matches(**asdict(nothing) | _known(Matches, values))


def _known(kind: type[FileScore | Matches], values: Mapping[str, Any]) -> dict[str, Any]:
    """Return what this version knows, lists as tuples."""
    names = {field.name for field in fields(kind)}
    return {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in values.items()
        if name in names
    }


def _rounded(value: Any) -> Any:  # noqa: ANN401 - walks plain JSON values of any type
    if isinstance(value, float):
        return round(value, _DECIMALS)
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(item) for item in value]
    return value
