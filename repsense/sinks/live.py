"""The newest state of every wearer, derived from the events, for whoever shows it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from repsense.calibration import Calibrated
from repsense.events import (
    Chosen,
    CountCorrected,
    ExerciseRecognised,
    FormCue,
    FormFlag,
    PlanFinished,
    Rep,
    RepFinished,
    SamplesLost,
    SensorState,
    SetDue,
    SetFinished,
    SetStarted,
    WorkoutFinished,
)
from repsense.samples import LinkState, SampleBlock
from repsense.sinks.base import NEW_WORKOUT_AFTER, Notice

UNKNOWN_EXERCISE = "unknown"


class Phase(StrEnum):
    """What the wearer is doing."""

    IDLE = "idle"
    SET = "set"
    REST = "rest"


@dataclass(frozen=True, slots=True, kw_only=True)
class LastRep:
    """The newest rep of the set: its number and what was measured."""

    rep: int
    measured: Rep


@dataclass(frozen=True, slots=True, kw_only=True)
class SetSummary:
    """A finished set: the reconciled count and the means over its reps.

    Parameters
    ----------
    event_id
        Identifier of the event that ended the set.
    lift_s, hold_s, lower_s
        Mean durations over the set's reps; 0 for a set without reps.
    momentum
        Mean momentum over the set's reps, 0 (controlled) to 1 (thrown).
    under_tension_s
        Time under tension: lifts, holds and lowerings of all its reps together.
    """

    event_id: str
    set: int
    reps: int
    exercise: str
    exercise_confidence: float
    started_at: datetime
    ended_at: datetime
    lift_s: float
    hold_s: float
    lower_s: float
    momentum: float
    flags: tuple[FormFlag, ...]
    under_tension_s: float = 0.0

    @property
    def duration_s(self) -> float:
        """How long the set took, in s."""
        return (self.ended_at - self.started_at).total_seconds()


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveState:
    """Everything a display wants to know about one wearer right now.

    Parameters
    ----------
    set
        Number of the running set, or of the last one; 0 before the first.
    reps
        Live count of the running set; between sets the final count of the last one.
    provisional
        The count rests on a rep that may still turn out to be handling of the weights.
    cue
        Newest sentence of coaching in this set, or before the next one.
    chosen_exercise, target_reps
        What the person has chosen; None where nothing is.
    due
        What the plan asks for, from the rest before it to its end; None without a plan.
    rest_since
        When the last set ended; None unless resting.
    total_sets, total_reps
        Finished sets of this workout and their reps.
    lost_s
        Time of this workout that was not seen because samples were lost, in s.
    battery_percent, rssi_dbm, lost_samples
        What the sensor's source says; see :class:`repsense.samples.LinkReport`.
    """

    wearer: str
    phase: Phase = Phase.IDLE
    set: int = 0
    reps: int = 0
    provisional: bool = False
    exercise: str = UNKNOWN_EXERCISE
    exercise_confidence: float = 0.0
    last_rep: LastRep | None = None
    cue: str | None = None
    chosen_exercise: str | None = None
    target_reps: int | None = None
    due: SetDue | None = None
    set_started_at: datetime | None = None
    rest_since: datetime | None = None
    workout_started_at: datetime | None = None
    last_set: SetSummary | None = None
    total_sets: int = 0
    total_reps: int = 0
    lost_s: float = 0.0
    sensor: str | None = None
    sensor_state: LinkState = LinkState.SEARCHING
    sensor_detail: str = ""
    battery_percent: int | None = None
    rssi_dbm: int | None = None
    lost_samples: int = 0
    updated_at: datetime | None = None

    @property
    def available(self) -> bool:
        """Whether the sensor is delivering, so that the counts can be believed."""
        return self.sensor_state is LinkState.STREAMING


def reduce(state: LiveState, notice: Notice) -> LiveState:
    """Return the state after one more event. Pure; takes events in any order.

    An event that belongs to no running set (late, or seen twice) changes no count.
    """
    match notice.event:
        case SetStarted(set=number, t_s=t_s):
            changed = _start_set(state, notice, number, t_s)
        case RepFinished() as rep:
            changed = _count_rep(state, notice, rep)
        case SetFinished() as finished:
            changed = _finish_set(state, notice, finished)
        case SensorState() as sensor:
            changed = _with_sensor(state, sensor)
        case WorkoutFinished(sets=sets, reps=reps):
            changed = _finish_workout(state, sets, reps)
        case SamplesLost(start_s=start_s, end_s=end_s):
            changed = replace(state, lost_s=state.lost_s + max(end_s - start_s, 0.0))
        case Chosen(exercise=exercise, target_reps=target):
            changed = replace(state, chosen_exercise=exercise, target_reps=target)
        case SetDue() | PlanFinished() as planned:
            changed = replace(state, due=planned if isinstance(planned, SetDue) else None)
        case CountCorrected() | FormCue() | ExerciseRecognised() | Calibrated() as inside:
            changed = _within_set(state, inside)
    return replace(changed, updated_at=notice.at_utc)


def _start_set(state: LiveState, notice: Notice, number: int, t_s: float) -> LiveState:
    if state.phase is Phase.SET and state.set == number:
        return state
    if _begins_a_workout(state, notice.when(t_s)):
        state = _new_workout(state, started_at=notice.when(t_s))
    return replace(
        _proven_streaming(state),
        phase=Phase.SET,
        set=number,
        reps=0,
        provisional=False,
        exercise=UNKNOWN_EXERCISE,
        exercise_confidence=0.0,
        last_rep=None,
        cue=None,
        set_started_at=notice.when(t_s),
        rest_since=None,
    )


def _with_sensor(state: LiveState, event: SensorState) -> LiveState:
    return replace(
        state,
        sensor=event.sensor,
        sensor_state=event.state,
        sensor_detail=event.detail,
        battery_percent=event.battery_percent,
        rssi_dbm=event.rssi_dbm,
        lost_samples=event.lost_samples,
    )


def _begins_a_workout(state: LiveState, started_at: datetime) -> bool:
    last = state.last_set
    long_ago = last is not None and started_at - last.ended_at > NEW_WORKOUT_AFTER
    return state.phase is Phase.IDLE or long_ago


def _new_workout(state: LiveState, *, started_at: datetime) -> LiveState:
    return replace(
        state,
        workout_started_at=started_at,
        last_set=None,
        total_sets=0,
        total_reps=0,
        lost_s=0.0,
    )


def _proven_streaming(state: LiveState) -> LiveState:
    # Where nobody reports the sensor (a file played into the sinks), counting proves it is there.
    if state.sensor is None:
        return replace(state, sensor_state=LinkState.STREAMING)
    return state


def _count_rep(state: LiveState, notice: Notice, event: RepFinished) -> LiveState:
    if state.phase is not Phase.SET or state.set != event.set:
        if state.set == event.set:
            return state
        state = _start_set(state, notice, event.set, event.measured.start_s)
    if event.rep < state.reps:
        return state
    return replace(
        state,
        reps=event.rep,
        provisional=event.provisional,
        last_rep=LastRep(rep=event.rep, measured=event.measured),
    )


def _within_set(
    state: LiveState, event: CountCorrected | FormCue | ExerciseRecognised | Calibrated
) -> LiveState:
    if isinstance(event, Calibrated):
        return state
    if state.phase is not Phase.SET and isinstance(event, FormCue) and event.rep == 0:
        return replace(state, cue=event.text)  # about the set to come
    if state.phase is not Phase.SET or state.set != event.set:
        return state
    match event:
        case CountCorrected(reps=reps):
            return replace(state, reps=max(reps, 0), provisional=False)
        case FormCue(text=text):
            return replace(state, cue=text)
        case ExerciseRecognised(exercise=exercise, confidence=confidence):
            return replace(state, exercise=exercise, exercise_confidence=confidence)


def _finish_set(state: LiveState, notice: Notice, event: SetFinished) -> LiveState:
    if state.last_set is not None and state.last_set.event_id == notice.event_id:
        return state
    if not event.reps:  # taken back: there was no set
        last = state.last_set
        return replace(
            state,
            phase=Phase.IDLE if last is None else Phase.REST,
            set=event.set,
            reps=0,
            provisional=False,
            set_started_at=None if last is None else last.started_at,
            rest_since=None if last is None else last.ended_at,
        )
    if _begins_a_workout(state, notice.when(event.start_s)):
        state = _new_workout(state, started_at=notice.when(event.start_s))
    summary = _summary(notice, event)
    return replace(
        _proven_streaming(state),
        phase=Phase.REST,
        set=event.set,
        reps=summary.reps,
        provisional=False,
        exercise=event.exercise,
        exercise_confidence=event.exercise_confidence,
        set_started_at=summary.started_at,
        rest_since=summary.ended_at,
        last_set=summary,
        total_sets=state.total_sets + 1,
        total_reps=state.total_reps + summary.reps,
    )


def _summary(notice: Notice, event: SetFinished) -> SetSummary:
    reps = event.rep_details
    return SetSummary(
        event_id=notice.event_id,
        set=event.set,
        reps=max(event.reps, 0),
        exercise=event.exercise,
        exercise_confidence=event.exercise_confidence,
        started_at=notice.when(event.start_s),
        ended_at=notice.when(event.end_s),
        lift_s=_mean(rep.lift_s for rep in reps),
        hold_s=_mean(rep.hold_s for rep in reps),
        lower_s=_mean(rep.lower_s for rep in reps),
        momentum=_mean(rep.momentum for rep in reps),
        flags=event.flags,
        under_tension_s=sum(rep.lift_s + rep.hold_s + rep.lower_s for rep in reps),
    )


def _mean(values: Iterable[float]) -> float:
    listed = list(values)
    return sum(listed) / len(listed) if listed else 0.0


def _finish_workout(state: LiveState, sets: int, reps: int) -> LiveState:
    return replace(
        state,
        phase=Phase.IDLE,
        provisional=False,
        cue=None,
        due=None,
        rest_since=None,
        total_sets=max(sets, 0),
        total_reps=max(reps, 0),
    )


Listener = Callable[[LiveState, Notice], None]


class LiveSink:
    """Holds the newest state of each wearer and tells listeners about every change.

    Parameters
    ----------
    wearers
        Wearers known beforehand, so that they can be shown before their first event.
    """

    def __init__(self, wearers: Iterable[str] = ()) -> None:
        self._states = {wearer: LiveState(wearer=wearer) for wearer in wearers}
        self._listeners: list[Listener] = []

    @property
    def wearers(self) -> tuple[str, ...]:
        """Every wearer known so far."""
        return tuple(self._states)

    def state_of(self, wearer: str) -> LiveState:
        """Return the newest state of a wearer; an idle one for a wearer not seen yet."""
        return self._states.get(wearer) or LiveState(wearer=wearer)

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Call ``listener(state, notice)`` after every event; return what ends that.

        Listeners are called in the event loop and must not block.
        """
        self._listeners.append(listener)

        def stop_listening() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return stop_listening

    async def start(self) -> None:
        """Need nothing."""

    def take(self, notice: Notice) -> None:
        """Bring the wearer's state up to date and tell the listeners."""
        state = reduce(self.state_of(notice.wearer), notice)
        self._states[notice.wearer] = state
        for listener in tuple(self._listeners):
            listener(state, notice)

    def take_block(self, wearer: str, block: SampleBlock) -> None:
        """Ignore samples."""

    async def stop(self) -> None:
        """Forget the listeners."""
        self._listeners.clear()
