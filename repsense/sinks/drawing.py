"""Draws a :class:`~repsense.sinks.screen.ScreenState` for a terminal of any size."""

from rich import box
from rich.align import Align
from rich.console import Group, RenderableType
from rich.layout import Layout
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from repsense.events import Rep
from repsense.samples import LinkState
from repsense.sinks.digits import large, largest_scale
from repsense.sinks.live import Phase, SetSummary
from repsense.sinks.screen import (
    Light,
    ScreenState,
    clock,
    exercise_name,
    flag_words,
    light_of,
    set_title,
    target_of,
)

LIGHT_STYLES = {Light.GREEN: "green", Light.AMBER: "yellow", Light.RED: "red"}
_LINK_STYLES = {LinkState.STREAMING: "green", LinkState.ENDED: "dim"}
_EIGHTHS = " ▁▂▃▄▅▆▇█"

_TITLE_ROWS = 1
_SET_ROWS = 4  # two rows of bars in a frame
_MAIN_ROWS = 10  # seven rows of digits, a caption, a frame
_HISTORY_ROWS = 5  # three sets in a frame
_FRAME_ROWS = 2
_REP_COLUMNS = 3  # a bar and a gap
_NAME_COLUMNS = 20  # the longest name of an exercise
_TEMPO_SCALE_S = 4.0  # the longest phase that a tempo bar shows in full
_NARROW_COLUMNS = 56  # below this the last rep has no room beside the count


def draw(state: ScreenState, *, columns: int, rows: int) -> RenderableType:
    """Return the whole screen: what matters most first, as far as the rows go."""
    footer = _footer(state)
    if rows < _TITLE_ROWS + _MAIN_ROWS + len(footer):
        footer = footer[-1:]  # the count is worth more than the notes
    left = rows - _TITLE_ROWS - len(footer)
    show_set = left >= _MAIN_ROWS + _SET_ROWS
    show_history = show_set and left >= _MAIN_ROWS + _SET_ROWS + _HISTORY_ROWS
    spare = max(left - _MAIN_ROWS - _SET_ROWS - _HISTORY_ROWS, 0)
    wanted = min(_FRAME_ROWS + len(state.sets), _HISTORY_ROWS + spare // 3)
    history_rows = max(wanted, _HISTORY_ROWS)
    main_rows = left - show_set * _SET_ROWS - show_history * history_rows
    parts = [Layout(_title(state), size=_TITLE_ROWS)]
    parts.append(Layout(_main(state, columns, main_rows), size=max(main_rows, 1)))
    if show_set:
        parts.append(Layout(_set_strip(state, columns), size=_SET_ROWS))
    if show_history:
        parts.append(Layout(_history(state, history_rows - _FRAME_ROWS), size=history_rows))
    parts.append(Layout(Group(*footer), size=len(footer)))
    screen = Layout()
    screen.split_column(*parts)
    return screen


def _title(state: ScreenState) -> RenderableType:
    line = Table.grid(expand=True)
    line.add_column(no_wrap=True)
    line.add_column(justify="right", no_wrap=True)
    live = state.live
    link = Text.assemble(
        (" RepSense ", "bold white on blue"),
        (f"  {live.wearer}  ", "bold"),
        ("● ", _LINK_STYLES.get(live.sensor_state, "yellow")),
        (live.sensor_state.value, "dim"),
    )
    line.add_row(link, Text(f"workout {clock(state.elapsed_s)} ", style="bold"))
    return line


def _main(state: ScreenState, columns: int, rows: int) -> RenderableType:
    if columns < _NARROW_COLUMNS:
        return _count(state, columns, rows)
    left_columns = columns // 2
    both = Layout()
    both.split_row(
        Layout(_count(state, left_columns, rows), size=left_columns),
        Layout(_beside_the_count(state, columns - left_columns, rows)),
    )
    return both


def _count(state: ScreenState, columns: int, rows: int) -> RenderableType:
    live = state.live
    style = "bold cyan" if state.sets else "dim"
    if live.phase is Phase.SET:
        style = "bold yellow" if live.provisional else "bold green"
    number = _digits(str(state.shown_reps), columns - 4, rows - 3, style)
    title = set_title(state.shown_set, state.shown_exercise) if state.shown_set else "Ready"
    return Panel(
        Group(Align.center(number), Align.center(Text(_count_caption(state), style="dim"))),
        title=Text(title, style="bold", overflow="ellipsis"),
        box=box.ROUNDED,
        border_style=style,
        height=max(rows, 3),
    )


def _count_caption(state: ScreenState) -> str:
    match state.live.phase:
        case Phase.SET if state.live.provisional:
            return "rep? go on"
        case Phase.SET:
            return "reps"
        case Phase.REST if state.sets:
            return "reps, set finished"
    return "workout finished" if state.sets else "pick up the weights and begin"


def _digits(text: str, columns: int, rows: int, style: str) -> Text:
    scale = largest_scale(text, columns=columns, rows=rows)
    shown = text if scale is None else "\n".join(large(text, scale))
    return Text(shown, style=style, no_wrap=True)


def _beside_the_count(state: ScreenState, columns: int, rows: int) -> RenderableType:
    if state.live.phase is Phase.SET or state.rest_s is None:
        return _last_rep(state, columns, rows)
    if state.live.phase is Phase.IDLE:
        return _totals(state, rows)
    return _rest(state, state.rest_s, columns, rows)


def _rest(state: ScreenState, rest_s: float, columns: int, rows: int) -> RenderableType:
    body: list[RenderableType] = [
        Align.center(_digits(clock(rest_s), columns - 4, min(rows - 4, 7), "bold blue"))
    ]
    if state.sets:
        body.append(Align.center(_set_verdict(state.sets[-1])))
    return Panel(
        Align.center(Group(*body), vertical="middle"),
        title=Text("Rest", style="bold"),
        box=box.ROUNDED,
        border_style="blue",
        height=max(rows, 3),
    )


def _set_verdict(summary: SetSummary) -> Text:
    light = light_of(summary.momentum, summary.flags)
    words = flag_words(summary.flags) or "every rep controlled"
    return Text(words, style=LIGHT_STYLES[light], justify="center")


def _totals(state: ScreenState, rows: int) -> RenderableType:
    text = Text.assemble(
        (f"{len(state.sets)}", "bold cyan"),
        f" {_sets(len(state.sets))}   ",
        (f"{state.total_reps}", "bold cyan"),
        " reps   ",
        (clock(state.elapsed_s), "bold cyan"),
    )
    return Panel(
        Align.center(text, vertical="middle"),
        title=Text("Workout", style="bold"),
        box=box.ROUNDED,
        border_style="cyan",
        height=max(rows, 3),
    )


def _last_rep(state: ScreenState, columns: int, rows: int) -> RenderableType:
    last = state.reps[-1] if state.reps else None
    target = target_of(state.shown_exercise)
    body = Table.grid(padding=(0, 1))
    body.add_column(style="dim", no_wrap=True)
    body.add_column(no_wrap=True)
    body.add_column(justify="right", no_wrap=True)
    bar_columns = max(columns - 16, 4)
    for phase in ("lift", "hold", "lower"):
        seconds = 0.0 if last is None else float(getattr(last, f"{phase}_s"))
        aim = None if target is None else float(getattr(target, f"{phase}_s"))
        shown = "" if last is None else f"{seconds:.1f} s"
        body.add_row(phase, _tempo_bar(seconds, aim, bar_columns), Text(shown, style="bold"))
    number = f" · rep {state.live.last_rep.rep}" if state.live.last_rep else ""
    return Panel(
        Group(Text(), body, Text(), _light(last, columns - 4), _words(state, last)),
        title=Text(f"Tempo{number}", style="bold"),
        box=box.ROUNDED,
        border_style="dim" if last is None else LIGHT_STYLES[light_of(last.momentum, last.flags)],
        height=max(rows, 3),
    )


def _tempo_bar(seconds: float, aim_s: float | None, columns: int) -> Text:
    """Return a bar for a duration, with a mark where the exercise asks it to end."""
    full = round(min(seconds / _TEMPO_SCALE_S, 1.0) * columns)
    bar = Text("━" * full, style="cyan")
    bar.append("╌" * (columns - full), style="bright_black")
    if aim_s:
        mark = min(round(aim_s / _TEMPO_SCALE_S * columns), columns - 1)
        bar = Text.assemble(bar[:mark], ("┃", "bold white"), bar[mark + 1 :])
    return bar


def _light(last: Rep | None, columns: int) -> Text:
    if last is None:
        return Text(" momentum ".center(columns), style="dim on grey15")
    light = light_of(last.momentum, last.flags)
    words = f"{light.value} · momentum {last.momentum:.2f}"
    return Text(words.center(columns), style=f"bold black on {LIGHT_STYLES[light]}")


def _words(state: ScreenState, last: Rep | None) -> Text:
    """Return the coach's sentence, or the faults of the last rep."""
    if state.live.cue is not None:
        return Text(f"» {state.live.cue}", style="bold italic", overflow="ellipsis")
    return Text(flag_words(last.flags) if last else "", style="yellow", overflow="ellipsis")


def _set_strip(state: ScreenState, columns: int) -> RenderableType:
    """Return the reps of the set as bars: height is range, colour is the momentum light."""
    shown = state.reps[-max((columns - 4) // _REP_COLUMNS, 1) :]
    upper, lower = Text(no_wrap=True), Text(no_wrap=True)
    for rep in shown:
        style = LIGHT_STYLES[light_of(rep.momentum, rep.flags)]
        eighths = round(min(max(rep.range, 0.1), 1.0) * 16)
        upper.append(_EIGHTHS[max(eighths - 8, 0)] * (_REP_COLUMNS - 1) + " ", style=style)
        lower.append(_EIGHTHS[min(eighths, 8)] * (_REP_COLUMNS - 1) + " ", style=style)
    return Panel(
        Group(upper, lower),
        title=Text("Reps of this set: height is range, colour is momentum", style="dim"),
        title_align="left",
        box=box.ROUNDED,
        border_style="bright_black",
    )


def _history(state: ScreenState, rows: int) -> RenderableType:
    table = Table.grid(padding=(0, 2), expand=True)
    table.add_column(justify="right", min_width=2)
    table.add_column(no_wrap=True, max_width=_NAME_COLUMNS)
    table.add_column(justify="right", min_width=7)
    table.add_column(min_width=11)
    table.add_column(no_wrap=True, ratio=1)  # gives way where the terminal is narrow
    numbered = list(enumerate(state.sets, start=1))
    for number, summary in numbered[-rows:]:
        light = light_of(summary.momentum, summary.flags)
        table.add_row(
            Text(str(number), style="dim"),
            exercise_name(summary.exercise),
            Text(f"{summary.reps} reps", style="bold"),
            Text(_tempo(summary), style="cyan"),
            Text(flag_words(summary.flags) or light.value, style=LIGHT_STYLES[light]),
        )
    return Panel(
        table,
        title=Text("Sets: reps, mean lift-hold-lower in s", style="dim"),
        title_align="left",
        box=box.ROUNDED,
        border_style="bright_black",
    )


def _tempo(summary: SetSummary) -> str:
    return f"{summary.lift_s:.1f}-{summary.hold_s:.1f}-{summary.lower_s:.1f}"


def _sets(count: int) -> str:
    return "set" if count == 1 else "sets"


def _footer(state: ScreenState) -> list[RenderableType]:
    lines: list[RenderableType] = [
        Text.assemble((f" {label} ", "dim"), (text, "cyan"), no_wrap=True, overflow="ellipsis")
        for label, text in state.notes
    ]
    status = state.status or "Ctrl-C ends"
    lines.append(Text(f" {status}", style="dim", no_wrap=True, overflow="ellipsis"))
    return lines


def summary_table(state: ScreenState) -> RenderableType:
    """Return the table for the end of a workout."""
    if not state.sets:
        return Text("No set was seen.", style="bold")
    table = Table(box=box.SIMPLE_HEAD, title=f"Workout of {state.live.wearer}", title_style="bold")
    table.add_column("set", justify="right", style="dim")
    table.add_column("exercise")
    table.add_column("reps", justify="right", style="bold")
    table.add_column("lift-hold-lower s", justify="right", style="cyan")
    table.add_column("swings", justify="right")
    table.add_column("form")
    for number, (summary, swings) in enumerate(zip(state.sets, state.swings, strict=True), start=1):
        light = light_of(summary.momentum, summary.flags)
        table.add_row(
            str(number),
            exercise_name(summary.exercise),
            str(summary.reps),
            _tempo(summary),
            str(swings),
            Text(flag_words(summary.flags) or light.value, style=LIGHT_STYLES[light]),
        )
    table.add_section()
    table.add_row(
        "",
        f"{len(state.sets)} {_sets(len(state.sets))} in {clock(state.elapsed_s)}",
        str(state.total_reps),
        "",
        "",
        "",
    )
    return table
