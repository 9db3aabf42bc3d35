"""Reps that were said before all of them had been seen, judged once it has."""

from collections.abc import Sequence

from repsense.events import Rep
from repsense.pipeline.form import Form, RawRep
from repsense.pipeline.openset import OpenSet
from repsense.pipeline.seen import RepSeen, Said
from repsense.pipeline.strokes import REACH


def see(
    running: OpenSet,
    raws: Sequence[RawRep],
    form: Form,
    announced_s: float,
    judged: Rep | None = None,
) -> list[Said]:
    """Judge the rep that was said last, if all of it has been seen by now; once.

    Parameters
    ----------
    running
        The set.
    raws
        Its reps as measured now.
    form
        Judges them.
    announced_s
        Time of the newest sample that has been used, s.
    judged
        What it is judged to be, where that has just been done.
    """
    if running.unseen is None:
        return []
    place, rep = running.unseen
    if place >= len(raws) or not raws[place].settled or raws[place].half:
        return []
    running.unseen = None
    measured = judged or form.judge(raws, place)
    return [RepSeen(set=running.number, rep=rep, measured=measured, announced_s=announced_s)]


def see_late(running: OpenSet, form: Form, now: int, announced_s: float) -> list[Said]:
    """Do the same between two reps, where that may have changed anything.

    Only of a known exercise: any other is judged with the next rep, which costs nothing and by
    then its set's medians know more.
    """
    if running.unseen is None or not form.aligns:
        return []
    place, _ = running.unseen
    if place >= len(running.cycles) or now < running.cycles[place].end + REACH:
        return []
    return see(running, running.book.reps(running.cycles, now), form, announced_s)
