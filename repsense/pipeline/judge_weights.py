"""Weights of :mod:`repsense.pipeline.judge`, written by ``benchmarks/train_judge.py``: do not edit.

The constant first, then one for each of ``traits.FEATURES``.
"""

FINAL = (-5.12, 12.023, -0.463, -10.423, -4.039, 1.739, 64.148, -91.956, -129.558)
LIVE = (-2.014, 14.344, 0.742, -8.216, -4.005, -0.505, 19.468, -65.963, 18.617)
TYPICAL = (0.6, 1.0, 0.0, 0.1, 1.9, 0.0, 0.0, 0.0)
