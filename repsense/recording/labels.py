"""What really happened in a recording: ``<name>.labels.yaml`` beside it, in both directions.

Layout, times in s on the recording's clock::

    sets:
      - start_s: 12.1
        end_s: 41.9
        exercise: front_raise      # an identifier from the catalogue, or unknown
        reps: 12
        rep_details:               # optional: all reps of the set, or none
          - {start_s: 12.1, turn_s: 13.0, end_s: 14.4,
             lift_s: 0.9, hold_s: 0.2, lower_s: 1.2, flags: [swing]}
    activities:                    # optional: what else went on
      - {name: walking, start_s: 0.0, end_s: 9.5}
"""

import re
from io import StringIO
from pathlib import Path
from typing import Any, cast

from repsense.errors import LabelsError
from repsense.events import FormFlag
from repsense.recording.entries import Entry
from repsense.recording.files import read_text, write_text
from repsense.recording.format import recording_name
from repsense.recording.truth import Activity, LabelledRep, LabelledSet, Labels

__all__ = [
    "Activity",
    "LabelledRep",
    "LabelledSet",
    "Labels",
    "labels_path",
    "read_labels",
    "write_labels",
]

_DECIMALS = 3
_LINE_WIDTH = 200  # a rep with everything known stays on its line
_PLAIN_NAME = re.compile(r"[A-Za-z]\w*( \w+)*", re.ASCII)
_PHASES = ("lift_s", "hold_s", "lower_s")
_REP_KEYS = ("start_s", "turn_s", "end_s", *_PHASES, "flags")
_SET_KEYS = ("start_s", "end_s", "exercise", "reps", "rep_details")
_ACTIVITY_KEYS = ("name", "start_s", "end_s")

# What the YAML library itself stumbles over: a list as a key, the 31st of November, numbers and
# depths that no labels have.
_BEYOND_YAML = (TypeError, ValueError, OverflowError, RecursionError, KeyError, AttributeError)


def labels_path(recording: str | Path) -> Path:
    """Return where the labels of a recording are: beside it, ``<name>.labels.yaml``."""
    path = Path(recording)
    return path.with_name(f"{recording_name(path)}.labels.yaml")


def read_labels(path: str | Path) -> Labels:
    """Read a labels file.

    Raises
    ------
    LabelsError
        When it cannot be read, is not YAML, or an entry cannot be meant: names
        the file, the line and the key.
    """
    # Loaded here because the simulator and the scores use labels without a file.
    from ruamel.yaml import YAML  # noqa: PLC0415 - see above
    from ruamel.yaml.error import MarkedYAMLError, YAMLError  # noqa: PLC0415 - see above

    file = str(path)
    text = read_text(Path(path), LabelsError)
    try:
        values = YAML(typ="rt").load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f", line {mark.line + 1}" if mark else ""
        problem = " ".join((error.problem or error.context or "it cannot be read").split())
        raise LabelsError(
            f"{file}{where}: this is not valid YAML ({problem}): check the indentation, and that "
            f"each 'key: value' has a space after its colon and stands only once."
        ) from error
    except (YAMLError, *_BEYOND_YAML) as error:
        raise LabelsError(
            f"{file}: this is not YAML that labels can be in ({' '.join(str(error).split())}): a "
            f"key is one word, and values are words and numbers."
        ) from error
    if not isinstance(values, dict):
        raise LabelsError(f"{file} must begin with 'sets:' and list the sets below it.")
    return _labels(Entry(values=values, file=file))


def write_labels(path: str | Path, labels: Labels) -> None:
    """Write a labels file; times are rounded to 1 ms.

    Raises
    ------
    LabelsError
        When the file cannot be written.
    """
    from ruamel.yaml import YAML  # noqa: PLC0415 - as in read_labels
    from ruamel.yaml.comments import CommentedMap  # noqa: PLC0415 - as in read_labels
    from ruamel.yaml.scalarstring import (  # noqa: PLC0415 - as in read_labels
        DoubleQuotedScalarString,
    )

    def quoted(values: dict[str, Any]) -> dict[str, Any]:
        """Quote names of more than words: the YAML writer leaves some bare that it cannot read."""
        return {
            key: DoubleQuotedScalarString(value)
            if isinstance(value, str) and not _PLAIN_NAME.fullmatch(value)
            else value
            for key, value in values.items()
        }

    def on_one_line(values: dict[str, Any]) -> dict[str, Any]:
        mapping = CommentedMap(quoted(values))
        mapping.fa.set_flow_style()
        return cast("dict[str, Any]", mapping)

    sets = [quoted(_set_values(labelled)) for labelled in labels.sets]
    for values in sets:
        if "rep_details" in values:
            values["rep_details"] = [on_one_line(rep) for rep in values["rep_details"]]
    content: dict[str, Any] = {"sets": sets}
    if labels.activities:
        content["activities"] = [on_one_line(_activity_values(each)) for each in labels.activities]
    yaml: Any = YAML(typ="rt")
    yaml.width = _LINE_WIDTH
    out = StringIO()
    yaml.dump(content, out)
    top = "# What really happened; times in s on the recording's clock.\n"
    write_text(Path(path), top + out.getvalue(), LabelsError)


def _labels(entry: Entry) -> Labels:
    entry.check_keys(("sets", "activities"))
    if "sets" not in entry.values:
        raise entry.error("sets", "the key 'sets' is missing: write 'sets: []' for none.")
    sets = tuple(_set(each) for each in entry.entries("sets"))
    activities = tuple(_activity(each) for each in entry.entries("activities"))
    try:
        return Labels(sets=sets, activities=activities)
    except LabelsError as error:
        raise entry.error("sets", str(error)) from error


def _set(entry: Entry) -> LabelledSet:
    entry.check_keys(_SET_KEYS)
    reps = tuple(_rep(each) for each in entry.entries("rep_details"))
    counted = entry.count("reps")
    if reps and counted != len(reps):
        raise entry.error("reps", f"reps is {counted}, but rep_details lists {len(reps)}.")
    start_s, end_s, exercise = (
        entry.number("start_s"),
        entry.number("end_s"),
        entry.text("exercise"),
    )
    try:
        return LabelledSet(
            start_s=start_s,
            end_s=end_s,
            exercise=exercise,
            reps=reps,
            counted=None if reps else counted,
        )
    except LabelsError as error:
        raise entry.error("start_s", str(error)) from error


def _rep(entry: Entry) -> LabelledRep:
    entry.check_keys(_REP_KEYS)
    start_s, turn_s, end_s = (entry.number(key) for key in ("start_s", "turn_s", "end_s"))
    lift_s, hold_s, lower_s = (entry.number_or_none(key) for key in _PHASES)
    flags = tuple(_flag(entry, word) for word in entry.words("flags"))
    try:
        return LabelledRep(
            start_s=start_s,
            turn_s=turn_s,
            end_s=end_s,
            lift_s=lift_s,
            hold_s=hold_s,
            lower_s=lower_s,
            flags=flags,
        )
    except LabelsError as error:
        raise entry.error("start_s", str(error)) from error


def _flag(entry: Entry, word: str) -> FormFlag:
    if word not in set(FormFlag):
        raise entry.error("flags", f"unknown flag '{word}'. Known are: {', '.join(FormFlag)}.")
    return FormFlag(word)


def _activity(entry: Entry) -> Activity:
    entry.check_keys(_ACTIVITY_KEYS)
    name, start_s, end_s = entry.text("name"), entry.number("start_s"), entry.number("end_s")
    try:
        return Activity(name=name, start_s=start_s, end_s=end_s)
    except LabelsError as error:
        raise entry.error("start_s", str(error)) from error


def _set_values(labelled: LabelledSet) -> dict[str, Any]:
    values = _rounded(
        start_s=labelled.start_s,
        end_s=labelled.end_s,
        exercise=labelled.exercise,
        reps=labelled.count,
    )
    if labelled.reps:
        values["rep_details"] = [_rep_values(rep) for rep in labelled.reps]
    return values


def _activity_values(activity: Activity) -> dict[str, Any]:
    return _rounded(name=activity.name, start_s=activity.start_s, end_s=activity.end_s)


def _rep_values(rep: LabelledRep) -> dict[str, Any]:
    values = _rounded(start_s=rep.start_s, turn_s=rep.turn_s, end_s=rep.end_s)
    phases = _rounded(lift_s=rep.lift_s, hold_s=rep.hold_s, lower_s=rep.lower_s)
    values |= {key: value for key, value in phases.items() if value is not None}
    if rep.flags:
        values["flags"] = [str(flag) for flag in rep.flags]
    return values


def _rounded(**values: float | str | None) -> dict[str, Any]:
    return {
        key: round(float(value), _DECIMALS) if isinstance(value, float) else value
        for key, value in values.items()
    }
