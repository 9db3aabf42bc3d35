"""What the live page shows of one wearer, as plain values: every word and colour, no drawing."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from repsense.events import Side
from repsense.exercises.exercise import Exercise, Tempo
from repsense.samples import LinkState
from repsense.sinks.live import UNKNOWN_EXERCISE, LiveState, Phase
from repsense.sinks.screen import flag_words, light_of

LOW_BATTERY_PERCENT = 20

_SENSOR_WORDS = {
    LinkState.SEARCHING: "Looking for the sensor",
    LinkState.CONNECTING: "Connecting",
    LinkState.STREAMING: "Sensor on",
    LinkState.SILENT: "Sensor is silent",
    LinkState.LOST: "Sensor lost",
    LinkState.ENDED: "Session over",
}

_SIDE_WORDS = {Side.WORN: "arm with the band", Side.OTHER: "other arm"}


@dataclass(frozen=True, slots=True, kw_only=True)
class WearerView:
    """One wearer's card.

    Parameters
    ----------
    wearer, phase
        Whose card it is; ``idle``, ``set`` or ``rest``.
    count, provisional, caption
        The huge number, whether it may still be taken back, and what it counts.
    exercise, plan
        Name of the exercise; set x of y and the target.
    light, light_word
        ``green``, ``amber``, ``red`` or ``off``, and the same as a word.
    words
        The coach's cue, or the faults of the last rep.
    tempo, aim
        Lift, hold and lower of the last rep and of the exercise, s; empty where unknown.
    lift_first
        Whether a rep of the exercise begins with the lift.
    rest_s, rest_aim_s
        Rest so far and the rest to take; None while not resting or not planned.
    sensor, sensor_good, battery, battery_low
        State of the sensor in words, whether it delivers, and its charge.
    totals
        Sets and reps of the workout.
    end_word
        What the button says that ends a set, or a side that the band does not see; empty where
        there is nothing to end.
    """

    wearer: str
    phase: str
    count: int
    provisional: bool
    caption: str
    exercise: str
    plan: str
    light: str
    light_word: str
    words: str
    tempo: tuple[float, ...]
    aim: tuple[float, ...]
    lift_first: bool
    rest_s: float | None
    rest_aim_s: float | None
    sensor: str
    sensor_good: bool
    battery: str
    battery_low: bool
    totals: str
    end_word: str

    def fields(self) -> dict[str, Any]:
        """Return the view as JSON values."""
        return asdict(self)


def view_of(state: LiveState, now: datetime, catalogue: Mapping[str, Exercise]) -> WearerView:
    """Return what to show of a wearer's newest state at a moment."""
    exercise = catalogue.get(shown_exercise(state))
    light, light_word = _light(state)
    return WearerView(
        wearer=state.wearer,
        phase=state.phase.value,
        count=state.reps,
        provisional=state.provisional,
        caption=_caption(state),
        exercise=_title(state, exercise),
        plan=_plan(state, exercise),
        light=light,
        light_word=light_word,
        words=_words(state),
        tempo=_tempo_of_last_rep(state),
        aim=() if exercise is None else _phases(exercise.tempo),
        lift_first=exercise is None or exercise.concentric_first,
        rest_s=None if state.rest_since is None else (now - state.rest_since).total_seconds(),
        rest_aim_s=None if state.due is None else state.due.rest_s,
        sensor=_SENSOR_WORDS[state.sensor_state],
        sensor_good=state.available,
        battery="" if state.battery_percent is None else f"{state.battery_percent} %",
        battery_low=(
            state.battery_percent is not None and state.battery_percent < LOW_BATTERY_PERCENT
        ),
        totals=_totals(state),
        end_word=_end_word(state),
    )


def shown_exercise(state: LiveState) -> str:
    """Return the exercise that the card is about: recognised, or chosen, or due."""
    if state.phase is Phase.REST and state.due is not None:
        return state.due.exercise
    if state.exercise != UNKNOWN_EXERCISE:
        return state.exercise
    if state.chosen_exercise is not None:
        return state.chosen_exercise
    return UNKNOWN_EXERCISE if state.due is None else state.due.exercise


def _title(state: LiveState, exercise: Exercise | None) -> str:
    if exercise is None:
        known = state.exercise != UNKNOWN_EXERCISE
        if known:
            return state.exercise.replace("_", " ")
        return "Dumbbells" if state.phase is not Phase.IDLE else "Ready"
    next_one = state.phase is Phase.REST and state.due is not None
    return f"Next: {exercise.name}" if next_one else exercise.name


def _plan(state: LiveState, exercise: Exercise | None) -> str:
    due = state.due
    running = state.phase is Phase.SET
    if due is not None:
        side = _SIDE_WORDS.get(due.side)
        reps = "as many as go well" if due.to_failure else _reps_asked(due.reps_min, due.reps_max)
        return " · ".join(
            part for part in (f"Set {due.number} of {due.sets}", side, f"target {reps}") if part
        )
    number = state.total_sets + running
    parts = [f"Set {number}"] if number else []
    if state.target_reps is not None:
        parts.append(f"target {state.target_reps}")
    elif exercise is not None:
        parts.append(f"target {_reps_asked(exercise.reps_min, exercise.reps_max)}")
    return " · ".join(parts)


def _reps_asked(fewest: int, most: int) -> str:
    return str(most) if fewest == most else f"{fewest}\N{EN DASH}{most}"


def _caption(state: LiveState) -> str:
    match state.phase:
        case Phase.SET:
            return "rep? go on" if state.provisional else ("rep" if state.reps == 1 else "reps")
        case Phase.REST:
            return "reps, set finished"
    return "workout finished" if state.total_sets else "pick up the weights and begin"


def _light(state: LiveState) -> tuple[str, str]:
    if state.phase is Phase.IDLE or state.last_rep is None:
        return "off", "Momentum"
    rep = state.last_rep.measured
    light = light_of(rep.momentum, rep.flags)
    return light.name.lower(), light.value.capitalize()


def _words(state: LiveState) -> str:
    if state.cue is not None:
        return state.cue
    if state.phase is not Phase.SET or state.last_rep is None:
        return ""
    return flag_words(state.last_rep.measured.flags).capitalize()


def _tempo_of_last_rep(state: LiveState) -> tuple[float, ...]:
    if state.last_rep is None:
        return ()
    rep = state.last_rep.measured
    return tuple(round(seconds, 1) for seconds in (rep.lift_s, rep.hold_s, rep.lower_s))


def _phases(tempo: Tempo) -> tuple[float, ...]:
    return tempo.lift_s, tempo.hold_s, tempo.lower_s


def _end_word(state: LiveState) -> str:
    if state.phase is Phase.SET:
        return "Set is over"
    if state.due is None:
        return ""
    return "Side is done" if state.due.side is Side.OTHER else "Skip this set"


def _totals(state: LiveState) -> str:
    if not state.total_sets:
        return ""
    sets = "set" if state.total_sets == 1 else "sets"
    return f"{state.total_sets} {sets}, {state.total_reps} reps"
