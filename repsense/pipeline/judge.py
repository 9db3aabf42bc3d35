"""Whether a chain of cycles is exercise, as far as a wrist can tell."""

import numpy as np

from repsense.pipeline.chains import Chain
from repsense.pipeline.gait import HOP
from repsense.pipeline.history import GRID_HZ, History, row_of
from repsense.pipeline.parameters import SetParameters

# Of a longer chain only this much is asked about: more may not be kept.
_LOOK_BACK = int(30.0 * GRID_HZ)


class Judge:
    """Tell sets from walking, sweeping and the other cyclic things people do.

    Parameters
    ----------
    history
        The recent past, for how much of a chain looked like walking.
    parameters
        Settings, with the meaning of each rule.
    """

    def __init__(self, history: History, parameters: SetParameters) -> None:
        self.history = history
        self.parameters = parameters
        self.armed = False

    def may_be_set(self, chain: Chain, now: int) -> bool:
        """Say whether a running chain should be counted live."""
        p = self.parameters
        slow = self.armed or _median_s(chain) >= p.slow_rep_s
        needed = p.slow_live_score_min if slow else p.live_score_min
        alike = self._is_alike(chain, p.live_rep_score_min)
        return alike and chain.score >= needed and not self._is_gait(chain, now)

    def is_set(self, chain: Chain, range_g: float, now: int) -> bool:
        """Say whether a chain that is over counts."""
        p = self.parameters
        rep_s = _median_s(chain)
        needed = p.score_min if rep_s < p.slow_rep_s else p.slow_score_min
        if self.armed:
            needed = min(needed, p.armed_score_min)
        elif range_g < p.tiny_range_g and rep_s > p.tiny_rep_s:
            return False
        alike = self._is_alike(chain, p.rep_score_min)
        return alike and chain.score >= needed and not self._is_gait(chain, now)

    def _is_alike(self, chain: Chain, needed: float) -> bool:
        return chain.score + self.parameters.chance_score >= needed * chain.reps

    def _is_gait(self, chain: Chain, now: int) -> bool:
        p = self.parameters
        rep_s = _median_s(chain)
        alike = rep_s >= p.walking_rep_s and chain.score >= p.alike_score * chain.reps
        if rep_s >= p.stride_rep_s or alike:
            return False
        gait = self.history.gait
        end = chain.cycles[-1].end
        first = row_of(self.history, max(chain.start, end - _LOOK_BACK), now)
        last = row_of(self.history, end, now)
        share = (gait[last] - gait[first]) / max((last - first) / HOP, 1.0)
        limit = p.walking_share if rep_s < p.walking_rep_s else p.stride_share
        if self.armed:
            limit = max(limit, p.armed_walking_share)
        return bool(share >= limit)


def _median_s(chain: Chain) -> float:
    return float(np.median([cycle.end - cycle.start for cycle in chain.cycles])) / GRID_HZ
