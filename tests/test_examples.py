"""The examples for home automation: each can be read, and names only what there is."""

import json
import re
import shutil
import subprocess
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from repsense.events import Event, FormFlag, Rep, RepFinished, SetFinished, SetStarted
from repsense.exercises.catalogue import load_catalogue
from repsense.sinks.base import Notice
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


# Node-RED's way of running a function: its text as a body, with msg and a memory of its own.
RUN_FLOW = """
const [flow, messages] = JSON.parse(require("fs").readFileSync(0, "utf8"));
const nodes = new Map(flow.map(node => [node.id, {...node, memory: new Map()}]));
const shown = [];
function pass(id, msg) {
  const node = nodes.get(id);
  if (node.type === "debug") shown.push(msg.payload);
  if (node.type === "function") {
    const context = {get: key => node.memory.get(key), set: (key, to) => node.memory.set(key, to)};
    msg = new Function("msg", "context", node.func)(msg, context);
  }
  if (msg) for (const next of node.wires.flat()) pass(next, msg);
}
for (const [topic, payload] of messages) {
  for (const node of nodes.values()) if (node.topic === topic) pass(node.id, {topic, payload});
}
console.log(JSON.stringify(shown));
"""


@pytest.mark.skipif(shutil.which("node") is None, reason="Node.js is not installed")
def test_the_flow_says_each_rep_once_and_nothing_old() -> None:
    def sent(event: Event, number: int, at_utc: datetime) -> tuple[str, Any]:
        notice = Notice(wearer="anna", event=event, at_utc=at_utc, event_id=str(number))
        kind = payloads.event_kind(event)
        assert kind is not None
        return TOPICS.event("anna", kind), json.loads(payloads.event(notice))

    now = datetime.now(UTC)
    calm = Rep(start_s=1, turn_s=2, end_s=4, lift_s=1, hold_s=0, lower_s=2, momentum=0, range=1)
    swung = replace(calm, flags=(FormFlag.SWING,))
    first = RepFinished(set=1, rep=1, measured=calm, announced_s=5.0)
    messages = [
        sent(SetStarted(set=1, t_s=1.0, announced_s=4.0), 1, now),
        sent(replace(first, provisional=True), 2, now),
        sent(first, 3, now),
        sent(first, 3, now),
        sent(RepFinished(set=1, rep=2, measured=swung, announced_s=9.0), 4, now),
        sent(
            RepFinished(set=1, rep=3, measured=calm, announced_s=9.0), 5, now - timedelta(hours=1)
        ),
        sent(SetFinished(set=1, reps=2, start_s=1.0, end_s=8.0, announced_s=20.0), 6, now),
        sent(SetFinished(set=2, reps=0, start_s=1.0, end_s=8.0, announced_s=20.0), 7, now),
    ]
    done = subprocess.run(
        ["node", "-e", RUN_FLOW],
        input=json.dumps([json.loads(text_of("node-red/flow.json")), messages]),
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout) == ["1", "2, swing", "Set 1: 2 reps"]


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
