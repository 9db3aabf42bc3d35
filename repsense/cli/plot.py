"""``repsense plot``: a recording as a picture."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from repsense.events import Rep
    from repsense.recording.format import Recording
    from repsense.recording.labels import LabelledRep
    from repsense.web.signal_view import Curve

    Sets = list[tuple[Sequence[Rep | LabelledRep], bool]]

_ENDINGS = (".png", ".svg", ".pdf")


def plot(
    recording: Annotated[Path, typer.Argument(help="The recording.", show_default=False)],
    out: Annotated[
        Path | None,
        typer.Option(help="The picture: .png, .svg or .pdf. Without it, beside you as .png."),
    ] = None,
    labels: Annotated[
        bool, typer.Option("--labels", help="Draw what the labels say, not what is counted.")
    ] = False,
    start: Annotated[float | None, typer.Option(help="From here, in s.")] = None,
    end: Annotated[float | None, typer.Option(help="To here, in s.")] = None,
) -> None:
    """Draw a recording: its signal, the phases of each rep, and the faults of form.

    Example: repsense plot recordings/front_raise_swing.csv.gz --labels --out raise.svg
    """
    from repsense.errors import RecordingError
    from repsense.recording.format import read_recording

    read = read_recording(recording)
    path = out or Path(f"{read.name}.png")
    if path.suffix.lower() not in _ENDINGS:
        raise RecordingError(
            f"A picture {path} cannot be made: end its name in {', '.join(_ENDINGS)}."
        )
    sets = _labelled(recording) if labels else _counted(read)
    _draw(read, sets, path, start, end)
    print(f"Drawn into {path}: {_sentence(sets)}.")


def _draw(
    read: "Recording", sets: "Sets", path: Path, start_s: float | None, end_s: float | None
) -> None:
    from repsense.errors import ConfigError
    from repsense.web.signal_view import curve_of

    try:
        from repsense.cli.figure import signal_figure, write_figure
    except ModuleNotFoundError as error:
        raise ConfigError(
            f"A picture needs {error.name}, which is not installed. Install it with: "
            f"pip install 'repsense[plot]'"
        ) from error
    curve = curve_of(read.block, [rep for reps, _ in sets for rep in reps])
    shown = _part(curve, start_s, end_s)
    write_figure(signal_figure(shown, sets, title=f"{read.name}: {_sentence(sets)}"), path)


def _part(curve: "Curve", start_s: float | None, end_s: float | None) -> "Curve":
    from repsense.errors import RecordingError

    first_s, last_s = float(curve.t_s[0]), float(curve.t_s[-1])
    shown = curve.between(
        first_s if start_s is None else start_s, last_s if end_s is None else end_s
    )
    if len(shown.t_s) < 2:
        raise RecordingError(
            f"There is nothing from {start_s} to {end_s} s: the recording goes from {first_s:.1f} "
            f"to {last_s:.1f} s."
        )
    return shown


def _labelled(recording: Path) -> "Sets":
    from repsense.recording.labels import labels_path, read_labels

    return [
        (one.reps, _lift_first(one.exercise)) for one in read_labels(labels_path(recording)).sets
    ]


def _counted(read: "Recording") -> "Sets":
    from repsense.events import SetFinished
    from repsense.tuning.run import run_recording

    finished = (event for event in run_recording(read).events if isinstance(event, SetFinished))
    return [(event.rep_details, _lift_first(event.exercise)) for event in finished if event.reps]


def _lift_first(exercise: str) -> bool:
    from repsense.exercises.catalogue import load_catalogue

    known = load_catalogue().get(exercise)
    return known is None or known.concentric_first


def _sentence(sets: "Sets") -> str:
    counts = [len(reps) for reps, _ in sets]
    return f"{len(counts)} {'set' if len(counts) == 1 else 'sets'}, {sum(counts)} reps"
