"""Whether a chain of cycles is exercise, as far as a wrist can tell."""

import numpy as np

from repsense.pipeline.chains import Chain
from repsense.pipeline.gait import HOP
from repsense.pipeline.history import GRID_HZ, History, row_of
from repsense.pipeline.parameters import SetParameters

# Of a longer chain only this much is asked about: more may not be kept.
_LOOK_BACK = int(40.0 * GRID_HZ)


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

    def may_be_set(self, chain: Chain) -> bool:
        """Say whether a running chain should be counted live."""
        if self.armed:
            return True
        return chain.score >= self.parameters.live_score_min and not self._is_gait(chain)

    def is_set(self, chain: Chain, range_g: float) -> bool:
        """Say whether a chain that is over counts."""
        p = self.parameters
        if self.armed:
            return True
        tiny = range_g < p.tiny_range_g and _median_s(chain) > p.tiny_rep_s
        return chain.score >= p.score_min and not tiny and not self._is_gait(chain)

    def _is_gait(self, chain: Chain) -> bool:
        p = self.parameters
        rep_s = _median_s(chain)
        if rep_s >= p.stride_rep_s or chain.score >= p.alike_score * chain.reps:
            return False
        gait = self.history.gait
        end = chain.cycles[-1].end
        first = row_of(self.history, max(chain.start, end - _LOOK_BACK))
        last = row_of(self.history, end)
        share = (gait[last] - gait[first]) / max((last - first) / HOP, 1.0)
        limit = p.walking_share if rep_s < p.walking_rep_s else p.stride_share
        return bool(share >= limit)


def _median_s(chain: Chain) -> float:
    return float(np.median([cycle.end - cycle.start for cycle in chain.cycles])) / GRID_HZ
