"""Which of the exercises a set is, from the wrist alone.

The traits of a set (:mod:`repsense.pipeline.traits`) go through small networks trained on
simulated sets (:mod:`repsense.exercises.recognition`); their outputs, divided by a temperature that
was fitted on other simulated people, are the probabilities [1]_. A movement that is none of the
exercises is a class of its own, trained on what is not one of the ten. Networks are sure of
themselves even where they have never been, so a set that lies far from all sets of the exercise
that they name is `unknown` too [2]_; and so is one of which they are not sure: a wrong name is
worse than none.

References
----------
.. [1] C. Guo, G. Pleiss, Y. Sun, K. Q. Weinberger, "On calibration of modern neural networks",
   ICML 2017, arXiv 1706.04599: temperature scaling.
.. [2] K. Lee, K. Lee, H. Lee, J. Shin, "A simple unified framework for detecting
   out-of-distribution samples and adversarial attacks", NeurIPS 2018, arXiv 1807.03888: distance
   to class means under a common covariance.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from repsense.exercises.recognition import (
    UNKNOWN,
    Classifier,
    Ranges,
    RecognitionModel,
    load_model,
)
from repsense.pipeline.chains import Cycle
from repsense.pipeline.history import History
from repsense.pipeline.traits import free_traits, hang_before, parts_of, within_reach, worn_traits
from repsense.samples import FloatArray, Worn

#: Reps after which the first guess is said; fewer tell too little.
EARLY_REPS = 3

# A name is said from this probability on.
_SURE = 0.5

# How sure it is that what nobody has seen before is none of the exercises: who could say?
_NO_BETTER = 0.5

# Traits further from the mean than this are cut off: networks know nothing out there.
_FAR = 4.0


class Guess(NamedTuple):
    """An identifier of the catalogue or ``unknown``, and how sure, 0 to 1."""

    exercise: str
    confidence: float


#: What is said of a set too short, or too long ago, to be looked at.
NO_IDEA = Guess(UNKNOWN, 0.0)


class Recogniser:
    """Tells which exercise a set is.

    Parameters
    ----------
    worn
        How the sensor sits on the arm, None where nobody knows.
    model
        The trained numbers; None for those that come with RepSense.

    Attributes
    ----------
    known
        Identifier of the exercise that was chosen or is planned, if any.
    """

    def __init__(self, worn: Worn | None = None, model: RecognitionModel | None = None) -> None:
        self.model = model or load_model()
        self.known: str | None = None
        self._to_forearm = None if worn is None else worn.to_forearm()
        self._hang_g: FloatArray | None = None

    def guess(
        self, history: History, cycles: Sequence[Cycle], now: int, *, early: bool = False
    ) -> Guess:
        """Return which exercise the set of these cycles is, as seen from cell ``now``.

        ``early`` says that the set goes on. Then nothing is looked at where the exercise is
        known; at the end :mod:`repsense.pipeline.coaching` has the last word about that.
        """
        if early and self.known is not None:
            return Guess(self.known, 1.0)
        near = within_reach(cycles, now)
        if len(near) < EARLY_REPS:
            return NO_IDEA
        traits = self.traits(history, near, now)
        classifier = self.model.free if self._to_forearm is None else self.model.worn
        return named(self.model.names, classifier, traits, early=early)

    def traits(self, history: History, cycles: Sequence[Cycle], now: int) -> FloatArray:
        """Return what these cycles are known by, shape (traits,)."""
        parts_g = parts_of(history, cycles, now)
        if self._to_forearm is not None:
            return worn_traits(parts_g, cycles, self._to_forearm)
        return free_traits(parts_g, cycles, self.hang(history, cycles, now))

    def hang(self, history: History, cycles: Sequence[Cycle], now: int) -> FloatArray | None:
        """Return where "up" was when the arm last hung before these cycles, or None.

        At the end of a long set the walk is too far back; the sensor still sits as it did.
        """
        seen_g = hang_before(history, cycles[0].start, now)
        self._hang_g = self._hang_g if seen_g is None else seen_g
        return self._hang_g


def named(
    names: Sequence[str], classifier: Classifier, traits: FloatArray, *, early: bool
) -> Guess:
    """Return what is said of traits: the likeliest name where that is sure.

    Parameters
    ----------
    names
        What the classifier tells apart, in its order.
    classifier
        The networks, and how far from what they have seen they are trusted.
    traits
        Of one set, shape (traits,).
    early
        The set goes on: less of it was seen, so less is sure.
    """
    shares = probabilities(classifier, traits, early=early)
    best = int(shares.argmax())
    name, share = names[best], float(shares[best])
    if name == UNKNOWN:
        return Guess(name, share)
    ranges = classifier.ranges
    if ranges is not None:
        farthest = ranges.early_farthest if early else ranges.final_farthest
        if distance(classifier, ranges, traits, best) > farthest:
            return Guess(UNKNOWN, _NO_BETTER)
    return Guess(name, share) if share >= _SURE else Guess(UNKNOWN, 1.0 - share)


def distance(classifier: Classifier, ranges: Ranges, traits: FloatArray, exercise: int) -> float:
    """Return how far traits lie from an exercise's centre, in its spreads, a mean over them.

    It is the distance of Mahalanobis, over the root of the number of traits.

    Parameters
    ----------
    classifier
        Says how traits are scaled.
    ranges
        Where the exercises lie, in scaled traits.
    traits
        Of one set, shape (traits,); the first of them are looked at, as many as centres have.
    exercise
        Row of its centre.
    """
    scaled = (traits - classifier.mean) / classifier.scale
    off = scaled[: ranges.centres.shape[1]] - ranges.centres[exercise]
    return float(np.sqrt(max(off @ ranges.precision @ off, 0.0) / off.size))


def probabilities(classifier: Classifier, traits: FloatArray, *, early: bool) -> FloatArray:
    """Return the probability of each name, for traits of shape (traits,) or (n, traits)."""
    sharp = classifier.early_temperature if early else classifier.final_temperature
    scores = outputs(classifier, traits) / sharp
    raised = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=-1, keepdims=True))


def outputs(classifier: Classifier, traits: FloatArray) -> FloatArray:
    """Return the networks' mean output for each name, before the temperature."""
    scaled = np.clip((traits - classifier.mean) / classifier.scale, -_FAR, _FAR)
    votes = [
        np.tanh(scaled @ one.hidden + one.hidden_bias) @ one.out + one.out_bias
        for one in classifier.networks
    ]
    return np.asarray(np.mean(votes, axis=0))
