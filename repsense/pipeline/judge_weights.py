"""Weights of :mod:`repsense.pipeline.judge`, written by ``benchmarks/train_judge.py``: do not edit.

``FINAL`` and ``LIVE``: the constant first, then one for each of ``traits.FEATURES``. ``TYPICAL``:
the features of the average set, with which others are compared when they are explained.
"""

FINAL = (
    -5.12,  # the constant
    12.023,  # how alike the reps are
    -0.463,  # how long they take
    -10.423,  # their haste
    -4.039,  # how much it looks like walking
    1.739,  # how many they are
    64.148,  # small, but alike or not
    -91.956,  # small, but returning or not
    -129.558,  # small, but even or not
)

LIVE = (
    -2.014,  # the constant
    14.344,  # how alike the reps are
    0.742,  # how long they take
    -8.216,  # their haste
    -4.005,  # how much it looks like walking
    -0.505,  # how many they are
    19.468,  # small, but alike or not
    -65.963,  # small, but returning or not
    18.617,  # small, but even or not
)

TYPICAL = (
    0.569,  # how alike the reps are
    1.315,  # how long they take
    0.003,  # their haste
    0.07,  # how much it looks like walking
    1.966,  # how many they are
    0.002,  # small, but alike or not
    0.0,  # small, but returning or not
    0.0,  # small, but even or not
)
