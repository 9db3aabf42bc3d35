"""The plan's sheet as a PDF of one page, drawn with matplotlib."""

from pathlib import Path
from textwrap import wrap

from matplotlib.axes import Axes
from matplotlib.figure import Figure as Page
from matplotlib.patches import Circle as Disc
from matplotlib.patches import Polygon, Rectangle

from repsense.cli.sheet import (
    DAYS,
    FOOTER,
    STROKES,
    WEIGHT_COLOUR,
    Frame,
    Row,
    Sheet,
    arrow_head,
    frame_of,
)
from repsense.simulator.figure import Figure, Role

# A4, with its margins, in mm.
_WIDTH_MM, _HEIGHT_MM, _MARGIN_MM = 210.0, 297.0, 14.0
_HEAD_MM, _FOOT_MM = 20.0, 8.0
_TALLEST_ROW_MM = 44.0
_DRAWING_MM, _BOX_MM, _GAP_MM = 29.0, 7.0, 4.0
_POINTS_PER_MM = 72.0 / 25.4
# Letters of 8 points that fit between drawings and boxes.
_LETTERS = 48


def write_pdf(sheet: Sheet, path: Path) -> None:
    """Write the sheet; the same sheet gives the same bytes."""
    page = draw_page(sheet)
    page.savefig(path, format="pdf", metadata={"Title": sheet.title, "CreationDate": None})


def draw_page(sheet: Sheet) -> Page:
    """Return the page with everything on it."""
    page = Page(figsize=(_WIDTH_MM / 25.4, _HEIGHT_MM / 25.4))
    paper = page.add_axes((0.0, 0.0, 1.0, 1.0))
    paper.set(xlim=(0.0, _WIDTH_MM), ylim=(_HEIGHT_MM, 0.0))
    paper.axis("off")
    paper.text(_MARGIN_MM, _MARGIN_MM + 5.0, sheet.title, size=17, weight="bold", va="center")
    paper.text(_MARGIN_MM, _MARGIN_MM + 13.0, sheet.subtitle, size=8.5, va="center")
    room_mm = _HEIGHT_MM - 2.0 * _MARGIN_MM - _HEAD_MM - _FOOT_MM
    row_mm = min(_TALLEST_ROW_MM, room_mm / max(len(sheet.rows), 1))
    top_mm = _MARGIN_MM + _HEAD_MM
    for row in sheet.rows:
        _draw_row(page, paper, row, top_mm, row_mm)
        top_mm += row_mm
    _rule(paper, top_mm)
    paper.text(
        _MARGIN_MM,
        top_mm + 5.0,
        FOOTER,
        size=8,
        color="#555555",
        va="center",
    )
    return page


def _draw_row(page: Page, paper: Axes, row: Row, top_mm: float, row_mm: float) -> None:
    _rule(paper, top_mm)
    frame = None if row.figures is None else frame_of(row.figures)
    for number, figure in enumerate(row.figures or ()):
        if frame is None:
            break
        left_mm = _MARGIN_MM + number * _DRAWING_MM
        drawing = page.add_axes(
            (
                left_mm / _WIDTH_MM,
                1.0 - (top_mm + row_mm - 1.0) / _HEIGHT_MM,
                _DRAWING_MM / _WIDTH_MM,
                (row_mm - 2.0) / _HEIGHT_MM,
            )
        )
        _draw_figure(drawing, figure, frame, row_mm - 2.0)
    _write_words(paper, row, top_mm, row_mm)
    _draw_boxes(paper, row, top_mm + 0.5 * row_mm, row_mm)


def _write_words(paper: Axes, row: Row, top_mm: float, row_mm: float) -> None:
    left_mm = _MARGIN_MM + 2.0 * _DRAWING_MM + _GAP_MM
    lines = [
        (row.name, 11.0, "bold", "#222222"),
        *((text, 8.5, "bold", WEIGHT_COLOUR) for text in wrap(row.target, _LETTERS - 8)),
        (row.tempo, 8.5, "bold", WEIGHT_COLOUR),
        *((text, 8.0, "normal", "#222222") for text in wrap(row.how, _LETTERS)),
        *((text, 7.5, "normal", "#555555") for text in wrap(" ".join(row.reminders), _LETTERS + 4)),
    ]
    heights_mm = [1.25 * size / _POINTS_PER_MM for _, size, _, _ in lines]
    shrink = min(1.0, (row_mm - 3.0) / sum(heights_mm))
    at_mm = top_mm + 1.5
    for (text, size, weight, colour), height_mm in zip(lines, heights_mm, strict=True):
        paper.text(left_mm, at_mm, text, size=size * shrink, weight=weight, color=colour, va="top")
        at_mm += height_mm * shrink


def _draw_boxes(paper: Axes, row: Row, middle_mm: float, row_mm: float) -> None:
    sets = min(row.sets, 5)
    box_mm = min(_BOX_MM, (row_mm - 3.0) / sets)
    left_mm = _WIDTH_MM - _MARGIN_MM - DAYS * _BOX_MM
    for down in range(sets):
        for day in range(DAYS):
            corner = (left_mm + day * _BOX_MM, middle_mm + (down - 0.5 * sets) * box_mm)
            box = Rectangle(corner, _BOX_MM, box_mm, fill=False, ec="#888888", lw=0.7)
            paper.add_patch(box)


def _draw_figure(axes: Axes, figure: Figure, frame: Frame, height_mm: float) -> None:
    left, right, bottom, top = frame
    axes.set(xlim=(left, right), ylim=(bottom, top), aspect="equal")
    axes.axis("off")
    # A width in m is one in points on a drawing as small as this.
    mm_per_m = min(_DRAWING_MM / (right - left), height_mm / (top - bottom))
    points_per_m = mm_per_m * _POINTS_PER_MM
    for line in figure.lines:
        colour, width_m = STROKES[line.role]
        us, vs = zip(*line.points, strict=True)
        dashes = (0, (2.0, 1.5)) if line.role is Role.WAY else "solid"
        axes.plot(us, vs, color=colour, lw=width_m * points_per_m, ls=dashes)
        if line.role is Role.WAY:
            axes.add_patch(Polygon(arrow_head(line), color=colour, lw=0))
    for circle in figure.circles:
        fill = WEIGHT_COLOUR if circle.filled else "white"
        stroke, width_m = STROKES[Role.BODY]
        disc = Disc(circle.middle, circle.radius_m, fc=fill, ec=stroke, zorder=3)
        disc.set_linewidth(0.8 * width_m * points_per_m)
        axes.add_patch(disc)


def _rule(paper: Axes, at_mm: float) -> None:
    paper.plot([_MARGIN_MM, _WIDTH_MM - _MARGIN_MM], [at_mm, at_mm], color="#bbbbbb", lw=0.8)
