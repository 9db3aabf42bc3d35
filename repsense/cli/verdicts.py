"""What the judge said of each movement that repeats itself, gathered and put into words.

While a chain grows it is judged again and again; :func:`candidates` gathers
those verdicts into one story a chain: when it was shown, how it ended.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from repsense.pipeline.chain_traits import FEATURES, Traits
from repsense.pipeline.history import GRID_HZ, LOOK_BACK
from repsense.pipeline.judge import STRAIGHT_REPS_MIN, Verdict, evidence_of
from repsense.pipeline.judge_weights import FINAL, LIVE, TYPICAL
from repsense.pipeline.parameters import SetParameters

_SAME = 0.5  # two looks that share this much of the shorter one are at the same chain
_SEEN_S = LOOK_BACK / GRID_HZ - 1.0  # the beginning of chains older than that is cut off
_SMALL = 0.05  # reasons below it would be shown as nothing
_REASONS = 2
_STRAIGHT = "moves straight up and down"


@dataclass(frozen=True, slots=True)
class Candidate:
    """One chain, from its first verdict to its last.

    Parameters
    ----------
    verdicts
        In the order in which they were given; never empty.
    """

    verdicts: tuple[Verdict, ...]

    @property
    def newest(self) -> Verdict:
        """The last word: of a chain that was shown live, what was said when it was over."""
        return self.verdicts[-1]

    @property
    def start_s(self) -> float:
        """When it began, s: verdicts on long chains no longer see that, earlier ones did."""
        seen = (
            one.start_s for one in reversed(self.verdicts) if one.judged_s - one.start_s < _SEEN_S
        )
        return next(seen, self.newest.start_s)

    @property
    def counts(self) -> bool:
        """Whether it is a set in the end."""
        return self.newest.taken

    @property
    def shown_s(self) -> float | None:
        """When it was first shown live, s; None if it never was."""
        shown = (one.judged_s for one in self.verdicts if one.taken and not one.final)
        return next(shown, None)

    @property
    def outcome(self) -> str:
        """What became of it, in words."""
        if self.shown_s is None:
            return "a set" if self.counts else "refused"
        end = "a set" if self.counts else "taken back"
        return f"{end}, shown from {self.shown_s:.1f} s"


def candidates(verdicts: Iterable[Verdict]) -> list[Candidate]:
    """Gather the verdicts about the same growing chain, in the order of their beginnings."""
    stories: list[list[Verdict]] = []
    for verdict in verdicts:
        for story in reversed(stories):
            if not story[-1].final and _same_chain(story[-1], verdict):
                story.append(verdict)
                break
        else:
            stories.append([verdict])
    gathered = [Candidate(tuple(story)) for story in stories]
    weighed = [one for one in gathered if is_weighed(one.newest)]
    return sorted(
        (one for one in gathered if one in weighed or one.shown_s or not _is_among(one, weighed)),
        key=lambda one: one.start_s,
    )


def typical_evidence() -> float:
    """Return the evidence of a typical set."""
    return evidence_of(TYPICAL, FINAL)


def is_weighed(verdict: Verdict) -> bool:
    """Say whether the model weighed the chain; one that moves straight up and down it does not."""
    return len(verdict.shares) == len(FEATURES)


def reasons(verdict: Verdict) -> tuple[str, str]:
    """Return what speaks most for a chain and most against it, compared with a typical set."""
    if not is_weighed(verdict):
        return _STRAIGHT, "; ".join(_not_straight(verdict.traits)) or "-"
    weights = (FINAL if verdict.final else LIVE)[1:]
    apart = zip(verdict.traits.features(), TYPICAL, weights, strict=True)
    shares = sorted(zip(((x - t) * w for x, t, w in apart), FEATURES, strict=True))
    against = [(share, name) for share, name in shares if share <= -_SMALL][:_REASONS]
    in_favour = [(share, name) for share, name in reversed(shares) if share >= _SMALL][:_REASONS]
    return _listed(in_favour), _too_small(verdict) or _listed(against)


def _is_among(straight: Candidate, weighed: Iterable[Candidate]) -> bool:
    """Say whether what was refused as a movement straight up and down is told of already."""
    return any(_together(straight.newest, one.newest) for one in weighed)


def _too_small(verdict: Verdict) -> str:
    """Say that a movement was too small to be weighed at all; nothing if it was not."""
    range_g = verdict.traits.range_g
    small = not verdict.taken and range_g < SetParameters().range_min_g
    return f"too small a movement ({range_g:.3f} g)" if small else ""


def _listed(shares: Sequence[tuple[float, str]]) -> str:
    return "; ".join(f"{name} {share:+.1f}" for share, name in shares) or "-"


def _not_straight(traits: Traits) -> Iterator[str]:
    """Yield what keeps cycles that move straight up and down from being a set."""
    limits = SetParameters()
    if traits.likeness < limits.straight_likeness_min:
        yield f"reps too little alike ({traits.likeness:.2f})"
    if traits.reps < STRAIGHT_REPS_MIN:
        yield f"fewer than {STRAIGHT_REPS_MIN}"
    if traits.gait_share > limits.straight_walking_share:
        yield "looks like walking"


def _same_chain(one: Verdict, other: Verdict) -> bool:
    return is_weighed(one) == is_weighed(other) and _together(one, other)


def _together(one: Verdict, other: Verdict) -> bool:
    shared_s = min(one.end_s, other.end_s) - max(one.start_s, other.start_s)
    shorter_s = min(one.end_s - one.start_s, other.end_s - other.start_s)
    return shared_s > _SAME * shorter_s
