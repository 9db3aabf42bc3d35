"""Weights of :mod:`repsense.pipeline.judge`, for ``benchmarks/train_judge.py`` to write anew.

``FINAL`` and ``LIVE``: the constant first, then one for each of ``chain_traits.FEATURES``.
``TYPICAL``: the features of the average set, with which others are compared when they are
explained. ``FINAL`` and ``LIVE`` were fitted by the same method to chains of an earlier search;
those that the command finds today miss more sets (docs/engine.md).
"""

FINAL = (-5.219, 11.237, -24.466, -8.759, -3.584, 1.798, 65.855, -93.004, -132.379)
LIVE = (-2.129, 13.573, -15.217, -8.128, -3.284, -0.479, 19.163, -64.722, 18.068)

TYPICAL = (
    0.577,  # how alike the reps are
    0.001,  # hasty, and how little alike
    0.001,  # hasty, and how much like walking
    0.067,  # how much it looks like walking
    1.978,  # how many they are
    0.002,  # small, but alike or not
    0.0,  # small, but returning or not
    0.0,  # small, but even or not
)
