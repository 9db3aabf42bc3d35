"""``repsense simulate``: make a recording with exactly known reps."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from repsense.errors import ConfigError

if TYPE_CHECKING:
    from repsense.simulator.recipe import Recipe


class FaultChoice(StrEnum):
    """A fault of form; the same words as in events, without loading what events need."""

    SWING = "swing"
    FAST_LIFT = "fast_lift"
    FAST_LOWER = "fast_lower"
    NO_HOLD = "no_hold"
    PARTIAL = "partial"
    BOUNCE = "bounce"


class WristChoice(StrEnum):
    """The wrist that wears the band."""

    LEFT = "left"
    RIGHT = "right"


Subject = Annotated[
    str | None, typer.Argument(help="What is done, as in front_raise; not with --workout.")
]
Workout = Annotated[bool, typer.Option("--workout", help="A whole workout of about 15 minutes.")]
Reps = Annotated[int | None, typer.Option(min=1, max=200, help="Reps of the arm with the band.")]
Seed = Annotated[int, typer.Option(min=0, help="The same seed makes the same bytes.")]
TempoText = Annotated[str | None, typer.Option(help="Seconds of lift-hold-lower, as in 1.5-1-2.")]
Faults = Annotated[
    list[FaultChoice] | None, typer.Option(help="A fault of form; may be given again.")
]
FaultShare = Annotated[
    float, typer.Option(min=0.0, max=1.0, help="Share of the reps that have each fault.")
]
Pauses = Annotated[int, typer.Option(min=0, help="Pauses of 3-6 s inside the set.")]
OnWrist = Annotated[
    WristChoice | None, typer.Option(help="Where the band is; else the seed decides.")
]
Surroundings = Annotated[
    bool, typer.Option(help="Walking, picking up and putting away around the set.")
]
RateHz = Annotated[float, typer.Option(min=10.0, max=400.0, help="Samples a second.")]
NoiseG = Annotated[float, typer.Option(min=0.0, help="White noise of the sensor, in g.")]
Lost = Annotated[float, typer.Option(min=0.0, max=0.9, help="Share of packets (10 samples) lost.")]
ClockError = Annotated[
    float, typer.Option(min=-0.1, max=0.1, help="How fast the sensor's clock runs; 0.01 is 1 %.")
]
Gyro = Annotated[bool, typer.Option("--gyro", help="With angular rate.")]
ChangesOnly = Annotated[
    bool, typer.Option("--changes-only", help="Only samples that differ by 0.02 g are sent.")
]
Out = Annotated[Path | None, typer.Option(help="Where to write: NAME.csv or NAME.csv.gz.")]
MakeAll = Annotated[
    Path | None,
    typer.Option("--all", help="Make every recording of the project again in this folder."),
]


def simulate(
    exercise: Subject = None,
    *,
    workout: Workout = False,
    reps: Reps = None,
    seed: Seed = 0,
    tempo: TempoText = None,
    fault: Faults = None,
    fault_share: FaultShare = 0.5,
    pauses: Pauses = 0,
    wrist: OnWrist = None,
    surroundings: Surroundings = True,
    rate_hz: RateHz = 50.0,
    noise_g: NoiseG = 0.004,
    lost: Lost = 0.0,
    clock_error: ClockError = 0.0,
    gyro: Gyro = False,
    changes_only: ChangesOnly = False,
    out: Out = None,
    make_all: MakeAll = None,
) -> None:
    """Make a recording with exactly known reps, and its labels beside it.

    Example: repsense simulate front_raise --reps 10 --seed 7 --fault swing --out raise.csv.gz
    """
    if make_all is not None:
        _make_all(make_all)
        return
    _check_subject(exercise, workout=workout)
    from repsense.events import FormFlag
    from repsense.samples import Wrist
    from repsense.simulator.recipe import Recipe, parse_tempo

    recipe = Recipe(
        exercise=exercise,
        reps=reps,
        seed=seed,
        tempo=None if tempo is None else parse_tempo(tempo),
        faults=tuple(FormFlag(one.value) for one in fault or ()),
        fault_share=fault_share,
        pauses=pauses,
        wrist=None if wrist is None else Wrist(wrist.value),
        surroundings=surroundings,
        rate_hz=rate_hz,
        noise_g=noise_g,
        lost_share=lost,
        clock_error=clock_error,
        gyro=gyro,
        changes_only=changes_only,
    )
    _make_one(recipe, out or Path(f"{exercise or 'workout'}.csv.gz"))


def _check_subject(exercise: str | None, *, workout: bool) -> None:
    if workout and exercise is not None:
        raise ConfigError(
            f"--workout has its own exercises, so '{exercise}' has no place: leave one of them out."
        )
    if not workout and exercise is None:
        raise ConfigError(
            "Nothing to simulate: name an exercise, as in `repsense simulate front_raise`, or ask "
            "for --workout or --all FOLDER."
        )


def _make_one(recipe: "Recipe", out: Path) -> None:
    from repsense.recording.labels import labels_path

    labels = recipe.write(out)
    print(f"{out}: {out.stat().st_size / 1000:.0f} kB; truth in {labels_path(out)}")
    for number, done in enumerate(labels.sets, start=1):
        print(
            f"set {number}: {len(done.reps)} x {done.exercise}, "
            f"{done.start_s:.1f} to {done.end_s:.1f} s"
        )


def _make_all(folder: Path) -> None:
    from repsense.simulator.collection import INDEX_FILE, make_collection

    for path in make_collection(folder):
        print(path)
    print(folder / INDEX_FILE)
