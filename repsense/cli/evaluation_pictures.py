"""Pictures of the recordings that were counted worst: what was counted, and where the sets are."""

from collections.abc import Sequence
from pathlib import Path

from repsense.cli.evaluation_work import Work
from repsense.cli.score_tables import error_of, worst_first
from repsense.errors import ConfigError, RecordingError
from repsense.exercises.catalogue import load_catalogue
from repsense.recording.format import read_recording
from repsense.recording.index import IndexRow
from repsense.tuning.evaluation import Conditions, run_row
from repsense.tuning.outcome import Run
from repsense.tuning.scoring import FileScore
from repsense.tuning.truth import Truth, truth_of
from repsense.web.signal_view import curve_of

_TRUTH = "#b3541e"


def draw_worst(
    work: Work,
    conditions: Conditions,
    scores: Sequence[FileScore],
    most: int,
    folder: Path,
) -> dict[str, str]:
    """Draw the worst of those counted wrong into a folder; return each one's picture, by its file.

    Raises
    ------
    ConfigError
        When matplotlib is not installed.
    RecordingError
        When the folder cannot be made or a picture cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RecordingError(
            f"The folder {folder} for the pictures cannot be made ({error.strerror}): name another."
        ) from error
    rows = {row.file: row for row in work.rows}
    drawn = {}
    wrong = [score for score in scores if error_of(score) or score.false_reps]
    for place, score in enumerate(worst_first(wrong)[:most], start=1):
        row = rows[score.file]
        name = (
            f"{place:02d}_{row.file.replace('/', '_').removesuffix('.gz').removesuffix('.csv')}.png"
        )
        truth = truth_of(row, reps_seen=score.reps_seen, rep_times=work.rep_times)
        _draw(row, run_row(row, conditions=conditions), truth, folder / name)
        drawn[score.file] = name
    return drawn


def _draw(row: IndexRow, run: Run, truth: Truth, path: Path) -> None:
    try:
        from repsense.cli.figure import signal_figure, write_figure
    except ModuleNotFoundError as error:
        raise ConfigError(
            f"A picture needs {error.name}, which is not installed. Install it with: "
            f"pip install 'repsense[plot]'"
        ) from error
    known = load_catalogue().get(row.exercise)
    lift_first = known is None or known.concentric_first
    counted = [(one.rep_details, lift_first) for one in run.sets if one.reps]
    reps = [rep for details, _ in counted for rep in details]
    curve = curve_of(read_recording(row.path).block, reps)
    title = f"{row.file}: {truth.reps_seen} true, {run.reps} counted"
    figure = signal_figure(curve, counted, title=title)
    for one in truth.sets:
        # Just below the signal: where the sets are, and their reps where those are known.
        figure.axes[0].hlines(
            0.0, one.start_s, one.end_s, color=_TRUTH, lw=4, clip_on=False,
            transform=figure.axes[0].get_xaxis_transform(),
        )  # fmt: skip
        edges_s = [edge_s for rep in one.reps for edge_s in (rep.start_s, rep.end_s)]
        figure.axes[0].vlines(
            edges_s, 0.0, 0.06, color=_TRUTH, lw=1,
            transform=figure.axes[0].get_xaxis_transform(),
        )  # fmt: skip
    write_figure(figure, path)
