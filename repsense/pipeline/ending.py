"""When a running set is over."""

from repsense.pipeline.chains import Cycle
from repsense.pipeline.history import GRID_HZ, History, cells_until_away, row_of
from repsense.pipeline.openset import OpenSet
from repsense.pipeline.parameters import SetParameters


def is_over(running: OpenSet, history: History, now: int, parameters: SetParameters) -> bool:
    """Say whether no rep can come any more.

    In the posture in which the last rep ended a person may be gathering strength; once it
    is left, little time is given.

    Parameters
    ----------
    running
        The set.
    history
        The recent past of the view that all sets are followed in.
    now
        Cell up to which has been looked.
    parameters
        How long to wait.
    """
    return nothing_follows(
        running.cycles[-1], running.view.limit_g(running.template), history, now, parameters
    )


def nothing_follows(
    last: Cycle, limit_g: float, history: History, now: int, parameters: SetParameters
) -> bool:
    """Say whether no rep can come any more after one.

    Parameters
    ----------
    last
        The rep.
    limit_g
        How far the wrist may stray from its end and still be in its posture, g.
    history, now, parameters
        As for :func:`is_over`.
    """
    last_row, now_row = row_of(history, last.end, now), row_of(history, now, now)
    if history.time_s[now_row] - history.time_s[last_row] > parameters.absence_s:
        return True
    waited_s = (now - last.end) / GRID_HZ
    left = cells_until_away(history.smooth_g, last_row, now_row, limit_g)
    if left < 0:
        return waited_s > parameters.end_pause_s
    last_s = (last.end - last.start) / GRID_HZ
    return waited_s > left / GRID_HZ + parameters.end_stretch * last_s + parameters.end_grace_s
