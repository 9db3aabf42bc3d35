"""Weights of :mod:`repsense.pipeline.judge`, written by ``benchmarks/train_judge.py``: do not edit.

The constant first, then one for each of ``traits.FEATURES``.
"""

FINAL = (-5.219, 11.237, -24.466, -8.759, -3.584, 1.798, 65.855, -93.004, -132.379)
LIVE = (-2.129, 13.573, -15.217, -8.128, -3.284, -0.479, 19.163, -64.722, 18.068)
TYPICAL = (0.6, 0.0, 0.0, 0.1, 1.9, 0.0, 0.0, 0.0)
