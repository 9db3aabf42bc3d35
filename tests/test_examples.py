"""The examples for home automation: each can be read, and names only what there is."""

import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from repsense.exercises.catalogue import load_catalogue
from repsense.sinks.mqtt import payloads
from repsense.sinks.mqtt.commands import COMMANDS
from repsense.sinks.mqtt.homeassistant import Discovery
from repsense.sinks.mqtt.settings import HomeAssistantSettings
from repsense.sinks.mqtt.topics import Topics

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
FILES = sorted(path for path in EXAMPLES.rglob("*") if path.is_file())
TOPICS = Topics()

_ENTITY = re.compile(r"\b(?:sensor|binary_sensor|event|select|number|button)\.repsense_\w+")
_TOPIC = re.compile(r"repsense/[\w+]+(?:/\w+)+")


def name_of(path: Path) -> str:
    return path.relative_to(EXAMPLES).as_posix()


def text_of(name: str) -> str:
    return (EXAMPLES / name).read_text("utf-8")


def entities() -> set[str]:
    discovery = Discovery(
        settings=HomeAssistantSettings(),
        topics=TOPICS,
        exercises=tuple(load_catalogue()),
        version="",
    )
    return {
        one["default_entity_id"]
        for text in discovery.messages(["anna"]).values()
        for one in json.loads(text)["components"].values()
        if "default_entity_id" in one
    }


def topics() -> set[str]:
    own = {TOPICS.event("anna", "rep"), TOPICS.event("anna", "set"), TOPICS.event("anna", "cue")}
    own |= {TOPICS.state("anna"), TOPICS.availability("anna"), TOPICS.rest("anna")}
    own |= {TOPICS.response("anna"), *(TOPICS.command("anna", name) for name in COMMANDS)}
    return own | {TOPICS.bridge_state(), TOPICS.bridge("health"), TOPICS.bridge("info")}


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_every_topic_exists(path: Path) -> None:
    named = set(_TOPIC.findall(path.read_text("utf-8")))
    assert {topic.replace("+", "anna") for topic in named} <= topics()


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_every_entity_exists(path: Path) -> None:
    assert set(_ENTITY.findall(path.read_text("utf-8"))) <= entities()


def nodes(value: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401 - any YAML or JSON value
    if isinstance(value, dict):
        yield value
    for inner in value.values() if isinstance(value, dict) else value:
        if isinstance(inner, dict | list):
            yield from nodes(inner)


def test_the_dashboard_is_made_of_cards_that_home_assistant_has() -> None:
    dashboard = YAML(typ="safe", pure=True).load(text_of("homeassistant/dashboard.yaml"))
    known = {"vertical-stack", "markdown", "gauge", "glance", "entities", "buttons"}
    known |= {"history-graph", "statistics-graph"}
    used = {node["type"] for node in nodes(dashboard) if "type" in node}
    assert used == known
    assert len(_ENTITY.findall(text_of("homeassistant/dashboard.yaml"))) > 15


def test_the_automations_are_complete() -> None:
    automations = YAML(typ="safe", pure=True).load(text_of("homeassistant/automations.yaml"))
    assert len({one["id"] for one in automations}) == len(automations) == 6
    for one in automations:
        assert one.keys() <= {
            *("id", "alias", "mode", "initial_state", "triggers", "conditions", "actions")
        }
        assert one["triggers"]
        assert one["actions"]


def test_the_flow_is_connected_and_sends_nothing_retained() -> None:
    flow = json.loads(text_of("node-red/flow.json"))
    known = {node["id"]: node for node in flow}
    assert len(known) == len(flow)
    for node in flow:
        assert {wire for wires in node.get("wires", []) for wire in wires} <= known.keys()
        if node["type"].startswith("mqtt "):
            assert known[node["broker"]]["type"] == "mqtt-broker"
        if node["type"] == "mqtt out":
            assert node["retain"] == "false"


def test_the_flow_reads_fields_that_are_there() -> None:
    flow = json.loads(text_of("node-red/flow.json"))
    read = {
        field
        for node in flow
        for field in re.findall(r"(?:\bit|msg\.payload)\.(\w+)", node.get("func", ""))
    }
    assert read
    assert read <= fields("rep") | fields("set")


def fields(schema: str) -> set[str]:
    return {name for node in nodes(payloads.schema(schema)) for name in node.get("properties", {})}


def test_openhab_s_items_use_channels_that_are_there() -> None:
    things, items = text_of("openhab/repsense.things"), text_of("openhab/repsense.items")
    channels = set(re.findall(r"Type \w+ : (\w+)", things))
    used = set(re.findall(r"mqtt:topic:repsense:anna:(\w+)", items))
    assert used == channels - {"rep"}
    assert things.count("{") == things.count("}")
    for topic, field in re.findall(r'stateTopic="(\S+)".*?JSONPATH:\$\.(\w+)"', things):
        assert field in fields(topic.rpartition("/")[2]), field


def test_telegraf_reads_fields_that_are_there() -> None:
    telegraf = tomllib.loads(text_of("grafana/telegraf.conf"))
    for one in telegraf["inputs"]["mqtt_consumer"]:
        schema = {"rep": "rep", "set": "set", "bridge": "bridge_health"}[one["name_override"]]
        (parser,) = one["json_v2"]
        paths = {entry["path"] for kind in ("tag", "field") for entry in parser.get(kind, [])}
        paths |= {parser["timestamp_path"]} if "timestamp_path" in parser else set()
        assert paths <= fields(schema)


def test_grafana_asks_for_what_telegraf_writes() -> None:
    telegraf = tomllib.loads(text_of("grafana/telegraf.conf"))
    written = {
        (one["name_override"], entry["path"])
        for one in telegraf["inputs"]["mqtt_consumer"]
        for entry in one["json_v2"][0]["field"]
    }
    bucket = telegraf["outputs"]["influxdb_v2"][0]["bucket"]
    dashboard = json.loads(text_of("grafana/dashboard.json"))
    queries = [target["query"] for panel in dashboard["panels"] for target in panel["targets"]]
    assert len(queries) == 8
    for query in queries:
        assert f'bucket: "{bucket}"' in query
        (asked,) = re.findall(r'_measurement == "(\w+)" and r\._field == "(\w+)"', query)
        assert asked in written
    assert len({panel["id"] for panel in dashboard["panels"]}) == len(dashboard["panels"])
