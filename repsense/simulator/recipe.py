"""A recording that can be made again: all its options, and the command that says them."""

from dataclasses import dataclass, replace
from pathlib import Path
from shlex import join

import numpy as np

from repsense.errors import ConfigError
from repsense.events import FormFlag
from repsense.exercises import Tempo
from repsense.recording.format import WORN, Recording, write_recording
from repsense.recording.labels import Labels, labels_path, write_labels
from repsense.samples import Wrist
from repsense.simulator.sensor import SensorModel
from repsense.simulator.session import Simulated, simulate_set, simulate_workout
from repsense.simulator.style import SetStyle
from repsense.simulator.wearer import Wearer
from repsense.simulator.workout import WORKOUT

_DECIMALS = 4
_CHANGE_G = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """The options of ``repsense simulate``; the same recipe makes the same bytes.

    Parameters
    ----------
    exercise
        Identifier from the catalogue; None is the whole workout.
    reps
        Reps of the worn arm; None for the most that the exercise asks for.
    seed
        Decides everything that is left to chance, the wearer included.
    tempo, faults, fault_share, pauses
        How the set is done, see :class:`SetStyle`; the workout has its own.
    wrist
        The wrist that wears the band; None leaves it to the seed.
    surroundings
        False leaves out all but the reps.
    rate_hz, noise_g, lost_share, clock_error, gyro
        The sensor, see :class:`SensorModel`.
    changes_only
        The sensor sends a sample only when it differs from the last by 0.02 g.
    """

    exercise: str | None = None
    reps: int | None = None
    seed: int = 0
    tempo: Tempo | None = None
    faults: tuple[FormFlag, ...] = ()
    fault_share: float = 0.5
    pauses: int = 0
    wrist: Wrist | None = None
    surroundings: bool = True
    rate_hz: float = 50.0
    noise_g: float = 0.004
    lost_share: float = 0.0
    clock_error: float = 0.0
    gyro: bool = False
    changes_only: bool = False

    def simulate(self) -> Simulated:
        """Make samples and truth."""
        wearer = Wearer.someone(np.random.default_rng(self.seed), self.wrist)
        if self.exercise is None:
            return simulate_workout(WORKOUT, seed=self.seed, wearer=wearer, sensor=self._sensor())
        return simulate_set(
            self.exercise,
            reps=self.reps,
            seed=self.seed,
            wearer=wearer,
            style=self._style(),
            surroundings=self.surroundings,
            sensor=self._sensor(),
        )

    def write(self, path: Path) -> Labels:
        """Make the recording, write it with its labels beside it, and return the labels.

        Raises
        ------
        RecordingError, LabelsError
            When a file cannot be written.
        """
        made = self.simulate()
        block = replace(made.block, accel_g=np.round(made.block.accel_g, _DECIMALS))
        metadata = {"made by": self.command(path.name), WORN: str(made.wearer.told())}
        write_recording(path, Recording(path=path, block=block, metadata=metadata))
        write_labels(labels_path(path), made.labels)
        return made.labels

    def command(self, out: str) -> str:
        """Return the shell command that writes this recording to ``out``."""
        words = ["repsense", "simulate"]
        words += ["--workout"] if self.exercise is None else [self.exercise]
        plain = Recipe()
        for option, name in _OPTIONS.items():
            value = getattr(self, name)
            if value != getattr(plain, name):
                words += _option_words(option, value)
        return join([*words, "--out", out])

    def _style(self) -> SetStyle:
        return SetStyle(
            tempo=self.tempo, faults=self.faults, fault_share=self.fault_share, pauses=self.pauses
        )

    def _sensor(self) -> SensorModel:
        return SensorModel(
            rate_hz=self.rate_hz,
            noise_g=self.noise_g,
            lost_share=self.lost_share,
            clock_error=self.clock_error,
            gyro=self.gyro,
            change_g=_CHANGE_G if self.changes_only else 0.0,
        )


_OPTIONS = {
    "--reps": "reps",
    "--seed": "seed",
    "--tempo": "tempo",
    "--fault": "faults",
    "--fault-share": "fault_share",
    "--pauses": "pauses",
    "--wrist": "wrist",
    "--no-surroundings": "surroundings",
    "--rate-hz": "rate_hz",
    "--noise-g": "noise_g",
    "--lost": "lost_share",
    "--clock-error": "clock_error",
    "--gyro": "gyro",
    "--changes-only": "changes_only",
}


def parse_tempo(text: str) -> Tempo:
    """Return the tempo that ``LIFT-HOLD-LOWER`` says, in seconds.

    Raises
    ------
    ConfigError
        When it is not three numbers, or a stroke takes no time.
    """
    try:
        lift_s, hold_s, lower_s = (float(part) for part in text.split("-"))
    except ValueError as error:
        raise ConfigError(
            f"The tempo '{text}' is not three numbers of seconds with dashes between: write "
            f"lift-hold-lower, as in 1.5-1-2."
        ) from error
    if not (0.3 <= lift_s <= 20.0 and 0.0 <= hold_s <= 20.0 and 0.3 <= lower_s <= 20.0):
        raise ConfigError(
            f"The tempo '{text}' cannot be done: lift and lower take 0.3 to 20 s, the hold 0 to 20."
        )
    return Tempo(lift_s=lift_s, hold_s=hold_s, lower_s=lower_s)


def _option_words(option: str, value: object) -> list[str]:
    if isinstance(value, bool):
        return [option]
    if isinstance(value, Tempo):
        return [option, f"{value.lift_s:g}-{value.hold_s:g}-{value.lower_s:g}"]
    if isinstance(value, tuple):
        return [word for item in value for word in (option, str(item))]
    return [option, f"{value:g}" if isinstance(value, float) else str(value)]
