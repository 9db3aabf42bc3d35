"""Simulated sets by anybody, as the engine sees them: what recognition is trained and tested on."""

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from repsense.events import FormFlag
from repsense.exercises import Exercise, Tempo, load_catalogue
from repsense.exercises.recognition import UNKNOWN, Classifier, RecognitionModel
from repsense.pipeline.chains import Cycle
from repsense.pipeline.conditioning import Conditioner, ConditioningParameters
from repsense.pipeline.exercise import EARLY_REPS, NO_IDEA, Guess, Recogniser
from repsense.pipeline.history import History, new_history, next_cell, row_of
from repsense.pipeline.pipeline import Pipeline
from repsense.pipeline.traits import parts_of, within_reach
from repsense.recording.labels import LabelledSet
from repsense.samples import FloatArray, SampleBlock
from repsense.simulator import (
    SensorModel,
    SetStyle,
    Simulated,
    Wearer,
    simulate_scene,
    simulate_set,
)
from repsense.simulator.movements import (
    MOVEMENTS,
    Movement,
    find_movement,
    invented_movement,
    legs_movement,
    simulate_movement,
)
from repsense.simulator.paths import JointPath, joint_path
from repsense.simulator.reps import RepSet
from repsense.simulator.surroundings import Stand

#: Movements of the gym that are tested on and never trained on.
HELD_OUT = ("biceps_curl", "hammer_curl", "dumbbell_squat", "barbell_squat")

#: A movement made up by chance, another one for each seed.
INVENTED = "invented"
_INVENTED_SETS = tuple(f"{INVENTED}_{number}" for number in range(4))
_STRANGERS_INVENTED = tuple(f"{INVENTED}_{number}" for number in range(10))

#: Legs and trunk move, and the arms are held as at the start of the exercise that follows.
LEGS = "legs_in"

# A set that the engine found is the one that was done if they share this much of the longer of the
# two; below the lower share it is something else, like handling of the weights.
_SAME_SHARE, _OTHER_SHARE = 0.5, 0.15

_RATES_HZ = (25.0, 50.0, 100.0)
_PIECE = 200
_STRANGERS_REPS = 7
_JOINTS = ("lean", "upper_raise", "upper_spread", "fore_raise", "fore_spread", "pronation")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Example:
    """Reps of one set as they looked at one moment.

    Parameters
    ----------
    label
        Identifier of the exercise, or ``unknown``.
    early
        The set was still going on.
    parts_g, cycles, hang_g
        What traits are made of.
    wearer, seed
        Who did it.
    as_done
        The cycles are the true reps, not those that the engine found.
    """

    label: str
    early: bool
    parts_g: FloatArray
    cycles: tuple[Cycle, ...]
    hang_g: FloatArray | None
    wearer: Wearer
    seed: int
    as_done: bool = False


def draw_set(name: str, seed: int) -> Simulated:
    """Simulate a set of an exercise or another movement by a person, in a way, all by chance.

    Random are the wearer with roll, tilt and way round of the band; tempo, pauses, range, fatigue
    and evenness; in a quarter of the sets a fault of form; rate and noise of the sensor. Walking
    and the handling of the weights belong to it.
    """
    rng = np.random.default_rng([seed, zlib.crc32(name.encode())])
    movement = None if name in load_catalogue() else _movement(name, rng)
    exercise = load_catalogue()[name] if movement is None else movement.exercise
    make = partial(simulate_set, name) if movement is None else partial(simulate_movement, movement)
    return make(
        reps=int(rng.integers(exercise.reps_min, exercise.reps_max + 1)),
        wearer=Wearer.someone(rng),
        style=_style(exercise, rng),
        sensor=SensorModel(
            rate_hz=float(rng.choice(_RATES_HZ)), noise_g=float(rng.uniform(0.002, 0.015))
        ),
        seed=int(rng.integers(2**31)),
    )


def draw_stranger(name: str, seed: int) -> Simulated:
    """Simulate the bare reps of someone who does them further from the book, and in a hurry or not.

    The start pose is off by some ten degrees, each joint's way by a fifth, the pace anywhere from
    three times as fast to half again as slow, and the sensor is a poor one.
    """
    rng = np.random.default_rng([seed, zlib.crc32(name.encode()), 1])
    movement = None if name in load_catalogue() else _movement(name, rng)
    exercise = load_catalogue()[name] if movement is None else movement.exercise
    path = _own_way(joint_path(name) if movement is None else movement.path, rng)
    pace = float(np.exp(rng.uniform(np.log(0.35), np.log(1.6))))
    reps = RepSet(
        exercise=exercise, reps=_STRANGERS_REPS, style=_style(exercise, rng, pace), path=path
    )
    return simulate_scene(
        (Stand(seconds=2.0), reps, Stand(seconds=2.0)),
        seed=int(rng.integers(2**31)),
        wearer=Wearer.someone(rng),
        sensor=SensorModel(
            rate_hz=float(rng.choice(_RATES_HZ)), noise_g=0.02, bias_g=0.03, gain_error=0.02
        ),
        start=path.start,
    )


def training_names(seed: int) -> list[str]:
    """Return what is done in the training sets of one seed: the ten, and others in turn."""
    others = [name for name in MOVEMENTS if name not in HELD_OUT]
    return [*load_catalogue(), *_INVENTED_SETS, *others[seed % 2 :: 2]]


def strangers_names(seed: int) -> list[str]:
    """Return what strangers do for one seed, in each of which half of the held poses come."""
    others = [name for name in MOVEMENTS if name not in HELD_OUT]
    legs = [f"{LEGS}_{name}" for name in list(load_catalogue())[seed % 2 :: 2]]
    return [*load_catalogue(), *_STRANGERS_INVENTED, *legs, *others]


def examples_of(made: Simulated, *, seed: int, found: bool = True) -> Iterator[Example]:
    """Yield what can be learned from one simulated set.

    That is every set that the engine finds in it, after three reps and at its end, and the true
    reps, a little beside their true times: the engine may come to cut reps in another way. Without
    ``found`` only the latter.
    """
    truth = made.labels.sets[0]
    label = truth.exercise if truth.exercise in load_catalogue() else UNKNOWN
    for moment in _as_found(made.block) if found else ():
        shared = _share(moment, truth)
        if shared < _OTHER_SHARE or shared >= _SAME_SHARE:
            yield moment.example(label if shared >= _SAME_SHARE else UNKNOWN, made.wearer, seed)
    for moment in _as_done(made.block, truth, np.random.default_rng(seed)):
        yield moment.example(label, made.wearer, seed, as_done=True)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Moment:
    """What a recogniser would have looked at."""

    early: bool
    start_s: float
    end_s: float
    parts_g: FloatArray
    cycles: tuple[Cycle, ...]
    hang_g: FloatArray | None

    def example(self, label: str, wearer: Wearer, seed: int, *, as_done: bool = False) -> Example:
        return Example(
            label=label,
            early=self.early,
            parts_g=self.parts_g,
            cycles=self.cycles,
            hang_g=self.hang_g,
            wearer=wearer,
            seed=seed,
            as_done=as_done,
        )


class _Witness(Recogniser):
    """Recognises nothing and writes down what there was to see."""

    def __init__(self) -> None:
        super().__init__(model=_NOTHING_LEARNED)
        self.moments: list[_Moment] = []

    def guess(
        self, history: History, cycles: Sequence[Cycle], now: int, *, early: bool = False
    ) -> Guess:
        near = within_reach(cycles, now)
        if len(near) >= EARLY_REPS:
            self.moments.append(self._moment(history, near, now, early=early))
        return NO_IDEA

    def _moment(self, history: History, cycles: list[Cycle], now: int, *, early: bool) -> _Moment:
        first, last = (row_of(history, cell, now) for cell in (cycles[0].start, cycles[-1].end))
        return _Moment(
            early=early,
            start_s=float(history.time_s[first]),
            end_s=float(history.time_s[last]),
            parts_g=parts_of(history, cycles, now),
            cycles=tuple(cycles),
            hang_g=self.hang(history, cycles, now),
        )


_EMPTY = Classifier(
    mean=np.zeros(0), scale=np.ones(0), networks=(), early_temperature=1.0, final_temperature=1.0
)
_NOTHING_LEARNED = RecognitionModel(names=(UNKNOWN,), worn=_EMPTY, free=_EMPTY, made_by="")


def _as_found(block: SampleBlock) -> list[_Moment]:
    witness = _Witness()
    pipeline = Pipeline(armed=True, recogniser=witness)
    pipeline.push(block)
    pipeline.flush()
    return witness.moments


def _as_done(block: SampleBlock, truth: LabelledSet, rng: np.random.Generator) -> Iterator[_Moment]:
    """Yield the first reps and all reps, at their true times but for a slip of some percent."""
    slip = rng.normal(0.0, 0.06)
    spans_s = [
        (
            rep.start_s + (slip + rng.normal(0.0, 0.03)) * (rep.end_s - rep.start_s),
            rep.end_s + (slip + rng.normal(0.0, 0.05)) * (rep.end_s - rep.start_s),
        )
        for rep in truth.reps
    ]
    history = new_history()
    conditioner = Conditioner(history, ConditioningParameters())
    witness = _Witness()
    due = [spans_s[:EARLY_REPS], spans_s]
    for piece in block.cut(_PIECE):
        conditioner.push(piece)
        while due and float(piece.t_s[-1]) > due[0][-1][1] + 1.0:
            spans = due.pop(0)
            now = next_cell(history) - 1
            cycles = [_cycle(history, span_s, now) for span_s in spans]
            witness.guess(history, cycles, now, early=len(spans) == EARLY_REPS)
    yield from witness.moments


def _cycle(history: History, span_s: tuple[float, float], now: int) -> Cycle:
    newest_s = float(history.time_s[row_of(history, now, now)])
    step_s = newest_s - float(history.time_s[row_of(history, now - 1, now)])
    start, end = (now - round((newest_s - at_s) / step_s) for at_s in span_s)
    return Cycle(start, end)


def _share(moment: _Moment, truth: LabelledSet) -> float:
    shared_s = min(moment.end_s, truth.end_s) - max(moment.start_s, truth.start_s)
    seen_s, done_s = moment.end_s - moment.start_s, truth.end_s - truth.start_s
    return shared_s / (seen_s if moment.early else max(seen_s, done_s))


def _own_way(path: JointPath, rng: np.random.Generator) -> JointPath:
    """Return a path as somebody else would go it: start, way and turn of the arm's joints off."""
    start, turn = path.start, path.turn
    for joint in _JOINTS:
        at_start, at_turn = getattr(start, joint), getattr(turn, joint)
        off = float(rng.normal(0.0, 8.0))
        way = (at_turn - at_start) * float(rng.normal(1.0, 0.2)) + float(rng.normal(0.0, 2.0))
        start = start.but(**{joint: at_start + off})
        turn = turn.but(**{joint: at_start + off + way})
    return replace(path, start=start, turn=turn)


def _movement(name: str, rng: np.random.Generator) -> Movement:
    if name.startswith(INVENTED):
        return invented_movement(rng)
    if name.startswith(LEGS):
        return legs_movement(joint_path(name.removeprefix(f"{LEGS}_")).start, rng)
    return find_movement(name)


def _style(exercise: Exercise, rng: np.random.Generator, pace: float | None = None) -> SetStyle:
    usual = float(rng.uniform(0.7, 1.5))
    pace = usual if pace is None else pace
    flags = list(FormFlag)
    faulty = rng.random() < 0.25
    return SetStyle(
        tempo=Tempo(
            lift_s=float(pace * rng.uniform(0.85, 1.15)) * exercise.tempo.lift_s,
            hold_s=float(rng.uniform(0.5, 1.4)) * exercise.tempo.hold_s,
            lower_s=float(pace * rng.uniform(0.85, 1.15)) * exercise.tempo.lower_s,
        ),
        rest_s=float(rng.uniform(0.1, 0.8)),
        faults=(flags[int(rng.integers(len(flags)))],) if faulty else (),
        fault_share=0.4,
        variability=float(rng.uniform(0.04, 0.1)),
        fatigue=float(rng.uniform(0.0, 0.4)),
        range=float(rng.uniform(0.88, 1.05)),
        pauses=int(rng.random() < 0.2),
    )
