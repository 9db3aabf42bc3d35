"""Train what the strokes of each exercise mean, on simulated sets whose truth is known.

Seconds are a linear model of the stroke's course; throws and bounces a logistic one of the rep's
traits. Both are small and regularised. Seconds of exercises that are not known lie halfway between
those of a forearm that turns smoothly and those of all the catalogue done at any tempo: the former
is right for curls and raises, the latter for presses and rows. People, tempo, noise, sample rate
and the way the band is worn are drawn at random; that the engine is not sure where a rep is is
played by shifting its edges.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

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
from repsense.simulator import SensorModel, SetStyle, Simulated, Wearer, simulate_set
from repsense.tuning.alignment import place_weights, views
from repsense.tuning.reach import Person, reach_weights

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

# What one person does in the sets from which ranges are learned: faults, in which share of the
# reps, and the range. It must not be told by the pace alone, nor a throw be taken for a long way.
_REACHING: tuple[tuple[tuple[FormFlag, ...], float, tuple[float, float]], ...] = (
    ((), 1.0, (1.0, 1.0)),
    ((), 1.0, (0.35, 0.8)),
    ((FormFlag.SWING,), 0.7, (1.0, 1.0)),
    ((FormFlag.FAST_LIFT,), 0.5, (1.0, 1.0)),
    ((FormFlag.FAST_LOWER,), 0.5, (0.5, 1.1)),
)
_REACHING_REPS = 4
_UNEVEN = 0.1
_PEOPLE_EVERY = 4

# For any exercise: this share of the sets have a hold.
_HOLDING = 0.6

# And so many seeds are enough, since all exercises share them.
_ANY_SEEDS = 20

# How far the engine's edges of a rep may be off, s: it cuts somewhere in the rest between two.
_EARLY_S, _LATE_S = 0.5, 0.35

#: Weights as the file has them.
Weights = float | list[float] | list[list[float]] | None

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


def _views(exercise: Exercise, seeds: Sequence[int]) -> Iterator[tuple[FloatArray, float]]:
    for seed in seeds:
        made = random_set(exercise, seed)
        rng = np.random.default_rng(seed + 3)
        yield from views(_history_of(made), made.labels.sets[0].reps, rng)


def _parts(exercise: Exercise, seeds: Sequence[int]) -> Iterator[float]:
    """Yield which share of the time from rep to rep each rep took."""
    for seed in seeds:
        for rep, later in pairwise(random_set(exercise, seed).labels.sets[0].reps):
            yield (rep.end_s - rep.start_s) / (later.start_s - rep.start_s)


def _people(exercise: Exercise, seeds: Sequence[int]) -> Iterator[Person]:
    """Yield, for each seed, reps of one person that go less far, are thrown, or hurried."""
    for seed in seeds:
        rng = np.random.default_rng([seed, 4])
        who, sensor = Wearer.someone(rng), random_sensor(rng)
        person: Person = []
        for number, (faults, share, ranges) in enumerate(_REACHING):
            style = random_style(exercise, rng, faults=faults, share=share)
            reach = float(rng.uniform(*ranges))
            made = simulate_set(
                exercise.id,
                reps=_REACHING_REPS,
                seed=int(rng.integers(2**31)),
                style=replace(style, range=reach, variability=_UNEVEN),
                sensor=sensor,
                wearer=who,
                surroundings=False,
            )
            reps = _examples(exercise, made, 10 * seed + number)
            person += [(one.strokes.reaches(one.lift), reach) for one in reps]
        yield person


def _history_of(simulated: Simulated) -> History:
    conditioner = Conditioner(new_history(), ConditioningParameters())
    conditioner.push(simulated.block)
    conditioner.flush()
    return conditioner.history


def train(seeds: Sequence[int]) -> dict[str, dict[str, Weights]]:
    """Return the models of all exercises of the catalogue, and of any, as the file has them."""
    models: dict[str, dict[str, Weights]] = {}
    for place, exercise in enumerate(load_catalogue().values()):
        own_seeds = [seed + 100_000 * place for seed in seeds]
        own = list(examples(exercise, own_seeds))
        models[exercise.id] = {
            "place": _rounded(place_weights(list(_views(exercise, own_seeds)))),
            "part": round(float(np.median(list(_parts(exercise, own_seeds)))), 4),
            "seconds": _rounded(_seconds(own, np.array([rep.strokes.times_s for rep in own]))),
            **{flag: _rounded(_odds(own, flag)) for flag in _told_of(exercise)},
            "reach": _rounded(reach_weights(list(_people(exercise, own_seeds[::_PEOPLE_EVERY])))),
        }
    models[ANY] = {
        "place": None,
        "part": None,
        "seconds": _rounded(0.5 * (_turning_seconds() + _any_seconds(seeds[:_ANY_SEEDS]))),
        "reach": None,
    }
    return models


def _told_of(exercise: Exercise) -> list[FormFlag]:
    """Return the faults whose odds are learned: the range has a model of its own."""
    asked = exercise.cue_for(FormFlag.NO_HOLD) is not None
    left_out = {FormFlag.PARTIAL} if asked else {FormFlag.PARTIAL, FormFlag.NO_HOLD}
    return [flag for flag in FormFlag if flag not in left_out]


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
    return _seconds(reps, np.array([rep.strokes.course for rep in reps]))


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


def _seconds(reps: Sequence[Example], times_s: FloatArray) -> FloatArray:
    """Return the weights from times, shape (n, times), to first stroke, hold and second, s."""
    truth = np.array([_phases(rep) for rep in reps])
    ridge = _RIDGE_S * len(reps) * np.eye(times_s.shape[1])
    return np.asarray(np.linalg.solve(times_s.T @ times_s + ridge, times_s.T @ truth).T)


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


def _rounded(values: FloatArray) -> Weights:
    rounded: Weights = np.round(values, 4).tolist()
    return rounded
