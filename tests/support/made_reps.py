"""A rep that nobody did, for tests in which only some of what is measured of it matters."""

from repsense.events import FormFlag, Rep


def made_rep(
    start_s: float,
    *flags: FormFlag,
    lift_s: float = 1.0,
    hold_s: float = 0.0,
    lower_s: float = 2.0,
    momentum: float = 0.1,
    range: float = 1.0,
) -> Rep:
    """Return a rep that is lifted, held and lowered, one after the other."""
    turn_s = start_s + lift_s
    return Rep(
        start_s=start_s,
        turn_s=turn_s,
        end_s=turn_s + hold_s + lower_s,
        lift_s=lift_s,
        hold_s=hold_s,
        lower_s=lower_s,
        momentum=momentum,
        range=range,
        flags=flags,
    )
