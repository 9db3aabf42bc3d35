"""Train what tells how far a rep went, against other reps of the exercise by the same person.

How far a wrist goes is felt as push and pull over a time: twice the way in the same time needs
twice the force, and where the forearm turns it is seen besides. So the logarithm of the range is
a linear model of the logarithms of what a rep feels like. People differ by a constant that is
none of its business, so each person's means are taken away first.
"""

from collections.abc import Sequence

import numpy as np

from repsense.samples import FloatArray

_RIDGE = 1e-2

#: Reps of one person: what each felt like, shape (traits,), and its range against a full one.
Person = list[tuple[FloatArray, float]]


def reach_weights(people: Sequence[Person]) -> FloatArray:
    """Return the weights of what reps feel like that tell the logarithm of their range.

    What is hard to tell, least squares guess near the mean: of a shrug half as high they say two
    thirds. To stretch that again was tried: more short reps were told, and as many more full ones
    were called short.
    """
    felt = np.concatenate([_without_mean(np.array([x for x, _ in reps])) for reps in people])
    ranges = np.concatenate([_without_mean(np.log([y for _, y in reps])) for reps in people])
    spread = felt.std(axis=0) + 1e-9
    scaled = felt / spread
    ridge = _RIDGE * len(felt) * np.eye(felt.shape[1])
    return np.asarray(np.linalg.solve(scaled.T @ scaled + ridge, scaled.T @ ranges) / spread)


def _without_mean(values: FloatArray) -> FloatArray:
    return np.asarray(values - values.mean(axis=0))
