"""Commands over MQTT: understood, refused with a reason, and hostile ones."""

import asyncio
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hostile import hostile, would_be_done
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from paho.mqtt import publish

from repsense.errors import CommandError
from repsense.events import Event, SetFinished
from repsense.pipeline.pipeline import Pipeline
from repsense.recording.format import read_recording
from repsense.samples import SampleBlock
from repsense.service import WearerJob, obey
from repsense.sinks.base import Notice
from repsense.sinks.mqtt import commands, payloads
from repsense.sinks.mqtt.commands import COMMANDS, Fields
from repsense.sinks.mqtt.settings import BrokerSettings
from repsense.sinks.mqtt.sink import MqttSink
from repsense.sinks.mqtt.wire import Message
from repsense.sources.replay import ReplaySource

ROOT = Path(__file__).resolve().parents[3]

Broker = Any
Listen = Callable[..., Any]
Said = Any


def validator(name: str) -> Draft202012Validator:
    whole = payloads.schema("command")
    return Draft202012Validator({"$ref": f"#/$defs/{name}", "$defs": whole["$defs"]})


@pytest.mark.parametrize(
    ("name", "payload", "fields"),
    [
        ("start_set", "", {}),
        ("start_set", "PRESS", {}),
        ("start_set", "{}", {}),
        ("start_set", "front_raise", {"exercise": "front_raise"}),
        ("start_set", '{"exercise": "front_raise"}', {"exercise": "front_raise"}),
        ("end_set", "PRESS", {}),
        ("undo_rep", "", {}),
        ("next_exercise", "{}", {}),
        ("calibrate", "PRESS", {}),
        ("calibrate", "Front raise", {"exercise": "front_raise"}),
        ("exercise", "Reverse-grip row", {"exercise": "reverse_grip_row"}),
        ("exercise", '"Front raise"', {"exercise": "front_raise"}),
        ("exercise", "Automatic", {"exercise": None}),
        ("exercise", "null", {"exercise": None}),
        ("target_reps", "12", {"reps": 12}),
        ("target_reps", "12.0", {"reps": 12}),
        ("target_reps", '{"reps": 0}', {"reps": 0}),
    ],
)
def test_commands_that_are_understood(name: str, payload: str, fields: Fields) -> None:
    assert commands.parse(name, payload).fields == fields
    validator(name).validate(fields)


@pytest.mark.parametrize(
    ("name", "payload", "advice"),
    [
        ("dance", "", "use one of start_set, end_set"),
        ("start_set", '{"exercise": 3}', "send nothing, the exercise"),
        ("start_set", '{"weight": 5}', "JSON like"),
        ("start_set", "{", "JSON like"),
        ("start_set", "[1]", "JSON like"),
        ("start_set", "x" * 65, "JSON like"),
        ("start_set", "x" * 2000, "at most 1024"),
        ("start_set", "[" * 1000, "JSON like"),
        ("end_set", "now", "send nothing"),
        ("undo_rep", '{"reps": 1}', "send nothing"),
        ("exercise", "", "send the exercise"),
        ("exercise", "ünder_row", "send the exercise"),
        ("target_reps", "", "whole number"),
        ("target_reps", "-1", "whole number"),
        ("target_reps", "101", "whole number"),
        ("target_reps", "9.5", "whole number"),
        ("target_reps", "true", "whole number"),
        ("target_reps", "NaN", "whole number"),
        ("target_reps", "1e999", "whole number"),
        ("target_reps", '{"reps": 5, "transaction": [1]}', "whole number"),
        ("target_reps", '{"reps": 5, "transaction": "\\ud800"}', "whole number"),
    ],
)
def test_commands_that_are_not_understood_say_what_to_send(
    name: str, payload: str, advice: str
) -> None:
    with pytest.raises(CommandError, match=advice):
        commands.parse(name, payload)


plain = (
    st.none()
    | st.booleans()
    | st.integers(-5, 200)
    | st.floats()
    | st.sampled_from(["", "shrug", "Front raise", "3", "über", "a/b", "x" * 70])
)
objects = st.dictionaries(
    st.sampled_from(["exercise", "reps", "transaction", "weight"]), plain, max_size=3
)


@given(st.sampled_from(sorted(COMMANDS)), objects)
def test_an_object_is_understood_when_the_schema_says_so(name: str, fields: dict[str, Any]) -> None:
    text = json.dumps(fields)
    allowed = validator(name).is_valid(json.loads(text))
    try:
        commands.parse(name, text)
    except CommandError:
        assert not allowed
    else:
        assert allowed


def test_ten_thousand_hostile_commands_are_each_answered_and_change_no_count(
    workout: list[Notice], monkeypatch: pytest.MonkeyPatch
) -> None:
    carried_out: list[str] = []
    answers: list[tuple[str, str]] = []

    def carry_out(wearer: str, name: str, fields: Fields) -> None:
        carried_out.append(name)
        if name == "undo_rep":
            raise CommandError("No set is running.")

    sink = MqttSink(BrokerSettings(host="localhost"), wearers=["anna"], on_command=carry_out)

    def tell(topic: str, payload: str) -> None:
        if topic.endswith("/response"):
            answers.append((topic, payload))

    monkeypatch.setattr(sink.link, "tell", tell)
    for notice in workout[:6]:
        sink._live.take(notice)
    before = sink._live.state_of("anna")
    schema = Draft202012Validator(payloads.schema("response"))
    stream = hostile(seed=6)
    expected = 0
    for number in range(10_000):
        topic, payload = next(stream)
        retained = number % 10 == 0
        answers.clear()
        done = len(carried_out)
        sink._take_message(Message(topic=topic, payload=payload, retained=retained))
        ours = topic.count("/") == 3 and not topic.startswith("repsense/bridge/")
        assert len(answers) == (ours and not retained), topic
        if not answers:
            assert len(carried_out) == done
            continue
        expected += 1
        where, text = answers[0]
        text.encode()
        answer = json.loads(text)
        if number % 50 == 1:
            schema.validate(answer)
        assert where.split("/")[1] == ("anna" if topic.split("/")[1] == "anna" else "bridge")
        right = len(carried_out) > done and carried_out[-1] != "undo_rep"
        assert answer["status"] == ("ok" if right else "refused")
        assert right or answer["reason"]
    assert sink._live.state_of("anna") == before
    assert expected > 5_000
    assert set(carried_out) == set(COMMANDS)


def undisturbed(job: WearerJob, blocks: Iterator[SampleBlock]) -> list[Event]:
    said = [event for block in blocks for event in job.push(0, block)]
    return said + job.orders.flush()


def test_ten_thousand_hostile_commands_in_a_set_leave_every_event_as_it_was() -> None:
    recorded = read_recording(ROOT / "recordings" / "front_raise.csv.gz").block
    blocks = list(recorded.cut(10))
    quiet, attacked = (
        WearerJob(name="anna", source=ReplaySource(Path("none"), None), pipeline=Pipeline())
        for _ in range(2)
    )
    expected = undisturbed(quiet, iter(blocks))
    sink = MqttSink(BrokerSettings(host="localhost"), wearers=["anna"], on_command=obey([attacked]))
    stream, sent = hostile(seed=7), 0

    def with_attacks() -> Iterator[SampleBlock]:
        nonlocal sent
        for number, block in enumerate(blocks):
            for _ in range(10_000 * (number + 1) // len(blocks) - sent):
                topic, payload = next(stream)
                # What could be done comes as a retained command, which is ignored.
                retained = would_be_done(topic, payload, attacked.orders.exercises)
                sink._take_message(Message(topic=topic, payload=payload, retained=retained))
                sent += 1
            yield block

    assert undisturbed(attacked, with_attacks()) == expected
    assert sent == 10_000
    assert [event.reps for event in expected if isinstance(event, SetFinished)] == [12]


def test_a_command_is_answered_over_the_broker(
    mosquitto: Broker, listen: Listen, said: Said
) -> None:
    def carry_out(wearer: str, name: str, fields: Fields) -> None:
        if name == "undo_rep":
            raise CommandError("No set is running.")

    def send(name: str, payload: str, *, wearer: str = "anna", retain: bool = False) -> None:
        topic = f"repsense/{wearer}/command/{name}"
        publish.single(
            topic, payload, qos=1, retain=retain, hostname="127.0.0.1", port=mosquitto.port
        )

    async def scenario() -> list[dict[str, Any]]:
        await asyncio.to_thread(send, "target_reps", "99", retain=True)
        sink = MqttSink(mosquitto.settings, wearers=["anna"], on_status=said, on_command=carry_out)
        await sink.start()
        await said.until("Connected")
        async with listen(mosquitto.settings) as ear:
            ear.link.tell("repsense/probe", "x")
            await ear.until("repsense/probe")
            for name, payload, wearer in (
                ("target_reps", '{"reps": 8, "transaction": "t1"}', "anna"),
                ("undo_rep", "", "anna"),
                ("target_reps", "many", "anna"),
            ):
                await asyncio.to_thread(send, name, payload, wearer=wearer)
            answers = [await ear.until("repsense/anna/response") for _ in range(3)]
            await asyncio.to_thread(send, "end_set", "", wearer="ben")
            answers.append(await ear.until("repsense/bridge/response"))
            assert not any(answer.retained for answer in answers)
        await sink.stop()
        return [json.loads(answer.payload) for answer in answers]

    answers = asyncio.run(scenario())
    assert [(a["command"], a["status"], a["transaction"]) for a in answers] == [
        ("target_reps", "ok", "t1"),
        ("undo_rep", "refused", None),
        ("target_reps", "refused", None),
        ("end_set", "refused", None),
    ]
    assert answers[1]["reason"] == "No set is running."
    assert "known: anna" in answers[3]["reason"]
