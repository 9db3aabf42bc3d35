"""Labels while a person works on them: every change gives labels that could be saved."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from repsense.events import FormFlag, SetFinished
from repsense.recording.labels import Activity, LabelledRep, LabelledSet, Labels
from repsense.tuning.outcome import Run

#: The three places of a rep that can be dragged.
EDGES = ("start", "turn", "end")

# No part of a rep is shorter: the engine's own grid.
_SHORTEST_S = 0.04
_NEW_REP_S = 3.0
_UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """Sets with their reps, and which of them is being worked on.

    Parameters
    ----------
    sets
        In order of time; each has its reps, none is only counted.
    activities
        What else went on; kept as it was.
    length_s
        First and last time of the recording, s.
    set, rep
        The chosen ones, counted from 0; None where there is none.
    """

    sets: tuple[LabelledSet, ...]
    activities: tuple[Activity, ...] = ()
    length_s: tuple[float, float]
    set: int | None = None
    rep: int | None = None

    @property
    def chosen_set(self) -> LabelledSet | None:
        """The set that is being worked on."""
        return None if self.set is None else self.sets[self.set]

    @property
    def chosen_rep(self) -> LabelledRep | None:
        """The rep that is being worked on."""
        chosen = self.chosen_set
        return None if chosen is None or self.rep is None else chosen.reps[self.rep]

    def labels(self) -> Labels:
        """Return what can be saved."""
        return Labels(sets=self.sets, activities=self.activities)

    def choose(self, number: int, rep: int | None = 0) -> "Draft":
        """Return the draft with another set and rep chosen."""
        if not self.sets:
            return replace(self, set=None, rep=None)
        number = min(max(number, 0), len(self.sets) - 1)
        reps = len(self.sets[number].reps)
        chosen = None if rep is None or not reps else min(max(rep, 0), reps - 1)
        return replace(self, set=number, rep=chosen)

    def bounds(self, edge: str) -> tuple[float, float]:
        """Return how far an edge of the chosen rep may be dragged, s: never past its neighbours."""
        chosen, rep = self.chosen_set, self.chosen_rep
        if chosen is None or rep is None or self.set is None or self.rep is None:
            return self.length_s
        before = chosen.reps[self.rep - 1].end_s if self.rep else self._free_from(self.set)
        last = self.rep == len(chosen.reps) - 1
        after = self._free_to(self.set) if last else chosen.reps[self.rep + 1].start_s
        match edge:
            case "start":
                return before, rep.turn_s - _SHORTEST_S
            case "turn":
                return rep.start_s + _SHORTEST_S, rep.end_s - _SHORTEST_S
            case _:
                return rep.turn_s + _SHORTEST_S, after

    def move(self, edge: str, t_s: float) -> "Draft":
        """Return the draft with an edge of the chosen rep at ``t_s``, or as near as may be."""
        rep = self.chosen_rep
        if rep is None or edge not in EDGES:
            return self
        lowest, highest = self.bounds(edge)
        if highest < lowest:
            return self
        at_s = round(min(max(t_s, lowest), highest), 3)
        # The phases were measured for the old edges; at the new ones nobody knows them.
        return self._with_rep(
            LabelledRep(
                start_s=at_s if edge == "start" else rep.start_s,
                turn_s=at_s if edge == "turn" else rep.turn_s,
                end_s=at_s if edge == "end" else rep.end_s,
                flags=rep.flags,
            )
        )

    def flag(self, flags: Iterable[str]) -> "Draft":
        """Return the draft with the chosen rep's faults of form."""
        rep = self.chosen_rep
        if rep is None:
            return self
        return self._with_rep(replace(rep, flags=tuple(FormFlag(flag) for flag in flags)))

    def name(self, exercise: str) -> "Draft":
        """Return the draft with the chosen set's exercise."""
        chosen = self.chosen_set
        return self if chosen is None else self._with_set(replace(chosen, exercise=exercise))

    def add_rep(self) -> "Draft":
        """Return the draft with a rep behind the chosen one, where there is room for it."""
        chosen, rep = self.chosen_set, self.chosen_rep
        if chosen is None or rep is None or self.set is None or self.rep is None:
            return self
        last = self.rep == len(chosen.reps) - 1
        room_to = self._free_to(self.set) if last else chosen.reps[self.rep + 1].start_s
        end_s = min(rep.end_s + (rep.end_s - rep.start_s), room_to)
        if end_s - rep.end_s < 2 * _SHORTEST_S:
            return self
        reps = (*chosen.reps[: self.rep + 1], _rep(rep.end_s, end_s))
        changed = self._with_reps((*reps, *chosen.reps[self.rep + 1 :]))
        return changed.choose(self.set, self.rep + 1)

    def remove_rep(self) -> "Draft":
        """Return the draft without the chosen rep; without its last rep a set goes too."""
        chosen = self.chosen_set
        if chosen is None or self.rep is None or self.set is None:
            return self
        if len(chosen.reps) == 1:
            return self.remove_set()
        reps = chosen.reps[: self.rep] + chosen.reps[self.rep + 1 :]
        return self._with_reps(reps).choose(self.set, self.rep)

    def add_set(self, at_s: float) -> "Draft":
        """Return the draft with a set of one rep at ``at_s``, unless there is a set already."""
        end_s = min(at_s + _NEW_REP_S, self.length_s[1])
        if end_s - at_s < 2 * _SHORTEST_S or at_s < self.length_s[0]:
            return self
        if any(one.start_s < end_s and at_s < one.end_s for one in self.sets):
            return self
        rep = _rep(round(at_s, 3), round(end_s, 3))
        made = LabelledSet(start_s=rep.start_s, end_s=rep.end_s, exercise=_UNKNOWN, reps=(rep,))
        sets = tuple(sorted((*self.sets, made), key=lambda one: one.start_s))
        return replace(self, sets=sets).choose(sets.index(made))

    def remove_set(self) -> "Draft":
        """Return the draft without the chosen set."""
        if self.set is None:
            return self
        sets = self.sets[: self.set] + self.sets[self.set + 1 :]
        return replace(self, sets=sets).choose(self.set - 1)

    def _free_from(self, number: int) -> float:
        return self.sets[number - 1].end_s if number else self.length_s[0]

    def _free_to(self, number: int) -> float:
        last = number == len(self.sets) - 1
        return self.length_s[1] if last else self.sets[number + 1].start_s

    def _with_rep(self, rep: LabelledRep) -> "Draft":
        chosen = self.chosen_set
        if chosen is None or self.rep is None:
            return self
        return self._with_reps((*chosen.reps[: self.rep], rep, *chosen.reps[self.rep + 1 :]))

    def _with_reps(self, reps: Sequence[LabelledRep]) -> "Draft":
        chosen = self.chosen_set
        if chosen is None:
            return self
        return self._with_set(
            replace(chosen, reps=tuple(reps), start_s=reps[0].start_s, end_s=reps[-1].end_s)
        )

    def _with_set(self, changed: LabelledSet) -> "Draft":
        if self.set is None:
            return self
        return replace(self, sets=(*self.sets[: self.set], changed, *self.sets[self.set + 1 :]))


def draft_of(labels: Labels, length_s: tuple[float, float]) -> Draft:
    """Return a draft of existing labels; a set that is only counted gets reps of equal length."""
    sets = tuple(one if one.reps else _spread(one) for one in labels.sets if one.count)
    return Draft(sets=sets, activities=labels.activities, length_s=length_s).choose(0)


def draft_of_run(run: Run, length_s: tuple[float, float]) -> Draft:
    """Return a draft of what the engine counts, to begin with."""
    finished = (event for event in run.events if isinstance(event, SetFinished))
    sets = tuple(_labelled(event) for event in finished if event.rep_details)
    return Draft(sets=sets, length_s=length_s).choose(0)


def _labelled(event: SetFinished) -> LabelledSet:
    reps = tuple(
        LabelledRep(start_s=rep.start_s, turn_s=rep.turn_s, end_s=rep.end_s, flags=rep.flags)
        for rep in event.rep_details
    )
    return LabelledSet(
        start_s=reps[0].start_s, end_s=reps[-1].end_s, exercise=event.exercise, reps=reps
    )


def _spread(one: LabelledSet) -> LabelledSet:
    length_s = (one.end_s - one.start_s) / one.count
    reps = tuple(
        _rep(one.start_s + n * length_s, one.start_s + (n + 1) * length_s) for n in range(one.count)
    )
    return replace(one, reps=reps, counted=None)


def _rep(start_s: float, end_s: float) -> LabelledRep:
    return LabelledRep(start_s=start_s, turn_s=(start_s + end_s) / 2.0, end_s=end_s)
