"""What ``repsense replay`` shows to people: a line a recording, a line a set."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from repsense.cli.tables import output, shown, table
from repsense.events import Event, Rep, SamplesLost, SetFinished
from repsense.recording.format import Recording


def print_outcome(file: Path, recording: Recording, events: Sequence[Event]) -> None:
    """Print what was counted in one recording."""
    # Without reps, it was taken back.
    sets = [event for event in events if isinstance(event, SetFinished) and event.reps]
    reps = sum(finished.reps for finished in sets)
    rate = f" at {recording.block.median_rate_hz():.1f} Hz" if len(recording.block) > 1 else ""
    console = output()
    console.print(
        f"{file}: {_number(len(sets), 'set')}, {_number(reps, 'rep')} in "
        f"{recording.duration_s:.1f} s{rate}",
        soft_wrap=True,
    )
    for event in events:
        if isinstance(event, SamplesLost):
            console.print(f"  no samples from {event.start_s:.1f} s to {event.end_s:.1f} s")
    if sets:
        numbers = ("reps", "from s", "to s", "lift s", "hold s", "lower s")
        lines = table(("  set",), numbers, ("exercise", "form"))
        for finished in sets:
            lines.add_row(*_cells(finished))
        console.print(lines)


def _cells(finished: SetFinished) -> list[str]:
    reps = finished.rep_details
    exercise = finished.exercise.replace("_", " ")
    if finished.exercise_confidence:
        exercise = f"{exercise} ({100 * finished.exercise_confidence:.0f} %)"
    return [
        f"  {finished.set}",
        str(finished.reps),
        f"{finished.start_s:.1f}",
        f"{finished.end_s:.1f}",
        *(shown(_mean(reps, phase), 1) for phase in ("lift_s", "hold_s", "lower_s")),
        exercise,
        _form(reps),
    ]


def _mean(reps: Sequence[Rep], phase: str) -> float | None:
    return sum(getattr(rep, phase) for rep in reps) / len(reps) if reps else None


def _form(reps: Sequence[Rep]) -> str:
    """Return the faults with the number of reps that have them."""
    faults = Counter(flag.replace("_", " ") for rep in reps for flag in rep.flags)
    return ", ".join(f"{fault} {times}x" for fault, times in faults.items()) or "good"


def _number(count: int, what: str) -> str:
    return f"{count} {what}{'s' * (count != 1)}"
