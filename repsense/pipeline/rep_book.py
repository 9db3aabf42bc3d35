"""What the reps of a running set looked like, while the search may still change its mind."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import replace
from itertools import islice
from operator import attrgetter

from repsense.pipeline.alignment import AS_CUT, Place
from repsense.pipeline.chains import Cycle
from repsense.pipeline.form import Form, RawRep
from repsense.pipeline.history import LOOK_BACK

# A rep this many cells from being too long ago is measured while it still can be.
_LEAVING = 24

# So many cycles are asked where in a rep they begin.
_PLACED = 12

# So many of those that are too long ago to be measured anew may still be moved by the search.
_MAY_MOVE = 40


class RepBook:
    """Measure the reps of a set when they are asked for, and before they are let go.

    Parameters
    ----------
    form
        Measures a rep.
    """

    def __init__(self, form: Form) -> None:
        self.form = form
        self._cycles: list[Cycle] = []
        self._reps: list[RawRep] = []
        self._known: dict[Cycle, RawRep] = {}
        self._leaving: dict[Cycle, RawRep] = {}
        self._places: dict[Cycle, Place] = {}
        self._done = 0

    def reps(self, cycles: Sequence[Cycle], now: int) -> list[RawRep]:
        """Return the reps over these cycles, after measuring those that have changed."""
        done = self._unchanged(cycles)
        known = self._known | self._leaving
        place = self._place(cycles, now)
        newer = [self._rep(cycle, known, now, place) for cycle in cycles[done:]]
        self._leaving = {}
        self._cycles, self._reps = list(cycles), self._reps[:done] + newer
        self._known = dict(zip(self._cycles, self._reps, strict=True))
        horizon = now - LOOK_BACK
        while done < len(cycles) and self.form.earliest(cycles[done]) < horizon:
            done += 1  # too long ago to be measured anew, as long as its cycle stays
        self._done = done
        return list(self._reps)

    def at_edges(self, cycle: Cycle, now: int) -> RawRep:
        """Return the rep at the edges of the cycles, as far as it has been done."""
        return replace(self.form.measure(cycle, now, AS_CUT), half=True)

    def _unchanged(self, cycles: Sequence[Cycle]) -> int:
        """Return how many of the first reps stand as they are; the last of them may have moved."""
        done = min(self._done, len(cycles))
        sure = max(done - _MAY_MOVE, 0)
        if list(cycles[:sure]) != self._cycles[:sure]:
            return 0  # the set has begun at another time
        return next((i for i in range(sure, done) if cycles[i] != self._cycles[i]), done)

    def keep_oldest(self, cycles: Sequence[Cycle], now: int) -> None:
        """Measure reps as they look by now that will soon be too long ago."""
        horizon = now - LOOK_BACK
        for cycle in cycles[bisect_left(cycles, horizon, key=attrgetter("start")) :]:
            if self.form.earliest(cycle) >= horizon + _LEAVING:
                return  # nor will those that follow it leave soon
            if cycle not in self._leaving and cycle not in self._known:
                self._leaving[cycle] = self.form.measure(cycle, now, self._place(cycles, now))

    def _place(self, cycles: Sequence[Cycle], now: int) -> Place:
        """Return where in a rep the cycles begin, as the newest of them say together."""
        if not self.form.aligns:
            return AS_CUT
        seen, newest = self._places, cycles[-_PLACED:]
        self._places = {one: seen.get(one) or self.form.place(one, now) for one in newest}
        along = sum(one.along for one in self._places.values())
        return Place(along, sum(one.across for one in self._places.values()))

    def _rep(self, cycle: Cycle, known: dict[Cycle, RawRep], now: int, place: Place) -> RawRep:
        """Return a rep; one too long ago is taken to be what was measured near it then."""
        before = known.get(cycle)
        if before is not None and before.settled and place is AS_CUT:
            return before
        old = bool(known) and self.form.earliest(cycle) < now - LOOK_BACK
        if before is not None and (old or self._stands(before, cycle, now, place)):
            return before
        if old:
            newest = islice(reversed(known), 2 * _MAY_MOVE)
            near = min(newest, key=lambda other: abs(other.start - cycle.start))
            return replace(known[near], borrowed=True)
        return self.form.measure(cycle, now, place)

    def _stands(self, before: RawRep, cycle: Cycle, now: int, place: Place) -> bool:
        """Say whether measuring a rep once more would change nothing."""
        return before.settled and before.cycle == self.form.found(cycle, now, place)
