"""Whether a chain of cycles is exercise, as far as a wrist can tell.

The traits of a chain (:mod:`repsense.pipeline.chain_traits`) are weighed by a
logistic model: the sum of weights is the log odds that it is a set. The weights
lie in :mod:`repsense.pipeline.judge_weights`, which ``benchmarks/train_judge.py``
writes. A person who has said that a set is due has nearly answered the
question, so little is asked then.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from repsense.pipeline.chain_traits import FEATURES, Traits, traits_of
from repsense.pipeline.chains import Chain
from repsense.pipeline.history import History, row_of
from repsense.pipeline.judge_weights import FINAL, LIVE
from repsense.pipeline.parameters import SetParameters


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """One chain, and whether it was taken for a set.

    Parameters
    ----------
    start_s, end_s
        Its first and last cell, s.
    judged_s
        When this was decided, s.
    final
        The chain was over; else it was running, and might have been shown live.
    taken
        It counts.
    traits
        What it looked like.
    evidence
        Log odds that it is a set, without what arming adds.
    shares
        What each feature adds to the evidence, by its name for people.
    reason
        The decision in words.
    """

    start_s: float
    end_s: float
    judged_s: float
    final: bool
    taken: bool
    traits: Traits
    evidence: float
    shares: tuple[tuple[str, float], ...]
    reason: str


# Chance repeats what anybody does so often: more is asked of so few reps.
_FEW = 3

# So many chains that have been judged are remembered: more than lead at a time.
_REMEMBERED = 8

#: Reps that the size view must show: two small moves alike happen by chance.
STRAIGHT_REPS_MIN = 3

Listener = Callable[[Verdict], None]


def evidence_of(features: Sequence[float], weights: Sequence[float]) -> float:
    """Return the log odds: ``weights`` has the constant first."""
    return weights[0] + sum(w * x for w, x in zip(weights[1:], features, strict=True))


class Judge:
    """Tell sets from walking, sweeping and the other cyclic things people do.

    Parameters
    ----------
    history
        The recent past.
    parameters
        How sure to be.
    """

    def __init__(self, history: History, parameters: SetParameters) -> None:
        self.history = history
        self.parameters = parameters
        self.armed = False
        self.known = False
        self.listener: Listener | None = None
        self._judged: dict[tuple[int, int, int, float, bool, bool], bool] = {}

    def may_be_set(self, chain: Chain, now: int) -> bool:
        """Say whether a running chain should be counted live; unheard, the same is judged once."""
        if self.listener is not None:
            return self._decide(chain, now, final=False)
        end, asked = chain.cycles[-1].end, (self.armed, self.known)
        key = (chain.start, end, chain.reps, chain.score, *asked)
        if key not in self._judged:
            if len(self._judged) == _REMEMBERED:
                del self._judged[next(iter(self._judged))]
            self._judged[key] = self._decide(chain, now, final=False)
        return self._judged[key]

    def is_set(self, chain: Chain, now: int) -> bool:
        """Say whether a chain that is over counts."""
        return self._decide(chain, now, final=True)

    def _decide(self, chain: Chain, now: int, *, final: bool) -> bool:
        traits = traits_of(self.history, chain, now)
        weights = FINAL if final else LIVE
        features = traits.features()
        evidence = evidence_of(features, weights)
        taken = self._enough(chain, traits, evidence, final)
        if self.armed:
            taken = self._enough_armed(chain, traits, by_itself=taken)
        if self.listener is not None:
            shares = sorted(
                ((name, w * x) for name, w, x in zip(FEATURES, weights[1:], features, strict=True)),
                key=lambda share: share[1],
            )
            self.listener(self._verdict(chain, now, final, taken, traits, evidence, tuple(shares)))
        return taken

    def _enough(self, chain: Chain, traits: Traits, evidence: float, final: bool) -> bool:
        p = self.parameters
        if self._too_small(traits):
            return False
        if not final:
            return evidence >= p.live_evidence_min
        least = p.evidence_min
        if chain.reps <= _FEW:
            least = max(least, p.few_evidence_min)
        return evidence >= least and chain.score >= p.score_min

    def _too_small(self, traits: Traits) -> bool:
        return traits.range_g < self.parameters.range_min_g

    def _enough_armed(self, chain: Chain, traits: Traits, *, by_itself: bool) -> bool:
        """Ask little, but for walking to the rack: only jumping jacks look a lot like it.

        What would be a set ``by_itself`` is no walking.
        """
        p = self.parameters
        most = p.known_walking_share if self.known else p.armed_walking_share
        steps = traits.rep_s < p.armed_walking_rep_s and traits.gait_share >= most
        return (
            traits.likeness >= p.armed_likeness_min
            and chain.score >= p.armed_score_min
            and (by_itself or not steps)
        )

    def _verdict(
        self,
        chain: Chain,
        now: int,
        final: bool,
        taken: bool,
        traits: Traits,
        evidence: float,
        shares: tuple[tuple[str, float], ...],
    ) -> Verdict:
        time_s = self.history.time_s
        return Verdict(
            start_s=float(time_s[row_of(self.history, chain.start, now)]),
            end_s=float(time_s[row_of(self.history, chain.cycles[-1].end, now)]),
            judged_s=float(time_s[row_of(self.history, now, now)]),
            final=final,
            taken=taken,
            traits=traits,
            evidence=evidence,
            shares=shares,
            reason=self._reason(traits, evidence, taken=taken, against=shares[0][0]),
        )

    def _reason(self, traits: Traits, evidence: float, *, taken: bool, against: str) -> str:
        looks = f"{traits.reps} cycles of {traits.rep_s:.1f} s and {traits.range_g:.2f} g"
        if self.armed:
            return f"{looks}: {'enough' if taken else 'too little alike'} for a set that is due"
        if taken:
            return f"{looks}: looks like exercise (evidence {evidence:+.1f})"
        if self._too_small(traits):
            return f"{looks}: too small ({traits.range_g:.3f} g) for a set that nobody said was due"
        return f"{looks}: not exercise (evidence {evidence:+.1f}), above all for {against}"


class SizeJudge(Judge):
    """Tell shrugs and the like, seen in the size of the acceleration alone.

    The weights are of no use here: the movement is always small. Real sets stand
    apart by how alike their reps are, and nobody walks through them.
    """

    def _too_small(self, traits: Traits) -> bool:
        return False  # the search itself asks for a size of its own

    def _decide(self, chain: Chain, now: int, *, final: bool) -> bool:
        p = self.parameters
        traits = traits_of(self.history, chain, now)
        least = p.straight_likeness_min
        taken = (
            traits.likeness >= least
            and traits.reps >= STRAIGHT_REPS_MIN
            and traits.gait_share <= p.straight_walking_share
        )
        if self.listener is not None:
            share = ((FEATURES[0], traits.likeness - least),)
            self.listener(
                self._verdict(chain, now, final, taken, traits, traits.likeness - least, share)
            )
        return taken
