"""``repsense replay``: recordings through the engine, as events for programs or a table for people.

What the contract says of ``--events -`` holds to the letter: one JSON object a
line, and nothing else on stdout. An explanation asked for as well goes to stderr.
"""

import sys
import time
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TextIO

import typer

from repsense.cli.json_lines import (
    TO_STDOUT,
    event_line,
    json_lines,
    quiet_when_the_reader_leaves,
    verdict_line,
)
from repsense.cli.progress import progress_bar

if TYPE_CHECKING:
    from collections.abc import Callable

    from repsense.cli.progress import Advance
    from repsense.events import Event
    from repsense.pipeline.judge import Listener, Verdict
    from repsense.recording.format import Recording
    from repsense.samples import Worn


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    """What is to be counted how, and what is to be said of it.

    Parameters
    ----------
    speed
        How many times real time; None for as fast as it goes.
    armed, exercise
        What the person has said.
    worn
        How the sensor sat on the arm; None for what each recording says.
    table
        Stdout is for people.
    explain, plot
        Say of each chain why it counts or not; draw it.
    """

    speed: float | None
    armed: bool
    exercise: str | None
    worn: "Worn | None"
    table: bool
    explain: bool
    plot: Path | None


_Files = Annotated[
    list[Path],
    typer.Argument(metavar="FILE...", help="Recordings, .csv or .csv.gz.", show_default=False),
]
_HowWorn = Annotated[
    str | None,
    typer.Option(
        metavar="WRIST,AXIS,AXIS",
        help="How the sensor sat, like left,+x,+z: wrist, axis along the forearm to the hand, "
        "axis out of the back of the wrist. Else what the recording says.",
        show_default=False,
    ),
]
_Verdicts = Annotated[
    str | None,
    typer.Option(
        metavar="-|PATH",
        help="Write every single verdict behind that as JSON lines.",
        show_default=False,
    ),
]
_Picture = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE.png", help="Draw the recording and what counts.", show_default=False
    ),
]


def replay(
    files: _Files,
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
    worn: _HowWorn = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="Say of all that repeats itself why it counts or not.")
    ] = False,
    verdicts: _Verdicts = None,
    plot: _Picture = None,
) -> None:
    """Count the reps of recordings, exactly as the live engine would.

    Example: repsense replay set.csv --explain --plot set.png
    """
    from repsense.exercises.catalogue import find_exercise
    from repsense.samples import Worn

    pace = _pace(speed)
    if exercise is not None:
        find_exercise(exercise)
    _check_outputs(files, events, verdicts, plot)
    wanted = _Wanted(
        speed=pace,
        armed=armed,
        exercise=exercise,
        worn=None if worn is None else Worn.parse(worn),
        table=TO_STDOUT not in {events, verdicts},
        explain=explain,
        plot=plot,
    )
    with (
        quiet_when_the_reader_leaves(),
        json_lines("events", events) as event_lines,
        json_lines("verdicts", verdicts) as verdict_lines,
    ):
        for file in files:
            _replay_file(file, event_lines, verdict_lines, wanted)


def _check_outputs(
    files: list[Path], events: str | None, verdicts: str | None, plot: Path | None
) -> None:
    """Refuse outputs that would overwrite each other, and a picture that nothing can draw."""
    if events is not None and events == verdicts:
        raise typer.BadParameter(
            f"events and verdicts cannot both go to {events}: send one of them to a file of its "
            f"own.",
            param_hint="--verdicts",
        )
    if plot is not None and len(files) > 1:
        raise typer.BadParameter(
            f"it draws one recording, and {len(files)} are named: draw them one by one.",
            param_hint="--plot",
        )
    if plot is not None and find_spec("matplotlib") is None:
        raise typer.BadParameter(
            "pictures need matplotlib: install it, or RepSense with its extra, repsense[plot].",
            param_hint="--plot",
        )


def _replay_file(
    file: Path, event_lines: TextIO | None, verdict_lines: TextIO | None, wanted: _Wanted
) -> None:
    """Replay one recording; its events are out of our hands before the next one is opened."""
    from repsense.recording.format import read_recording

    recording = read_recording(file)
    for warning in recording.warnings:
        print(f"repsense: {file}: {warning}", file=sys.stderr)
    gathered: list[Event] = []
    judged: list[Verdict] = []

    def emit(said: "list[Event]") -> None:
        gathered.extend(said)
        if event_lines is not None and said:
            event_lines.writelines(event_line(event, file) for event in said)
            if wanted.speed is not None:
                event_lines.flush()

    # A bar on the same screen as the events would be torn to pieces by them.
    bar = wanted.table or not sys.stdout.isatty()
    listens = wanted.explain or wanted.plot is not None or verdict_lines is not None
    with progress_bar(file.name, recording.duration_s, wanted=bar) as advance:
        _push(recording, wanted, emit, advance, judged.append if listens else None)
    if event_lines is not None:
        event_lines.flush()
    if verdict_lines is not None:
        verdict_lines.writelines(verdict_line(verdict, file) for verdict in judged)
        verdict_lines.flush()
    _show(file, recording, gathered, judged, wanted)


def _show(
    file: Path,
    recording: "Recording",
    gathered: "list[Event]",
    judged: "list[Verdict]",
    wanted: _Wanted,
) -> None:
    """Tell people, in words and in a picture, as far as they asked for it."""
    armed = wanted.armed or wanted.exercise is not None
    if wanted.explain:
        from repsense.cli.replay_explained import print_explanation
        from repsense.cli.tables import output

        print_explanation(output(to_stderr=not wanted.table), file, judged, armed=armed)
    if wanted.plot is not None:
        from repsense.cli.replay_picture import save_picture

        save_picture(wanted.plot, recording, judged, armed=armed)
    if wanted.table:
        from repsense.cli.replay_table import print_outcome

        print_outcome(file, recording, gathered)


def _push(
    recording: "Recording",
    wanted: _Wanted,
    emit: "Callable[[list[Event]], None]",
    advance: "Advance",
    listener: "Listener | None",
) -> None:
    """Give the pipeline each piece when it is due, and what it says to ``emit`` at once."""
    from repsense.pipeline.exercise import Recogniser
    from repsense.pipeline.pipeline import Pipeline
    from repsense.sources.replay import paced

    recogniser = Recogniser(wanted.worn or recording.worn)
    pipeline = Pipeline(armed=wanted.armed, exercise=wanted.exercise, recogniser=recogniser)
    if listener is not None:
        pipeline.listen(listener)
    newest_s = float(recording.block.t_s[0])
    begun_s = time.monotonic()
    for due_s, block in paced(recording.block, wanted.speed):
        wait_s = begun_s + due_s - time.monotonic()
        if wait_s > 0:
            time.sleep(wait_s)
        emit(pipeline.push(block))
        advance(float(block.t_s[-1]) - newest_s)
        newest_s = float(block.t_s[-1])
    emit(pipeline.flush())


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
