"""``repsense import``: recordings of other apps and of public data sets, made ours."""

import json
import sys
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from repsense.cli.progress import progress_bar

if TYPE_CHECKING:
    from repsense.importing.base import Format, Imported
    from repsense.importing.source import Source
    from repsense.importing.units import Unit
    from repsense.importing.writing import Collection, Written


class UnitChoice(StrEnum):
    """A unit of acceleration; the words of :class:`repsense.importing.units.Unit`."""

    G = "g"
    MPS2 = "m/s2"
    MILLI_G = "mg"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """What the person says of the recordings, beyond where they are."""

    sensor: str | None
    unit: "Unit | None"
    exercise: str | None
    reps: int | None
    wearer: str | None


_Sources = Annotated[
    list[Path] | None,
    typer.Argument(metavar="SOURCE...", help="Files, folders or zip archives."),
]
_Out = Annotated[
    Path | None,
    typer.Option("--out", "-o", metavar="FOLDER", help="Where the recordings go; made if needed."),
]
_FormatId = Annotated[
    str | None,
    typer.Option("--format", metavar="ID", help="The format, where it is not recognised."),
]
_Sensor = Annotated[
    str | None, typer.Option(metavar="NAME", help="Which sensor, where a file holds several.")
]
_AsUnit = Annotated[
    UnitChoice | None, typer.Option(help="The unit of the acceleration, if it is told wrong.")
]
_Exercise = Annotated[
    str | None, typer.Option(metavar="ID", help="The exercise, for the index and the file.")
]
_Reps = Annotated[int | None, typer.Option(min=0, help="How many reps there were, for the index.")]
_Wearer = Annotated[str | None, typer.Option(metavar="NAME", help="Who wore it, for the index.")]
_Overwrite = Annotated[
    bool, typer.Option("--overwrite", help="Replace recordings of the same name.")
]
_Formats = Annotated[bool, typer.Option("--formats", help="List the formats, and stop.")]
_AsJson = Annotated[bool, typer.Option("--json", help="One JSON object about every file.")]


def import_(
    sources: _Sources = None,
    *,
    out: _Out = None,
    format_id: _FormatId = None,
    sensor: _Sensor = None,
    unit: _AsUnit = None,
    exercise: _Exercise = None,
    reps: _Reps = None,
    wearer: _Wearer = None,
    overwrite: _Overwrite = False,
    formats: _Formats = False,
    as_json: _AsJson = False,
) -> None:
    """Turn recordings of other apps and of public data sets into recordings, labels and an index.

    Unit and gravity are worked out and said. If one source cannot be read, nothing is written.

    Example: repsense import my_set.zip -o recordings --exercise front_raise --reps 10
    """
    if formats:
        _print_formats(as_json=as_json)
        return
    chosen, folder = _asked(sources, out)
    from repsense.exercises.catalogue import find_exercise
    from repsense.importing.registry import find_format
    from repsense.importing.units import Unit
    from repsense.importing.writing import Collection

    if exercise is not None:
        find_exercise(exercise)
    forced = None if format_id is None else find_format(format_id)
    told = _Told(
        sensor=sensor,
        unit=None if unit is None else Unit(unit.value),
        exercise=exercise,
        reps=reps,
        wearer=wearer,
    )
    with Collection(folder, overwrite=overwrite) as collection:
        for path in chosen:
            _import_one(path, forced, told, collection)
        index = collection.commit()
    _say(collection.written, folder, index, as_json=as_json)


def _asked(sources: list[Path] | None, out: Path | None) -> tuple[list[Path], Path]:
    """Return what is to be imported and where to, or refuse in one line."""
    from repsense.errors import ForeignFileError

    if not sources:
        raise ForeignFileError(
            "Nothing to import: name files, folders or zip archives, as in `repsense import "
            "my_set.zip -o recordings`; --formats lists what is known."
        )
    if out is None:
        raise ForeignFileError(
            "Where should the recordings go? Say it with -o, as in `repsense import my_set.zip -o "
            "recordings`."
        )
    return sources, out


def _import_one(path: Path, forced: "Format | None", told: _Told, collection: "Collection") -> None:
    """Write what one source holds to where nobody sees it yet."""
    from repsense.importing.base import Wish
    from repsense.importing.registry import format_of
    from repsense.importing.source import Source

    source = Source(path)
    chosen = format_of(source) if forced is None else forced
    _check_sensor(chosen, told.sensor)
    with progress_bar(path.name, 1.0) as advance:
        shown = 0.0

        def progress(share: float) -> None:
            nonlocal shown
            advance(share - shown)
            shown = share

        wish = Wish(unit=told.unit, sensor=told.sensor, progress=progress)
        for imported in chosen.read(source, wish):
            _add(_with_told(imported, told), source, collection)


def _add(imported: "Imported", source: "Source", collection: "Collection") -> None:
    made = collection.add(imported, _metadata(imported, source))
    for warning in made.imported.warnings:
        print(f"repsense: {made.file}: {warning}", file=sys.stderr)


def _with_told(imported: "Imported", told: _Told) -> "Imported":
    return replace(
        imported,
        exercise=told.exercise or imported.exercise,
        subject=told.wearer or imported.subject,
        reps_true=imported.reps_true if told.reps is None else told.reps,
    )


def _check_sensor(chosen: "Format", sensor: str | None) -> None:
    from repsense.errors import ForeignFileError

    if sensor is None or sensor in chosen.sensors:
        return
    if not chosen.sensors:
        raise ForeignFileError(
            f"--sensor {sensor} has no place here: a file of {chosen.id} holds one sensor."
        )
    raise ForeignFileError(
        f"{chosen.id} has no sensor '{sensor}'. Known are: {', '.join(chosen.sensors)}."
    )


def _metadata(imported: "Imported", source: "Source") -> dict[str, str]:
    """Return what the recording itself shall say of where it is from."""
    said = {
        "imported from": f"{source.path.name} ({imported.dataset})",
        "scale": str(imported.scale),
        "wrist": imported.wrist or "",
        "worn at": imported.position,
        "wearer": imported.subject,
        "exercise": imported.exercise,
    }
    one_line = {key: " ".join(value.split()) for key, value in said.items()}
    return {key: value for key, value in one_line.items() if value}


def _say(written: "list[Written]", folder: Path, index: Path, *, as_json: bool) -> None:
    if as_json:
        fields = {
            "folder": str(folder),
            "index": str(index),
            "files": [_fields(made) for made in written],
        }
        print(json.dumps(fields, ensure_ascii=False))
        return
    for made in written:
        print(_sentence(made))
    print(f"{index}: {len(written)} recording{'s' * (len(written) != 1)} added")


def _sentence(made: "Written") -> str:
    imported = made.imported
    block = imported.block
    rate = f"{block.median_rate_hz():.1f} Hz"
    parts = [
        f"{len(block)} samples, {float(block.t_s[-1]):.1f} s at {rate}",
        f"{imported.scale}{', angular rate' * (block.gyro_dps is not None)}",
        *imported.remarks,
        *_truth_said(made),
    ]
    return f"{made.file}: {'; '.join(parts)}"


def _truth_said(made: "Written") -> list[str]:
    if made.labels is not None:
        sets = len(made.labels.sets)
        told = f"{sets} set{'s' * (sets != 1)}, {made.labels.reps} reps"
        return [f"{told} in {made.labels_file}"]
    if made.segments_file is not None:
        return [f"reps not all counted, so no labels; what was done in {made.segments_file}"]
    return [] if made.reps_true is None else [f"{made.reps_true} reps"]


def _fields(made: "Written") -> dict[str, Any]:
    imported = made.imported
    block = imported.block
    return {
        "file": made.file,
        "labels": made.labels_file,
        "segments": made.segments_file,
        "format": imported.dataset,
        "subject": imported.subject,
        "exercise": imported.exercise,
        "samples": len(block),
        "duration_s": round(float(block.t_s[-1]), 3),
        "rate_hz": round(block.median_rate_hz(), 2),
        "unit": str(imported.scale.unit),
        "median_size": round(imported.scale.median_size, 4),
        "gravity": str(imported.scale.gravity),
        "gyro": block.gyro_dps is not None,
        "sets": None if made.labels is None else len(made.labels.sets),
        "reps": made.reps_true,
        "remarks": list(imported.remarks),
        "warnings": list(imported.warnings),
    }


def _print_formats(*, as_json: bool) -> None:
    from repsense.importing.registry import formats

    if as_json:
        known = [
            {"id": each.id, "title": each.title, "sensors": list(each.sensors)}
            for each in formats()
        ]
        print(json.dumps(known, ensure_ascii=False))
        return
    from repsense.cli.tables import output, table

    listed = table(["format", "what it is", "--sensor"], [])
    for each in formats():
        listed.add_row(each.id, each.title, ", ".join(each.sensors))
    output().print(listed)
