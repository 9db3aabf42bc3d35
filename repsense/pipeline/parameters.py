"""Settings of the chain search, with the reason for each where there is one.

The figures were searched by chance steps on real recordings of several people
together, so the scores that ``benchmarks/engine.py`` prints for those are of
people the engine was tuned on.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainParameters:
    """What makes a candidate cycle, and what makes two of them reps of one set.

    All scores and costs are in units of similarity: 1 is a perfect repetition.

    Parameters
    ----------
    rep_min_s, rep_max_s
        Shortest and longest cycle considered, s.
    range_min_g
        Cycles smaller than this are noise, g.
    closure_max, excursion_min
        Cycles that do not return, or hardly leave, are not considered.
    closure_cost, first_closure_cost
        Cost per unit of closure; and of a set's first cycle, which often begins
        elsewhere, as a press from the kick-up does, unless the set was said to be due.
    excursion_cost
        Cost per unit of excursion missing to 1.
    short_cost, short_s
        Cost per second that a cycle is shorter than ``short_s``.
    path_share
        Share of the path's length, against time, in spreading a shape's points.
    noise_g
        Shapes closer than this are equal: the sensor's noise, g.
    link_cost, first_link_cost
        Similarity a link must have to be worth anything; and from a set's first
        cycle, which often differs a little.
    duration_cost, range_cost, range_free
        Costs per unit of |ln duration ratio| and |ln range ratio|, the first
        ``range_free`` of the latter free.
    duration_ratio_max, range_ratio_max
        Largest |ln ratio| of two cycles that may be linked.
    pause_cost
        Cost per second of pause between two cycles.
    pause_max_s
        Longest pause between two cycles of a set, s.
    pause_posture
        How far the wrist may stray in a pause, as a share of the range.
    start_cost, armed_start_cost
        Cost of beginning a set, and of one that was said to be due.
    template_new
        Weight of the newest cycle in the running template of the set.
    """

    rep_min_s: float = 0.72
    rep_max_s: float = 8.52
    range_min_g: float = 0.02
    closure_max: float = 0.6
    excursion_min: float = 0.47
    closure_cost: float = 0.93
    first_closure_cost: float = 0.5
    excursion_cost: float = 0.4
    short_cost: float = 1.2
    short_s: float = 0.7
    path_share: float = 0.42
    noise_g: float = 0.004
    link_cost: float = 0.17
    first_link_cost: float = 0.1
    duration_cost: float = 0.33
    range_cost: float = 0.29
    range_free: float = 0.97
    duration_ratio_max: float = 0.85
    range_ratio_max: float = 0.73
    pause_cost: float = 0.057
    pause_max_s: float = 6.0
    pause_posture: float = 0.35
    start_cost: float = 0.25
    armed_start_cost: float = 0.2
    template_new: float = 0.51


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgeParameters:
    """When the motion around a set adds up to one rep more.

    Parameters
    ----------
    similarity_min
        Similarity from which a part of a cycle counts as seen.
    posture
        How far the wrist may stray between the part and the set, as a share of the range.
    pause_max_s
        Longest pause between the part and the set, s.
    part_min
        Both parts must be at least this share of a cycle.
    sum_min
        Together they must be at least this share of a cycle.
    alone_min
        When the set is over, a part after it of at least this share of a cycle is a rep.
    outer
        How far from where reps begin or end the outer end of a part may lie, as a
        share of the range.
    way_apart, way_beside
        A set's first half rep and its last are the way into position and out of it if they
        differ from all others so many times as much as those do, and so many times as much
        as the other half of the same cycle.
    way_alike
        Both must differ in the same way: the correlation of their differences.
    way_rep_s
        Shorter reps begin and end a set in another way than they follow each other, s.
    """

    similarity_min: float = 0.7
    posture: float = 0.157
    pause_max_s: float = 1.8
    part_min: float = 0.25
    sum_min: float = 0.8
    alone_min: float = 0.9
    outer: float = 0.25
    way_apart: float = 2.25
    way_beside: float = 1.2
    way_alike: float = 0.2
    way_rep_s: float = 1.7


@dataclass(frozen=True, slots=True, kw_only=True)
class SetParameters:
    """When a chain of cycles is a set, and when it is over.

    Parameters
    ----------
    live_evidence_min, evidence_min
        Log odds that a chain is a set, from which it is shown live, and from
        which it counts in the end.
    few_evidence_min
        The same in the end for three reps and fewer, where it is more: chance repeats what
        anybody does two or three times.
    range_min_g
        Smaller movements are no set by themselves, g: a wrist that rests on a moving body does
        as much, and 0.024 is a tilt of 1.4 degrees.
    score_min
        What the cycles of one that counts in the end must have earned together.
    armed_likeness_min, armed_score_min
        What each of its cycles, and all together, must have earned when a set is due.
    armed_walking_rep_s, armed_walking_share
        Even then a chain of shorter cycles of whose time at least this share
        looks like walking is not a set: people walk to the rack.
    known_walking_share
        The same where the exercise is known, too: jumping jacks look a lot like
        walking, dumbbell exercises do not.
    end_pause_s
        A set is over after this long in its posture without a new rep, s. A second more than
        a pause may last: a rep that has begun needs it to leave the posture.
    end_stretch, end_grace_s
        Once the posture is left, a rep may still come within this many times
        the length of the last one and this many seconds; then the set is over.
    absence_s
        A set is over when this much time has passed since its last rep,
        holes in the stream included, s.
    straight_rep_min_s, straight_range_min_g
        Shortest and smallest cycle that is looked for in the size of the
        acceleration alone, where a forearm shows that moves straight up and down.
    straight_turn_max_g, straight_open_max_g
        How far the forearm may turn within such a cycle, and from its start to
        its end, as the change of its specific force.
    straight_likeness_min, straight_walking_share
        What such cycles must earn each, and how much of their time may look like walking.
    provisional
        Say a rep that may be the first of a set soon after its end, as provisional.
    first_wait_s
        A provisional rep is taken back after this long and its own length again
        without a second one, s.
    announce_at_top
        Say each rep at its turning point as provisional, and again at its end.
    """

    live_evidence_min: float = -1.0
    evidence_min: float = 0.3
    few_evidence_min: float = 0.8
    range_min_g: float = 0.024
    score_min: float = 0.55
    armed_likeness_min: float = 0.15
    armed_score_min: float = 0.55
    armed_walking_rep_s: float = 3.0
    armed_walking_share: float = 0.85
    known_walking_share: float = 0.45
    end_pause_s: float = 7.0
    end_stretch: float = 2.0
    end_grace_s: float = 0.75
    absence_s: float = 30.0
    straight_rep_min_s: float = 1.6
    straight_range_min_g: float = 0.02
    straight_turn_max_g: float = 0.3
    straight_open_max_g: float = 0.12
    straight_likeness_min: float = 0.45
    straight_walking_share: float = 0.3
    provisional: bool = False
    first_wait_s: float = 8.0
    announce_at_top: bool = False
