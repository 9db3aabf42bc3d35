"""When a running set is over."""

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
    last_row, now_row = row_of(history, running.end, now), row_of(history, now, now)
    if history.time_s[now_row] - history.time_s[last_row] > parameters.absence_s:
        return True
    waited_s = (now - running.end) / GRID_HZ
    limit_g = running.view.limit_g(running.template)
    left = cells_until_away(history.smooth_g, last_row, now_row, limit_g)
    if left < 0:
        return waited_s > parameters.end_pause_s
    last_s = (running.cycles[-1].end - running.cycles[-1].start) / GRID_HZ
    return waited_s > left / GRID_HZ + parameters.end_stretch * last_s + parameters.end_grace_s
