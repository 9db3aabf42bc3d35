"""The pages of ``repsense report``: HTML with its style and pictures inside it."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from repsense.exercises.catalogue import load_catalogue
from repsense.sinks.history import StoredSet
from repsense.web.history_view import row_of
from repsense.web.review_view import REP_COLUMNS, differences, last_time, rep_rows
from repsense.web.shelf import recording_of
from repsense.web.signal_view import curve_of

_AROUND_S = 3.0
_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><style>
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 0 auto; padding: 1rem;
  color: #15191d; background: #fff; }}
h1 {{ font-size: 1.6rem; line-height: 1.25; }} h2 {{ font-size: 1.2rem; margin-top: 2rem; }}
table {{ border-collapse: collapse; font-variant-numeric: tabular-nums; }}
th, td {{ padding: .25rem .7rem; border-bottom: 1px solid #c9d0d6; text-align: right; }}
table {{ margin: .8rem 0; }}
tbody th, td:last-child, th:last-child {{ text-align: left; font-weight: 400; }}
thead th {{ color: #4c5660; font-weight: 500; }}
.wide {{ overflow-x: auto; }} .quiet {{ color: #4c5660; }}
svg {{ width: 100%; height: auto; font-family: inherit; }}
section {{ break-inside: avoid; }}
</style></head><body><h1>{title}</h1>{body}</body></html>
"""


def workout_page(
    chosen: Sequence[StoredSet], sets: Sequence[StoredSet], folders: Iterable[Path]
) -> str:
    """Return the report of a workout.

    Parameters
    ----------
    chosen
        Its sets.
    sets
        All sets, to compare with the last time.
    folders
        Where recordings are; without one of a set its signal is left out.
    """
    began = chosen[0].started_at.astimezone()
    title = f"Workout of {chosen[0].wearer}, {began:%A %d %B %Y, %H:%M}"
    overview = [
        (str(n), row.exercise, row.reps, row.weight, row.control, row.faults)
        for n, row in enumerate(map(row_of, chosen), start=1)
    ]
    heads = ("Set", "Exercise", "Reps", "Weight", "Control", "Faults")
    body = _table(heads, overview)
    folders = tuple(folders)
    body += "".join(_set(n, one, sets, folders) for n, one in enumerate(chosen, start=1))
    return _PAGE.format(title=escape(title), body=body)


def _set(number: int, stored: StoredSet, sets: Sequence[StoredSet], folders: Iterable[Path]) -> str:
    row = row_of(stored)
    parts = [f"<h2>Set {number}: {escape(row.exercise)}, {escape(row.reps)}</h2>"]
    parts.append(_picture(stored, folders))
    parts.append(_table(REP_COLUMNS, rep_rows(stored)))
    before = last_time(sets, stored)
    if before is not None:
        rows = [(d.what, d.now, d.then, d.change) for d in differences(stored, before)]
        parts.append(_table(("", "Now", row_of(before).when, "Change"), rows))
    return f"<section>{''.join(parts)}</section>"


def _picture(stored: StoredSet, folders: Iterable[Path]) -> str:
    recording = recording_of(folders, stored)
    if recording is None:
        return '<p class="quiet">The samples of this set were not recorded.</p>'
    try:
        from repsense.cli.figure import signal_figure, svg_of
    except ModuleNotFoundError as error:
        return f'<p class="quiet">The picture needs {error.name} (the extra plot).</p>'
    reps = stored.rep_details
    curve = curve_of(recording.block, reps)
    shown = curve.between(reps[0].start_s - _AROUND_S, reps[-1].end_s + _AROUND_S)
    exercise = load_catalogue().get(stored.true_exercise)
    lift_first = exercise is None or exercise.concentric_first
    return svg_of(signal_figure(shown, [(reps, lift_first)]))


def evaluation_page(fields: Mapping[str, Any]) -> str:
    """Return the report of an evaluation, from what ``repsense evaluate --json`` says."""
    title = f"Evaluation of {fields.get('index', 'recordings')}"
    groups = {"overall": fields["overall"], "with reps": fields.get("with_reps", {})}
    body = _tallies("Overall", groups | {"without reps": fields.get("without_reps", {})})
    body += _tallies("By data set", fields.get("by_dataset", {}))
    body += _tallies("By exercise", fields.get("by_exercise", {}))
    body += _tallies("By person", fields.get("by_person", {}))
    rows = [
        (str(one["file"]), str(one["reps_true"]), str(one["reps"]), _off(one))
        for one in sorted(fields["files"], key=lambda one: -abs(one["reps"] - one["reps_true"]))
    ]
    body += (
        f"<section><h2>Files</h2>{_table(('File', 'True', 'Counted', 'Off by'), rows)}</section>"
    )
    return _PAGE.format(title=escape(title), body=body)


def _off(one: Mapping[str, Any]) -> str:
    off = one["reps"] - one["reps_true"]
    return f"{off:+d}" if off else "exact"


def _tallies(title: str, groups: Mapping[str, Mapping[str, Any]]) -> str:
    """Return one line a group; the columns are whatever numbers the evaluation has."""
    shown = {name: _numbers(group) for name, group in groups.items() if group}
    columns = list(dict.fromkeys(key for group in shown.values() for key in group))
    if not columns:
        return ""
    rows = [(name, *(group.get(key, "") for key in columns)) for name, group in shown.items()]
    heads = ("", *(column.replace("_", " ") for column in columns))
    return f"<section><h2>{escape(title)}</h2>{_table(heads, rows)}</section>"


def _numbers(group: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    """Return a group's numbers as text, with their 95 % intervals where it has any.

    Those inside a mapping carry its name before theirs.
    """
    found: dict[str, str] = {}
    intervals = group.get("intervals", {})
    for key, value in group.items():
        if isinstance(value, Mapping):
            found |= _numbers(value, f"{prefix}{key} ")
        elif isinstance(value, int | float) and not isinstance(value, bool):
            low_high = " to ".join(f"{end:.3g}" for end in intervals.get(key, ()))
            found[f"{prefix}{key}"] = f"{value:.4g}" + (f" ({low_high})" if low_high else "")
    return found


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    head = "".join(f"<th>{escape(one)}</th>" if one else "<td></td>" for one in heads)
    body = "".join(
        f"<tr><th>{escape(row[0])}</th>{''.join(f'<td>{escape(one)}</td>' for one in row[1:])}</tr>"
        for row in rows
    )
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    return f'<div class="wide">{table}</div>'
