"""The outbox against a plain model of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repsense.sinks.mqtt.outbox import MemoryOutbox, OutgoingEvent


def event(number: int) -> OutgoingEvent:
    return OutgoingEvent(key=str(number), topic="t", payload=f"p{number}")


def drain(outbox: MemoryOutbox) -> list[str]:
    keys = []
    while (found := outbox.next_unsent()) is not None:
        keys.append(found.key)
    return keys


def test_events_come_out_in_order_and_stay_until_delivered() -> None:
    outbox = MemoryOutbox()
    for number in range(3):
        outbox.put(event(number))
    assert drain(outbox) == ["0", "1", "2"]
    assert len(outbox) == 3
    outbox.delivered("1")
    outbox.delivered("nobody")
    assert len(outbox) == 2
    outbox.put(event(3))
    outbox.take_back()
    assert drain(outbox) == ["0", "2", "3"]


def test_a_full_outbox_drops_the_oldest_that_still_waits() -> None:
    outbox = MemoryOutbox(max_events=3)
    for number in range(5):
        outbox.put(event(number))
    assert drain(outbox) == ["2", "3", "4"]
    assert outbox.dropped == 2


def test_an_event_is_taken_once() -> None:
    outbox = MemoryOutbox()
    outbox.put(event(1))
    outbox.put(event(1))
    assert drain(outbox) == ["1"]
    outbox.put(event(1))
    assert drain(outbox) == []


@given(
    st.integers(1, 5),
    st.lists(
        st.tuples(st.just("put"), st.integers(0, 30))
        | st.tuples(st.just("delivered"), st.integers(0, 30))
        | st.tuples(st.sampled_from(["next", "back"]), st.just(0)),
        max_size=60,
    ),
)
def test_it_never_grows_beyond_its_bound_and_never_reorders(
    bound: int, steps: list[tuple[str, int]]
) -> None:
    outbox = MemoryOutbox(max_events=bound)
    accepted: list[str] = []
    sent: list[str] = []
    for what, number in steps:
        match what:
            case "put":
                key = f"{len(accepted)}.{number}"
                accepted.append(key)
                outbox.put(OutgoingEvent(key=key, topic="t", payload=""))
            case "delivered":
                if number < len(sent):
                    outbox.delivered(sent[number])
            case "next":
                found = outbox.next_unsent()
                sent += [found.key] if found else []
            case "back":
                outbox.take_back()
                sent.clear()
        assert len(outbox) <= bound + len(sent)
    assert sent == [key for key in accepted if key in sent]


def test_a_bound_must_leave_room() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        MemoryOutbox(max_events=0)
