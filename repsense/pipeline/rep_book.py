"""What the reps of a running set looked like, while the search may still change its mind."""

from collections.abc import Sequence
from dataclasses import replace

from repsense.pipeline.chains import Cycle
from repsense.pipeline.form import Form, RawRep
from repsense.pipeline.history import LOOK_BACK

# A rep this many cells from being too long ago is measured while it still can be.
_LEAVING = 24


class RepBook:
    """Measure the reps of a set when they are asked for, and before they are let go.

    Parameters
    ----------
    form
        Measures a rep.
    """

    def __init__(self, form: Form) -> None:
        self.form = form
        self._known: dict[Cycle, RawRep] = {}
        self._leaving: dict[Cycle, RawRep] = {}

    def reps(self, cycles: Sequence[Cycle], now: int) -> list[RawRep]:
        """Return the reps over these cycles, after measuring those that have changed."""
        known = self._known | self._leaving
        self._leaving = {}
        self._known = {cycle: self._rep(cycle, known, now) for cycle in cycles}
        return list(self._known.values())

    def keep_oldest(self, cycles: Sequence[Cycle], now: int) -> None:
        """Measure reps as they look by now that will soon be too long ago."""
        horizon = now - LOOK_BACK
        for cycle in cycles:
            if horizon <= cycle.start < horizon + _LEAVING and cycle not in self._known:
                self._leaving[cycle] = self.form.measure(cycle, now)

    def _rep(self, cycle: Cycle, known: dict[Cycle, RawRep], now: int) -> RawRep:
        """Return a rep; one too long ago is taken to be what was measured near it then."""
        before = known.get(cycle)
        old = bool(known) and cycle.start < now - LOOK_BACK
        if before is not None and (before.settled or old):
            return before
        if old:
            near = min(known, key=lambda other: abs(other.start - cycle.start))
            return replace(known[near], borrowed=True)
        return self.form.measure(cycle, now)
