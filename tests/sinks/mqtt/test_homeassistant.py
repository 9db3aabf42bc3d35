"""The discovery messages, against the fields that Home Assistant's MQTT documentation names.

tests/homeassistant shows the same to a real Home Assistant where one can be had;
this is what can be seen without it.
"""

import asyncio
import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repsense.errors import ConfigError
from repsense.sinks.base import Notice
from repsense.sinks.mqtt.homeassistant import Discovery, is_ours, slug
from repsense.sinks.mqtt.settings import HomeAssistantSettings
from repsense.sinks.mqtt.sink import MqttSink
from repsense.sinks.mqtt.topics import Topics

Broker = Any
Listen = Callable[..., Any]
Said = Any

EXERCISES = ("front_raise", "shrug")
TOPICS = Topics()
SETTINGS = HomeAssistantSettings()
DISCOVERY = Discovery(settings=SETTINGS, topics=TOPICS, exercises=EXERCISES, version="1.2.3")

# Fields of every entity, and of each platform, from the pages of Home Assistant's MQTT
# integration (www.home-assistant.io/integrations/mqtt and the page of each platform, 2025).
COMMON = {
    *("platform", "unique_id", "default_entity_id", "name", "icon", "entity_category", "qos"),
    *("availability", "availability_mode", "enabled_by_default", "value_template", "state_topic"),
}
FIELDS = {
    "sensor": {
        *("device_class", "unit_of_measurement", "state_class", "options"),
        *("suggested_display_precision", "force_update", "expire_after"),
    },
    "binary_sensor": {"device_class", "payload_on", "payload_off", "off_delay"},
    "event": {"device_class", "event_types"},
    "button": {"device_class", "command_topic", "payload_press", "retain"},
    "number": {*("command_topic", "min", "max", "step", "mode"), "unit_of_measurement"},
    "select": {"command_topic", "options"},
}
TRIGGER_FIELDS = {"platform", "automation_type", "type", "subtype", "topic", "payload"} | {
    "value_template"
}
REQUIRED = {
    "sensor": {"state_topic"},
    "binary_sensor": {"state_topic"},
    "event": {"state_topic", "event_types"},
    "button": {"command_topic"},
    "number": {"command_topic", "state_topic"},
    "select": {"command_topic", "options", "state_topic"},
}
UNITS = {"duration": {"s"}, "battery": {"%"}, "signal_strength": {"dBm"}}
WITHOUT_UNIT = {"timestamp", "enum"}
BINARY_CLASSES = {"running", "problem", "connectivity"}
# An unknown field here makes Home Assistant refuse the whole message.
ROOT = {"device", "origin", "components", "availability", "availability_mode"}
DEVICE = {"identifiers", "name", "manufacturer", "model", "sw_version", "via_device"}


def messages(*wearers: str) -> dict[str, Any]:
    return {topic: json.loads(text) for topic, text in DISCOVERY.messages(wearers).items()}


def components() -> Iterator[tuple[str, dict[str, Any]]]:
    for message in messages("anna").values():
        yield from message["components"].items()


ENTITIES = [
    pytest.param(one, id=f"{one['platform']} {key}")
    for key, one in components()
    if one["platform"] != "device_automation"
]
TRIGGERS = [one for _, one in components() if one["platform"] == "device_automation"]


@pytest.mark.parametrize("entity", ENTITIES)
def test_an_entity_has_only_documented_fields_and_all_that_are_needed(
    entity: dict[str, Any],
) -> None:
    platform = entity["platform"]
    assert entity.keys() <= COMMON | FIELDS[platform]
    assert entity.keys() >= REQUIRED[platform] | {"unique_id", "name", "default_entity_id"}
    assert entity.get("icon", "mdi:x").startswith("mdi:")
    assert entity.get("entity_category", "config") in {"config", "diagnostic"}


@pytest.mark.parametrize("entity", ENTITIES)
def test_class_unit_and_state_class_fit_together(entity: dict[str, Any]) -> None:
    kind, unit = entity.get("device_class"), entity.get("unit_of_measurement")
    if entity["platform"] == "binary_sensor":
        assert kind in BINARY_CLASSES
    elif entity["platform"] == "sensor":
        if kind is not None and kind not in WITHOUT_UNIT:
            assert unit in UNITS[kind]
        if kind in WITHOUT_UNIT:
            assert unit is None
            assert "state_class" not in entity
        assert ("options" in entity) == (kind == "enum")
        assert entity.get("state_class", "measurement") in {"measurement", "total_increasing"}


def test_the_messages_have_only_the_roots_that_are_known() -> None:
    for message in messages("anna").values():
        assert message.keys() <= ROOT
        assert message["device"].keys() <= DEVICE
        assert message["origin"].keys() <= {"name", "sw_version", "support_url"}


def test_every_entity_asked_for_is_there() -> None:
    found = {(one["platform"], key) for key, one in components()}
    buttons = ("start_set", "end_set", "undo_rep", "next_exercise", "calibrate")
    sensors = ("reps", "set", "momentum", "tempo", "rest", "battery", "signal", "sensor_state")
    totals = ("workout_sets", "workout_reps", "week_workouts")
    bridge = ("uptime", "sensors", "data_rate", "lost_samples", "queue")
    asked = {("select", "exercise"), ("number", "target_reps")}
    asked |= {("event", kind) for kind in ("cue", "rep", "set_finished")}
    asked |= {("button", name) for name in buttons}
    asked |= {("sensor", name) for name in (*sensors, *totals, *bridge)}
    asked |= {("binary_sensor", name) for name in ("sensor_connection", "connection")}
    assert asked <= found


def test_every_topic_is_one_of_ours_and_every_command_exists() -> None:
    wearer = {TOPICS.state("anna"), TOPICS.rest("anna"), TOPICS.availability("anna")}
    wearer |= {TOPICS.event("anna", "rep"), TOPICS.event("anna", "set")}
    wearer |= {TOPICS.event("anna", "cue")}
    known = wearer | {TOPICS.bridge_state(), TOPICS.bridge("health")}
    commands = {TOPICS.command("anna", key) for key, one in components() if "command_topic" in one}
    for _, one in components():
        for field in ("state_topic", "topic"):
            assert one.get(field, TOPICS.bridge_state()) in known
        assert one.get("command_topic", next(iter(commands))) in commands


@pytest.mark.parametrize("trigger", TRIGGERS)
def test_a_trigger_has_the_documented_fields_and_ignores_old_news(trigger: dict[str, Any]) -> None:
    assert trigger.keys() == TRIGGER_FIELDS
    assert "total_seconds() < 60" in trigger["value_template"]


def test_counts_need_bridge_and_sensor_and_controls_only_the_bridge() -> None:
    message = messages("anna")[DISCOVERY.wearer_topic("anna")]
    assert [one["topic"] for one in message["availability"]] == [
        "repsense/bridge/state",
        "repsense/anna/availability",
    ]
    assert message["availability_mode"] == "all"
    own = message["components"]
    assert "availability" not in own["reps"]
    for key in ("exercise", "target_reps", "undo_rep", "sensor_connection", "week_workouts"):
        assert [one["topic"] for one in own[key]["availability"]] == ["repsense/bridge/state"]


def test_the_wearers_device_hangs_on_the_bridge_which_is_told_first() -> None:
    made = messages("anna", "ben")
    assert list(made) == [
        "homeassistant/device/repsense_bridge/config",
        "homeassistant/device/repsense_anna/config",
        "homeassistant/device/repsense_ben/config",
    ]
    bridge, anna, _ = made.values()
    assert bridge["device"]["identifiers"] == [anna["device"]["via_device"]]


names = st.text(st.characters(blacklist_categories=("Cc", "Cs", "Zl", "Zp")), min_size=1).filter(
    lambda name: not set(name) & set("+#/") and name.strip() == name and name != "bridge"
)


@given(st.lists(names.filter(str.isprintable), min_size=2, max_size=4, unique=True))
def test_whatever_wearers_are_called_their_devices_stay_apart(wearers: list[str]) -> None:
    wearers = [wearer[:64] for wearer in wearers if wearer[:64].strip() == wearer[:64]]
    made = messages(*wearers)
    assert len(made) == len(set(wearers)) + 1
    for topic in made:
        assert re.fullmatch(r"homeassistant/device/[a-zA-Z0-9_-]+/config", topic)
    unique = [
        one["unique_id"]
        for message in made.values()
        for one in message["components"].values()
        if "unique_id" in one
    ]
    assert len(unique) == len(set(unique))


def test_names_are_written_as_in_entity_identifiers() -> None:
    assert (slug("Jürgen B."), slug("Anna"), slug("李")) == ("jurgen_b", "anna", "unnamed")
    entity = messages("Jürgen")[DISCOVERY.wearer_topic("Jürgen")]["components"]["reps"]
    assert entity["default_entity_id"] == "sensor.repsense_jurgen_reps"
    assert entity["unique_id"].startswith("repsense_jurgen_")


@pytest.mark.parametrize("prefix", ["", "a b", "a/+/b", "#", "home/"])
def test_a_prefix_that_cannot_be_is_refused(prefix: str) -> None:
    with pytest.raises(ConfigError, match="discovery prefix"):
        HomeAssistantSettings(prefix=prefix)


def test_ours_is_told_from_others() -> None:
    text = DISCOVERY.messages(["anna"])[DISCOVERY.wearer_topic("anna")]
    assert is_ours(text, TOPICS)
    assert not is_ours(text, Topics("gym"))
    others = ["", "[]", "{", "[" * 5000, '{"origin":{"name":"Zigbee2MQTT"}}', '{"origin":1}']
    assert not any(is_ours(other, TOPICS) for other in others)


def test_it_is_told_on_connection_on_birth_and_after_a_restart_of_the_broker(
    mosquitto: Broker,
    listen: Listen,
    workout: list[Notice],
    said: Said,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("repsense.sinks.mqtt.sink._WELCOME_DELAY_S", (0.0, 0.01))
    config = DISCOVERY.wearer_topic("anna")

    async def scenario() -> None:
        sink = MqttSink(
            mosquitto.settings,
            wearers=["anna"],
            home_assistant=SETTINGS,
            exercises=EXERCISES,
            on_status=said,
        )
        await sink.start()
        await said.until("Connected")
        async with listen(mosquitto.settings, "#") as ear:
            first = await ear.until(config)
            assert first.retained
            await ear.until("repsense/anna/state")
            ear.link.tell(SETTINGS.status_topic(), "offline")
            ear.link.tell(SETTINGS.status_topic(), "online")
            again = await ear.until(config)
            assert (again.payload, again.retained) == (first.payload, False)
            await ear.until("repsense/anna/state")
            await ear.until("repsense/anna/availability")
        mosquitto.kill()
        await said.until("is gone")
        mosquitto.start()
        await said.until("Connected")
        async with listen(mosquitto.settings, "#") as later:
            assert (await later.until(config)).payload == first.payload
        await sink.stop()

    asyncio.run(scenario())


def test_switched_off_what_was_told_is_taken_back(
    mosquitto: Broker, listen: Listen, said: Said
) -> None:
    config = DISCOVERY.wearer_topic("anna")

    async def run(settings: HomeAssistantSettings) -> None:
        sink = MqttSink(
            mosquitto.settings, wearers=["anna"], home_assistant=settings, on_status=said
        )
        await sink.start()
        await said.until("Connected")
        await sink.stop()

    async def scenario() -> None:
        await run(SETTINGS)
        async with listen(mosquitto.settings, "homeassistant/#") as ear:
            await ear.until(config)
            await run(HomeAssistantSettings(discovery=False))
            await ear.until(config, lambda text: text == "")

    asyncio.run(scenario())


def test_states_of_the_enums_are_all_there() -> None:
    states = {key: one for key, one in components() if one.get("device_class") == "enum"}
    assert states["phase"]["options"] == ["idle", "set", "rest"]
    assert "streaming" in states["sensor_state"]["options"]
