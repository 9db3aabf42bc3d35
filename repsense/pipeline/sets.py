"""From leading chains to sets: when one begins, what its live count is, when it is over.

The search may change its mind about the past; people may not be bothered with
that. The tracker follows the leading chains and says only what changes: a set,
its next rep, a correction when the count falls, the end with the count that
is judged.
"""

from repsense.events import CountCorrected, ExerciseRecognised, Rep, RepFinished, SetStarted
from repsense.pipeline.chains import Chain, Cycle
from repsense.pipeline.ending import is_over
from repsense.pipeline.exercise import EARLY_REPS, NO_IDEA, Recogniser
from repsense.pipeline.form import Form
from repsense.pipeline.history import GRID_HZ, row_of
from repsense.pipeline.openset import CHECK, MaybeSet, OpenSet, finished_set
from repsense.pipeline.own_phase import final_reps
from repsense.pipeline.parameters import SetParameters
from repsense.pipeline.rep_book import RepBook
from repsense.pipeline.seen import Said
from repsense.pipeline.single import LoneReps
from repsense.pipeline.unseen import see, see_late
from repsense.pipeline.views import View

# The motion before a set is compared with its template once this many reps have shaped it.
_REPS_FOR_EDGE = 3

# A set shows itself within half a second of a rep's end. A chain that was over longer ago than
# this many cells was judged then, and by now some of it may be forgotten.
_SHOWN_WITHIN = int(2.0 * GRID_HZ)

# A live count one too high is left to the set's end: most often the next rep makes it right.
_FALL = 2

# A chain of the main view replaces a set of the other only if it holds nearly as many reps; one
# of the other goes on with a set of the main view only if it holds clearly more.
_NEARLY = 1


class SetTracker:
    """Follow the leading chains, and say what changes.

    Parameters
    ----------
    main, straight
        The view that finds most sets, and the one that finds shrugs.
    sets
        Settings.
    form
        Measures and judges reps.
    recogniser
        Names the exercise.
    """

    def __init__(
        self,
        main: View,
        straight: View,
        *,
        sets: SetParameters,
        form: Form,
        recogniser: Recogniser | None = None,
    ) -> None:
        self.main = main
        self.straight = straight
        self.search = main.search
        self.history = main.search.history
        self.parameters = sets
        self.form = form
        self.recogniser = recogniser or Recogniser()
        self.sets_begun = 0
        self.open: OpenSet | None = None
        self._maybe: MaybeSet | None = None
        self._lone = LoneReps(main.search, form)
        self._armed = self._single = False
        # The set that was said to be due has not come yet, so one rep may be all of it.
        self._lone_may_count = False
        self._refused = (-1, 0)

    def arm(
        self, *, armed: bool, rep_s: tuple[float, float] | None = None, single: bool = False
    ) -> None:
        """Say whether a set is due, how long its reps may take, and whether one rep may be all."""
        self._armed, self._single = armed, single
        self._lone_may_count = armed
        if armed:
            self._refused = (-1, 0)  # what was no set by itself may be the one that is due
        self._lone.forget()
        for view in (self.main, self.straight):
            view.arm(armed=armed, rep_s=rep_s)

    def follow(self) -> list[Said]:
        """Take in the main view's leading chains after they have changed."""
        events: list[Said] = []
        for chain in self.search.leading():
            if not self._may_be_shown(self.main, chain):
                continue
            if self.open is not None and chain.start >= self.open.end:
                events += self._finish()
            if self.open is None:
                events += self._begin(self.main, chain)
            elif self.open.view is self.main or chain.reps >= self.open.chain.reps - _NEARLY:
                self.open.view = self.main
                events += self._grow(self.open, chain)
        return events

    def check(self) -> list[Said]:
        """Look whether the running set is complete, or over; and for what else may be said."""
        self.straight.search.catch_up(self.search.now)
        events = self._follow_straight()
        if self.open is None:
            if self._lone_may_count:
                self._lone.remember(CHECK)
            self._forget_old()
            return events + (self._look_for_single() or self._look_for_first())
        self._refine(self.open)
        self.open.book.keep_oldest(self.open.cycles, self.search.now)
        if is_over(self.open, self.history, self.search.now, self.parameters):
            return events + self._finish()
        events += see_late(self.open, self.form, self.search.now, self.announced_s)
        return events + self._look_for_extra(self.open) + self._look_for_top(self.open)

    def end(self) -> list[Said]:
        """Finish a running set: there is nothing more to come."""
        if self.open is None:
            return self._finish_single()
        self._refine(self.open)
        return self._finish()

    @property
    def announced_s(self) -> float:
        """Time of the newest sample the search has used."""
        return float(self.history.ready_s[self._row(self.search.now)])

    def _follow_straight(self) -> list[Said]:
        """Take in the other view's chains, where the main one sees no set."""
        events: list[Said] = []
        for chain in self.straight.search.leading():
            if self.open is not None and not self._may_look_straight(self.open, chain):
                return events
            if not self._may_be_shown(self.straight, chain):
                continue
            if self.open is not None and chain.start >= self.open.end:
                events += self._finish()
            if self.open is None:
                events += self._begin(self.straight, chain)
            else:
                self.open.view = self.straight
                events += self._grow(self.open, chain)
        return events

    def _may_be_shown(self, view: View, chain: Chain) -> bool:
        """Say whether a chain may be a set: not one refused before, nor one that is long over."""
        running = self.open
        if running is not None and chain.cycles[-1].end <= running.cycles[0].start:
            return False
        # Who says that a set is due may mean what was refused a moment ago.
        within = view.search.reach if self._armed else _SHOWN_WITHIN
        begins = running is None or chain.start >= running.end
        if begins and self.search.now - chain.cycles[-1].end > within:
            return False
        refused = (chain.start, chain.reps) == self._refused
        return not refused and view.judge.may_be_set(chain, self.search.now)

    def _may_look_straight(self, running: OpenSet, chain: Chain) -> bool:
        """Say whether the straight view's chain may go on with the set: of small ones, it may."""
        if running.view is self.straight:
            return True
        small = running.template.range_g < 0.5 * self.parameters.straight_turn_max_g
        return small and chain.reps > len(running.cycles) + running.extra + _NEARLY

    def _refine(self, running: OpenSet) -> None:
        """Take over the boundaries of the same reps as they look by now."""
        for chain in running.view.search.leading():
            if chain is running.chain:
                continue
            if chain.start == running.chain.start and chain.reps == running.chain.reps:
                running.take(chain)

    def _begin(self, view: View, chain: Chain) -> list[Said]:
        events: list[Said] = []
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
            number=self.sets_begun,
            view=view,
            chain=chain,
            template=view.search.template(chain),
            book=RepBook(self.form),
        )
        return [*events, *self._grow(self.open, chain)]

    def _grow(self, running: OpenSet, chain: Chain) -> list[Said]:
        """Take over the chain's cycles; say new reps, or a lower count."""
        if chain.reps > running.chain.reps or chain.start != running.chain.start:
            running.extra = False
        running.take(chain)
        return self._say_count(running)

    def _row(self, cell: int) -> int:
        return row_of(self.history, cell, self.search.now)

    def _say_count(self, running: OpenSet) -> list[Said]:
        count = len(running.cycles) + running.extra
        if count <= running.announced - _FALL:
            running.announced, running.unseen = count, None
            running.left_out = min(running.left_out, count)
            reps = count - running.left_out
            return [CountCorrected(set=running.number, reps=reps, announced_s=self.announced_s)]
        said: list[Said] = []
        now = self.search.now
        raws = running.book.reps(running.cycles, now) if running.announced < count else []
        while running.announced < count:
            running.announced += 1
            if running.announced > len(running.cycles):
                raws.append(running.book.at_edges(running.extra_cycle(now), now))
            said += see(running, raws, self.form, self.announced_s)
            newest = min(running.announced, len(raws)) - 1
            measured = self.form.judge(raws, newest)
            running.left_out += not self.form.counts(measured)
            if running.announced == running.left_out:
                continue  # nothing but partial reps so far, and those do not count
            rep = running.announced - running.left_out
            running.unseen = (newest, rep)
            said.append(self._said(running.number, rep, measured))
            said += see(running, raws, self.form, self.announced_s, measured)
        return said + self._name(running)

    def _name(self, running: OpenSet) -> list[Said]:
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

    def _said(
        self, number: int, rep: int, measured: Rep, *, provisional: bool = False
    ) -> RepFinished:
        return RepFinished(
            set=number,
            rep=rep,
            measured=measured,
            announced_s=self.announced_s,
            provisional=provisional,
        )

    def _look_for_first(self) -> list[Said]:
        """Say a rep that may be the first of a set, or take back one that was not."""
        maybe = self._maybe
        if maybe is not None:
            waited = self.search.now - maybe.cycle.end
            patience = self.parameters.first_wait_s * GRID_HZ
            over = waited > patience + maybe.cycle.end - maybe.cycle.start
            return self._withdraw(maybe) if over else []
        cycle = self._lone.newest(CHECK) if self.parameters.provisional else None
        if cycle is None:
            return []
        self.sets_begun += 1
        self._maybe = MaybeSet(self.sets_begun, cycle)
        rep = self.form.judge([self.form.measure(cycle, self.search.now)], 0)
        start = SetStarted(set=self.sets_begun, t_s=rep.start_s, announced_s=self.announced_s)
        return [start, self._said(self.sets_begun, 1, rep, provisional=True)]

    def _look_for_single(self) -> list[Said]:
        """Say the set of one rep once nothing follows, where one was asked for."""
        lone = self._lone.best
        if not self._single or lone is None or not self._lone.is_over(self.parameters):
            return []
        events = self._finish_single()
        for view in (self.main, self.straight):
            view.search.forget_before(lone.end)
        return events

    def _withdraw(self, maybe: MaybeSet) -> list[Said]:
        """Take back a rep that no second one has followed; the next set has its number."""
        self._maybe = None
        self.sets_begun -= 1
        start_s, end_s = (
            float(self.history.time_s[self._row(cell)])
            for cell in (maybe.cycle.start, maybe.cycle.end)
        )
        return [finished_set(maybe.number, (), 0, (start_s, end_s), self.announced_s, NO_IDEA)]

    def _look_for_top(self, running: OpenSet) -> list[Said]:
        """Say the rep that is at its turning point, if that is wanted."""
        rep = running.announced + 1
        edges = running.view.edges
        if not self.parameters.announce_at_top or edges is None or running.topped >= rep:
            return []
        if not edges.reached_top(running.chain, running.template, self.search.now):
            return []
        running.topped = rep
        cycle = Cycle(running.end, max(self.search.now, running.end + 1))
        raws = running.book.reps(running.cycles, self.search.now)
        raws.append(self.form.measure(cycle, self.search.now))
        measured = self.form.judge(raws, len(raws) - 1)
        return [self._said(running.number, rep - running.left_out, measured, provisional=True)]

    def _look_for_extra(self, running: OpenSet) -> list[Said]:
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

    def _completed(self, running: OpenSet, *, over: bool = False) -> bool:
        edges, now = running.view.edges, self.search.now
        if edges is None:
            return False
        before = running.part_before or 0.0
        if edges.completes(running.chain, running.template, now, before):
            return True
        enough = over and len(running.cycles) >= _REPS_FOR_EDGE
        return enough and edges.repeats(running.chain, running.template, now)

    def _finish(self) -> list[Said]:
        """Reconcile the set and say its count."""
        running = self.open
        if running is None:
            return []
        self._see_part_before(running)
        if not running.extra:
            running.extra = self._completed(running, over=True)
        now = self.search.now
        counts = running.view.judge.is_set(running.chain, now)
        seen = running.book.reps(running.cycles, now)
        raws = final_reps(running, seen, self.form, now, armed=self._armed) if counts else []
        reps = self.form.judge_all(raws)
        self.form.remember(raws, reps)
        guess = NO_IDEA
        if reps:
            self._lone_may_count = False
            self._lone.forget()
            guess = self.recogniser.guess(self.history, running.cycles, now)
        self.open = None
        if counts:
            for view in (self.main, self.straight):
                view.search.forget_before(running.end)
        else:
            self._refused = (running.chain.start, running.chain.reps)
        counted = sum(self.form.counts(rep) for rep in reps)
        span_s = (seen[0].start_s, (raws or seen)[-1].end_s)
        return [finished_set(running.number, reps, counted, span_s, self.announced_s, guess)]

    def _finish_single(self) -> list[Said]:
        """Say the set of one rep, when a set was due and there was no other."""
        events = self._withdraw(self._maybe) if self._maybe is not None else []
        if self._lone.raw is None:
            return events
        self.sets_begun += 1
        number, now_s = self.sets_begun, self.announced_s
        rep = self.form.judge([self._lone.raw], 0)
        self._lone_may_count = False
        self._lone.forget()
        return [
            *events,
            SetStarted(set=number, t_s=rep.start_s, announced_s=now_s),
            self._said(number, 1, rep),
            finished_set(number, (rep,), 1, (rep.start_s, rep.end_s), now_s, NO_IDEA),
        ]

    def _forget_old(self) -> None:
        """Let go of chains that were refused and are long over."""
        for view in (self.main, self.straight):
            chains = view.search.leading()
            if chains and self.search.now - chains[-1].cycles[-1].end > view.search.reach:
                view.search.forget_before(chains[-1].cycles[-1].end)
