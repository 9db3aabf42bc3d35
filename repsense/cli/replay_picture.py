"""What ``repsense replay --plot`` draws: the signal, and which parts of it were taken for sets."""

from collections.abc import Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from repsense.cli.verdicts import Candidate, candidates, is_weighed, reasons
from repsense.errors import RecordingError
from repsense.pipeline.judge import Verdict
from repsense.recording.format import Recording

_AXES = (("x", "#0072b2"), ("y", "#d55e00"), ("z", "#999933"))
_TAKEN, _REFUSED = "#44aa77", "#999999"
_S_AN_INCH = 8.0
_WIDTH_MIN, _WIDTH_MAX = 8.0, 60.0


def save_picture(
    target: Path, recording: Recording, verdicts: Sequence[Verdict], *, armed: bool
) -> None:
    """Draw a recording with its chains: green those that count, grey those that do not, with why.

    Raises
    ------
    RecordingError
        When the picture cannot be written, or not in the format its name asks for.
    """
    width = min(max(recording.duration_s / _S_AN_INCH, _WIDTH_MIN), _WIDTH_MAX)
    figure = Figure(figsize=(width, 6.5), layout="constrained")
    ax, remarks = figure.subplots(2, 1, sharex=True, height_ratios=(2, 1))
    block = recording.block
    for axis, (name, colour) in enumerate(_AXES):
        ax.plot(block.t_s, block.accel_g[:, axis], color=colour, lw=0.7, label=name)
    for candidate in candidates(verdicts):
        colour = _TAKEN if candidate.counts else _REFUSED
        for each in (ax, remarks):
            each.axvspan(candidate.start_s, candidate.newest.end_s, color=colour, alpha=0.3, lw=0)
        _remark(remarks, candidate, armed=armed)
    ax.set_title(recording.path.name)
    ax.set_ylabel("acceleration, g")
    remarks.set_yticks([])
    remarks.set_ylabel("what the judge said")
    remarks.set_xlabel("time, s")
    ax.margins(x=0.0)
    ax.legend(loc="upper right", ncols=3, frameon=False)
    try:
        figure.savefig(target, dpi=110)
    except OSError as error:
        raise RecordingError(
            f"The picture cannot be written to {target} ({error.strerror}): check the folder, the "
            f"space on the disk and who may write there."
        ) from error
    except ValueError as error:
        raise RecordingError(
            f"The picture cannot be written to {target}: end its name in .png, .svg or .pdf."
        ) from error


def _remark(ax: Axes, candidate: Candidate, *, armed: bool) -> None:
    """Write how many cycles a chain has and, where it does not count, why."""
    newest = candidate.newest
    evidence = f"{newest.evidence:+.1f}" if is_weighed(newest) else "straight"
    text = f"{newest.traits.reps} cycles, {evidence}"
    if not candidate.counts:
        why = newest.reason.rpartition(": ")[2] if armed else reasons(newest)[1]
        text = "\n".join([text, *why.split("; ")])
    ax.text(
        0.5 * (candidate.start_s + newest.end_s),
        0.5,
        text,
        rotation=90.0,
        fontsize=7,
        ha="center",
        va="center",
        transform=ax.get_xaxis_transform(),
    )
