"""Every payload against its schema."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from repsense.events import FormFlag
from repsense.samples import LinkState
from repsense.sinks.base import Notice
from repsense.sinks.live import LiveState, Phase, reduce
from repsense.sinks.mqtt import payloads


def validator(name: str) -> Draft202012Validator:
    return Draft202012Validator(payloads.schema(name), format_checker=FormatChecker())


def check(name: str, payload: str) -> dict[str, Any]:
    fields: dict[str, Any] = json.loads(payload)
    validator(name).validate(fields)
    return fields


def nodes(schema: object) -> Iterator[dict[str, Any]]:
    if isinstance(schema, dict):
        yield schema
        for value in schema.values():
            yield from nodes(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from nodes(value)


@pytest.mark.parametrize("name", payloads.SCHEMAS)
def test_the_schemas_are_schemas_and_describe_every_field(name: str) -> None:
    schema = payloads.schema(name)
    Draft202012Validator.check_schema(schema)
    fields = [
        (key, field) for node in nodes(schema) for key, field in node.get("properties", {}).items()
    ]
    assert [key for key, field in fields if not field.get("description", "").endswith(".")] == []


@pytest.mark.parametrize("name", ["state", "rep", "set", "cue"])
def test_the_schemas_know_every_flag(name: str) -> None:
    listed = [
        node["items"]["enum"]
        for node in nodes(payloads.schema(name))
        if "enum" in node.get("items", {})
    ]
    assert all(flags == [flag.value for flag in FormFlag] for flags in listed)
    assert listed or name == "cue"


def test_the_state_schema_knows_every_phase_and_link_state() -> None:
    fields = payloads.schema("state")["properties"]
    assert fields["phase"]["enum"] == list(Phase)
    assert fields["sensor"]["properties"]["state"]["enum"] == list(LinkState)


def test_every_state_of_a_workout_follows_its_schema(workout: list[Notice]) -> None:
    state = LiveState(wearer="anna")
    check("state", payloads.state(state))
    for notice in workout:
        state = reduce(state, notice)
        shown = check("state", payloads.state(state))
        assert (shown["set"], shown["reps"], shown["phase"]) == (state.set, state.reps, state.phase)


def test_the_state_says_what_a_dashboard_wants(workout: list[Notice]) -> None:
    state = LiveState(wearer="anna")
    for notice in workout[:9]:
        state = reduce(state, notice)
    shown = check("state", payloads.state(state))
    assert shown["rest_since"] == "2026-11-20T18:00:18.000Z"
    assert shown["last_rep"] == {
        "rep": 2,
        "lift_s": 1.25,
        "hold_s": 0.25,
        "lower_s": 2.5,
        "momentum": 0.125,
        "range": 0.97,
        "flags": ["swing"],
    }
    assert shown["last_set"]["reps"] == 2
    assert shown["totals"] == {"sets": 1, "reps": 2}
    assert shown["cue"] == "Lower more slowly, über 2 s."


def test_every_event_follows_the_schema_of_its_topic(workout: list[Notice]) -> None:
    published = [
        (kind, check(kind, payloads.event(notice)))
        for notice in workout
        if (kind := payloads.event_kind(notice.event)) is not None
    ]
    assert [(kind, fields["event"]) for kind, fields in published] == [
        ("set", "set_started"),
        ("rep", "rep"),
        ("rep", "rep"),
        ("rep", "rep"),
        ("set", "exercise"),
        ("cue", "cue"),
        ("set", "count_corrected"),
        ("set", "set_finished"),
        ("set", "set_started"),
        ("set", "set_finished"),
        ("set", "workout_finished"),
    ]
    for _, fields in published:
        assert fields["wearer"] == "anna"
        datetime.fromisoformat(fields["at"])
    assert len({fields["id"] for _, fields in published}) == len(published)


@pytest.mark.parametrize("online", [True, False])
def test_whether_somebody_is_there(*, online: bool) -> None:
    word = "online" if online else "offline"
    assert payloads.availability(available=online) == word
    validator("availability").validate(word)
    assert check("bridge_state", payloads.bridge_state(online=online)) == {"state": word}


@pytest.mark.parametrize("refusal", [None, "No set is running."])
def test_an_answer_follows_its_schema(refusal: str | None) -> None:
    text = payloads.response(wearer="anna", command="undo_rep", transaction="7", refusal=refusal)
    fields = check("response", text)
    assert fields["status"] == ("ok" if refusal is None else "refused")
    assert (fields["reason"], fields["transaction"]) == (refusal, "7")
