"""Fit the judge's weights to examples, and see how it does on those it has not been shown."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from judge_examples import Example

from repsense.pipeline.judge import evidence_of
from repsense.samples import FloatArray

BoolArray = npt.NDArray[np.bool_]
Weights = tuple[float, ...]

_L2 = 3.0
# A source's examples of one kind weigh this much together: more of them weigh more, but less
# than in proportion, or the largest source would be all that counts.
_TOGETHER, _GROWTH = 100.0, 0.3
_FACTORS = {  # by the end of a source's name
    ": rest": 0.2,  # waving and the like: nobody can tell them from reps
    ": trunk bends": 3.0,  # few, and just what a resting wrist on a moving body looks like
}
_DECIMALS = 3
_STEPS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """Evidence from which a chain is shown live, and from which it counts in the end."""

    live: float
    final: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """How a group of chains was judged.

    Parameters
    ----------
    name
        What they have in common.
    sets, others
        Chains that were sets, and that were not.
    missed, unseen
        Sets that were refused in the end, and that were not shown live at any time.
    taken, shown, false_reps
        Others that were taken in the end, how many reps they had, and others shown live.
    """

    name: str
    sets: int
    missed: int
    unseen: int
    others: int
    taken: int
    false_reps: int
    shown: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """What is learned.

    Parameters
    ----------
    final, live
        Weights of both verdicts, the constant first.
    typical
        Features of the average set: what others are compared with when they are explained.
    """

    final: Weights
    live: Weights
    typical: Weights


def fit(examples: Sequence[Example]) -> Model:
    """Return the weights that fit the examples best, rounded as they are written."""
    final = [one for one in examples if one.final]
    live = [one for one in examples if not one.final]
    return Model(final=_fitted(final), live=_fitted(live), typical=_typical(final))


def score(
    name: str, examples: Sequence[Example], model: Model, thresholds: Thresholds
) -> Score | None:
    """Judge the examples of one group; None where there are none."""
    shown: set[str] = set()
    for one in examples:
        if not one.final and evidence_of(one.features, model.live) >= thresholds.live:
            shown.add(one.chain)
    chains = [one for one in examples if one.final]
    taken = [bool(evidence_of(one.features, model.final) >= thresholds.final) for one in chains]
    judged = list(zip(chains, taken, strict=True))
    false = [one for one, is_taken in judged if is_taken and not one.is_set]
    sets = sum(one.is_set for one in chains)
    if not chains:
        return None
    return Score(
        name=name,
        sets=sets,
        missed=sum(one.is_set and not is_taken for one, is_taken in judged),
        unseen=sum(one.is_set and one.chain not in shown for one in chains),
        others=len(chains) - sets,
        taken=len(false),
        false_reps=sum(one.traits.reps for one in false),
        shown=sum(not one.is_set and one.chain in shown for one in chains),
    )


def _fitted(examples: Sequence[Example]) -> Weights:
    """Fit on features of mean 0 and deviation 1, so that the penalty asks the same of each."""
    x = np.array([one.features for one in examples])
    is_set = np.array([one.is_set for one in examples])
    mean, spread = x.mean(axis=0), x.std(axis=0) + 1e-9
    columns = np.column_stack([np.ones(len(x)), (x - mean) / spread])
    found = logistic(columns, is_set, _importance(examples))
    slopes = found[1:] / spread
    constant = found[0] - float(slopes @ mean)
    return _rounded([constant, *slopes])


def _typical(examples: Sequence[Example]) -> Weights:
    sets = [one for one in examples if one.is_set]
    x = np.array([one.features for one in sets])
    return _rounded(np.average(x, axis=0, weights=_importance(sets)))


def _rounded(values: Iterable[float]) -> Weights:
    return tuple(round(float(value), _DECIMALS) + 0.0 for value in values)  # + 0.0: no -0.0


def _importance(examples: Sequence[Example]) -> FloatArray:
    kinds = [(one.source, one.is_set) for one in examples]
    count = {kind: kinds.count(kind) for kind in set(kinds)}
    each = {
        (source, is_set): _factor(source) * _TOGETHER * n ** (_GROWTH - 1.0)
        for (source, is_set), n in count.items()
    }
    return np.array([each[kind] for kind in kinds])


def _factor(source: str) -> float:
    return next((factor for end, factor in _FACTORS.items() if source.endswith(end)), 1.0)


def logistic(columns: FloatArray, is_true: BoolArray, importance: FloatArray) -> FloatArray:
    """Fit a logistic regression with an L2 penalty by Newton's method.

    Parameters
    ----------
    columns
        Shape (n, k); the first column is the constant, which costs nothing.
    is_true, importance
        What each is, and how much it weighs, shape (n,).
    """
    sign = np.where(is_true, 1.0, -1.0)
    penalty = np.full(columns.shape[1], 2.0 * _L2)
    penalty[0] = 0.0

    def loss(weights: FloatArray) -> float:
        doubt = np.logaddexp(0.0, -sign * (columns @ weights))
        return float(importance @ doubt + 0.5 * penalty @ weights**2)

    weights = np.zeros(columns.shape[1])
    for _ in range(_STEPS):
        share = 1.0 / (1.0 + np.exp(-np.clip(columns @ weights, -500.0, 500.0)))
        slope = columns.T @ (importance * (share - is_true)) + penalty * weights
        bend = (columns.T * (importance * share * (1.0 - share))) @ columns + np.diag(penalty)
        step = np.linalg.solve(bend + 1e-9 * np.eye(len(weights)), slope)
        while loss(weights - step) > loss(weights) and np.abs(step).max() > 1e-9:
            step = 0.5 * step
        weights = weights - step
        if np.abs(step).max() < 1e-9:
            break
    return weights
