"""Train what tells the exercises apart; ``scripts/make_recognition_model`` writes it down."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from repsense.exercises import load_catalogue
from repsense.exercises.recognition import (
    UNKNOWN,
    Classifier,
    Network,
    RecognitionModel,
    model_text,
    parse_model,
)
from repsense.pipeline.exercise import outputs
from repsense.pipeline.traits import HANG_TRAITS, free_traits, worn_traits
from repsense.samples import Axis, FloatArray, Worn
from repsense.simulator import Wearer
from repsense.tuning.recognition_ranges import with_ranges
from repsense.tuning.recognition_sets import Example

_UNITS, _NETWORKS = 64, 2
_BATCH, _STEPS = 512, 8000
# Adam (Kingma & Ba, arXiv 1412.6980) with its usual constants; the rate falls along a cosine.
_RATE, _FIRST, _SECOND, _TINY = 4e-3, 0.9, 0.999, 1e-8
_DECAY = 2e-3  # of the weights, apart from the gradient
_BLUR = 0.1  # noise on the scaled traits, so that no single one is trusted too far

# People of every so many seeds are kept out of the networks, for the temperatures.
_CALIBRATION_EVERY = 5
_TEMPERATURES = np.geomspace(0.3, 5.0, 60)

# Each example is learned as it was worn, and as it would be on other wrists.
_OTHER_WRISTS = 2
_ROLL_DEG, _TILT_DEG = 20.0, 5.0

IntArray = npt.NDArray[np.int64]


def train_model(
    examples: Sequence[Example], *, seed: int, made_by: str, steps: int = _STEPS
) -> RecognitionModel:
    """Return a model trained on these examples, to the digits that its file keeps.

    Steps
    -----
    1. Traits of each example: free of the frame, with and without the hanging arm; and worn, as it
       was and on other wrists.
    2. Fit the networks on four people of five, the temperatures on the fifth.
    3. See where the exercises lie (:mod:`repsense.tuning.recognition_ranges`).
    """
    rng = np.random.default_rng(seed)
    names = (*load_catalogue(), UNKNOWN)
    groups = [
        [one for one in examples if (one.seed % _CALIBRATION_EVERY == 0) is kept_out]
        for kept_out in (False, True)
    ]
    free = _classifier([_free_table(group, names) for group in groups], len(names), rng, steps)
    worn = _classifier([_worn_table(group, names, rng) for group in groups], len(names), rng, steps)
    model = RecognitionModel(names=names, worn=worn, free=free, made_by=made_by)
    return parse_model(model_text(with_ranges(model, examples)))


class _Table:
    """Traits, shape (n, traits); the place of each label; which rows are early."""

    def __init__(self, rows: list[tuple[FloatArray, int, bool]]) -> None:
        self.traits = np.array([row[0] for row in rows])
        self.labels = np.array([row[1] for row in rows], dtype=np.int64)
        self.early = np.array([row[2] for row in rows], dtype=np.bool_)


def _free_table(examples: Sequence[Example], names: Sequence[str]) -> _Table:
    rows = []
    for one in examples:
        seen = free_traits(one.parts_g, one.cycles, one.hang_g)
        blind = seen.copy()
        blind[-HANG_TRAITS:] = 0.0
        rows += [(traits, names.index(one.label), one.early) for traits in (seen, blind)]
    return _Table(rows)


def _worn_table(
    examples: Sequence[Example], names: Sequence[str], rng: np.random.Generator
) -> _Table:
    rows = []
    for one in examples:
        told = one.wearer.told()
        ways = [(one.parts_g, told)] + [_rewrapped(one, rng) for _ in range(_OTHER_WRISTS)]
        for parts_g, worn in ways:
            traits = worn_traits(parts_g, one.cycles, worn.to_forearm())
            rows.append((traits, names.index(one.label), one.early))
    return _Table(rows)


def _rewrapped(one: Example, rng: np.random.Generator) -> tuple[FloatArray, Worn]:
    """Return the example as a band would have felt it that was put on anew."""
    forearm_g = one.parts_g @ one.wearer.worn(np.eye(3)).T
    anew = Wearer(
        roll_deg=float(rng.normal(0.0, _ROLL_DEG)), tilt_deg=float(rng.normal(0.0, _TILT_DEG))
    )
    worn = Worn(along=Axis.PLUS_X, out=Axis.PLUS_Z, wrist=one.wearer.wrist)
    return forearm_g @ anew.worn(np.eye(3)), worn


def _classifier(
    tables: Sequence[_Table], names: int, rng: np.random.Generator, steps: int
) -> Classifier:
    learned, kept_out = tables
    mean, scale = learned.traits.mean(axis=0), learned.traits.std(axis=0) + 1e-6
    scaled = (learned.traits - mean) / scale
    networks = tuple(_fitted(scaled, learned.labels, names, rng, steps) for _ in range(_NETWORKS))
    plain = Classifier(
        mean=mean, scale=scale, networks=networks, early_temperature=1.0, final_temperature=1.0
    )
    return replace(
        plain,
        early_temperature=_temperature(plain, kept_out, early=True),
        final_temperature=_temperature(plain, kept_out, early=False),
    )


def _fitted(
    scaled: FloatArray, labels: IntArray, names: int, rng: np.random.Generator, steps: int
) -> Network:
    traits = scaled.shape[1]
    weights = [
        rng.normal(0.0, traits**-0.5, (traits, _UNITS)),
        np.zeros(_UNITS),
        rng.normal(0.0, _UNITS**-0.5, (_UNITS, names)),
        np.zeros(names),
    ]
    means = [np.zeros_like(one) for one in weights]
    squares = [np.zeros_like(one) for one in weights]
    for step in range(1, steps + 1):
        batch = rng.integers(0, labels.size, _BATCH)
        noisy = scaled[batch] + rng.normal(0.0, _BLUR, (_BATCH, traits))
        rate = _RATE * 0.5 * (1.0 + np.cos(np.pi * step / steps))
        for place, slope in enumerate(_slopes(weights, noisy, labels[batch])):
            means[place] = _FIRST * means[place] + (1.0 - _FIRST) * slope
            squares[place] = _SECOND * squares[place] + (1.0 - _SECOND) * slope**2
            way = means[place] / (1.0 - _FIRST**step)
            size = np.sqrt(squares[place] / (1.0 - _SECOND**step)) + _TINY
            shrink = _DECAY * weights[place] if weights[place].ndim > 1 else 0.0
            weights[place] = weights[place] - rate * (way / size + shrink)
    return Network(hidden=weights[0], hidden_bias=weights[1], out=weights[2], out_bias=weights[3])


def _slopes(
    weights: Sequence[FloatArray], traits: FloatArray, labels: IntArray
) -> list[FloatArray]:
    """Return the gradient of the mean cross entropy by each array of weights."""
    inner = np.tanh(traits @ weights[0] + weights[1])
    scores = inner @ weights[2] + weights[3]
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    missing = raised / raised.sum(axis=1, keepdims=True)
    missing[np.arange(labels.size), labels] -= 1.0
    missing /= labels.size
    back = (missing @ weights[2].T) * (1.0 - inner**2)
    return [traits.T @ back, back.sum(axis=0), inner.T @ missing, missing.sum(axis=0)]


def _temperature(plain: Classifier, table: _Table, *, early: bool) -> float:
    """Return the temperature under which the true labels are likeliest."""
    rows = table.early == early
    if not rows.any():
        return 1.0
    scores = outputs(plain, table.traits[rows])
    losses = [_loss(scores / heat, table.labels[rows]) for heat in _TEMPERATURES]
    return float(_TEMPERATURES[int(np.argmin(losses))])


def _loss(scores: FloatArray, labels: IntArray) -> float:
    top = scores.max(axis=1, keepdims=True)
    log_sum = np.log(np.exp(scores - top).sum(axis=1)) + top[:, 0]
    return float((log_sum - scores[np.arange(labels.size), labels]).mean())
