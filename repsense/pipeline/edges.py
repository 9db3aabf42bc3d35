"""The rep that falls off both edges of a chain.

A chain prefers cycles that begin at a turning point, but not always the one the
set began at. Ten presses seen from top to top are nine cycles, half a press
before them and half after. So the motion just before a chain is compared with
the last part of its template, the motion just after with the first part; where
both are there and make up nearly a whole cycle, the set has one rep more.

A single part, however well it matches, proves nothing: bringing a weight into
place often looks like half a rep. Only a part after the chain that makes up nearly
a whole cycle by itself is a rep.
"""

import math

import numpy as np

from repsense.compiled import compiled
from repsense.pipeline.chains import Chain, Template
from repsense.pipeline.cycles import POINTS, ShapeArray, trace_shape
from repsense.pipeline.history import GRID_HZ, LOOK_BACK, OFFSET, History
from repsense.pipeline.nodes import STEP
from repsense.pipeline.parameters import ChainParameters, EdgeParameters
from repsense.samples import FloatArray

# The part may have been done this much slower or faster than the template's cycles.
_WARPS = np.array([0.6, 0.7, 0.8, 0.9, 1.0, 1.12, 1.25, 1.45, 1.7])


@compiled
def _part_similarity(
    history: History,
    shape_g: ShapeArray,
    scratch_g: ShapeArray,
    start: int,
    end: int,
    first_point: int,
    points: int,
    path_share: float,
    spread: float,
) -> float:
    """Return the similarity of cells ``start`` to ``end`` to some points of a template.

    It is 1 less the mean squared distance over twice the template's variance.
    """
    offset = history.counter[OFFSET]
    trace_shape(
        history.smooth_g,
        history.path,
        start - offset,
        end - offset,
        points,
        path_share,
        scratch_g,
    )
    distance = 0.0
    for i in range(3 * points):
        distance += (scratch_g[i] - shape_g[3 * first_point + i]) ** 2
    return 1.0 - distance / points / (2.0 * spread + 1e-9)


@compiled
def _spread(shape_g: ShapeArray) -> float:
    """Return the variance of a template's points, g^2."""
    spread = 0.0
    for axis in range(3):
        mean = 0.0
        for point in range(POINTS):
            mean += shape_g[3 * point + axis] / POINTS
        for point in range(POINTS):
            spread += (shape_g[3 * point + axis] - mean) ** 2 / POINTS
    return spread


@compiled
def _off(history: History, shape_g: ShapeArray, cell: int, point: int) -> float:
    """Return the squared distance of a cell from a point of a template, g^2."""
    off = 0.0
    for axis in range(3):
        here = history.smooth_g[cell - history.counter[OFFSET], axis]
        off += (here - shape_g[3 * point + axis]) ** 2
    return off


@compiled
def _strayed(history: History, cell: int, other: int) -> float:
    """Return the squared distance of two cells, g^2."""
    strayed = 0.0
    for axis in range(3):
        here = history.smooth_g[cell - history.counter[OFFSET], axis]
        strayed += (here - history.smooth_g[other - history.counter[OFFSET], axis]) ** 2
    return strayed


@compiled
def _part_at(
    history: History,
    shape_g: ShapeArray,
    cell: int,
    last: int,
    after: bool,
    cells: float,
    points_from: int,
    points_to: int,
    warps: FloatArray,
    similarity_min: float,
    posture_g: float,
    pause_cells: int,
    duration_cost: float,
    path_share: float,
    outer_g: float,
) -> int:
    """Return the largest number of points, of those tried, that are seen at ``cell``; 0: none.

    Cells after ``last`` are the future, even where the history holds them already; how many old
    ones it holds depends on how the stream is cut.
    """
    scratch_g = np.empty(POINTS * 3, dtype=np.float32)
    oldest = max(history.counter[OFFSET], last - LOOK_BACK)
    spread = _spread(shape_g)
    best = 0
    for pause in range(0, pause_cells + 1, STEP):
        at = cell + pause if after else cell - pause
        if at < oldest or at > last:
            break
        if _strayed(history, at, cell) > posture_g * posture_g:
            break
        for points in range(max(points_from, best + 1), points_to + 1):
            for warp in warps:
                length = round(points / (POINTS - 1.0) * cells * warp)
                start = at if after else at - length
                if length < 2 or start < oldest or start + length > last:
                    continue
                outer = start if not after else start + length
                point = POINTS - 1 - points if not after else points
                if _off(history, shape_g, outer, point) > outer_g * outer_g:
                    continue
                similarity = _part_similarity(
                    history,
                    shape_g,
                    scratch_g,
                    start,
                    start + length,
                    0 if after else POINTS - 1 - points,
                    points + 1,
                    path_share,
                    spread,
                )
                if similarity - duration_cost * abs(math.log(warp)) >= similarity_min:
                    best = points
                    break
    return best


class Edges:
    """Look at the motion before and after a chain."""

    def __init__(
        self, history: History, parameters: EdgeParameters, chains: ChainParameters
    ) -> None:
        self.history = history
        self.parameters = parameters
        self.chains = chains

    def part_before(self, chain: Chain, template: Template, now: int) -> float:
        """Return the share of a cycle that was done just before the chain, 0 to 1."""
        return self._part(chain, template, now, after=False, least=self.parameters.part_min)

    def completes(self, chain: Chain, template: Template, now: int, before: float) -> bool:
        """Say whether the motion after the chain completes the part before it to one rep."""
        if before < self.parameters.part_min:
            return False
        least = max(self.parameters.part_min, self.parameters.sum_min - before)
        return self._part(chain, template, now, after=True, least=least) > 0.0

    def repeats(self, chain: Chain, template: Template, now: int) -> bool:
        """Say whether the motion after the chain alone is as good as a rep.

        The search may have left it out for its tempo, for where it ends, or because nothing
        followed.
        """
        return self._part(chain, template, now, after=True, least=self.parameters.alone_min) > 0.0

    def reached_top(self, chain: Chain, template: Template, now: int) -> bool:
        """Say whether the motion after the chain has come half way through a cycle."""
        return self._part(chain, template, now, after=True, least=0.5) > 0.0

    def _part(
        self, chain: Chain, template: Template, now: int, *, after: bool, least: float
    ) -> float:
        p = self.parameters
        lengths = [cycle.end - cycle.start for cycle in chain.cycles]
        near = lengths[-3:] if after else lengths[:3]
        whole = POINTS - 1
        points_from = max(math.ceil(least * whole - 1e-9), 2)
        points = _part_at(
            self.history,
            template.shape_g,
            chain.cycles[-1].end if after else chain.cycles[0].start,
            now,
            after,
            sum(near) / len(near),
            points_from,
            whole,
            _WARPS,
            p.similarity_min,
            p.posture * template.range_g,
            int(p.pause_max_s * GRID_HZ),
            self.chains.duration_cost,
            self.chains.path_share,
            p.outer * template.range_g,
        )
        return float(points) / whole
