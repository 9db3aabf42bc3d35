"""Options of the charts (ECharts), as plain values: what is drawn, in which colours.

The charts are drawn as SVG, so text can take the colour of the page around it and follows
dark and light by itself.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from repsense.events import Rep
from repsense.recording.labels import LabelledRep
from repsense.web.signal_view import Curve, stretches, swung

PHASE_COLOURS = {"lift": "#2b7fc4", "hold": "#d99a00", "lower": "#1b9e6b"}
SWING_COLOUR = "#c22528"
SERIES_COLOURS = ("#2b7fc4", "#1b9e6b", "#a857c9", "#d97a00", "#c22528", "#6f7f8c")
_INK = "currentColor"
_LINES = {"lineStyle": {"color": "#8a949d", "opacity": 0.35}}
_AXIS = {"axisLabel": {"color": _INK}, "splitLine": _LINES, "nameTextStyle": {"color": _INK}}

Options = dict[str, Any]


def signal_chart(
    curve: Curve,
    reps: Sequence[Rep | LabelledRep],
    *,
    lift_first: bool = True,
    zoom: tuple[float, float] | None = None,
) -> Options:
    """Return the signal with its reps: lift, hold and lowering coloured, swings marked.

    Parameters
    ----------
    lift_first
        Whether the exercise begins with the lift.
    zoom
        Stretch of time to show at first, s, with a bar to change it; None shows all.
    """
    options: Options = {
        "animation": False,
        "grid": {"left": 46, "right": 14, "top": 34, "bottom": 44 if zoom is None else 88},
        "xAxis": {
            "type": "value",
            "min": math.floor(curve.t_s[0]),
            "max": math.ceil(curve.t_s[-1]),
            "name": "s",
            "nameGap": 6,
        }
        | _AXIS
        # The edges of a zoomed axis are odd numbers, which would stand on their neighbours.
        | {
            "axisLabel": {"color": _INK, "showMinLabel": zoom is None, "showMaxLabel": zoom is None}
        },
        "yAxis": {"type": "value", "name": "g", "scale": True} | _AXIS,
        "series": [_signal_series(curve), _reps_series(reps, lift_first=lift_first)],
    }
    if zoom is not None:
        shown = {"startValue": round(zoom[0], 2), "endValue": round(zoom[1], 2)}
        text = {"textStyle": {"color": _INK}}
        options["dataZoom"] = [
            {"type": "slider", "bottom": 12, "height": 26} | shown | text,
            {"type": "inside", "zoomOnMouseWheel": "ctrl", "moveOnMouseMove": False} | shown,
        ]
    return options


def _signal_series(curve: Curve) -> Options:
    return {
        "type": "line",
        "data": curve.points(),
        "showSymbol": False,
        "sampling": "lttb",
        "silent": True,
        "lineStyle": {"width": 1.6, "color": _INK},
        "itemStyle": {"color": _INK},
    }


def _reps_series(reps: Sequence[Rep | LabelledRep], *, lift_first: bool) -> Options:
    """Return an empty line that carries the coloured areas, and a number on top of each rep."""
    swings = set(swung(reps))
    areas: list[list[Options]] = []
    for number, rep in enumerate(reps, start=1):
        for part in stretches(rep, lift_first=lift_first):
            style = {"color": PHASE_COLOURS[part.phase], "opacity": 0.3}
            areas.append([{"xAxis": part.start_s, "itemStyle": style}, {"xAxis": part.end_s}])
        areas.append(_number_over(rep, number, swing=number in swings))
    return {"type": "line", "data": [], "silent": True, "markArea": {"data": areas}}


def _number_over(rep: Rep | LabelledRep, number: int, *, swing: bool) -> list[Options]:
    """Return the frame of a rep with its number on top; both are red for a swing."""
    style = {
        "color": "transparent",
        "borderColor": SWING_COLOUR if swing else "#8a949d",
        "borderWidth": 2.5 if swing else 0.5,
    }
    label = {
        "show": True,
        "position": "top",
        "color": SWING_COLOUR if swing else _INK,
        "fontWeight": "bold" if swing else "normal",
    }
    begin = {"xAxis": rep.start_s, "name": str(number), "itemStyle": style, "label": label}
    return [begin, {"xAxis": rep.end_s}]


def tempo_chart(reps: Sequence[Rep], aim: Mapping[str, float]) -> Options:
    """Return how long each rep's phases took, stacked, and its range as a line.

    Parameters
    ----------
    aim
        Seconds asked of each phase, by ``lift``, ``hold`` and ``lower``; empty where unknown.
    """
    bars = [
        {
            "type": "bar",
            "stack": "tempo",
            "name": phase.capitalize(),
            "itemStyle": {"color": colour},
            "data": [round(float(getattr(rep, f"{phase}_s")), 2) for rep in reps],
        }
        for phase, colour in PHASE_COLOURS.items()
    ]
    if aim:
        bars[0]["markLine"] = {
            "silent": True,
            "symbol": "none",
            "label": {"show": False},
            "data": [{"yAxis": sum(aim.values())}],
            "lineStyle": {"color": "#a857c9", "type": "dashed"},
        }
    line = {
        "type": "line",
        "name": "Range",
        "yAxisIndex": 1,
        "data": [round(100.0 * rep.range) for rep in reps],
        "lineStyle": {"color": _INK},
        "itemStyle": {"color": "#8a949d"},
    }
    numbers = [str(number) for number in range(1, len(reps) + 1)]
    percent = (
        {"type": "value", "name": "% range", "min": 0} | _AXIS | {"splitLine": {"show": False}}
    )
    return _with_legend(
        numbers, [{"type": "value", "name": "s"} | _AXIS, percent], [*bars, line], "rep"
    )


def weeks_chart(
    weeks: Sequence[str], figures: Mapping[str, Sequence[float | None]], unit: str
) -> Options:
    """Return one line an exercise over the weeks.

    Parameters
    ----------
    weeks
        What each week is called.
    figures
        A number a week for each exercise's name; None where it was not trained.
    """
    lines = [
        {
            "type": "line",
            "name": name,
            "data": list(values),
            "connectNulls": True,
            "symbolSize": 9,
            "itemStyle": {"color": colour_of(number)},
        }
        for number, (name, values) in enumerate(figures.items())
    ]
    axis = {"type": "value", "name": unit, "min": 0} | _AXIS
    return _with_legend(weeks, [axis], lines, "") | {"legend": {"show": False}}


def colour_of(number: int) -> str:
    """Return the colour of a chart's line, counted from 0."""
    return SERIES_COLOURS[number % len(SERIES_COLOURS)]


def _with_legend(
    names: Sequence[str], axes: list[Options], series: list[Options], what: str
) -> Options:
    return {
        "animation": False,
        "legend": {"textStyle": {"color": _INK}, "type": "scroll", "top": 0},
        "tooltip": {"trigger": "axis"},
        "grid": {"left": 48, "right": 48 if len(axes) > 1 else 16, "top": 52, "bottom": 44},
        "xAxis": {"type": "category", "data": list(names), "name": what, "nameGap": 6} | _AXIS,
        "yAxis": axes,
        "series": series,
    }
