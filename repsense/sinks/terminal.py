"""The sink a person looks at: a live screen on a terminal, plain lines anywhere else."""

import time
from collections.abc import Iterable
from dataclasses import replace

from rich.console import Console
from rich.live import Live

from repsense.calibration import Calibrated
from repsense.events import (
    Chosen,
    CountCorrected,
    Event,
    ExerciseRecognised,
    FormCue,
    PlanFinished,
    RepFinished,
    SamplesLost,
    SensorState,
    SetDue,
    SetFinished,
    SetStarted,
    WorkoutFinished,
)
from repsense.samples import SampleBlock
from repsense.sinks.base import Notice
from repsense.sinks.drawing import draw, summary_table
from repsense.sinks.live import UNKNOWN_EXERCISE, LiveState
from repsense.sinks.screen import ScreenState, at_time, exercise_name, flag_words, follow

# Clocks tick in seconds and a drawing takes some ms: between events this is smooth enough.
_REDRAW_S = 0.25


class TerminalSink:
    """Show one wearer's workout, and a summary when it ends.

    Parameters
    ----------
    wearer
        Whose workout it is; the events of others are ignored.
    notes
        Lines that stay on the screen, as (label, text): where else to look.
    console
        Where to draw; None means standard output.
    """

    def __init__(
        self,
        wearer: str,
        *,
        notes: Iterable[tuple[str, str]] = (),
        console: Console | None = None,
    ) -> None:
        self.state = ScreenState(live=LiveState(wearer=wearer), notes=tuple(notes))
        self._console = Console(highlight=False) if console is None else console
        self._live: Live | None = None
        self._drawn_at_s = 0.0
        self._said: list[str] = []

    async def start(self) -> None:
        """Take over the terminal, or print the notes where there is none."""
        for label, text in self.state.notes:
            self._print(f"{label} {text}")
        if self._console.is_terminal:
            self._live = Live(console=self._console, screen=True, auto_refresh=False)
            self._live.start()
            self._draw()

    def take(self, notice: Notice) -> None:
        """Show one event."""
        if notice.wearer != self.state.live.wearer:
            return
        self.state = follow(self.state, notice)
        if self._live is not None:
            self._draw()
        else:
            self._print(f"{notice.wearer}: {line_of(notice.event)}")

    def take_block(self, wearer: str, block: SampleBlock) -> None:
        """Let the clocks run on."""
        if wearer != self.state.live.wearer or not len(block):
            return
        self.state = at_time(self.state, float(block.t_s[-1]))
        if time.monotonic() - self._drawn_at_s >= _REDRAW_S:
            self._draw()

    def say(self, text: str) -> None:
        """Show a sentence about the service itself: on the status line, or as a line."""
        self.state = replace(self.state, status=text)
        if self._live is None:
            self._print(text)
            return
        self._said.append(text)
        self._draw()

    async def stop(self) -> None:
        """Give the terminal back; leave what was said and the summary on it."""
        if self._live is not None:
            self._live.stop()
            self._live = None
            for text in dict.fromkeys(self._said):
                self._print(text)
        self._console.print(summary_table(self.state))

    def _draw(self) -> None:
        if self._live is None:
            return
        self._drawn_at_s = time.monotonic()
        size = self._console.size
        self._live.update(draw(self.state, columns=size.width, rows=size.height), refresh=True)

    def _print(self, text: str) -> None:
        self._console.print(text, markup=False, soft_wrap=True)


def line_of(event: Event) -> str:
    """Return an event as one line of text."""
    match event:
        case SetStarted(set=number):
            line = f"set {number} started"
        case RepFinished():
            line = _rep_line(event)
        case CountCorrected(set=number, reps=reps):
            line = f"set {number}: count corrected to {reps}"
        case FormCue(text=text):
            line = f"» {text}"
        case SetDue() | PlanFinished() | WorkoutFinished() | Chosen() | Calibrated():
            line = _workout_line(event)
        case ExerciseRecognised(exercise=exercise):
            line = f"this looks like: {exercise_name(exercise)}"
        case SetFinished():
            line = _set_line(event)
        case SamplesLost(start_s=start_s, end_s=end_s):
            line = f"{end_s - start_s:.1f} s were not seen: the sensor's samples were lost"
        case SensorState(sensor=sensor, state=state, detail=detail):
            line = f"sensor {sensor}: {state.value}{f' ({detail})' if detail else ''}"
    return line


def _workout_line(
    event: SetDue | PlanFinished | WorkoutFinished | Chosen | Calibrated,
) -> str:
    match event:
        case SetDue(name=name, number=number, sets=sets):
            return f"next: {name}, set {number} of {sets}"
        case PlanFinished(sets=sets):
            return f"the plan is done: {sets} sets"
        case WorkoutFinished(sets=sets, reps=reps):
            return f"workout finished: {sets} sets, {reps} reps"
        case Chosen(exercise=exercise, target_reps=target):
            name = "recognised by itself" if exercise is None else exercise_name(exercise)
            return f"exercise: {name}, target: {target or 'none'}"
        case Calibrated(calibration=found):
            name = exercise_name(found.exercise)
            return f"measured: {name}, {found.reps} clean reps of {found.rep_s:.1f} s"


def _rep_line(event: RepFinished) -> str:
    rep = event.measured
    faults = flag_words(rep.flags)
    return (
        f"set {event.set}, rep {event.rep}{'?' if event.provisional else ''}: "
        f"lift {rep.lift_s:.1f} s, hold {rep.hold_s:.1f} s, lower {rep.lower_s:.1f} s, "
        f"momentum {rep.momentum:.2f}{f' ({faults})' if faults else ''}"
    )


def _set_line(event: SetFinished) -> str:
    faults = flag_words(event.flags)
    if not event.reps:
        return f"set {event.set} was none after all"
    name = "" if event.exercise == UNKNOWN_EXERCISE else f" of {exercise_name(event.exercise)}"
    return f"set {event.set} finished: {event.reps} reps{name}{f' ({faults})' if faults else ''}"
