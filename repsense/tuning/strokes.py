"""Train what the strokes of each exercise mean, on simulated sets whose truth is known.

Seconds are a linear model of the stroke's course; throws and bounces a logistic one of the rep's
traits. Both are small and regularised. Seconds of exercises that are not known lie halfway between
those of a forearm that turns smoothly and those of all the catalogue done at any tempo: the former
is right for curls and raises, the latter for presses and rows. People, tempo, noise, sample rate
and the way the band is worn are drawn at random; that the engine is not sure where a rep is is
played by shifting its edges.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from repsense.events import FormFlag
from repsense.exercises import Exercise, Tempo, load_catalogue
from repsense.exercises.strokes import ANY
from repsense.pipeline.chains import Cycle
from repsense.pipeline.conditioning import Conditioner, ConditioningParameters
from repsense.pipeline.history import GRID_HZ, History, new_history, next_cell
from repsense.pipeline.strokes import SHARES, Strokes, find_strokes
from repsense.recording.labels import LabelledRep
from repsense.samples import FloatArray
from repsense.simulator import SensorModel, SetStyle, Simulated, simulate_set

# What is done in the sets of one round, and in which share of the reps.
_ROUND: tuple[tuple[tuple[FormFlag, ...], float], ...] = (
    *[((), 1.0)] * 4,
    *[((FormFlag.SWING,), 0.35)] * 5,
    *[((FormFlag.SWING,), 1.0)] * 2,
    *[((FormFlag.FAST_LIFT,), 0.5)] * 2,
    ((FormFlag.FAST_LOWER,), 0.4),
    *[((FormFlag.BOUNCE,), 0.4)] * 2,
    ((FormFlag.BOUNCE,), 1.0),
    *[((FormFlag.NO_HOLD,), 0.5)] * 3,
    ((FormFlag.PARTIAL,), 0.3),
)
_REPS = 6

# For any exercise: this share of the sets have a hold.
_HOLDING = 0.6

# And this part of the seeds is enough, since all exercises share it.
_ANY_PART = 5

# How far the engine's edges of a rep may be off, s: it cuts somewhere in the rest between two.
_EARLY_S, _LATE_S = 0.5, 0.35

_RIDGE_S = 0.002
_RIDGE_ODDS = 1e-3
_NEWTON_STEPS = 40


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Example:
    """One simulated rep: what is true of it, and what the wrist felt."""

    exercise: Exercise
    truth: LabelledRep
    strokes: Strokes

    @property
    def lift(self) -> int:
        """Which of its strokes is the lift."""
        return 0 if self.exercise.concentric_first else 1


def random_set(exercise: Exercise, seed: int, *, reps: int = _REPS) -> Simulated:
    """Return a set of the round by someone at random, bare of what is around it."""
    faults, share = _ROUND[seed % len(_ROUND)]
    style = random_style(exercise, np.random.default_rng(seed), faults=faults, share=share)
    return _simulated(exercise, seed, style, reps)


def _simulated(exercise: Exercise, seed: int, style: SetStyle, reps: int) -> Simulated:
    sensor = random_sensor(np.random.default_rng(seed + 1))
    return simulate_set(
        exercise.id, reps=reps, seed=seed, style=style, sensor=sensor, surroundings=False
    )


def random_style(
    exercise: Exercise,
    rng: np.random.Generator,
    *,
    faults: tuple[FormFlag, ...] = (),
    share: float = 1.0,
) -> SetStyle:
    """Return a way of doing a set at about three quarters to one and a half of its tempo."""
    asked, slower = exercise.tempo, rng.uniform(0.75, 1.4)
    return SetStyle(
        tempo=Tempo(
            lift_s=asked.lift_s * slower,
            hold_s=asked.hold_s * rng.uniform(0.8, 1.3),
            lower_s=asked.lower_s * slower * rng.uniform(0.85, 1.15),
        ),
        faults=faults,
        fault_share=share,
        rest_s=float(rng.uniform(0.1, 0.8)),
        other_side=False,
    )


def random_sensor(rng: np.random.Generator) -> SensorModel:
    """Return a sensor of usual rate and noise."""
    return SensorModel(
        noise_g=float(rng.uniform(0.002, 0.02)), rate_hz=float(rng.choice([25.0, 50.0, 100.0]))
    )


def examples(exercise: Exercise, seeds: Sequence[int]) -> Iterator[Example]:
    """Yield the reps of one set for each seed."""
    for seed in seeds:
        yield from _examples(exercise, random_set(exercise, seed), seed)


def _examples(exercise: Exercise, simulated: Simulated, seed: int) -> Iterator[Example]:
    history = _history_of(simulated)
    cells = next_cell(history)
    rng = np.random.default_rng(seed + 2)
    for rep in simulated.labels.sets[0].reps:
        start_s = rep.start_s + rng.uniform(-_EARLY_S, _LATE_S)
        end_s = rep.end_s + rng.uniform(-_LATE_S, _EARLY_S)
        first, last = np.searchsorted(history.time_s[:cells], (start_s, end_s))
        now = min(int(last) + int(2.0 * GRID_HZ), cells - 1)
        strokes = find_strokes(history, Cycle(int(first), int(last)), now)
        yield Example(exercise=exercise, truth=rep, strokes=strokes)


def _history_of(simulated: Simulated) -> History:
    conditioner = Conditioner(new_history(), ConditioningParameters())
    conditioner.push(simulated.block)
    conditioner.flush()
    return conditioner.history


def train(seeds: Sequence[int]) -> dict[str, dict[str, list[float] | list[list[float]] | None]]:
    """Return the models of all exercises of the catalogue, and of any, as the file has them."""
    models: dict[str, dict[str, list[float] | list[list[float]] | None]] = {}
    for place, exercise in enumerate(load_catalogue().values()):
        own = list(examples(exercise, [seed + 100_000 * place for seed in seeds]))
        models[exercise.id] = {
            "seconds": _rounded(_seconds(own)),
            "swing": _rounded(_odds(own, FormFlag.SWING)),
            "bounce": _rounded(_odds(own, FormFlag.BOUNCE)),
        }
    models[ANY] = {
        "seconds": _rounded(_any_seconds(seeds[: len(seeds) // _ANY_PART])),
        "swing": None,
        "bounce": None,
    }
    return models


def _any_seconds(seeds: Sequence[int]) -> FloatArray:
    """Return the weights for any exercise: trained on all of them, done at any tempo."""
    reps: list[Example] = []
    for place, exercise in enumerate(load_catalogue().values()):
        for seed in seeds:
            rng = np.random.default_rng([seed, place])
            lift_s, hold_s, lower_s = rng.uniform((0.7, 0.0, 0.7), (3.0, 1.5, 3.5))
            hold_s = hold_s if rng.random() < _HOLDING else 0.0
            tempo = Tempo(lift_s=lift_s, hold_s=hold_s, lower_s=lower_s)
            style = SetStyle(tempo=tempo, rest_s=float(rng.uniform(0.1, 0.8)))
            made = _simulated(exercise, seed + 1000 * place, style, _REPS)
            reps += _examples(exercise, made, seed)
    return _seconds(reps)


def _turning_seconds() -> FloatArray:
    """Return the weights that fit a minimum-jerk stroke (Flash & Hogan 1985) of a turning forearm.

    It takes a quarter of its time for the first tenth of its way and as much for the last.
    """
    end_share = 0.2466
    tenth, nine_tenths = SHARES.index(0.1), SHARES.index(0.9)
    course = len(SHARES) + 1  # the turn, or the end, stands last
    weights = np.zeros((3, 2 * course))
    for stroke, row in ((0, 0), (1, 2)):
        weights[row, stroke * course + tenth] = -1.0 / (1.0 - 2.0 * end_share)
        weights[row, stroke * course + nine_tenths] = 1.0 / (1.0 - 2.0 * end_share)
    weights[1, [course - 1, course + tenth]] = 1.0
    weights[1, nine_tenths] = -1.0
    weights[1] -= end_share * (weights[0] + weights[2])
    return weights


def _seconds(reps: Sequence[Example]) -> FloatArray:
    """Return the weights from course to first stroke, hold and second stroke, s."""
    course = np.array([rep.strokes.course for rep in reps])
    truth = np.array([_phases(rep) for rep in reps])
    ridge = _RIDGE_S * len(reps) * np.eye(course.shape[1])
    return np.asarray(np.linalg.solve(course.T @ course + ridge, course.T @ truth).T)


def _phases(rep: Example) -> tuple[float, float, float]:
    truth = rep.truth
    lift_s, hold_s, lower_s = truth.lift_s or 0.0, truth.hold_s or 0.0, truth.lower_s or 0.0
    return (lift_s, hold_s, lower_s) if rep.lift == 0 else (lower_s, hold_s, lift_s)


def _odds(reps: Sequence[Example], flag: FormFlag) -> FloatArray:
    """Return the weights of a logistic model by Newton's method, scaled back to raw traits."""
    traits = np.array([rep.strokes.traits(rep.lift) for rep in reps])[:, :-1]
    truth = np.array([flag in rep.truth.flags for rep in reps], dtype=np.float64)
    mean, spread = traits.mean(axis=0), traits.std(axis=0) + 1e-9
    scaled = np.c_[(traits - mean) / spread, np.ones(len(reps))]
    ridge = _RIDGE_ODDS * len(reps) * np.diag([*np.ones(mean.size), 0.0])
    weights = np.zeros(mean.size + 1)
    for _ in range(_NEWTON_STEPS):
        share = 1.0 / (1.0 + np.exp(-scaled @ weights))
        slope = scaled.T @ (truth - share) - ridge @ weights
        bend = scaled.T @ (scaled * (share * (1.0 - share))[:, None]) + ridge
        weights = weights + np.linalg.solve(bend + 1e-9 * np.eye(bend.shape[0]), slope)
    raw = weights[:-1] / spread
    return np.asarray(np.r_[raw, weights[-1] - raw @ mean])


def _rounded(values: FloatArray) -> list[float] | list[list[float]]:
    rounded: list[float] | list[list[float]] = np.round(values, 4).tolist()
    return rounded
