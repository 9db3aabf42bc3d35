"""When in a rep the arm was heavy and light: times by which a known exercise's phases are told.

An arm that hardly turns, as in a press or a shrug, shows its phases in its weight alone: a smooth
stroke is heaviest and lightest a fifth of its time from its ends. Sway and tremor blur each single
moment, so there are many: when which share of all weight, and of all its change, has been felt.
"""

import numpy as np

from repsense.compiled import compiled
from repsense.pipeline.felt import Felt, write_times
from repsense.pipeline.history import GRID_HZ
from repsense.samples import FloatArray

#: Shares of what is felt in a stroke, and in the whole rep.
STROKE_SHARES = np.array([0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95])
REP_SHARES = np.array([0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95])

_A_STROKE = 2 * len(STROKE_SHARES) + 2

#: How many marks a rep has.
MARKS = 2 * _A_STROKE + 2 * len(REP_SHARES)


@compiled
def marks_of(
    seen: Felt, start: int, turn: int, end: int, stroke_shares: FloatArray, rep_shares: FloatArray
) -> FloatArray:
    """Return the marks of a rep, shape (MARKS,), s.

    Parameters
    ----------
    seen
        What was felt around it.
    start, turn, end
        Rows at which it begins, turns and ends.
    stroke_shares, rep_shares
        :data:`STROKE_SHARES` and :data:`REP_SHARES`: compiled code takes arrays by parameter.
    """
    rows = seen.weight_g.shape[0]
    weight_g, change_g = np.empty(rows), np.zeros(rows)
    for row in range(rows):
        weight_g[row] = abs(seen.weight_g[row])
        if row > 0:
            change_g[row] = abs(seen.weight_g[row] - seen.weight_g[row - 1])
    marks = np.empty(2 * (2 * stroke_shares.shape[0] + 2) + 2 * rep_shares.shape[0])
    at, few, many = 0, stroke_shares.shape[0], rep_shares.shape[0]
    for first, last in ((start, turn), (turn, end)):
        write_times(weight_g, first, last, stroke_shares, marks[at : at + few])
        write_times(change_g, first, last, stroke_shares, marks[at + few : at + 2 * few])
        heaviest, lightest = first, first
        for row in range(first, last + 1):
            heaviest = row if seen.weight_g[row] > seen.weight_g[heaviest] else heaviest
            lightest = row if seen.weight_g[row] < seen.weight_g[lightest] else lightest
        marks[at + 2 * few] = (heaviest - first) / GRID_HZ
        marks[at + 2 * few + 1] = (lightest - first) / GRID_HZ
        at += 2 * few + 2
    write_times(weight_g, start, end, rep_shares, marks[at : at + many])
    write_times(seen.step_g, start, end, rep_shares, marks[at + many :])
    return marks
