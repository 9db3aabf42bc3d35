"""The reducer from events to the state that displays show."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from repsense import events
from repsense.events import FormFlag, Rep, RepFinished, SetFinished, SetStarted
from repsense.samples import LinkState
from repsense.sinks.base import Notice
from repsense.sinks.live import LiveSink, LiveState, Phase, reduce

ZERO = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)

seconds = st.floats(-1e6, 1e6)
numbers = st.integers(-2, 6)
reps = st.builds(
    Rep,
    **dict.fromkeys(("start_s", "turn_s", "end_s", "lift_s", "hold_s", "lower_s"), seconds),
    momentum=st.floats(0, 1),
    range=st.floats(0, 2),
    flags=st.lists(st.sampled_from(FormFlag), unique=True).map(tuple),
)
any_event = st.one_of(
    st.builds(SetStarted, set=numbers, t_s=seconds, announced_s=seconds),
    st.builds(
        RepFinished,
        set=numbers,
        rep=numbers,
        measured=reps,
        announced_s=seconds,
        provisional=st.booleans(),
    ),
    st.builds(events.CountCorrected, set=numbers, reps=numbers, announced_s=seconds),
    st.builds(
        events.FormCue,
        set=numbers,
        rep=numbers,
        cue=st.just("slower"),
        text=st.text(),
        announced_s=seconds,
    ),
    st.builds(
        SetFinished,
        set=numbers,
        reps=numbers,
        start_s=seconds,
        end_s=seconds,
        announced_s=seconds,
        rep_details=st.lists(reps, max_size=3).map(tuple),
    ),
    st.builds(
        events.ExerciseRecognised,
        set=numbers,
        exercise=st.just("front_raise"),
        confidence=st.floats(0, 1),
        announced_s=seconds,
    ),
    st.builds(
        events.WorkoutFinished,
        sets=numbers,
        reps=numbers,
        start_s=seconds,
        end_s=seconds,
        announced_s=seconds,
    ),
    st.builds(events.SamplesLost, start_s=seconds, end_s=seconds, announced_s=seconds),
    st.builds(
        events.SensorState,
        sensor=st.just("band"),
        state=st.sampled_from(LinkState),
        detail=st.text(),
        announced_s=seconds,
    ),
)


def notice_of(event: events.Event, event_id: str = "1") -> Notice:
    return Notice(wearer="anna", event=event, at_utc=ZERO, event_id=event_id)


def after(notices: list[Notice]) -> LiveState:
    state = LiveState(wearer="anna")
    for notice in notices:
        state = reduce(state, notice)
    return state


def test_a_workout_is_shown_as_it_happens(workout: list[Notice]) -> None:
    shown = [after(workout[:n]) for n in range(len(workout) + 1)]
    assert [(s.phase.value, s.set, s.reps, s.provisional) for s in shown] == [
        ("idle", 0, 0, False),
        ("idle", 0, 0, False),  # sensor there
        ("set", 1, 0, False),
        ("set", 1, 1, True),
        ("set", 1, 1, False),  # confirmed
        ("set", 1, 2, False),
        ("set", 1, 2, False),  # exercise
        ("set", 1, 2, False),  # cue
        ("set", 1, 3, False),  # corrected
        ("rest", 1, 2, False),  # reconciled
        ("rest", 1, 2, False),  # hole
        ("set", 2, 0, False),
        ("rest", 2, 0, False),
        ("idle", 2, 0, False),
        ("idle", 2, 0, False),
    ]


def test_the_running_set_carries_its_exercise_cue_and_newest_tempo(workout: list[Notice]) -> None:
    state = after(workout[:8])
    assert (state.exercise, state.exercise_confidence) == ("front_raise", 0.75)
    assert state.cue is not None
    assert state.last_rep is not None
    assert state.last_rep.rep == 2
    assert state.last_rep.measured.flags == (FormFlag.SWING,)
    assert state.set_started_at == ZERO + timedelta(seconds=10.0)
    assert state.rest_since is None


def test_rest_counts_from_the_end_of_the_set_not_from_its_announcement(
    workout: list[Notice],
) -> None:
    state = after(workout[:9])
    assert state.rest_since == ZERO + timedelta(seconds=18.0)
    assert state.last_set is not None
    assert state.last_set.duration_s == 8.0
    assert (state.last_set.lift_s, state.last_set.lower_s) == (1.25, 2.5)
    assert state.last_set.under_tension_s == 2 * (1.25 + 0.25 + 2.5)
    assert (state.total_sets, state.total_reps) == (1, 2)


def test_the_next_workout_begins_its_totals_again(workout: list[Notice]) -> None:
    once = after(workout)
    assert (once.total_sets, once.total_reps, once.lost_s) == (2, 2, 2.5)
    twice = after([*workout, workout[1]])
    assert (twice.total_sets, twice.total_reps, twice.lost_s) == (0, 0, 0.0)
    assert twice.last_set is None


def test_a_sensor_that_is_lost_is_not_available(workout: list[Notice]) -> None:
    assert not LiveState(wearer="anna").available
    assert after(workout[:1]).available
    assert not after(workout).available


def test_counting_proves_the_sensor_where_nobody_reports_one(workout: list[Notice]) -> None:
    assert after(workout[1:2]).available


def test_a_late_or_doubled_event_changes_no_count(workout: list[Notice]) -> None:
    rested = after(workout[:9])
    for late in workout[2:9]:
        again = reduce(rested, late)
        assert (again.phase, again.reps, again.total_sets, again.total_reps) == (
            rested.phase,
            rested.reps,
            rested.total_sets,
            rested.total_reps,
        )


def test_a_rep_of_a_set_whose_start_was_not_seen_starts_it(workout: list[Notice]) -> None:
    state = after(workout[4:5])
    assert (state.phase, state.set, state.reps) == (Phase.SET, 1, 2)


@given(st.lists(any_event, max_size=30))
def test_any_events_in_any_order_give_a_state_that_makes_sense(given: list[events.Event]) -> None:
    state = LiveState(wearer="anna")
    for number, event in enumerate(given):
        state = reduce(state, notice_of(event, str(number)))
        assert state.reps >= 0
        assert state.total_reps >= 0
        assert state.total_sets >= 0
        assert state.lost_s >= 0
        assert (state.rest_since is not None) == (state.phase is Phase.REST)
        assert state.phase is Phase.IDLE or state.set_started_at is not None
        assert not state.provisional or state.phase is Phase.SET
        assert state.updated_at == ZERO


@given(st.lists(any_event, max_size=20), any_event)
def test_the_same_event_twice_in_a_row_counts_once(
    before: list[events.Event], event: events.Event
) -> None:
    notices = [notice_of(one, str(number)) for number, one in enumerate(before)]
    last = notice_of(event, "last")
    once, twice = after([*notices, last]), after([*notices, last, last])
    assert (once.reps, once.total_reps, once.total_sets) == (
        twice.reps,
        twice.total_reps,
        twice.total_sets,
    )


def test_listeners_hear_every_change_until_they_stop(workout: list[Notice]) -> None:
    sink = LiveSink(["anna"])
    heard: list[int] = []
    stop_listening = sink.listen(lambda state, _notice: heard.append(state.reps))
    for notice in workout[:5]:
        sink.take(notice)
    stop_listening()
    stop_listening()
    sink.take(workout[8])
    assert heard == [0, 0, 1, 1, 2]
    assert sink.state_of("anna").phase is Phase.REST


def test_wearers_do_not_mix(workout: list[Notice]) -> None:
    sink = LiveSink(["anna", "ben"])
    for notice in workout[:5]:
        sink.take(notice)
    assert sink.state_of("ben") == LiveState(wearer="ben")
    assert sink.state_of("nobody").reps == 0
    assert sink.wearers == ("anna", "ben")
