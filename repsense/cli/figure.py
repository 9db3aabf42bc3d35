"""Draws a recording's signal with its reps: the picture of ``plot`` and of ``report``."""

import io
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from repsense.errors import RecordingError
from repsense.events import FormFlag, Rep
from repsense.recording.labels import LabelledRep
from repsense.sinks.screen import FLAG_WORDS
from repsense.web.charts import PHASE_COLOURS, SWING_COLOUR
from repsense.web.signal_view import Curve, stretches

if TYPE_CHECKING:
    from matplotlib.typing import RcKeyType

_INK, _QUIET = "#15191d", "#5b6670"
_LOOK: "dict[RcKeyType, object]" = {
    "font.family": "sans-serif",
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "savefig.facecolor": "white",
    "svg.fonttype": "none",
    "svg.hashsalt": "repsense",
}
_DPI = 150
_SHORT_FLAGS = {flag: flag.value.replace("_", " ") for flag in FLAG_WORDS}


def signal_figure(
    curve: Curve,
    sets: Iterable[tuple[Sequence[Rep | LabelledRep], bool]],
    *,
    title: str = "",
    inches: tuple[float, float] = (11.0, 3.6),
) -> Figure:
    """Return the picture of a signal.

    Parameters
    ----------
    curve
        The part to draw.
    sets
        The reps of each set, and whether its exercise begins with the lift.
    title
        What stands above.
    inches
        Width and height.
    """
    with mpl.rc_context(_LOOK):
        figure = Figure(figsize=inches, layout="constrained")
        axes = figure.subplots()
        axes.plot(curve.t_s, curve.y_g, color=_INK, lw=0.9)
        axes.set_xlim(float(curve.t_s[0]), float(curve.t_s[-1]))
        axes.set_xlabel("time, s")
        axes.set_ylabel("along the movement, g")
        axes.set_title(title, loc="left", fontweight="bold", pad=24)
        for reps, lift_first in sets:
            _draw_reps(axes, reps, lift_first=lift_first)
        _legend(axes)
    return figure


def _draw_reps(axes: Axes, reps: Sequence[Rep | LabelledRep], *, lift_first: bool) -> None:
    left, right = axes.get_xlim()
    for number, rep in enumerate(reps, start=1):
        if rep.end_s < left or rep.start_s > right:
            continue
        for part in stretches(rep, lift_first=lift_first):
            colour = PHASE_COLOURS[part.phase]
            axes.axvspan(part.start_s, part.end_s, color=colour, alpha=0.28, lw=0)
        swing = FormFlag.SWING in rep.flags
        if swing:
            axes.axvspan(rep.start_s, rep.end_s, fill=False, edgecolor=SWING_COLOUR, lw=2)
        middle_s = (rep.start_s + rep.end_s) / 2.0
        colour = SWING_COLOUR if swing else _INK
        axes.annotate(
            str(number), (middle_s, 1.01), xycoords=("data", "axes fraction"), ha="center",
            color=colour,
        )  # fmt: skip
        words = "\n".join(_SHORT_FLAGS[flag] for flag in rep.flags)
        axes.annotate(
            words, (middle_s, 0.02), xycoords=("data", "axes fraction"), ha="center",
            color=colour, fontsize=7,
        )  # fmt: skip


def _legend(axes: Axes) -> None:
    patches = [
        Patch(color=colour, alpha=0.28, label=name) for name, colour in PHASE_COLOURS.items()
    ]
    patches.append(Patch(fill=False, edgecolor=SWING_COLOUR, lw=2, label="swing"))
    axes.legend(
        handles=patches, ncols=4, loc="lower right", bbox_to_anchor=(1.0, 1.07), frameon=False,
        labelcolor=_QUIET,
    )  # fmt: skip


def write_figure(figure: Figure, path: Path) -> None:
    """Write a picture in the format that the file's ending says: png, svg or pdf.

    Raises
    ------
    RecordingError
        When the file cannot be written.
    """
    try:
        with mpl.rc_context(_LOOK):
            figure.savefig(path, dpi=_DPI, metadata=_nothing_of_today(path))
    except OSError as error:
        raise RecordingError(
            f"The picture {path} cannot be written ({error.strerror}): check the folder."
        ) from error


def _nothing_of_today(path: Path) -> dict[str, str | None]:
    """Return metadata that make equal pictures equal files."""
    return {"Software": None} if path.suffix.lower() == ".png" else {"Date": None, "Creator": None}


def svg_of(figure: Figure) -> str:
    """Return a picture as SVG to stand inside a page."""
    out = io.StringIO()
    with mpl.rc_context(_LOOK):
        figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
    svg = out.getvalue()
    svg = svg[svg.index("<svg") :]
    # A tenth of a point is finer than anyone can see.
    return re.sub(r' d="[^"]*"', lambda line: re.sub(r"(\.\d)\d+", r"\1", line[0]), svg)
