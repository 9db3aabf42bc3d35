"""Weights of :mod:`repsense.pipeline.judge`, written by ``benchmarks/train_judge.py``: do not edit.

``FINAL`` and ``LIVE``: the constant first, then one for each of ``traits.FEATURES``. ``TYPICAL``:
the features of the average set, with which others are compared when they are explained.
"""

FINAL = (
    -7.733,  # the constant
    14.169,  # how alike the reps are
    -18.312,  # hasty, and how little alike
    -9.972,  # hasty, and how much like walking
    -2.979,  # how much it looks like walking
    2.148,  # how many they are
    49.216,  # small, but alike or not
    -88.465,  # small, but returning or not
    -151.368,  # small, but even or not
)

LIVE = (
    -1.628,  # the constant
    15.049,  # how alike the reps are
    -14.476,  # hasty, and how little alike
    -10.296,  # hasty, and how much like walking
    -2.901,  # how much it looks like walking
    -1.327,  # how many they are
    16.294,  # small, but alike or not
    -43.449,  # small, but returning or not
    31.257,  # small, but even or not
)

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
