"""Which faults a rep has, and why: rules on what was seen of it."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median

from repsense.events import Against, Evidence, FormFlag, Measure
from repsense.exercises.exercise import Exercise
from repsense.pipeline.form_parameters import FormParameters

# A set's median is no measure of a rep before there are so many reps.
_ENOUGH = 4

# Whatever the odds: a phase is short below the first share of the least time, and not short from
# the second share of the asked time on.
_CLEARLY, _NOT_SHORT = 0.85, 0.8

# Odds to momentum: half the slope of the odds themselves, so that the grade is spread out.
_SPREAD = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One rep in numbers.

    Parameters
    ----------
    lift_s, hold_s, lower_s
        Its phases.
    range_rad
        How far it turned away from its start posture.
    reach
        How far it went, to be compared with other reps of the same exercise by the same person;
        ``range_rad`` where the exercise is not known.
    weight
        How much the arm weighed at most in the lift, in its own weights.
    jolt_g
        How rough the lift was.
    rebound_g
        How much heavier than at rest the arm felt at the turn before the next rep.
    odds
        Logarithms of the odds of faults, as far as they are told so: where the exercise is known.
    """

    lift_s: float
    hold_s: float
    lower_s: float
    range_rad: float
    reach: float
    weight: float
    jolt_g: float
    rebound_g: float
    odds: Mapping[FormFlag, float] = field(default_factory=dict)

    @property
    def away_s(self) -> float:
        """Time from half the way there to half the way back, s."""
        return 0.5 * (self.lift_s + self.lower_s) + self.hold_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Usual:
    """Medians over a set; ``reach`` is None where only the angle is known."""

    lift_s: float
    lower_s: float
    away_s: float
    range_rad: float
    reach: float | None
    weight: float
    jolt_g: float
    rebound_g: float


def usual(peers: Sequence[Seen]) -> Usual:
    """Return the medians over some reps, at least one."""
    rows = [
        (p.lift_s, p.lower_s, p.away_s, p.range_rad, p.reach, p.weight, p.jolt_g, p.rebound_g)
        for p in peers
    ]
    columns = zip(*rows, strict=True)
    lift_s, lower_s, away_s, range_rad, reach, weight, jolt_g, rebound_g = map(median, columns)
    return Usual(
        lift_s=lift_s,
        lower_s=lower_s,
        away_s=away_s,
        range_rad=range_rad,
        reach=reach,
        weight=weight,
        jolt_g=jolt_g,
        rebound_g=rebound_g,
    )


def momentum(seen: Seen, own: Usual, peers: int, parameters: FormParameters) -> float:
    """Grade how much the weight was thrown, 0 to 1.

    A known exercise is graded by the odds that its model gives; any other by the roughness of its
    lift, which only a throw has, and by that against the rest of its set.
    """
    p = parameters
    odds = seen.odds.get(FormFlag.SWING)
    if odds is not None:
        return 1.0 / (1.0 + math.exp(-min(max(odds / _SPREAD, -30.0), 30.0)))
    if seen.weight < _least_weight(p):
        return 0.0  # what never weighed more than at rest was not thrown, however rough it was
    thrown = _grade(seen.jolt_g, p.calm_jolt_g, p.thrown_jolt_g)
    if peers < _ENOUGH or seen.jolt_g < p.jolt_least_g:
        return thrown
    times = seen.jolt_g / max(own.jolt_g, 1e-9)
    return max(thrown, _grade(times, p.calm_jolt_times, p.thrown_jolt_times))


def faults(
    seen: Seen,
    *,
    share: float,
    partial: bool,
    thrown: float,
    own: Usual | None,
    earlier: Usual | None,
    exercise: Exercise | None,
    parameters: FormParameters,
) -> tuple[Evidence, ...]:
    """Return the evidence for every fault of a rep.

    Parameters
    ----------
    share, partial, thrown
        Its range against a full one, and whether that is too short; its momentum.
    own, earlier
        Medians of its set, and of an earlier set of the same movement; None where there are none.
    exercise
        None where it is not known.
    """
    found: list[Evidence] = []
    if thrown >= parameters.swing_momentum:
        found.append(_swing(seen, own, parameters))
    found += _fast(seen, share, own, earlier, exercise, parameters)
    found += _hold(seen, exercise, parameters)
    if partial:
        against = Against.SET if earlier is None else Against.EARLIER_SET
        found.append(_evidence(FormFlag.PARTIAL, Measure.RANGE, share, against, 1.0))
    if _bounced(seen, own, parameters):
        usual_weight = 1.0 + (own.rebound_g if own is not None else 0.0)
        found.append(
            _evidence(
                FormFlag.BOUNCE, Measure.REBOUND, 1.0 + seen.rebound_g, Against.SET, usual_weight
            )
        )
    return tuple(found)


def _swing(seen: Seen, own: Usual | None, parameters: FormParameters) -> Evidence:
    if own is not None and seen.weight > own.weight:
        return _evidence(FormFlag.SWING, Measure.WEIGHT, seen.weight, Against.SET, own.weight)
    limit = _least_weight(parameters)
    return _evidence(FormFlag.SWING, Measure.WEIGHT, seen.weight, Against.LIMIT, limit)


def _least_weight(parameters: FormParameters) -> float:
    """Return how much an arm weighs at least in a throw, in its own weights."""
    return 1.0 + parameters.jolt_least_g / 2.0


def _fast(
    seen: Seen,
    share: float,
    own: Usual | None,
    earlier: Usual | None,
    exercise: Exercise | None,
    parameters: FormParameters,
) -> list[Evidence]:
    """Return what is fast: against the exercise, the set, the earlier set, or any exercise."""
    p = parameters
    # A short way takes less time without being fast.
    way = min(share, 1.0)
    found = []
    for flag, measure in ((FormFlag.FAST_LIFT, Measure.LIFT), (FormFlag.FAST_LOWER, Measure.LOWER)):
        lift = flag is FormFlag.FAST_LIFT
        phase_s = seen.lift_s if lift else seen.lower_s
        if exercise is not None:
            asked_s = exercise.tempo.lift_s if lift else exercise.tempo.lower_s
            least = p.asked_lift_share if lift else p.asked_lower_share
            if _is_short(seen, flag, phase_s, asked_s * way, least, p):
                found.append(_evidence(flag, measure, phase_s, Against.ASKED, asked_s))
            continue
        for against, known in _medians(own, earlier):
            known_s = known.lift_s if lift else known.lower_s
            if _much_less(phase_s, known_s * way, p.usual_phase_share, p):
                found.append(_evidence(flag, measure, phase_s, against, known_s))
                break
        else:
            hurried = seen.lift_s + seen.lower_s < p.fast_rep_s
            if hurried and phase_s < p.fast_phase_s:
                found.append(_evidence(flag, measure, phase_s, Against.LIMIT, p.fast_phase_s))
    return found or _hurried(seen, way, own, earlier, exercise, p)


def _is_short(
    seen: Seen,
    flag: FormFlag,
    phase_s: float,
    asked_s: float,
    least: float,
    parameters: FormParameters,
) -> bool:
    """Say whether a phase is shorter than the least share of what is asked.

    Near that the odds decide, where there are some. They have only seen simulated people, so what
    is clearly shorter is short whatever they say, and what is clearly not so is not.
    """
    odds = seen.odds.get(flag)
    if odds is None:
        return phase_s < least * asked_s
    if phase_s < _CLEARLY * least * asked_s:
        return True
    return odds >= parameters.short_odds and phase_s < _NOT_SHORT * asked_s


def _hurried(
    seen: Seen,
    way: float,
    own: Usual | None,
    earlier: Usual | None,
    exercise: Exercise | None,
    parameters: FormParameters,
) -> list[Evidence]:
    """Return that the rep as a whole was much quicker than usual, if it was.

    A hold that is missing is a fault of its own where the exercise is known; where it is not, a
    hold and a slow stroke are hard to tell apart.
    """
    for against, known in _medians(own, earlier):
        if exercise is None:
            away_s, usual_s = seen.away_s, known.away_s
        else:
            away_s = 0.5 * (seen.lift_s + seen.lower_s)
            usual_s = 0.5 * (known.lift_s + known.lower_s)
        if _much_less(away_s, usual_s * way, parameters.usual_share, parameters):
            return [_evidence(FormFlag.FAST_LOWER, Measure.REP, away_s, against, usual_s)]
    return []


def _medians(own: Usual | None, earlier: Usual | None) -> Iterator[tuple[Against, Usual]]:
    if own is not None:
        yield Against.SET, own
    if earlier is not None:
        yield Against.EARLIER_SET, earlier


def _much_less(value_s: float, known_s: float, share: float, parameters: FormParameters) -> bool:
    return value_s < share * known_s and known_s - value_s >= parameters.usual_least_s


def _hold(seen: Seen, exercise: Exercise | None, parameters: FormParameters) -> list[Evidence]:
    if exercise is None or exercise.cue_for(FormFlag.NO_HOLD) is None:
        return []
    asked_s = exercise.tempo.hold_s
    if not _is_short(
        seen, FormFlag.NO_HOLD, seen.hold_s, asked_s, parameters.hold_share, parameters
    ):
        return []
    return [_evidence(FormFlag.NO_HOLD, Measure.HOLD, seen.hold_s, Against.ASKED, asked_s)]


def _bounced(seen: Seen, own: Usual | None, parameters: FormParameters) -> bool:
    p = parameters
    odds = seen.odds.get(FormFlag.BOUNCE)
    if odds is not None:
        return odds >= p.bounce_odds
    return (
        own is not None
        and seen.rebound_g >= p.bounce_g
        and seen.rebound_g >= p.bounce_times * own.rebound_g
    )


def _evidence(
    flag: FormFlag, measure: Measure, value: float, against: Against, reference: float
) -> Evidence:
    return Evidence(flag=flag, measure=measure, value=value, against=against, reference=reference)


def _grade(value: float, low: float, high: float) -> float:
    share = min(max((value - low) / (high - low), 0.0), 1.0)
    return share * share * (3.0 - 2.0 * share)
