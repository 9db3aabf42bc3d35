"""One rep alone: not a set yet, and never one unless a person said that a set is due.

A chain needs two reps. Of the cycles that begin no chain, one that starts from
stillness, returns well and is no fidget may be the first rep of a set:
:meth:`LoneReps.newest` finds it soon after its end. While a set is armed, the
best one that ends in stillness, too, is remembered: if nothing better is found
until the stream or the person ends the set, it is the set. Where the plan asks for a
single rep, the set ends by itself as any other does.
"""

import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from repsense.pipeline.chains import ChainSearch, Cycle
from repsense.pipeline.ending import nothing_follows
from repsense.pipeline.form import Form, RawRep
from repsense.pipeline.history import GRID_HZ, row_of
from repsense.pipeline.nodes import BASE, END, NODE_LOG_RANGE, REPS, START, STEP, TOTAL
from repsense.pipeline.parameters import SetParameters

# Half a second of stillness on both sides, judged once it has passed.
_STILL_CELLS = 12
_STILL_SHARE = 0.15  # of the cycle's range
_LOG_RANGE_MIN = math.log(0.1)  # g; smaller single movements are fidgeting
_SHORTEST_S = 1.0
_SCORE_MIN = -0.25  # a good return and a full excursion
# Score taken off for each second: with stillness at its ends a cycle returns a trace better.
_LENGTH_COST = 0.02
_NONE = -math.inf
_MOST = 12  # so many of those that end together are looked at more closely


class _Lone(NamedTuple):
    cycle: Cycle
    score: float
    range_g: float


class LoneReps:
    """Watch the cycles of a search for reps that stand alone.

    Parameters
    ----------
    search
        The search whose cycles they are.
    form
        Measures the best one while its cells are still there.
    """

    def __init__(self, search: ChainSearch, form: Form) -> None:
        self.search = search
        self.form = form
        #: The best one, and what was measured of it.
        self.best: Cycle | None = None
        self.raw: RawRep | None = None
        self._range_g = 0.0
        self._best_score = _NONE

    def forget(self) -> None:
        """Let go of the best one: it was part of a set, or nobody waits for it any more."""
        self.best, self.raw, self._best_score = None, None, _NONE

    def is_over(self, parameters: SetParameters) -> bool:
        """Say whether nothing can follow the best one any more; not where there is none."""
        if self.best is None:
            return False
        limit_g = self.search.parameters.pause_posture * self._range_g
        return nothing_follows(self.best, limit_g, self.search.history, self.search.now, parameters)

    def newest(self, cells: int) -> Cycle | None:
        """Return the best cycle from stillness that ended in the last ``cells`` cells, or None."""
        return next(
            (lone.cycle for lone in self._ended(cells, 0) if self._starts_still(lone)), None
        )

    def remember(self, cells: int) -> None:
        """Judge the cycles that ended long enough ago, among the last ``cells`` cells of those."""
        for lone in self._ended(cells, _STILL_CELLS):
            if lone.score <= self._best_score:
                return
            if self._starts_still(lone) and self._ends_still(lone):
                self.best, self._best_score = lone.cycle, lone.score
                self.raw = self.form.measure(lone.cycle, self.search.now)
                self._range_g = lone.range_g
                return

    def _ended(self, cells: int, ago: int) -> Iterator[_Lone]:
        """Yield good lone cycles that ended ``ago`` cells before, within ``cells``, best first."""
        chains = self.search.chains
        last_step = (self.search.now - ago) // STEP
        steps = range(max(last_step - cells // STEP + 1, 0), last_step + 1)
        places = [step % chains.value.size for step in steps]
        ended = [chains.first[place] + np.arange(chains.n_ended[place]) for place in places]
        slots = np.concatenate(ended)
        slots = slots[chains.cycle[REPS, slots] == 1]
        trait, cycle = chains.trait[:, slots], chains.cycle[:, slots]
        scores = trait[TOTAL] - trait[BASE] + self.search.weights.start_cost
        good = scores > _SCORE_MIN
        good &= trait[NODE_LOG_RANGE] >= _LOG_RANGE_MIN
        lengths_s = (cycle[END] - cycle[START]) / GRID_HZ
        good &= lengths_s >= _SHORTEST_S
        scores = scores - _LENGTH_COST * lengths_s
        order = np.flatnonzero(good)[np.argsort(-scores[good], kind="stable")[:_MOST]]
        for at in order:
            yield _Lone(
                cycle=Cycle(int(cycle[START, at]), int(cycle[END, at])),
                score=float(scores[at]),
                range_g=math.exp(trait[NODE_LOG_RANGE, at]),
            )

    def _starts_still(self, lone: _Lone) -> bool:
        return self._still(lone.cycle.start - _STILL_CELLS, lone.cycle.start, lone.range_g)

    def _ends_still(self, lone: _Lone) -> bool:
        return self._still(lone.cycle.end, lone.cycle.end + _STILL_CELLS, lone.range_g)

    def _still(self, first: int, last: int, range_g: float) -> bool:
        history, now = self.search.history, self.search.now
        rows = slice(row_of(history, first, now), row_of(history, last, now) + 1)
        smooth_g = history.smooth_g[rows]
        away_g = np.sqrt(((smooth_g - smooth_g.mean(axis=0)) ** 2).sum(axis=1))
        return bool(away_g.max() < _STILL_SHARE * range_g)
