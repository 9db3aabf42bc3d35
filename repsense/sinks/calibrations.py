"""What was measured of each wearer's clean reps, kept in a small file beside the history."""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from repsense.calibration import Calibrated, Calibration
from repsense.errors import HistoryError
from repsense.samples import SampleBlock
from repsense.sinks.base import Notice

FILE_NAME = "calibrations.json"

ByExercise = Mapping[str, Calibration]


def calibrations_path(history: Path) -> Path:
    """Return where calibrations are kept: beside the history database."""
    return history.with_name(FILE_NAME)


def read_calibrations(path: Path) -> dict[str, dict[str, Calibration]]:
    """Return what is known of each wearer, by exercise; nothing where there is no file.

    Raises
    ------
    HistoryError
        When the file cannot be read.
    """
    try:
        kept = json.loads(path.read_text("utf-8"))
        return {
            wearer: {exercise: _calibration(exercise, one) for exercise, one in theirs.items()}
            for wearer, theirs in kept.items()
        }
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise HistoryError(
            f"What was calibrated cannot be read from {path} ({error}): move the file away and "
            f"calibrate anew."
        ) from error


def keep_calibration(path: Path, wearer: str, exercise: str, found: Calibration | None) -> None:
    """Write a calibration down in place of an older one; None forgets it.

    A whole new file takes the old one's place, so that a kill leaves one of the two.

    Raises
    ------
    HistoryError
        When the file cannot be read or written.
    """
    known = read_calibrations(path)
    theirs = {key: one for key, one in known.get(wearer, {}).items() if key != exercise}
    if found is not None:
        theirs[exercise] = found
    known[wearer] = theirs
    text = json.dumps(
        {
            name: {key: _fields(one) for key, one in sorted(ones.items())}
            for name, ones in sorted(known.items())
            if ones
        },
        indent=1,
    )
    new = path.with_name(f"{path.name}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        new.write_text(text, "utf-8")
        new.replace(path)
    except OSError as error:
        raise HistoryError(
            f"What was calibrated cannot be kept in {path} ({error.strerror}): it holds until "
            f"RepSense ends. Check the folder and its permissions."
        ) from error


class CalibrationsSink:
    """Writes down what is measured; what cannot be written is said, and holds until the end.

    Parameters
    ----------
    path
        The file, JSON. It need not exist.
    on_status
        Is given the sentence when something is wrong with the file.
    """

    def __init__(self, path: Path, *, on_status: Callable[[str], None]) -> None:
        self._path = path
        self._say = on_status

    def of(self, wearer: str) -> tuple[Calibration, ...]:
        """Return what was measured of a wearer before."""
        try:
            return tuple(read_calibrations(self._path).get(wearer, {}).values())
        except HistoryError as error:
            self._say(str(error))
            return ()

    async def start(self) -> None:
        """Need nothing."""

    def take(self, notice: Notice) -> None:
        """Write a calibration down."""
        if not isinstance(notice.event, Calibrated):
            return
        found = notice.event.calibration
        try:
            keep_calibration(self._path, notice.wearer, found.exercise, found)
        except HistoryError as error:
            self._say(str(error))

    def take_block(self, wearer: str, block: SampleBlock) -> None:
        """Ignore samples."""

    async def stop(self) -> None:
        """Need nothing: everything is written."""


def _fields(one: Calibration) -> dict[str, float]:
    kept = asdict(one)
    del kept["exercise"]
    return {name: round(value, 4) for name, value in kept.items()}


def _calibration(exercise: str, kept: Mapping[str, Any]) -> Calibration:
    numbers = {one.name: kept[one.name] for one in fields(Calibration) if one.name != "exercise"}
    wrong = [
        name
        for name, value in numbers.items()
        if type(value) not in {int, float} or not 0 <= value < 1e6
    ]
    if wrong or numbers.keys() != kept.keys():
        raise ValueError(f"{exercise}: {', '.join(wrong) or 'other numbers than were written'}")
    return Calibration(exercise=exercise, **numbers)
