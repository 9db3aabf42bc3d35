"""What one rep was like: its phases, its momentum, its range, its faults and the evidence.

A rep is measured alone (:mod:`repsense.pipeline.strokes`) and judged against its set, against
an earlier set of the same movement, and against what the exercise asks for if it is known.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np

from repsense.events import Against, Evidence, FormFlag, Rep
from repsense.exercises.catalogue import load_catalogue
from repsense.exercises.exercise import Exercise
from repsense.exercises.strokes import stroke_model
from repsense.pipeline.alignment import AS_CUT, Place, aligned, most_back, place_in_rep
from repsense.pipeline.chains import Cycle
from repsense.pipeline.faults import Seen, Usual, faults, momentum, usual
from repsense.pipeline.form_parameters import FormParameters
from repsense.pipeline.history import LOOK_BACK, OFFSET, History, row_of
from repsense.pipeline.strokes import REACH, Strokes, find_strokes
from repsense.samples import FloatArray

# The set's own full range is that of its first reps; its medians are taken over so many.
_FIRST = 3
_PEERS = 12

# Movements of earlier sets that are remembered.
_REMEMBERED = 12

# A rep is often said before the last of its way is seen: then only so short a one is partial.
_SURELY_PARTIAL = 0.5

# Faults that are measured against the tempo that is asked for.
_PACE = (FormFlag.FAST_LIFT, FormFlag.FAST_LOWER, FormFlag.NO_HOLD)

# Below these a phase or a hold is not told from none, s.
_SHORTEST_S = 0.08
_NO_HOLD_S = 0.05


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RawRep:
    """A rep as measured, before it is compared with anything.

    Parameters
    ----------
    start_s, end_s
        The engine's boundaries, or those of the known exercise's rep that was found there.
    cycle
        The cells that were looked at.
    strokes
        What the wrist felt.
    settled
        All that belongs to the rep has been seen: measuring again changes nothing.
    borrowed
        It is too long ago to be looked at, so this is what was seen near it.
    half
        It was looked at when hardly more than half of it had been done.
    """

    start_s: float
    end_s: float
    cycle: Cycle
    strokes: Strokes
    settled: bool
    borrowed: bool = False
    half: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Movement:
    """An earlier set: where it started, which way it went, what was usual."""

    exercise: str | None
    home_g: FloatArray
    way: FloatArray
    usual: Usual
    clean: bool


class Form:
    """Measure reps, and judge them.

    Parameters
    ----------
    history
        The recent past.
    parameters
        Settings.
    """

    def __init__(self, history: History, parameters: FormParameters) -> None:
        self.history = history
        self.parameters = parameters
        self.exercise: Exercise | None = None
        self._model = stroke_model(None)
        #: Faults that the model tells; of a tempo of one's own it knows nothing.
        self._told: tuple[FormFlag, ...] = ()
        self._movements: list[_Movement] = []
        self._personal: Usual | None = None
        #: The last set's reps as measured and as judged, kept while ``watching``.
        self.watching = False
        self.watched: tuple[tuple[Seen, ...], tuple[Rep, ...]] = ((), ())
        self._known: dict[RawRep, Seen] = {}

    def expect(self, exercise: Exercise | None, personal: Usual | None = None) -> None:
        """Say which exercise is done, None where that is not known.

        Parameters
        ----------
        personal
            What was measured of this person's clean reps of it, where that was done.
        """
        self.exercise = exercise
        self._personal = personal
        self._model = stroke_model(None if exercise is None else exercise.id)
        trained = None if exercise is None else load_catalogue().get(exercise.id)
        own_tempo = exercise is not None and (trained is None or trained.tempo != exercise.tempo)
        self._told = tuple(flag for flag in self._model.odds if not (own_tempo and flag in _PACE))
        self._known = {}

    @property
    def aligns(self) -> bool:
        """Whether the exercise tells where in a rep a cycle begins."""
        return self._model.place is not None

    def place(self, cycle: Cycle, now: int) -> Place:
        """Return where in a rep a cycle begins, as cut where the exercise does not tell."""
        weights = self._model.place
        return AS_CUT if weights is None else place_in_rep(self.history, cycle, now, weights)

    def found(self, cycle: Cycle, now: int, place: Place | None = None) -> Cycle:
        """Return the cells of the rep that is meant by a cycle of the engine's.

        Parameters
        ----------
        place
            Where in a rep the set's cycles begin; None looks at this cycle alone.
        """
        place = self.place(cycle, now) if place is None else place
        moved = aligned(cycle, place, self._model.part)
        oldest = max(now - LOOK_BACK, int(self.history.counter[OFFSET]))
        return moved if moved.start >= oldest else cycle

    def earliest(self, cycle: Cycle) -> int:
        """Return the first cell at which the rep may begin that is meant by a cycle."""
        return cycle.start - (most_back(cycle) if self.aligns else 0)

    def measure(self, cycle: Cycle, now: int, place: Place | None = None) -> RawRep:
        """Measure the rep that is meant by a cycle, as seen from cell ``now``."""
        cycle = self.found(cycle, now, place)
        first, last = (row_of(self.history, cell, now) for cell in (cycle.start, cycle.end))
        return RawRep(
            start_s=float(self.history.time_s[first]),
            end_s=float(self.history.time_s[max(last, first + 1)]),
            cycle=cycle,
            strokes=find_strokes(self.history, cycle, now),
            settled=now >= cycle.end + REACH,
        )

    def judge(self, raws: Sequence[RawRep], index: int) -> Rep:
        """Return rep ``index`` of a running set, judged by what is known by now."""
        peers = [*raws[:_FIRST], *raws[max(index + 1 - _PEERS, _FIRST) : index + 1]]
        seen = self._all_seen(peers[: index + 1])
        # A rep is often said before all of it has been seen: against a person's whole reps it
        # would look cut short.
        earlier = self._personal if raws[index].settled else None
        earlier = earlier or self._same_movement(raws)
        return self._judged(raws[index], seen[-1], seen, usual(seen), earlier)

    def judge_all(self, raws: Sequence[RawRep]) -> tuple[Rep, ...]:
        """Return all reps of a set that is over, judged against the whole of it."""
        if not raws:
            return ()
        seen = self._all_seen(raws)
        own, earlier = usual(seen), self._personal or self._same_movement(raws)
        return tuple(
            self._judged(raw, one, seen, own, earlier) for raw, one in zip(raws, seen, strict=True)
        )

    def counts(self, rep: Rep) -> bool:
        """Say whether a rep counts."""
        return self.parameters.count_partials or FormFlag.PARTIAL not in rep.flags

    def remember(self, raws: Sequence[RawRep], reps: Sequence[Rep]) -> None:
        """Keep a set that is over as the measure of later sets of the same movement."""
        seen = self._all_seen(raws)
        self._known = {}
        if self.watching:
            self.watched = (tuple(seen), tuple(reps))
        if len(raws) < _FIRST:
            return
        home_g, way = _place(raws)
        flagged = sum(bool(rep.flags) for rep in reps)
        new = _Movement(
            exercise=None if self.exercise is None else self.exercise.id,
            home_g=home_g,
            way=way,
            usual=usual(seen),
            clean=2 * flagged <= len(reps),
        )
        old = self._same(raws)
        if old is not None and old.clean:
            return
        self._movements = [one for one in self._movements if one is not old][-_REMEMBERED:]
        self._movements.append(new)

    def _judged(
        self, raw: RawRep, seen: Seen, peers: Sequence[Seen], own: Usual, earlier: Usual | None
    ) -> Rep:
        share, partial = self._range(seen, peers, earlier)
        thrown = momentum(seen, own, len(peers), self.parameters)
        evidence = faults(
            seen,
            share=share,
            partial=partial,
            thrown=thrown,
            own=own if len(peers) >= _FIRST else None,
            earlier=earlier,
            exercise=self.exercise,
            parameters=self.parameters,
        )
        if not raw.settled:
            half = raw.half or self.aligns
            evidence = tuple(one for one in evidence if _will_stay(one, half=half))
        if raw.borrowed:  # neighbours share their range, but not how each was moved
            evidence = tuple(one for one in evidence if one.flag is FormFlag.PARTIAL)
        return Rep(
            start_s=raw.start_s,
            turn_s=min(max(raw.strokes.turn_s, raw.start_s), raw.end_s),
            end_s=raw.end_s,
            lift_s=seen.lift_s,
            hold_s=seen.hold_s,
            lower_s=seen.lower_s,
            momentum=thrown,
            range=share,
            flags=tuple(dict.fromkeys(one.flag for one in evidence)),
            evidence=evidence,
            slowing=_slowing(seen, peers),
        )

    def _range(
        self, seen: Seen, peers: Sequence[Seen], earlier: Usual | None
    ) -> tuple[float, bool]:
        """Return a rep's range against a full one, and whether that is partial."""
        p, before = self.parameters, None if earlier is None else earlier.reach
        by_angle = self._model.reach is None or (earlier is not None and before is None)
        if by_angle:
            before = None if earlier is None else earlier.range_rad
        ranges = [one.range_rad if by_angle else one.reach for one in (seen, *peers)]
        full = max(_full_range(ranges[1:]), before or 0.0)
        share = ranges[0] / full if full > 0.0 else 1.0
        if not by_angle:
            return share, share < p.partial_reach
        limit = p.partial_range if earlier is None else p.partial_earlier_range
        return share, share < limit and full - ranges[0] >= p.partial_least_rad

    def _all_seen(self, raws: Sequence[RawRep]) -> list[Seen]:
        """Return what the strokes of some reps say; that of the last ones asked for is kept."""
        known = self._known
        self._known = {raw: known[raw] if raw in known else self._seen(raw) for raw in raws}
        return [self._known[raw] for raw in raws]

    def _seen(self, raw: RawRep) -> Seen:
        """Return what the strokes say, given the exercise as far as it is known."""
        strokes, model = raw.strokes, self._model
        lift = 0 if self.exercise is None or self.exercise.concentric_first else 1
        first_s, hold_s, second_s = (
            float(one) for one in strokes.times_s[: model.seconds.shape[1]] @ model.seconds.T
        )
        phases = [max(first_s, _SHORTEST_S), max(second_s, _SHORTEST_S)]
        return Seen(
            lift_s=phases[lift],
            hold_s=hold_s if hold_s >= _NO_HOLD_S else 0.0,
            lower_s=phases[1 - lift],
            range_rad=strokes.range_rad,
            reach=_reach(strokes, lift, model.reach),
            weight=strokes.weight(lift),
            jolt_g=strokes.jolt_g(lift),
            rebound_g=strokes.rebound_g,
            odds=self._odds(strokes, lift),
        )

    def _odds(self, strokes: Strokes, lift: int) -> dict[FormFlag, float]:
        """Return the log odds of the faults that the model tells, if it tells any."""
        if not self._told:
            return {}
        traits = strokes.traits(lift)
        return {flag: float(self._model.odds[flag] @ traits) for flag in self._told}

    def _same_movement(self, raws: Sequence[RawRep]) -> Usual | None:
        """Return what was usual in an earlier set of the same movement, if that was a clean one."""
        same = self._same(raws)
        return same.usual if same is not None and same.clean else None

    def _same(self, raws: Sequence[RawRep]) -> _Movement | None:
        """Return the earlier set of the movement of these reps, if there was one."""
        if not self._movements:
            return None
        p = self.parameters
        home_g, way = _place(raws)
        range_rad = median(raw.strokes.range_rad for raw in raws[:_FIRST])
        name = None if self.exercise is None else self.exercise.id
        for one in reversed(self._movements):
            near = float(np.sqrt(((one.home_g - home_g) ** 2).sum())) <= p.same_posture_g
            if one.exercise != name or not near or float(one.way @ way) < p.same_way:
                continue
            if name is not None or _share(range_rad, one.usual.range_rad) >= p.same_range:
                return one
        return None


def _place(raws: Sequence[RawRep]) -> tuple[FloatArray, FloatArray]:
    """Return the start posture of the first reps, g, and the direction they go from there."""
    homes_g = np.array([raw.strokes.home_g for raw in raws[:_FIRST]])
    aways_g = np.array([raw.strokes.away_g for raw in raws[:_FIRST]])
    home_g = _medians(homes_g)
    way_g = _medians(aways_g) - home_g
    return home_g, way_g / (math.sqrt(float(way_g @ way_g)) + 1e-9)


def _share(one: float, other: float) -> float:
    """Return the share of the smaller number in the larger."""
    return min(one, other) / max(one, other, 1e-9)


def _medians(rows: FloatArray) -> FloatArray:
    """Return the median of each column: of so few rows, faster than by numpy."""
    return np.array([median(column) for column in rows.T.tolist()])


def _will_stay(evidence: Evidence, *, half: bool) -> bool:
    """Say whether a fault can be told of a rep of which the end has not been seen yet.

    What is missing makes its way shorter and its second stroke quicker than its set's. Where half
    of it may be missing, as where an exercise tells where in the engine's cycle its rep begins,
    only a throw is told.
    """
    if half:
        return evidence.flag is FormFlag.SWING
    if evidence.flag is FormFlag.PARTIAL:
        return evidence.value < _SURELY_PARTIAL
    return evidence.flag is not FormFlag.FAST_LOWER or evidence.against is not Against.SET


def _full_range(ranges: Sequence[float]) -> float:
    """Return the set's own full range: that of its first reps, or the upper quartile if larger.

    Who begins with short reps would else be taken to go no farther.
    """
    upper = sorted(ranges)[3 * (len(ranges) - 1) // 4]
    return max(median(ranges[:_FIRST]), upper)


def _reach(strokes: Strokes, lift: int, weights: FloatArray | None) -> float:
    """Return how far a rep went, in a unit of the exercise's own."""
    if weights is None:
        return strokes.range_rad
    return math.exp(float(weights @ strokes.reaches(lift)))


def _slowing(seen: Seen, peers: Sequence[Seen]) -> float:
    best_s = min((one.lift_s for one in peers[:_FIRST]), default=seen.lift_s)
    return max(seen.lift_s / best_s - 1.0, 0.0) if len(peers) > _FIRST else 0.0
