"""From leading chains to sets: when one begins, what its live count is, when it is over.

The search may change its mind about the past; people may not be bothered with
that. The tracker follows the leading chains and says only what changes: a set,
its next rep, a correction when the count falls, the end with the count that
is judged.
"""

from dataclasses import dataclass, field

from repsense.events import (
    CountCorrected,
    Event,
    ExerciseRecognised,
    FormFlag,
    RepFinished,
    SetFinished,
    SetStarted,
)
from repsense.pipeline.chains import Chain, ChainSearch, Cycle, Template
from repsense.pipeline.edges import Edges
from repsense.pipeline.exercise import EARLY_REPS, NO_IDEA, Recogniser
from repsense.pipeline.form import Form, RawRep
from repsense.pipeline.history import GRID_HZ, row_of
from repsense.pipeline.judge import Judge
from repsense.pipeline.parameters import EdgeParameters, SetParameters
from repsense.pipeline.rep_book import RepBook
from repsense.pipeline.single import SingleRep

#: Cells between two looks at a running set's end.
CHECK = 12

# The motion before a set is compared with its template once this many reps have shaped it.
_REPS_FOR_EDGE = 3


# A live count one too high is left to the set's end: most often the next rep makes it right.
_FALL = 2


@dataclass(slots=True)
class OpenSet:
    """A set that is under way.

    Parameters
    ----------
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
    part_before
        Share of a cycle seen before the chain, once it is known.
    extra
        The motion around the chain adds up to one rep more.
    named
        It has been said which exercise it seems to be.
    """

    number: int
    chain: Chain
    template: Template
    book: RepBook
    cycles: list[Cycle] = field(default_factory=list)
    announced: int = 0
    left_out: int = 0
    part_before: float | None = None
    part_start: int = -1
    extra: bool = False
    named: bool = False

    @property
    def end(self) -> int:
        """Last cell of the last rep."""
        return self.cycles[-1].end


class SetTracker:
    """Follow the leading chains, and say what changes."""

    def __init__(
        self,
        search: ChainSearch,
        *,
        sets: SetParameters,
        edges: EdgeParameters,
        form: Form,
        recogniser: Recogniser | None = None,
    ) -> None:
        self.search = search
        self.history = search.history
        self.parameters = sets
        self.form = form
        self.recogniser = recogniser or Recogniser()
        self.edges = Edges(search.history, edges, search.parameters)
        self.judge = Judge(search.history, sets)
        self._single: SingleRep | None = None
        self._single_raw: RawRep | None = None
        self.sets_begun = 0
        self.open: OpenSet | None = None

    def arm(self, *, armed: bool) -> None:
        """Say whether a set is due."""
        self.judge.armed = armed
        self.search.arm(armed=armed)
        self._single = SingleRep(self.search) if armed else None
        self._single_raw = None

    def follow(self) -> list[Event]:
        """Take in the leading chains after they have changed."""
        events: list[Event] = []
        for chain in self.search.leading():
            if not self.judge.may_be_set(chain, self.search.now):
                continue
            if self.open is not None and chain.start >= self.open.end:
                events += self._finish()
            if self.open is None:
                events += self._begin(chain)
            else:
                events += self._grow(self.open, chain)
        return events

    def check(self) -> list[Event]:
        """Look whether the running set is complete, or over."""
        if self.open is None:
            if self._single is not None:
                self._look_for_single(self._single)
            self._forget_old()
            return []
        self._refine(self.open)
        self.open.book.keep_oldest(self.open.cycles, self.search.now)
        if self._over(self.open):
            return self._finish()
        return self._look_for_extra(self.open)

    def _refine(self, running: OpenSet) -> None:
        """Take over the boundaries of the same reps as they look by now."""
        for chain in self.search.leading():
            if chain.start == running.chain.start and chain.reps == running.chain.reps:
                self._merge(running, chain)

    def end(self) -> list[Event]:
        """Finish a running set: there is nothing more to come."""
        if self.open is None:
            return self._finish_single()
        self._refine(self.open)
        return self._finish()

    @property
    def announced_s(self) -> float:
        """Time of the newest sample the search has used."""
        return float(self.history.ready_s[self._row(self.search.now)])

    def _begin(self, chain: Chain) -> list[Event]:
        self.sets_begun += 1
        self.open = OpenSet(
            number=self.sets_begun,
            chain=chain,
            template=self.search.template(chain),
            book=RepBook(self.form),
        )
        start = SetStarted(
            set=self.sets_begun,
            t_s=float(self.history.time_s[self._row(chain.cycles[0].start)]),
            announced_s=self.announced_s,
        )
        return [start, *self._grow(self.open, chain)]

    def _grow(self, running: OpenSet, chain: Chain) -> list[Event]:
        """Take over the chain's cycles; say new reps, or a lower count."""
        if chain.reps > running.chain.reps or chain.start != running.chain.start:
            running.extra = False
        self._merge(running, chain)
        return self._say_count(running)

    def _merge(self, running: OpenSet, chain: Chain) -> None:
        running.cycles = _complete(chain, running.cycles)
        running.chain = chain
        running.template = self.search.template(chain)

    def _row(self, cell: int) -> int:
        return row_of(self.history, cell, self.search.now)

    def _say_count(self, running: OpenSet) -> list[Event]:
        count = len(running.cycles) + running.extra
        if count <= running.announced - _FALL:
            running.announced = count
            running.left_out = min(running.left_out, count)
            reps = count - running.left_out
            return [CountCorrected(set=running.number, reps=reps, announced_s=self.announced_s)]
        said: list[Event] = []
        raws = (
            running.book.reps(running.cycles, self.search.now) if running.announced < count else []
        )
        while running.announced < count:
            running.announced += 1
            if running.announced > len(running.cycles):
                raws.append(self.form.measure(self._extra_cycle(running), self.search.now))
            measured = self.form.judge(raws, min(running.announced, len(raws)) - 1)
            running.left_out += not self.form.counts(measured)
            if running.announced == running.left_out:
                continue  # nothing but partial reps so far, and those do not count
            said.append(
                RepFinished(
                    set=running.number,
                    rep=running.announced - running.left_out,
                    measured=measured,
                    announced_s=self.announced_s,
                )
            )
        return said + self._name(running)

    def _name(self, running: OpenSet) -> list[Event]:
        """Say which exercise the set seems to be: at once if known, else after some reps."""
        soon = running.announced >= EARLY_REPS or self.recogniser.known is not None
        if running.named or not soon:
            return []
        running.named = True
        now = self.search.now
        guess = self.recogniser.guess(self.history, running.cycles, now, early=True)
        return [
            ExerciseRecognised(
                set=running.number,
                exercise=guess.exercise,
                confidence=guess.confidence,
                announced_s=self.announced_s,
            )
        ]

    def _look_for_extra(self, running: OpenSet) -> list[Event]:
        """See whether the motion around the chain adds up to one rep more."""
        if running.extra or len(running.cycles) < _REPS_FOR_EDGE:
            return []
        self._see_part_before(running)
        if not self._completed(running):
            return []
        running.extra = True
        return self._say_count(running)

    def _see_part_before(self, running: OpenSet) -> None:
        if running.part_before is not None and running.part_start == running.chain.start:
            return
        if running.chain.reps > len(running.chain.cycles):
            return  # the beginning is too long ago to be looked at again
        running.part_before = self.edges.part_before(
            running.chain, running.template, self.search.now
        )
        running.part_start = running.chain.start

    def _completed(self, running: OpenSet) -> bool:
        before = running.part_before or 0.0
        return self.edges.completes(running.chain, running.template, self.search.now, before)

    def _extra_cycle(self, running: OpenSet) -> Cycle:
        last = running.cycles[-1]
        whole = last.end - last.start
        part = 1.0 - (running.part_before or 0.0)
        return Cycle(
            last.end - round((1.0 - part) * whole),
            min(last.end + round(part * whole), self.search.now),
        )

    def _over(self, running: OpenSet) -> bool:
        """Say whether no rep can come any more."""
        p = self.parameters
        now = self.search.now
        time_s = self.history.time_s
        last_row = self._row(running.end)
        if time_s[self._row(now)] - time_s[last_row] > p.absence_s:
            return True
        waited_s = (now - running.end) / GRID_HZ
        left_s = self._left_posture_after_s(running)
        if left_s is None:
            return waited_s > p.end_pause_s
        last_s = (running.cycles[-1].end - running.cycles[-1].start) / GRID_HZ
        return waited_s > left_s + p.end_stretch * last_s + p.end_grace_s

    def _left_posture_after_s(self, running: OpenSet) -> float | None:
        """Return how long after the last rep the wrist left its posture, None if it has not."""
        here = self._row(running.end)
        now = self._row(self.search.now)
        smooth_g = self.history.smooth_g
        limit_g = self.search.parameters.pause_posture * running.template.range_g
        strayed = ((smooth_g[here : now + 1] - smooth_g[here]) ** 2).sum(axis=1) > limit_g**2
        if not strayed.any():
            return None
        return float(strayed.argmax()) / GRID_HZ

    def _finish(self) -> list[Event]:
        """Reconcile the set and say its count."""
        running = self.open
        if running is None:
            return []
        self._see_part_before(running)
        if not running.extra:
            running.extra = self._completed(running)
        counts = self.judge.is_set(running.chain, running.template.range_g, self.search.now)
        seen = running.book.reps(running.cycles, self.search.now)
        raws = self._reconciled(running, seen) if counts else []
        reps = self.form.judge_all(raws)
        self.form.remember(raws, reps)
        guess = NO_IDEA
        if reps:
            self._single = None
            guess = self.recogniser.guess(self.history, running.cycles, self.search.now)
        flags: dict[FormFlag, None] = dict.fromkeys(flag for rep in reps for flag in rep.flags)
        self.open = None
        self.search.forget_before(running.end)
        return [
            SetFinished(
                set=running.number,
                reps=sum(self.form.counts(rep) for rep in reps),
                start_s=seen[0].start_s,
                end_s=(raws or seen)[-1].end_s,
                announced_s=self.announced_s,
                exercise=guess.exercise,
                exercise_confidence=guess.confidence,
                flags=tuple(flags),
                rep_details=reps,
            )
        ]

    def _look_for_single(self, single: SingleRep) -> None:
        """Measure the best lone rep while its cells are still there."""
        before = single.best
        single.look(CHECK)
        if single.best is not None and single.best != before:
            self._single_raw = self.form.measure(single.best, self.search.now)

    def _finish_single(self) -> list[Event]:
        """Say the set of one rep, when a set was due and there was no other."""
        if self._single is None or self._single_raw is None:
            return []
        self.sets_begun += 1
        number, announced_s = self.sets_begun, self.announced_s
        guess = NO_IDEA
        rep = self.form.judge([self._single_raw], 0)
        self._single = self._single_raw = None
        return [
            SetStarted(set=number, t_s=rep.start_s, announced_s=announced_s),
            RepFinished(set=number, rep=1, measured=rep, announced_s=announced_s),
            SetFinished(
                set=number,
                reps=1,
                start_s=rep.start_s,
                end_s=rep.end_s,
                announced_s=announced_s,
                exercise=guess.exercise,
                exercise_confidence=guess.confidence,
                flags=rep.flags,
                rep_details=(rep,),
            ),
        ]

    def _reconciled(self, running: OpenSet, raws: list[RawRep]) -> list[RawRep]:
        """Return the final reps: where there is one more, all are moved to the set's own phase."""
        if not running.extra:
            return raws
        return [*raws, self.form.measure(self._extra_cycle(running), self.search.now)]

    def _forget_old(self) -> None:
        """Let go of chains that were refused and are long over."""
        chains = self.search.leading()
        if chains and self.search.now - chains[-1].cycles[-1].end > self.search.reach:
            self.search.forget_before(chains[-1].cycles[-1].end)


def _complete(chain: Chain, known: list[Cycle]) -> list[Cycle]:
    """Return all cycles of a chain of which the oldest may not be kept any more.

    Missing ones are taken from those known before; what is still missing, because
    the chain came from behind, is spread evenly over its beginning.
    """
    missing = chain.reps - len(chain.cycles)
    if missing == 0:
        return list(chain.cycles)
    first = chain.cycles[0].start
    older = [cycle for cycle in known if cycle.end <= first + CHECK][-missing:]
    missing -= len(older)
    end = older[0].start if older else first
    length = max((end - chain.start) // missing, 1) if missing else 0
    made = [Cycle(end - (i + 1) * length, end - i * length) for i in reversed(range(missing))]
    return [*made, *older, *chain.cycles]
