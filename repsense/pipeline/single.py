"""The set of one rep, which only a person who said that a set is due can have meant.

A chain needs two reps. While a set is armed, the cycle that best leaves a still
posture and comes back to it is remembered; if nothing better is found until
the end, it is the set.
"""

import numpy as np

from repsense.pipeline.chains import ChainSearch, Cycle
from repsense.pipeline.history import GRID_HZ, row_of
from repsense.pipeline.nodes import BASE, END, NODE_LOG_RANGE, REPS, START, STEP, TOTAL

# Half a second of stillness on both sides, judged once it has passed.
_STILL_CELLS = 12
_STILL_SHARE = 0.15  # of the cycle's range
_RANGE_MIN_G = 0.1  # smaller single movements are fidgeting
_SHORTEST_S = 1.0
_SCORE_MIN = -0.25  # a good return and a full excursion


class SingleRep:
    """Remember the best lone cycle of an armed stream."""

    def __init__(self, search: ChainSearch) -> None:
        self.search = search
        self.best: Cycle | None = None
        self._best_score = _SCORE_MIN

    def look(self, cells: int) -> None:
        """Judge the cycles that ended long enough ago, among the last ``cells`` cells of those."""
        chains = self.search.chains
        last_step = (self.search.now - _STILL_CELLS) // STEP
        for step in range(max(last_step - cells // STEP + 1, 0), last_step + 1):
            place = step % chains.value.size
            for slot in chains.ended[place, : chains.n_ended[place]]:
                self._consider(int(slot))

    def _consider(self, slot: int) -> None:
        chains = self.search.chains
        cycle = Cycle(int(chains.span[slot, START]), int(chains.span[slot, END]))
        own = chains.score[slot, TOTAL] - chains.score[slot, BASE]
        score = float(own) + self.search.weights.start_cost
        range_g = float(np.exp(chains.trait[slot, NODE_LOG_RANGE]))
        if (
            chains.link[slot, REPS] == 1
            and score > self._best_score
            and range_g >= _RANGE_MIN_G
            and cycle.end - cycle.start >= _SHORTEST_S * GRID_HZ
            and self._still(cycle.start - _STILL_CELLS, cycle.start, range_g)
            and self._still(cycle.end, cycle.end + _STILL_CELLS, range_g)
        ):
            self.best, self._best_score = cycle, score

    def _still(self, first: int, last: int, range_g: float) -> bool:
        history, now = self.search.history, self.search.now
        rows = slice(row_of(history, first, now), row_of(history, last, now) + 1)
        smooth_g = history.smooth_g[rows]
        away_g = np.sqrt(((smooth_g - smooth_g.mean(axis=0)) ** 2).sum(axis=1))
        return bool(away_g.max() < _STILL_SHARE * range_g)
