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
        if self.armed:
            return True
        return chain.score >= self.parameters.live_score_min and not self._is_gait(chain, now)

    def is_set(self, chain: Chain, range_g: float, now: int) -> bool:
        """Say whether a chain that is over counts."""
        p = self.parameters
        if self.armed:
            return True
        rep_s = _median_s(chain)
        tiny = range_g < p.tiny_range_g and rep_s > p.tiny_rep_s
        needed = p.score_min if rep_s < p.slow_rep_s else p.slow_score_min
        return chain.score >= needed and not tiny and not self._is_gait(chain, now)

    def _is_gait(self, chain: Chain, now: int) -> bool:
        p = self.parameters
        rep_s = _median_s(chain)
        if rep_s >= p.stride_rep_s or chain.score >= p.alike_score * chain.reps:
            return False
        gait = self.history.gait
        end = chain.cycles[-1].end
        first = row_of(self.history, max(chain.start, end - _LOOK_BACK), now)
        last = row_of(self.history, end, now)
        share = (gait[last] - gait[first]) / max((last - first) / HOP, 1.0)
        limit = p.walking_share if rep_s < p.walking_rep_s else p.stride_share
        return bool(share >= limit)


def _median_s(chain: Chain) -> float:
    return float(np.median([cycle.end - cycle.start for cycle in chain.cycles])) / GRID_HZ
