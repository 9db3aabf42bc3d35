"""Settings of the form measures."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class FormParameters:
    """Settings of the form measures.

    Parameters
    ----------
    swing_momentum
        Momentum from which a rep is flagged as a swing.
    calm_jolt_g, thrown_jolt_g
        Where the exercise is not known: roughness of the lift up to which a rep
        is controlled (momentum 0) and from which it is thrown (momentum 1), g.
    calm_jolt_times, thrown_jolt_times, jolt_least_g
        The same against the set's median; rougher than the last of them, g, it must
        be in any case.
    bounce_odds
        Logarithm of the odds from which a rep is flagged as bounced, where the
        exercise is known.
    bounce_g, bounce_times
        Where it is not known: how much heavier than at rest the arm feels at the
        turn between two reps, g, and how many times the set's median that must be.
    asked_lift_share, asked_lower_share
        A phase shorter than this share of what the exercise asks for is fast.
    short_odds
        Near the limits of fast phases and missing holds, in exercises that come with RepSense
        at their own tempo: logarithm of the odds from which a rep is flagged.
    usual_share, usual_least_s
        So is a rep that is there and back in less than this share of the median of
        the set, or of an earlier set of the same movement, if the difference is at
        least so many seconds.
    usual_phase_share
        Where the exercise is not known, so is a phase shorter than this share of
        the median.
    fast_phase_s, fast_rep_s
        And a phase shorter than the first if the rep, holds apart, is shorter than
        the second, s.
    hold_share
        A hold shorter than this share of what the exercise asks for is missing.
    partial_range, partial_earlier_range, partial_least_rad
        A rep whose range is below the first share of the set's own, or where there
        was an earlier set of the same movement below the second of the larger of both,
        is partial, if at least this angle is missing.
    partial_reach
        Where the exercise is known and not calibrated, the range is told by more than the
        angle, and this is the share.
    count_partials
        Whether partial reps count. They are reported in any case.
    same_posture_g, same_way, same_range
        Two sets are of the same movement if their start postures are this close,
        g, the cosine between the ways from there to the turn is at least so large, and
        where the exercise is not known also the share of the smaller range in the larger:
        a shrug begins like a raise.
    """

    swing_momentum: float = 0.5
    calm_jolt_g: float = 1.1
    thrown_jolt_g: float = 1.9
    calm_jolt_times: float = 1.4
    thrown_jolt_times: float = 2.8
    jolt_least_g: float = 0.45
    bounce_odds: float = 1.0
    bounce_g: float = 0.8
    bounce_times: float = 2.5
    asked_lift_share: float = 0.6
    asked_lower_share: float = 0.5
    short_odds: float = 0.5
    usual_share: float = 0.6
    usual_least_s: float = 0.5
    usual_phase_share: float = 0.5
    fast_phase_s: float = 0.6
    fast_rep_s: float = 1.6
    hold_share: float = 0.7
    partial_range: float = 0.65
    partial_earlier_range: float = 0.72
    partial_least_rad: float = 0.08
    partial_reach: float = 0.72
    count_partials: bool = True
    same_posture_g: float = 0.45
    same_way: float = 0.7
    same_range: float = 0.35
