"""``repsense calibrate``: measure a person's clean reps from a recording, list or forget them."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from repsense.calibration import Calibration
    from repsense.config import Settings

_Exercise = Annotated[
    str | None,
    typer.Argument(metavar="[EXERCISE]", help="Like front_raise: see 'repsense exercises'."),
]
_Recording = Annotated[
    Path | None,
    typer.Argument(metavar="[RECORDING]", help="Holds a set of at least five clean reps of it."),
]


def calibrate(
    exercise: _Exercise = None,
    recording: _Recording = None,
    *,
    wearer: Annotated[
        str | None, typer.Option(metavar="NAME", help="Whose reps; else the first wearer's.")
    ] = None,
    forget: Annotated[
        bool, typer.Option("--forget", help="Forget what was measured of the exercise.")
    ] = False,
    data_dir: Annotated[
        Path | None, typer.Option(help="Folder of the history; without it the configured one.")
    ] = None,
    config: Annotated[Path | None, typer.Option(help="The configuration file.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Measure your clean reps of an exercise, so that short and hurried ones are told.

    Without a recording, list what was measured. Live it is a button: the MQTT command calibrate.

    Example: repsense calibrate front_raise recordings/front_raise.csv.gz
    """
    from repsense.cli.serving import wearers_of
    from repsense.config import load_settings
    from repsense.errors import CommandError
    from repsense.sinks.calibrations import calibrations_path, keep_calibration, read_calibrations
    from repsense.sinks.history import history_path

    settings = load_settings(config)
    name = wearer or wearers_of(settings)[0].name
    path = calibrations_path(history_path(data_dir or settings.history.data_dir))
    if exercise is not None and not forget:
        if recording is None:
            raise CommandError(
                f"To measure {exercise} name a recording of it, or calibrate live: see "
                f"'repsense calibrate --help'."
            )
        keep_calibration(path, name, exercise, _measured(settings, exercise, recording))
    elif exercise is not None:
        keep_calibration(path, name, exercise, None)
    _show(name, read_calibrations(path).get(name, {}), as_json=as_json)


def _measured(settings: "Settings", exercise: str, recording: Path) -> "Calibration":
    from repsense.calibration import Calibrated
    from repsense.config import coaching_of
    from repsense.errors import RecordingError
    from repsense.events import FormCue
    from repsense.exercises.catalogue import with_own
    from repsense.pipeline.orders import Orders
    from repsense.pipeline.pipeline import Pipeline
    from repsense.recording.format import read_recording

    block = read_recording(recording).block
    coaching = coaching_of(settings)
    engine = Pipeline(settings.pipeline, coaching=coaching)
    orders = Orders(engine, tuple(with_own(settings.exercises)))
    orders.calibrate(exercise)
    events = [*orders.push(block), *orders.flush()]
    for event in events:
        if isinstance(event, Calibrated):
            return event.calibration
    said = [one.text for one in events if isinstance(one, FormCue) and one.cue == "not_calibrated"]
    why = said[-1] if said else "No set was found in it."
    raise RecordingError(f"{recording}: {why}")


def _show(wearer: str, known: "dict[str, Calibration]", *, as_json: bool) -> None:
    from dataclasses import asdict

    if as_json:
        found = {exercise: asdict(one) for exercise, one in sorted(known.items())}
        print(json.dumps({"wearer": wearer, "calibrations": found}))
        return
    from math import degrees

    from repsense.cli.tables import output, table

    if not known:
        print(f"Nothing is measured of {wearer} yet: see 'repsense calibrate --help'.")
        return
    lines = table(("exercise",), ("clean reps", "rep s", "lift s", "lower s", "range °"))
    for exercise, one in sorted(known.items()):
        numbers = (one.rep_s, one.lift_s, one.lower_s)
        shown = (f"{number:.1f}" for number in numbers)
        lines.add_row(exercise, str(one.reps), *shown, f"{degrees(one.range_rad):.0f}")
    output().print(lines)
