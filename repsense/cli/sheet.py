"""The plan on one page, with drawings and boxes to fill in: as HTML or as PDF."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby
from pathlib import Path

from repsense.errors import ConfigError
from repsense.exercises import Exercise
from repsense.exercises.phrases import Phrases
from repsense.pipeline.plan import Plan, Step
from repsense.pipeline.workout import target_text
from repsense.simulator.figure import Circle, Figure, Line, Role, figures_of

#: Left, right, bottom and top, m.
Frame = tuple[float, float, float, float]

#: What the boxes are for.
FOOTER = (
    "One column of boxes a day, one box a set: write down the reps, and the weight beside them."
)

# Boxes for so many training days, two to three a week for a fortnight.
DAYS = 6

# Stroke and width of each kind of line, on a drawing of 2 m.
STROKES = {
    Role.BODY: ("#222222", 0.045),
    Role.FAR: ("#9a9a9a", 0.04),
    Role.FLOOR: ("#c8c8c8", 0.015),
    Role.PROP: ("#6f6f6f", 0.05),
    Role.WAY: ("#c2410c", 0.028),
}
WEIGHT_COLOUR = "#c2410c"
_MARGIN_M = 0.1
_WIDTH_M = 1.9
_SCALE = 100  # SVG units a metre


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One exercise on the sheet."""

    name: str
    target: str
    tempo: str
    how: str
    reminders: tuple[str, ...]
    sets: int
    figures: tuple[Figure, Figure] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """All that stands on the page."""

    title: str
    subtitle: str
    rows: tuple[Row, ...]


def write_sheet(path: Path, plan: Plan, steps: Sequence[Step], phrases: Phrases) -> None:
    """Write the plan to ``path``; its ending says in which form.

    Raises
    ------
    ConfigError
        When the ending is neither ``.html`` nor ``.pdf``, the file cannot be
        written, or matplotlib, which makes the PDF, is not installed.
    """
    sheet = make_sheet(plan, steps, phrases)
    ending = path.suffix.lower()
    if ending not in {".html", ".pdf"}:
        raise ConfigError(
            f"The sheet cannot be written as '{path.name}': end the name with .html or .pdf."
        )
    try:
        if ending == ".html":
            path.write_text(as_html(sheet), encoding="utf-8")
        else:
            _write_pdf(sheet, path)
    except OSError as error:
        raise ConfigError(
            f"{path} cannot be written ({error.strerror}): check that its folder exists and is "
            f"writable."
        ) from error


def make_sheet(plan: Plan, steps: Sequence[Step], phrases: Phrases) -> Sheet:
    """Return what stands on the page for these sets."""
    fewest, most = plan.days_a_week
    days = f"{fewest}" if fewest == most else f"{fewest} to {most}"
    return Sheet(
        title=plan.name or "Your plan",
        subtitle=f"{days} days a week. Slow and controlled, up and down. "
        f"Choose weights with which the last reps are hard to do well.",
        rows=tuple(_rows(steps, phrases)),
    )


def _rows(steps: Sequence[Step], phrases: Phrases) -> Iterator[Row]:
    for _, group in groupby(steps, key=lambda step: step.exercise.id):
        first = next(group)
        each = " on each side" if first.side == "worn" else ""
        yield Row(
            name=phrases.name(first.exercise),
            target=f"{first.sets} x {target_text(phrases, first)}{each}",
            tempo=_tempo(first.exercise),
            how=first.exercise.how,
            reminders=phrases.reminders(first.exercise),
            sets=first.sets,
            figures=figures_of(first.exercise),
        )


def _tempo(exercise: Exercise) -> str:
    tempo = exercise.tempo
    hold = f"hold {tempo.hold_s:g} s, " if tempo.hold_s >= 0.5 else ""
    up, down = f"{tempo.lift_s:g} s", f"{tempo.lower_s:g} s"
    if not exercise.concentric_first:
        return f"lower {down}, raise {up}"
    return f"effort {up}, {hold}back {down}"


def _write_pdf(sheet: Sheet, path: Path) -> None:
    try:
        from repsense.cli.sheet_pdf import write_pdf
    except ImportError as error:
        raise ConfigError(
            f"A PDF needs matplotlib, which is not here ({error}): install it with pip install "
            f"'repsense[plot]', or write an .html file and print that."
        ) from error
    write_pdf(sheet, path)


def as_html(sheet: Sheet) -> str:
    """Return the sheet as one HTML file that needs nothing else."""
    rows = "\n".join(_html_row(row, len(sheet.rows)) for row in sheet.rows)
    return _PAGE.format(
        title=escape(sheet.title), subtitle=escape(sheet.subtitle), rows=rows, footer=FOOTER
    )


def _html_row(row: Row, rows: int) -> str:
    height_mm = min(44.0, 240.0 / rows)
    letters_pt = min(9.5, 0.25 * height_mm)
    reminders = " ".join(escape(text) for text in row.reminders)
    boxes = "".join(
        f"<tr>{''.join('<td></td>' for _ in range(DAYS))}</tr>" for _ in range(min(row.sets, 5))
    )
    frame = None if row.figures is None else frame_of(row.figures)
    drawings = "".join(_svg(figure, frame) for figure in row.figures or () if frame)
    return (
        f'<section style="height:{height_mm:.1f}mm;font-size:{letters_pt:.1f}pt">'
        f'<div class="drawings">{drawings}</div>'
        f'<div class="words"><h2>{escape(row.name)}</h2>'
        f'<p class="target">{escape(row.target)} &middot; {escape(row.tempo)}</p>'
        f'<p>{escape(row.how)}</p><p class="reminders">{reminders}</p></div>'
        f"<table>{boxes}</table></section>"
    )


def frame_of(figures: tuple[Figure, Figure]) -> Frame:
    """Return left, right, bottom and top of both drawings, m: the same for both."""
    lefts, rights, bottoms, tops = zip(*(figure.bounds() for figure in figures), strict=True)
    left, right = min(lefts), max(rights)
    middle, half = 0.5 * (left + right), max(0.5 * (right - left) + _MARGIN_M, _WIDTH_M / 2)
    return middle - half, middle + half, min(bottoms) - _MARGIN_M, max(tops) + _MARGIN_M


def _svg(figure: Figure, frame: Frame) -> str:
    left, right, bottom, top = frame
    box = f"{_SCALE * left:.0f} {-_SCALE * top:.0f} {_SCALE * (right - left):.0f}"
    lines = "".join(_svg_line(line) for line in figure.lines)
    circles = "".join(_svg_circle(circle) for circle in figure.circles)
    return f'<svg viewBox="{box} {_SCALE * (top - bottom):.0f}">{lines}{circles}</svg>'


def _svg_line(line: Line) -> str:
    colour, width_m = STROKES[line.role]
    points = " ".join(f"{_SCALE * u:.1f},{-_SCALE * v:.1f}" for u, v in line.points)
    dashes = ' stroke-dasharray="6 4"' if line.role is Role.WAY else ""
    head = _svg_head(line) if line.role is Role.WAY else ""
    return (
        f'<polyline points="{points}" fill="none" stroke="{colour}" '
        f'stroke-width="{_SCALE * width_m:.1f}" stroke-linecap="round" '
        f'stroke-linejoin="round"{dashes}/>{head}'
    )


def arrow_head(line: Line) -> list[tuple[float, float]]:
    """Return the three corners of an arrow's head at the end of a way, m."""
    (u0, v0), (u1, v1) = line.points[-2:]
    length = ((u1 - u0) ** 2 + (v1 - v0) ** 2) ** 0.5 or 1.0
    du, dv = 0.11 * (u1 - u0) / length, 0.11 * (v1 - v0) / length
    return [
        (u1 + 0.5 * du, v1 + 0.5 * dv),
        (u1 - 0.5 * du - 0.5 * dv, v1 - 0.5 * dv + 0.5 * du),
        (u1 - 0.5 * du + 0.5 * dv, v1 - 0.5 * dv - 0.5 * du),
    ]


def _svg_head(line: Line) -> str:
    corners = " ".join(f"{_SCALE * u:.1f},{-_SCALE * v:.1f}" for u, v in arrow_head(line))
    return f'<polygon points="{corners}" fill="{STROKES[Role.WAY][0]}"/>'


def _svg_circle(circle: Circle) -> str:
    (u, v), fill = circle.middle, WEIGHT_COLOUR if circle.filled else "#ffffff"
    stroke, width_m = STROKES[Role.BODY]
    return (
        f'<circle cx="{_SCALE * u:.1f}" cy="{-_SCALE * v:.1f}" r="{_SCALE * circle.radius_m:.1f}" '
        f'fill="{fill}" stroke="{stroke}" stroke-width="{_SCALE * width_m * 0.8:.1f}"/>'
    )


_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>{title}</title>
<style>
@page {{ size: A4; margin: 12mm }}
body {{ font: 9.5pt/1.3 sans-serif; color: #222; max-width: 186mm; margin: 0 auto }}
h1 {{ font-size: 17pt; margin: 0 }}
h2 {{ font-size: 120%; margin: 0 }}
p {{ margin: 0.4mm 0 }}
section {{ display: flex; gap: 4mm; border-top: 0.3mm solid #bbb; padding: 1.5mm 0;
  box-sizing: border-box; break-inside: avoid; overflow: hidden }}
.drawings {{ flex: 0 0 58mm; display: flex; height: 100% }}
.drawings svg {{ width: 29mm; height: 100% }}
.words {{ flex: 1 }}
.target {{ font-weight: bold; color: #c2410c }}
.reminders {{ color: #555; font-size: 92% }}
table {{ flex: 0 0 42mm; border-collapse: collapse; align-self: center }}
td {{ width: 7mm; height: 7mm; border: 0.25mm solid #888; padding: 0 }}
footer {{ border-top: 0.3mm solid #bbb; padding-top: 1mm; color: #555; font-size: 8pt }}
</style>
</head>
<body>
<h1>{title}</h1>
<p>{subtitle}</p>
{rows}
<footer>{footer}</footer>
</body>
</html>
"""
