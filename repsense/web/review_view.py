"""A finished set looked at again: its reps as a table, and what changed since the last time."""

from collections.abc import Sequence
from dataclasses import dataclass

from repsense.sinks.history import StoredSet
from repsense.sinks.screen import flag_words
from repsense.web.history_view import control_of

REP_COLUMNS = ("Rep", "Lift", "Hold", "Lower", "Range", "Momentum", "Form")


def rep_rows(stored: StoredSet) -> list[tuple[str, ...]]:
    """Return one line a rep, in the order of :data:`REP_COLUMNS`."""
    return [
        (
            str(number),
            f"{rep.lift_s:.1f} s",
            f"{rep.hold_s:.1f} s",
            f"{rep.lower_s:.1f} s",
            f"{100 * rep.range:.0f} %",
            f"{rep.momentum:.2f}",
            flag_words(rep.flags) or "controlled",
        )
        for number, rep in enumerate(stored.rep_details, start=1)
    ]


def last_time(sets: Sequence[StoredSet], stored: StoredSet) -> StoredSet | None:
    """Return the set to compare with: the same wearer's last of the exercise, before this one.

    One of an earlier workout if there is any (of the same place in it, where it
    had as many), else an earlier one of the same workout.
    """
    before = [
        other
        for other in sets
        if other.wearer == stored.wearer
        and other.true_exercise == stored.true_exercise
        and other.started_at < stored.started_at
    ]
    earlier = [other for other in before if other.workout != stored.workout]
    if not earlier:
        return before[-1] if before else None
    then = [other for other in earlier if other.workout == earlier[-1].workout]
    place = sum(other.workout == stored.workout for other in before)
    return then[min(place, len(then) - 1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One figure now and the last time, in words."""

    what: str
    now: str
    then: str
    change: str


def differences(stored: StoredSet, before: StoredSet) -> tuple[Difference, ...]:
    """Return the figures of a set beside those of the last time."""
    pairs = [
        ("Reps", "{:.0f}", float(stored.true_reps), float(before.true_reps)),
        ("Weight", "{:g} kg", stored.correction.weight_kg, before.correction.weight_kg),
        ("Lift", "{:.1f} s", _mean(stored, "lift_s"), _mean(before, "lift_s")),
        ("Hold", "{:.1f} s", _mean(stored, "hold_s"), _mean(before, "hold_s")),
        ("Lower", "{:.1f} s", _mean(stored, "lower_s"), _mean(before, "lower_s")),
        ("Momentum", "{:.2f}", _mean(stored, "momentum"), _mean(before, "momentum")),
        ("Controlled", "{:.0f} %", _percent(stored), _percent(before)),
    ]
    return tuple(
        Difference(
            what=what, now=_said(form, now), then=_said(form, then), change=_change(form, now, then)
        )
        for what, form, now, then in pairs
        if now is not None or then is not None
    )


def _mean(stored: StoredSet, name: str) -> float | None:
    values = [float(getattr(rep, name)) for rep in stored.rep_details]
    return sum(values) / len(values) if values else None


def _percent(stored: StoredSet) -> float | None:
    share = control_of(stored)
    return None if share is None else 100.0 * share


def _said(form: str, value: float | None) -> str:
    return "not known" if value is None else form.format(value)


def _change(form: str, now: float | None, then: float | None) -> str:
    if now is None or then is None:
        return ""
    number = form.partition("}")[0] + "}"
    text = number.replace("{:", "{:+").format(now - then)
    return "same" if float(text) == 0 else text
