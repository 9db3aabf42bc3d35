"""Where the exercises lie among all movements, as seen in simulated sets."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from repsense.exercises.recognition import UNKNOWN, Classifier, Ranges, RecognitionModel
from repsense.pipeline.exercise import distance
from repsense.pipeline.traits import HANG_TRAITS, free_traits, worn_traits
from repsense.samples import FloatArray
from repsense.tuning.recognition_sets import Example

#: The sets of so many people are looked at.
PEOPLE = 20

#: Centres are those of true reps. Every so many people are kept out of them, to see how far sets
#: of others lie from there, as the engine finds them.
KEPT_OUT = 4

# This share of the sets of an exercise lies near enough.
_NEAR = 0.97

# The common covariance is drawn this far towards one without correlations, and never narrower.
_SHRINK, _NARROWEST = 0.1, 1e-3


def with_ranges(model: RecognitionModel, examples: Sequence[Example]) -> RecognitionModel:
    """Return the model with ranges as the first people's sets show them.

    Parameters
    ----------
    model
        Trained already; its networks stay as they are.
    examples
        Of people with seeds from 0 on: those below :data:`PEOPLE` are looked at. Every
        :data:`KEPT_OUT`-th is kept out of the centres, and says how far from them is still near.
    """
    seen = [one for one in examples if one.seed < PEOPLE]

    def worn(one: Example) -> FloatArray:
        return worn_traits(one.parts_g, one.cycles, one.wearer.told().to_forearm())

    def free(one: Example) -> FloatArray:
        return free_traits(one.parts_g, one.cycles, one.hang_g)

    exercises = [name for name in model.names if name != UNKNOWN]
    return replace(
        model,
        worn=_ranged(model.worn, seen, worn, exercises, model.worn.mean.size),
        free=_ranged(model.free, seen, free, exercises, model.free.mean.size - HANG_TRAITS),
    )


def _ranged(
    classifier: Classifier,
    examples: Sequence[Example],
    traits_of: Callable[[Example], FloatArray],
    exercises: Sequence[str],
    looked_at: int,
) -> Classifier:
    """Return the classifier with ranges over its first traits."""
    learned = [one for one in examples if one.as_done and one.seed % KEPT_OUT]
    kept_out = [one for one in examples if one.seed % KEPT_OUT == 0]
    groups = [
        np.array([traits_of(one) for one in learned if one.label == name]) for name in exercises
    ]
    if not all(len(group) > 1 for group in groups) or not kept_out:
        return classifier
    scaled = [((one - classifier.mean) / classifier.scale)[:, :looked_at] for one in groups]
    ranges = Ranges(
        centres=np.array([one.mean(axis=0) for one in scaled]),
        precision=_precision(scaled),
        early_farthest=0.0,
        final_farthest=0.0,
    )

    def farthest(*, early: bool) -> float:
        """Return how far others lie from what they do."""
        own = [
            distance(classifier, ranges, traits_of(one), exercises.index(one.label))
            for one in kept_out
            if one.early is early and one.label != UNKNOWN
        ]
        return float(np.quantile(own, _NEAR)) if own else 0.0

    limits = replace(
        ranges, early_farthest=farthest(early=True), final_farthest=farthest(early=False)
    )
    return replace(classifier, ranges=limits)


def _precision(groups: Sequence[FloatArray]) -> FloatArray:
    """Return the inverse of the groups' common covariance, drawn towards its diagonal."""
    size = groups[0].shape[1]
    total = sum((len(one) * np.cov(one.T) for one in groups), np.zeros((size, size)))
    spread = total / sum(len(one) for one in groups)
    spread += _SHRINK * (np.diag(np.diag(spread)) - spread) + _NARROWEST * np.eye(size)
    return np.asarray(np.linalg.inv(spread), dtype=np.float64)
