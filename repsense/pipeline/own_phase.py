"""The final reps of a set, cut where the person cuts them.

The search may cut a set at the other turning point. Then the motion around its cycles may add up
to one rep more (:mod:`repsense.pipeline.edges`), or two strokes that belong to no rep may pass for
one: who bends with raised arms raises them first and lowers them at the end, and cut at the bends
these are the first half of one cycle and the last half of another.

What gives them away is that both go another way than all other halves, and both the same: the
way into position, and back. The first and last halves of quick reps do so, too, since from rest
and into rest the wrist is not thrown: those are left as they are.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from repsense.pipeline.chains import Cycle
from repsense.pipeline.form import Form, RawRep
from repsense.pipeline.history import GRID_HZ, LOOK_BACK, OFFSET, History
from repsense.pipeline.openset import OpenSet
from repsense.pipeline.parameters import EdgeParameters
from repsense.samples import FloatArray

# A half is compared at so many points, and with those of so many other cycles at least.
_POINTS = 8
_OTHERS_MIN = 3

# Halves differ by so much of their way at least: cycles begin and end on steps.
_USUAL_MIN = 0.04

# A turning point closer to an end leaves no half to compare.
_SHORTEST = 2


class _Halves(NamedTuple):
    """The way there and the way back of some cycles.

    Attributes
    ----------
    turns
        The cell of each cycle that lies farthest from its ends.
    there_g, back_g
        Points along both ways, shape (cycles, points, 3), g.
    """

    turns: list[int]
    there_g: FloatArray
    back_g: FloatArray


def final_reps(
    running: OpenSet, raws: list[RawRep], form: Form, now: int, *, armed: bool
) -> list[RawRep]:
    """Return the reps of a set that is over, one more or one fewer than its cycles if need be.

    Parameters
    ----------
    running
        The set.
    raws
        Its cycles as measured.
    form
        Measures those that are cut anew.
    now
        Cell up to which has been looked.
    armed
        The set was due. One that had to show itself hardly ever begins before its first rep.
    """
    if running.extra:
        return [*raws, running.book.at_edges(running.extra_cycle(now), now)]
    edges = running.view.edges
    if not armed or edges is None or running.cycles[0].start < now - LOOK_BACK:
        return raws
    path_share = edges.chains.path_share
    own = own_cycles(edges.history, running.cycles, edges.parameters, path_share)
    return raws if own is None else [form.measure(cycle, now) for cycle in own]


def own_cycles(
    history: History, cycles: Sequence[Cycle], parameters: EdgeParameters, path_share: float
) -> list[Cycle] | None:
    """Return one cycle fewer, from turn to turn, where the way in and out has passed for one."""
    p = parameters
    lengths = sorted(cycle.end - cycle.start for cycle in cycles)
    if len(cycles) <= _OTHERS_MIN or lengths[len(lengths) // 2] < p.way_rep_s * GRID_HZ:
        return None
    halves = _halves(history, cycles, path_share)
    if halves is None:
        return None
    there, back = _differences(halves.there_g, 0), _differences(halves.back_g, -1)
    least = _USUAL_MIN * float(np.median([math.dist(half[0], half[-1]) for half in halves.there_g]))
    for way, others, beside in ((there[0], there[1:], back[0]), (back[-1], back[:-1], there[-1])):
        usual = max(float(np.median([_size(other) for other in others])), least)
        if _size(way) < max(p.way_apart * usual, p.way_beside * _size(beside)):
            return None
    way_in, way_out = there[0], back[-1][::-1]  # the way out, run backwards
    alike = float((way_in * way_out).mean(axis=0).sum()) / (_size(way_in) * _size(way_out))
    if alike < p.way_alike:
        return None
    return [Cycle(a, b) for a, b in zip(halves.turns, halves.turns[1:], strict=False)]


def _halves(history: History, cycles: Sequence[Cycle], path_share: float) -> _Halves | None:
    """Cut cycles at their turns; None where one has none."""
    offset = int(history.counter[OFFSET])
    turns, there_g, back_g = [], [], []
    for start, end in cycles:
        way_g = history.smooth_g[start - offset : end - offset + 1]
        away_g = np.sqrt(((way_g - 0.5 * (way_g[0] + way_g[-1])) ** 2).sum(axis=1))
        turn = int(away_g.argmax())
        if not _SHORTEST <= turn <= end - start - _SHORTEST:
            return None
        turns.append(start + turn)
        there_g.append(_trace(history, start, start + turn, path_share))
        back_g.append(_trace(history, start + turn, end, path_share))
    return _Halves(turns, np.array(there_g), np.array(back_g))


def _trace(history: History, start: int, end: int, path_share: float) -> FloatArray:
    """Return points of the way from one cell to another, shape (points, 3), g.

    They lie as those of the search's shapes do, see :func:`repsense.pipeline.cycles.place_points`.
    """
    offset = int(history.counter[OFFSET])
    rows = slice(start - offset, end - offset + 1)
    way_g, path = history.smooth_g[rows], history.path[rows]
    gone = (path - path[0]) / (float(path[-1] - path[0]) + 0.5)
    reached = (1.0 - path_share) * np.linspace(0.0, 1.0, len(way_g)) + path_share * gone
    places = np.interp(np.linspace(0.0, 1.0, _POINTS), reached, np.arange(len(way_g)))
    return np.array([np.interp(places, np.arange(len(way_g)), axis_g) for axis_g in way_g.T]).T


def _differences(halves_g: FloatArray, odd: int) -> FloatArray:
    """Return how halves differ from what is usual, to which one of them is not asked."""
    return halves_g - np.median(np.delete(halves_g, odd, axis=0), axis=0)


def _size(way_g: FloatArray) -> float:
    return math.sqrt(float((way_g**2).sum(axis=1).mean()))
