"""``repsense replay``: recordings through the engine, as events for programs or a table for people.

What the contract says of ``--events -`` holds to the letter: one JSON object a
line, and nothing else on stdout.
"""

import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TextIO

import typer

from repsense.cli.progress import progress_bar

if TYPE_CHECKING:
    from collections.abc import Callable

    from repsense.cli.progress import Advance
    from repsense.events import Event
    from repsense.recording.format import Recording

_TO_STDOUT = "-"


def replay(
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE...", help="Recordings, .csv or .csv.gz.", show_default=False),
    ],
    *,
    speed: Annotated[
        str, typer.Option(metavar="max|1|4...", help="max, or a multiple of real time.")
    ] = "max",
    armed: Annotated[
        bool, typer.Option("--armed", help="A set is due: even a single rep counts.")
    ] = False,
    exercise: Annotated[
        str | None,
        typer.Option(metavar="ID", help="The exercise, where it is known.", show_default=False),
    ] = None,
    events: Annotated[
        str | None,
        typer.Option(
            metavar="-|PATH",
            help="Write events as JSON lines to stdout (-) or a file.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Count the reps of recordings, exactly as the live engine would."""
    from repsense.exercises.catalogue import find_exercise

    pace = _pace(speed)
    if exercise is not None:
        find_exercise(exercise)
    with _quiet_when_the_reader_leaves(), _event_lines(events) as lines:
        for file in files:
            _replay_file(
                file, lines, pace, armed=armed, exercise=exercise, table=events != _TO_STDOUT
            )


def _replay_file(
    file: Path,
    lines: TextIO | None,
    speed: float | None,
    *,
    armed: bool,
    exercise: str | None,
    table: bool,
) -> None:
    """Replay one recording; its events are out of our hands before the next one is opened."""
    from repsense.recording.format import read_recording

    recording = read_recording(file)
    for warning in recording.warnings:
        print(f"repsense: {file}: {warning}", file=sys.stderr)
    gathered: list[Event] = []

    def emit(said: "list[Event]") -> None:
        gathered.extend(said)
        if lines is not None and said:
            lines.writelines(event_line(event, file) for event in said)
            if speed is not None:
                lines.flush()

    # A bar on the same screen as the events would be torn to pieces by them.
    wanted = table or not sys.stdout.isatty()
    with progress_bar(file.name, recording.duration_s, wanted=wanted) as advance:
        _push(recording, speed, emit, advance, armed=armed, exercise=exercise)
    if lines is not None:
        lines.flush()
    if table:
        from repsense.cli.replay_table import print_outcome

        print_outcome(file, recording, gathered)


def _push(
    recording: "Recording",
    speed: float | None,
    emit: "Callable[[list[Event]], None]",
    advance: "Advance",
    *,
    armed: bool,
    exercise: str | None,
) -> None:
    """Give the pipeline each piece when it is due, and what it says to ``emit`` at once."""
    from repsense.pipeline.pipeline import Pipeline
    from repsense.sources.replay import paced

    pipeline = Pipeline(armed=armed, exercise=exercise)
    newest_s = float(recording.block.t_s[0])
    begun_s = time.monotonic()
    for due_s, block in paced(recording.block, speed):
        wait_s = begun_s + due_s - time.monotonic()
        if wait_s > 0:
            time.sleep(wait_s)
        emit(pipeline.push(block))
        advance(float(block.t_s[-1]) - newest_s)
        newest_s = float(block.t_s[-1])
    emit(pipeline.flush())


def event_line(event: "Event", file: Path) -> str:
    """Return one line of the contract: the event's JSON with the file it comes from."""
    from repsense.events import to_dict

    fields = to_dict(event)
    kind = fields.pop("event")
    return json.dumps({"event": kind, "file": str(file), **fields}, ensure_ascii=False) + "\n"


def _pace(speed: str) -> float | None:
    """Return how many times real time, None for as fast as it goes."""
    if speed == "max":
        return None
    try:
        pace = float(speed.removesuffix("x"))
    except ValueError:
        pace = float("nan")
    if not 0 < pace < float("inf"):
        raise typer.BadParameter(
            f"{speed!r} is no speed: use max, or a number above 0 (1 is real time).",
            param_hint="--speed",
        )
    return pace


@contextmanager
def _event_lines(events: str | None) -> Iterator[TextIO | None]:
    """Open where events go to, and close it with what it holds however the command ends."""
    from repsense.errors import RecordingError

    if events is None:
        yield None
        return
    if events == _TO_STDOUT:
        try:
            yield sys.stdout
        except BrokenPipeError:
            raise
        except OSError as error:
            _forget_stdout()
            raise RecordingError(f"The events cannot be written ({error.strerror}).") from error
        return
    try:
        with Path(events).open("w", encoding="utf-8", newline="\n") as lines:
            yield lines
    except BrokenPipeError:
        raise
    except OSError as error:
        raise RecordingError(
            f"The events cannot be written to {events} ({error.strerror}): check the folder, the "
            f"space on the disk and who may write there."
        ) from error


@contextmanager
def _quiet_when_the_reader_leaves() -> Iterator[None]:
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
