"""What each wearer has chosen, kept in a small file, so that a restart forgets none of it."""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from repsense.events import Chosen
from repsense.samples import SampleBlock
from repsense.sinks.base import Notice

FILE_NAME = "choices.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What a wearer has said about the sets to come.

    Parameters
    ----------
    exercise
        Its identifier; None leaves it to be recognised.
    target_reps
        None where no number is wanted.
    """

    exercise: str | None = None
    target_reps: int | None = None


def choices_path(history: Path) -> Path:
    """Return where the choices are kept: beside the history database."""
    return history.with_name(FILE_NAME)


class ChoicesSink:
    """Writes every choice down, and knows those of the last time from the start.

    A file that cannot be read or written is said, and costs no more than the choices.

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
        self._choices = self._read()

    def of(self, wearer: str) -> Choice:
        """Return a wearer's newest choice."""
        return self._choices.get(wearer, Choice())

    async def start(self) -> None:
        """Need nothing."""

    def take(self, notice: Notice) -> None:
        """Write a choice down, unless it is known already."""
        if not isinstance(notice.event, Chosen):
            return
        chosen = Choice(exercise=notice.event.exercise, target_reps=notice.event.target_reps)
        if chosen == self.of(notice.wearer):
            return
        self._choices[notice.wearer] = chosen
        self._write()

    def take_block(self, wearer: str, block: SampleBlock) -> None:
        """Ignore samples."""

    async def stop(self) -> None:
        """Need nothing: everything is written."""

    def _read(self) -> dict[str, Choice]:
        try:
            kept = json.loads(self._path.read_text("utf-8"))
            return {wearer: _choice(fields) for wearer, fields in kept.items()}
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, TypeError, AttributeError) as error:
            self._say(
                f"What was chosen before cannot be read from {self._path} ({error}): choose "
                f"exercise and target anew, which writes the file again."
            )
            return {}

    def _write(self) -> None:
        """Put a whole new file in the old one's place, so that a kill leaves one of the two."""
        text = json.dumps({wearer: asdict(one) for wearer, one in self._choices.items()}, indent=1)
        new = self._path.with_name(f"{self._path.name}.new")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            new.write_text(text, "utf-8")
            new.replace(self._path)
        except OSError as error:
            self._say(
                f"What was chosen cannot be kept in {self._path} ({error.strerror}): it holds "
                f"until RepSense ends. Check the folder and its permissions."
            )


def _choice(fields: Any) -> Choice:  # noqa: ANN401 - any JSON value
    choice = Choice(**fields)
    if not isinstance(choice.exercise, str | None) or type(choice.target_reps) not in {
        int,
        type(None),
    }:
        raise ValueError(f"{fields!r} is no choice")
    return choice
