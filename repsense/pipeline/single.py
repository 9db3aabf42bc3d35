"""One rep alone: not a set yet, and never one unless a person said that a set is due.

A chain needs two reps. Of the cycles that begin no chain, one that starts from
stillness, returns well and is no fidget may be the first rep of a set:
:meth:`LoneReps.newest` finds it soon after its end. While a set is armed, the
best one that ends in stillness, too, is remembered: if nothing better is found
until the end, it is the set.
"""

from typing import NamedTuple

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


class _Lone(NamedTuple):
    cycle: Cycle
    score: float
    range_g: float


class LoneReps:
    """Watch the cycles of a search for reps that stand alone."""

    def __init__(self, search: ChainSearch) -> None:
        self.search = search
        self.best: Cycle | None = None
        self._best_score = _SCORE_MIN

    def forget(self) -> None:
        """Let go of the best one: it was part of a set, or nobody waits for it any more."""
        self.best, self._best_score = None, _SCORE_MIN

    def newest(self, cells: int) -> Cycle | None:
        """Return the best cycle from stillness that ended in the last ``cells`` cells, or None."""
        found = [lone for lone in self._ended(cells, 0) if self._starts_still(lone)]
        return max(found, key=lambda lone: lone.score).cycle if found else None

    def remember(self, cells: int) -> None:
        """Judge the cycles that ended long enough ago, among the last ``cells`` cells of those."""
        for lone in self._ended(cells, _STILL_CELLS):
            better = lone.score > self._best_score
            if better and self._starts_still(lone) and self._ends_still(lone):
                self.best, self._best_score = lone.cycle, lone.score

    def _ended(self, cells: int, ago: int) -> list[_Lone]:
        """Return the good lone cycles that ended within ``cells`` cells, ``ago`` cells ago."""
        chains = self.search.chains
        last_step = (self.search.now - ago) // STEP
        found = []
        for step in range(max(last_step - cells // STEP + 1, 0), last_step + 1):
            place = step % chains.value.size
            slots = chains.ended[place, : chains.n_ended[place]]
            for slot in slots[chains.link[slots, REPS] == 1]:
                lone = self._lone(int(slot))
                long_s = (lone.cycle.end - lone.cycle.start) / GRID_HZ
                if (
                    lone.score > _SCORE_MIN
                    and lone.range_g >= _RANGE_MIN_G
                    and long_s >= _SHORTEST_S
                ):
                    found.append(lone)
        return found

    def _lone(self, slot: int) -> _Lone:
        chains = self.search.chains
        own = chains.score[slot, TOTAL] - chains.score[slot, BASE]
        return _Lone(
            cycle=Cycle(int(chains.span[slot, START]), int(chains.span[slot, END])),
            score=float(own) + self.search.weights.start_cost,
            range_g=float(np.exp(chains.trait[slot, NODE_LOG_RANGE])),
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
