"""Topics: one spelling each, and names that cannot break them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from paho.mqtt.client import Client

from repsense.errors import ConfigError
from repsense.sinks.mqtt.topics import Topics, checked_wearer

TOPICS = Topics()


def test_the_topics_of_the_contract() -> None:
    assert [
        TOPICS.state("anna"),
        TOPICS.event("anna", "rep"),
        TOPICS.event("anna", "set"),
        TOPICS.event("anna", "cue"),
        TOPICS.availability("anna"),
        TOPICS.command("anna", "start_set"),
        TOPICS.bridge_state(),
    ] == [
        "repsense/anna/state",
        "repsense/anna/rep",
        "repsense/anna/set",
        "repsense/anna/cue",
        "repsense/anna/availability",
        "repsense/anna/command/start_set",
        "repsense/bridge/state",
    ]


def test_a_base_may_have_levels() -> None:
    assert Topics("home/gym").state("anna") == "home/gym/anna/state"
    assert Topics("home/gym").parse_command("home/gym/anna/command/end_set") == ("anna", "end_set")


@pytest.mark.parametrize(
    "name", ["", "a/b", "a+b", "#", " anna", "anna ", "a\nb", "a\0", "\ud800", "x" * 65, "bridge"]
)
def test_a_name_that_cannot_be_a_topic_is_refused_and_told(name: str) -> None:
    with pytest.raises(ConfigError, match="wearer") as refused:
        TOPICS.state(name)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("base", ["", "/", "home/", "a//b", "$SYS", "a/+", "#"])
def test_a_base_that_cannot_be_a_topic_is_refused(base: str) -> None:
    with pytest.raises(ConfigError, match="base topic"):
        Topics(base)


@given(st.text(min_size=1, max_size=70))
def test_a_name_that_is_accepted_makes_topics_that_mqtt_accepts(name: str) -> None:
    try:
        checked_wearer(name)
    except ConfigError:
        return
    topic = TOPICS.state(name)
    assert topic.count("/") == 2
    assert len(topic.encode("utf-8")) < 65536
    Client._raise_for_invalid_topic(topic.encode("utf-8"))  # what paho itself checks
    assert TOPICS.parse_wearer(topic) == (name, "state")
    assert TOPICS.parse_command(TOPICS.command(name, "end_set")) == (name, "end_set")


@given(st.text())
def test_any_other_topic_is_no_command(topic: str) -> None:
    found = TOPICS.parse_command(topic)
    assert found is None or topic == "/".join(["repsense", found[0], "command", found[1]])
