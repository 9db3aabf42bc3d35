"""Weights of :mod:`repsense.pipeline.judge`, written by ``benchmarks/train_judge.py``: do not edit.

``FINAL`` and ``LIVE``: the constant first, then one for each of ``chain_traits.FEATURES``.
``TYPICAL``: the features of the average set, with which others are compared to explain them.
"""

FINAL = (
    -5.219,  # the constant
    11.237,  # how alike the reps are
    -24.466,  # hasty, and how little alike
    -8.759,  # hasty, and how much like walking
    -3.584,  # how much it looks like walking
    1.798,  # how many they are
    65.855,  # small, but alike or not
    -93.004,  # small, but returning or not
    -132.379,  # small, but even or not
)

LIVE = (
    -2.129,  # the constant
    13.573,  # how alike the reps are
    -15.217,  # hasty, and how little alike
    -8.128,  # hasty, and how much like walking
    -3.284,  # how much it looks like walking
    -0.479,  # how many they are
    19.163,  # small, but alike or not
    -64.722,  # small, but returning or not
    18.068,  # small, but even or not
)

TYPICAL = (
    0.576,  # how alike the reps are
    0.001,  # hasty, and how little alike
    0.001,  # hasty, and how much like walking
    0.067,  # how much it looks like walking
    1.976,  # how many they are
    0.002,  # small, but alike or not
    0.0,  # small, but returning or not
    0.0,  # small, but even or not
)
