"""From leading chains to sets: when one begins, what its live count is, when it is over.

The search may change its mind about the past; people may not be bothered with
that. The tracker follows the leading chains and says only what changes: a set,
its next rep, a correction when the count falls, the end with the count that
is judged.
"""

import math
from collections.abc import Sequence

from repsense.events import (
    CountCorrected,
    Event,
    FormFlag,
    Rep,
    RepFinished,
    SetFinished,
    SetStarted,
)
from repsense.pipeline.chains import Chain, Cycle
from repsense.pipeline.history import GRID_HZ, LOOK_BACK, row_of
from repsense.pipeline.openset import CHECK, MaybeSet, OpenSet, complete
from repsense.pipeline.parameters import SetParameters
from repsense.pipeline.reps import FormParameters, RawRep, against, full_range, measure
from repsense.pipeline.single import LoneReps
from repsense.pipeline.views import View

# The motion before a set is compared with its template once this many reps have shaped it.
_REPS_FOR_EDGE = 3

# A live count one too high is left to the set's end: most often the next rep makes it right.
_FALL = 2

# A chain of the main view replaces a set of the other only if it holds nearly as many reps.
_NEARLY = 1


class SetTracker:
    """Follow the leading chains, and say what changes.

    Parameters
    ----------
    main, straight
        The view that finds most sets, and the one that finds shrugs.
    sets, form
        Settings.
    """

    def __init__(
        self, main: View, straight: View, *, sets: SetParameters, form: FormParameters
    ) -> None:
        self.main = main
        self.straight = straight
        self.search = main.search
        self.history = main.search.history
        self.parameters = sets
        self.form = form
        self.sets_begun = 0
        self.open: OpenSet | None = None
        self._maybe: MaybeSet | None = None
        self._lone = LoneReps(main.search)
        self._armed = False

    def arm(self, *, armed: bool, rep_s: tuple[float, float] | None = None) -> None:
        """Say whether a set is due, and how long its reps may take if that is known."""
        self._armed = armed
        self._lone.forget()
        for view in (self.main, self.straight):
            view.arm(armed=armed, rep_s=rep_s)

    def follow(self) -> list[Event]:
        """Take in the main view's leading chains after they have changed."""
        events: list[Event] = []
        for chain in self.search.leading():
            if not self.main.judge.may_be_set(chain, self.search.now):
                continue
            if self.open is not None and chain.start >= self.open.end:
                events += self._finish()
            if self.open is None:
                events += self._begin(self.main, chain)
            elif self._may_take_over(self.open, chain):
                self.open.view = self.main
                events += self._grow(self.open, chain)
        return events

    def check(self) -> list[Event]:
        """Look whether the running set is complete, or over; and for what else may be said."""
        while self.straight.search.advance(self.search.now):
            pass
        events = self._follow_straight()
        if self.open is None:
            self._lone.remember(CHECK if self._armed else 0)
            self._forget_old()
            return events + self._look_for_first()
        self._refine(self.open)
        if self._over(self.open):
            return events + self._finish()
        return events + self._look_for_extra(self.open) + self._look_for_top(self.open)

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

    def _follow_straight(self) -> list[Event]:
        """Take in the other view's chains, where the main one sees no set."""
        events: list[Event] = []
        for chain in self.straight.search.leading():
            if self.open is not None and self.open.view is self.main:
                return events
            if not self.straight.judge.may_be_set(chain, self.search.now):
                continue
            if self.open is not None and chain.start >= self.open.end:
                events += self._finish()
            if self.open is None:
                events += self._begin(self.straight, chain)
            else:
                events += self._grow(self.open, chain)
        return events

    def _may_take_over(self, running: OpenSet, chain: Chain) -> bool:
        return running.view is self.main or chain.reps >= running.chain.reps - _NEARLY

    def _refine(self, running: OpenSet) -> None:
        """Take over the boundaries of the same reps as they look by now."""
        for chain in running.view.search.leading():
            if chain.start == running.chain.start and chain.reps == running.chain.reps:
                self._merge(running, chain)

    def _begin(self, view: View, chain: Chain) -> list[Event]:
        events: list[Event] = []
        maybe = self._maybe
        if maybe is not None and chain.start > maybe.cycle.end:
            events += self._withdraw(maybe)
            maybe = None
        if maybe is None:
            self.sets_begun += 1
            events.append(
                SetStarted(
                    set=self.sets_begun,
                    t_s=float(self.history.time_s[self._row(chain.cycles[0].start)]),
                    announced_s=self.announced_s,
                )
            )
        self._maybe = None
        self.open = OpenSet(
            number=self.sets_begun, view=view, chain=chain, template=view.search.template(chain)
        )
        return [*events, *self._grow(self.open, chain)]

    def _grow(self, running: OpenSet, chain: Chain) -> list[Event]:
        """Take over the chain's cycles; say new reps, or a lower count."""
        if chain.reps > running.chain.reps or chain.start != running.chain.start:
            running.extra = False
        self._merge(running, chain)
        return self._say_count(running)

    def _merge(self, running: OpenSet, chain: Chain) -> None:
        known = dict(zip(running.cycles, running.raws, strict=True))
        running.cycles = complete(chain, running.cycles)
        running.raws = [known.get(cycle) or self._measure(cycle, known) for cycle in running.cycles]
        running.chain = chain
        running.template = running.view.search.template(chain)

    def _measure(self, cycle: Cycle, known: dict[Cycle, RawRep]) -> RawRep:
        """Measure a rep; one too long ago is taken to be what was measured near it then."""
        if known and cycle.start < self.search.now - LOOK_BACK:
            return known[min(known, key=lambda other: abs(other.start - cycle.start))]
        return measure(self.history, cycle, self.search.now, self.form)

    def _row(self, cell: int) -> int:
        return row_of(self.history, cell, self.search.now)

    def _say_count(self, running: OpenSet) -> list[Event]:
        count = len(running.cycles) + running.extra
        if count <= running.announced - _FALL:
            running.announced = count
            return [CountCorrected(set=running.number, reps=count, announced_s=self.announced_s)]
        said: list[Event] = []
        full_g = full_range(running.raws)
        while running.announced < count:
            running.announced += 1
            raw = running.raws[min(running.announced, len(running.raws)) - 1]
            if running.announced > len(running.cycles):
                raw = self._measure(self._extra_cycle(running), {})
            measured = against(raw, full_g, self.form)
            said.append(self._said(running.number, running.announced, measured))
        return said

    def _said(self, number: int, rep: int, measured: Rep, *, provisional: bool = False) -> Event:
        return RepFinished(
            set=number,
            rep=rep,
            measured=measured,
            announced_s=self.announced_s,
            provisional=provisional,
        )

    def _look_for_first(self) -> list[Event]:
        """Say a rep that may be the first of a set, or take back one that was not."""
        maybe = self._maybe
        if maybe is not None:
            waited = self.search.now - maybe.cycle.end
            over = waited > self.parameters.first_wait_s * GRID_HZ
            return self._withdraw(maybe) if over else []
        cycle = self._lone.newest(CHECK) if self.parameters.provisional else None
        if cycle is None:
            return []
        self.sets_begun += 1
        self._maybe = MaybeSet(self.sets_begun, cycle)
        rep = against(self._measure(cycle, {}), math.nan, self.form)
        start = SetStarted(set=self.sets_begun, t_s=rep.start_s, announced_s=self.announced_s)
        return [start, self._said(self.sets_begun, 1, rep, provisional=True)]

    def _withdraw(self, maybe: MaybeSet) -> list[Event]:
        """Take back a rep that no second one has followed; the next set has its number."""
        self._maybe = None
        self.sets_begun -= 1
        start_s, end_s = (
            float(self.history.time_s[self._row(cell)])
            for cell in (maybe.cycle.start, maybe.cycle.end)
        )
        return [self._finished(maybe.number, (), start_s, end_s)]

    def _look_for_top(self, running: OpenSet) -> list[Event]:
        """Say the rep that is at its turning point, if that is wanted."""
        rep = running.announced + 1
        edges = running.view.edges
        if not self.parameters.announce_at_top or edges is None or running.topped >= rep:
            return []
        if not edges.reached_top(running.chain, running.template, self.search.now):
            return []
        running.topped = rep
        cycle = Cycle(running.end, max(self.search.now, running.end + 1))
        measured = against(self._measure(cycle, {}), full_range(running.raws), self.form)
        return [self._said(running.number, rep, measured, provisional=True)]

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
        edges = running.view.edges
        if edges is None or running.chain.reps > len(running.chain.cycles):
            return  # nobody looks, or the beginning is too long ago to be looked at again
        running.part_before = edges.part_before(running.chain, running.template, self.search.now)
        running.part_start = running.chain.start

    def _completed(self, running: OpenSet) -> bool:
        edges, before = running.view.edges, running.part_before or 0.0
        return edges is not None and edges.completes(
            running.chain, running.template, self.search.now, before
        )

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
        limit_g = running.view.limit_g(running.template)
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
        counts = running.view.judge.is_set(running.chain, self.search.now)
        raws = self._reconciled(running) if counts else []
        full_g = full_range(raws)
        reps = tuple(against(raw, full_g, self.form) for raw in raws)
        if reps:
            self._lone.forget()
        self.open = None
        for view in (self.main, self.straight):
            view.search.forget_before(running.end)
        start_s, end_s = running.raws[0].rep.start_s, (raws or running.raws)[-1].rep.end_s
        return [self._finished(running.number, reps, start_s, end_s)]

    def _finished(
        self, number: int, reps: Sequence[Rep], start_s: float, end_s: float
    ) -> SetFinished:
        flags: dict[FormFlag, None] = dict.fromkeys(flag for rep in reps for flag in rep.flags)
        return SetFinished(
            set=number,
            reps=len(reps),
            start_s=start_s,
            end_s=end_s,
            announced_s=self.announced_s,
            flags=tuple(flags),
            rep_details=tuple(reps),
        )

    def _finish_single(self) -> list[Event]:
        """Say the set of one rep, when a set was due and there was no other."""
        maybe, cycle = self._maybe, self._lone.best if self._armed else None
        events = self._withdraw(maybe) if maybe is not None else []
        if cycle is None:
            return events
        self._lone.forget()
        self.sets_begun += 1
        number = self.sets_begun
        rep = against(self._measure(cycle, {}), math.nan, self.form)
        return [
            *events,
            SetStarted(set=number, t_s=rep.start_s, announced_s=self.announced_s),
            self._said(number, 1, rep),
            self._finished(number, (rep,), rep.start_s, rep.end_s),
        ]

    def _reconciled(self, running: OpenSet) -> list[RawRep]:
        """Return the final reps: where there is one more, all are moved to the set's own phase."""
        if not running.extra:
            return running.raws
        moved = self._extra_cycle(running)
        return [*running.raws, self._measure(moved, {})]

    def _forget_old(self) -> None:
        """Let go of chains that were refused and are long over."""
        for view in (self.main, self.straight):
            chains = view.search.leading()
            if chains and self.search.now - chains[-1].cycles[-1].end > view.search.reach:
                view.search.forget_before(chains[-1].cycles[-1].end)
