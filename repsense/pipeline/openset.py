"""The set that is under way, and the rep that may be the beginning of one."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import chain as flattened
from operator import attrgetter
from typing import NamedTuple

from repsense.events import FormFlag, Rep, SetFinished
from repsense.pipeline.chains import Chain, Cycle, Template
from repsense.pipeline.exercise import Guess
from repsense.pipeline.rep_book import RepBook
from repsense.pipeline.views import View

#: Cells between two looks at a running set's end.
CHECK = 12

# What is shorter than this share of the shortest rep before is no rep, but what is left over.
_SLIVER = 0.5


class MaybeSet(NamedTuple):
    """A rep that has been said, but only as one that may begin set ``number``."""

    number: int
    cycle: Cycle


@dataclass(slots=True)
class OpenSet:
    """A set that is under way.

    Parameters
    ----------
    number
        Which set of the stream it is, from 1 on.
    view
        The view that has found it.
    chain
        The leading chain as it was last seen.
    template
        What its reps look like.
    cycles
        Its cycles, all of them.
    book
        What they looked like.
    announced
        The reps that have been said.
    left_out
        How many of them were partial, where those do not count.
    topped
        Number of the last rep that was said at its top.
    part_before, part_start
        Share of a cycle seen before the chain, once it is known, and where the chain then began.
    extra
        The motion around the chain adds up to one rep more.
    unseen
        Which rep was said before all of it had been seen: its place, and its number.
    named
        It has been said which exercise it seems to be.
    """

    number: int
    view: View
    chain: Chain
    template: Template
    book: RepBook
    cycles: list[Cycle] = field(default_factory=list)
    announced: int = 0
    left_out: int = 0
    topped: int = 0
    part_before: float | None = None
    part_start: int = -1
    extra: bool = False
    unseen: tuple[int, int] | None = None
    named: bool = False

    @property
    def end(self) -> int:
        """Last cell of the last rep."""
        return self.cycles[-1].end

    def take(self, chain: Chain) -> None:
        """Follow the set in a chain as it looks now."""
        self.cycles = complete(chain, self.cycles)
        self.chain = chain
        self.template = self.view.search.template(chain)

    def extra_cycle(self, now: int) -> Cycle:
        """Return the cycles' last one, moved on to the set's own phase: the rep at its edges."""
        last = self.cycles[-1]
        whole = last.end - last.start
        part = 1.0 - (self.part_before or 0.0)
        return Cycle(
            last.end - round((1.0 - part) * whole), min(last.end + round(part * whole), now)
        )


def complete(chain: Chain, known: list[Cycle]) -> list[Cycle]:
    """Return all cycles of a chain of which the oldest may not be kept any more.

    Missing ones are taken from those known before. Those may have been fewer, where the chain
    came from behind, or cut elsewhere; what is still missing lies in the gaps they leave, or
    everywhere alike where they leave none.
    """
    missing = chain.reps - len(chain.cycles)
    if missing == 0:
        return list(chain.cycles)
    first = chain.cycles[0].start
    older = known[: bisect_right(known, first + CHECK, key=attrgetter("end"))][-missing:]
    made = _between(older, chain.start, first, missing - len(older))
    if older and made and _shortest(made) < _SLIVER * _shortest(older):
        older, made = [], _between([], chain.start, first, missing)
    return [*sorted([*older, *made]), *chain.cycles]


def _shortest(cycles: list[Cycle]) -> int:
    return min(cycle.end - cycle.start for cycle in cycles)


def _between(older: list[Cycle], start: int, end: int, missing: int) -> list[Cycle]:
    """Return as many cycles as are missing, spread over the widest gaps."""
    if missing == 0:
        return []
    borders = [start, *flattened.from_iterable(older), end]
    begins, ends = borders[::2], borders[1::2]
    widths = [float(b - a) for a, b in zip(begins, ends, strict=True)]
    shares: dict[int, int] = {}
    for _ in range(missing):
        widest = widths.index(max(widths))
        share = shares[widest] = shares.get(widest, 0) + 1
        widths[widest] = (ends[widest] - begins[widest]) / (share + 1)
    return [
        Cycle(a + (b - a) * i // share, max(a + (b - a) * (i + 1) // share, a + 1))
        for gap, share in sorted(shares.items())
        for a, b in [(begins[gap], ends[gap])]
        for i in range(share)
    ]


def finished_set(
    number: int,
    reps: Sequence[Rep],
    counted: int,
    span_s: tuple[float, float],
    announced_s: float,
    guess: Guess,
) -> SetFinished:
    """Return what is said at the end of a set: no reps, and it is taken back."""
    flags: dict[FormFlag, None] = dict.fromkeys(flag for rep in reps for flag in rep.flags)
    return SetFinished(
        set=number,
        reps=counted,
        start_s=span_s[0],
        end_s=span_s[1],
        announced_s=announced_s,
        exercise=guess.exercise,
        exercise_confidence=guess.confidence,
        flags=tuple(flags),
        rep_details=tuple(reps),
    )
